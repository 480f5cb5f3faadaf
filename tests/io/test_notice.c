/* SPDX-License-Identifier: MIT */
/* Notices from other threads and from signal handlers. */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "helper.h"
#include "suites.h"
#include "wrap.h"

struct setup {
    struct runtime runtime;
    struct edo_remote remote;
    struct edo_notice notice;
};

static void setup_open(struct setup *setup, int variant)
{
    runtime_open(&setup->runtime, variant);
    ck_assert_int_eq(edo_remote_open(&setup->remote, &setup->runtime.executor.reactor), 0);
    edo_notice_init(&setup->notice, &setup->remote);
}

static void setup_close(struct setup *setup)
{
    edo_remote_close(&setup->remote);
    runtime_close(&setup->runtime);
}

static struct edo_outcome await_notice(struct setup *setup)
{
    struct edo_notified notified;

    edo_notified_init(&notified, &setup->notice);
    return runtime_await(&setup->runtime, &notified.future);
}

static void *post(void *notice)
{
    edo_notice_post(notice);
    return NULL;
}

START_TEST(a_post_of_another_thread_ends_the_sleep)
{
    struct setup setup;
    pthread_t thread;

    setup_open(&setup, _i);
    ck_assert_int_eq(pthread_create(&thread, NULL, post, &setup.notice), 0);
    ck_assert_int_eq(await_notice(&setup).kind, EDO_OUTCOME_OK);
    pthread_join(thread, NULL);
    setup_close(&setup);
}
END_TEST

static void *post_when_it_sleeps(void *data)
{
    struct setup *setup = data;

    while (!__atomic_load_n(&setup->remote.is_awaited, __ATOMIC_ACQUIRE))
        sched_yield();
    edo_notice_post(&setup->notice);
    return NULL;
}

START_TEST(who_waits_for_a_post_is_woken_by_the_react_that_it_ends)
{
    struct setup setup;
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter)};
    struct edo_notified notified;
    pthread_t thread;

    setup_open(&setup, _i);
    cx.reactor = &setup.runtime.executor.reactor;
    edo_notified_init(&notified, &setup.notice);
    ck_assert_int_eq(edo_future_poll(&notified.future, &cx), EDO_PENDING);
    ck_assert_int_eq(pthread_create(&thread, NULL, post_when_it_sleeps, &setup), 0);
    ck_assert_int_eq(edo_reactor_react(cx.reactor, EDO_WAIT), 1);
    ck_assert_uint_eq(counter.wakes, 1);
    pthread_join(thread, NULL);
    edo_future_cancel(&notified.future);
    setup_close(&setup);
}
END_TEST

/* TH2 */
START_TEST(posts_before_a_wait_are_one_and_are_not_lost)
{
    struct setup setup;
    struct edo_notified notified;
    struct edo_task task;

    setup_open(&setup, _i);
    for (int i = 0; i < 3; i++)
        edo_notice_post(&setup.notice);
    ck_assert_int_eq(await_notice(&setup).kind, EDO_OUTCOME_OK);

    edo_notified_init(&notified, &setup.notice);
    edo_task_init(&task, "waiter", &notified.future);
    edo_executor_spawn(&setup.runtime.executor, &task);
    runtime_run_for(&setup.runtime, EDO_MS(1));
    ck_assert(edo_task_is_live(&task));
    edo_task_cancel(&task);
    setup_close(&setup);
}
END_TEST

/* TH2: the runtime has looked since, and nobody waited. */
START_TEST(a_post_that_was_taken_before_a_wait_has_come_once)
{
    struct setup setup;
    struct edo_notified notified;
    struct edo_context cx = {0};

    setup_open(&setup, _i);
    cx.reactor = &setup.runtime.executor.reactor;
    edo_notice_post(&setup.notice);
    runtime_run_for(&setup.runtime, EDO_MS(1));
    edo_notified_init(&notified, &setup.notice);
    ck_assert_int_eq(edo_future_poll(&notified.future, &cx), EDO_READY);
    edo_notified_init(&notified, &setup.notice);
    ck_assert_int_eq(edo_future_poll(&notified.future, &cx), EDO_PENDING);
    edo_future_cancel(&notified.future);
    setup_close(&setup);
}
END_TEST

START_TEST(a_second_waiter_is_refused)
{
    struct setup setup;
    struct edo_notified first;
    struct edo_task task;

    setup_open(&setup, _i);
    edo_notified_init(&first, &setup.notice);
    edo_task_init(&task, "first", &first.future);
    edo_executor_spawn(&setup.runtime.executor, &task);
    runtime_run_for(&setup.runtime, EDO_MS(1));
    ck_assert_int_eq(await_notice(&setup).error, -EBUSY);
    edo_notice_post(&setup.notice);
    ck_assert_int_eq(edo_executor_block_on(&setup.runtime.executor, &task), 0);
    setup_close(&setup);
}
END_TEST

/* IO7: the first was woken, and is not polled yet. */
START_TEST(a_second_waiter_does_not_take_the_place_of_one_that_was_woken)
{
    struct setup setup;
    struct edo_notified first, second;
    struct edo_task task;
    struct edo_context cx = {0};

    setup_open(&setup, _i);
    cx.reactor = &setup.runtime.executor.reactor;
    edo_notified_init(&first, &setup.notice);
    edo_notified_init(&second, &setup.notice);
    edo_task_init(&task, "first", &first.future);
    edo_executor_spawn(&setup.runtime.executor, &task);
    edo_executor_turn(&setup.runtime.executor);
    edo_notice_post(&setup.notice);
    edo_reactor_react(&setup.runtime.executor.reactor, EDO_NO_WAIT);
    ck_assert_int_eq(edo_future_poll(&second.future, &cx), EDO_READY);
    ck_assert_int_eq(edo_future_error(&second.future), -EBUSY);
    ck_assert_int_eq(edo_executor_block_on(&setup.runtime.executor, &task), 0);
    ck_assert_int_eq(edo_future_error(&first.future), 0);
    setup_close(&setup);
}
END_TEST

START_TEST(what_came_to_a_cancelled_wait_has_come_for_the_next)
{
    struct setup setup;
    struct edo_notified notified;
    struct edo_task task;

    setup_open(&setup, _i);
    edo_notified_init(&notified, &setup.notice);
    edo_task_init(&task, "waiter", &notified.future);
    edo_executor_spawn(&setup.runtime.executor, &task);
    runtime_run_for(&setup.runtime, EDO_MS(1));
    edo_notice_post(&setup.notice);
    edo_remote_take(&setup.remote); /* due, not polled yet */
    edo_task_cancel(&task);
    ck_assert_int_eq(await_notice(&setup).kind, EDO_OUTCOME_OK);
    setup_close(&setup);
}
END_TEST

START_TEST(who_polled_a_wait_last_is_woken)
{
    struct setup setup;
    struct counter first = {0}, last = {0};
    struct edo_context cx = {.waker = counting(&first)};
    struct edo_notified notified;

    setup_open(&setup, _i);
    cx.reactor = &setup.runtime.executor.reactor;
    edo_notified_init(&notified, &setup.notice);
    ck_assert_int_eq(edo_future_poll(&notified.future, &cx), EDO_PENDING);
    cx.waker = counting(&last);
    ck_assert_int_eq(edo_future_poll(&notified.future, &cx), EDO_PENDING);
    edo_notice_post(&setup.notice);
    ck_assert_int_eq(edo_reactor_react(cx.reactor, EDO_NO_WAIT), 1);
    ck_assert_uint_eq(first.wakes, 0);
    ck_assert_uint_eq(last.wakes, 1);
    edo_future_cancel(&notified.future);
    setup_close(&setup);
}
END_TEST

START_TEST(being_polled_for_nothing_a_wait_goes_on)
{
    struct setup setup;
    struct edo_notified notified;
    struct edo_task task;

    setup_open(&setup, _i);
    edo_notified_init(&notified, &setup.notice);
    edo_task_init(&task, "waiter", &notified.future);
    edo_executor_spawn(&setup.runtime.executor, &task);
    runtime_run_for(&setup.runtime, EDO_MS(1));
    edo_wake(edo_task_waker(&task));
    runtime_run_for(&setup.runtime, EDO_MS(1));
    ck_assert(edo_task_is_live(&task));
    edo_notice_post(&setup.notice);
    ck_assert_int_eq(edo_executor_block_on(&setup.runtime.executor, &task), 0);
    setup_close(&setup);
}
END_TEST

START_TEST(on_a_reactor_that_is_closed_nobody_can_wait)
{
    struct setup setup;
    struct edo_notified notified;
    struct edo_context cx;

    setup_open(&setup, _i);
    setup_close(&setup);
    cx = (struct edo_context){.reactor = &setup.runtime.executor.reactor};
    edo_notified_init(&notified, &setup.notice);
    ck_assert_int_eq(edo_future_poll(&notified.future, &cx), EDO_READY);
    ck_assert_int_eq(edo_future_error(&notified.future), -EBADF);
}
END_TEST

/* --- Many threads ----------------------------------------------------------------------------- */

enum { POSTERS = 4 };

struct poster {
    struct edo_notice there, back; /* the answer of the runtime's thread is a plain flag */
    unsigned rounds;
    uint32_t answered; /* shared */
    pthread_t thread;
};

static void *post_and_wait(void *data)
{
    struct poster *poster = data;

    for (unsigned i = 1; i <= poster->rounds; i++) {
        edo_notice_post(&poster->there);
        while (__atomic_load_n(&poster->answered, __ATOMIC_ACQUIRE) != i)
            sched_yield();
    }
    return NULL;
}

/* async fn answer() { for i in 1..=rounds { notified.await; answered = i; } } */
struct answer {
    struct edo_future future;
    struct poster *poster;
    struct edo_notified notified;
    unsigned round;
};

static enum edo_poll answer_poll(struct edo_future *self, struct edo_context *cx)
{
    struct answer *answer = edo_container_of(self, struct answer, future);

    if (self->state == EDO_START) {
        edo_notified_init(&answer->notified, &answer->poster->there);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    while (edo_future_await(self, &answer->notified.future, cx) == EDO_READY) {
        __atomic_store_n(&answer->poster->answered, ++answer->round, __ATOMIC_RELEASE);
        if (answer->round == answer->poster->rounds)
            return edo_future_done(self, NULL);
        edo_notified_init(&answer->notified, &answer->poster->there);
    }
    return EDO_PENDING;
}

/* TH1: where one post is lost at the moment of falling asleep, this never ends. */
START_TEST(no_post_is_lost_whenever_it_comes)
{
    static const struct edo_future_type type = {"answer", answer_poll, NULL, NULL, NULL, NULL};
    struct setup setup;
    struct poster posters[POSTERS];
    struct answer answers[POSTERS];
    struct edo_task tasks[POSTERS];

    setup_open(&setup, _i);
    for (int i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){.rounds = (unsigned)(a_million() / 100)};
        answers[i] = (struct answer){.poster = &posters[i]};
        edo_notice_init(&posters[i].there, &setup.remote);
        edo_future_init(&answers[i].future, &type);
        edo_task_init(&tasks[i], "answer", &answers[i].future);
        edo_executor_spawn(&setup.runtime.executor, &tasks[i]);
        pthread_create(&posters[i].thread, NULL, post_and_wait, &posters[i]);
    }
    ck_assert_int_eq(edo_executor_run(&setup.runtime.executor), 0);
    for (int i = 0; i < POSTERS; i++) {
        pthread_join(posters[i].thread, NULL);
        ck_assert_uint_eq(answers[i].round, posters[i].rounds);
    }
    setup_close(&setup);
}
END_TEST

/* Another thread that posts at the same time as this one. Each has notices of its own, so that all
 * there is between the two is the stack. */
enum { ROUNDS = 200, POSTS = 1000 };

struct rival {
    unsigned begun, ended; /* shared: which round */
    struct edo_notice mine[POSTS], other[POSTS];
};

static void await_round(const unsigned *at, unsigned round)
{
    while (__atomic_load_n(at, __ATOMIC_ACQUIRE) < round)
        sched_yield();
}

static void post_all(struct edo_notice *notices)
{
    for (int i = 0; i < POSTS; i++)
        edo_notice_post(&notices[i]);
}

static void *post_in_each_round(void *data)
{
    struct rival *rival = data;

    for (unsigned round = 1; round <= ROUNDS; round++) {
        await_round(&rival->begun, round);
        post_all(rival->other);
        __atomic_store_n(&rival->ended, round, __ATOMIC_RELEASE);
    }
    return NULL;
}

/* TH1: where two post in the same moment. */
START_TEST(no_post_is_lost_to_another_one)
{
    static struct rival rival;
    struct setup setup;
    pthread_t thread;

    setup_open(&setup, WHEEL_REAL);
    ck_assert_int_eq(pthread_create(&thread, NULL, post_in_each_round, &rival), 0);
    for (unsigned round = 1; round <= ROUNDS; round++) {
        for (int i = 0; i < POSTS; i++) {
            edo_notice_init(&rival.mine[i], &setup.remote);
            edo_notice_init(&rival.other[i], &setup.remote);
        }
        __atomic_store_n(&rival.begun, round, __ATOMIC_RELEASE);
        post_all(rival.mine);
        await_round(&rival.ended, round);
        edo_remote_take(&setup.remote);
        for (int i = 0; i < POSTS; i++)
            ck_assert(rival.mine[i].has_come && rival.other[i].has_come);
    }
    pthread_join(thread, NULL);
    setup_close(&setup);
}
END_TEST

/* TH2: what is posted after the remote was closed is nobody's news, also when it is opened again.
 */
START_TEST(a_post_after_the_close_is_harmless)
{
    struct setup setup;
    struct edo_notified notified;
    struct edo_task task;
    pthread_t thread;

    setup_open(&setup, _i);
    edo_notified_init(&notified, &setup.notice);
    edo_task_init(&task, "waiter", &notified.future);
    edo_executor_spawn(&setup.runtime.executor, &task);
    runtime_run_for(&setup.runtime, EDO_MS(1));
    edo_remote_close(&setup.remote);
    pthread_create(&thread, NULL, post, &setup.notice);
    pthread_join(thread, NULL);
    runtime_run_for(&setup.runtime, EDO_MS(1));
    ck_assert(edo_task_is_live(&task));
    edo_task_cancel(&task);

    ck_assert_int_eq(edo_remote_open(&setup.remote, &setup.runtime.executor.reactor), 0);
    edo_notice_init(&setup.notice, &setup.remote);
    edo_notice_post(&setup.notice);
    ck_assert_int_eq(await_notice(&setup).kind, EDO_OUTCOME_OK);
    setup_close(&setup);
}
END_TEST

/* A runtime on a thread of its own, that posts to another one. */
struct party {
    struct edo_executor executor;
    struct edo_timer_wheel wheel;
    struct edo_remote remote;
    struct edo_notice notice;
    struct party *other;
    pthread_barrier_t *barrier; /* of both */
    unsigned rounds;
    bool begins;
    int error;
};

/* Waits for a post of the other's and answers it, so many times. */
static void exchange_posts(struct party *party)
{
    for (unsigned i = 0; i < party->rounds && !party->error; i++) {
        struct edo_notified notified;
        struct edo_task task;

        if (party->begins)
            edo_notice_post(&party->other->notice);
        edo_notified_init(&notified, &party->notice);
        edo_task_init(&task, "party", &notified.future);
        party->error = edo_executor_block_on(&party->executor, &task);
        if (!party->begins)
            edo_notice_post(&party->other->notice);
    }
}

/* While the other cancels and polls. */
static void post_many(struct party *party)
{
    for (unsigned i = 0; i < party->rounds && !party->error; i++) {
        struct edo_notified notified;
        struct edo_task task;

        edo_notice_post(&party->other->notice);
        edo_notified_init(&notified, &party->notice);
        edo_task_init(&task, "party", &notified.future);
        party->error = edo_executor_spawn(&party->executor, &task);
        edo_executor_turn_now(&party->executor);
        edo_task_cancel(&task);
    }
}

static void *run_party(void *data)
{
    struct party *party = data;
    struct edo_reactor_options options = {.timers = &edo_timer_wheel, .timer_state = &party->wheel};

    party->error = edo_executor_open(&party->executor, &options);
    party->error |= edo_remote_open(&party->remote, &party->executor.reactor);
    edo_notice_init(&party->notice, &party->remote);
    pthread_barrier_wait(party->barrier);
    exchange_posts(party);
    post_many(party);
    pthread_barrier_wait(party->barrier); /* nobody posts any more */
    edo_remote_close(&party->remote);
    party->error |= edo_executor_close(&party->executor);
    return NULL;
}

/* TH5 */
START_TEST(two_runtimes_post_to_each_other_and_close)
{
    static struct party parties[2];
    pthread_barrier_t barrier;
    pthread_t threads[2];
    int fds = count_fds();

    pthread_barrier_init(&barrier, NULL, 2);
    for (int i = 0; i < 2; i++)
        parties[i] = (struct party){.other = &parties[1 - i],
                                    .barrier = &barrier,
                                    .rounds = (unsigned)(a_million() / 50),
                                    .begins = i == 0};
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, run_party, &parties[i]);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(parties[i].error, 0);
    }
    ck_assert_int_eq(count_fds(), fds);
    pthread_barrier_destroy(&barrier);
}
END_TEST

/* --- Signals ---------------------------------------------------------------------------------- */

static struct edo_notice *notice_of_signal;

static void post_from_handler(int signal)
{
    (void)signal;
    edo_notice_post(notice_of_signal);
}

START_TEST(a_signal_handler_may_post)
{
    struct setup setup;
    struct sigaction action = {.sa_handler = post_from_handler};

    setup_open(&setup, _i);
    notice_of_signal = &setup.notice;
    sigaction(SIGUSR1, &action, NULL);
    kill(getpid(), SIGUSR1);
    ck_assert_int_eq(await_notice(&setup).kind, EDO_OUTCOME_OK);
    setup_close(&setup);
}
END_TEST

START_TEST(a_reactor_has_one_remote)
{
    struct setup setup;
    struct edo_remote second;

    setup_open(&setup, _i);
    ck_assert_int_eq(edo_remote_open(&second, &setup.runtime.executor.reactor), -EBUSY);
    edo_remote_close(&second);
    /* In brackets: nobody fills it before (make check-dirty). */
    ck_assert_int_eq((edo_remote_open)(&setup.remote, &setup.runtime.executor.reactor), -EBUSY);
    edo_notice_post(&setup.notice); /* that one is as it was */
    ck_assert_int_eq(await_notice(&setup).kind, EDO_OUTCOME_OK);
    setup_close(&setup);
}
END_TEST

/* The eventfd is only there to end a sleep. */
START_TEST(a_post_to_a_runtime_that_is_awake_writes_nothing)
{
    struct setup setup;
    struct edo_notice other;
    struct edo_sleep sleep;
    uint64_t posts;

    setup_open(&setup, _i);
    edo_sleep_init(&sleep, EDO_US(1));
    runtime_await(&setup.runtime, &sleep.future);
    edo_notice_init(&other, &setup.remote);
    edo_notice_post(&setup.notice);
    edo_notice_post(&other);
    ck_assert_int_eq((int)read(setup.remote.event.fd, &posts, sizeof posts), -1);
    ck_assert_int_eq(errno, EAGAIN);
    setup_close(&setup);
}
END_TEST

START_TEST(a_burst_of_posts_is_one_write)
{
    struct setup setup;
    struct edo_notice other;
    uint64_t posts;

    setup_open(&setup, _i);
    edo_notice_init(&other, &setup.remote);
    edo_remote_set_awaited(&setup.remote, true);
    edo_notice_post(&setup.notice);
    edo_notice_post(&other);
    ck_assert_int_eq((int)read(setup.remote.event.fd, &posts, sizeof posts), sizeof posts);
    ck_assert_uint_eq(posts, 1);
    setup_close(&setup);
}
END_TEST

/* Not even by a write that fails: the eventfd is full. */
START_TEST(a_post_leaves_errno_as_it_was)
{
    static const uint64_t most = UINT64_MAX - 1;
    struct setup setup;

    setup_open(&setup, _i);
    edo_remote_set_awaited(&setup.remote, true);
    ck_assert_int_eq((int)write(setup.remote.event.fd, &most, sizeof most), sizeof most);
    errno = ENOTTY;
    edo_notice_post(&setup.notice);
    ck_assert_int_eq(errno, ENOTTY);
    setup_close(&setup);
}
END_TEST

START_TEST(a_remote_that_could_not_be_opened_closes_nobody_s_fd)
{
    struct runtime runtime;
    struct edo_remote remote;
    int other;

    runtime_open(&runtime, _i);
    wrap_begin(CALL_EPOLL_ADD, 1, 1, ENOSPC);
    ck_assert_int_eq(edo_remote_open(&remote, &runtime.executor.reactor), -ENOSPC);
    wrap_end();
    other = dup(STDIN_FILENO); /* it gets the number of the eventfd */
    edo_remote_close(&remote);
    ck_assert_int_eq(close(other), 0);
    runtime_close(&runtime);
}
END_TEST

Suite *notice_suite(void)
{
    Suite *suite = suite_create("notice");
    TCase *notices = tcase_create("notices");
    TCase *threads = tcase_create("threads");

    tcase_add_loop_test(notices, posts_before_a_wait_are_one_and_are_not_lost, 0, VARIANTS);
    tcase_add_loop_test(notices, a_post_that_was_taken_before_a_wait_has_come_once, 0, VARIANTS);
    tcase_add_loop_test(notices, a_second_waiter_is_refused, 0, VARIANTS);
    tcase_add_loop_test(notices, a_second_waiter_does_not_take_the_place_of_one_that_was_woken, 0,
                        VARIANTS);
    tcase_add_loop_test(notices, what_came_to_a_cancelled_wait_has_come_for_the_next, 0, VARIANTS);
    tcase_add_loop_test(notices, who_polled_a_wait_last_is_woken, 0, VARIANTS);
    tcase_add_loop_test(notices, being_polled_for_nothing_a_wait_goes_on, 0, VARIANTS);
    tcase_add_loop_test(notices, on_a_reactor_that_is_closed_nobody_can_wait, 0, VARIANTS);
    tcase_add_loop_test(notices, a_signal_handler_may_post, 0, VARIANTS);
    tcase_add_loop_test(notices, a_reactor_has_one_remote, 0, VARIANTS);
    tcase_add_loop_test(notices, a_post_to_a_runtime_that_is_awake_writes_nothing, 0, VARIANTS);
    tcase_add_loop_test(notices, a_burst_of_posts_is_one_write, 0, VARIANTS);
    tcase_add_loop_test(notices, a_post_leaves_errno_as_it_was, 0, VARIANTS);
    tcase_add_loop_test(notices, a_remote_that_could_not_be_opened_closes_nobody_s_fd, 0, VARIANTS);
    suite_add_tcase(suite, notices);
    tcase_add_loop_test(threads, a_post_of_another_thread_ends_the_sleep, 0, VARIANTS);
    tcase_add_loop_test(threads, who_waits_for_a_post_is_woken_by_the_react_that_it_ends, 0,
                        VARIANTS);
    tcase_add_loop_test(threads, no_post_is_lost_whenever_it_comes, 0, VARIANTS);
    tcase_add_test(threads, no_post_is_lost_to_another_one);
    tcase_add_loop_test(threads, a_post_after_the_close_is_harmless, 0, VARIANTS);
    tcase_add_test(threads, two_runtimes_post_to_each_other_and_close);
    suite_add_tcase(suite, threads);
    return suite;
}
