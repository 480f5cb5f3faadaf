#include "summary.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "say.h"

const char *summary_phase_name(enum phase phase)
{
    static const char *const names[PHASES] = {"sequential", "parallel", "sequential loop"};

    return names[phase];
}

void summary_begin(struct summary *summary, enum phase phase)
{
    summary->ideal_ns[phase] = 0;
    summary->began_ns[phase] = say_elapsed_ns();
}

void summary_end(struct summary *summary, enum phase phase)
{
    summary->took_ns[phase] = say_elapsed_ns() - summary->began_ns[phase];
}

static double ms(uint64_t ns)
{
    return (double)ns / 1e6;
}

static void print_row(const char *name, uint64_t ideal_ns, uint64_t took_ns)
{
    printf("%-15s %6.1f ms %7.1f ms %+8.1f ms", name, ms(ideal_ns), ms(took_ns),
           ms(took_ns) - ms(ideal_ns));
}

double summary_cpu_ms(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

void summary_print(const struct summary *summary, uint64_t total_ns, uint64_t asleep_ns,
                   bool is_virtual)
{
    uint64_t ideal_ns = 0;

    printf("%-15s %9s %10s %11s\n", "phase", "ideal", "measured", "difference");
    for (enum phase phase = 0; phase < PHASES; phase++) {
        print_row(summary_phase_name(phase), summary->ideal_ns[phase], summary->took_ns[phase]);
        if (phase == PHASE_PARALLEL)
            printf("   (%.1f ms one after another)", ms(summary->one_by_one_ns));
        putchar('\n');
        ideal_ns += summary->ideal_ns[phase];
    }
    print_row("in all", ideal_ns, total_ns);
    printf("\n\nasleep in epoll_wait %.1f %% of the time",
           total_ns ? 100.0 * (double)asleep_ns / (double)total_ns : 0.0);
    if (is_virtual)
        printf(", which is virtual\n");
    else
        printf(", CPU time used %.1f ms\n", summary_cpu_ms());
}
