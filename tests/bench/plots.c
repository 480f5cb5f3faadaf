/* SPDX-License-Identifier: MIT */
/* plots.c - the plots, as SVG: growth over n, and the distributions of lateness.
 *
 *   growth-WORKLOAD.svg     both axes logarithmic: n, and what each of the n takes; flat is linear
 *   lateness-WORKLOAD-N.svg how late (to the right) which share of the sleeps is (up) */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plan.h"
#include "report.h"

enum { WIDTH = 800, HEIGHT = 460, LEFT = 56, RIGHT = 576, TOP = 50, BOTTOM = 400 };

/* A plot being drawn. Values come in the unit of their axis: powers of ten, or shares. */
struct plot {
    FILE *file;
    double x_least, x_most, y_least, y_most;
    size_t lines; /* in the legend so far */
};

static double x_of(const struct plot *plot, double x)
{
    return LEFT + (RIGHT - LEFT) * (x - plot->x_least) / (plot->x_most - plot->x_least);
}

static double y_of(const struct plot *plot, double y)
{
    return BOTTOM - (BOTTOM - TOP) * (y - plot->y_least) / (plot->y_most - plot->y_least);
}

static FILE *open_plot(const char *folder, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s.svg", folder, name);
    return fopen(path, "we");
}

static int close_plot(struct plot *plot)
{
    bool has_failed = false;

    fputs("</svg>\n", plot->file);
    has_failed = ferror(plot->file) != 0;
    return fclose(plot->file) != 0 || has_failed ? -EIO : 0;
}

static void draw_frame(const struct plot *plot, const char *title, const char *x_label)
{
    fprintf(plot->file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            "viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" "
            "font-size=\"12\">\n<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n"
            "<text x=\"%d\" y=\"28\" font-size=\"15\">%s</text>\n"
            "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
            WIDTH, HEIGHT, WIDTH, HEIGHT, WIDTH, HEIGHT, LEFT, title, (LEFT + RIGHT) / 2,
            HEIGHT - 16, x_label);
}

static void draw_x_tick(const struct plot *plot, double x, const char *label)
{
    fprintf(plot->file,
            "<path d=\"M%.1f %dV%d\" stroke=\"#ddd\"/><text x=\"%.1f\" y=\"%d\" "
            "text-anchor=\"middle\">%s</text>\n",
            x_of(plot, x), TOP, BOTTOM, x_of(plot, x), BOTTOM + 18, label);
}

static void draw_y_tick(const struct plot *plot, double y, const char *label)
{
    fprintf(plot->file,
            "<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" "
            "text-anchor=\"end\">%s</text>\n",
            LEFT, y_of(plot, y), RIGHT, LEFT - 8, y_of(plot, y) + 4, label);
}

static void begin_line(struct plot *plot, size_t contender, const char *note)
{
    const char *dashes = plan_contenders[contender].dashes;
    char stroke[128];
    size_t y = TOP + 8 + 19 * plot->lines++;

    snprintf(stroke, sizeof stroke,
             "fill=\"none\" stroke=\"%s\" stroke-dasharray=\"%s\" stroke-width=\"%.1f\"",
             plan_contenders[contender].colour, dashes != NULL ? dashes : "none",
             plan_is_ours(&plan_contenders[contender]) ? 2.8 : 1.6);
    fprintf(plot->file,
            "<path d=\"M%d %zuh26\" %s/><text x=\"%d\" y=\"%zu\">%s%s</text>\n"
            "<polyline %s stroke-linejoin=\"round\" points=\"",
            RIGHT + 10, y, stroke, RIGHT + 42, y + 4, plan_contenders[contender].name, note,
            stroke);
}

static void add_point(const struct plot *plot, double x, double y)
{
    fprintf(plot->file, "%.1f,%.1f ", x_of(plot, x), y_of(plot, y));
}

static void end_line(const struct plot *plot)
{
    fputs("\"/>\n", plot->file);
}

/* "1", "10", ... "100k", "1M". */
static void format_power(char *text, size_t size, int power)
{
    static const char *const units[] = {"", "k", "M", "G"};
    static const char *const digits[] = {"1", "10", "100"};

    snprintf(text, size, "%s%s", digits[power % 3], units[power / 3]);
}

/* --- Growth ----------------------------------------------------------------------------------- */

static bool is_of(size_t job, const struct workload *workload)
{
    return strcmp(plan_jobs[job].workload, workload->name) == 0;
}

/* What an axis of powers of ten has to hold. False: nothing was measured, or for but one n. */
static bool find_growth_range(struct plot *plot, const struct workload *workload)
{
    double x_least = INFINITY, x_most = -INFINITY, y_least = INFINITY, y_most = -INFINITY;

    for (size_t job = 0; job < PLAN_JOBS; job++) {
        for (size_t i = 0; is_of(job, workload) && i < PLAN_CONTENDERS; i++) {
            double median = results_summary(job, i, workload->growth).median;

            if (isnan(median))
                continue;
            x_least = fmin(x_least, log10((double)plan_jobs[job].n));
            x_most = fmax(x_most, log10((double)plan_jobs[job].n));
            y_least = fmin(y_least, log10(median));
            y_most = fmax(y_most, log10(median));
        }
    }
    plot->x_least = x_least;
    plot->x_most = x_most;
    plot->y_least = floor(y_least);
    plot->y_most = ceil(y_most);
    return x_least < x_most;
}

static void draw_growth_axes(const struct plot *plot, const struct workload *workload)
{
    char text[96];

    snprintf(text, sizeof text, "%s: %s", workload->name, workload->unit);
    draw_frame(plot, text, "n (flat is linear growth; in brackets the slope of the whole)");
    for (int power = (int)plot->x_least; power <= (int)plot->x_most; power++) {
        format_power(text, sizeof text, power);
        draw_x_tick(plot, power, text);
    }
    for (int power = (int)plot->y_least; power <= (int)plot->y_most; power++) {
        format_power(text, sizeof text, power);
        draw_y_tick(plot, power, text);
    }
}

static void draw_curve(struct plot *plot, const struct workload *workload, size_t contender)
{
    double slope = results_slope(workload->name, contender, workload->growth);
    char note[24];

    if (isnan(slope))
        return;
    snprintf(note, sizeof note, " (%.2f)", slope);
    begin_line(plot, contender, note);
    for (size_t job = 0; job < PLAN_JOBS; job++) {
        double median = results_summary(job, contender, workload->growth).median;

        if (is_of(job, workload) && !isnan(median))
            add_point(plot, log10((double)plan_jobs[job].n), log10(median));
    }
    end_line(plot);
}

static int plot_growth(const char *folder, const struct workload *workload)
{
    struct plot plot = {0};
    char name[64];

    if (workload->growth == NULL || !find_growth_range(&plot, workload))
        return 0;
    snprintf(name, sizeof name, "growth-%s", workload->name);
    plot.file = open_plot(folder, name);
    if (plot.file == NULL)
        return -errno;
    draw_growth_axes(&plot, workload);
    for (size_t contender = 0; contender < PLAN_CONTENDERS; contender++)
        draw_curve(&plot, workload, contender);
    return close_plot(&plot);
}

/* --- Lateness --------------------------------------------------------------------------------- */

/* A logarithm for both directions: 0 for up to 1 us, 1 for 10 us, -1 for 10 us early. */
static double signed_power(double ns)
{
    double us = fabs(ns) / 1e3;
    double power = us > 1 ? log10(us) : 0;

    return ns < 0 ? -power : power;
}

static void draw_lateness_axes(struct plot *plot, const char *workload, size_t n)
{
    static const char *const labels[] = {"10 ms early", "1 ms",   "100 us", "10 us",     "0",
                                         "10 us",       "100 us", "1 ms",   "10 ms late"};
    static const char *const shares[] = {"0 %", "25 %", "50 %", "75 %", "100 %"};
    char text[96];

    *plot = (struct plot){plot->file, -4, 4, 0, 100, 0};
    snprintf(text, sizeof text, "%s, n = %zu: which share of the sleeps woke by then", workload, n);
    draw_frame(plot, text, "lateness, from each one's own deadline");
    for (int i = 0; i < 9; i++)
        draw_x_tick(plot, i - 4, labels[i]);
    for (int i = 0; i < 5; i++)
        draw_y_tick(plot, i * 25, shares[i]);
}

static void draw_distribution(struct plot *plot, size_t job, size_t contender)
{
    char metric[8];

    begin_line(plot, contender, "");
    for (int percent = 0; percent <= 100; percent++) {
        double power = 0;

        snprintf(metric, sizeof metric, "q%d", percent);
        power = signed_power(results_summary(job, contender, metric).median);
        add_point(plot, fmax(-4, fmin(4, power)), percent);
    }
    end_line(plot);
}

static int plot_lateness(const char *folder, size_t job)
{
    const struct job *of = &plan_jobs[job];
    struct plot plot = {0};
    char name[64];

    snprintf(name, sizeof name, "lateness-%s-%zu", of->workload, of->n);
    plot.file = open_plot(folder, name);
    if (plot.file == NULL)
        return -errno;
    draw_lateness_axes(&plot, of->workload, of->n);
    for (size_t contender = 0; contender < PLAN_CONTENDERS; contender++)
        if (results_values(job, contender, "q0") != NULL)
            draw_distribution(&plot, job, contender);
    return close_plot(&plot);
}

static bool has_lateness(size_t job)
{
    for (size_t contender = 0; contender < PLAN_CONTENDERS; contender++)
        if (results_values(job, contender, "q0") != NULL)
            return true;
    return false;
}

int report_plots(const char *folder)
{
    int error = 0;

    for (size_t i = 0; !error && i < PLAN_WORKLOADS; i++)
        error = plot_growth(folder, &plan_workloads[i]);
    for (size_t job = 0; !error && job < PLAN_JOBS; job++)
        if (has_lateness(job))
            error = plot_lateness(folder, job);
    return error;
}
