/* SPDX-License-Identifier: MIT */
/* plan.c - who is measured at what. */
#include "plan.h"

#include <assert.h>
#include <string.h>

#define K ((size_t)1000)
#define M ((size_t)1000000)

#define TIMERS (PLAN_SLEEPS | PLAN_REARMS)
#define TASKS (PLAN_TASKS | PLAN_YIELDS)
#define IO (PLAN_SERVERS | PLAN_REMOTE | PLAN_OFFLOAD)

#define BLUE "#1f6fc4"
#define GREEN "#2e9e44"
#define BLACK "#222222"
#define ORANGE "#f58518"
#define RED "#d62728"
#define GOLD "#a8890c"
#define PURPLE "#8e5bb5"
#define PINK "#e0409f"
#define BROWN "#8c4a2f"
#define TEAL "#12a5a5"
#define GREY "#9a9a9a"

#define DOTTED "2 3"
#define DASHED "8 4"

/* The names beginning with edo-timer are the reactor's timers, what a callback library offers;
 * edo-fd and edo-wheel are tasks that sleep. */
const struct contender plan_contenders[PLAN_CONTENDERS] = {
    {"edo-fd", "edo_sleeps", "fd", "edo", PLAN_SLEEPS, M, 192, BLUE, DOTTED},
    {"edo-wheel", "edo_sleeps", "wheel", "edo", PLAN_SLEEPS, 10 * M, 192, BLUE, NULL},
    {"edo-wheel-1ms", "edo_sleeps", "wheel-1ms", "edo", PLAN_SLEEPS, 10 * M, 192, BLUE, DASHED},
    {"edo-wheel-spin", "edo_sleeps", "wheel-spin", "edo", PLAN_SLEEPS, K, 192, BLUE, "8 2 2 2"},
    {"edo-timer-fd", "edo_timers", "fd", "edo", TIMERS, M, 64, GREEN, DOTTED},
    {"edo-timer-wheel", "edo_timers", "wheel", "edo", TIMERS, 10 * M, 64, GREEN, NULL},
    {"edo-timer-wheel-1ms", "edo_timers", "wheel-1ms", "edo", TIMERS, 10 * M, 64, GREEN, DASHED},
    {"bare-each", "bare", "each", "bare", TIMERS, M, 0, BLACK, DOTTED},
    {"bare-heap", "bare", "heap", "bare", TIMERS, M, 24, BLACK, NULL},
    {"uring", "uring", "-", "io_uring", TIMERS, M, 400, BROWN, NULL},
    {"libuv", "libuv", "-", "libuv", TIMERS, M, 152, ORANGE, NULL},
    {"libev", "libev", "-", "libev", TIMERS, 10 * M, 64, RED, NULL},
    {"libevent", "libevent", "default", "libevent", TIMERS, M, 136, GOLD, DASHED},
    {"libevent-precise", "libevent", "precise", "libevent", TIMERS, M, 136, GOLD, NULL},
    {"sd-event", "sd_event", "-", "sd-event", TIMERS, M, 352, PURPLE, NULL},
    {"asio", "asio", "-", "asio", TIMERS | PLAN_YIELDS, M, 272, TEAL, NULL},
    {"tokio", "tokio/release/tokio-bench", "-", "tokio", TIMERS | TASKS, 10 * M, 1300, PINK, NULL},
    {"smol", "smol/release/smol-bench", "-", "smol", TIMERS | TASKS, M, 310, GREY, NULL},
    {"edo", "edo_tasks", "fd", "edo", TASKS, 0, 0, BLUE, NULL},
    {"edo-io", "edo_io", "-", "edo", IO, 0, 0, BLUE, NULL},
    {"bare-io", "bare_io", "-", "bare", IO, 0, 0, BLACK, NULL},
    {"uring-io", "uring_io", "-", "io_uring", PLAN_SERVERS, 0, 0, BROWN, NULL},
    {"libuv-io", "libuv_io", "-", "libuv", IO, 0, 0, ORANGE, NULL},
    {"libevent-io", "libevent_io", "-", "libevent", PLAN_SERVERS | PLAN_REMOTE, 0, 0, GOLD, NULL},
    {"asio-io", "asio_io", "-", "asio", IO, 0, 0, TEAL, NULL},
    {"tokio-io", "tokio/release/tokio-io", "-", "tokio", IO, 0, 0, PINK, NULL},
    {"smol-io", "smol/release/smol-io", "-", "smol", IO, 0, 0, GREY, NULL},
    {"edo-demo", "edo/demo", NULL, "edo", PLAN_DEMO, 0, 0, BLUE, NULL},
    {"edo-demo-wheel", "edo/demo", "--timers=wheel", "edo", PLAN_DEMO, 0, 0, BLUE, DASHED},
    {"tokio-demo", "tokio/release/demo", NULL, "tokio", PLAN_DEMO, 0, 0, PINK, NULL},
    {"tokio-demo-current", "tokio/release/demo_current_thread", NULL, "tokio", PLAN_DEMO, 0, 0,
     PINK, DASHED},
    {"edo-threads", "edo_threads", "-", "edo", PLAN_THREADS, 0, 0, BLUE, NULL},
    {"edo-across", "edo_across", "-", "edo", PLAN_ACROSS, 0, 0, BLUE, NULL},
    {"bare-across", "bare_across", "-", "bare", PLAN_ACROSS, 0, 0, BLACK, NULL},
    {"libuv-across", "libuv_across", "-", "libuv", PLAN_ACROSS, 0, 0, ORANGE, NULL},
    {"tokio-loops", "tokio/release/tokio-io", "loops", "tokio", PLAN_ACROSS, 0, 0, PINK, DASHED},
    {"tokio-threads", "tokio/release/tokio-io", "threads", "tokio", PLAN_ACROSS, 0, 0, PINK, NULL},
};

const struct workload plan_workloads[PLAN_WORKLOADS] = {
    {"punctual",
     "lateness of n concurrent sleeps of 1 to 200 ms, each from its own deadline\n"
     "  (CLOCK_MONOTONIC as it wakes, less CLOCK_MONOTONIC as it was started and its delay;\n"
     "  n = 1: 64 of up to 30 ms, one after another)",
     PLAN_SLEEPS,
     {{"early", "early", 1},
      {"p50_ns", "p50 us", 1e3},
      {"p99_ns", "p99 us", 1e3},
      {"max_ns", "max us", 1e3},
      {"cpu_percent", "cpu %", 1}},
     {{"edo-fd", "p50_ns", "its p50 / this"},
      {"edo-wheel", "p50_ns", "its p50 / this"},
      {"edo-wheel", "p99_ns", "its p99 / this"}},
     NULL,
     NULL},
    {"punctual_busy",
     "the same beside something that works for 20 us in every turn of the loop",
     PLAN_SLEEPS,
     {{"early", "early", 1},
      {"p50_ns", "p50 us", 1e3},
      {"p99_ns", "p99 us", 1e3},
      {"max_ns", "max us", 1e3}},
     {{"edo-fd", "p50_ns", "its p50 / this"},
      {"edo-wheel", "p50_ns", "its p50 / this"},
      {"edo-wheel", "p99_ns", "its p99 / this"}},
     NULL,
     NULL},
    {"sleeps",
     "n sleeps spread over 1 s: CPU and peak memory for each, all counted from before the first is "
     "made\n  (CLOCK_PROCESS_CPUTIME_ID, VmHWM, voluntary context switches)",
     PLAN_SLEEPS,
     {{"cpu_ns", "cpu ns", 1}, {"wakeups", "wakeups", 1}, {"bytes", "bytes", 1}},
     {{"edo-timer-wheel", "cpu_ns", "its cpu / this"},
      {"edo-timer-wheel-1ms", "cpu_ns", "its cpu / this"},
      {"edo-wheel", "cpu_ns", "its cpu / this"}},
     "cpu_ns",
     "ns of CPU for a sleep"},
    {"rearm",
     "give one of n pending timers another deadline, from the time the loop has kept\n"
     "  (CLOCK_MONOTONIC over 0.1 s of them; whose libraries keep no time, read it)",
     PLAN_REARMS,
     {{"op_ns", "ns", 1}},
     {{"edo-timer-wheel", "op_ns", "its ns / this"}},
     "op_ns",
     "ns to re-arm one of n"},
    {"rearm_later",
     "the same, where each deadline is later than all before, as of idle timeouts",
     PLAN_REARMS,
     {{"op_ns", "ns", 1}},
     {{"edo-timer-wheel", "op_ns", "its ns / this"}},
     NULL,
     NULL},
    {"rearm_now",
     "the first from now: the clock is read each time",
     PLAN_REARMS,
     {{"op_ns", "ns", 1}},
     {{"edo-timer-wheel", "op_ns", "its ns / this"}},
     "op_ns",
     "ns to re-arm one of n, from now"},
    {"cancel",
     "start one more than n pending timers, and stop it (CLOCK_MONOTONIC over 0.1 s of them)",
     PLAN_REARMS,
     {{"op_ns", "ns", 1}},
     {{"edo-timer-wheel", "op_ns", "its ns / this"}},
     "op_ns",
     "ns to arm and cancel beside n"},
    {"spawn",
     "spawn a task and await it, n times (CLOCK_MONOTONIC, as all that follow)",
     PLAN_TASKS,
     {{"op_ns", "ns", 1}},
     {{"edo", "op_ns", "its ns / this"}},
     "op_ns",
     "ns to spawn and await"},
    {"join",
     "spawn n tasks, each of which yields once, and await them all",
     PLAN_TASKS,
     {{"op_ns", "ns", 1}},
     {{"edo", "op_ns", "its ns / this"}},
     "op_ns",
     "ns for each of n tasks joined"},
    {"join_futures",
     "join n futures in one task, each of which yields once (Tokio, smol: futures::join_all)",
     PLAN_TASKS,
     {{"op_ns", "ns", 1}},
     {{"edo", "op_ns", "its ns / this"}},
     "op_ns",
     "ns for each of n futures joined"},
    {"yield",
     "one task yields n times (Asio: n times post)",
     PLAN_YIELDS,
     {{"op_ns", "ns", 1}},
     {{"edo", "op_ns", "its ns / this"}},
     NULL,
     NULL},
    {"channel",
     "two tasks send a number to and fro n times, through channels of one place",
     PLAN_TASKS,
     {{"op_ns", "ns", 1}},
     {{"edo", "op_ns", "its ns / this"}},
     NULL,
     NULL},
    {"echo",
     "a server writes back messages of 64 B, one at a time from each of n connections\n"
     "  (CLOCK_PROCESS_CPUTIME_ID of the server for each; CLOCK_MONOTONIC of the client)",
     PLAN_SERVERS,
     {{"cpu_ns", "cpu ns", 1},
      {"per_s", "a second", 1},
      {"p50_ns", "p50 us", 1e3},
      {"p99_ns", "p99 us", 1e3}},
     {{"edo-io", "cpu_ns", "its cpu / this"}, {"edo-io", "p99_ns", "its p99 / this"}},
     "cpu_ns",
     "ns of CPU for a message of 64 B, by connections"},
    {"echo_16k",
     "the same with messages of 16 KB",
     PLAN_SERVERS,
     {{"cpu_ns", "cpu ns", 1},
      {"per_s", "a second", 1},
      {"p50_ns", "p50 us", 1e3},
      {"p99_ns", "p99 us", 1e3}},
     {{"edo-io", "cpu_ns", "its cpu / this"}, {"edo-io", "p99_ns", "its p99 / this"}},
     "cpu_ns",
     "ns of CPU for a message of 16 KB, by connections"},
    {"connect",
     "connect, exchange 64 B, close, n at a time (as echo; for each connection)",
     PLAN_SERVERS,
     {{"cpu_ns", "cpu ns", 1},
      {"per_s", "a second", 1},
      {"p50_ns", "p50 us", 1e3},
      {"p99_ns", "p99 us", 1e3}},
     {{"edo-io", "cpu_ns", "its cpu / this"}},
     NULL,
     NULL},
    {"flood",
     "n connections exchange 64 B beside one that writes and reads as much as it can\n"
     "  (as echo; the times are those of the n)",
     PLAN_SERVERS,
     {{"per_s", "a second", 1},
      {"p50_ns", "p50 us", 1e3},
      {"p99_ns", "p99 us", 1e3},
      {"flood_mb_s", "flood MB/s", 1}},
     {{"edo-io", "p50_ns", "its p50 / this"}, {"edo-io", "p99_ns", "its p99 / this"}},
     NULL,
     NULL},
    {"idle",
     "n connections say nothing, each with a timeout of 60 s and a buffer of 64 B: memory for "
     "each\n"
     "  (RssAnon of the server; fewer are held where the fds don't suffice; edo's struct without "
     "the buffer)",
     PLAN_SERVERS,
     {{"bytes", "bytes", 1}, {"sizeof", "its struct", 1}, {"held", "held", 1}},
     {{"edo-io", "bytes", "its bytes / this"}},
     NULL,
     NULL},
    {"remote",
     "a thread wakes the loop, which answers by a semaphore (CLOCK_MONOTONIC over 0.2 s of them)",
     PLAN_REMOTE,
     {{"op_ns", "ns", 1}},
     {{"edo-io", "op_ns", "its ns / this"}},
     NULL,
     NULL},
    {"offload",
     "a call that does nothing, on a pool of threads and back (CLOCK_MONOTONIC over 0.2 s of them)",
     PLAN_OFFLOAD,
     {{"op_ns", "ns", 1}},
     {{"edo-io", "op_ns", "its ns / this"}},
     NULL,
     NULL},
    {"demo",
     "the three phases of the demo, as seen from outside; not pinned\n"
     "  (CLOCK_MONOTONIC from the spawn on, rusage, VmHWM, strace -f, strip)",
     PLAN_DEMO,
     {{"over_ms", "over 550 ms", 1},
      {"cpu_ms", "cpu ms", 1},
      {"first_ms", "1st line ms", 1},
      {"calls", "syscalls", 1},
      {"futex", "futex", 1},
      {"rss_kib", "peak KiB", 1},
      {"file_kb", "file KB", 1}},
     {{"edo-demo", "cpu_ms", "its cpu / this"}, {"edo-demo", "over_ms", "its over / this"}},
     NULL,
     NULL},
    {"two_threads",
     "echo as above, n pairs of client and server in a thread, all listeners at one port: two "
     "threads beside one\n"
     "  (CLOCK_MONOTONIC over 0.2 s; CLOCK_THREAD_CPUTIME_ID, of both ends; machine: the same of a "
     "loop that counts)",
     PLAN_THREADS,
     {{"one_per_s", "1: a second", 1},
      {"two_per_s", "2: a second", 1},
      {"times", "times 1", 1},
      {"machine", "machine", 1},
      {"one_cpu_ns", "1: cpu ns", 1},
      {"two_cpu_ns", "2: cpu ns", 1},
      {"by_cpu", "by cpu", 1}},
     {{0}},
     NULL,
     NULL},
    {"two_threads_sleeps",
     "n tasks in a thread, each of which sleeps for 1 ns again and again: two threads beside one "
     "(as two_threads)",
     PLAN_THREADS,
     {{"one_per_s", "1: a second", 1},
      {"two_per_s", "2: a second", 1},
      {"times", "times 1", 1},
      {"machine", "machine", 1},
      {"one_cpu_ns", "1: cpu ns", 1},
      {"two_cpu_ns", "2: cpu ns", 1},
      {"by_cpu", "by cpu", 1}},
     {{0}},
     NULL,
     NULL},
    {"across",
     "a message to a loop on the other cpu and its answer (CLOCK_MONOTONIC over 0.2 s of them)",
     PLAN_ACROSS,
     {{"op_ns", "ns", 1}},
     {{"edo-across", "op_ns", "its ns / this"}},
     NULL,
     NULL},
};

const struct job plan_jobs[PLAN_JOBS] = {
    {"punctual", 1, 0, false},
    {"punctual", 1 * K, 0, true},
    {"punctual", 10 * K, 0, false},
    {"punctual_busy", 1, 0, false},
    {"punctual_busy", 1 * K, 0, false},
    {"punctual_busy", 10 * K, 0, false},
    {"sleeps", 1 * K, 0, false},
    {"sleeps", 10 * K, 0, true},
    {"sleeps", 100 * K, 0, false},
    {"sleeps", 1 * M, 3, false},
    {"sleeps", 10 * M, 1, false},
    {"rearm", 1 * K, 0, false},
    {"rearm", 10 * K, 0, true},
    {"rearm", 100 * K, 0, false},
    {"rearm", 1 * M, 0, false},
    {"rearm_later", 10 * K, 0, true},
    {"rearm_later", 1 * M, 0, false},
    {"rearm_now", 1 * K, 0, false},
    {"rearm_now", 10 * K, 0, false},
    {"rearm_now", 100 * K, 0, false},
    {"rearm_now", 1 * M, 0, false},
    {"cancel", 1 * K, 0, false},
    {"cancel", 10 * K, 0, true},
    {"cancel", 100 * K, 0, false},
    {"cancel", 1 * M, 0, false},
    {"spawn", 1 * K, 0, false},
    {"spawn", 10 * K, 0, false},
    {"spawn", 100 * K, 0, true},
    {"spawn", 1 * M, 0, false},
    {"join", 1 * K, 0, false},
    {"join", 10 * K, 0, false},
    {"join", 100 * K, 0, true},
    {"join", 1 * M, 0, false},
    {"join_futures", 1 * K, 0, false},
    {"join_futures", 10 * K, 0, false},
    {"join_futures", 100 * K, 0, true},
    {"join_futures", 1 * M, 0, false},
    {"yield", 1 * M, 0, true},
    {"channel", 1 * M, 0, true},
    {"echo", 1, 0, false},
    {"echo", 100, 0, true},
    {"echo", 1 * K, 0, false},
    {"echo_16k", 1, 0, false},
    {"echo_16k", 100, 0, false},
    {"echo_16k", 1 * K, 0, false},
    {"connect", 1, 0, false},
    {"flood", 20, 0, true},
    {"idle", 10 * K, 0, false},
    {"remote", 1, 0, true},
    {"offload", 1, 0, false},
    {"demo", 1, 0, true},
    {"two_threads", 100, 0, true},
    {"two_threads_sleeps", 1 * K, 0, true},
    {"across", 1, 0, true},
};

size_t plan_find_contender(const char *name)
{
    size_t i = 0;

    while (i < PLAN_CONTENDERS && strcmp(plan_contenders[i].name, name) != 0)
        i++;
    assert(i < PLAN_CONTENDERS);
    return i;
}

const struct workload *plan_find_workload(const char *name)
{
    size_t i = 0;

    while (i < PLAN_WORKLOADS && strcmp(plan_workloads[i].name, name) != 0)
        i++;
    assert(i < PLAN_WORKLOADS);
    return &plan_workloads[i];
}

size_t plan_find_job(const char *workload, size_t n)
{
    size_t i = 0;

    while (i < PLAN_JOBS && (plan_jobs[i].n != n || strcmp(plan_jobs[i].workload, workload) != 0))
        i++;
    assert(i < PLAN_JOBS);
    return i;
}

bool plan_is_ours(const struct contender *contender)
{
    return strncmp(contender->name, "edo", 3) == 0;
}
