/* SPDX-License-Identifier: MIT */
/* blocked-loop.c - one task blocks the thread, another has ticks. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "what does one blocking call do to everybody else?",
    .look_at = "the ticks of 100, 150 and 200 ms all come at 230, when blocker is back. The "
               "warning names it, and the timeline shows who held the loop.",
    .answer = "everybody is late until it returns. No task is polled and no timer looked at "
              "meanwhile; edo_executor_warn_slow says whose fault it was."};

struct ticker {
    struct edo_future future;
    struct edo_interval interval;
    uint64_t began_ns;
    unsigned ticks;
};

enum ticker_state { TICKER_START = EDO_START, TICKER_AWAITS_TICK = EDO_FIRST_AWAIT };
static const char *const state_names[] = {"TICKER_AWAITS_TICK"};

static void say_tick(uint64_t due_ns, uint64_t late_ns)
{
    say("ticker", "tick of %.0f ms, %.1f ms late", (double)due_ns / 1e6, (double)late_ns / 1e6);
}

/* async fn ticker() {
 *     for tick in 0..7 { interval.tick().await; }
 * } */
static enum edo_poll ticker_poll(struct edo_future *self, struct edo_context *cx)
{
    struct ticker *ticker = edo_container_of(self, struct ticker, future);
    uint64_t now_ns = edo_clock_now(&cx->reactor->clock);

    switch ((enum ticker_state)self->state) {
    case TICKER_START:
        ticker->began_ns = now_ns;
        edo_interval_at_init(&ticker->interval, now_ns, EDO_MS(50), EDO_MISSED_BURST);
        edo_future_goto(self, TICKER_AWAITS_TICK);
        /* fall through */
    case TICKER_AWAITS_TICK:
        for (; ticker->ticks < 7; ticker->ticks++) {
            if (edo_future_await(self, &ticker->interval.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            say_tick(ticker->interval.due_ns - ticker->began_ns, now_ns - ticker->interval.due_ns);
            edo_interval_next(&ticker->interval);
        }
        break;
    }
    return edo_future_done(self, NULL);
}

static void block(struct edo_context *cx, void *data)
{
    (void)data;
    say("blocker", "calls something that blocks for 170 ms");
    lesson_block(cx, EDO_MS(170));
    say("blocker", "is back");
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {
        .name = "ticker", .poll = ticker_poll, .state_names = state_names};
    static struct ticker ticker;
    static struct later blocker;
    static struct lesson_task tasks[] = {{.name = "ticker", .future = &ticker.future},
                                         {.name = "blocker", .future = &blocker.future}};

    edo_future_init(&ticker.future, &type);
    later_init(&blocker, EDO_MS(60), block, NULL);
    return lesson_main_tasks(argc, argv, tasks, 2);
}
