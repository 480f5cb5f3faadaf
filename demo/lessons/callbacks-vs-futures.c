/* SPDX-License-Identifier: MIT */
/* callbacks-vs-futures.c - a fetch and three items, told in two ways. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "what does a future have that callbacks lack?",
    .look_at = "main, in the timeline: in which half can you see what it waits for?",
    .answer = "a text from top to bottom, named states, somebody to return an error to."};

static struct edo_context context; /* of the poll that started the callbacks */
static struct edo_source timer;
static struct work work;
static unsigned items;

static void arm(uint64_t duration_ns, void (*then)(void *data, struct edo_cause cause))
{
    if (edo_reactor_arm_for(context.reactor, &timer, duration_ns, (struct edo_waker){then, NULL}))
        say("callback", "no timer, and no caller to return the error to");
}

static void item_processed(void *data, struct edo_cause cause)
{
    (void)data, (void)cause;
    say("callback", "item completed");
    if (++items < 3)
        arm(EDO_MS(50), item_processed); /* the loop */
    else
        edo_wake(context.waker);
}

static void fetched(void *data, struct edo_cause cause)
{
    (void)data, (void)cause;
    say("callback", "fetch completed");
    arm(EDO_MS(50), item_processed);
}

enum both_state { START = EDO_START, CALLBACKS = EDO_FIRST_AWAIT, AWAITS_FETCH, AWAITS_ITEM };
static const char *const names[] = {"CALLBACKS", "AWAITS_FETCH", "AWAITS_ITEM"};

/* async fn both() { callbacks; fetch().await; for item in 0..3 { process(item).await; } } */
static enum edo_poll both_poll(struct edo_future *self, struct edo_context *cx)
{
    switch ((enum both_state)self->state) {
    case START:
        lesson_phase(cx, "callbacks");
        context = *cx;
        arm(EDO_MS(100), fetched);
        edo_future_goto(self, CALLBACKS);
        /* fall through */
    case CALLBACKS:
        if (items < 3)
            return EDO_PENDING;
        lesson_phase(cx, "future");
        work_init(&work, "fetch", EDO_MS(100));
        edo_future_goto(self, AWAITS_FETCH);
        /* fall through */
    case AWAITS_FETCH:
        if (edo_future_await(self, &work.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        work_init(&work, "item", EDO_MS(50));
        edo_future_goto(self, AWAITS_ITEM);
        /* fall through */
    case AWAITS_ITEM:
        for (; items < 6; items++, work_init(&work, "item", EDO_MS(50)))
            if (edo_future_await(self, &work.future, cx) == EDO_PENDING)
                return EDO_PENDING;
        break;
    }
    return edo_future_done(self, NULL);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {
        .name = "both", .poll = both_poll, .state_names = names};
    static struct edo_future both;

    edo_source_init(&timer);
    return lesson_main(argc, argv, &both, &type, 0);
}
