/* SPDX-License-Identifier: MIT */
/* What happens in a sleep, in short. It prints
 *
 *   spawn poll_begin arm state poll_end enter leave fire wake poll_begin
 *   state poll_end done */
#include <stdio.h>

#include "edo.h"

static void print_kinds(const struct edo_trace *trace)
{
    for (size_t i = 0; i < edo_trace_count(trace); i++)
        printf("%s%s",
               i == 0        ? ""
               : i % 10 == 0 ? "\n"
                             : " ",
               edo_trace_kind_name(edo_trace_at(trace, i)->kind));
    puts("");
}

int main(void)
{
    struct edo_trace trace;
    struct edo_trace_event events[100];
    struct edo_reactor_options options = {.is_virtual = true,
                                          .trace = &trace};
    struct edo_executor executor;
    struct edo_sleep sleep;
    struct edo_task task;

    edo_trace_init(&trace, events, 100);
    if (edo_executor_open(&executor, &options) < 0)
        return 1;
    edo_sleep_init(&sleep, EDO_MS(10));
    edo_task_init(&task, "sleeper", &sleep.future);
    edo_executor_block_on(&executor, &task);
    edo_executor_close(&executor);
    print_kinds(&trace);
    return 0;
}
