/* SPDX-License-Identifier: MIT */
/* main.c - options, one runtime, one task, the table. What the program does is in async_main.c. */
#include <errno.h>
#include <stdio.h>

#include "async_main.h"
#include "edo.h"
#include "interrupt.h"
#include "options.h"
#include "program.h"
#include "say.h"
#include "scale/scale.h"
#include "views/files.h"
#include "views/step.h"
#include "views/timeline.h"

enum { TRACED_EVENTS = 4096 }; /* the demo makes some 130 */

/* Runs the program on an open executor. */
static int run_program(struct edo_executor *executor, struct async_main *program,
                       const struct options *options, const char *name)
{
    struct edo_task task;
    int error;

    say_begin(&executor->reactor.clock, options->is_quiet);
    edo_executor_warn_slow(executor, EDO_MS(10), program_warn_slow);
    async_main_init(program, options);
    edo_task_init(&task, "async_main", &program->future);
    /* gdb: the whole run happens in this call. */
    error = options->is_stepped ? step_block_on(executor, &task)
                                : edo_executor_block_on(executor, &task);
    if (error == -EDEADLK) {
        fprintf(stderr, "%s: nothing is armed, and these tasks wait for ever:\n", name);
        edo_executor_dump(executor, stderr);
    }
    if (error == -ECANCELED && options->is_stepped) {
        edo_executor_close(executor);
        say_heading("cancelled, and all is let go of");
        return STATUS_OK;
    }
    if (!error)
        error = program->future.error;
    if (error) {
        edo_executor_close(executor); /* while `task` is still there to be cancelled */
        return program_complain(name, "the run failed", error);
    }
    say_heading("");
    summary_print(&program->summary, &executor->reactor);
    edo_executor_close(executor);
    if (program->failures == 0)
        return STATUS_OK;
    fprintf(stderr, "%s: %u of the sleeps failed\n", name, program->failures);
    return STATUS_FAILED;
}

/* What an interrupted run leaves. The picture goes to where it was interrupted. */
static struct {
    struct edo_trace trace;
    const struct options *options;
    const char *name;
} phases;

static void write_what_there_is(void)
{
    edo_trace_phase(&phases.trace, "interrupted");
    files_write(&phases.trace, phases.options, phases.name);
}

/* The program's three phases, and the views that were asked for. */
static int run_phases(struct edo_executor *executor, struct edo_reactor_options runtime,
                      const struct options *options, const char *name)
{
    static struct edo_trace_event events[TRACED_EVENTS];
    struct async_main program; /* the trace names its tasks, so it has to outlive them */
    struct edo_trace *trace = &phases.trace;
    int error, status;

    edo_trace_init(trace, events, TRACED_EVENTS);
    runtime.trace = trace;
    phases.options = options;
    phases.name = name;
    interrupt_begin(trace, write_what_there_is);
    error = edo_executor_open(executor, &runtime);
    if (error)
        return program_complain(name, "opening the runtime", error);
    status = run_program(executor, &program, options, name);
    interrupt_end();
    if (!options->is_quiet && !options->no_timeline && status == STATUS_OK) {
        putchar('\n');
        timeline_print(trace);
    }
    return files_write(trace, options, name) == STATUS_OK ? status : STATUS_FAILED;
}

static int run(const struct options *options, const char *name)
{
    static struct edo_timer_wheel wheel;
    struct edo_reactor_options runtime = {
        .timers = options->is_wheel ? &edo_timer_wheel : &edo_timer_fd,
        .timer_state = &wheel,
        .is_virtual = options->is_virtual,
    };
    struct edo_executor executor;

    if (options->tasks > 0)
        return scale_run(&runtime, options, name);
    return run_phases(&executor, runtime, options, name);
}

int main(int argc, char **argv)
{
    struct options options;
    int status = STATUS_OK;

    if (options_parse(&options, argc, argv) < 0)
        return STATUS_USAGE;
    if (program_begin(argv[0]) != STATUS_OK)
        return STATUS_FAILED;

    if (options.wants_help)
        options_print_help(argv[0]);
    else if (options.wants_version)
        puts("edo " EDO_VERSION);
    else
        status = run(&options, argv[0]);
    status = program_end(argv[0], status);
    interrupt_die_if_noted();
    return status;
}
