/* SPDX-License-Identifier: MIT */
/* results.h - what has been measured: a value for each job, contender, metric and round.
 *
 * Rounds are paired: what two contenders got in the same round they got within seconds of each
 * other, so a ratio is taken round by round, and its median and quartiles over the rounds are what
 * counts. That way a machine that is slower for a while is so for both. */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

enum { RESULTS_ROUNDS = 16 };

/* Of the rounds that have a value. `count` 0: there is none, and the rest is NAN. */
struct summary {
    size_t count;
    double least, q1, median, q3, most;
};

void results_add(size_t job, size_t contender, const char *metric, unsigned round, double value);

/* RESULTS_ROUNDS values, NAN where there is none; NULL: nothing of this was measured. */
const double *results_values(size_t job, size_t contender, const char *metric);

struct summary results_summary(size_t job, size_t contender, const char *metric);

/* What `a` got divided by what `b` got. Rounds in which one of both is 0 or less have no ratio. */
struct summary results_ratio(size_t job, size_t a, size_t b, const char *metric);

/* The same by the best, in each round, of `count` contenders. */
struct summary results_ratio_to_best(size_t job, size_t a, const size_t *others, size_t count,
                                     const char *metric);

/* How much more one job takes than another: `job` by `base`, and of that what `a` got divided by
 * what `b` got. */
struct summary results_ratio_of_growth(size_t job, size_t base, size_t a, size_t b,
                                       const char *metric);

/* The slope of log(n * metric) over log(n), by least squares over the medians: 1 is linear, and
 * what each of the n takes stays the same. NAN: fewer than two n. */
double results_slope(const char *workload, size_t contender, const char *metric);

/* Whether this contender has any result in this job. */
bool results_has(size_t job, size_t contender);

/* Calls `each` for every metric of the cell. */
void results_for_each(size_t job, size_t contender,
                      void (*each)(const char *metric, const double *values, void *data),
                      void *data);

#endif
