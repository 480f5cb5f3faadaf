/* SPDX-License-Identifier: MIT */
/* Futures by themselves: a counting fake, a parent that awaits it, and no kernel. */
#include <string.h>

#include "helper.h"
#include "suites.h"

/* async fn parent(child) { child.await } */
struct parent {
    struct edo_future future;
    struct fake child;
};

enum parent_state { PARENT_START = EDO_START, PARENT_AWAITS_CHILD = EDO_FIRST_AWAIT };

static enum edo_poll parent_poll(struct edo_future *self, struct edo_context *cx)
{
    struct parent *parent = edo_container_of(self, struct parent, future);

    switch ((enum parent_state)self->state) {
    case PARENT_START:
        edo_future_goto(self, PARENT_AWAITS_CHILD);
        /* fall through */
    case PARENT_AWAITS_CHILD:
        if (edo_future_await(self, &parent->child.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    return edo_future_done(self, NULL);
}

static const struct edo_future_type parent_type = {.name = "parent", .poll = parent_poll};

static void parent_init(struct parent *parent, unsigned child_pending)
{
    edo_future_init(&parent->future, &parent_type);
    fake_init(&parent->child, child_pending);
}

START_TEST(a_new_future_has_done_nothing)
{
    struct fake fake;

    fake_init(&fake, 0);
    ck_assert_int_eq(fake.future.state, EDO_START);
    ck_assert(!edo_future_has_ended(&fake.future));
    ck_assert_uint_eq(fake.polls, 0);
}
END_TEST

START_TEST(each_poll_is_one_step)
{
    struct edo_context cx = {0};
    struct fake fake;

    fake_init(&fake, 2);
    ck_assert_int_eq(edo_future_poll(&fake.future, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_future_poll(&fake.future, &cx), EDO_PENDING);
    ck_assert_uint_eq(fake.polls, 2);
    ck_assert_int_eq(edo_future_poll(&fake.future, &cx), EDO_READY);
    ck_assert(edo_future_has_ended(&fake.future));
}
END_TEST

START_TEST(a_poll_is_given_the_waker_of_its_context)
{
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter)};
    struct fake fake;

    fake_init(&fake, 1);
    edo_future_poll(&fake.future, &cx);
    edo_wake(fake.waker);
    ck_assert_uint_eq(counter.wakes, 1);
}
END_TEST

START_TEST(done_gives_the_value)
{
    struct edo_context cx = {0};
    struct fake fake;
    struct edo_outcome outcome;

    fake_init(&fake, 0);
    edo_future_poll(&fake.future, &cx);
    outcome = edo_future_outcome(&fake.future);
    ck_assert_int_eq(outcome.kind, EDO_OUTCOME_OK);
    ck_assert_ptr_eq(outcome.value, &fake);
}
END_TEST

START_TEST(fail_gives_the_error)
{
    struct edo_context cx = {0};
    struct fake fake;
    struct edo_outcome outcome;

    fake_init(&fake, 0);
    fake.error = -EIO;
    ck_assert_int_eq(edo_future_poll(&fake.future, &cx), EDO_READY);
    outcome = edo_future_outcome(&fake.future);
    ck_assert_int_eq(outcome.kind, EDO_OUTCOME_FAILED);
    ck_assert_int_eq(outcome.error, -EIO);
    ck_assert_int_eq(fake.future.error, -EIO);

    fake_init(&fake, 0);
    fake.error = INT16_MIN; /* there is none below it */
    edo_future_poll(&fake.future, &cx);
    ck_assert_int_eq(edo_future_outcome(&fake.future).error, INT16_MIN);
}
END_TEST

START_TEST(an_await_notes_whom_it_waits_for)
{
    struct edo_context cx = {0};
    struct parent parent;

    parent_init(&parent, 1);
    ck_assert_int_eq(edo_future_poll(&parent.future, &cx), EDO_PENDING);
    ck_assert_ptr_eq(parent.future.awaiting, &parent.child.future);
    ck_assert_int_eq(edo_future_poll(&parent.future, &cx), EDO_READY);
    ck_assert_ptr_null(parent.future.value);
}
END_TEST

START_TEST(cancel_lets_go_of_the_awaited_child_first)
{
    struct edo_context cx = {0};
    struct parent parent;

    parent_init(&parent, 1);
    edo_future_poll(&parent.future, &cx);
    edo_future_cancel(&parent.future);
    ck_assert_uint_eq(parent.child.cancels, 1);
    ck_assert_int_eq(parent.child.future.state, EDO_CANCELLED);
    ck_assert_int_eq(edo_future_outcome(&parent.future).kind, EDO_OUTCOME_CANCELLED);
}
END_TEST

START_TEST(cancel_before_the_first_poll_has_nothing_to_let_go)
{
    struct fake fake;

    fake_init(&fake, 1);
    edo_future_cancel(&fake.future);
    ck_assert_uint_eq(fake.cancels, 0);
    ck_assert_int_eq(fake.future.state, EDO_CANCELLED);
}
END_TEST

START_TEST(cancel_is_idempotent)
{
    struct edo_context cx = {0};
    struct fake fake;

    fake_init(&fake, 1);
    edo_future_poll(&fake.future, &cx);
    edo_future_cancel(&fake.future);
    edo_future_cancel(&fake.future);
    ck_assert_uint_eq(fake.cancels, 1);
}
END_TEST

START_TEST(cancel_after_the_end_changes_nothing)
{
    struct edo_context cx = {0};
    struct fake fake;

    fake_init(&fake, 0);
    edo_future_poll(&fake.future, &cx);
    edo_future_cancel(&fake.future);
    ck_assert_uint_eq(fake.cancels, 0);
    ck_assert_int_eq(edo_future_outcome(&fake.future).kind, EDO_OUTCOME_OK);
}
END_TEST

START_TEST(cancel_wakes_nobody)
{
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter)};
    struct parent parent;

    parent_init(&parent, 1);
    edo_future_poll(&parent.future, &cx);
    edo_future_cancel(&parent.future);
    ck_assert_uint_eq(counter.wakes, 0);
}
END_TEST

/* A cancel that has to be asked several times. */
struct slow {
    struct edo_future future;
    unsigned refusals; /* so often it is PENDING */
    unsigned cancels;
};

static enum edo_poll slow_poll(struct edo_future *self, struct edo_context *cx)
{
    (void)cx;
    edo_future_goto(self, EDO_FIRST_AWAIT);
    return EDO_PENDING;
}

static enum edo_poll slow_cancel(struct edo_future *self)
{
    struct slow *slow = edo_container_of(self, struct slow, future);

    return ++slow->cancels > slow->refusals ? EDO_READY : EDO_PENDING;
}

static const struct edo_future_type slow_type = {
    .name = "slow", .poll = slow_poll, .cancel = slow_cancel};

START_TEST(a_cancel_that_is_pending_is_asked_again_by_the_next_poll)
{
    struct edo_context cx = {0};
    struct slow slow = {.refusals = 1};

    edo_future_init(&slow.future, &slow_type);
    ck_assert_int_eq(edo_future_poll(&slow.future, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_future_cancel(&slow.future), EDO_PENDING);
    ck_assert_int_eq(edo_future_poll(&slow.future, &cx), EDO_READY);
    ck_assert_uint_eq(slow.cancels, 2);
    ck_assert_int_eq(slow.future.state, EDO_CANCELLED);
}
END_TEST

/* async fn waits_for_slow() { slow.await } */
struct waits_for_slow {
    struct edo_future future;
    struct slow slow;
};

static enum edo_poll waits_for_slow_poll(struct edo_future *self, struct edo_context *cx)
{
    edo_future_goto(self, EDO_FIRST_AWAIT);
    return edo_future_await(
        self, &edo_container_of(self, struct waits_for_slow, future)->slow.future, cx);
}

START_TEST(a_child_that_ends_while_its_parent_s_cancel_is_pending_is_not_polled_again)
{
    static const struct edo_future_type type = {.name = "waits", .poll = waits_for_slow_poll};
    struct edo_context cx = {0};
    struct waits_for_slow waits = {.slow.refusals = 2};

    edo_future_init(&waits.future, &type);
    edo_future_init(&waits.slow.future, &slow_type);
    ck_assert_int_eq(edo_future_poll(&waits.future, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_future_cancel(&waits.future), EDO_PENDING);
    ck_assert_int_eq(edo_future_poll(&waits.future, &cx), EDO_PENDING);
    ck_assert_uint_eq(waits.slow.cancels, 2); /* a poll asks once */
    ck_assert_int_eq(edo_future_cancel(&waits.slow.future), EDO_READY);
    ck_assert_int_eq(edo_future_poll(&waits.future, &cx), EDO_READY);
    ck_assert_uint_eq(waits.slow.cancels, 3);
    ck_assert_int_eq(waits.future.state, EDO_CANCELLED);
}
END_TEST

START_TEST(every_state_has_a_name)
{
    struct edo_context cx = {0};
    struct parent parent;

    parent_init(&parent, 1);
    ck_assert_str_eq(edo_future_state_name(&parent.future), "EDO_START");
    edo_future_poll(&parent.future, &cx);
    ck_assert_str_eq(edo_future_state_name(&parent.child.future), "FAKE_AWAITS_TEST");
    ck_assert_str_eq(edo_future_state_name(&parent.future), "AWAITS"); /* its type has no names */
    edo_future_cancel(&parent.future);
    ck_assert_str_eq(edo_future_state_name(&parent.future), "EDO_CANCELLED");
    parent.future.state = EDO_DONE;
    ck_assert_str_eq(edo_future_state_name(&parent.future), "EDO_DONE");
    parent.future.state = EDO_FAILED;
    ck_assert_str_eq(edo_future_state_name(&parent.future), "EDO_FAILED");
}
END_TEST

Suite *future_suite(void)
{
    Suite *suite = suite_create("future");
    TCase *poll = tcase_create("poll");
    TCase *cancel = tcase_create("cancel");

    tcase_add_test(poll, a_new_future_has_done_nothing);
    tcase_add_test(poll, each_poll_is_one_step);
    tcase_add_test(poll, a_poll_is_given_the_waker_of_its_context);
    tcase_add_test(poll, done_gives_the_value);
    tcase_add_test(poll, fail_gives_the_error);
    tcase_add_test(poll, an_await_notes_whom_it_waits_for);
    tcase_add_test(poll, every_state_has_a_name);
    suite_add_tcase(suite, poll);

    tcase_add_test(cancel, cancel_lets_go_of_the_awaited_child_first);
    tcase_add_test(cancel, cancel_before_the_first_poll_has_nothing_to_let_go);
    tcase_add_test(cancel, cancel_is_idempotent);
    tcase_add_test(cancel, cancel_after_the_end_changes_nothing);
    tcase_add_test(cancel, cancel_wakes_nobody);
    tcase_add_test(cancel, a_cancel_that_is_pending_is_asked_again_by_the_next_poll);
    tcase_add_test(cancel,
                   a_child_that_ends_while_its_parent_s_cancel_is_pending_is_not_polled_again);
    suite_add_tcase(suite, cancel);
    return suite;
}
