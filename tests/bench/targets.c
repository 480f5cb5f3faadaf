/* SPDX-License-Identifier: MIT */
/* targets.c - what the runtime aims at, and whether it got there. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "plan.h"
#include "report.h"

const char *const target_bounds[] = {[TARGET_AT_MOST] = "at most",
                                     [TARGET_AT_LEAST] = "at least",
                                     [TARGET_WITHIN_QUARTILES] = "q1 at most"};

static struct target targets[128];
static size_t target_count;
static FILE *out;

static bool is_met(const struct target *target)
{
    switch (target->bound) {
    case TARGET_AT_MOST:
        return target->measured.median <= target->limit;
    case TARGET_AT_LEAST:
        return target->measured.median >= target->limit;
    case TARGET_WITHIN_QUARTILES:
        break;
    }
    return target->measured.q1 <= target->limit;
}

/* Says nothing of what was not measured. */
static void keep(enum target_bound bound, struct summary measured, double limit, const char *format,
                 va_list arguments)
{
    struct target *target = &targets[target_count];

    if (measured.count == 0 || target_count == sizeof targets / sizeof targets[0])
        return;
    target_count++;
    vsnprintf(target->what, sizeof target->what, format, arguments);
    target->bound = bound;
    target->measured = measured;
    target->limit = limit;
    target->is_met = is_met(target);
    fprintf(out, "%-7s %-78s %-10s %7.2f: %8.2f [%.2f %.2f]\n", target->is_met ? "met" : "MISSED",
            target->what, target_bounds[bound], limit, measured.median, measured.q1, measured.q3);
}

#define JUDGE_FORMAT(at) __attribute__((format(printf, at, (at) + 1)))

JUDGE_FORMAT(3) static void judge(struct summary measured, double limit, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    keep(TARGET_AT_MOST, measured, limit, format, arguments);
    va_end(arguments);
}

JUDGE_FORMAT(3)
static void judge_least(struct summary measured, double limit, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    keep(TARGET_AT_LEAST, measured, limit, format, arguments);
    va_end(arguments);
}

/* That nobody is ahead: in a quarter of the rounds at least, the ratio is 1 or less. */
JUDGE_FORMAT(2) static void judge_ahead(struct summary ratio_to_it, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    keep(TARGET_WITHIN_QUARTILES, ratio_to_it, 1, format, arguments);
    va_end(arguments);
}

static struct summary of(const char *workload, size_t n, const char *name, const char *metric)
{
    return results_summary(plan_find_job(workload, n), plan_find_contender(name), metric);
}

static struct summary ratio(const char *workload, size_t n, const char *ours, const char *peer,
                            const char *metric)
{
    return results_ratio(plan_find_job(workload, n), plan_find_contender(ours),
                         plan_find_contender(peer), metric);
}

static struct summary single(double value)
{
    return (struct summary){isnan(value) ? 0U : 1U, value, value, value, value, value};
}

/* --- Of all sleeps ever, none early. Not the median: the worst round of the worst ------------- */

static double most_early(size_t contender)
{
    double most = NAN; /* fmax ignores it */

    for (size_t job = 0; job < PLAN_JOBS; job++)
        most = fmax(most, results_summary(job, contender, "early").most);
    return most;
}

static void judge_early(void)
{
    double most = NAN;

    for (size_t i = 0; i < PLAN_CONTENDERS; i++)
        if (plan_is_ours(&plan_contenders[i]))
            most = fmax(most, most_early(i));
    judge(single(most), 0, "early sleeps, the most in any run");
}

static void judge_punctuality(void)
{
    static const size_t n[] = {1, 1000, 10000};

    for (size_t i = 0; i < sizeof n / sizeof n[0]; i++) {
        judge(ratio("punctual", n[i], "edo-fd", "bare-each", "p50_ns"), 1.1,
              "%zu sleeps: p50 of edo-fd / bare-each", n[i]);
        judge(ratio("punctual", n[i], "edo-wheel", "bare-heap", "p50_ns"), 1.1,
              "%zu sleeps: p50 of edo-wheel / bare-heap", n[i]);
        judge(ratio("punctual", n[i], "edo-fd", "libevent-precise", "p99_ns"), 1,
              "%zu sleeps: p99 of edo-fd / libevent-precise", n[i]);
        judge(ratio("punctual", n[i], "edo-wheel", "libevent-precise", "p99_ns"), 1,
              "%zu sleeps: p99 of edo-wheel / libevent-precise", n[i]);
    }
}

/* What no peer offers, and what a task has to wait for beside one that works for 20 us. */
static void judge_beyond_the_kernel(void)
{
    static const size_t n[] = {1, 1000};

    for (size_t i = 0; i < sizeof n / sizeof n[0]; i++) {
        judge(of("punctual", n[i], "edo-wheel-spin", "p50_ns"), 1000,
              "%zu sleeps: p50 of edo-wheel-spin, ns", n[i]);
        judge(of("punctual", n[i], "edo-wheel-spin", "p99_ns"), 5000,
              "%zu sleeps: p99 of edo-wheel-spin, ns", n[i]);
    }
    judge(ratio("punctual_busy", 1000, "edo-wheel", "bare-heap", "p50_ns"), 1.1,
          "1000 sleeps beside a busy task: p50 of edo-wheel / bare-heap");
    judge(ratio("punctual_busy", 1000, "edo-wheel", "bare-heap", "p99_ns"), 1.1,
          "1000 sleeps beside a busy task: p99 of edo-wheel / bare-heap");
}

/* Against the peers that are as punctual: those that wake once a ms, and those that don't wait. */
static void judge_sleeps(void)
{
    static const size_t n[] = {10000, 100000, 1000000};
    const size_t exact[] = {plan_find_contender("libevent-precise"),
                            plan_find_contender("sd-event")};

    for (size_t i = 0; i < sizeof n / sizeof n[0]; i++) {
        judge(ratio("sleeps", n[i], "edo-timer-wheel-1ms", "libev", "cpu_ns"), 0.8,
              "%zu sleeps: CPU of edo-timer-wheel-1ms / libev", n[i]);
        judge(ratio("sleeps", n[i], "edo-wheel-1ms", "libev", "cpu_ns"), 1,
              "%zu sleeps: CPU of edo-wheel-1ms, tasks, / libev", n[i]);
        judge(results_ratio_to_best(plan_find_job("sleeps", n[i]),
                                    plan_find_contender("edo-timer-wheel"), exact, 2, "cpu_ns"),
              0.8, "%zu sleeps: CPU of edo-timer-wheel / the better of libevent-precise, sd-event",
              n[i]);
        judge(results_ratio_to_best(plan_find_job("sleeps", n[i]), plan_find_contender("edo-wheel"),
                                    exact, 2, "cpu_ns"),
              0.8, "%zu sleeps: CPU of edo-wheel, tasks, / the better of these", n[i]);
    }
    judge(ratio("sleeps", 1000000, "edo-wheel-1ms", "edo-timer-wheel-1ms", "cpu_ns"), 1.4,
          "1000000 sleeps: CPU of a task / of a bare timer, with 1 ms of slack");
    judge(ratio("sleeps", 1000000, "edo-wheel-1ms", "libev", "wakeups"), 1,
          "1000000 sleeps: wakeups of edo-wheel-1ms / libev");
    judge(ratio("sleeps", 1000000, "edo-wheel", "tokio", "cpu_ns"), 0.1,
          "1000000 sleeps: CPU of edo-wheel / tokio");
    judge(ratio("sleeps", 1000000, "edo-wheel-1ms", "tokio", "cpu_ns"), 0.1,
          "1000000 sleeps: CPU of edo-wheel-1ms / tokio, which wakes once a ms as well");
    judge(of("sleeps", 1000000, "edo-wheel", "bytes"), 192, "bytes for a task that sleeps");
    judge(of("sleeps", 1000000, "edo-timer-wheel", "bytes"), 64, "bytes for a timer");
}

/* --- Nobody who promises the same is ahead -----------------------------------------------------
 */

static const char *const exact_peers[] = {"uring", "libevent-precise", "sd-event", "asio", "smol",
                                          NULL};
static const char *const ms_peers[] = {"libuv", "libev", "libevent", "tokio", NULL};

/* Of those that were not early in any run: the one that is ahead most, or behind least. */
static void judge_same(const char *workload, size_t n, const char *ours, const char *const *peers,
                       const char *metric, const char *what)
{
    struct summary most = {0};
    const char *who = NULL;

    for (; *peers != NULL; peers++) {
        struct summary ratio_to_it = ratio(workload, n, ours, *peers, metric);

        if (most_early(plan_find_contender(*peers)) != 0 || ratio_to_it.count == 0 ||
            (most.count > 0 && most.q1 >= ratio_to_it.q1))
            continue;
        most = ratio_to_it;
        who = *peers;
    }
    judge_ahead(most, "%zu sleeps: %s of %s / %s, never early either", n, what, ours, who);
}

static void judge_same_promise(void)
{
    static const struct {
        const char *ours;
        const char *const *peers;
    } promises[] = {{"edo-timer-wheel", exact_peers},
                    {"edo-wheel", exact_peers},
                    {"edo-timer-wheel-1ms", ms_peers},
                    {"edo-wheel-1ms", ms_peers}};
    static const size_t sleeps[] = {10000, 100000, 1000000}, punctual[] = {1, 1000, 10000};

    for (size_t i = 0; i < sizeof promises / sizeof promises[0]; i++)
        for (size_t k = 0; k < sizeof sleeps / sizeof sleeps[0]; k++) {
            judge_same("sleeps", sleeps[k], promises[i].ours, promises[i].peers, "cpu_ns", "CPU");
            judge_same("punctual", punctual[k], promises[i].ours, promises[i].peers, "p99_ns",
                       "p99");
        }
}

static void judge_operations(void)
{
    judge(ratio("rearm", 10000, "edo-timer-wheel", "libev", "op_ns"), 0.4,
          "re-arm one of 10000: edo / libev");
    judge(ratio("rearm_later", 10000, "edo-timer-wheel", "libev", "op_ns"), 0.4,
          "put one of 10000 off: edo / libev");
    judge(ratio("rearm_now", 10000, "edo-timer-wheel", "libev", "op_ns"), 0.6,
          "re-arm one of 10000 from now: edo / libev");
    judge(ratio("spawn", 100000, "edo", "tokio", "op_ns"), 0.12, "spawn and await: edo / tokio");
    judge(ratio("yield", 1000000, "edo", "tokio", "op_ns"), 0.16, "one yield: edo / tokio");
}

static void judge_echo(const char *workload)
{
    static const size_t n[] = {1, 100, 1000};

    for (size_t i = 0; i < sizeof n / sizeof n[0]; i++) {
        judge(ratio(workload, n[i], "edo-io", "bare-io", "cpu_ns"), 1.1,
              "%s, %zu connections: CPU of edo-io / bare-io", workload, n[i]);
        judge(ratio(workload, n[i], "edo-io", "libuv-io", "cpu_ns"), 1,
              "%s, %zu connections: CPU of edo-io / libuv-io", workload, n[i]);
        judge(ratio(workload, n[i], "edo-io", "tokio-io", "cpu_ns"), 0.8,
              "%s, %zu connections: CPU of edo-io / tokio-io", workload, n[i]);
    }
    judge(results_ratio_of_growth(plan_find_job(workload, 1000), plan_find_job(workload, 100),
                                  plan_find_contender("edo-io"), plan_find_contender("bare-io"),
                                  "cpu_ns"),
          1.1, "%s: CPU with 1000 connections / with 100, of edo-io / bare-io", workload);
}

static void judge_io(void)
{
    const size_t libraries[] = {plan_find_contender("libuv-io"), plan_find_contender("libevent-io"),
                                plan_find_contender("tokio-io")};

    judge_echo("echo");
    judge_echo("echo_16k");
    judge(results_ratio_to_best(plan_find_job("flood", 20), plan_find_contender("edo-io"),
                                libraries, sizeof libraries / sizeof libraries[0], "p99_ns"),
          1, "flood: p99 of edo-io / the best of libuv-io, libevent-io, tokio-io");
    judge(ratio("flood", 20, "edo-io", "bare-io", "p99_ns"), 1.2, "flood: p99 of edo-io / bare-io");
    judge(of("idle", 10000, "edo-io", "sizeof"), 512,
          "bytes of an idle connection's task, timeout, read and fd, without its buffer");
}

/* By CPU: it grows by what the threads cost each other. The time depends on who else is on the
 * machine. A message across is mostly the kernel's, for everybody. */
static void judge_threads(void)
{
    judge_least(of("two_threads", 100, "edo-threads", "by_cpu"), 1.9,
                "two_threads: messages of 2 threads / of 1, by CPU");
    judge_least(of("two_threads_sleeps", 1000, "edo-threads", "by_cpu"), 1.9,
                "two_threads_sleeps: sleeps of 2 threads / of 1, by CPU");
    judge(ratio("across", 1, "edo-across", "libuv-across", "op_ns"), 1,
          "across: edo-across / libuv-across");
    judge(ratio("across", 1, "edo-across", "tokio-threads", "op_ns"), 1,
          "across: edo-across / tokio-threads");
}

static void judge_demo(void)
{
    judge(of("demo", 1, "edo-demo", "over_ms"), 1.2, "demo: ms over 550");
    judge(ratio("demo", 1, "edo-demo", "tokio-demo", "cpu_ms"), 0.5, "demo: CPU of edo / tokio");
    judge(ratio("demo", 1, "edo-demo", "tokio-demo-current", "cpu_ms"), 0.8,
          "demo: CPU of edo / tokio's current-thread runtime");
    judge(of("demo", 1, "edo-demo", "first_ms"), 1.5, "demo: ms from start to first line");
    judge(of("demo", 1, "edo-demo", "file_kb"), 64, "demo: KB of the program, stripped");
}

static void judge_growth(void)
{
    static const struct {
        const char *workload, *contender, *metric;
    } curves[] = {{"rearm", "edo-timer-wheel", "op_ns"},
                  {"spawn", "edo", "op_ns"},
                  {"join", "edo", "op_ns"},
                  {"join_futures", "edo", "op_ns"},
                  {"sleeps", "edo-timer-wheel", "cpu_ns"},
                  {"sleeps", "edo-wheel", "cpu_ns"},
                  {"sleeps", "edo-wheel-1ms", "cpu_ns"}};

    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
        judge(single(results_slope(curves[i].workload, plan_find_contender(curves[i].contender),
                                   curves[i].metric)),
              1.05, "slope of %s: %s", curves[i].workload, curves[i].contender);
}

const struct target *report_targets(FILE *file, size_t *count)
{
    out = file;
    target_count = 0;
    fputs("\ntargets: the median, and in brackets the quartiles, of the rounds\n\n", file);
    judge_early();
    judge_punctuality();
    judge_beyond_the_kernel();
    judge_sleeps();
    judge_same_promise();
    judge_operations();
    judge_io();
    judge_threads();
    judge_demo();
    judge_growth();
    *count = target_count;
    return targets;
}
