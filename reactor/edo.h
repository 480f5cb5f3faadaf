/* edo.h - all of the runtime in one include. */
#ifndef EDO_H
#define EDO_H

#define EDO_VERSION "0.2.0"

#include "futures/branches.h"     /* IWYU pragma: export */
#include "futures/channel.h"      /* IWYU pragma: export */
#include "base/clock.h"        /* IWYU pragma: export */
#include "base/container_of.h" /* IWYU pragma: export */
#include "task/executor.h"     /* IWYU pragma: export */
#include "task/future.h"       /* IWYU pragma: export */
#include "futures/group.h"        /* IWYU pragma: export */
#include "futures/interval.h"     /* IWYU pragma: export */
#include "futures/join.h"         /* IWYU pragma: export */
#include "futures/join_tasks.h"   /* IWYU pragma: export */
#include "futures/race.h"         /* IWYU pragma: export */
#include "kernel/reactor.h"      /* IWYU pragma: export */
#include "futures/shield.h"       /* IWYU pragma: export */
#include "futures/sleep.h"        /* IWYU pragma: export */
#include "task/task.h"         /* IWYU pragma: export */
#include "futures/timeout.h"      /* IWYU pragma: export */
#include "kernel/timer_wheel.h"  /* IWYU pragma: export */
#include "base/trace.h"        /* IWYU pragma: export */
#include "futures/try_join.h"     /* IWYU pragma: export */
#include "base/waker.h"        /* IWYU pragma: export */
#include "futures/watch.h"        /* IWYU pragma: export */
#include "futures/yield.h"        /* IWYU pragma: export */

#endif
