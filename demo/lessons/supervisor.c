/* SPDX-License-Identifier: MIT */
/* supervisor.c - a child that is started again, each time after a longer pause. */
#include "lesson.h"

static struct edo_child worker;

static void close_worker(void)
{
    edo_child_close(&worker);
}

const struct lesson lesson = {
    .question = "a child has ended: is it to be started again?",
    .look_at = "the worker is broken: when is it started, and how often? (Virtual time stands "
               "still while it lives.)",
    .answer = "after a pause that doubles, or a broken program would be started as fast as it can "
              "end; and not for ever: at last it is given up, which is an error, and somebody is "
              "told. Who cancels the supervisor kills the worker, too, and leaves no zombie.",
    .close = close_worker};

enum { FIRST_PAUSE_MS = 100, MOST_STARTS = 4 };
static unsigned starts;
static struct edo_child_wait ending;
static struct edo_sleep resting;

enum supervisor_state { START = EDO_START, AWAITS_REST = EDO_FIRST_AWAIT, AWAITS_END };
static const char *const state_names[] = {"AWAITS_REST", "AWAITS_END"};

static int start_worker(struct edo_reactor *reactor)
{
    static char number[2], *const argv[] = {"sh", "-c", "[ $0 -ge 9 ]", number, NULL};
    const struct edo_child_options options = {.path = "sh", .argv = argv};

    snprintf(number, sizeof number, "%u", ++starts % 10); /* which the script has as $0 */
    say("worker", "start %s", number);
    edo_child_wait_init(&ending, &worker);
    return edo_child_spawn(&worker, reactor, &options);
}

/* async fn supervisor() { loop { rest().await; if run().await? == 0 { return } pause *= 2; } } */
static enum edo_poll supervisor_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_future *end = &ending.operation.future;
    int error;

    for (;;)
        switch ((enum supervisor_state)self->state) {
        case START:
            edo_sleep_init(&resting, 0);
            edo_future_goto(self, AWAITS_REST);
            /* fall through */
        case AWAITS_REST:
            if (edo_future_await(self, &resting.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            error = start_worker(cx->reactor);
            if (error)
                return edo_future_fail(self, error);
            edo_future_goto(self, AWAITS_END);
            /* fall through */
        case AWAITS_END:
            if (edo_future_await(self, end, cx) == EDO_PENDING)
                return EDO_PENDING;
            edo_child_close(&worker);
            say("worker", "has ended, status %d", worker.status);
            if (edo_future_error(end) || worker.status == 0)
                return edo_future_end_as(self, end);
            if (starts == MOST_STARTS)
                return edo_future_fail(self, -EIO);
            edo_sleep_init(&resting, EDO_MS(FIRST_PAUSE_MS << (starts - 1)));
            edo_future_goto(self, AWAITS_REST);
        }
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {
        .name = "supervisor", .poll = supervisor_poll, .state_names = state_names};
    static struct edo_future supervisor;

    return lesson_main(argc, argv, &supervisor, &type, -EIO);
}
