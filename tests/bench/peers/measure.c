/* SPDX-License-Identifier: MIT */
/* measure.c - clocks, and what a process has used. */
#include "measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static uint64_t read_clock(clockid_t id)
{
    struct timespec time;

    clock_gettime(id, &time);
    return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

uint64_t measure_now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static uint64_t read_peak_kib(void)
{
    FILE *status = fopen("/proc/self/status", "re");
    unsigned long kib = 0;
    char line[128];

    if (status == NULL)
        return 0;
    while (fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "VmHWM: %lu kB", &kib) == 1)
            break;
    fclose(status);
    return kib;
}

struct usage measure_usage(void)
{
    struct rusage rusage;

    getrusage(RUSAGE_SELF, &rusage);
    return (struct usage){.cpu_ns = read_clock(CLOCK_PROCESS_CPUTIME_ID),
                          .wakeups = (uint64_t)rusage.ru_nvcsw,
                          .peak_kib = read_peak_kib()};
}

void measure_print(const char *metric, double value)
{
    printf("%s %.9g\n", metric, value);
}

static int compare(const void *a, const void *b)
{
    const int64_t *left = (const int64_t *)a, *right = (const int64_t *)b;

    return (*left > *right) - (*left < *right);
}

static int64_t percentile(const int64_t *sorted, size_t count, size_t percent)
{
    size_t place = (count - 1) * percent / 100;

    return sorted[place];
}

void measure_print_times(int64_t *times_ns, size_t count)
{
    qsort(times_ns, count, sizeof *times_ns, compare);
    measure_print("p50_ns", (double)percentile(times_ns, count, 50));
    measure_print("p99_ns", (double)percentile(times_ns, count, 99));
}

void measure_print_lateness(int64_t *late_ns, size_t count)
{
    size_t early = 0;

    qsort(late_ns, count, sizeof *late_ns, compare);
    while (early < count && late_ns[early] < 0)
        early++;
    measure_print("early", (double)early);
    measure_print("p50_ns", (double)percentile(late_ns, count, 50));
    measure_print("p99_ns", (double)percentile(late_ns, count, 99));
    measure_print("max_ns", (double)percentile(late_ns, count, 100));
    for (size_t percent = 0; percent <= 100; percent++)
        printf("q%zu %lld\n", percent, (long long)percentile(late_ns, count, percent));
}
