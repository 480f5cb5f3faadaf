/* SPDX-License-Identifier: MIT */
/* scale.h - the parallel phase with many tasks: --tasks N.
 *
 * N tasks sleep for 100 to 300 ms, spread by chance from a seed, and are joined. What is printed is
 * how late they were, what they cost, and that their values add up; then a picture of them.
 *
 * Per task: struct edo_task and struct scale_task, 192 bytes where pointers have 64 bits. */
#ifndef DEMO_SCALE_H
#define DEMO_SCALE_H

#include "edo.h"
#include "options.h"

/* Runs it on a runtime of its own, with the picture and the files that are wanted. The exit status:
 * STATUS_FAILED, and a line on standard error that says so, if there is no memory for so many, or a
 * task failed, or the values don't add up, or a file could not be written. */
int scale_run(const struct edo_reactor_options *runtime, const struct options *options,
              const char *program);

#endif
