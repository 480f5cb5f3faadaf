/* SPDX-License-Identifier: MIT */
/* suites.h - one suite per module, and more for the whole: faults, the demo, the lessons, the
 * demo's strace, that as a story, the labs, the demo in gdb, the build, README. */
#ifndef TESTS_SUITES_H
#define TESTS_SUITES_H

#include <check.h>

Suite *clock_suite(void);
Suite *list_suite(void);
Suite *future_suite(void);
Suite *reactor_suite(void);
Suite *timers_suite(void);
Suite *wheel_suite(void);
Suite *spin_suite(void);
Suite *sleep_suite(void);
Suite *watch_suite(void);
Suite *task_suite(void);
Suite *executor_suite(void);
Suite *close_suite(void);
Suite *join_suite(void);
Suite *join_tasks_suite(void);
Suite *race_suite(void);
Suite *shield_suite(void);
Suite *try_join_suite(void);
Suite *timeout_suite(void);
Suite *yield_suite(void);
Suite *interval_suite(void);
Suite *channel_suite(void);
Suite *group_suite(void);
Suite *stream_suite(void);
Suite *socket_suite(void);
Suite *notice_suite(void);
Suite *offload_suite(void);
Suite *blocking_suite(void);
Suite *child_suite(void);
Suite *foreign_suite(void);
Suite *io_faults_suite(void);
Suite *io_cases_suite(void);
Suite *connections_suite(void);
Suite *semaphore_suite(void);
Suite *misuse_suite(void);
Suite *trees_suite(void);
Suite *small_suite(void);
Suite *bytes_suite(void);
Suite *schedules_suite(void);
Suite *seam_suite(void);
Suite *corpus_suite(void);
Suite *trace_suite(void);
Suite *notes_suite(void);
Suite *faults_suite(void);
Suite *model_suite(void);
Suite *pictures_suite(void);
Suite *crowd_suite(void);
Suite *interrupt_suite(void);
Suite *output_suite(void);
Suite *names_suite(void);
Suite *coming_from_suite(void);
Suite *demo_suite(void);
Suite *chrome_suite(void);
Suite *player_suite(void);
Suite *scale_suite(void);
Suite *lessons_suite(void);
Suite *strace_suite(void);
Suite *sentences_suite(void);
Suite *story_suite(void);
Suite *labs_suite(void);
Suite *peek_suite(void);
Suite *gdb_suite(void);
Suite *build_suite(void);
Suite *cplusplus_suite(void);
Suite *views_suite(void);
Suite *readme_suite(void);

#endif
