/* process.h - runs a shell command and keeps what it printed. */
#ifndef TESTS_PROCESS_H
#define TESTS_PROCESS_H

#include <stdio.h>
#include <sys/types.h>

struct process {
    FILE *stdout_file;
    FILE *stderr_file;
    pid_t pid;
    int status; /* after finish: the exit status, or 128 + the signal that ended it */
    char out[65536];
    char err[65536];
};

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
