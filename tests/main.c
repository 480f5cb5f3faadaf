/* SPDX-License-Identifier: MIT */
/* main.c - runs the suites. Check's own variables work: CK_RUN_SUITE=join, CK_RUN_CASE,
 * CK_TAP_LOG_FILE_NAME, CK_XML_LOG_FILE_NAME, CK_FORK=no to debug. */
#include <stdio.h>
#include <stdlib.h>

#include "suites.h"

static Suite *(*const suites[])(void) = {
    clock_suite,    list_suite,        future_suite,    reactor_suite,    timers_suite,
    wheel_suite,    spin_suite,        sleep_suite,     watch_suite,      task_suite,
    executor_suite, close_suite,       join_suite,      join_tasks_suite, race_suite,
    shield_suite,   try_join_suite,    timeout_suite,   yield_suite,      interval_suite,
    channel_suite,  group_suite,       stream_suite,    socket_suite,     notice_suite,
    offload_suite,  blocking_suite,    child_suite,     foreign_suite,    io_faults_suite,
    io_cases_suite, connections_suite, semaphore_suite, misuse_suite,     trees_suite,
    small_suite,    bytes_suite,       schedules_suite, seam_suite,       corpus_suite,
    trace_suite,    notes_suite,       faults_suite,    model_suite,      pictures_suite,
    crowd_suite,    interrupt_suite,   output_suite,    names_suite,      coming_from_suite,
    demo_suite,     chrome_suite,      player_suite,    scale_suite,      lessons_suite,
    strace_suite,   sentences_suite,   story_suite,     labs_suite,       peek_suite,
    gdb_suite,      build_suite,       cplusplus_suite, views_suite,      readme_suite,
};

int main(void)
{
    SRunner *runner = srunner_create(NULL);
    int run, failed;

    /* Only to end a test that hangs: on a busy machine Check's own 4 s are over too soon. */
    setenv("CK_DEFAULT_TIMEOUT", "600", 0);
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++)
        srunner_add_suite(runner, suites[i]());
    srunner_run_all(runner, CK_ENV);
    run = srunner_ntests_run(runner);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    if (run == 0)
        fputs("check-edo: no test of that name, or CK_EXCLUDE_TAGS leaves it out\n", stderr);
    return run == 0 || failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
