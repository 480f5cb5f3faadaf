/* SPDX-License-Identifier: MIT */
/* interval-vs-drifting-loop.c - ticks, and sleeps with work between them. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "every 100 ms: is a loop of sleeps enough?",
    .look_at = "work takes 30 ms. When does each round begin, in the loop and in the interval?",
    .answer = "no. A sleep counts from when the work is done, so the time of the work adds up. "
              "The tick of an interval counts from when the tick before was due."};

enum { ROUNDS = 5 };

struct rounds {
    struct edo_future future;
    const char *name;        /* set by main */
    struct edo_future *next; /* set by main: which of the two it awaits */
    struct edo_interval interval;
    struct edo_sleep sleep;
    struct edo_sleep work;
    uint64_t began_ns;
    unsigned round;
};

enum rounds_state { START = EDO_START, AWAITS_NEXT = EDO_FIRST_AWAIT, AWAITS_WORK };
static const char *const state_names[] = {"AWAITS_NEXT", "AWAITS_WORK"};

static void begin_round(struct rounds *rounds, uint64_t now_ns)
{
    uint64_t late_ns = now_ns - rounds->began_ns - EDO_MS(100) * rounds->round;

    rounds->round++;
    say(rounds->name, "round %u is %.1f ms late", rounds->round, (double)late_ns / 1e6);
    edo_sleep_init(&rounds->work, EDO_MS(30));
}

/* async fn rounds() {
 *     for round in 1..=5 { tick.await, or sleep(100ms).await; work(30ms).await; }
 * } */
static enum edo_poll rounds_poll(struct edo_future *self, struct edo_context *cx)
{
    struct rounds *rounds = edo_container_of(self, struct rounds, future);

    while (rounds->round < ROUNDS || self->state == AWAITS_WORK)
        switch ((enum rounds_state)self->state) {
        case START:
            rounds->began_ns = edo_clock_now(&cx->reactor->clock);
            edo_interval_init(&rounds->interval, EDO_MS(100), EDO_MISSED_BURST);
            edo_sleep_init(&rounds->sleep, 0);
            edo_future_goto(self, AWAITS_NEXT);
            /* fall through */
        case AWAITS_NEXT:
            if (edo_future_await(self, rounds->next, cx) == EDO_PENDING)
                return EDO_PENDING;
            begin_round(rounds, edo_clock_now(&cx->reactor->clock));
            edo_future_goto(self, AWAITS_WORK);
            /* fall through */
        case AWAITS_WORK:
            if (edo_future_await(self, &rounds->work.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            if (rounds->next == &rounds->interval.future)
                edo_interval_next(&rounds->interval);
            else
                edo_sleep_init(&rounds->sleep, EDO_MS(100));
            edo_future_goto(self, AWAITS_NEXT);
        }
    return edo_future_done(self, NULL);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {
        .name = "rounds", .poll = rounds_poll, .state_names = state_names};
    static struct rounds a = {.name = "interval", .next = &a.interval.future};
    static struct rounds b = {.name = "loop of sleeps", .next = &b.sleep.future};
    static struct lesson_task tasks[] = {{.name = "interval", .future = &a.future},
                                         {.name = "loop of sleeps", .future = &b.future}};

    edo_future_init(&a.future, &type);
    edo_future_init(&b.future, &type);
    return lesson_main_tasks(argc, argv, tasks, 2);
}
