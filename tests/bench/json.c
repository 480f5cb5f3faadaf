/* SPDX-License-Identifier: MIT */
/* json.c - results.json: every value of every round, and what follows from them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plan.h"
#include "report.h"

struct writer {
    FILE *file;
    bool is_first; /* in the innermost list or object */
};

static void print_string(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', file);
        fputc((unsigned char)*text < ' ' ? ' ' : *text, file);
    }
    fputc('"', file);
}

static void print_number(FILE *file, double value)
{
    if (isfinite(value))
        fprintf(file, "%.9g", value);
    else
        fputs("null", file);
}

static void separate(struct writer *writer, const char *indent)
{
    fprintf(writer->file, "%s\n%s", writer->is_first ? "" : ",", indent);
    writer->is_first = false;
}

static void write_metric(const char *metric, const double *values, void *data)
{
    struct writer *writer = data;

    separate(writer, "        ");
    print_string(writer->file, metric);
    fputs(": [", writer->file);
    for (size_t round = 0, written = 0; round < RESULTS_ROUNDS; round++) {
        if (isnan(values[round]))
            continue;
        if (written++ > 0)
            fputs(", ", writer->file);
        print_number(writer->file, values[round]);
    }
    fputc(']', writer->file);
}

static void write_ratios(struct writer *writer, size_t job, size_t contender)
{
    const struct workload *workload = plan_find_workload(plan_jobs[job].workload);

    writer->is_first = true;
    for (const struct comparison *by = workload->comparisons; by->ours != NULL; by++) {
        struct summary ratio =
            results_ratio(job, plan_find_contender(by->ours), contender, by->metric);

        if (ratio.count == 0)
            continue;
        separate(writer, "        ");
        fprintf(writer->file, "{\"of\": \"%s\", \"metric\": \"%s\", \"median\": ", by->ours,
                by->metric);
        print_number(writer->file, ratio.median);
        fputs(", \"quartiles\": [", writer->file);
        print_number(writer->file, ratio.q1);
        fputs(", ", writer->file);
        print_number(writer->file, ratio.q3);
        fputs("]}", writer->file);
    }
}

static void write_cell(struct writer *writer, size_t job, size_t contender)
{
    separate(writer, "    ");
    fprintf(writer->file, "{\"workload\": \"%s\", \"n\": %zu, \"contender\": \"%s\",\n",
            plan_jobs[job].workload, plan_jobs[job].n, plan_contenders[contender].name);
    fputs("      \"rounds\": {", writer->file);
    writer->is_first = true;
    results_for_each(job, contender, write_metric, writer);
    fputs("},\n      \"ratio_to_this\": [", writer->file);
    write_ratios(writer, job, contender);
    fputs("]}", writer->file);
    writer->is_first = false;
}

static void write_slopes(struct writer *writer)
{
    writer->is_first = true;
    for (size_t i = 0; i < PLAN_WORKLOADS; i++) {
        for (size_t j = 0; plan_workloads[i].growth != NULL && j < PLAN_CONTENDERS; j++) {
            double slope = results_slope(plan_workloads[i].name, j, plan_workloads[i].growth);

            if (isnan(slope))
                continue;
            separate(writer, "    ");
            fprintf(writer->file, "{\"workload\": \"%s\", \"contender\": \"%s\", \"slope\": %.4f}",
                    plan_workloads[i].name, plan_contenders[j].name, slope);
        }
    }
}

static void write_targets(struct writer *writer, const struct target *targets, size_t count)
{
    writer->is_first = true;
    for (size_t i = 0; i < count; i++) {
        separate(writer, "    ");
        fputs("{\"target\": ", writer->file);
        print_string(writer->file, targets[i].what);
        fprintf(writer->file, ", \"bound\": \"%s\", \"limit\": ", target_bounds[targets[i].bound]);
        print_number(writer->file, targets[i].limit);
        fputs(", \"measured\": ", writer->file);
        print_number(writer->file, targets[i].measured.median);
        fprintf(writer->file, ", \"met\": %s}", targets[i].is_met ? "true" : "false");
    }
}

static void write_run(FILE *file, const struct report_run *run)
{
    const struct {
        const char *name, *text;
    } lines[] = {{"date", run->date},
                 {"machine", run->machine},
                 {"command", run->command},
                 {"absent", run->absent},
                 {"left_out", run->left_out}};

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        fprintf(file, "  \"%s\": ", lines[i].name);
        print_string(file, lines[i].text);
        fputs(",\n", file);
    }
    fprintf(file, "  \"rounds\": %u,\n  \"seconds\": %.0f,\n", run->rounds, run->seconds);
}

void report_json(FILE *file, const struct report_run *run, const struct target *targets,
                 size_t count)
{
    struct writer writer = {.file = file, .is_first = true};

    fputs("{\n", file);
    write_run(file, run);
    fputs("  \"results\": [", file);
    for (size_t job = 0; job < PLAN_JOBS; job++)
        for (size_t contender = 0; contender < PLAN_CONTENDERS; contender++)
            if (results_has(job, contender))
                write_cell(&writer, job, contender);
    fputs("],\n  \"slopes\": [", file);
    write_slopes(&writer);
    fputs("],\n  \"targets\": [", file);
    write_targets(&writer, targets, count);
    fputs("]\n}\n", file);
}
