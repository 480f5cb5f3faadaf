/* SPDX-License-Identifier: MIT */
/* await-macro.c - a macro for the await, and the same by hand. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "why not an AWAIT() macro that hides the switch?",
    .look_at = "where each stands, by number and by name; and what the local counts after an "
               "await.",
    .answer = "it saves the switch and loses the names. Locals look alive and die at each await, "
              "and no await can stand in a switch of one's own, which would catch the case."};

struct nap {
    struct edo_future future;
    unsigned steps; /* what is to outlive an await belongs here */
    struct edo_sleep sleep;
};

static enum edo_poll pending(const struct edo_future *self)
{
    say(self->type->name, "stands at %u, %s", self->state, edo_future_state_name(self));
    return EDO_PENDING;
}

/* clang-format off */
#define BEGIN(self) switch ((self)->state) { case EDO_START:
#define AWAIT(self, child, cx) edo_future_goto(self, __LINE__); __attribute__((fallthrough)); \
    case __LINE__: if (edo_future_await(self, child, cx) == EDO_PENDING) return pending(self)
#define END(self) } return edo_future_done(self, NULL)
/* clang-format on */

/* async fn nap() { steps += 1; sleep(100ms).await; steps += 1; } */
static enum edo_poll by_macro_poll(struct edo_future *self, struct edo_context *cx)
{
    struct nap *nap = edo_container_of(self, struct nap, future);
    unsigned local = 0; /* anew in each poll */

    BEGIN(self);
    nap->steps++, local++;
    edo_sleep_init(&nap->sleep, EDO_MS(100));
    AWAIT(self, &nap->sleep.future, cx);
    nap->steps++, local++;
    say("by macro", "steps in the struct: %u, in the local: %u", nap->steps, local);
    END(self);
}

enum nap_state { NAP_START = EDO_START, NAP_AWAITS_SLEEP = EDO_FIRST_AWAIT };
static const char *const state_names[] = {"NAP_AWAITS_SLEEP"};

/* The same by hand; on the right, what the macros expand to. */
static enum edo_poll by_enum_poll(struct edo_future *self, struct edo_context *cx)
{
    struct nap *nap = edo_container_of(self, struct nap, future);

    switch ((enum nap_state)self->state) { /* switch ((self)->state) { */
    case NAP_START:                        /* case EDO_START: */
        nap->steps++;
        edo_sleep_init(&nap->sleep, EDO_MS(100));
        edo_future_goto(self, NAP_AWAITS_SLEEP); /* edo_future_goto(self, 40); */
        /* fall through */                       /* __attribute__((fallthrough)); */
    case NAP_AWAITS_SLEEP:                       /* case 40: */
        if (edo_future_await(self, &nap->sleep.future, cx) == EDO_PENDING)
            return pending(self);
        nap->steps++;
    } /* } */
    say("by enum", "steps in the struct: %u", nap->steps);
    return edo_future_done(self, NULL);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type types[] = {
        {.name = "by macro", .poll = by_macro_poll},
        {.name = "by enum", .poll = by_enum_poll, .state_names = state_names}};
    static struct nap naps[2];
    static struct lesson_task tasks[] = {{.name = "by macro", .future = &naps[0].future},
                                         {.name = "by enum", .future = &naps[1].future}};

    edo_future_init(&naps[0].future, &types[0]);
    edo_future_init(&naps[1].future, &types[1]);
    return lesson_main_tasks(argc, argv, tasks, 2);
}
