/* sorted_timers.h - a second timer driver, for tests only: one timerfd for all deadlines, which
 * stand in a sorted list. Slow and obvious. It holds the driver interface to what it promises, and
 * the fd driver to the same behaviour. */
#ifndef TESTS_SORTED_TIMERS_H
#define TESTS_SORTED_TIMERS_H

#include "reactor.h"

/* The driver's timer_state. */
struct sorted_timers {
    struct edo_source shared; /* the timerfd's registration */
    struct edo_list armed;    /* by deadline, then by arming */
};

extern const struct edo_timer_driver sorted_timers;

#endif
