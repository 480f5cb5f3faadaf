/* SPDX-License-Identifier: MIT */
/* race.c - the first to end wins, the others are cancelled. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "who wins, and what becomes of the loser?",
    .look_at = "100 ms, when one has answered: what happens to the other before main goes on? And "
               "is it heard of again?",
    .answer = "the first to end wins. The others are cancelled, and have released all they held "
              "before the race is ready."};

struct ask_both {
    struct edo_future future;
    struct work servers[2];
    struct spawned requests[2]; /* each a task, to be seen in the timeline */
    struct edo_branch branches[2];
    struct edo_join race;
    struct edo_sleep afterwards;
};

enum ask_state {
    ASK_START = EDO_START,
    ASK_AWAITS_FIRST = EDO_FIRST_AWAIT,
    ASK_AWAITS_AFTERWARDS,
};
static const char *const state_names[] = {"ASK_AWAITS_FIRST", "ASK_AWAITS_AFTERWARDS"};

static void ask(struct ask_both *ask, unsigned i, const char *server, uint64_t answers_in_ns)
{
    work_init(&ask->servers[i], server, answers_in_ns);
    spawned_init(&ask->requests[i], server, &ask->servers[i].future);
    ask->branches[i].child = &ask->requests[i].future;
}

/* async fn ask_both() {
 *     let winner = race(ask("far", 300ms), ask("near", 100ms)).await;
 *     sleep(300ms).await;
 * } */
static enum edo_poll ask_both_poll(struct edo_future *self, struct edo_context *cx)
{
    struct ask_both *both = edo_container_of(self, struct ask_both, future);
    const struct work *loser;

    switch ((enum ask_state)self->state) {
    case ASK_START:
        ask(both, 0, "far server", EDO_MS(300));
        ask(both, 1, "near server", EDO_MS(100));
        edo_race_init(&both->race, both->branches, 2, 0);
        edo_future_goto(self, ASK_AWAITS_FIRST);
        /* fall through */
    case ASK_AWAITS_FIRST:
        if (edo_future_await(self, &both->race.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        if (edo_future_error(&both->race.future))
            return edo_future_fail(self, edo_future_error(&both->race.future));
        loser = &both->servers[1 - both->race.decided];
        say("main", "the winner is %s", both->servers[both->race.decided].name);
        say("main", "%s is in state %s", loser->name, edo_future_state_name(&loser->future));
        say("main", "its timer is %s",
            edo_source_is_pending(&loser->sleep.timer) ? "still armed" : "disarmed");
        edo_sleep_init(&both->afterwards, EDO_MS(300));
        edo_future_goto(self, ASK_AWAITS_AFTERWARDS);
        /* fall through */
    case ASK_AWAITS_AFTERWARDS:
        if (edo_future_await(self, &both->afterwards.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    say("main", "300 ms later: %s has said no more", both->servers[1 - both->race.decided].name);
    return edo_future_done(self, NULL);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {
        .name = "ask_both", .poll = ask_both_poll, .state_names = state_names};
    static struct ask_both both;

    return lesson_main(argc, argv, &both.future, &type, 0);
}
