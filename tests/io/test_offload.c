/* SPDX-License-Identifier: MIT */
/* Calls that block, on the threads of a pool. */
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"
#include "suites.h"
#include "wrap.h"

enum { THREADS = 2, SLOTS = 3 };

struct setup {
    struct runtime runtime;
    struct edo_remote remote;
    struct edo_pool pool;
    pthread_t threads[THREADS];
    struct edo_slot slots[SLOTS];
    uint64_t requests[SLOTS][4];
};

static void setup_open(struct setup *setup, int variant)
{
    struct edo_pool_options options;

    runtime_open(&setup->runtime, variant);
    options = (struct edo_pool_options){.threads = setup->threads,
                                        .thread_count = THREADS,
                                        .slots = setup->slots,
                                        .slot_count = SLOTS,
                                        .requests = setup->requests,
                                        .request_size = sizeof setup->requests[0]};
    ck_assert_int_eq(edo_remote_open(&setup->remote, &setup->runtime.executor.reactor), 0);
    ck_assert_int_eq(edo_pool_open(&setup->pool, &setup->remote, &options), 0);
}

static void setup_close(struct setup *setup)
{
    edo_pool_close(&setup->pool);
    edo_remote_close(&setup->remote);
    runtime_close(&setup->runtime);
}

/* --- Calls ------------------------------------------------------------------------------------ */

static int square(void *request)
{
    uint64_t *number = request;

    *number *= *number;
    return 0;
}

/* A gate that calls wait at. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER;
static bool is_gate_open;
static unsigned at_gate, through_gate;

static int wait_at_gate(void *request)
{
    (void)request;
    pthread_mutex_lock(&lock);
    at_gate++;
    pthread_cond_broadcast(&moved);
    while (!is_gate_open)
        pthread_cond_wait(&moved, &lock);
    through_gate++;
    pthread_mutex_unlock(&lock);
    return 0;
}

static void open_gate(void)
{
    pthread_mutex_lock(&lock);
    is_gate_open = true;
    pthread_cond_broadcast(&moved);
    pthread_mutex_unlock(&lock);
}

static void wait_for_calls(unsigned count)
{
    pthread_mutex_lock(&lock);
    while (at_gate < count)
        pthread_cond_wait(&moved, &lock);
    pthread_mutex_unlock(&lock);
}

static void spawn(struct setup *setup, struct edo_task *task, struct edo_future *future)
{
    edo_task_init(task, "caller", future);
    ck_assert_int_eq(edo_executor_spawn(&setup->runtime.executor, task), 0);
}

START_TEST(a_call_runs_elsewhere_and_its_answer_comes_back)
{
    struct setup setup;
    struct edo_offload offload;
    uint64_t number = 12;

    setup_open(&setup, _i);
    edo_offload_init(&offload, &setup.pool, square, &number, sizeof number);
    ck_assert_ptr_eq(runtime_await(&setup.runtime, &offload.future).value, &number);
    ck_assert_uint_eq(number, 144);
    ck_assert_uint_eq(setup.pool.used, 0);
    setup_close(&setup);
}
END_TEST

static int to_upper(void *request)
{
    char *letter = request;

    *letter = (char)(*letter - 'a' + 'A');
    return 0;
}

START_TEST(a_request_may_be_a_single_byte)
{
    struct setup setup;
    struct edo_offload offload;
    char letter = 'x';

    setup_open(&setup, _i);
    edo_offload_init(&offload, &setup.pool, to_upper, &letter, 1);
    runtime_await(&setup.runtime, &offload.future);
    ck_assert_int_eq(letter, 'X');
    for (int i = 0; i < SLOTS; i++)
        ck_assert_int_eq(setup.slots[i].state, EDO_SLOT_FREE);
    setup_close(&setup);
}
END_TEST

START_TEST(more_calls_than_slots_wait_their_turn)
{
    enum { CALLERS = 100 };
    struct setup setup;
    struct edo_offload offloads[CALLERS];
    struct edo_task tasks[CALLERS];
    uint64_t numbers[CALLERS];

    setup_open(&setup, _i);
    for (uint64_t i = 0; i < CALLERS; i++) {
        numbers[i] = i;
        edo_offload_init(&offloads[i], &setup.pool, square, &numbers[i], sizeof numbers[i]);
        spawn(&setup, &tasks[i], &offloads[i].future);
    }
    ck_assert_int_eq(edo_executor_run(&setup.runtime.executor), 0);
    for (uint64_t i = 0; i < CALLERS; i++)
        ck_assert_uint_eq(numbers[i], i * i);
    setup_close(&setup);
}
END_TEST

/* TH3 */
START_TEST(a_cancelled_call_lets_go_of_its_future_at_once_and_of_its_slot_at_its_end)
{
    struct setup setup;
    struct edo_offload blocked[SLOTS + 1], last;
    struct edo_task tasks[SLOTS + 1];
    uint64_t number;

    setup_open(&setup, _i);
    for (int i = 0; i <= SLOTS; i++) { /* two run, one is queued, one waits for a slot */
        edo_offload_init(&blocked[i], &setup.pool, wait_at_gate, NULL, 0);
        spawn(&setup, &tasks[i], &blocked[i].future);
    }
    edo_executor_turn(&setup.runtime.executor);
    wait_for_calls(THREADS);
    for (int i = 0; i <= SLOTS; i++)
        ck_assert_int_eq(edo_task_cancel(&tasks[i]), EDO_READY);
    memset(blocked, 0xa5, sizeof blocked);
    ck_assert_uint_eq(setup.pool.used, THREADS); /* the calls that run */

    open_gate();
    for (int i = 0; i < 2 * SLOTS; i++) { /* more than there are slots: those come back */
        number = 3;
        edo_offload_init(&last, &setup.pool, square, &number, sizeof number);
        ck_assert_int_eq(runtime_await(&setup.runtime, &last.future).kind, EDO_OUTCOME_OK);
        ck_assert_uint_eq(number, 9);
    }
    setup_close(&setup);
}
END_TEST

static void block(struct setup *setup, struct edo_offload *offload, struct edo_task *task)
{
    edo_offload_init(offload, &setup->pool, wait_at_gate, NULL, 0);
    spawn(setup, task, &offload->future);
}

/* Each thread has a call that waits at the gate. */
static void block_all(struct setup *setup, struct edo_offload *offloads, struct edo_task *tasks)
{
    for (int i = 0; i < THREADS; i++)
        block(setup, &offloads[i], &tasks[i]);
    edo_executor_turn(&setup->runtime.executor);
    wait_for_calls(THREADS);
}

/* A slot came free and woke the first of the two who wait; that one goes away. */
START_TEST(who_is_cancelled_when_a_slot_came_free_leaves_it_to_the_next)
{
    struct setup setup;
    struct edo_offload blocked[SLOTS], waiting[2];
    struct edo_task tasks[SLOTS], waiters[2];

    setup_open(&setup, _i);
    for (int i = 0; i < SLOTS; i++)
        block(&setup, &blocked[i], &tasks[i]);
    for (int i = 0; i < 2; i++)
        block(&setup, &waiting[i], &waiters[i]);
    edo_executor_turn(&setup.runtime.executor);
    wait_for_calls(THREADS);
    edo_task_cancel(&tasks[SLOTS - 1]); /* queued: its slot is free at once */
    edo_task_cancel(&waiters[0]);
    edo_executor_turn(&setup.runtime.executor);
    ck_assert_uint_eq(setup.pool.used, SLOTS);
    open_gate();
    ck_assert_int_eq(edo_executor_run(&setup.runtime.executor), 0);
    ck_assert_int_eq(edo_future_error(&waiting[1].future), 0);
    setup_close(&setup);
}
END_TEST

/* The calls in all slots have ended, and the runtime has not looked at them yet. */
static void wait_for_ends(struct setup *setup)
{
    for (size_t i = 0; i < SLOTS; sched_yield()) {
        pthread_mutex_lock(&setup->pool.lock);
        i += setup->slots[i].state == EDO_SLOT_ENDED;
        pthread_mutex_unlock(&setup->pool.lock);
    }
}

START_TEST(two_slots_that_come_free_at_once_are_used_by_two)
{
    struct setup setup;
    struct edo_offload blocked[SLOTS], waiting[2];
    struct edo_task tasks[SLOTS], waiters[2];

    setup_open(&setup, _i);
    for (int i = 0; i < SLOTS; i++)
        block(&setup, &blocked[i], &tasks[i]);
    for (int i = 0; i < 2; i++)
        block(&setup, &waiting[i], &waiters[i]);
    edo_executor_turn(&setup.runtime.executor);
    open_gate();
    wait_for_ends(&setup);
    is_gate_open = false; /* no call is at the gate now */
    while (edo_task_is_live(&tasks[SLOTS - 1]) || waiting[0].slot == NULL)
        edo_executor_turn_now(&setup.runtime.executor);
    edo_executor_turn_now(&setup.runtime.executor);
    ck_assert_uint_eq(setup.pool.used, 2);
    open_gate();
    ck_assert_int_eq(edo_executor_run(&setup.runtime.executor), 0);
    setup_close(&setup);
}
END_TEST

static void *open_later(void *data);

/* TH3: what the pool was made of may go when it is closed. */
START_TEST(abandoned_calls_that_end_as_the_pool_closes_leave_nothing_behind)
{
    struct setup setup;
    struct edo_offload offloads[THREADS];
    struct edo_task tasks[THREADS];
    pthread_t thread;

    setup_open(&setup, _i);
    block_all(&setup, offloads, tasks);
    for (int i = 0; i < THREADS; i++)
        edo_task_cancel(&tasks[i]);
    pthread_create(&thread, NULL, open_later, NULL);
    edo_pool_close(&setup.pool);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(setup.pool.used, 0);
    ck_assert_uint_eq(setup.runtime.executor.reactor.pending, 0);
    memset(setup.slots, 0xa5, sizeof setup.slots);
    runtime_run_for(&setup.runtime, EDO_MS(1));
    setup_close(&setup);
}
END_TEST

START_TEST(an_abandoned_call_in_a_slot_behind_one_that_is_awaited_leaves_nothing_behind)
{
    struct setup setup;
    struct edo_offload offloads[THREADS];
    struct edo_task tasks[THREADS];
    pthread_t thread;

    setup_open(&setup, _i);
    block_all(&setup, offloads, tasks);
    ck_assert_ptr_eq(offloads[0].slot, &setup.slots[0]);
    for (int i = 1; i < THREADS; i++)
        edo_task_cancel(&tasks[i]);
    pthread_create(&thread, NULL, open_later, NULL);
    edo_pool_close(&setup.pool);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(setup.pool.used, 1);
    ck_assert_int_eq(edo_executor_run(&setup.runtime.executor), 0);
    ck_assert_uint_eq(setup.pool.used, 0);
    setup_close(&setup);
}
END_TEST

enum { CALLERS = 12, ROUNDS = 20000 };

/* Calls are begun and cancelled at random, more than there are slots. Each that ends has its
 * answer, and in the end every slot is free. */
START_TEST(whatever_is_cancelled_each_call_has_its_answer_and_each_slot_comes_back)
{
    struct setup setup;
    struct edo_offload offloads[CALLERS];
    struct edo_task tasks[CALLERS];
    uint64_t numbers[CALLERS], random = 1;
    bool is_begun[CALLERS] = {false};
    size_t rounds = a_million() * ROUNDS / 1000000;

    setup_open(&setup, _i);
    for (size_t round = 0; round < rounds; round++) {
        size_t i = (size_t)(draw(&random) % CALLERS);

        if (is_begun[i] && edo_task_is_live(&tasks[i])) {
            if (draw(&random) % 2 == 0)
                edo_task_cancel(&tasks[i]);
        } else {
            if (is_begun[i] && edo_future_error(&offloads[i].future) == 0)
                ck_assert_uint_eq(numbers[i], i * i);
            numbers[i] = i;
            edo_offload_init(&offloads[i], &setup.pool, square, &numbers[i], sizeof numbers[i]);
            spawn(&setup, &tasks[i], &offloads[i].future);
            is_begun[i] = true;
        }
        if (draw(&random) % 2 == 0)
            edo_executor_turn_now(&setup.runtime.executor);
    }
    ck_assert_int_eq(edo_executor_run(&setup.runtime.executor), 0);
    while (setup.pool.used > 0) /* abandoned calls */
        ck_assert_int_ge(edo_reactor_react(&setup.runtime.executor.reactor, EDO_WAIT), 0);
    ck_assert_uint_eq(setup.runtime.executor.reactor.pending, 0);
    setup_close(&setup);
}
END_TEST

static void *open_later(void *data)
{
    (void)data;
    wait_for_calls(1);
    open_gate();
    return NULL;
}

/* Two run, one is queued, two wait for a slot. Only what has run writes its request back. */
START_TEST(closing_waits_for_the_calls_that_run_and_drops_the_others)
{
    enum { ALL = SLOTS + 2, BEFORE = 1, MEANWHILE = 2 };
    struct setup setup;
    struct edo_offload offloads[ALL];
    struct edo_task tasks[ALL];
    int requests[ALL];
    pthread_t thread;

    setup_open(&setup, _i);
    for (int i = 0; i < ALL; i++) {
        requests[i] = BEFORE;
        edo_offload_init(&offloads[i], &setup.pool, wait_at_gate, &requests[i], sizeof(int));
        spawn(&setup, &tasks[i], &offloads[i].future);
    }
    edo_executor_turn(&setup.runtime.executor);
    wait_for_calls(THREADS);
    for (int i = 0; i < ALL; i++)
        requests[i] = MEANWHILE;
    pthread_mutex_lock(&setup.pool.lock);
    setup.pool.is_closing = true; /* so that no thread takes another call when the gate opens */
    pthread_mutex_unlock(&setup.pool.lock);
    pthread_create(&thread, NULL, open_later, NULL);
    edo_pool_close(&setup.pool);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(through_gate, THREADS);
    ck_assert_int_eq(edo_executor_run(&setup.runtime.executor), 0);
    for (int i = 0; i < ALL; i++) {
        ck_assert_int_eq(edo_future_error(&offloads[i].future), i < THREADS ? 0 : -ESHUTDOWN);
        ck_assert_int_eq(requests[i], i < THREADS ? BEFORE : MEANWHILE);
    }
    setup_close(&setup);
}
END_TEST

/* D6: a waker of the program's own that cancels all, its own future and the calls too. */
struct cancels {
    struct edo_offload *waiting;
    struct edo_task *tasks;
};

static void cancel_all(void *data, struct edo_cause cause)
{
    const struct cancels *cancels = data;

    (void)cause;
    for (int i = 0; i < 2; i++)
        edo_future_cancel(&cancels->waiting[i].future);
    for (int i = 0; i < SLOTS; i++)
        edo_task_cancel(&cancels->tasks[i]);
}

START_TEST(a_waker_may_cancel_all_while_the_pool_closes)
{
    struct setup setup;
    struct edo_offload blocked[SLOTS], waiting[2];
    struct edo_task tasks[SLOTS];
    struct cancels cancels = {waiting, tasks};
    struct edo_context cx = {.waker = {cancel_all, &cancels}};
    pthread_t thread;

    setup_open(&setup, _i);
    for (int i = 0; i < SLOTS; i++)
        block(&setup, &blocked[i], &tasks[i]);
    edo_executor_turn(&setup.runtime.executor);
    wait_for_calls(THREADS);
    for (int i = 0; i < 2; i++) {
        edo_offload_init(&waiting[i], &setup.pool, square, NULL, 0);
        ck_assert_int_eq(edo_future_poll(&waiting[i].future, &cx), EDO_PENDING);
    }
    pthread_create(&thread, NULL, open_later, NULL);
    edo_pool_close(&setup.pool);
    pthread_join(thread, NULL);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(waiting[i].future.state, EDO_CANCELLED);
    ck_assert_uint_eq(setup.pool.used, 0);
    ck_assert_int_eq(edo_executor_run(&setup.runtime.executor), 0);
    setup_close(&setup);
}
END_TEST

/* Its answer is there, and it was not polled for it. */
static void cancel_call(void *data, struct edo_cause cause)
{
    struct edo_offload *offload = data;

    ck_assert_int_eq(cause.kind, EDO_CAUSE_NOTIFY);
    edo_future_cancel(&offload->future);
}

/* D6: the waker of who gets the slot cancels the call that has left it once more. */
START_TEST(a_slot_that_a_cancel_leaves_is_free_once)
{
    struct setup setup;
    struct edo_offload blocked[SLOTS], waiting;
    struct edo_task tasks[SLOTS];
    struct edo_context cx = {.waker = {cancel_call, &blocked[SLOTS - 1]}};

    setup_open(&setup, _i);
    for (int i = 0; i < SLOTS; i++)
        block(&setup, &blocked[i], &tasks[i]);
    edo_executor_turn(&setup.runtime.executor);
    wait_for_calls(THREADS);
    edo_offload_init(&waiting, &setup.pool, square, NULL, 0);
    ck_assert_int_eq(edo_future_poll(&waiting.future, &cx), EDO_PENDING);
    edo_task_cancel(&tasks[SLOTS - 1]); /* queued: its slot is free at once */
    ck_assert_uint_eq(setup.pool.used, SLOTS - 1);
    ck_assert_uint_eq(setup.runtime.executor.reactor.outside, SLOTS - 1);
    ck_assert(!edo_source_is_pending(&setup.slots[SLOTS - 1].done.wait));
    edo_future_cancel(&waiting.future);
    open_gate();
    ck_assert_int_eq(edo_executor_run(&setup.runtime.executor), 0);
    ck_assert_uint_eq(setup.pool.used, 0);
    setup_close(&setup);
}
END_TEST

START_TEST(a_call_that_is_cancelled_when_it_has_ended_frees_its_slot)
{
    struct setup setup;
    struct edo_offload offload;
    struct edo_task task;
    uint64_t number = 2;
    bool has_ended = false;

    setup_open(&setup, _i);
    edo_offload_init(&offload, &setup.pool, square, &number, sizeof number);
    spawn(&setup, &task, &offload.future);
    ck_assert_int_eq(edo_executor_turn(&setup.runtime.executor), 0);
    while (!has_ended) {
        pthread_mutex_lock(&setup.pool.lock);
        has_ended = offload.slot->state == EDO_SLOT_ENDED;
        pthread_mutex_unlock(&setup.pool.lock);
    }
    edo_remote_take(&setup.remote);
    ck_assert_int_eq(edo_task_cancel(&task), EDO_READY);
    ck_assert_uint_eq(setup.pool.used, 0);
    ck_assert_uint_eq(number, 2);
    setup_close(&setup);
}
END_TEST

/* The child has neither the threads nor the epoll set. */
START_TEST(a_forked_child_that_closes_frees_what_the_parent_s_call_holds)
{
    struct setup setup;
    struct edo_offload offload;
    struct edo_task task;
    int status;
    pid_t child;

    setup_open(&setup, _i);
    edo_offload_init(&offload, &setup.pool, wait_at_gate, NULL, 0);
    spawn(&setup, &task, &offload.future);
    ck_assert_int_eq(edo_executor_turn(&setup.runtime.executor), 0);
    wait_for_calls(1);
    child = fork();
    if (child == 0) {
        int error = edo_executor_close(&setup.runtime.executor);

        edo_remote_close(&setup.remote);
        _exit(error != 0 || setup.pool.used != 0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    open_gate();
    ck_assert_int_eq(edo_executor_block_on(&setup.runtime.executor, &task), 0);
    ck_assert_int_eq(edo_future_error(&offload.future), 0);
    setup_close(&setup);
}
END_TEST

START_TEST(a_pool_without_threads_or_slots_is_refused)
{
    struct setup setup;
    struct edo_pool pool;
    struct edo_pool_options options;

    setup_open(&setup, _i);
    options = setup.pool.options;
    options.thread_count = 0;
    options.slot_count = 0;
    ck_assert_int_eq(edo_pool_open(&pool, &setup.remote, &options), -EINVAL);
    options.thread_count = THREADS;
    ck_assert_int_eq(edo_pool_open(&pool, &setup.remote, &options), -EINVAL);
    edo_pool_close(&pool); /* which does nothing */
    setup_close(&setup);
}
END_TEST

static unsigned count_threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    unsigned count = 0;

    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

START_TEST(where_the_second_thread_can_not_be_started_the_first_one_ends)
{
    struct setup setup;
    struct edo_pool pool;
    pthread_t threads[THREADS];
    struct edo_pool_options options;
    unsigned before;

    setup_open(&setup, _i);
    options = setup.pool.options;
    options.threads = threads;
    edo_pool_close(&setup.pool);
    before = count_threads();
    wrap_begin(CALL_PTHREAD_CREATE, 2, 1, EAGAIN);
    ck_assert_int_eq(edo_pool_open(&pool, &setup.remote, &options), -EAGAIN);
    wrap_end();
    while (count_threads() > before) /* it is gone, or going */
        sched_yield();
    edo_pool_close(&pool); /* which does nothing */
    setup_close(&setup);
}
END_TEST

static int fail_with(void *request)
{
    int *number = request;

    return -(*number)++;
}

/* Two pools whose slots are neighbours in memory; a call of the second is abandoned. */
START_TEST(a_pool_that_closes_frees_its_own_slots_and_no_other_pool_s)
{
    struct runtime runtime;
    struct edo_remote remote;
    struct edo_pool pools[2];
    pthread_t threads[2];
    struct edo_slot slots[2];
    uint64_t requests[2];
    struct edo_offload offload;
    struct edo_task task;

    runtime_open(&runtime, _i);
    ck_assert_int_eq(edo_remote_open(&remote, &runtime.executor.reactor), 0);
    for (int i = 0; i < 2; i++) {
        struct edo_pool_options options = {&threads[i], 1, &slots[i], 1, &requests[i], 8};

        ck_assert_int_eq(edo_pool_open(&pools[i], &remote, &options), 0);
    }
    edo_offload_init(&offload, &pools[1], wait_at_gate, NULL, 0);
    edo_task_init(&task, "caller", &offload.future);
    edo_executor_spawn(&runtime.executor, &task);
    edo_executor_turn_now(&runtime.executor);
    wait_for_calls(1);
    edo_task_cancel(&task);
    edo_pool_close(&pools[0]);
    ck_assert_uint_eq(pools[1].used, 1);
    open_gate();
    edo_pool_close(&pools[1]);
    ck_assert_uint_eq(pools[1].used, 0);
    edo_remote_close(&remote);
    runtime_close(&runtime);
}
END_TEST

START_TEST(what_a_call_returns_is_the_error_of_its_future)
{
    struct setup setup;
    struct edo_offload offload;
    int number = ENOTUNIQ;

    setup_open(&setup, _i);
    edo_offload_init(&offload, &setup.pool, fail_with, &number, sizeof number);
    ck_assert_int_eq(runtime_await(&setup.runtime, &offload.future).error, -ENOTUNIQ);
    ck_assert_int_eq(number, ENOTUNIQ + 1); /* the request comes back all the same */
    ck_assert_uint_eq(setup.pool.used, 0);
    setup_close(&setup);
}
END_TEST

START_TEST(a_request_too_large_and_a_closed_pool_are_errors)
{
    struct setup setup;
    struct edo_offload offload;
    char large[sizeof setup.requests[0] + 1] = "";

    setup_open(&setup, _i);
    edo_offload_init(&offload, &setup.pool, square, large, sizeof large);
    ck_assert_int_eq(runtime_await(&setup.runtime, &offload.future).error, -EMSGSIZE);
    edo_pool_close(&setup.pool);
    edo_offload_init(&offload, &setup.pool, square, large, 8);
    ck_assert_int_eq(runtime_await(&setup.runtime, &offload.future).error, -ESHUTDOWN);
    ck_assert(edo_list_is_empty(&setup.pool.waiting));
    setup_close(&setup);
}
END_TEST

/* TH4 */
static int look_at_mask(void *request)
{
    sigset_t *mask = request;

    pthread_sigmask(SIG_SETMASK, NULL, mask);
    return 0;
}

START_TEST(the_threads_have_all_signals_blocked_and_the_caller_has_not)
{
    struct runtime runtime;
    struct edo_remote remote;
    struct edo_pool pool;
    pthread_t thread;
    struct edo_slot slot;
    struct edo_offload offload;
    sigset_t request, mask;
    struct edo_pool_options options = {&thread, 1, &slot, 1, &request, sizeof request};

    runtime_open(&runtime, _i);
    edo_remote_open(&remote, &runtime.executor.reactor);
    ck_assert_int_eq(edo_pool_open(&pool, &remote, &options), 0);
    edo_offload_init(&offload, &pool, look_at_mask, &mask, sizeof mask);
    runtime_await(&runtime, &offload.future);
    ck_assert(sigismember(&mask, SIGTERM) && sigismember(&mask, SIGCHLD));
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    ck_assert(!sigismember(&mask, SIGTERM));
    edo_pool_close(&pool);
    edo_remote_close(&remote);
    runtime_close(&runtime);
}
END_TEST

START_TEST(virtual_time_stands_still_while_a_call_runs)
{
    struct setup setup;
    struct edo_offload offload;
    struct edo_sleep sleep;
    struct edo_task caller, sleeper;
    pthread_t thread;

    setup_open(&setup, _i);
    edo_offload_init(&offload, &setup.pool, wait_at_gate, NULL, 0);
    edo_sleep_init(&sleep, EDO_S(60));
    spawn(&setup, &caller, &offload.future);
    spawn(&setup, &sleeper, &sleep.future);
    pthread_create(&thread, NULL, open_later, NULL);
    ck_assert_int_eq(edo_executor_block_on(&setup.runtime.executor, &caller), 0);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(runtime_now(&setup.runtime), 0);
    ck_assert_int_eq(edo_executor_block_on(&setup.runtime.executor, &sleeper), 0);
    setup_close(&setup);
}
END_TEST

Suite *offload_suite(void)
{
    Suite *suite = suite_create("offload");
    TCase *calls = tcase_create("calls");

    tcase_add_loop_test(calls, a_call_runs_elsewhere_and_its_answer_comes_back, 0, VARIANTS);
    tcase_add_loop_test(calls, a_request_may_be_a_single_byte, 0, VARIANTS);
    tcase_add_loop_test(calls, more_calls_than_slots_wait_their_turn, 0, VARIANTS);
    tcase_add_loop_test(calls, who_is_cancelled_when_a_slot_came_free_leaves_it_to_the_next, 0,
                        VARIANTS);
    tcase_add_loop_test(calls, two_slots_that_come_free_at_once_are_used_by_two, 0, VARIANTS);
    tcase_add_loop_test(calls, abandoned_calls_that_end_as_the_pool_closes_leave_nothing_behind, 0,
                        VARIANTS);
    tcase_add_loop_test(
        calls, an_abandoned_call_in_a_slot_behind_one_that_is_awaited_leaves_nothing_behind, 0,
        VARIANTS);
    tcase_add_loop_test(calls, a_pool_that_closes_frees_its_own_slots_and_no_other_pool_s, 0,
                        VARIANTS);
    tcase_add_loop_test(calls,
                        a_cancelled_call_lets_go_of_its_future_at_once_and_of_its_slot_at_its_end,
                        0, VARIANTS);
    tcase_add_loop_test(calls, closing_waits_for_the_calls_that_run_and_drops_the_others, 0,
                        VARIANTS);
    tcase_add_loop_test(calls, a_waker_may_cancel_all_while_the_pool_closes, 0, VARIANTS);
    tcase_add_loop_test(calls, a_slot_that_a_cancel_leaves_is_free_once, 0, VARIANTS);
    tcase_add_loop_test(calls,
                        whatever_is_cancelled_each_call_has_its_answer_and_each_slot_comes_back, 0,
                        VARIANTS);
    tcase_add_loop_test(calls, a_call_that_is_cancelled_when_it_has_ended_frees_its_slot, 0,
                        VARIANTS);
    tcase_add_loop_test(calls, a_forked_child_that_closes_frees_what_the_parent_s_call_holds, 0,
                        VARIANTS);
    tcase_add_loop_test(calls, a_pool_without_threads_or_slots_is_refused, 0, VARIANTS);
    tcase_add_loop_test(calls, where_the_second_thread_can_not_be_started_the_first_one_ends, 0,
                        VARIANTS);
    tcase_add_loop_test(calls, what_a_call_returns_is_the_error_of_its_future, 0, VARIANTS);
    tcase_add_loop_test(calls, a_request_too_large_and_a_closed_pool_are_errors, 0, VARIANTS);
    tcase_add_loop_test(calls, the_threads_have_all_signals_blocked_and_the_caller_has_not, 0,
                        VARIANTS);
    tcase_add_loop_test(calls, virtual_time_stands_still_while_a_call_runs, 0, VIRTUAL_VARIANTS);
    suite_add_tcase(suite, calls);
    return suite;
}
