/* SPDX-License-Identifier: MIT */
/* process.h - runs a shell command and keeps what it printed. */
#ifndef TESTS_PROCESS_H
#define TESTS_PROCESS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct process {
    FILE *stdout_file;
    FILE *stderr_file;
    pid_t pid;
    int status; /* after finish: the exit status, or 128 + the signal that ended it */
    char out[262144];
    char err[65536];
};

/* Whether the demo is that in build/, of which the README files speak. */
bool process_is_plain_build(void);

/* Starts `sh -c command`, in which $DEMO is the demo. */
void process_start(struct process *process, const char *command);

/* Waits for it and reads what it printed; more than fits fails the test. */
void process_finish(struct process *process);

/* Checks that it was refused: exit status 1, and nothing but one line on stderr, with `text` in it.
 */
void process_check_refused(const struct process *process, const char *text);

/* How often `what` stands in `text`. */
unsigned occurrences(const char *text, const char *what);

#endif
