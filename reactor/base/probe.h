/* SPDX-License-Identifier: MIT */
/* probe.h - a static probe (USDT) at every step of every state machine: edo:state.
 *
 * Its arguments: the future's address, the name of its type (a string), and the numbers of the
 * states it comes from and goes to. Where <sys/sdt.h> was there at build time (Debian:
 * systemtap-sdt-dev), bpftrace and perf can attach to the probe in a running program. While nobody
 * is attached, it costs one nop. Without the header there is no probe. */
#pragma once

#ifdef __has_include
#if __has_include(<sys/sdt.h>)
#include <sys/sdt.h>
#endif
#endif

#ifdef __clang__ /* it warns about the macros of <sys/sdt.h> */
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wgnu-zero-variadic-macro-arguments"
#endif

static inline void edo_probe_state(const void *future, const char *type, unsigned from, unsigned to)
{
#ifdef DTRACE_PROBE4
    DTRACE_PROBE4(edo, state, future, type, from, to);
#else
    (void)future, (void)type, (void)from, (void)to;
#endif
}

#ifdef __clang__
#pragma clang diagnostic pop
#endif
