/* SPDX-License-Identifier: MIT */
/* unwoken.h - finds futures that have kept no waker, where it does not show.
 *
 * Such a future waits for ever by itself. But if another one in the same task is woken, and the
 * task then polls all that it has, it is only late. It can be told by this: it was ready in a poll
 * before which no waker of its own had been called, but only those of others.
 *
 * No sign of an error is a future that became ready by what another one did in the same poll. How
 * late it was is not in the trace: only the future knows since when it could have gone on. */
#ifndef DEMO_UNWOKEN_H
#define DEMO_UNWOKEN_H

#include <stdio.h>

#include "edo.h"

/* A warning to `file` for each. Only of leaves, and only where the runtime knows whose
 * wakers were called: those of timers and fds. */
void unwoken_print(const struct edo_trace *trace, FILE *file);

#endif
