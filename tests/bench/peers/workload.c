/* SPDX-License-Identifier: MIT */
/* workload.c - the workloads that are about timers, for every peer that is written in C. */
#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "measure.h"

/* One seed for all: every peer gets the same delays, in the same order. */
#define SEED UINT64_C(1923)

/* What the timers of this run are measured by. */
static struct {
    uint64_t *delay_ns;
    uint64_t *deadline_ns; /* NULL: lateness is not measured, the clock is left alone */
    int64_t *late_ns;
    size_t late_count;
    size_t left; /* timers that have not fired */
} timers;

/* How many are done for who counts instructions from outside; 0: nobody does, measure them. */
static size_t operations;

_Noreturn void workload_fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

_Noreturn void workload_cannot(const char *why)
{
    fprintf(stderr, "%s\n", why);
    exit(MEASURE_CANNOT);
}

_Noreturn void workload_absent(const char *why)
{
    fprintf(stderr, "%s\n", why);
    exit(MEASURE_ABSENT);
}

void *workload_alloc(size_t n, size_t size)
{
    void *memory = calloc(n, size);

    if (memory == NULL)
        workload_fail("calloc");
    return memory;
}

void workload_need_fds(size_t n)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        workload_fail("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        workload_fail("setrlimit");
    if (limit.rlim_cur < n + 16)
        workload_cannot("fewer fds than timers");
}

uint64_t workload_delay(size_t i)
{
    if (timers.deadline_ns != NULL)
        timers.deadline_ns[i] = measure_now() + timers.delay_ns[i];
    return timers.delay_ns[i];
}

bool workload_fired(size_t i)
{
    if (timers.deadline_ns != NULL)
        timers.late_ns[timers.late_count++] = (int64_t)(measure_now() - timers.deadline_ns[i]);
    return --timers.left == 0;
}

void workload_burn(void)
{
    uint64_t now_ns = measure_now();
    uint64_t until_ns = now_ns + 20 * NS_PER_US;

    while (now_ns < until_ns)
        now_ns = measure_now();
}

/* Memory that is there: its page faults are not the peer's. */
static void *alloc_touched(size_t n, size_t size)
{
    return memset(workload_alloc(n, size), 1, n * size);
}

/* n delays of `least` units and more, below `limit` units. */
static void seed_delays(size_t n, uint64_t least, uint64_t limit, uint64_t unit_ns)
{
    uint64_t seed = SEED;

    timers.delay_ns = alloc_touched(n, sizeof *timers.delay_ns);
    for (size_t i = 0; i < n; i++)
        timers.delay_ns[i] = (least + measure_below(&seed, limit - least)) * unit_ns;
}

static void arm_all(size_t n)
{
    timers.left = n;
    if (peer.look != NULL)
        peer.look();
    for (size_t i = 0; i < n; i++)
        peer.arm(i);
}

/* --- punctual: how late n concurrent sleeps of 1 to 200 ms are, each by its own deadline
 * ----------
 *
 * The deadline is CLOCK_MONOTONIC just before the timer is started, plus the delay: a whole number
 * of ms, which each peer can be asked for. Lateness is CLOCK_MONOTONIC, first thing in the
 * callback, less the deadline. One sleep alone says little, so it has 64 of up to 30 ms, one after
 * another. */

static void punctual(size_t n)
{
    size_t repeats = n == 1 ? 64 : 1;
    uint64_t began_ns = 0;
    struct usage before;

    seed_delays(n * repeats, 1, n == 1 ? 31 : 201, NS_PER_MS);
    timers.deadline_ns = alloc_touched(n, sizeof *timers.deadline_ns);
    timers.late_ns = alloc_touched(n * repeats, sizeof *timers.late_ns);
    peer.take(n);
    before = measure_usage();
    began_ns = measure_now();
    for (size_t round = 0; round < repeats; round++) {
        arm_all(n);
        peer.run();
        timers.delay_ns += n;
    }
    measure_print("cpu_percent", 100.0 * (double)(measure_usage().cpu_ns - before.cpu_ns) /
                                     (double)(measure_now() - began_ns));
    measure_print_lateness(timers.late_ns, timers.late_count);
}

/* The same beside something that keeps the loop busy, 20 us in every turn. */
static void punctual_busy(size_t n)
{
    peer.start_busy();
    punctual(n);
}

/* --- sleeps: what n sleeps cost, that are spread over a second -----------------------------------
 *
 * From before the timers get their memory to the last one's callback: CPU time and memory for each,
 * in whole bytes, and how often the process slept in the kernel. Delays are in ns; a peer with a
 * coarser unit is asked for the next one. */

static void sleeps(size_t n)
{
    struct usage before, after;
    uint64_t bytes = 0;

    seed_delays(n, NS_PER_MS, NS_PER_S, 1);
    before = measure_usage();
    peer.take(n);
    arm_all(n);
    peer.run();
    after = measure_usage();
    bytes = (after.peak_kib - before.peak_kib) * 1024 / n;
    measure_print("cpu_ns", (double)(after.cpu_ns - before.cpu_ns) / (double)n);
    measure_print("wakeups", (double)(after.wakeups - before.wakeups));
    measure_print("bytes", (double)bytes);
}

/* --- rearm, rearm_now, cancel: with n pending that stay pending ----------------------------------
 *
 * ns of CLOCK_MONOTONIC for each operation, as many as fit in 0.1 s, a batch at a time. Which
 * timers and which delays is chosen between the batches. The loop does nothing else meanwhile. */

enum { FAR_S = 1000, BATCH = 1024, MOST_UNMEASURED = 8192 };

struct choice {
    size_t timer;
    uint64_t delay_ns; /* FAR_S and up to 1,100 s more */
};

static void start_pending(size_t n)
{
    seed_delays(n + 1, FAR_S, (uint64_t)2 * FAR_S, NS_PER_S);
    peer.take(n + 1);
    arm_all(n);
}

/* 0: any delay; else each is longer than all before, beginning with this one. */
static uint64_t later_ns;

static void choose(struct choice *choices, size_t count, size_t n, uint64_t *seed)
{
    for (size_t i = 0; i < count; i++) {
        size_t timer = measure_below(seed, n);

        choices[i] = (struct choice){timer, FAR_S * NS_PER_S + (measure_random(seed) >> 24)};
        if (later_ns > 0)
            choices[i].delay_ns = later_ns += NS_PER_US;
    }
}

/* Makes the same choices however many operations are done: runs of two lengths differ by what is
 * done alone. */
static void do_unmeasured(size_t n, void (*operate)(size_t timer, uint64_t delay_ns))
{
    static struct choice choices[MOST_UNMEASURED];
    uint64_t seed = SEED;

    choose(choices, MOST_UNMEASURED, n, &seed);
    for (size_t i = 0; i < operations; i++) {
        const struct choice *choice = &choices[i % MOST_UNMEASURED];

        operate(choice->timer, choice->delay_ns);
    }
}

static struct {
    size_t n;
    void (*operate)(size_t timer, uint64_t delay_ns);
} operation;

static void time_operation(void)
{
    struct choice choices[BATCH];
    uint64_t seed = SEED, took_ns = 0, done = 0;

    while (took_ns < NS_PER_S / 10) {
        uint64_t began_ns = 0;

        choose(choices, BATCH, operation.n, &seed);
        began_ns = measure_now();
        for (size_t i = 0; i < BATCH; i++)
            operation.operate(choices[i].timer, choices[i].delay_ns);
        took_ns += measure_now() - began_ns;
        done += BATCH;
    }
    measure_print("op_ns", (double)took_ns / (double)done);
}

static void measure_operation(size_t n, void (*operate)(size_t timer, uint64_t delay_ns))
{
    if (operate == NULL)
        workload_cannot("nothing of the kind");
    start_pending(n);
    operation.n = n;
    operation.operate = operate;
    if (operations > 0)
        do_unmeasured(n, operate);
    else if (peer.inside != NULL)
        peer.inside(time_operation);
    else
        time_operation();
}

/* Another deadline for a pending timer: counted from when the loop last read its clock. */
static void rearm(size_t n)
{
    measure_operation(n, peer.rearm);
}

/* The idle timeout: with each message that of its connection is put off again. */
static void rearm_later(size_t n)
{
    later_ns = (uint64_t)2 * FAR_S * NS_PER_S;
    measure_operation(n, peer.rearm);
}

/* The same, counted from now. */
static void rearm_now(size_t n)
{
    measure_operation(n, peer.rearm_now != NULL ? peer.rearm_now : peer.rearm);
}

static size_t one_more;

static void arm_and_disarm(size_t timer, uint64_t delay_ns)
{
    (void)timer;
    timers.delay_ns[one_more] = delay_ns;
    peer.arm(one_more);
    peer.disarm(one_more);
}

/* One more is started, and stopped again. */
static void cancel(size_t n)
{
    one_more = n;
    measure_operation(n, peer.disarm != NULL ? arm_and_disarm : NULL);
}

/* --- yield: as often as edo_tasks.c does it, after once that doesn't count ----------------------
 */

static void yield(size_t n)
{
    uint64_t began_ns = 0;
    size_t done = 0;

    if (peer.yield == NULL)
        workload_cannot("nothing of the kind");
    peer.yield(n);
    began_ns = measure_now();
    for (; done < 1000000; done += n)
        peer.yield(n);
    measure_print("op_ns", (double)(measure_now() - began_ns) / (double)done);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(size_t n);
    } workloads[] = {{"punctual", punctual},       {"punctual_busy", punctual_busy},
                     {"sleeps", sleeps},           {"rearm", rearm},
                     {"rearm_later", rearm_later}, {"rearm_now", rearm_now},
                     {"cancel", cancel},           {"yield", yield}};
    size_t n = argc >= 4 ? strtoull(argv[3], NULL, 10) : 0;

    operations = argc >= 5 ? strtoull(argv[4], NULL, 10) : 0;

    for (size_t i = 0; n > 0 && i < sizeof workloads / sizeof workloads[0]; i++) {
        if (strcmp(argv[2], workloads[i].name) != 0)
            continue;
        if (!peer.open(argv[1]))
            workload_cannot("no such variant");
        workloads[i].run(n);
        return EXIT_SUCCESS;
    }
    fputs("usage: PROGRAM VARIANT punctual|punctual_busy|sleeps|rearm|rearm_later|"
          "rearm_now|cancel|yield N [OPERATIONS]\n",
          stderr);
    return EXIT_FAILURE;
}
