/* SPDX-License-Identifier: MIT */
/* read_trace.h - a trace as --trace writes it, read again. */
#ifndef BROWSER_READ_TRACE_H
#define BROWSER_READ_TRACE_H

#include "edo.h"

/* All events of the file. Nothing of it is freed: the program ends with it, and also where the file
 * is no trace. */
void read_trace(struct edo_trace *trace, const char *path);

/* Says so, and ends the program. */
_Noreturn void read_trace_complain(const char *what);

#endif
