/* SPDX-License-Identifier: MIT */
/* recording.h - the trace of many tasks, from which their picture and the files are made.
 *
 * The ring has room for all that N tasks do, up to a bound: then it holds what the last of them
 * did, and the picture says so. */
#ifndef DEMO_RECORDING_H
#define DEMO_RECORDING_H

#include <stdbool.h>

#include "edo.h"
#include "options.h"

struct recording {
    struct edo_trace trace;
    struct edo_trace_event *events; /* NULL: nothing is recorded */
    struct edo_trace_note *notes;   /* for --html, if there is memory; NULL: none */
};

/* Nothing is recorded if nobody is to see it, so that what is measured then is the tasks' own; or
 * if there is no memory for it, with a line on standard error that says so. */
void recording_open(struct recording *recording, const struct options *options,
                    const char *program);
void recording_close(struct recording *recording);

/* For the reactor's options: NULL, if nothing is recorded. */
struct edo_trace *recording_trace(struct recording *recording);

/* Whether there are files to be written. */
bool recording_has_files(const struct recording *recording, const struct options *options);

/* Prints the picture, if it is wanted, and writes the files. STATUS_OK; or STATUS_FAILED, with a
 * line on standard error for each file that could not be written, or where there was no memory to
 * record what goes into them. */
int recording_show(const struct recording *recording, const struct options *options,
                   const char *program);

#endif
