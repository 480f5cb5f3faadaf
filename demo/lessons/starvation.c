/* SPDX-License-Identifier: MIT */
/* starvation.c - a loop of awaits that are all ready, without and with a yield in it. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "no call blocks: who holds everybody up?",
    .look_at = "how late the two ticks are. What does worker do meanwhile, and what is different "
               "in its second half?",
    .answer = "a loop whose awaits are all ready: each returns at once, and the one poll lasts "
              "as long as the loop. An await is no pause. With edo_yield in it, the others wait "
              "for one message."};

enum { GREEDY = 50, ALL = 100 };

static struct edo_future worker, message;
static struct edo_yield turn;
static unsigned handled;

/* async fn message() {} - which is there already */
static enum edo_poll message_poll(struct edo_future *self, struct edo_context *cx)
{
    (void)cx;
    return edo_future_done(self, NULL);
}

enum worker_state { START = EDO_START, AWAITS_TURN = EDO_FIRST_AWAIT, AWAITS_MESSAGE };
static const char *const state_names[] = {"AWAITS_TURN", "AWAITS_MESSAGE"};

/* async fn worker() { for i in 0..100 { if i >= 50 { yield_now().await } message().await; } } */
static enum edo_poll worker_poll(struct edo_future *self, struct edo_context *cx)
{
    static const struct edo_future_type message_type = {.name = "message", .poll = message_poll};

    for (;;)
        switch ((enum worker_state)self->state) {
        case START:
            say("worker", "handles 50 messages, 2 ms each");
            edo_future_goto(self, AWAITS_TURN);
            /* fall through */
        case AWAITS_TURN:
            if (handled >= GREEDY && edo_future_await(self, &turn.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            edo_future_init(&message, &message_type);
            edo_future_goto(self, AWAITS_MESSAGE);
            /* fall through */
        case AWAITS_MESSAGE:
            if (edo_future_await(self, &message, cx) == EDO_PENDING)
                return EDO_PENDING;
            lesson_block(cx, EDO_MS(2)); /* handles it */
            if (++handled == GREEDY)
                say("worker", "50 are done; 50 more, with a yield before each");
            if (handled == ALL)
                return edo_future_done(self, NULL);
            edo_yield_init(&turn);
            edo_future_goto(self, AWAITS_TURN);
        }
}

static void tick(struct edo_context *cx, void *due_ms)
{
    double due = *(const unsigned *)due_ms;

    (void)cx;
    say("tick", "due at %.0f ms, %.1f ms late", due, (double)say_elapsed_ns() / 1e6 - due);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {
        .name = "worker", .poll = worker_poll, .state_names = state_names};
    static unsigned due_ms[] = {30, 130};
    static struct later ticks[2];
    static struct lesson_task tasks[] = {{.name = "tick of 30 ms", .future = &ticks[0].future},
                                         {.name = "tick of 130 ms", .future = &ticks[1].future},
                                         {.name = "worker", .future = &worker}};

    for (unsigned i = 0; i < 2; i++)
        later_init(&ticks[i], EDO_MS(due_ms[i]), tick, &due_ms[i]);
    edo_future_init(&worker, &type);
    return lesson_main_tasks(argc, argv, tasks, 3);
}
