/* SPDX-License-Identifier: MIT */
/* The watch future: tasks that wait for fds. */
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"
#include "suites.h"

START_TEST(a_watch_is_ready_when_its_fd_is)
{
    struct runtime runtime;
    struct edo_watch watch;
    struct edo_sleep sleep;
    struct edo_task reader, writer;
    int ends[2];

    runtime_open(&runtime, _i);
    ck_assert_int_eq(pipe(ends), 0);
    memset(&watch, 1, sizeof watch); /* so it seems to be armed */
    edo_watch_init(&watch, ends[0], EPOLLIN);
    edo_sleep_init(&sleep, EDO_MS(1));
    edo_task_init(&reader, "reader", &watch.future);
    edo_task_init(&writer, "writer", &sleep.future);
    edo_executor_spawn(&runtime.executor, &reader);
    edo_executor_block_on(&runtime.executor, &writer);
    ck_assert(edo_task_is_live(&reader));

    ck_assert_int_eq((int)write(ends[1], "x", 1), 1);
    close(ends[1]);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &reader), 0);
    ck_assert_int_eq(edo_future_outcome(&watch.future).kind, EDO_OUTCOME_OK);
    ck_assert_uint_eq(watch.ready, EPOLLIN | EPOLLHUP);
    close(ends[0]);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_ready_fd_comes_before_virtual_time_moves_on)
{
    struct runtime runtime;
    struct edo_watch watch;
    struct edo_sleep sleep;
    struct edo_task reader, sleeper;
    int ends[2];

    runtime_open(&runtime, _i);
    ck_assert_int_eq(pipe(ends), 0);
    edo_watch_init(&watch, ends[1], EPOLLOUT);
    edo_sleep_init(&sleep, EDO_MS(1));
    edo_task_init(&reader, "reader", &watch.future);
    edo_task_init(&sleeper, "sleeper", &sleep.future);
    edo_executor_spawn(&runtime.executor, &sleeper);
    edo_executor_block_on(&runtime.executor, &reader);
    ck_assert_uint_eq(runtime_now(&runtime), 0);
    close(ends[0]);
    close(ends[1]);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_watch_disarmed_behind_its_back_fails)
{
    struct runtime runtime;
    struct edo_watch watch;
    struct edo_context cx = {0};
    int ends[2];

    runtime_open(&runtime, _i);
    cx.reactor = &runtime.executor.reactor;
    ck_assert_int_eq(pipe(ends), 0);
    edo_watch_init(&watch, ends[1], EPOLLOUT);
    edo_future_poll(&watch.future, &cx);
    edo_source_disarm(&watch.source);
    edo_future_poll(&watch.future, &cx);
    ck_assert_int_eq(watch.future.error, -ECANCELED);
    ck_assert_uint_eq(watch.ready, 0);
    close(ends[0]);
    close(ends[1]);
    runtime_close(&runtime);
}
END_TEST

/* E4 */
START_TEST(a_second_watch_of_an_fd_fails_and_the_first_goes_on)
{
    struct runtime runtime;
    struct edo_watch first, second;
    struct edo_task one, two;
    int ends[2];

    runtime_open(&runtime, _i);
    ck_assert_int_eq(pipe(ends), 0);
    edo_watch_init(&first, ends[0], EPOLLIN);
    edo_watch_init(&second, ends[0], EPOLLIN);
    edo_task_init(&one, "one", &first.future);
    edo_task_init(&two, "two", &second.future);
    edo_executor_spawn(&runtime.executor, &one);
    edo_executor_block_on(&runtime.executor, &two);
    ck_assert_int_eq(second.future.error, -EEXIST);
    ck_assert_int_eq((int)write(ends[1], "x", 1), 1);
    edo_executor_block_on(&runtime.executor, &one);
    ck_assert_int_eq(edo_future_outcome(&first.future).kind, EDO_OUTCOME_OK);
    close(ends[0]);
    close(ends[1]);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_cancelled_watch_lets_go_of_the_fd_and_leaves_it_open)
{
    struct runtime runtime;
    struct edo_watch watch;
    struct edo_context cx = {0};
    int ends[2];

    runtime_open(&runtime, _i);
    cx.reactor = &runtime.executor.reactor;
    ck_assert_int_eq(pipe(ends), 0);
    edo_watch_init(&watch, ends[0], EPOLLIN);
    edo_future_poll(&watch.future, &cx);
    edo_future_cancel(&watch.future);
    ck_assert_uint_eq(cx.reactor->pending, 0);
    ck_assert_uint_eq(cx.reactor->watched, 0);
    edo_watch_init(&watch, ends[0], EPOLLIN); /* no -EEXIST */
    ck_assert_int_eq(edo_future_poll(&watch.future, &cx), EDO_PENDING);
    edo_future_cancel(&watch.future);
    close(ends[0]);
    close(ends[1]);
    runtime_close(&runtime);
}
END_TEST

/* J8 */
START_TEST(the_waker_of_the_latest_poll_is_called)
{
    struct runtime runtime;
    struct edo_watch watch;
    struct counter first = {0}, second = {0};
    struct edo_context cx = {.waker = counting(&first)};
    int ends[2];

    runtime_open(&runtime, _i);
    cx.reactor = &runtime.executor.reactor;
    ck_assert_int_eq(pipe(ends), 0);
    edo_watch_init(&watch, ends[1], EPOLLOUT);
    edo_future_poll(&watch.future, &cx);
    cx.waker = counting(&second);
    edo_future_poll(&watch.future, &cx);
    edo_reactor_react(cx.reactor, EDO_WAIT);
    ck_assert_uint_eq(first.wakes, 0);
    ck_assert_uint_eq(second.wakes, 1);
    close(ends[0]);
    close(ends[1]);
    runtime_close(&runtime);
}
END_TEST

/* It only closes fds. */
START_TEST(a_forked_child_that_closes_loses_no_watch)
{
    struct runtime runtime;
    struct edo_watch watch;
    struct edo_task task;
    int ends[2], status;
    pid_t child;

    runtime_open(&runtime, _i);
    ck_assert_int_eq(pipe(ends), 0);
    edo_watch_init(&watch, ends[0], EPOLLIN);
    edo_task_init(&task, "watcher", &watch.future);
    edo_executor_spawn(&runtime.executor, &task);
    edo_executor_turn_now(&runtime.executor);
    child = fork();
    if (child == 0) {
        edo_executor_close(&runtime.executor);
        _exit((int)runtime.executor.reactor.lost);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    close(ends[0]);
    close(ends[1]);
    runtime_close(&runtime);
}
END_TEST

Suite *watch_suite(void)
{
    Suite *suite = suite_create("watch");
    TCase *tcase = tcase_create("watch");

    tcase_add_loop_test(tcase, a_watch_is_ready_when_its_fd_is, 0, VARIANTS);
    tcase_add_loop_test(tcase, a_ready_fd_comes_before_virtual_time_moves_on, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(tcase, a_second_watch_of_an_fd_fails_and_the_first_goes_on, 0, VARIANTS);
    tcase_add_loop_test(tcase, a_watch_disarmed_behind_its_back_fails, 0, VARIANTS);
    tcase_add_loop_test(tcase, a_cancelled_watch_lets_go_of_the_fd_and_leaves_it_open, 0, VARIANTS);
    tcase_add_loop_test(tcase, the_waker_of_the_latest_poll_is_called, 0, VARIANTS);
    tcase_add_loop_test(tcase, a_forked_child_that_closes_loses_no_watch, 0, VARIANTS);
    suite_add_tcase(suite, tcase);
    return suite;
}
