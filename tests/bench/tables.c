/* SPDX-License-Identifier: MIT */
/* tables.c - a table for each job: medians, and how much of each contender's ours takes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plan.h"
#include "report.h"

enum { NAME_WIDTH = 20, VALUE_WIDTH = 13, RATIO_WIDTH = 22 };

static bool is_measured(size_t job)
{
    for (size_t i = 0; i < PLAN_CONTENDERS; i++)
        if (results_has(job, i))
            return true;
    return false;
}

/* Three digits or so, whatever the size; whole numbers as they are. */
static int decimals(double value)
{
    if (value == floor(value) || fabs(value) >= 100)
        return 0;
    return fabs(value) < 10 ? 2 : 1;
}

static void print_value(FILE *file, double value)
{
    if (isnan(value))
        fprintf(file, "%*s", VALUE_WIDTH, "-");
    else
        fprintf(file, "%*.*f", VALUE_WIDTH, decimals(value), value);
}

static void print_ratio(FILE *file, struct summary ratio)
{
    int digits = fabs(ratio.q3) < 100 ? 2 : 0;
    char text[64];

    if (ratio.count == 0)
        snprintf(text, sizeof text, "-");
    else
        snprintf(text, sizeof text, "%.*f [%.*f %.*f]", digits, ratio.median, digits, ratio.q1,
                 digits, ratio.q3);
    fprintf(file, "%*s", RATIO_WIDTH, text);
}

/* Two lines: of the comparisons, who is compared stands above what is. */
static void print_heading(FILE *file, const struct workload *workload)
{
    int width = NAME_WIDTH;

    for (const struct column *column = workload->columns; column->metric != NULL; column++)
        width += VALUE_WIDTH;
    fprintf(file, "%*s", width, "");
    for (const struct comparison *by = workload->comparisons; by->ours != NULL; by++)
        fprintf(file, "%*s", RATIO_WIDTH, by->ours);
    fprintf(file, "\n%-*s", NAME_WIDTH, "");
    for (const struct column *column = workload->columns; column->metric != NULL; column++)
        fprintf(file, "%*s", VALUE_WIDTH, column->heading);
    for (const struct comparison *by = workload->comparisons; by->ours != NULL; by++)
        fprintf(file, "%*s", RATIO_WIDTH, by->label);
    fputc('\n', file);
}

static void print_row(FILE *file, const struct workload *workload, size_t job, size_t contender)
{
    fprintf(file, "%-*s", NAME_WIDTH, plan_contenders[contender].name);
    for (const struct column *column = workload->columns; column->metric != NULL; column++)
        print_value(file, results_summary(job, contender, column->metric).median / column->scale);
    for (const struct comparison *by = workload->comparisons; by->ours != NULL; by++)
        print_ratio(file, results_ratio(job, plan_find_contender(by->ours), contender, by->metric));
    fputc('\n', file);
}

static bool has_slope(size_t contender)
{
    for (size_t i = 0; i < PLAN_WORKLOADS; i++)
        if (plan_workloads[i].growth != NULL &&
            !isnan(results_slope(plan_workloads[i].name, contender, plan_workloads[i].growth)))
            return true;
    return false;
}

static void print_slopes_of(FILE *file, size_t contender)
{
    fprintf(file, "%-*s", NAME_WIDTH, plan_contenders[contender].name);
    for (size_t i = 0; i < PLAN_WORKLOADS; i++)
        if (plan_workloads[i].growth != NULL)
            print_value(file,
                        results_slope(plan_workloads[i].name, contender, plan_workloads[i].growth));
    fputc('\n', file);
}

static void print_slopes(FILE *file)
{
    fprintf(file,
            "\nslopes: what all of n take over n, log-log; 1.00 where each takes the same\n\n");
    fprintf(file, "%-*s", NAME_WIDTH, "");
    for (size_t i = 0; i < PLAN_WORKLOADS; i++)
        if (plan_workloads[i].growth != NULL)
            fprintf(file, "%*s", VALUE_WIDTH, plan_workloads[i].name);
    fputc('\n', file);
    for (size_t contender = 0; contender < PLAN_CONTENDERS; contender++)
        if (has_slope(contender))
            print_slopes_of(file, contender);
}

void report_tables(FILE *file)
{
    const char *last = "";

    for (size_t job = 0; job < PLAN_JOBS; job++) {
        const struct workload *workload = plan_find_workload(plan_jobs[job].workload);

        if (!is_measured(job))
            continue;
        if (strcmp(last, workload->name) != 0)
            fprintf(file, "\n%s: %s\n", workload->name, workload->title);
        last = workload->name;
        fprintf(file, "\n%s, n = %zu\n", workload->name, plan_jobs[job].n);
        print_heading(file, workload);
        for (size_t i = 0; i < PLAN_CONTENDERS; i++)
            if (results_has(job, i))
                print_row(file, workload, job, i);
    }
    print_slopes(file);
}
