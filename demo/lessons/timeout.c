/* SPDX-License-Identifier: MIT */
/* timeout.c - who is cut off, and how is a whole loop limited?
 *
 * A timeout cancels what has not ended in time. Made anew in each round of a loop it limits the
 * round. To limit the loop, give the timeout of each round the same deadline. */
#include "lesson.h"

struct fetch {
    struct edo_future future;
    const char *name;
    unsigned chunks;   /* so many, */
    uint64_t chunk_ns; /* and how long each takes to come */
    bool is_each;      /* each has its own limit, else the whole has one */
    unsigned chunk;
    uint64_t deadline_ns;
    struct edo_sleep sleep;
    struct edo_timeout timeout;
};

enum fetch_state { FETCH_START = EDO_START, FETCH_AWAITS_CHUNK = EDO_FIRST_AWAIT };

static const char *const state_names[] = {"FETCH_AWAITS_CHUNK"};

static void ask_for_chunk(struct fetch *fetch)
{
    edo_sleep_init(&fetch->sleep, fetch->chunk_ns);
    if (fetch->is_each)
        edo_timeout_init(&fetch->timeout, &fetch->sleep.future, EDO_MS(150));
    else
        edo_timeout_until_init(&fetch->timeout, &fetch->sleep.future, fetch->deadline_ns);
}

/* async fn fetch(chunks, deadline) {
 *     for chunk in 1..=chunks { timeout_at(deadline, chunk()).await?; }
 * } */
static enum edo_poll fetch_poll(struct edo_future *self, struct edo_context *cx)
{
    struct fetch *fetch = edo_container_of(self, struct fetch, future);

    switch ((enum fetch_state)self->state) {
    case FETCH_START:
        fetch->deadline_ns = edo_time_add(edo_clock_now(&cx->reactor->clock), EDO_MS(150));
        ask_for_chunk(fetch);
        edo_future_goto(self, FETCH_AWAITS_CHUNK);
        /* fall through */
    case FETCH_AWAITS_CHUNK:
        while (edo_future_await(self, &fetch->timeout.future, cx) == EDO_READY) {
            if (edo_future_error(&fetch->timeout.future)) {
                say(fetch->name, "cut off: %s",
                    errno_name(-edo_future_error(&fetch->timeout.future)));
                return edo_future_fail(self, edo_future_error(&fetch->timeout.future));
            }
            say(fetch->name, "chunk %u of %u", ++fetch->chunk, fetch->chunks);
            if (fetch->chunk == fetch->chunks)
                return edo_future_done(self, NULL);
            ask_for_chunk(fetch);
        }
        break;
    }
    return EDO_PENDING;
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {
        .name = "fetch", .poll = fetch_poll, .state_names = state_names};
    static struct fetch fetches[] = {{.name = "fast", .chunks = 1, .chunk_ns = EDO_MS(80)},
                                     {.name = "slow", .chunks = 1, .chunk_ns = EDO_MS(300)},
                                     {.name = "each round", .chunks = 5, .chunk_ns = EDO_MS(60)},
                                     {.name = "whole loop", .chunks = 5, .chunk_ns = EDO_MS(60)}};
    struct lesson_task tasks[4] = {[1] = {.wanted = -ETIMEDOUT}, [3] = {.wanted = -ETIMEDOUT}};

    fetches[2].is_each = true;
    for (unsigned i = 0; i < 4; i++) {
        edo_future_init(&fetches[i].future, &type);
        tasks[i].name = fetches[i].name;
        tasks[i].future = &fetches[i].future;
    }
    return lesson_main_tasks(argc, argv, tasks, 4);
}
