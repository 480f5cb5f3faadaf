/* SPDX-License-Identifier: MIT */
#include "across.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "measure.h"
#include "two_cpus.h"

#define NS_PER_S UINT64_C(1000000000)

static size_t cpus[2];
static atomic_bool is_over;

_Noreturn void across_fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

/* Of loop 0: 0.2 s of messages and answers, after 0.05 s that don't count. */
static struct {
    uint64_t opened_ns, began_ns;
    uint64_t answers;
} timing;

/* Counts one more. False: it was the last. */
static bool count_answer(void)
{
    uint64_t now_ns = 0;

    if (++timing.answers % 64 != 0)
        return true;
    now_ns = measure_now();
    if (timing.began_ns == 0 && now_ns - timing.opened_ns > NS_PER_S / 20) {
        timing.began_ns = now_ns;
        timing.answers = 0;
    }
    if (timing.began_ns == 0 || now_ns - timing.began_ns < NS_PER_S / 5)
        return true;
    measure_print("op_ns", (double)(now_ns - timing.began_ns) / (double)timing.answers);
    return false;
}

bool across_woken(unsigned loop)
{
    bool goes_on = loop == 0 ? count_answer() : !atomic_load(&is_over);

    if (loop == 0 && !goes_on)
        atomic_store(&is_over, true);
    if (loop == 0 || goes_on)
        across_peer.post(!loop);
    return goes_on;
}

static void *run_second(void *unused)
{
    two_cpus_pin(cpus[1]);
    across_peer.run(1);
    return unused;
}

int main(void)
{
    pthread_t thread;

    two_cpus_find(cpus);
    across_peer.open(0);
    across_peer.open(1);
    if (pthread_create(&thread, NULL, run_second, NULL) != 0)
        across_fail("pthread_create");
    two_cpus_pin(cpus[0]);
    timing.opened_ns = measure_now();
    across_peer.post(1);
    across_peer.run(0);
    pthread_join(thread, NULL);
    return EXIT_SUCCESS;
}
