/* SPDX-License-Identifier: MIT */
/* blocked-loop.c - one task blocks the thread, another has ticks. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "what does one blocking call do to everybody else?",
    .look_at = "when each tick comes and how late it is; and in the timeline, what blocker does "
               "meanwhile.",
    .answer = "everybody is late until it returns. No task is polled and no timer looked at "
              "meanwhile; edo_executor_warn_slow says whose fault it was."};

static void block(struct edo_context *cx, void *data)
{
    (void)data;
    say("blocker", "calls something that blocks for 170 ms");
    lesson_block(cx, EDO_MS(170));
    say("blocker", "is back");
}

int main(int argc, char **argv)
{
    static struct ticker ticker;
    static struct later blocker;
    static struct lesson_task tasks[] = {{.name = "ticker", .future = &ticker.future},
                                         {.name = "blocker", .future = &blocker.future}};

    ticker_init(&ticker, EDO_MS(50), 7);
    later_init(&blocker, EDO_MS(60), block, NULL);
    return lesson_main_tasks(argc, argv, tasks, 2);
}
