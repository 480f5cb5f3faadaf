/* SPDX-License-Identifier: MIT */
/* report.h - what comes out in the end: tables, targets, results.json, plots. */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "results.h"

/* A table for each job, with the ratios, and one with the slopes. */
void report_tables(FILE *file);

/* How a limit is meant: of the median, or of the lower quartile. */
enum target_bound { TARGET_AT_MOST, TARGET_AT_LEAST, TARGET_WITHIN_QUARTILES };

extern const char *const target_bounds[]; /* as they are printed */

/* What was aimed at: printed when judged, and kept for the JSON. */
struct target {
    struct summary measured;
    double limit;
    enum target_bound bound;
    bool is_met;
    char what[112];
};

/* Judges those that were measured, and prints them. The number of them is left in *count. */
const struct target *report_targets(FILE *file, size_t *count);

/* Of the run as a whole. */
struct report_run {
    const char *command;
    char machine[256];
    char date[32];
    char absent[256];    /* peers that are not there */
    char left_out[1024]; /* who could not do what */
    unsigned rounds;
    double seconds;
};

void report_json(FILE *file, const struct report_run *run, const struct target *targets,
                 size_t count);

/* Writes growth-*.svg and lateness-*.svg into `folder`. 0 or -errno. */
int report_plots(const char *folder);

#endif
