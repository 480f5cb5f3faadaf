/* SPDX-License-Identifier: MIT */
#include "summary.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "say.h"
#include "views/terminal.h"

static const char *const names[PHASES] = {"sequential", "parallel", "sequential loop"};

static const char *const headings[PHASES] = {
    "Phase 1, sequential: await one future",
    "Phase 2, parallel: spawn three tasks and join them",
    "Phase 3, sequential loop: three items, each after the one before",
};

void summary_begin(struct summary *summary, enum phase phase, struct edo_context *cx)
{
    if (phase > 0)
        summary_end(summary);
    say_heading(headings[phase]);
    edo_trace_phase(cx->reactor->trace, names[phase]);
    summary->phase = phase;
    summary->sum_ns[phase] = summary->ideal_ns[phase] = 0;
    summary->began_ns[phase] = say_elapsed_ns();
}

void summary_end(struct summary *summary)
{
    summary->took_ns[summary->phase] = say_elapsed_ns() - summary->began_ns[summary->phase];
}

void summary_add(struct summary *summary, uint64_t slept_ns)
{
    uint64_t *ideal_ns = &summary->ideal_ns[summary->phase];

    summary->sum_ns[summary->phase] += slept_ns;
    if (summary->phase != PHASE_PARALLEL)
        *ideal_ns += slept_ns;
    else if (*ideal_ns < slept_ns)
        *ideal_ns = slept_ns;
}

static double ms(uint64_t ns)
{
    return (double)ns / 1e6;
}

static void print_row(const char *name, uint64_t ideal_ns, uint64_t took_ns, bool has_difference)
{
    printf("%-15s %6.1f ms %7.1f ms", name, ms(ideal_ns), ms(took_ns));
    if (has_difference)
        printf(" %+8.1f ms", ms(took_ns) - ms(ideal_ns));
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
    struct terminal terminal;
    bool has_difference;

    terminal_look(&terminal);
    has_difference = terminal.columns >= 50;
    printf("%-15s %9s %10s%s\n", "phase", "ideal", "measured",
           has_difference ? "  difference" : "");
    for (enum phase phase = 0; phase < PHASES; phase++) {
        print_row(names[phase], summary->ideal_ns[phase], summary->took_ns[phase], has_difference);
        if (phase == PHASE_PARALLEL)
            printf("%s(%.1f ms one after another)", terminal.columns >= 80 ? "   " : "\n  ",
                   ms(summary->sum_ns[phase]));
        putchar('\n');
        ideal_ns += summary->ideal_ns[phase];
    }
    print_row("in all", ideal_ns, total_ns, has_difference);
    printf("\n\nasleep in epoll_wait %.1f %%%cof the time",
           total_ns ? 100.0 * (double)asleep_ns / (double)total_ns : 0.0,
           terminal.columns >= 64 ? ' ' : '\n');
    if (is_virtual)
        printf(", which is virtual\n");
    else
        printf(", CPU time used %.1f ms\n", summary_cpu_ms());
}
