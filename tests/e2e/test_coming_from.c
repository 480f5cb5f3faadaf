/* SPDX-License-Identifier: MIT */
/* reactor/COMING-FROM.md: each row of its tables of behaviours names a test of this file, which
 * runs what the row says of edo; and what its tables of calls name is there. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helper.h"
#include "process.h"
#include "suites.h"

/* --- What the tests share ----------------------------------------------------------------------
 */

static void spawn(struct runtime *runtime, struct edo_task *task, struct edo_future *future)
{
    edo_task_init(task, "spawned", future);
    ck_assert_int_eq(edo_executor_spawn(&runtime->executor, task), 0);
}

static void turn(struct runtime *runtime)
{
    ck_assert_int_eq(edo_executor_turn_now(&runtime->executor), 0);
}

/* A task that has come to its first await. */
static void spawn_and_poll(struct runtime *runtime, struct edo_task *task,
                           struct edo_future *future)
{
    spawn(runtime, task, future);
    turn(runtime);
    ck_assert(edo_task_is_live(task));
}

static void check_error(struct runtime *runtime, struct edo_future *future, int error)
{
    runtime_await(runtime, future);
    ck_assert_int_eq(edo_future_error(future), error);
}

/* A future that calls a function in its only poll. */
struct in_poll {
    struct edo_future future;
    int (*call)(struct edo_context *cx);
    int result;
};

static enum edo_poll in_poll_poll(struct edo_future *self, struct edo_context *cx)
{
    struct in_poll *in_poll = edo_container_of(self, struct in_poll, future);

    in_poll->result = in_poll->call(cx);
    return edo_future_done(self, NULL);
}

static void in_poll_init(struct in_poll *in_poll, int (*call)(struct edo_context *cx))
{
    static const struct edo_future_type type = {.name = "in_poll", .poll = in_poll_poll};

    edo_future_init(&in_poll->future, &type);
    in_poll->call = call;
    in_poll->result = 1;
}

static void open_pair(struct runtime *runtime, struct edo_io *io, int *other)
{
    int fds[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    ck_assert_int_eq(edo_io_open(io, &runtime->executor.reactor, fds[0]), 0);
    *other = fds[1];
}

/* --- Time --------------------------------------------------------------------------------------
 */

START_TEST(a_duration_counts_from_the_first_poll)
{
    struct runtime runtime;
    struct edo_sleep sleep;

    runtime_open(&runtime, _i);
    edo_sleep_init(&sleep, EDO_MS(10));
    runtime_run_for(&runtime, EDO_MS(5));
    runtime_await(&runtime, &sleep.future);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(15));
    runtime_close(&runtime);
}
END_TEST

static int hold_the_loop(struct edo_context *cx)
{
    edo_clock_advance(&cx->reactor->clock, EDO_MS(30));
    return 0;
}

START_TEST(it_counts_from_now_and_not_from_the_turn)
{
    struct runtime runtime;
    struct in_poll holder;
    struct edo_sleep sleep;
    struct edo_future *children[] = {&holder.future, &sleep.future};
    struct sequence sequence;

    runtime_open(&runtime, _i);
    in_poll_init(&holder, hold_the_loop);
    edo_sleep_init(&sleep, EDO_MS(10));
    sequence_init(&sequence, children, 2);
    runtime_await(&runtime, &sequence.future);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(40));
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_deadline_is_kept_to_the_ns)
{
    struct runtime runtime;
    struct edo_sleep sleep;

    runtime_open(&runtime, _i);
    edo_sleep_until_init(&sleep, 1234567);
    runtime_await(&runtime, &sleep.future);
    ck_assert_uint_eq(runtime_now(&runtime), 1234567);
    runtime_close(&runtime);
}
END_TEST

START_TEST(equal_deadlines_come_in_the_order_of_arming)
{
    struct runtime runtime;
    struct edo_sleep sleeps[3];
    struct edo_task tasks[3];

    runtime_open(&runtime, _i);
    for (int i = 0; i < 3; i++) {
        edo_sleep_until_init(&sleeps[i], EDO_MS(10));
        spawn_and_poll(&runtime, &tasks[i], &sleeps[i].future);
    }
    edo_clock_advance(&runtime.executor.reactor.clock, EDO_MS(10));
    ck_assert_int_eq(edo_reactor_react(&runtime.executor.reactor, EDO_NO_WAIT), 3);
    ck_assert_ptr_eq(edo_executor_next_task(&runtime.executor, NULL), &tasks[0]);
    ck_assert_ptr_eq(edo_executor_next_task(&runtime.executor, &tasks[0]), &tasks[1]);
    ck_assert_ptr_eq(edo_executor_next_task(&runtime.executor, &tasks[1]), &tasks[2]);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_sleep_is_moved_while_it_is_awaited)
{
    struct runtime runtime;
    struct edo_sleep idle;
    struct edo_task task;

    runtime_open(&runtime, _i);
    edo_sleep_init(&idle, EDO_MS(10));
    spawn_and_poll(&runtime, &task, &idle.future);
    runtime_run_for(&runtime, EDO_MS(5));
    edo_sleep_reset(&idle, EDO_MS(10));
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(15));
    runtime_close(&runtime);
}
END_TEST

/* When the k-th tick is due that comes after 35 ms in which nobody awaited one. */
static uint64_t tick_after_35_ms(int variant, enum edo_missed missed, int k)
{
    struct edo_interval interval;
    struct runtime runtime;

    runtime_open(&runtime, variant);
    edo_interval_init(&interval, EDO_MS(10), missed);
    runtime_await(&runtime, &interval.future);
    runtime_run_for(&runtime, EDO_MS(35));
    for (; k > 0; k--) {
        edo_interval_next(&interval);
        runtime_await(&runtime, &interval.future);
    }
    runtime_close(&runtime);
    return interval.due_ns;
}

START_TEST(what_becomes_of_missed_ticks_is_said)
{
    ck_assert_uint_eq(tick_after_35_ms(_i, EDO_MISSED_BURST, 3), EDO_MS(30));
    ck_assert_uint_eq(tick_after_35_ms(_i, EDO_MISSED_BURST, 4), EDO_MS(40));
    ck_assert_uint_eq(tick_after_35_ms(_i, EDO_MISSED_SKIP, 2), EDO_MS(40));
    ck_assert_uint_eq(tick_after_35_ms(_i, EDO_MISSED_DELAY, 2), EDO_MS(45));
}
END_TEST

START_TEST(virtual_time_is_chosen_when_it_is_opened)
{
    struct runtime runtime;

    runtime_open(&runtime, _i);
    ck_assert_uint_eq(runtime_now(&runtime), 0);
    runtime_run_for(&runtime, EDO_S(24 * 60 * 60));
    ck_assert_uint_eq(runtime_now(&runtime), EDO_S(24 * 60 * 60));
    runtime_close(&runtime);
}
END_TEST

/* --- The loop ----------------------------------------------------------------------------------
 */

START_TEST(what_is_open_does_not_keep_the_loop)
{
    struct runtime runtime;
    struct edo_io io;
    int other;

    runtime_open(&runtime, _i);
    open_pair(&runtime, &io, &other);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    edo_io_close(&io);
    close(other);
    runtime_close(&runtime);
}
END_TEST

START_TEST(to_wait_for_what_cannot_come_is_an_error)
{
    struct runtime runtime;
    struct edo_notify notify;
    struct edo_notify_wait wait;
    struct edo_task task;

    runtime_open(&runtime, _i);
    edo_notify_init(&notify);
    edo_notify_wait_init(&wait, &notify);
    edo_task_init(&task, "stuck", &wait.future);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &task), -EDEADLK);
    ck_assert(edo_task_is_live(&task));
    runtime_close(&runtime);
}
END_TEST

static int run_the_loop(struct edo_context *cx)
{
    return edo_executor_run(cx->executor);
}

START_TEST(a_loop_inside_the_loop_is_refused)
{
    struct runtime runtime;
    struct in_poll nested;

    runtime_open(&runtime, _i);
    in_poll_init(&nested, run_the_loop);
    runtime_await(&runtime, &nested.future);
    ck_assert_int_eq(nested.result, -EBUSY);
    runtime_close(&runtime);
}
END_TEST

static int stop_the_loop(struct edo_context *cx)
{
    edo_executor_stop(cx->executor);
    return 0;
}

START_TEST(stop_ends_this_turn_and_counts_once)
{
    struct runtime runtime;
    struct in_poll stopper;
    struct edo_sleep sleep;
    struct edo_task tasks[2];

    runtime_open(&runtime, _i);
    edo_sleep_init(&sleep, EDO_MS(10));
    in_poll_init(&stopper, stop_the_loop);
    edo_executor_stop(&runtime.executor); /* outside a turn: nothing to stop */
    spawn_and_poll(&runtime, &tasks[0], &sleep.future);
    spawn(&runtime, &tasks[1], &stopper.future);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), -EINTR);
    ck_assert(edo_task_is_live(&tasks[0]));
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_int_eq(edo_future_error(&sleep.future), 0);
    runtime_close(&runtime);
}
END_TEST

START_TEST(close_cancels_what_is_live)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_task task;

    runtime_open(&runtime, _i);
    edo_sleep_init(&sleep, EDO_MS(10));
    spawn_and_poll(&runtime, &task, &sleep.future);
    runtime_close(&runtime);
    ck_assert_int_eq(sleep.future.state, EDO_CANCELLED);
}
END_TEST

START_TEST(a_spawned_task_is_polled_in_the_next_turn)
{
    struct runtime runtime;
    struct fake fake;
    struct edo_task task;

    runtime_open(&runtime, _i);
    fake_init(&fake, 0);
    spawn(&runtime, &task, &fake.future);
    ck_assert_uint_eq(fake.polls, 0);
    turn(&runtime);
    ck_assert_uint_eq(fake.polls, 1);
    runtime_close(&runtime);
}
END_TEST

/* --- Cancel ------------------------------------------------------------------------------------
 */

START_TEST(after_a_cancel_the_memory_is_free_at_once)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_task task;

    runtime_open(&runtime, _i);
    edo_sleep_init(&sleep, EDO_MS(10));
    spawn_and_poll(&runtime, &task, &sleep.future);
    ck_assert_int_eq(edo_task_cancel(&task), EDO_READY);
    ck_assert(!edo_task_is_live(&task));
    ck_assert_uint_eq(runtime.executor.reactor.pending, 0);
    memset(&sleep, 0xA5, sizeof sleep);
    memset(&task, 0xA5, sizeof task);
    runtime_run_for(&runtime, EDO_MS(20));
    runtime_close(&runtime);
}
END_TEST

START_TEST(what_is_due_can_still_be_cancelled)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_task task;

    runtime_open(&runtime, _i);
    edo_sleep_init(&sleep, EDO_MS(10));
    spawn_and_poll(&runtime, &task, &sleep.future);
    edo_clock_advance(&runtime.executor.reactor.clock, EDO_MS(10));
    ck_assert_int_eq(edo_reactor_react(&runtime.executor.reactor, EDO_NO_WAIT), 1);
    ck_assert_int_eq(edo_task_cancel(&task), EDO_READY);
    ck_assert_int_eq(sleep.future.state, EDO_CANCELLED);
    runtime_close(&runtime);
}
END_TEST

START_TEST(the_loser_of_a_race_is_initialised_anew)
{
    struct runtime runtime;
    struct edo_sleep sleeps[2] = {0};
    struct edo_branch branches[2] = {{.child = &sleeps[0].future}, {.child = &sleeps[1].future}};
    struct edo_join race;

    runtime_open(&runtime, _i);
    edo_sleep_init(&sleeps[1], EDO_MS(30));
    for (int round = 1; round <= 2; round++) {
        edo_sleep_init(&sleeps[0], EDO_MS(10));
        edo_race_init(&race, branches, 2, 0);
        runtime_await(&runtime, &race.future);
        ck_assert_uint_eq(race.decided, 0);
        ck_assert_int_eq(sleeps[1].future.state, EDO_CANCELLED);
        edo_sleep_init(&sleeps[1], EDO_MS(30)); /* counts from its first poll again */
    }
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(20));
    runtime_close(&runtime);
}
END_TEST

/* Which of two sleeps decides when both are over before the race is polled again. */
static size_t decided(int variant, uint64_t one_ns, uint64_t other_ns, size_t first)
{
    struct runtime runtime;
    struct edo_sleep sleeps[2] = {0};
    struct edo_branch branches[2] = {{.child = &sleeps[0].future}, {.child = &sleeps[1].future}};
    struct edo_join race;
    struct edo_task task;

    runtime_open(&runtime, variant);
    edo_sleep_until_init(&sleeps[0], one_ns);
    edo_sleep_until_init(&sleeps[1], other_ns);
    edo_race_init(&race, branches, 2, first);
    spawn_and_poll(&runtime, &task, &race.future);
    edo_clock_advance(&runtime.executor.reactor.clock, EDO_MS(50));
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
    return race.decided;
}

START_TEST(the_earlier_deadline_decides_then_the_lower_index)
{
    ck_assert_uint_eq(decided(_i, EDO_MS(20), EDO_MS(10), 0), 1);
    ck_assert_uint_eq(decided(_i, EDO_MS(10), EDO_MS(10), 0), 0);
    ck_assert_uint_eq(decided(_i, EDO_MS(10), EDO_MS(10), 1), 1);
}
END_TEST

START_TEST(a_late_poll_finds_the_child_ready_before_the_timeout)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_timeout timeout;
    struct edo_task task;

    runtime_open(&runtime, _i);
    edo_sleep_init(&sleep, EDO_MS(20));
    edo_timeout_init(&timeout, &sleep.future, EDO_MS(10));
    spawn_and_poll(&runtime, &task, &timeout.future);
    edo_clock_advance(&runtime.executor.reactor.clock, EDO_MS(50));
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_int_eq(edo_future_error(&timeout.future), 0);
    runtime_close(&runtime);
}
END_TEST

/* What becomes of a task when a join of that kind is cancelled. */
static bool is_cancelled_with(int variant, void (*init)(struct edo_join_tasks *join,
                                                        struct edo_task *tasks, size_t count))
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_task task;
    struct edo_join_tasks join;
    struct edo_timeout timeout;

    runtime_open(&runtime, variant);
    edo_sleep_init(&sleep, EDO_MS(30));
    spawn(&runtime, &task, &sleep.future);
    init(&join, &task, 1);
    edo_timeout_init(&timeout, &join.future, EDO_MS(10));
    check_error(&runtime, &timeout.future, -ETIMEDOUT);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
    return edo_future_error(&sleep.future) == -ECANCELED;
}

START_TEST(who_joins_tasks_owns_them_who_awaits_them_does_not)
{
    ck_assert(is_cancelled_with(_i, edo_join_tasks_init));
    ck_assert(!is_cancelled_with(_i, edo_await_tasks_init));
}
END_TEST

START_TEST(a_group_that_ends_well_waits_for_its_members)
{
    struct runtime runtime;
    struct fake owner;
    struct edo_group group;
    struct edo_member member;
    struct edo_sleep sleep;

    runtime_open(&runtime, _i);
    fake_init(&owner, 0);
    edo_group_init(&group, &owner.future);
    edo_sleep_init(&sleep, EDO_MS(30));
    edo_task_init(&member.task, "member", &sleep.future);
    ck_assert_int_eq(edo_group_spawn(&group, &runtime.executor, &member), 0);
    check_error(&runtime, &group.future, 0);
    ck_assert_int_eq(edo_future_error(&sleep.future), 0);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(30));
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_shield_holds_a_cancel_off_until_its_child_has_ended)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_shield shield;
    struct edo_task task;

    runtime_open(&runtime, _i);
    edo_sleep_init(&sleep, EDO_MS(10));
    edo_shield_init(&shield, &sleep.future);
    spawn_and_poll(&runtime, &task, &shield.future);
    ck_assert_int_eq(edo_task_cancel(&task), EDO_PENDING);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_int_eq(edo_future_error(&sleep.future), 0);
    ck_assert_int_eq(edo_future_error(&shield.future), -ECANCELED);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(10));
    runtime_close(&runtime);
}
END_TEST

/* --- Between tasks -----------------------------------------------------------------------------
 */

START_TEST(a_channel_is_closed_by_hand)
{
    struct runtime runtime;
    struct edo_channel channel;
    struct edo_receive receive;
    int room[2], message = 7;

    runtime_open(&runtime, _i);
    edo_channel_init(&channel, room, sizeof room[0], 2);
    ck_assert_int_eq(edo_channel_try_send(&channel, &message), 0);
    edo_channel_close(&channel);
    ck_assert_int_eq(edo_channel_try_send(&channel, &message), -EPIPE);
    edo_receive_init(&receive, &channel, &message);
    check_error(&runtime, &receive.future, 0);
    edo_receive_init(&receive, &channel, &message);
    check_error(&runtime, &receive.future, -EPIPE);
    runtime_close(&runtime);
}
END_TEST

START_TEST(several_may_receive_the_longest_waiting_first)
{
    struct runtime runtime;
    struct edo_channel channel;
    struct edo_receive receives[2];
    struct edo_task tasks[2];
    int room, got[2] = {0}, messages[] = {7, 8};

    runtime_open(&runtime, _i);
    edo_channel_init(&channel, &room, sizeof room, 1);
    for (int i = 0; i < 2; i++) {
        edo_receive_init(&receives[i], &channel, &got[i]);
        spawn_and_poll(&runtime, &tasks[i], &receives[i].future);
    }
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(edo_channel_try_send(&channel, &messages[i]), 0);
        turn(&runtime);
        ck_assert(!edo_task_is_live(&tasks[i]));
        ck_assert_int_eq(got[i], messages[i]);
    }
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_permit_is_given_back_by_hand)
{
    struct runtime runtime;
    struct edo_semaphore semaphore;
    struct edo_acquire acquire;

    runtime_open(&runtime, _i);
    edo_semaphore_init(&semaphore, 1);
    edo_acquire_init(&acquire, &semaphore);
    check_error(&runtime, &acquire.future, 0);
    edo_acquire_init(&acquire, &semaphore); /* that is all that is left of it */
    ck_assert(!edo_semaphore_try_acquire(&semaphore));
    edo_semaphore_release(&semaphore);
    ck_assert(edo_semaphore_try_acquire(&semaphore));
    runtime_close(&runtime);
}
END_TEST

START_TEST(notify_all_is_for_those_that_were_polled)
{
    struct runtime runtime;
    struct edo_notify notify;
    struct edo_notify_wait waits[2];
    struct edo_task tasks[2];

    runtime_open(&runtime, _i);
    edo_notify_init(&notify);
    edo_notify_wait_init(&waits[0], &notify);
    edo_notify_wait_init(&waits[1], &notify);
    spawn_and_poll(&runtime, &tasks[0], &waits[0].future);
    edo_notify_all(&notify);
    spawn_and_poll(&runtime, &tasks[1], &waits[1].future);
    ck_assert(!edo_task_is_live(&tasks[0]));
    runtime_close(&runtime);
}
END_TEST

/* --- Input and output --------------------------------------------------------------------------
 */

START_TEST(a_second_operation_in_a_direction_is_refused)
{
    struct runtime runtime;
    struct edo_io io;
    struct edo_read first, second;
    struct edo_task task;
    char bytes[2];
    int other;

    runtime_open(&runtime, _i);
    open_pair(&runtime, &io, &other);
    edo_read_init(&first, &io, &bytes[0], 1);
    spawn_and_poll(&runtime, &task, &first.operation.future);
    edo_read_init(&second, &io, &bytes[1], 1);
    check_error(&runtime, &second.operation.future, -EBUSY);
    ck_assert_int_eq(edo_task_cancel(&task), EDO_READY);
    edo_io_close(&io);
    close(other);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_read_takes_once_and_the_rest_waits)
{
    struct runtime runtime;
    struct edo_io io;
    struct edo_read read;
    char byte;
    int other;

    runtime_open(&runtime, _i);
    open_pair(&runtime, &io, &other);
    ck_assert_int_eq(write(other, "ab", 2), 2);
    for (const char *expected = "ab"; *expected != '\0'; expected++) {
        edo_read_init(&read, &io, &byte, 1);
        check_error(&runtime, &read.operation.future, 0);
        ck_assert_int_eq(byte, *expected);
    }
    edo_io_close(&io);
    close(other);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_cancelled_read_says_how_much_came)
{
    struct runtime runtime;
    struct edo_io io;
    struct edo_read read;
    struct edo_timeout timeout;
    char bytes[4];
    int other;

    runtime_open(&runtime, _i);
    open_pair(&runtime, &io, &other);
    ck_assert_int_eq(write(other, "ab", 2), 2);
    edo_read_exactly_init(&read, &io, bytes, 4);
    edo_timeout_init(&timeout, &read.operation.future, EDO_MS(10));
    check_error(&runtime, &timeout.future, -ETIMEDOUT);
    ck_assert_uint_eq(read.done, 2);
    edo_io_close(&io);
    close(other);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_watch_reports_once)
{
    struct runtime runtime;
    struct edo_watch watch;
    int fds[2];

    runtime_open(&runtime, _i);
    ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
    ck_assert_int_eq(write(fds[1], "a", 1), 1);
    for (int i = 0; i < 2; i++) { /* level-triggered: a new one reports the same byte */
        edo_watch_init(&watch, fds[0], EPOLLIN);
        check_error(&runtime, &watch.future, 0);
        ck_assert_uint_eq(runtime.executor.reactor.watched, 0);
    }
    close(fds[0]);
    close(fds[1]);
    runtime_close(&runtime);
}
END_TEST

START_TEST(closing_an_fd_ends_who_waits_for_it)
{
    struct runtime runtime;
    struct edo_io io;
    struct edo_read read;
    struct edo_task task;
    char byte;
    int other;

    runtime_open(&runtime, _i);
    open_pair(&runtime, &io, &other);
    edo_read_init(&read, &io, &byte, 1);
    spawn_and_poll(&runtime, &task, &read.operation.future);
    edo_io_close(&io);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_int_eq(edo_future_error(&read.operation.future), -EBADF);
    close(other);
    runtime_close(&runtime);
}
END_TEST

/* --- Threads, signals, children ----------------------------------------------------------------
 */

START_TEST(many_posts_are_one)
{
    struct runtime runtime;
    struct edo_remote remote;
    struct edo_notice notice;
    struct edo_notified notified[2];
    struct edo_task task;

    runtime_open(&runtime, _i);
    ck_assert_int_eq(edo_remote_open(&remote, &runtime.executor.reactor), 0);
    edo_notice_init(&notice, &remote);
    for (int i = 0; i < 3; i++)
        edo_notice_post(&notice);
    edo_notified_init(&notified[0], &notice);
    check_error(&runtime, &notified[0].future, 0);
    edo_notified_init(&notified[1], &notice);
    spawn_and_poll(&runtime, &task, &notified[1].future);
    ck_assert_int_eq(edo_task_cancel(&task), EDO_READY);
    edo_remote_close(&remote);
    runtime_close(&runtime);
}
END_TEST

/* A call that says that it runs, and ends when it is told to. */
struct told_call {
    int runs, told; /* fds */
};

static int run_until_told(void *request)
{
    const struct told_call *call = request;
    char byte = 'r';

    return write(call->runs, &byte, 1) == 1 && read(call->told, &byte, 1) == 1 ? 0 : -EIO;
}

START_TEST(a_cancelled_call_lets_its_future_go_at_once)
{
    struct runtime runtime;
    struct edo_remote remote;
    struct edo_pool pool;
    struct edo_slot slot;
    struct edo_offload offload;
    struct edo_task task;
    struct told_call call, room;
    pthread_t thread;
    int fds[2];
    char byte;

    runtime_open(&runtime, _i);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    ck_assert_int_eq(edo_remote_open(&remote, &runtime.executor.reactor), 0);
    ck_assert_int_eq(
        edo_pool_open(&pool, &remote,
                      &(struct edo_pool_options){&thread, 1, &slot, 1, &room, sizeof room}),
        0);
    call = (struct told_call){fds[0], fds[0]};
    edo_offload_init(&offload, &pool, run_until_told, &call, sizeof call);
    spawn_and_poll(&runtime, &task, &offload.future);
    ck_assert_int_eq(read(fds[1], &byte, 1), 1);
    ck_assert_int_eq(edo_task_cancel(&task), EDO_READY);
    ck_assert_uint_eq(pool.used, 1); /* it goes on in its slot */
    ck_assert_int_eq(write(fds[1], "a", 1), 1);
    edo_pool_close(&pool);
    edo_remote_close(&remote);
    close(fds[0]);
    close(fds[1]);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_signal_is_read_between_two_polls_and_one_of_each_kind_is_kept)
{
    struct runtime runtime;
    struct edo_signals signals;
    struct edo_signal_wait wait;
    struct edo_timeout timeout;
    sigset_t set;

    runtime_open(&runtime, _i);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    ck_assert_int_eq(edo_signals_open(&signals, &runtime.executor.reactor, &set), 0);
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGUSR1);
    for (int i = 0; i < 2; i++) {
        edo_signal_wait_init(&wait, &signals);
        edo_timeout_init(&timeout, &wait.operation.future, EDO_MS(10));
        check_error(&runtime, &timeout.future, i == 0 ? 0 : -ETIMEDOUT);
    }
    edo_signals_close(&signals);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_cancelled_wait_kills_the_child_and_is_over_when_it_is_reaped)
{
    static char *const cat[] = {"cat", NULL};
    const struct edo_child_options options = {"cat", cat, NULL, {true, false, false}};
    struct runtime runtime;
    struct edo_child child;
    struct edo_child_wait wait;
    struct edo_timeout timeout;

    runtime_open(&runtime, _i);
    ck_assert_int_eq(edo_child_spawn(&child, &runtime.executor.reactor, &options), 0);
    edo_child_wait_init(&wait, &child);
    edo_timeout_init(&timeout, &wait.operation.future, 0);
    check_error(&runtime, &timeout.future, -ETIMEDOUT);
    ck_assert_int_eq(child.pid, -1);
    ck_assert_int_eq(child.status, 128 + SIGKILL);
    edo_child_close(&child);
    runtime_close(&runtime);
}
END_TEST

/* --- The file ----------------------------------------------------------------------------------
 */

/* The tests that the file names and those of this source are the same. */
#define NAMED "grep -oE '[|] `[a-z_]+` [|]$' $file | tr -d '|` ' | grep -v '^edo_'"
#define TESTED \
    "sed -nE 's/^START_TEST[(]([a-z_]+)[)]$/\\1/p' tests/e2e/test_coming_from.c | " \
    "grep -v '^the_file_'"

/* The words that begin with `$prefix`, of `$file`, which are in none of `$headers`. */
#define UNKNOWN \
    "grep -ohE \"\\b($prefix)[A-Za-z0-9_]*[A-Za-z0-9]\\b\" $file | sort -u | " \
    "while read -r name; do grep -qw \"$name\" $headers || echo \"$name\"; done"

static void check_silent(const char *command)
{
    struct process process;
    char text[1024];

    snprintf(text, sizeof text, "file=reactor/COMING-FROM.md; exec 2>&1; %s", command);
    process_start(&process, text);
    process_finish(&process);
    ck_assert_str_eq(process.out, "");
}

START_TEST(the_file_names_each_test_and_each_that_it_names_is_there)
{
    check_silent("folder=$(mktemp -d); " NAMED " | sort -u >$folder/named; " TESTED
                 " | sort >$folder/tested; [ -s $folder/named ] || echo none; "
                 "diff $folder/named $folder/tested; rm -r $folder");
}
END_TEST

START_TEST(the_file_names_no_call_of_edo_that_no_public_header_has)
{
    check_silent("prefix='edo_|EDO_'; headers=$(grep -L 'Not for users' reactor/*/*.h); " UNKNOWN);
}
END_TEST

/* Those of the others, too, where they are installed. */
START_TEST(the_file_names_no_call_of_libuv_or_libev_that_they_do_not_have)
{
    check_silent("[ -e /usr/include/uv.h ] || exit 0; prefix='uv_|UV_'; "
                 "headers=$(ls /usr/include/uv.h /usr/include/uv/*.h); " UNKNOWN);
    check_silent("[ -e /usr/include/ev.h ] || exit 0; prefix='ev_|EV_|EVBREAK_|EVRUN_'; "
                 "headers=/usr/include/ev.h; " UNKNOWN);
}
END_TEST

/* On both timer drivers. */
#define ADD(test) tcase_add_loop_test(tcase, test, 0, VIRTUAL_VARIANTS)

static void add_time(TCase *tcase)
{
    ADD(a_duration_counts_from_the_first_poll);
    ADD(it_counts_from_now_and_not_from_the_turn);
    ADD(a_deadline_is_kept_to_the_ns);
    ADD(equal_deadlines_come_in_the_order_of_arming);
    ADD(a_sleep_is_moved_while_it_is_awaited);
    ADD(what_becomes_of_missed_ticks_is_said);
    ADD(virtual_time_is_chosen_when_it_is_opened);
}

static void add_loop(TCase *tcase)
{
    ADD(what_is_open_does_not_keep_the_loop);
    ADD(to_wait_for_what_cannot_come_is_an_error);
    ADD(a_loop_inside_the_loop_is_refused);
    ADD(stop_ends_this_turn_and_counts_once);
    ADD(close_cancels_what_is_live);
    ADD(a_spawned_task_is_polled_in_the_next_turn);
}

static void add_cancel(TCase *tcase)
{
    ADD(after_a_cancel_the_memory_is_free_at_once);
    ADD(what_is_due_can_still_be_cancelled);
    ADD(the_loser_of_a_race_is_initialised_anew);
    ADD(the_earlier_deadline_decides_then_the_lower_index);
    ADD(a_late_poll_finds_the_child_ready_before_the_timeout);
    ADD(who_joins_tasks_owns_them_who_awaits_them_does_not);
    ADD(a_group_that_ends_well_waits_for_its_members);
    ADD(a_shield_holds_a_cancel_off_until_its_child_has_ended);
}

static void add_between_tasks(TCase *tcase)
{
    ADD(a_channel_is_closed_by_hand);
    ADD(several_may_receive_the_longest_waiting_first);
    ADD(a_permit_is_given_back_by_hand);
    ADD(notify_all_is_for_those_that_were_polled);
}

static void add_outside(TCase *tcase)
{
    ADD(a_second_operation_in_a_direction_is_refused);
    ADD(a_read_takes_once_and_the_rest_waits);
    ADD(a_cancelled_read_says_how_much_came);
    ADD(a_watch_reports_once);
    ADD(closing_an_fd_ends_who_waits_for_it);
    ADD(many_posts_are_one);
    ADD(a_cancelled_call_lets_its_future_go_at_once);
    ADD(a_signal_is_read_between_two_polls_and_one_of_each_kind_is_kept);
}

static void add_children(TCase *tcase)
{
    ADD(a_cancelled_wait_kills_the_child_and_is_over_when_it_is_reaped);
}

Suite *coming_from_suite(void)
{
    Suite *suite = suite_create("coming_from");
    TCase *rows = tcase_create("rows");
    TCase *children = tcase_create("children");
    TCase *file = tcase_create("file");

    add_time(rows);
    add_loop(rows);
    add_cancel(rows);
    add_between_tasks(rows);
    add_outside(rows);
    suite_add_tcase(suite, rows);
    add_children(children);
    tcase_set_tags(children, "pidfd"); /* scripts/check-valgrind leaves them out */
    suite_add_tcase(suite, children);
    tcase_add_test(file, the_file_names_each_test_and_each_that_it_names_is_there);
    tcase_add_test(file, the_file_names_no_call_of_edo_that_no_public_header_has);
    tcase_add_test(file, the_file_names_no_call_of_libuv_or_libev_that_they_do_not_have);
    suite_add_tcase(suite, file);
    return suite;
}
