/* SPDX-License-Identifier: MIT */
/* K2, K7: every system call of the runtime fails in turn: at each occurrence, with each errno that
 * its man page names and that can happen here, once and from then on (EINVAL of timerfd_settime is
 * K2). Whatever failed, the right future or call returns the error, the others finish, and no fd
 * stays open. */
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "helper.h"
#include "suites.h"
#include "wrap.h"

/* EAGAIN or EINTR for ever would be a wait for ever, by contract; "from then on" is so many. */
enum { FROM_THEN_ON = 60 };

struct fault {
    enum wrapped call;
    int answer;
    bool is_fatal; /* ends a future or the run; else it makes no difference */
};

/* epoll_create1(2), epoll_ctl(2), epoll_wait(2), timerfd_create(2), read(2), close(2). */
static const struct fault faults[] = {
    {CALL_EPOLL_CREATE, EMFILE, true},
    {CALL_EPOLL_CREATE, ENFILE, true},
    {CALL_EPOLL_CREATE, ENOMEM, true},
    {CALL_EPOLL_ADD, ENOMEM, true},
    {CALL_EPOLL_ADD, ENOSPC, true},
    {CALL_EPOLL_ADD, EBADF, true},
    {CALL_EPOLL_ADD, EPERM, true},
    {CALL_EPOLL_DEL, EBADF, false},
    {CALL_EPOLL_DEL, ENOENT, false},
    {CALL_EPOLL_DEL, ENOMEM, false},
    {CALL_EPOLL_WAIT, EINTR, false},
    {CALL_EPOLL_WAIT, EBADF, true},
    {CALL_EPOLL_WAIT, EFAULT, true},
    {CALL_EPOLL_WAIT, EINVAL, true},
    {CALL_TIMERFD_CREATE, EMFILE, true},
    {CALL_TIMERFD_CREATE, ENFILE, true},
    {CALL_TIMERFD_CREATE, ENODEV, true},
    {CALL_TIMERFD_CREATE, ENOMEM, true},
    {CALL_TIMERFD_SETTIME, EINVAL, true},
    {CALL_TIMERFD_SETTIME, EBADF, true},
    {CALL_TIMERFD_SETTIME, EFAULT, true},
    {CALL_READ, EAGAIN, false},
    {CALL_READ, EINTR, false},
    {CALL_READ, SHORT_READ, false},
    {CALL_READ, EMPTY_READ, false},
    {CALL_READ, EBADF, true},
    {CALL_READ, EINVAL, true},
    {CALL_READ, EIO, true},
    {CALL_CLOSE, EINTR, false},
    {CALL_CLOSE, EIO, false},
};

enum { FAULTS = sizeof faults / sizeof faults[0] };

/* A little of everything: five sleeps in tasks, two joined in one task, two cancelled, a watched
 * pipe, and a join of it all. */
enum { SLEEPERS = 5, JOINED = 2, TASKS = SLEEPERS + 2 };

struct scenario {
    struct edo_sleep sleeps[SLEEPERS];
    struct edo_sleep joined[JOINED];
    struct edo_branch branches[JOINED];
    struct edo_join join;
    struct edo_watch watch;
    struct edo_task tasks[TASKS];
    struct edo_join_tasks all;
    struct edo_task main;
};

static void spawn(struct edo_executor *executor, struct edo_task *task, struct edo_future *future)
{
    edo_task_init(task, "task", future);
    ck_assert_int_eq(edo_executor_spawn(executor, task), 0);
}

static void spawn_all(struct scenario *s, struct edo_executor *executor, int fd)
{
    for (unsigned i = 0; i < SLEEPERS; i++) {
        edo_sleep_init(&s->sleeps[i], i < 3 ? EDO_US(100 * (i % 2)) : EDO_S(60));
        spawn(executor, &s->tasks[i], &s->sleeps[i].future);
    }
    edo_sleep_until_init(&s->sleeps[2], edo_clock_now(&executor->reactor.clock) + EDO_US(150));
    for (unsigned i = 0; i < JOINED; i++) {
        edo_sleep_init(&s->joined[i], EDO_US(50 + 20 * i));
        s->branches[i].child = &s->joined[i].future;
    }
    edo_join_init(&s->join, s->branches, JOINED);
    spawn(executor, &s->tasks[SLEEPERS], &s->join.future);
    edo_watch_init(&s->watch, fd, EPOLLOUT);
    spawn(executor, &s->tasks[SLEEPERS + 1], &s->watch.future);
}

/* Runs until the first joined sleep is over, cancels the endless two, joins everything. */
static int run(struct scenario *s, struct edo_executor *executor)
{
    int error = edo_executor_block_on(executor, &s->tasks[SLEEPERS]);

    if (error)
        return error;
    edo_task_cancel(&s->tasks[3]);
    edo_task_cancel(&s->tasks[4]);
    edo_join_tasks_init(&s->all, s->tasks, TASKS);
    edo_task_init(&s->main, "main", &s->all.future);
    return edo_executor_block_on(executor, &s->main);
}

/* A watched fd that can't be taken out of the set is not the one that was put in: -EBADF. */
static int error_of(const struct fault *fault)
{
    return fault->call == CALL_EPOLL_DEL ? -EBADF : -fault->answer;
}

/* How many leaf futures failed, each with the injected error; the others end as they should. */
static unsigned check_ends(struct scenario *s, const struct fault *fault)
{
    struct edo_future *leaves[SLEEPERS + JOINED + 1] = {&s->watch.future};
    unsigned failed = 0;

    for (unsigned i = 0; i < SLEEPERS; i++)
        leaves[1 + i] = &s->sleeps[i].future;
    for (unsigned i = 0; i < JOINED; i++)
        leaves[1 + SLEEPERS + i] = &s->joined[i].future;
    for (unsigned i = 0; i < sizeof leaves / sizeof leaves[0]; i++) {
        bool is_endless = leaves[i] == &s->sleeps[3].future || leaves[i] == &s->sleeps[4].future;
        struct edo_outcome outcome = edo_future_outcome(leaves[i]);

        switch (outcome.kind) {
        case EDO_OUTCOME_OK:
            ck_assert(!is_endless);
            break;
        case EDO_OUTCOME_FAILED:
            ck_assert_int_eq(outcome.error, error_of(fault));
            failed++;
            break;
        case EDO_OUTCOME_CANCELLED:
            ck_assert(is_endless);
            break;
        }
    }
    return failed;
}

/* Each failing call is the error of one leaf; but the wheel has nobody whose error it is when its
 * timerfd can't be set to nothing, and where a wait fails in the turn in which the task ends, that
 * counts. */
static void check_failed(unsigned failed, const struct fault *fault, bool is_wheel)
{
    unsigned most = fault->is_fatal ? wrap_failed() : fault->call == CALL_EPOLL_DEL;

    ck_assert_uint_le(failed, most);
    ck_assert(failed == most || fault->call == CALL_EPOLL_DEL || fault->call == CALL_EPOLL_WAIT ||
              (is_wheel && fault->call == CALL_TIMERFD_SETTIME));
}

/* One run with one fault. How many calls of that kind there were. */
static unsigned inject(int variant, const struct fault *fault, unsigned nth, unsigned times)
{
    bool is_wheel = variant == WHEEL_VIRTUAL || variant == WHEEL_REAL;
    struct edo_timer_wheel wheel;
    struct edo_reactor_options options = {.is_virtual = variant < VIRTUAL_VARIANTS,
                                          .timers = is_wheel ? &edo_timer_wheel : &edo_timer_fd,
                                          .timer_state = &wheel};
    struct edo_executor executor;
    struct scenario scenario;
    int fds_before = count_fds();
    int ends[2], error;

    ck_assert_int_eq(pipe(ends), 0);
    wrap_begin(fault->call, nth, times, fault->answer);
    error = edo_executor_open(&executor, &options);
    if (!error) {
        spawn_all(&scenario, &executor, ends[1]);
        error = run(&scenario, &executor);
        if (!error) {
            unsigned failed = check_ends(&scenario, fault);

            check_failed(failed, fault, is_wheel);
            ck_assert_uint_eq(executor.reactor.pending, 0);
        }
        ck_assert_int_eq(edo_executor_close(&executor), 0);
    }
    wrap_end();
    if (error) {
        ck_assert(fault->call == CALL_EPOLL_CREATE || fault->call == CALL_EPOLL_WAIT ||
                  (is_wheel && nth == 1)); /* its timerfd, when it is opened */
        ck_assert(fault->is_fatal);
        ck_assert_int_eq(error, -fault->answer);
    }
    close(ends[0]);
    close(ends[1]);
    ck_assert_int_eq(count_fds(), fds_before);
    return wrap_count(fault->call);
}

static unsigned injections;

/* With this fault, at the first, the second, ... occurrence, until there are no more. */
static void inject_everywhere(int variant, const struct fault *fault, unsigned times)
{
    for (unsigned nth = 1; inject(variant, fault, nth, times) >= nth; nth++)
        injections++;
}

START_TEST(without_a_fault_everything_ends_as_it_should)
{
    struct fault none = {.call = CALL_READ};

    for (int variant = 0; variant < VARIANTS; variant++)
        inject(variant, &none, 0, 0);
}
END_TEST

START_TEST(whichever_system_call_fails_the_rest_goes_on)
{
    injections = 0;
    for (int i = 0; i < FAULTS; i++) {
        inject_everywhere(_i, &faults[i], 1);
        inject_everywhere(_i, &faults[i], FROM_THEN_ON);
    }
    ck_assert_uint_gt(injections, FAULTS);
    printf("faults: %u injections on the %s clock, %s\n", injections,
           _i < VIRTUAL_VARIANTS ? "virtual" : "real",
           _i == FD_VIRTUAL || _i == FD_REAL ? "fd" : "wheel");
    fflush(stdout);
}
END_TEST

Suite *faults_suite(void)
{
    Suite *suite = suite_create("faults");
    TCase *tcase = tcase_create("system calls");

    tcase_add_test(tcase, without_a_fault_everything_ends_as_it_should);
    tcase_add_loop_test(tcase, whichever_system_call_fails_the_rest_goes_on, 0, VARIANTS);
    suite_add_tcase(suite, tcase);
    return suite;
}
