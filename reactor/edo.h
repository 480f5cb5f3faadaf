/* SPDX-License-Identifier: MIT */
/* edo.h - all of the runtime in one include.
 *
 * The version is MAJOR.MINOR.PATCH. While MAJOR is 0, a new MINOR may change names, rules and
 * structs; NEWS.md lists what. From 1.0 on only a new MAJOR may. A new PATCH only mends: a program
 * that was built with one of the same MINOR runs with it as it is.
 *
 * Stable in this sense: each name in this header, what its comment promises, and how large a struct
 * is. Structs are the caller's, so a new member changes the ABI, and MINOR with it. The shared
 * library has MINOR in its name, as in libedo.so.0.10 of 0.10.0: a program never meets another ABI
 * than its own.
 *
 * Not stable, and free to change with a PATCH: what members that only the runtime may touch mean;
 * functions that are not declared here; texts, as those of edo_executor_dump. A trace file and
 * edo_layout have numbers of their own. */
#pragma once

/* The version of these headers: major, minor, patch. */
#define EDO_VERSION "0.10.0"

/* Before `extern "C"`: in C++ some of these have templates. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

#include "futures/channel.h"    /* IWYU pragma: export */
#include "futures/group.h"      /* IWYU pragma: export */
#include "futures/interval.h"   /* IWYU pragma: export */
#include "futures/join.h"       /* IWYU pragma: export */
#include "futures/join_tasks.h" /* IWYU pragma: export */
#include "futures/notify.h"     /* IWYU pragma: export */
#include "futures/semaphore.h"  /* IWYU pragma: export */
#include "futures/shield.h"     /* IWYU pragma: export */
#include "futures/timeout.h"    /* IWYU pragma: export */
#include "futures/watch.h"      /* IWYU pragma: export */
#include "futures/yield.h"      /* IWYU pragma: export */
#include "io/child.h"           /* IWYU pragma: export */
#include "io/file.h"            /* IWYU pragma: export */
#include "io/lookup.h"          /* IWYU pragma: export */
#include "io/notice.h"          /* IWYU pragma: export */
#include "io/offload.h"         /* IWYU pragma: export */
#include "io/signals.h"         /* IWYU pragma: export */
#include "io/socket.h"          /* IWYU pragma: export */
#include "io/stream.h"          /* IWYU pragma: export */
#include "kernel/timer_wheel.h" /* IWYU pragma: export */
#include "task/executor.h"      /* IWYU pragma: export */

#ifdef __cplusplus
}
#endif
