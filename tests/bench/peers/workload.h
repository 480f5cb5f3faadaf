/* SPDX-License-Identifier: MIT */
/* workload.h - what every peer is made to do, and how it is counted: the same for all of them.
 *
 *   peer (libuv.c, edo_timers.c, ...) <--arm, run-- workload.c --metric value lines--> bench
 *              |                                       ^
 *              +-----------workload_fired--------------+
 *
 * A peer is a loop that can fire timers, behind a handful of functions. workload.c has main: it
 * seeds the delays, starts the timers, takes the times and prints what came out, so that no peer
 * counts in its own favour. Usage of the program: PROGRAM VARIANT WORKLOAD N. With an argument
 * more, OPERATIONS, rearm and cancel do so many and measure nothing: valgrind counts their
 * instructions.
 *
 * Times are of CLOCK_MONOTONIC, CPU time is of CLOCK_PROCESS_CPUTIME_ID, peak memory is VmHWM of
 * /proc/self/status. (ru_maxrss would not do: a spawned process inherits the peak of its parent.)
 */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

/* What a peer brings. Where it fails, it ends the program (workload_fail, workload_cannot). */
struct peer {
    /* Opens the loop. False: there is no such variant. */
    bool (*open)(const char *variant);

    /* Gets memory for timers 0 ... n - 1, none of them started. The harness has faulted in its own
     * memory by then; what is touched from now on counts as the peer's. */
    void (*take)(size_t n);

    /* Has the loop read its clock, as it does before it calls back. Not counting from a moment long
     * gone is all that a peer with a clock of its own needs. NULL: it has none. */
    void (*look)(void);

    /* Has the loop call `call`, once. For a peer that keeps a time only while it calls back, and
     * outside reads the clock for each timer. NULL: inside and outside is the same. */
    void (*inside)(void (*call)(void));

    /* Starts timer i, as the peer's documentation shows it. The delay is what workload_delay says,
     * asked for just before. */
    void (*arm)(size_t i);

    /* Gives timer i, which is pending, another delay: in the cheapest way that the peer offers,
     * with the time at which the loop last read its clock. NULL: there is no such thing. */
    void (*rearm)(size_t i, uint64_t delay_ns);

    /* The same, counted from now: the clock is read. NULL: there is no difference. */
    void (*rearm_now)(size_t i, uint64_t delay_ns);

    /* NULL: there is no such thing. */
    void (*disarm)(size_t i);

    /* Has the loop call back n times, each time asked for by the callback before. NULL: there is
     * no such thing. */
    void (*yield)(size_t n);

    /* Something that calls workload_burn in every turn of the loop. */
    void (*start_busy)(void);

    /* Runs the loop until the last timer has fired. */
    void (*run)(void);
};

extern const struct peer peer;

/* For `arm`: the delay of timer i. Its deadline is this moment plus the delay. */
uint64_t workload_delay(size_t i);

/* A peer calls this when timer i fires, first of all. True: it was the last, and `run` is to
 * return. */
bool workload_fired(size_t i);

/* Work for the busy one: 20 us of it. */
void workload_burn(void);

/* For peers whose unit is coarser than ns: never less than was asked for. */
static inline uint64_t workload_round_up(uint64_t ns, uint64_t unit_ns)
{
    return (ns + unit_ns - 1) / unit_ns;
}

/* For peers with an fd for each timer: as many fds as n timers take, or the end. */
void workload_need_fds(size_t n);

void *workload_alloc(size_t n, size_t size);
_Noreturn void workload_fail(const char *what);
_Noreturn void workload_cannot(const char *why);
_Noreturn void workload_absent(const char *why);

#endif
