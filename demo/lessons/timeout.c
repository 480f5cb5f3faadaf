/* SPDX-License-Identifier: MIT */
/* timeout.c - a timeout around two answers, of which one comes in time. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "what does a timeout do to who is not in time?",
    .look_at = "80 and 150 ms, the end of each: what is left of the one who was asked, and of the "
               "deadline?",
    .answer = "it cancels it: all that it held is released, and the timeout fails with ETIMEDOUT. "
              "Who is in time ends as without a timeout, and the deadline is disarmed."};

struct ask {
    struct edo_future future;
    struct work answer;         /* set by main */
    struct edo_timeout timeout; /* set by main */
};

enum ask_state { ASK_START = EDO_START, ASK_AWAITS_ANSWER = EDO_FIRST_AWAIT };
static const char *const state_names[] = {"ASK_AWAITS_ANSWER"};

/* async fn ask() { timeout(150ms, answer()).await } */
static enum edo_poll ask_poll(struct edo_future *self, struct edo_context *cx)
{
    struct ask *ask = edo_container_of(self, struct ask, future);
    int error;

    switch ((enum ask_state)self->state) {
    case ASK_START:
        edo_future_goto(self, ASK_AWAITS_ANSWER);
        /* fall through */
    case ASK_AWAITS_ANSWER:
        if (edo_future_await(self, &ask->timeout.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    error = edo_future_error(&ask->timeout.future);
    say("who asked", "%s: %s, the deadline is %s", ask->answer.name,
        error ? errno_name(-error) : "in time",
        edo_source_is_pending(&ask->timeout.deadline.timer) ? "armed" : "not armed any more");
    return edo_future_end_as(self, &ask->timeout.future);
}

static void ask_init(struct ask *ask, const char *name, uint64_t answers_in_ns)
{
    static const struct edo_future_type type = {
        .name = "ask", .poll = ask_poll, .state_names = state_names};

    edo_future_init(&ask->future, &type);
    work_init(&ask->answer, name, answers_in_ns);
    edo_timeout_init(&ask->timeout, &ask->answer.future, EDO_MS(150));
}

int main(int argc, char **argv)
{
    static struct ask fast, slow;
    static struct lesson_task tasks[] = {
        {.name = "fast", .future = &fast.future},
        {.name = "slow", .future = &slow.future, .wanted = -ETIMEDOUT}};

    ask_init(&fast, "fast", EDO_MS(80));
    ask_init(&slow, "slow", EDO_MS(300));
    return lesson_main_tasks(argc, argv, tasks, 2);
}
