/* edo_variant.h - the runtime's variants by name.
 *
 *   fd          a timerfd for each timer
 *   wheel       one timerfd for all
 *   wheel-1ms   the same, where deadlines within 1 ms share a wakeup */
#ifndef BENCH_EDO_VARIANT_H
#define BENCH_EDO_VARIANT_H

#include <stdbool.h>
#include <stddef.h>

#include "edo.h"

/* False: there is no such variant. */
bool edo_variant_find(const char *name, struct edo_reactor_options *options);

/* Makes sure of the fds for n timers at a time. */
void edo_variant_need_fds(const struct edo_reactor_options *options, size_t n);

#endif
