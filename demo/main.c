/* SPDX-License-Identifier: MIT */
/* main.c - one runtime, one task, the table. What the program does is in async_main.c. */
#include <errno.h>
#include <stdio.h>

#include "async_main.h"
#include "edo.h"
#include "options.h"
#include "program.h"
#include "say.h"
#include "scale/scale.h"
#include "views/step.h"

static struct async_main program; /* the trace names its tasks */

/* How it went. */
static int report(const struct edo_executor *executor, const struct options *options)
{
    say_heading("");
    summary_print(&program.summary, &executor->reactor);
    if (program.failures == 0)
        return STATUS_OK;
    fprintf(stderr, "%s: %u of the sleeps failed\n", options->program, program.failures);
    return STATUS_FAILED;
}

/* The three phases. */
static int run_phases(struct edo_executor *executor, const struct options *options)
{
    struct edo_task task;
    int error;

    if (options->is_spun)
        summary_count_stolen();
    async_main_init(&program, options);
    edo_task_init(&task, "async_main", &program.future);
    /* gdb: the whole run happens in this call. */
    error = options->is_stepped ? step_block_on(executor, &task)
                                : edo_executor_block_on(executor, &task);
    if (error == -ECANCELED && options->is_stepped)
        return STATUS_OK;
    if (error == -EDEADLK) {
        fprintf(stderr, "%s: nothing is armed, and these tasks wait for ever:\n", options->program);
        edo_executor_dump(executor, stderr);
    }
    if (!error)
        error = program.future.error;
    if (!error)
        return report(executor, options);
    edo_executor_close(executor); /* while `task` is still there to be cancelled */
    return program_complain(options->program, "the run failed", error);
}

static int run_scale(const struct options *options)
{
    const struct edo_reactor_options runtime = program_runtime(options);

    return scale_run(&runtime, options, options->program);
}

static int run(const struct options *options)
{
    return options->tasks > 0 ? run_scale(options) : program_record(options, run_phases);
}

int main(int argc, char **argv)
{
    static const struct program demo = {
        OPTIONS_OF_DEMO,
        "What happens under .await: three phases of sleeps on a hand-written reactor.", run};

    return program_main(&demo, argc, argv);
}
