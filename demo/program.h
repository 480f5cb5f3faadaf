/* SPDX-License-Identifier: MIT */
/* program.h - what is around a run, the demo's or a lesson's.
 *
 *   command line --> open a runtime with a trace --> the run --> close --> timeline, files -->
 * status
 *
 * Ctrl-C in the run: the files are written with what was recorded until then (interrupt.h). */
#ifndef DEMO_PROGRAM_H
#define DEMO_PROGRAM_H

#include <stdint.h>

#include "edo.h"
#include "options.h"

enum { STATUS_OK, STATUS_FAILED, STATUS_USAGE };

/* What our programs differ in. */
struct program {
    enum options_taker taker;
    const char *about;                         /* for --help */
    int (*run)(const struct options *options); /* the exit status */
};

/* All that main does: reads the command line, and prints the help or the version, or runs. The exit
 * status: of `run`; STATUS_USAGE; STATUS_FAILED also if standard output is closed, when the
 * runtime's epoll would be fd 1 and be printed to, or if what was printed has not all arrived. */
int program_main(const struct program *program, int argc, char **argv);

/* The runtime that the options ask for. */
struct edo_reactor_options program_runtime(const struct options *options);

/* Opens a runtime with a trace, calls `run` on it, and closes it. Then it prints the timeline,
 * unless the run failed, and writes the files. The exit status. What the trace names (tasks and
 * futures) has to outlive the call. */
int program_record(const struct options *options,
                   int (*run)(struct edo_executor *executor, const struct options *options));

/* "name: what: strerror", to standard error. STATUS_FAILED. */
int program_complain(const char *name, const char *what, int error);

/* For edo_executor_warn_slow: a line on standard error. None while the program is traced: then that
 * may be what took so long. */
void program_warn_slow(const char *task, uint64_t took_ns);

#endif
