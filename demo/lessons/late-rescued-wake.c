/* SPDX-License-Identifier: MIT */
/* late-rescued-wake.c - a lost wakeup that the wake of a neighbour hides. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "why is a future late that nobody held up?",
    .look_at = "the letter is there at 30 ms. When has reader got it, and what else happens just "
               "then? And whom does the warning name?",
    .answer =
        "it kept no waker. Its parent polls all it has whenever the task is woken, by whomever, "
        "and so a lost wakeup looks like slowness. Alone, reader would wait for ever; and in "
        "edo_join, too, which polls only those that were woken."};

static struct edo_future both, reader;
static struct edo_sleep neighbour; /* of the reader, in the same task */
static struct edo_waker waker;     /* whom to wake when there is a letter */
static uint64_t came_ns;           /* when the letter came, 0: not yet */

enum state { START = EDO_START, AWAITS = EDO_FIRST_AWAIT };
static const char *const state_names[] = {"AWAITS"};

/* async fn reader() { letter.await } */
static enum edo_poll reader_poll(struct edo_future *self, struct edo_context *cx)
{
    if (came_ns == 0) {
        edo_future_goto(self, AWAITS);
        return EDO_PENDING; /* a broken promise: nobody keeps cx->waker */
    }
    say("reader", "reads the letter, %.1f ms after it came",
        (double)(edo_clock_now(&cx->reactor->clock) - came_ns) / 1e6);
    return edo_future_done(self, NULL);
}

/* async fn both() { join!(reader, sleep) }, as it is often written: each time it polls them all. */
static enum edo_poll both_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_future *children[] = {&reader, &neighbour.future};
    bool is_pending = false;

    edo_future_goto(self, AWAITS);
    for (unsigned i = 0; i < 2; i++)
        if (!edo_future_has_ended(children[i]) && edo_future_poll(children[i], cx) == EDO_PENDING)
            is_pending = true;
    return is_pending ? EDO_PENDING : edo_future_done(self, NULL);
}

static enum edo_poll both_cancel(struct edo_future *self)
{
    (void)self;
    edo_future_cancel(&reader);
    return edo_future_cancel(&neighbour.future);
}

static void bring_letter(struct edo_context *cx, void *data)
{
    (void)data;
    say("postman", "brings the letter, calls the waker that was kept");
    came_ns = edo_clock_now(&cx->reactor->clock);
    edo_wake(waker); /* there is none: this does nothing */
}

int main(int argc, char **argv)
{
    static const struct edo_future_type types[] = {
        {.name = "both", .poll = both_poll, .cancel = both_cancel, .state_names = state_names},
        {.name = "reader", .poll = reader_poll, .state_names = state_names}};
    static struct later postman;
    static struct lesson_task tasks[] = {{.name = "main", .future = &both},
                                         {.name = "postman", .future = &postman.future}};

    edo_future_init(&both, &types[0]);
    edo_future_init(&reader, &types[1]);
    edo_sleep_init(&neighbour, EDO_MS(100));
    later_init(&postman, EDO_MS(30), bring_letter, NULL);
    return lesson_main_tasks(argc, argv, tasks, 2);
}
