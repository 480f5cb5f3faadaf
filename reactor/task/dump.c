/* SPDX-License-Identifier: MIT */
#include "executor.h"

/* An await within an await within ...: deeper than this, a dump gives up. An await that comes back
 * to its own task would never end. */
enum { DUMP_DEPTH = 16 };

static void dump_chain(const struct edo_future *future, FILE *file)
{
    for (int depth = 0; depth < DUMP_DEPTH; depth++) {
        fprintf(file, " %s %s", future->type->name, edo_future_state_name(future));
        if (edo_future_has_ended(future) || future->awaiting == NULL)
            return;
        future = future->awaiting;
        fputs(" >", file);
    }
    fputs(" ...", file);
}

void edo_executor_dump(const struct edo_executor *executor, FILE *file)
{
    static const char *const words[] = {"new",     "ready",   "polled", "polled",
                                        "waiting", "waiting", "ended"};
    const struct edo_reactor *reactor = &executor->reactor;
    const struct edo_task *task = NULL;

    while ((task = edo_executor_next_task(executor, task)) != NULL) {
        fprintf(file, "  %-16s %-8s", task->name, words[task->state]);
        dump_chain(task->future, file);
        fputc('\n', file);
    }
    if (reactor->lost > 0)
        fprintf(file, "  closed while watched: fd %d, id %lu\n", reactor->lost_fd,
                (unsigned long)reactor->lost_id);
}
