/* probe.h - a static probe (USDT) at every step of every state machine: edo:state.
 *
 * Its arguments: the future's address, the name of its type (a string), and the numbers of the
 * states it comes from and goes to. Where <sys/sdt.h> was there at build time (Debian:
 * systemtap-sdt-dev), bpftrace and perf can attach to it in a running program; nobody attached, it
 * is one nop. Without the header it is nothing. */
#ifndef EDO_PROBE_H
#define EDO_PROBE_H

#ifdef __has_include
#if __has_include(<sys/sdt.h>)
#include <sys/sdt.h>
#define EDO_PROBE_STATE(future, type, from, to) DTRACE_PROBE4(edo, state, future, type, from, to)
#endif
#endif

#ifndef EDO_PROBE_STATE
#define EDO_PROBE_STATE(future, type, from, to) ((void)0)
#endif

#endif
