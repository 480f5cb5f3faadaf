/* SPDX-License-Identifier: MIT */
/* timeout-in-a-loop.c - a timeout for each round, and one for the whole loop. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "why does the timeout in a loop never fire?",
    .look_at = "both have a timeout of 150 ms, and a chunk comes every 60. How long are the bars "
               "of their timeouts, and where do they begin?",
    .answer = "because each round makes a new one, which starts anew. To limit the loop give "
              "edo_timeout_until_init the same deadline in each round."};

enum { CHUNKS = 5 };

struct fetch {
    struct edo_future future;
    const char *name; /* set by main */
    bool is_each;     /* set by main: each round has its own limit, else the loop has one */
    unsigned chunk;
    uint64_t deadline_ns;
    struct edo_sleep sleep; /* until the chunk is there */
    struct edo_timeout timeout;
};

enum fetch_state { FETCH_START = EDO_START, FETCH_AWAITS_CHUNK = EDO_FIRST_AWAIT };
static const char *const state_names[] = {"FETCH_AWAITS_CHUNK"};

static void ask_for_chunk(struct fetch *fetch)
{
    edo_sleep_init(&fetch->sleep, EDO_MS(60));
    if (fetch->is_each) /* the trap */
        edo_timeout_init(&fetch->timeout, &fetch->sleep.future, EDO_MS(150));
    else /* the cure */
        edo_timeout_until_init(&fetch->timeout, &fetch->sleep.future, fetch->deadline_ns);
}

/* async fn fetch() { for chunk in 1..=5 { timeout(150ms, chunk()).await?; } }
 *                                     or: timeout_at(deadline, chunk()).await?; */
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
            int error = edo_future_error(&fetch->timeout.future);

            if (error) {
                say(fetch->name, "cut off: %s", errno_name(-error));
                return edo_future_fail(self, error);
            }
            say(fetch->name, "chunk %u of %d", ++fetch->chunk, CHUNKS);
            if (fetch->chunk == CHUNKS)
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
    static struct fetch each = {.name = "each round", .is_each = true};
    static struct fetch whole = {.name = "whole loop"};
    static struct lesson_task tasks[] = {
        {.name = "each round", .future = &each.future},
        {.name = "whole loop", .future = &whole.future, .wanted = -ETIMEDOUT}};

    edo_future_init(&each.future, &type);
    edo_future_init(&whole.future, &type);
    return lesson_main_tasks(argc, argv, tasks, 2);
}
