/* SPDX-License-Identifier: MIT */
#include "summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include "say.h"
#include "views/model.h"
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

/* What there is room for. */
struct layout {
    bool has_late, has_difference;
    const char *before_note;
    const char *before_of; /* in the lines below the table */
    const char *before_watched;
};

static struct layout lay_out(void)
{
    struct terminal terminal;

    terminal_look(&terminal);
    return (struct layout){
        .has_late = terminal.columns >= 48,
        .has_difference = terminal.columns >= 60,
        .before_note = terminal.columns >= 91 ? "   " : "\n  ",
        .before_of = terminal.columns >= 64 ? " " : "\n",
        .before_watched = terminal.columns >= 70 ? " " : "\n",
    };
}

static void print_head(const struct layout *layout)
{
    printf("%-15s %9s %10s", "phase", "ideal", "measured");
    if (layout->has_difference)
        printf(" %11s", "difference");
    puts(layout->has_late ? "      late" : "");
}

static void print_row(const struct layout *layout, const char *name, uint64_t ideal_ns,
                      uint64_t took_ns, uint64_t late_ns)
{
    printf("%-15s %6.1f ms %7.1f ms", name, ms(ideal_ns), ms(took_ns));
    if (layout->has_difference)
        printf(" %+8.1f ms", ms(took_ns) - ms(ideal_ns));
    if (layout->has_late)
        printf(" %6.1f ms", ms(late_ns));
}

/* In which phase the trace is at a step; PHASES before the first. */
static enum phase phase_at(const struct model *model, size_t step)
{
    unsigned marks = 0;

    for (size_t i = 0; i < step && i < model->count; i++)
        marks += edo_trace_at(model->trace, i)->kind == EDO_TRACE_PHASE;
    return marks > 0 && marks <= PHASES ? (enum phase)(marks - 1) : PHASES;
}

/* Of each phase: how late the latest of its timers was. Without memory for the model: 0. */
static void find_latest(const struct edo_trace *trace, uint64_t late_ns[PHASES + 1])
{
    struct model model;

    if (!model_open(&model, trace))
        return;
    for (uint32_t i = 0; i < model.source_count; i++) {
        const struct model_source *timer = &model.sources[i];
        enum phase phase = phase_at(&model, timer->armed);

        if (timer->late.total_ns > late_ns[phase])
            late_ns[phase] = timer->late.total_ns;
    }
    model_close(&model);
}

double summary_cpu_ms(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static void print_table(const struct layout *layout, const struct summary *summary,
                        uint64_t total_ns, const struct edo_trace *trace)
{
    uint64_t late_ns[PHASES + 1] = {0}, ideal_ns = 0, latest_ns = 0;

    find_latest(trace, late_ns);
    print_head(layout);
    for (enum phase phase = 0; phase < PHASES; phase++) {
        print_row(layout, names[phase], summary->ideal_ns[phase], summary->took_ns[phase],
                  late_ns[phase]);
        if (phase == PHASE_PARALLEL)
            printf("%s(%.1f ms one after another)", layout->before_note,
                   ms(summary->sum_ns[phase]));
        putchar('\n');
        ideal_ns += summary->ideal_ns[phase];
        latest_ns = late_ns[phase] > latest_ns ? late_ns[phase] : latest_ns;
    }
    print_row(layout, "in all", ideal_ns, total_ns, latest_ns);
    puts("\n");
}

/* --- Watching the clock ----------------------------------------------------------------------- */

/* How long the host has let this machine's CPUs wait, in all (proc_stat(5): steal). In ms, 0 if the
 * kernel does not tell. */
static uint64_t stolen_ms(void)
{
    FILE *file = fopen("/proc/stat", "re");
    long per_s = sysconf(_SC_CLK_TCK);
    uint64_t ticks = 0;

    if (file == NULL)
        return 0;
    if (fscanf(file, "cpu %*u %*u %*u %*u %*u %*u %*u %" SCNu64, &ticks) != 1 || per_s <= 0)
        ticks = 0;
    fclose(file);
    return per_s > 0 ? ticks * 1000 / (uint64_t)per_s : 0;
}

static uint64_t stolen_before_ms;

void summary_count_stolen(void)
{
    stolen_before_ms = stolen_ms();
}

static double percent(uint64_t part_ns, uint64_t total_ns)
{
    return total_ns ? 100.0 * (double)part_ns / (double)total_ns : 0.0;
}

void summary_print_watched(const struct edo_reactor *reactor, uint64_t total_ns)
{
    printf("watched the clock %.2f %% of the time", percent(reactor->spin.spun_ns, total_ns));
}

void summary_print_stolen(const char *before)
{
    uint64_t stolen = stolen_ms();

    if (stolen > stolen_before_ms)
        printf(",%sstolen by the machine %" PRIu64 " ms", before, stolen - stolen_before_ms);
}

/* ---------------------------------------------------------------------------------------------- */

void summary_print(const struct summary *summary, const struct edo_reactor *reactor)
{
    uint64_t total_ns = say_elapsed_ns();
    const struct layout layout = lay_out();

    print_table(&layout, summary, total_ns, reactor->trace);
    printf("asleep in epoll_wait %.1f %%", percent(reactor->asleep_ns, total_ns));
    if (reactor->spin.spin_ns > 0) {
        printf(",%s", layout.before_watched);
        summary_print_watched(reactor, total_ns);
        printf(",\nCPU time used %.1f ms", summary_cpu_ms());
        summary_print_stolen(layout.before_of);
        putchar('\n');
        return;
    }
    printf("%sof the time", layout.before_of);
    if (reactor->clock.is_virtual)
        printf(", which is virtual\n");
    else
        printf(", CPU time used %.1f ms\n", summary_cpu_ms());
}
