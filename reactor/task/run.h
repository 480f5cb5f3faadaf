/* SPDX-License-Identifier: MIT */
/* run.h - what the executor does with a task. Not for users: edo.h does not include it. */
#pragma once

#include "task.h"

/* NEW becomes READY. */
void edo_task_start(struct edo_task *task, struct edo_executor *executor);

/* One poll of a READY task. It may have ended when this returns. */
void edo_task_poll(struct edo_task *task);
