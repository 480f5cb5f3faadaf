/* SPDX-License-Identifier: MIT */
/* io_workload.c - the workloads about input and output, for every peer that is written in C. */
#include "io_workload.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

#define NS_PER_S UINT64_C(1000000000)

_Noreturn void io_fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

_Noreturn void io_cannot(const char *why)
{
    fprintf(stderr, "%s\n", why);
    exit(MEASURE_CANNOT);
}

_Noreturn void io_absent(const char *why)
{
    fprintf(stderr, "%s\n", why);
    exit(MEASURE_ABSENT);
}

void *io_alloc(size_t size)
{
    void *memory = malloc(size);

    if (memory == NULL)
        io_fail("malloc");
    return memory;
}

/* --- How long operations take: 0.2 s of them, after 0.05 s that don't count ------------------- */

enum { LOOK_EACH = 64 };

static struct {
    uint64_t opened_ns, began_ns;
    uint64_t operations; /* all of them; after the warm-up those since then */
} timing;

static void begin_timing(void)
{
    timing.opened_ns = measure_now();
}

/* Counts one more. False: it was the last. The clock is not read each time. */
static bool count_operation(void)
{
    uint64_t now_ns = 0;

    if (++timing.operations % LOOK_EACH != 0)
        return true;
    now_ns = measure_now();
    if (timing.began_ns == 0 && now_ns - timing.opened_ns > NS_PER_S / 20) {
        timing.began_ns = now_ns;
        timing.operations = 0;
    }
    if (timing.began_ns == 0 || now_ns - timing.began_ns < NS_PER_S / 5)
        return true;
    measure_print("op_ns", (double)(now_ns - timing.began_ns) / (double)timing.operations);
    return false;
}

/* --- remote: a thread wakes the loop, and waits for its answer -------------------------------- */

static sem_t answered;
static atomic_bool is_over;

bool io_answer(void)
{
    if (atomic_load(&is_over))
        return false;
    sem_post(&answered);
    return true;
}

static void *post_again_and_again(void *unused)
{
    (void)unused;
    begin_timing();
    do {
        io_peer.post();
        sem_wait(&answered);
    } while (count_operation());
    atomic_store(&is_over, true);
    io_peer.post();
    return NULL;
}

static void remote(void)
{
    pthread_t thread;

    if (io_peer.open_remote == NULL)
        io_cannot("no way in for another thread");
    sem_init(&answered, 0, 0);
    io_peer.open_remote();
    if (pthread_create(&thread, NULL, post_again_and_again, NULL) != 0)
        io_fail("pthread_create");
    io_peer.run_remote();
    pthread_join(thread, NULL);
}

/* --- offload: a call on the pool, one after another ------------------------------------------- */

void io_blocking(void)
{
}

bool io_returned(void)
{
    return count_operation();
}

static void offload(void)
{
    if (io_peer.run_offload == NULL)
        io_cannot("no pool");
    begin_timing();
    io_peer.run_offload();
}

/* --- The servers: load.c is at the other end -------------------------------------------------- */

static void serve(void)
{
    io_peer.serve(&(struct io_service){.buffer_size = 16384});
}

/* A small buffer, since it is the rest of a connection that is looked at. */
static void serve_idle(void)
{
    io_peer.serve(&(struct io_service){.buffer_size = 64, .timeout_ns = 60 * NS_PER_S});
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } workloads[] = {{"echo", serve},      {"echo_16k", serve}, {"connect", serve},
                     {"idle", serve_idle}, {"flood", serve},    {"remote", remote},
                     {"offload", offload}};

    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; argc >= 3 && i < sizeof workloads / sizeof workloads[0]; i++) {
        if (strcmp(argv[2], workloads[i].name) != 0)
            continue;
        workloads[i].run();
        return EXIT_SUCCESS;
    }
    fputs("usage: PROGRAM VARIANT echo|echo_16k|connect|idle|flood|remote|offload N\n", stderr);
    return EXIT_FAILURE;
}
