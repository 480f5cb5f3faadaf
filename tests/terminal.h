/* SPDX-License-Identifier: MIT */
/* terminal.h - runs a shell command on a terminal of its own, and types into it. */
#ifndef TESTS_TERMINAL_H
#define TESTS_TERMINAL_H

#include <stdbool.h>

#include "process.h"

/* Starts `sh -c command`, in which $DEMO is the demo, on a terminal that is so wide. It echoes
 * nothing, and a newline stays one. All that is printed goes to process->out. */
void terminal_start(struct process *process, const char *command, unsigned columns);

/* Until `text` has been printed; false if the program ends before that. */
bool terminal_wait_for(struct process *process, const char *text);

void terminal_type(const struct process *process, const char *text);

/* Waits for the end. */
void terminal_finish(struct process *process);

#endif
