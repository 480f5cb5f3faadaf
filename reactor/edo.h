/* edo.h - all of the runtime in one include. */
#ifndef EDO_H
#define EDO_H

#define EDO_VERSION "0.2.0"

#include "branches.h"     /* IWYU pragma: export */
#include "channel.h"      /* IWYU pragma: export */
#include "clock.h"        /* IWYU pragma: export */
#include "container_of.h" /* IWYU pragma: export */
#include "executor.h"     /* IWYU pragma: export */
#include "future.h"       /* IWYU pragma: export */
#include "group.h"        /* IWYU pragma: export */
#include "interval.h"     /* IWYU pragma: export */
#include "join.h"         /* IWYU pragma: export */
#include "join_tasks.h"   /* IWYU pragma: export */
#include "race.h"         /* IWYU pragma: export */
#include "reactor.h"      /* IWYU pragma: export */
#include "shield.h"       /* IWYU pragma: export */
#include "sleep.h"        /* IWYU pragma: export */
#include "task.h"         /* IWYU pragma: export */
#include "timeout.h"      /* IWYU pragma: export */
#include "timer_wheel.h"  /* IWYU pragma: export */
#include "trace.h"        /* IWYU pragma: export */
#include "try_join.h"     /* IWYU pragma: export */
#include "waker.h"        /* IWYU pragma: export */
#include "watch.h"        /* IWYU pragma: export */
#include "yield.h"        /* IWYU pragma: export */

#endif
