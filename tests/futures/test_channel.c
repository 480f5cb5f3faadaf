/* SPDX-License-Identifier: MIT */
/* Channels: order, limits, closing, and what a cancel leaves behind. */
#include "helper.h"
#include "suites.h"

enum { CAPACITY = 2, WAITERS = 3 };

/* A channel of two ints, three senders of 0, 1, 2, three receivers, all polled by hand. */
struct setup {
    struct edo_channel channel;
    int buffer[CAPACITY];
    int messages[WAITERS];
    int received[WAITERS];
    struct edo_send sends[WAITERS];
    struct edo_receive receives[WAITERS];
    struct counter send_wakes[WAITERS];
    struct counter receive_wakes[WAITERS];
};

static void set_up(struct setup *setup)
{
    *setup = (struct setup){0};
    edo_channel_init(&setup->channel, setup->buffer, sizeof(int), CAPACITY);
    for (int i = 0; i < WAITERS; i++) {
        setup->messages[i] = i;
        setup->received[i] = -1;
        edo_send_init(&setup->sends[i], &setup->channel, &setup->messages[i]);
        edo_receive_init(&setup->receives[i], &setup->channel, &setup->received[i]);
    }
}

static enum edo_poll poll_send(struct setup *setup, int i)
{
    struct edo_context cx = {.waker = counting(&setup->send_wakes[i])};

    return edo_future_poll(&setup->sends[i].future, &cx);
}

static enum edo_poll poll_receive(struct setup *setup, int i)
{
    struct edo_context cx = {.waker = counting(&setup->receive_wakes[i])};

    return edo_future_poll(&setup->receives[i].future, &cx);
}

START_TEST(messages_come_in_the_order_in_which_they_were_sent)
{
    struct setup setup;

    set_up(&setup);
    for (int round = 0; round < 5; round++) { /* round the end of the ring */
        set_up(&setup);
        setup.channel.first = (size_t)round % CAPACITY;
        ck_assert_int_eq(poll_send(&setup, 0), EDO_READY);
        ck_assert_int_eq(poll_send(&setup, 1), EDO_READY);
        ck_assert_int_eq(poll_receive(&setup, 0), EDO_READY);
        ck_assert_int_eq(poll_receive(&setup, 1), EDO_READY);
        ck_assert_int_eq(setup.received[0], 0);
        ck_assert_int_eq(setup.received[1], 1);
        ck_assert_ptr_eq(edo_future_outcome(&setup.receives[0].future).value, &setup.received[0]);
    }
}
END_TEST

START_TEST(a_send_waits_while_it_is_full_and_a_receive_wakes_it)
{
    struct setup setup;

    set_up(&setup);
    poll_send(&setup, 0);
    poll_send(&setup, 1);
    ck_assert_int_eq(poll_send(&setup, 2), EDO_PENDING);
    poll_receive(&setup, 0);
    ck_assert_uint_eq(setup.send_wakes[2].wakes, 1);
    ck_assert_int_eq(poll_send(&setup, 2), EDO_READY);
    ck_assert_uint_eq(setup.channel.count, 2);
}
END_TEST

START_TEST(a_receive_waits_while_it_is_empty_and_a_send_wakes_it)
{
    struct setup setup;

    set_up(&setup);
    ck_assert_int_eq(poll_receive(&setup, 0), EDO_PENDING);
    poll_send(&setup, 0);
    ck_assert_uint_eq(setup.receive_wakes[0].wakes, 1);
    ck_assert_int_eq(poll_receive(&setup, 0), EDO_READY);
    ck_assert_int_eq(setup.received[0], 0);
}
END_TEST

/* J8 */
START_TEST(who_polled_it_last_is_woken)
{
    struct setup setup;
    struct counter other = {0};
    struct edo_context cx = {.waker = counting(&other)};

    set_up(&setup);
    poll_receive(&setup, 0);
    edo_future_poll(&setup.receives[0].future, &cx);
    poll_send(&setup, 0);
    ck_assert_uint_eq(other.wakes, 1);
    poll_send(&setup, 1);
    poll_send(&setup, 2);
    edo_future_poll(&setup.sends[2].future, &cx);
    edo_future_poll(&setup.receives[0].future, &cx);
    ck_assert_uint_gt(other.wakes, 1);
    ck_assert_uint_eq(setup.send_wakes[2].wakes, 0);
    ck_assert_uint_eq(setup.receive_wakes[0].wakes, 0);
}
END_TEST

START_TEST(who_has_waited_longest_comes_first_and_wakes_the_next)
{
    struct setup setup;

    set_up(&setup);
    for (int i = 0; i < WAITERS; i++)
        ck_assert_int_eq(poll_receive(&setup, i), EDO_PENDING);
    poll_send(&setup, 0);
    poll_send(&setup, 1);
    ck_assert_uint_eq(setup.receive_wakes[1].wakes, 0);
    ck_assert_int_eq(poll_receive(&setup, 1), EDO_PENDING); /* it is not its turn */
    ck_assert_int_eq(poll_receive(&setup, 0), EDO_READY);
    ck_assert_uint_gt(setup.receive_wakes[1].wakes, 0);
    ck_assert_int_eq(poll_receive(&setup, 1), EDO_READY);
    ck_assert_int_eq(setup.received[1], 1);
    ck_assert_uint_eq(setup.receive_wakes[2].wakes, 0);
}
END_TEST

START_TEST(nobody_overtakes_a_send_that_waits)
{
    const struct edo_future_type *type;
    struct setup setup;

    set_up(&setup);
    type = setup.sends[0].future.type;
    poll_send(&setup, 0);
    poll_send(&setup, 1);
    poll_send(&setup, 2);
    poll_receive(&setup, 0);
    edo_future_init(&setup.sends[0].future, type);
    ck_assert_int_eq(poll_send(&setup, 0), EDO_PENDING); /* though there is room */
    ck_assert_int_eq(poll_send(&setup, 2), EDO_READY);
    ck_assert_uint_eq(setup.send_wakes[0].wakes, 0); /* full again */
    poll_receive(&setup, 1);
    ck_assert_uint_eq(setup.send_wakes[0].wakes, 1);
}
END_TEST

/* C4: the wake was the only one there would have been. */
START_TEST(a_receive_that_is_woken_and_then_cancelled_passes_the_wake_on)
{
    struct setup setup;

    set_up(&setup);
    poll_receive(&setup, 0);
    poll_receive(&setup, 1);
    poll_send(&setup, 0);
    ck_assert_uint_eq(setup.receive_wakes[1].wakes, 0);
    edo_future_cancel(&setup.receives[0].future);
    ck_assert_int_eq(setup.received[0], -1); /* nothing was taken */
    ck_assert_uint_eq(setup.receive_wakes[1].wakes, 1);
    ck_assert_int_eq(poll_receive(&setup, 1), EDO_READY);
    ck_assert_int_eq(setup.received[1], 0);
}
END_TEST

START_TEST(a_send_that_is_woken_and_then_cancelled_passes_the_wake_on)
{
    struct setup setup;

    set_up(&setup);
    edo_channel_init(&setup.channel, setup.buffer, sizeof(int), 1);
    for (int i = 0; i < WAITERS; i++)
        poll_send(&setup, i);
    poll_receive(&setup, 0);
    edo_future_cancel(&setup.sends[1].future);
    ck_assert_uint_eq(setup.channel.count, 0); /* nothing was sent */
    ck_assert_uint_eq(setup.send_wakes[2].wakes, 1);
    ck_assert_int_eq(poll_send(&setup, 2), EDO_READY);
    ck_assert_int_eq(setup.buffer[0], 2);
}
END_TEST

START_TEST(a_try_does_what_needs_no_waiting)
{
    struct setup setup;
    int message = 7;

    set_up(&setup);
    ck_assert_int_eq(edo_channel_try_receive(&setup.channel, &message), -EAGAIN);
    ck_assert_int_eq(poll_receive(&setup, 0), EDO_PENDING);
    ck_assert_int_eq(edo_channel_try_send(&setup.channel, &message), 0);
    ck_assert_uint_eq(setup.receive_wakes[0].wakes, 1);
    ck_assert_int_eq(edo_channel_try_receive(&setup.channel, &message),
                     -EAGAIN); /* not before it */
    ck_assert_int_eq(poll_receive(&setup, 0), EDO_READY);
    ck_assert_int_eq(setup.received[0], 7);

    for (int i = 0; i < CAPACITY; i++)
        ck_assert_int_eq(edo_channel_try_send(&setup.channel, &i), 0);
    ck_assert_int_eq(edo_channel_try_send(&setup.channel, &message), -EAGAIN);
    ck_assert_int_eq(poll_send(&setup, 0), EDO_PENDING);
    ck_assert_int_eq(edo_channel_try_receive(&setup.channel, &message), 0);
    ck_assert_int_eq(message, 0);
    ck_assert_uint_eq(setup.send_wakes[0].wakes, 1);
    ck_assert_int_eq(edo_channel_try_send(&setup.channel, &message), -EAGAIN); /* not before it */

    edo_channel_close(&setup.channel);
    ck_assert_int_eq(edo_channel_try_send(&setup.channel, &message), -EPIPE);
    for (int i = 1; i < CAPACITY; i++)
        ck_assert_int_eq(edo_channel_try_receive(&setup.channel, &message), 0);
    ck_assert_int_eq(edo_channel_try_receive(&setup.channel, &message), -EPIPE);
}
END_TEST

START_TEST(closing_wakes_all_who_wait)
{
    struct setup setup;

    set_up(&setup);
    for (int i = 0; i < WAITERS; i++)
        poll_receive(&setup, i);
    edo_channel_close(&setup.channel);
    edo_channel_close(&setup.channel);
    for (int i = 0; i < WAITERS; i++) {
        ck_assert_uint_gt(setup.receive_wakes[i].wakes, 0);
        ck_assert_int_eq(poll_receive(&setup, i), EDO_READY);
        ck_assert_int_eq(setup.receives[i].future.error, -EPIPE);
    }
    ck_assert_int_eq(poll_send(&setup, 0), EDO_READY);
    ck_assert_int_eq(setup.sends[0].future.error, -EPIPE);
    ck_assert(edo_list_is_empty(&setup.channel.senders));
    ck_assert(edo_list_is_empty(&setup.channel.receivers));
}
END_TEST

/* D6: a waker of the program's own that cancels the others, while they are being woken. */
struct jealous {
    struct setup *setup;
    int who;
    unsigned wakes;
};

static void cancel_the_others(void *data, struct edo_cause cause)
{
    struct jealous *jealous = data;

    ck_assert_int_eq(cause.kind, EDO_CAUSE_CHANNEL);
    jealous->wakes++;
    for (int i = 0; i < WAITERS; i++)
        if (i != jealous->who)
            edo_future_cancel(&jealous->setup->receives[i].future);
}

START_TEST(a_waker_may_cancel_its_siblings_while_the_channel_is_closed)
{
    struct setup setup;
    struct jealous jealous[WAITERS];
    unsigned wakes = 0;

    set_up(&setup);
    for (int i = 0; i < WAITERS; i++) {
        struct edo_context cx = {.waker = {cancel_the_others, &jealous[i]}};

        jealous[i] = (struct jealous){.setup = &setup, .who = i};
        ck_assert_int_eq(edo_future_poll(&setup.receives[i].future, &cx), EDO_PENDING);
    }
    edo_channel_close(&setup.channel);
    for (int i = 0; i < WAITERS; i++)
        wakes += jealous[i].wakes;
    ck_assert_uint_ge(wakes, 1); /* by the close, and by each cancelled one in front of it */
    ck_assert_int_eq(poll_receive(&setup, 0), EDO_READY);
    ck_assert_int_eq(setup.receives[1].future.state, EDO_CANCELLED);
    ck_assert_int_eq(setup.receives[2].future.state, EDO_CANCELLED);
}
END_TEST

/* D10: messages of no size are signals. */
START_TEST(a_channel_of_signals_needs_no_buffer)
{
    struct edo_channel channel;
    struct edo_context cx = {0};
    struct edo_receive receive;
    struct edo_send send;

    edo_channel_init(&channel, NULL, 0, 1);
    edo_send_init(&send, &channel, NULL);
    edo_receive_init(&receive, &channel, NULL);
    ck_assert_int_eq(edo_future_poll(&receive.future, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_future_poll(&send.future, &cx), EDO_READY);
    ck_assert_int_eq(edo_future_poll(&receive.future, &cx), EDO_READY);
    ck_assert_int_eq(edo_future_error(&receive.future), 0);
}
END_TEST

START_TEST(a_message_may_be_a_single_byte)
{
    struct edo_channel channel;
    char buffer[1], sent = 'x', received = 0;

    edo_channel_init(&channel, buffer, 1, 1);
    ck_assert_int_eq(edo_channel_try_send(&channel, &sent), 0);
    ck_assert_int_eq(edo_channel_try_receive(&channel, &received), 0);
    ck_assert_int_eq(received, 'x');
}
END_TEST

/* J5: whose budget is used up is woken, to go on in the next turn. */
START_TEST(each_message_is_one_of_its_task_s_budget)
{
    struct setup setup;
    struct edo_executor executor;
    struct edo_task polled;
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter), .executor = &executor};

    set_up(&setup);
    executor_without_reactor(&executor);
    executor.polled = &polled;
    executor.budget = 1;
    ck_assert_int_eq(edo_future_poll(&setup.sends[0].future, &cx), EDO_READY);
    ck_assert_int_eq(edo_future_poll(&setup.sends[1].future, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_future_poll(&setup.receives[0].future, &cx), EDO_PENDING);
    ck_assert_uint_eq(counter.wakes, 2);
    executor.budget += 2;
    ck_assert_int_eq(edo_future_poll(&setup.sends[1].future, &cx), EDO_READY);
    ck_assert_int_eq(edo_future_poll(&setup.receives[0].future, &cx), EDO_READY);
    ck_assert_uint_eq(executor.budget, 0);
}
END_TEST

START_TEST(after_closing_each_receive_that_leaves_wakes_the_next)
{
    struct setup setup;
    unsigned wakes;

    set_up(&setup);
    poll_receive(&setup, 0);
    poll_send(&setup, 0);
    edo_channel_close(&setup.channel);
    ck_assert_int_eq(poll_receive(&setup, 1), EDO_PENDING); /* a message, but not for it */
    wakes = setup.receive_wakes[1].wakes;
    ck_assert_int_eq(poll_receive(&setup, 0), EDO_READY);
    ck_assert_uint_gt(setup.receive_wakes[1].wakes, wakes);
    ck_assert_int_eq(poll_receive(&setup, 1), EDO_READY);
    ck_assert_int_eq(setup.receives[1].future.error, -EPIPE);
}
END_TEST

START_TEST(what_was_sent_before_closing_is_still_received_and_what_waited_is_not)
{
    struct setup setup;

    set_up(&setup);
    for (int i = 0; i < WAITERS; i++)
        poll_send(&setup, i);
    edo_channel_close(&setup.channel);
    ck_assert_uint_gt(setup.send_wakes[2].wakes, 0);
    ck_assert_int_eq(poll_send(&setup, 2), EDO_READY);
    ck_assert_int_eq(setup.sends[2].future.error, -EPIPE);
    for (int i = 0; i < WAITERS; i++)
        ck_assert_int_eq(poll_receive(&setup, i), EDO_READY);
    ck_assert_int_eq(setup.received[1], 1);
    ck_assert_int_eq(setup.receives[2].future.error, -EPIPE);
}
END_TEST

/* --- Between tasks ---------------------------------------------------------------------------- */

enum { MESSAGES = 1000 };

/* async fn { for i in 0..MESSAGES { send(i).await } close() }, or the receiving end of it */
struct end {
    struct edo_future future;
    struct edo_task task;
    struct edo_channel *channel;
    struct edo_send send;
    struct edo_receive receive;
    int count;
    int message;
};

static enum edo_poll produce(struct edo_future *self, struct edo_context *cx)
{
    struct end *end = edo_container_of(self, struct end, future);

    if (self->state == EDO_START)
        edo_send_init(&end->send, end->channel, &end->message);
    edo_future_goto(self, EDO_FIRST_AWAIT);
    for (; end->count < MESSAGES; end->count++) {
        end->message = end->count;
        if (edo_future_await(self, &end->send.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        edo_send_init(&end->send, end->channel, &end->message);
    }
    edo_channel_close(end->channel);
    return edo_future_done(self, NULL);
}

static enum edo_poll consume(struct edo_future *self, struct edo_context *cx)
{
    struct end *end = edo_container_of(self, struct end, future);

    if (self->state == EDO_START)
        edo_receive_init(&end->receive, end->channel, &end->message);
    edo_future_goto(self, EDO_FIRST_AWAIT);
    for (;; end->count++) {
        if (edo_future_await(self, &end->receive.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        if (end->receive.future.error)
            return edo_future_done(self, NULL);
        ck_assert_int_eq(end->message, end->count);
        edo_receive_init(&end->receive, end->channel, &end->message);
    }
}

static void spawn_end(struct runtime *runtime, struct end *end, const struct edo_future_type *type,
                      struct edo_channel *channel)
{
    *end = (struct end){.channel = channel};
    edo_future_init(&end->future, type);
    edo_task_init(&end->task, type->name, &end->future);
    ck_assert_int_eq(edo_executor_spawn(&runtime->executor, &end->task), 0);
}

/* With no kernel between: the clock stands still, no timer is armed. */
START_TEST(two_tasks_wake_each_other)
{
    static const struct edo_future_type producer = {.name = "producer", .poll = produce};
    static const struct edo_future_type consumer = {.name = "consumer", .poll = consume};
    static const size_t capacities[] = {1, 2, 7, (size_t)2 * MESSAGES};
    struct runtime runtime;
    struct edo_channel channel;
    struct end ends[2];
    int buffer[2 * MESSAGES];

    runtime_open(&runtime, FD_VIRTUAL);
    edo_channel_init(&channel, buffer, sizeof *buffer, capacities[_i]);
    spawn_end(&runtime, &ends[0], &producer, &channel);
    spawn_end(&runtime, &ends[1], &consumer, &channel);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    ck_assert_int_eq(ends[1].count, MESSAGES);
    ck_assert_uint_eq(runtime_now(&runtime), 0);
    ck_assert_uint_eq(runtime.executor.reactor.last_id, 0);
    runtime_close(&runtime);
}
END_TEST

/* C6 */
START_TEST(a_receive_that_nobody_can_serve_is_a_deadlock_not_a_hang)
{
    struct runtime runtime;
    struct edo_channel channel;
    struct edo_receive receive;
    struct edo_task task;
    int buffer[1], message;

    runtime_open(&runtime, _i);
    edo_channel_init(&channel, buffer, sizeof message, 1);
    edo_receive_init(&receive, &channel, &message);
    edo_task_init(&task, "receiver", &receive.future);
    ck_assert_int_eq(edo_executor_block_on(&runtime.executor, &task), -EDEADLK);
    runtime_close(&runtime);
    ck_assert(edo_list_is_empty(&channel.receivers));
}
END_TEST

Suite *channel_suite(void)
{
    Suite *suite = suite_create("channel");
    TCase *hand = tcase_create("by_hand");
    TCase *tasks = tcase_create("tasks");

    tcase_add_test(hand, messages_come_in_the_order_in_which_they_were_sent);
    tcase_add_test(hand, a_send_waits_while_it_is_full_and_a_receive_wakes_it);
    tcase_add_test(hand, a_receive_waits_while_it_is_empty_and_a_send_wakes_it);
    tcase_add_test(hand, who_has_waited_longest_comes_first_and_wakes_the_next);
    tcase_add_test(hand, who_polled_it_last_is_woken);
    tcase_add_test(hand, nobody_overtakes_a_send_that_waits);
    tcase_add_test(hand, a_receive_that_is_woken_and_then_cancelled_passes_the_wake_on);
    tcase_add_test(hand, a_send_that_is_woken_and_then_cancelled_passes_the_wake_on);
    tcase_add_test(hand, a_try_does_what_needs_no_waiting);
    tcase_add_test(hand, closing_wakes_all_who_wait);
    tcase_add_test(hand, a_waker_may_cancel_its_siblings_while_the_channel_is_closed);
    tcase_add_test(hand, a_channel_of_signals_needs_no_buffer);
    tcase_add_test(hand, a_message_may_be_a_single_byte);
    tcase_add_test(hand, each_message_is_one_of_its_task_s_budget);
    tcase_add_test(hand, after_closing_each_receive_that_leaves_wakes_the_next);
    tcase_add_test(hand, what_was_sent_before_closing_is_still_received_and_what_waited_is_not);
    suite_add_tcase(suite, hand);

    tcase_add_loop_test(tasks, two_tasks_wake_each_other, 0, 4);
    tcase_add_loop_test(tasks, a_receive_that_nobody_can_serve_is_a_deadlock_not_a_hang, 0,
                        VARIANTS);
    suite_add_tcase(suite, tasks);
    return suite;
}
