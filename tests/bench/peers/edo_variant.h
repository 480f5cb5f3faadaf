/* SPDX-License-Identifier: MIT */
/* edo_variant.h - the runtime's variants by name.
 *
 *   fd          a timerfd for each timer
 *   wheel       one timerfd for all
 *   wheel-1ms   the same, where deadlines within 1 ms share a wakeup
 *   fd-traced   as fd, and what happens is recorded, the last 4096 events of it */
#ifndef BENCH_EDO_VARIANT_H
#define BENCH_EDO_VARIANT_H

#include <stdbool.h>

#include "edo.h"

/* False: there is no such variant. */
bool edo_variant_find(const char *name, struct edo_reactor_options *options);

/* Whether it takes an fd for each timer. */
bool edo_variant_takes_fds(const struct edo_reactor_options *options);

#endif
