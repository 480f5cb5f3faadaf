/* SPDX-License-Identifier: MIT */
/* results.c - what has been measured. */
#include "results.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

struct metric {
    char name[16];
    double values[RESULTS_ROUNDS];
};

static struct cell {
    struct metric *metrics;
    size_t count;
} cells[PLAN_JOBS][PLAN_CONTENDERS];

static struct metric *find(const struct cell *cell, const char *name)
{
    for (size_t i = 0; i < cell->count; i++)
        if (strcmp(cell->metrics[i].name, name) == 0)
            return &cell->metrics[i];
    return NULL;
}

static struct metric *append(struct cell *cell, const char *name)
{
    struct metric *metrics = realloc(cell->metrics, (cell->count + 1) * sizeof *metrics);
    struct metric *metric = NULL;

    if (metrics == NULL) {
        perror("bench");
        exit(EXIT_FAILURE);
    }
    cell->metrics = metrics;
    metric = &metrics[cell->count++];
    snprintf(metric->name, sizeof metric->name, "%s", name);
    for (size_t round = 0; round < RESULTS_ROUNDS; round++)
        metric->values[round] = NAN;
    return metric;
}

void results_add(size_t job, size_t contender, const char *metric, unsigned round, double value)
{
    struct cell *cell = &cells[job][contender];
    struct metric *found = find(cell, metric);

    if (found == NULL)
        found = append(cell, metric);
    found->values[round] = value;
}

const double *results_values(size_t job, size_t contender, const char *metric)
{
    const struct metric *found = find(&cells[job][contender], metric);

    return found == NULL ? NULL : found->values;
}

bool results_has(size_t job, size_t contender)
{
    return cells[job][contender].count > 0;
}

void results_for_each(size_t job, size_t contender,
                      void (*each)(const char *metric, const double *values, void *data),
                      void *data)
{
    const struct cell *cell = &cells[job][contender];

    for (size_t i = 0; i < cell->count; i++)
        each(cell->metrics[i].name, cell->metrics[i].values, data);
}

static int compare(const void *a, const void *b)
{
    const double *left = (const double *)a, *right = (const double *)b;

    return (*left > *right) - (*left < *right);
}

/* Between two values, in proportion. */
static double quantile(const double *sorted, size_t count, double fraction)
{
    double place = fraction * (double)(count - 1);
    size_t below = (size_t)place;
    size_t above = below + 1 < count ? below + 1 : below;

    return sorted[below] + (place - (double)below) * (sorted[above] - sorted[below]);
}

static struct summary summarize(const double *values)
{
    double sorted[RESULTS_ROUNDS];
    size_t count = 0;

    for (size_t round = 0; round < RESULTS_ROUNDS; round++)
        if (!isnan(values[round]))
            sorted[count++] = values[round];
    if (count == 0)
        return (struct summary){0, NAN, NAN, NAN, NAN, NAN};
    qsort(sorted, count, sizeof *sorted, compare);
    return (struct summary){.count = count,
                            .least = sorted[0],
                            .q1 = quantile(sorted, count, 0.25),
                            .median = quantile(sorted, count, 0.5),
                            .q3 = quantile(sorted, count, 0.75),
                            .most = sorted[count - 1]};
}

static const double *values_or_none(size_t job, size_t contender, const char *metric)
{
    static const double none[RESULTS_ROUNDS] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN,
                                                NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    const double *values = results_values(job, contender, metric);

    return values == NULL ? none : values;
}

struct summary results_summary(size_t job, size_t contender, const char *metric)
{
    return summarize(values_or_none(job, contender, metric));
}

struct summary results_ratio_to_best(size_t job, size_t a, const size_t *others, size_t count,
                                     const char *metric)
{
    const double *values = values_or_none(job, a, metric);
    double ratios[RESULTS_ROUNDS];

    for (size_t round = 0; round < RESULTS_ROUNDS; round++) {
        double best = NAN; /* fmin ignores it */

        for (size_t i = 0; i < count; i++)
            best = fmin(best, values_or_none(job, others[i], metric)[round]);
        ratios[round] = values[round] > 0 && best > 0 ? values[round] / best : NAN;
    }
    return summarize(ratios);
}

struct summary results_ratio(size_t job, size_t a, size_t b, const char *metric)
{
    return results_ratio_to_best(job, a, &b, 1, metric);
}

struct summary results_ratio_of_growth(size_t job, size_t base, size_t a, size_t b,
                                       const char *metric)
{
    const double *ours = values_or_none(job, a, metric);
    const double *our_base = values_or_none(base, a, metric);
    const double *theirs = values_or_none(job, b, metric);
    const double *their_base = values_or_none(base, b, metric);
    double ratios[RESULTS_ROUNDS];

    for (size_t round = 0; round < RESULTS_ROUNDS; round++)
        ratios[round] = (ours[round] / our_base[round]) / (theirs[round] / their_base[round]);
    return summarize(ratios);
}

double results_slope(const char *workload, size_t contender, const char *metric)
{
    double count = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;

    for (size_t job = 0; job < PLAN_JOBS; job++) {
        double each = results_summary(job, contender, metric).median;
        double x = log((double)plan_jobs[job].n), y = x + log(each);

        if (strcmp(plan_jobs[job].workload, workload) != 0 || isnan(each))
            continue;
        count++;
        sum_x += x;
        sum_y += y;
        sum_xx += x * x;
        sum_xy += x * y;
    }
    if (count < 2)
        return NAN;
    return (count * sum_xy - sum_x * sum_y) / (count * sum_xx - sum_x * sum_x);
}
