/* SPDX-License-Identifier: MIT */
/* bench.c - runs every contender at every workload, alternately, and reports.
 *
 *   for each round
 *       for each job (a workload for one n)
 *           for each contender that can do it, beginning with another one each round
 *               run a process, pinned, and keep the numbers it prints
 *
 *   bench [--quick] [--rounds N] [--seconds N] [--only WORKLOAD] FOLDER
 *
 * FOLDER is where the programs are, and where results.json and the plots go. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "peers/measure.h"
#include "plan.h"
#include "report.h"
#include "run.h"

static struct {
    const char *folder;
    const char *only;
    bool is_quick;
    unsigned rounds;
    double seconds; /* no round is begun that would not fit in */
} options = {.rounds = 7, .seconds = 840};

static struct report_run report;
static int cpu;
static bool has_failed;
static bool is_absent[PLAN_CONTENDERS];
static bool cannot[PLAN_JOBS][PLAN_CONTENDERS];

static double now_s(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* --- Who is there ----------------------------------------------------------------------------- */

static void path_of(char *path, size_t size, const struct contender *contender, const char *suffix)
{
    snprintf(path, size, "%s/%s%s", options.folder, contender->program, suffix);
}

static void set_absent(size_t i)
{
    const char *peer = plan_contenders[i].peer;
    size_t length = strlen(report.absent);

    is_absent[i] = true;
    if (strstr(report.absent, peer) == NULL)
        snprintf(report.absent + length, sizeof report.absent - length, "%s%s",
                 length > 0 ? ", " : "", peer);
}

static void find_absent(void)
{
    char path[512];

    for (size_t i = 0; i < PLAN_CONTENDERS; i++) {
        path_of(path, sizeof path, &plan_contenders[i], "");
        if (access(path, X_OK) != 0)
            set_absent(i);
    }
    if (report.absent[0] != '\0')
        fprintf(stderr, "bench: absent, and left out: %s (make bench-deps)\n", report.absent);
}

static size_t available_bytes(void)
{
    FILE *file = fopen("/proc/meminfo", "re");
    unsigned long kib = 0;
    char line[128];

    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "MemAvailable: %lu kB", &kib) == 1)
            break;
    if (file != NULL)
        fclose(file);
    return (size_t)kib * 1024;
}

/* Sleeps take the harness 8 bytes more; and half of the memory is left alone. */
static bool is_too_large(const struct job *job, const struct contender *contender)
{
    return job->n > contender->most || job->n * (contender->bytes + 8) > available_bytes() / 2;
}

static bool takes_part(const struct job *job, size_t i)
{
    const struct contender *contender = &plan_contenders[i];
    const struct workload *workload = plan_find_workload(job->workload);

    if (is_absent[i] || (contender->abilities & workload->ability) == 0)
        return false;
    return workload->ability != PLAN_SLEEPS || !is_too_large(job, contender);
}

/* --- One measurement -------------------------------------------------------------------------- */

/* Keeps what a program printed: lines of a metric and a number. */
static void keep_output(size_t job, size_t contender, unsigned round, const char *output)
{
    char metric[16];
    double value = 0;
    int length = 0;

    for (; sscanf(output, "%15s %lf\n%n", metric, &value, &length) == 2; output += length)
        results_add(job, contender, metric, round, value);
}

static bool is_call(const char *line)
{
    return strchr(line, '(') != NULL && strstr(line, "resumed>") == NULL;
}

/* System calls, as strace -f sees them: those of all threads, from execve on. Counted once. */
static void count_calls(size_t job, size_t contender, const char *path, const char *variant)
{
    char log[512], line[512];
    const char *argv[] = {"/usr/bin/strace", "-f", "-qq", "-o", log, path, variant, NULL};
    struct run run;
    double calls = 0, futex = 0;
    FILE *file = NULL;

    snprintf(log, sizeof log, "%s/strace.log", options.folder);
    if (run_program(&run, argv, -1) != 0 || run.status != 0)
        return;
    file = fopen(log, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        calls += is_call(line);
        futex += is_call(line) && strstr(line, " futex(") != NULL;
    }
    if (file != NULL)
        fclose(file);
    unlink(log);
    results_add(job, contender, "calls", 0, calls);
    results_add(job, contender, "futex", 0, futex);
}

static void keep_demo(size_t job, size_t i, unsigned round, const struct run *run)
{
    const struct contender *contender = &plan_contenders[i];
    char path[512];
    struct stat file;

    results_add(job, i, "over_ms", round, (double)run->wall_ns / 1e6 - 550);
    results_add(job, i, "cpu_ms", round, (double)run->cpu_ns / 1e6);
    results_add(job, i, "first_ms", round, (double)run->first_ns / 1e6);
    results_add(job, i, "rss_kib", round, (double)run->peak_kib);
    path_of(path, sizeof path, contender, ".stripped");
    if (stat(path, &file) == 0)
        results_add(job, i, "file_kb", round, (double)file.st_size / 1000);
    path_of(path, sizeof path, contender, "");
    if (round == 0)
        count_calls(job, i, path, contender->variant);
}

/* It can't: of timerfds, there are fewer than timers, or it has no such thing. */
static void leave_out(size_t job, size_t i)
{
    size_t length = strlen(report.left_out);

    cannot[job][i] = true;
    snprintf(report.left_out + length, sizeof report.left_out - length, "%s%s %s %zu",
             length > 0 ? ", " : "", plan_contenders[i].name, plan_jobs[job].workload,
             plan_jobs[job].n);
}

/* A program, and its arguments. A server is started by the client. */
struct command {
    char client[512], path[512], n[24];
    const char *argv[6];
};

static void fill_command(struct command *command, const struct job *job,
                         const struct contender *contender)
{
    bool has_client = plan_find_workload(job->workload)->ability == PLAN_SERVERS;
    bool has_arguments = contender->abilities != PLAN_DEMO;
    const char **next = command->argv;

    snprintf(command->client, sizeof command->client, "%s/load", options.folder);
    path_of(command->path, sizeof command->path, contender, "");
    snprintf(command->n, sizeof command->n, "%zu", job->n);
    if (has_client)
        *next++ = command->client;
    *next++ = command->path;
    *next++ = contender->variant;
    *next++ = has_arguments ? job->workload : NULL;
    *next++ = has_arguments ? command->n : NULL;
    *next = NULL;
}

/* The demos are not pinned; a server and its client, and what has two threads, pin themselves. */
static int cpu_for(const struct job *job)
{
    switch (plan_find_workload(job->workload)->ability) {
    case PLAN_SLEEPS:
    case PLAN_REARMS:
    case PLAN_TASKS:
    case PLAN_REMOTE:
    case PLAN_OFFLOAD:
    case PLAN_YIELDS:
        return cpu;
    case PLAN_DEMO:
    case PLAN_SERVERS:
    case PLAN_THREADS:
    case PLAN_ACROSS:
        break;
    }
    return -1;
}

static void measure(size_t job, size_t i, unsigned round)
{
    const struct contender *contender = &plan_contenders[i];
    bool is_demo = contender->abilities == PLAN_DEMO;
    static struct command command;
    static struct run run;
    int error = 0;

    fill_command(&command, &plan_jobs[job], contender);
    error = run_program(&run, command.argv, cpu_for(&plan_jobs[job]));
    if (!error && run.status == 0 && is_demo) {
        keep_demo(job, i, round, &run);
    } else if (!error && run.status == 0) {
        keep_output(job, i, round, run.output);
    } else if (run.status == MEASURE_CANNOT || is_demo) {
        leave_out(job, i);
    } else if (run.status == MEASURE_ABSENT) {
        set_absent(i);
        fprintf(stderr, "bench: %s is not to be had on this machine, and left out\n",
                contender->name);
    } else {
        has_failed = true;
        fprintf(stderr, "bench: %s %s %s failed\n", contender->name, plan_jobs[job].workload,
                command.n);
    }
}

/* --- Rounds ----------------------------------------------------------------------------------- */

static bool is_planned(const struct job *job, unsigned round)
{
    if (options.only != NULL && strcmp(options.only, job->workload) != 0)
        return false;
    return (!options.is_quick || job->is_quick) && (job->rounds == 0 || round < job->rounds);
}

/* Whoever takes part, beginning with another one in each round. */
static void run_job(size_t job, unsigned round)
{
    size_t those[PLAN_CONTENDERS], count = 0;

    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r\033[Kround %u: %s, n = %zu ", round + 1, plan_jobs[job].workload,
                plan_jobs[job].n);
    for (size_t i = 0; i < PLAN_CONTENDERS; i++)
        if (takes_part(&plan_jobs[job], i) && !cannot[job][i])
            those[count++] = i;
    for (size_t turn = 0; turn < count; turn++)
        measure(job, those[(turn + round) % count], round);
}

/* The first round is run to its end. Another is begun if one like the last has time, so that all
 * jobs get the same number, unless they say otherwise. */
static void run_rounds(void)
{
    double began = now_s(), took = 0;

    while (report.rounds < options.rounds && now_s() - began + took <= options.seconds) {
        double round_began = now_s();

        for (size_t job = 0; job < PLAN_JOBS; job++)
            if (is_planned(&plan_jobs[job], report.rounds))
                run_job(job, report.rounds);
        took = now_s() - round_began;
        report.rounds++;
    }
    report.seconds = now_s() - began;
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

/* --- What and where --------------------------------------------------------------------------- */

static void describe_run(void)
{
    FILE *file = fopen("/proc/cpuinfo", "re");
    char line[256], model[128] = "unknown processor";
    struct utsname names;
    time_t now = time(NULL);
    struct tm utc;

    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "model name : %127[^\n]", model) == 1)
            break;
    if (file != NULL)
        fclose(file);
    if (uname(&names) == 0)
        snprintf(report.machine, sizeof report.machine, "%s, %ld cpus, %zu MB, %s %s", model,
                 sysconf(_SC_NPROCESSORS_ONLN),
                 (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE) / 1000000,
                 names.sysname, names.release);
    if (gmtime_r(&now, &utc) != NULL)
        strftime(report.date, sizeof report.date, "%Y-%m-%dT%H:%MZ", &utc);
    report.command = options.is_quick ? "make bench-quick" : "make bench";
}

static bool parse(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        bool has_value = i + 2 < argc; /* the folder comes last */

        if (strcmp(argv[i], "--quick") == 0) {
            options.is_quick = true;
            options.seconds = 54;
        } else if (strcmp(argv[i], "--rounds") == 0 && has_value) {
            options.rounds = (unsigned)strtoul(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--seconds") == 0 && has_value) {
            options.seconds = strtod(argv[++i], NULL);
        } else if (strcmp(argv[i], "--only") == 0 && has_value) {
            options.only = argv[++i];
        } else if (argv[i][0] != '-' && i == argc - 1) {
            options.folder = argv[i];
        } else {
            return false;
        }
    }
    return options.folder != NULL && options.rounds > 0 && options.rounds <= RESULTS_ROUNDS;
}

static int write_files(const struct target *targets, size_t count)
{
    char path[512];
    FILE *file = NULL;
    int error = 0;

    snprintf(path, sizeof path, "%s/results.json", options.folder);
    file = fopen(path, "we");
    if (file == NULL)
        return -errno;
    report_json(file, &report, targets, count);
    if (ferror(file))
        error = -EIO;
    if (fclose(file) != 0 && !error)
        error = -errno;
    return error ? error : report_plots(options.folder);
}

int main(int argc, char **argv)
{
    const struct target *targets = NULL;
    size_t count = 0;
    int error = 0;

    if (!parse(argc, argv)) {
        fputs("usage: bench [--quick] [--rounds N] [--seconds N] [--only WORKLOAD] FOLDER\n",
              stderr);
        return EXIT_FAILURE;
    }
    describe_run();
    cpu = run_find_cpu();
    find_absent();
    run_rounds();
    printf("%s, %s, %s: %u rounds in %.0f s, one process for each measurement, %s\n", report.date,
           report.machine, report.command, report.rounds, report.seconds,
           cpu < 0 ? "not pinned" : "pinned to one cpu");
    report_tables(stdout);
    if (report.left_out[0] != '\0')
        printf("\nleft out, since they can't, or not so many: %s\n", report.left_out);
    targets = report_targets(stdout, &count);
    error = write_files(targets, count);
    if (error)
        fprintf(stderr, "bench: %s: %s\n", options.folder, strerror(-error));
    return error || has_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
