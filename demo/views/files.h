/* SPDX-License-Identifier: MIT */
/* files.h - the views that go into files: --chrome, --html, --story, --svg, --trace. */
#ifndef DEMO_FILES_H
#define DEMO_FILES_H

#include "edo.h"
#include "options.h"

/* Writes each that was asked for, also after one that could not be written. STATUS_OK; or
 * STATUS_FAILED, with a line on standard error for each of those. */
int files_write(const struct edo_trace *trace, const struct options *options, const char *program);

#endif
