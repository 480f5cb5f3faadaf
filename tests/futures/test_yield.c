/* SPDX-License-Identifier: MIT */
/* Yielding. */
#include "helper.h"
#include "suites.h"

/* async fn { for _ in 0..times { note(); yield().await; } } */
struct worker {
    struct edo_future future;
    struct edo_task task;
    struct edo_yield yield;
    unsigned times;
    unsigned rounds;
    const unsigned *slowest; /* how far the one who is behind all others is */
    unsigned *ahead;         /* how far anybody ever was ahead of it */
};

enum worker_state { WORKER_START = EDO_START, WORKER_AWAITS_TURN = EDO_FIRST_AWAIT };

static enum edo_poll worker_poll(struct edo_future *self, struct edo_context *cx)
{
    struct worker *worker = edo_container_of(self, struct worker, future);

    switch ((enum worker_state)self->state) {
    case WORKER_START:
        edo_yield_init(&worker->yield);
        edo_future_goto(self, WORKER_AWAITS_TURN);
        /* fall through */
    case WORKER_AWAITS_TURN:
        while (edo_future_await(self, &worker->yield.future, cx) == EDO_READY) {
            worker->rounds++;
            if (worker->rounds - *worker->slowest > *worker->ahead)
                *worker->ahead = worker->rounds - *worker->slowest;
            if (worker->rounds == worker->times)
                return edo_future_done(self, NULL);
            edo_yield_init(&worker->yield);
        }
        break;
    }
    return EDO_PENDING;
}

START_TEST(it_takes_one_turn_and_wakes_once)
{
    struct edo_yield yield;
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter)};

    edo_yield_init(&yield);
    ck_assert_int_eq(edo_future_poll(&yield.future, &cx), EDO_PENDING);
    ck_assert_uint_eq(counter.wakes, 1);
    ck_assert_int_eq(edo_future_poll(&yield.future, &cx), EDO_READY);
    ck_assert_uint_eq(counter.wakes, 1);
    ck_assert_int_eq(yield.future.state, EDO_DONE);
}
END_TEST

START_TEST(it_can_be_cancelled)
{
    struct edo_yield yield;
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter)};

    edo_yield_init(&yield);
    edo_future_poll(&yield.future, &cx);
    ck_assert_int_eq(edo_future_cancel(&yield.future), EDO_READY);
    ck_assert_int_eq(yield.future.state, EDO_CANCELLED);
}
END_TEST

/* All of five thousand are within one round of each other, all the time. */
START_TEST(nobody_of_thousands_gets_ahead_of_the_others)
{
    enum { WORKERS = 5000, ROUNDS = 10 };
    static const struct edo_future_type type = {.name = "worker", .poll = worker_poll};
    struct worker *workers = calloc(WORKERS, sizeof *workers);
    struct runtime runtime;
    unsigned ahead = 0;

    runtime_open(&runtime, FD_VIRTUAL);
    for (int i = 0; i < WORKERS; i++) {
        edo_future_init(&workers[i].future, &type);
        edo_task_init(&workers[i].task, "worker", &workers[i].future);
        workers[i].times = ROUNDS;
        workers[i].slowest = &workers[WORKERS - 1].rounds; /* the last to be spawned */
        workers[i].ahead = &ahead;
        edo_executor_spawn(&runtime.executor, &workers[i].task);
    }
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_uint_eq(workers[WORKERS - 1].rounds, ROUNDS);
    ck_assert_uint_eq(ahead, 1);
    runtime_close(&runtime);
    free(workers);
}
END_TEST

/* Among tasks that yield all the time, a timer is still seen. */
START_TEST(yielding_tasks_do_not_starve_a_timer)
{
    static const struct edo_future_type type = {.name = "worker", .poll = worker_poll};
    unsigned none = 0, ahead = 0;
    struct worker worker = {.times = UINT32_MAX, .slowest = &none, .ahead = &ahead};
    struct runtime runtime;

    runtime_open(&runtime, VIRTUAL_VARIANTS + _i);
    edo_future_init(&worker.future, &type);
    edo_task_init(&worker.task, "worker", &worker.future);
    edo_executor_spawn(&runtime.executor, &worker.task);
    runtime_run_for(&runtime, EDO_MS(2));
    ck_assert_uint_gt(worker.rounds, 0);
    runtime_close(&runtime);
}
END_TEST

Suite *yield_suite(void)
{
    Suite *suite = suite_create("yield");
    TCase *turns = tcase_create("turns");

    tcase_add_test(turns, it_takes_one_turn_and_wakes_once);
    tcase_add_test(turns, it_can_be_cancelled);
    tcase_add_test(turns, nobody_of_thousands_gets_ahead_of_the_others);
    tcase_add_loop_test(turns, yielding_tasks_do_not_starve_a_timer, 0,
                        VARIANTS - VIRTUAL_VARIANTS);
    suite_add_tcase(suite, turns);
    return suite;
}
