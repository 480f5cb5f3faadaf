/* SPDX-License-Identifier: MIT */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"
#include "say.h"
#include "views/files.h"
#include "views/timeline.h"

enum { TRACED_EVENTS = 4096, NOTES = 8192 }; /* the demo makes some 130, a lesson some 300 */

int program_complain(const char *name, const char *what, int error)
{
    fprintf(stderr, "%s: %s: %s\n", name, what, strerror(-error));
    return STATUS_FAILED;
}

/* By a debugger, which stops the program at breakpoints; or by strace, which slows it down and is
 * not to be shown that we ask: hence no read(2) and no close(2), which stand in its story. */
static bool is_traced(void)
{
    static int status = -1;
    char text[2048] = "";
    const char *tracer;

    if (status < 0)
        status = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (pread(status, text, sizeof text - 1, 0) < 0)
        return false;
    tracer = strstr(text, "TracerPid:\t");
    return tracer != NULL && strtol(tracer + strlen("TracerPid:\t"), NULL, 10) != 0;
}

/* A class would ask why everything else is late: because this task did not let go. */
void program_warn_slow(const char *task, uint64_t took_ns)
{
    if (!is_traced())
        fprintf(stderr, "warning: %s held the loop for %.1f ms\n", task, (double)took_ns / 1e6);
}

struct edo_reactor_options program_runtime(const struct options *options)
{
    static struct edo_timer_wheel wheel;

    return (struct edo_reactor_options){
        .timers = options->is_wheel ? &edo_timer_wheel : &edo_timer_fd,
        .timer_state = &wheel,
        .spin_ns = options->is_spun ? EDO_SPIN_MEASURED : 0,
        .is_virtual = options->is_virtual,
    };
}

/* --- A run that is recorded ------------------------------------------------------------------- */

static struct {
    struct edo_trace trace;
    const struct options *options;
} recorded;

/* The picture goes to where it was interrupted. */
static void write_what_there_is(void)
{
    edo_trace_phase(&recorded.trace, "interrupted");
    files_write(&recorded.trace, recorded.options, recorded.options->program);
}

/* The views, whatever became of the run. */
static int show(const struct options *options, int status)
{
    if (!options->is_quiet && !options->no_timeline && status == STATUS_OK) {
        putchar('\n');
        timeline_print(&recorded.trace);
    }
    return files_write(&recorded.trace, options, options->program) == STATUS_OK ? status
                                                                                : STATUS_FAILED;
}

int program_record(const struct options *options,
                   int (*run)(struct edo_executor *executor, const struct options *options))
{
    static struct edo_trace_event events[TRACED_EVENTS];
    struct edo_reactor_options runtime = program_runtime(options);
    struct edo_executor executor; /* the trace is written with it, as long as it is there */
    int error, status;

    edo_trace_init(&recorded.trace, events, TRACED_EVENTS);
    if (options->views[VIEW_HTML] != NULL) {
        static struct edo_trace_note notes[NOTES];

        edo_trace_keep_notes(&recorded.trace, notes, NOTES);
    }
    recorded.options = options;
    runtime.trace = &recorded.trace;
    interrupt_begin(&recorded.trace, write_what_there_is);
    error = edo_executor_open(&executor, &runtime);
    if (error)
        return program_complain(options->program, "opening the runtime", error);
    say_begin(&executor.reactor.clock, options->is_quiet);
    edo_executor_warn_slow(&executor, EDO_MS(10), program_warn_slow);
    status = run(&executor, options);
    edo_executor_close(&executor);
    interrupt_end();
    return show(options, status);
}

/* --- The whole program ------------------------------------------------------------------------ */

/* From here on each line of output is one write(2). */
static int begin(const char *name)
{
    static char line[512]; /* stdio's buffer, so that it need not ask malloc for one */

    if (fcntl(STDOUT_FILENO, F_GETFD) < 0)
        return program_complain(name, "standard output", -errno);
    setvbuf(stdout, line, _IOLBF, sizeof line);
    return STATUS_OK;
}

static int end(const char *name, int status)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "%s: standard output could not be written\n", name);
        status = STATUS_FAILED;
    }
    interrupt_die_if_noted();
    return status;
}

int program_main(const struct program *program, int argc, char **argv)
{
    struct options options;
    int status = STATUS_OK;

    if (options_parse(&options, program->taker, argc, argv) < 0)
        return STATUS_USAGE;
    if (begin(argv[0]) != STATUS_OK)
        return STATUS_FAILED;
    if (options.wants_help)
        options_print_help(argv[0], program->taker, program->about);
    else if (options.wants_version)
        puts("edo " EDO_VERSION);
    else
        status = program->run(&options);
    return end(argv[0], status);
}
