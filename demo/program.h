/* SPDX-License-Identifier: MIT */
/* program.h - how the demo and the lessons begin and end: standard output, complaints, exit status.
 */
#ifndef DEMO_PROGRAM_H
#define DEMO_PROGRAM_H

#include <stdint.h>

enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE };

/* Before the first line of output: each is then one write(2). STATUS_OK; STATUS_FAILED, and says
 * so: standard output is closed, and the runtime's epoll would be fd 1 and be printed to. */
int program_begin(const char *name);

/* "name: what: strerror", to standard error. STATUS_FAILED. */
int program_complain(const char *name, const char *what, int error);

/* For edo_executor_warn_slow: a line on standard error. None while the program is traced: then that
 * may be what took so long. */
void program_warn_slow(const char *task, uint64_t took_ns);

/* The exit status: `status`, or STATUS_FAILED if what was printed has not all arrived. */
int program_end(const char *name, int status);

#endif
