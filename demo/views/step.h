/* SPDX-License-Identifier: MIT */
/* step.h - one turn of the loop at a time: before each, where everybody stands; after it, what
 * happened in it, if the executor has a trace. */
#ifndef DEMO_STEP_H
#define DEMO_STEP_H

#include "edo.h"

/* Runs `task` like edo_executor_block_on, but asks before each turn: Enter goes on, "c" or the end
 * of input runs to the end, "q" cancels everything, closes the executor and says so. 0, or -errno:
 * -ECANCELED after "q", else of edo_executor_turn. */
int step_block_on(struct edo_executor *executor, struct edo_task *task);

/* The same until no task is live, like edo_executor_run. */
int step_run(struct edo_executor *executor);

#endif
