/* SPDX-License-Identifier: MIT */
/* by-hand.c - what coroutine.cc does, without a coroutine. */
#include "../lesson.h"

const struct lesson lesson = {
    .question = "what of an await does C++ do by itself, and what is left to do?",
    .look_at = "150 ms, in round two: what becomes of the sleep and the frame?",
    .answer = "C++ makes the switch and keeps the locals; poll and cancel are ours."};

/* What lives across an await: the frame, in the caller's memory. */
struct fetch_all {
    struct edo_future future;
    unsigned count; /* set by init */
    unsigned id;
    struct work latency;
};

enum fetch_state { FETCH_START = EDO_START, FETCH_AWAITS_LATENCY = EDO_FIRST_AWAIT };

static enum edo_poll fetch_all_poll(struct edo_future *self, struct edo_context *cx)
{
    struct fetch_all *fetch = edo_container_of(self, struct fetch_all, future);

    switch ((enum fetch_state)self->state) {
    case FETCH_START:
        for (fetch->id = 1; fetch->id <= fetch->count; fetch->id++) {
            work_init(&fetch->latency, "latency", EDO_MS(100));
            edo_future_goto(self, FETCH_AWAITS_LATENCY);
            /* fall through */
        case FETCH_AWAITS_LATENCY:
            if (edo_future_await(self, &fetch->latency.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            if (edo_future_error(&fetch->latency.future))
                return edo_future_end_as(self, &fetch->latency.future);
            say("fetch_all", "completed: Data_%u", fetch->id);
        }
    }
    return edo_future_done(self, NULL);
}

/* A cancel needs nothing of its own: the runtime cancels the one future that is awaited. */
static void fetch_all_init(struct fetch_all *fetch, unsigned count)
{
    static const struct edo_future_type type = {.name = "coroutine", .poll = fetch_all_poll};

    edo_future_init(&fetch->future, &type);
    fetch->count = count;
}

static enum edo_poll main_poll(struct edo_future *self, struct edo_context *cx)
{
    static struct fetch_all child;
    static struct edo_timeout timeout;

    if (self->state == EDO_START) {
        fetch_all_init(&child, 2);
        edo_timeout_init(&timeout, &child.future, EDO_MS(150));
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    if (edo_future_await(self, &timeout.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    say("main", "fetch_all(2): %s", errno_name(-edo_future_error(&timeout.future)));
    return edo_future_end_as(self, &timeout.future);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {.name = "main", .poll = main_poll};
    static struct edo_future root;

    return lesson_main(argc, argv, &root, &type, -ETIMEDOUT);
}
