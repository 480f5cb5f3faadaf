/* SPDX-License-Identifier: MIT */
/* main.c - runs the suites. Check's own variables work: CK_RUN_SUITE=join, CK_RUN_CASE,
 * CK_TAP_LOG_FILE_NAME, CK_XML_LOG_FILE_NAME, CK_FORK=no to debug. */
#include <stdio.h>
#include <stdlib.h>

#include "suites.h"

static Suite *(*const suites[])(void) = {
    clock_suite,     list_suite,      future_suite,      reactor_suite,     timers_suite,
    wheel_suite,     spin_suite,      sleep_suite,       watch_suite,       task_suite,
    executor_suite,  close_suite,     join_suite,        join_tasks_suite,  race_suite,
    shield_suite,    try_join_suite,  timeout_suite,     yield_suite,       interval_suite,
    channel_suite,   group_suite,     semaphore_suite,   stream_suite,      socket_suite,
    notice_suite,    offload_suite,   blocking_suite,    child_suite,       foreign_suite,
    misuse_suite,    io_faults_suite, io_cases_suite,    connections_suite, trees_suite,
    small_suite,     bytes_suite,     schedules_suite,   seam_suite,        corpus_suite,
    trace_suite,     notes_suite,     faults_suite,      model_suite,       pictures_suite,
    crowd_suite,     names_suite,     coming_from_suite, interrupt_suite,   demo_suite,
    chrome_suite,    player_suite,    scale_suite,       lessons_suite,     strace_suite,
    sentences_suite, story_suite,     labs_suite,        peek_suite,        gdb_suite,
    build_suite,     views_suite,     readme_suite,      coming_from_suite,
};

int main(void)
{
    SRunner *runner = srunner_create(NULL);
    int run, failed;

    /* Only to end a test that hangs: on a busy machine Check's own 4 s are over too soon. */
    setenv("CK_DEFAULT_TIMEOUT", "600", 0);
    for (size_t i = 0; i < sizeof suites / sizeof suites[0]; i++)
        srunner_add_suite(runner, suites[i]());
    setenv("CK_DEFAULT_TIMEOUT", "60", 0);
    runner = srunner_create(clock_suite());
    srunner_add_suite(runner, list_suite());
    srunner_add_suite(runner, future_suite());
    srunner_add_suite(runner, reactor_suite());
    srunner_add_suite(runner, timers_suite());
    srunner_add_suite(runner, wheel_suite());
    srunner_add_suite(runner, spin_suite());
    srunner_add_suite(runner, sleep_suite());
    srunner_add_suite(runner, watch_suite());
    srunner_add_suite(runner, task_suite());
    srunner_add_suite(runner, executor_suite());
    srunner_add_suite(runner, close_suite());
    srunner_add_suite(runner, join_suite());
    srunner_add_suite(runner, join_tasks_suite());
    srunner_add_suite(runner, race_suite());
    srunner_add_suite(runner, shield_suite());
    srunner_add_suite(runner, try_join_suite());
    srunner_add_suite(runner, timeout_suite());
    srunner_add_suite(runner, yield_suite());
    srunner_add_suite(runner, interval_suite());
    srunner_add_suite(runner, channel_suite());
    srunner_add_suite(runner, group_suite());
    srunner_add_suite(runner, semaphore_suite());
    srunner_add_suite(runner, stream_suite());
    srunner_add_suite(runner, socket_suite());
    srunner_add_suite(runner, notice_suite());
    srunner_add_suite(runner, offload_suite());
    srunner_add_suite(runner, blocking_suite());
    srunner_add_suite(runner, child_suite());
    srunner_add_suite(runner, foreign_suite());
    srunner_add_suite(runner, misuse_suite());
    srunner_add_suite(runner, io_faults_suite());
    srunner_add_suite(runner, io_cases_suite());
    srunner_add_suite(runner, connections_suite());
    srunner_add_suite(runner, trees_suite());
    srunner_add_suite(runner, small_suite());
    srunner_add_suite(runner, bytes_suite());
    srunner_add_suite(runner, schedules_suite());
    srunner_add_suite(runner, seam_suite());
    srunner_add_suite(runner, corpus_suite());
    srunner_add_suite(runner, trace_suite());
    srunner_add_suite(runner, notes_suite());
    srunner_add_suite(runner, faults_suite());
    srunner_add_suite(runner, model_suite());
    srunner_add_suite(runner, pictures_suite());
    srunner_add_suite(runner, crowd_suite());
    srunner_add_suite(runner, names_suite());
    srunner_add_suite(runner, interrupt_suite());
    srunner_add_suite(runner, output_suite());
    srunner_add_suite(runner, demo_suite());
    srunner_add_suite(runner, chrome_suite());
    srunner_add_suite(runner, player_suite());
    srunner_add_suite(runner, scale_suite());
    srunner_add_suite(runner, lessons_suite());
    srunner_add_suite(runner, strace_suite());
    srunner_add_suite(runner, sentences_suite());
    srunner_add_suite(runner, story_suite());
    srunner_add_suite(runner, labs_suite());
    srunner_add_suite(runner, peek_suite());
    srunner_add_suite(runner, gdb_suite());
    srunner_add_suite(runner, build_suite());
    srunner_add_suite(runner, cplusplus_suite());
    srunner_add_suite(runner, views_suite());
    srunner_add_suite(runner, readme_suite());

    srunner_run_all(runner, CK_ENV);
    run = srunner_ntests_run(runner);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    if (run == 0)
        fputs("check-edo: no test of that name\n", stderr);
    return run == 0 || failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
