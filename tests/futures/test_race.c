/* SPDX-License-Identifier: MIT */
/* Race: who wins, and what becomes of the others. */
#include "helper.h"
#include "suites.h"

enum { RUNNERS = 3 };

/* A race of fakes, each PENDING `pending` times, polled by hand. */
struct setup {
    struct edo_join race;
    struct edo_branch array[RUNNERS];
    struct fake fakes[RUNNERS];
    struct counter counter;
    struct edo_context cx;
};

static void set_up(struct setup *setup, size_t first, unsigned pending)
{
    *setup = (struct setup){.cx.waker = counting(&setup->counter)};
    for (size_t i = 0; i < RUNNERS; i++) {
        fake_init(&setup->fakes[i], pending);
        setup->array[i].child = &setup->fakes[i].future;
    }
    edo_race_init(&setup->race, setup->array, RUNNERS, first);
}

static enum edo_poll poll(struct setup *setup)
{
    return edo_future_poll(&setup->race.future, &setup->cx);
}

/* J9 */
START_TEST(a_race_of_none_fails_instead_of_hanging)
{
    struct edo_join race;
    struct edo_context cx = {0};

    edo_race_init(&race, NULL, 0, 0);
    ck_assert_int_eq(edo_future_poll(&race.future, &cx), EDO_READY);
    ck_assert_int_eq(race.future.error, -EINVAL);
}
END_TEST

/* J9 */
START_TEST(a_race_of_one_is_that_one)
{
    struct edo_join race;
    struct edo_branch branch;
    struct fake fake;
    struct edo_context cx = {0};

    fake_init(&fake, 1);
    branch.child = &fake.future;
    edo_race_init(&race, &branch, 1, 0);
    ck_assert_int_eq(edo_future_poll(&race.future, &cx), EDO_PENDING);
    edo_wake(fake.waker);
    ck_assert_int_eq(edo_future_poll(&race.future, &cx), EDO_READY);
    ck_assert_uint_eq(race.decided, 0);
    ck_assert_ptr_eq(edo_future_outcome(&race.future).value, &fake);
}
END_TEST

START_TEST(it_ends_as_the_winner_did_and_says_who_that_was)
{
    struct setup setup;

    set_up(&setup, 0, 1);
    ck_assert_int_eq(poll(&setup), EDO_PENDING);
    setup.fakes[1].error = -EIO;
    edo_wake(setup.fakes[1].waker);
    ck_assert_uint_eq(setup.counter.wakes, 1);
    ck_assert_int_eq(poll(&setup), EDO_READY);
    ck_assert_uint_eq(setup.race.decided, 1);
    ck_assert_int_eq(setup.race.future.error, -EIO);

    set_up(&setup, 0, 1);
    setup.fakes[2].error = -ECANCELED;
    setup.fakes[2].pending = 0;
    ck_assert_int_eq(poll(&setup), EDO_READY);
    ck_assert_uint_eq(setup.race.decided, 2);
    ck_assert_int_eq(setup.race.future.state, EDO_CANCELLED);
}
END_TEST

START_TEST(the_losers_are_cancelled_and_the_winner_is_not)
{
    struct setup setup;

    set_up(&setup, 0, 1);
    poll(&setup);
    edo_wake(setup.fakes[1].waker);
    poll(&setup);
    ck_assert_uint_eq(setup.fakes[0].cancels, 1);
    ck_assert_uint_eq(setup.fakes[1].cancels, 0);
    ck_assert_uint_eq(setup.fakes[2].cancels, 1);
}
END_TEST

/* No value is produced just to be thrown away: think of a receive. */
START_TEST(of_two_that_could_end_the_second_is_not_polled)
{
    struct setup setup;

    set_up(&setup, 0, 0);
    ck_assert_int_eq(poll(&setup), EDO_READY);
    ck_assert_uint_eq(setup.race.decided, 0);
    ck_assert_uint_eq(setup.fakes[1].polls, 0);

    set_up(&setup, 0, 1);
    poll(&setup);
    edo_wake(setup.fakes[2].waker);
    edo_wake(setup.fakes[1].waker);
    ck_assert_int_eq(poll(&setup), EDO_READY);
    ck_assert_uint_eq(setup.race.decided, 1); /* woken later, but no deadline says so */
    ck_assert_uint_eq(setup.fakes[2].polls, 1);
}
END_TEST

START_TEST(with_rotation_the_lowest_index_is_the_one_that_was_said)
{
    for (size_t first = 0; first < RUNNERS; first++) {
        struct setup setup;

        set_up(&setup, first, 0);
        ck_assert_int_eq(poll(&setup), EDO_READY);
        ck_assert_uint_eq(setup.race.decided, first);

        set_up(&setup, first, 1);
        poll(&setup);
        for (size_t i = 0; i < RUNNERS; i++)
            edo_wake(setup.fakes[RUNNERS - 1 - i].waker);
        ck_assert_int_eq(poll(&setup), EDO_READY);
        ck_assert_uint_eq(setup.race.decided, first);
    }
}
END_TEST

/* C4 */
START_TEST(waking_a_loser_afterwards_is_harmless)
{
    struct setup setup;

    set_up(&setup, 0, 1);
    poll(&setup);
    edo_wake(setup.fakes[0].waker);
    edo_wake(setup.fakes[0].waker);
    poll(&setup);
    edo_wake(setup.fakes[0].waker);
    edo_wake(setup.fakes[1].waker);
    ck_assert_uint_eq(setup.counter.wakes, 1);
}
END_TEST

/* J1, J8: an inner race in an outer one. */
START_TEST(only_the_branch_that_was_woken_is_polled)
{
    struct setup inner;
    struct edo_join outer;
    struct edo_branch array[2];
    struct fake sibling;
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter)};

    set_up(&inner, 0, 3);
    fake_init(&sibling, 3);
    array[0].child = &inner.race.future;
    array[1].child = &sibling.future;
    edo_race_init(&outer, array, 2, 0);
    edo_future_poll(&outer.future, &cx);
    edo_wake(inner.fakes[1].waker);
    edo_future_poll(&outer.future, &cx);
    ck_assert_uint_eq(inner.fakes[0].polls, 1);
    ck_assert_uint_eq(inner.fakes[1].polls, 2);
    ck_assert_uint_eq(sibling.polls, 1);
    edo_wake(sibling.waker);
    edo_future_poll(&outer.future, &cx);
    ck_assert_uint_eq(inner.fakes[1].polls, 2);
    ck_assert_uint_eq(sibling.polls, 2);
    ck_assert_uint_eq(counter.wakes, 2);
}
END_TEST

/* Found by the random trees: it was polled twice in one turn. */
START_TEST(a_held_loser_that_woke_itself_waits_for_the_next_poll)
{
    struct edo_yield yield;
    struct edo_shield shield;
    struct fake fake;
    struct edo_branch array[2];
    struct edo_join race;
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter)};

    edo_yield_init(&yield);
    edo_shield_init(&shield, &yield.future);
    fake_init(&fake, 0);
    array[0].child = &shield.future;
    array[1].child = &fake.future;
    edo_race_init(&race, array, 2, 0);
    ck_assert_int_eq(edo_future_poll(&race.future, &cx), EDO_PENDING);
    ck_assert_uint_eq(counter.wakes, 1);
    ck_assert_int_eq(edo_future_poll(&race.future, &cx), EDO_READY);
    ck_assert_uint_eq(race.decided, 1);
}
END_TEST

START_TEST(cancelling_it_cancels_all_its_children)
{
    struct setup setup;

    set_up(&setup, 0, 1);
    poll(&setup);
    ck_assert_int_eq(edo_future_cancel(&setup.race.future), EDO_READY);
    for (size_t i = 0; i < RUNNERS; i++)
        ck_assert_uint_eq(setup.fakes[i].cancels, 1);
    ck_assert_uint_eq(setup.counter.wakes, 0);
}
END_TEST

/* --- With time -------------------------------------------------------------------------------- */

struct sleepers {
    struct edo_sleep sleeps[RUNNERS];
    struct edo_branch array[RUNNERS];
    struct edo_join race;
};

static void sleepers_init(struct sleepers *sleepers, const uint64_t *durations_ns)
{
    for (size_t i = 0; i < RUNNERS; i++) {
        edo_sleep_init(&sleepers->sleeps[i], durations_ns[i]);
        sleepers->array[i].child = &sleepers->sleeps[i].future;
    }
    edo_race_init(&sleepers->race, sleepers->array, RUNNERS, 0);
}

/* J4 */
START_TEST(the_losers_have_let_go_of_their_fds_when_it_is_ready)
{
    static const uint64_t durations_ns[] = {EDO_S(10), EDO_MS(2), EDO_S(20)};
    struct runtime runtime;
    struct sleepers sleepers;
    int fds;

    runtime_open(&runtime, _i);
    fds = count_fds();
    sleepers_init(&sleepers, durations_ns);
    runtime_await(&runtime, &sleepers.race.future);
    ck_assert_int_eq(count_fds(), fds);
    ck_assert_uint_eq(runtime.executor.reactor.pending, 0);
    ck_assert_uint_eq(sleepers.race.decided, 1);
    runtime_close(&runtime);
}
END_TEST

/* A loop that was held up finds two deadlines behind it. */
START_TEST(of_two_that_are_due_the_earlier_deadline_wins)
{
    static const uint64_t durations_ns[] = {EDO_MS(30), EDO_MS(20), EDO_MS(40)};
    struct runtime runtime;
    struct sleepers sleepers;
    struct edo_task task;

    runtime_open(&runtime, _i);
    sleepers_init(&sleepers, durations_ns);
    edo_task_init(&task, "race", &sleepers.race.future);
    edo_executor_spawn(&runtime.executor, &task);
    edo_executor_turn(&runtime.executor);
    edo_clock_advance(&runtime.executor.reactor.clock, EDO_MS(100));
    edo_executor_turn(&runtime.executor);
    ck_assert_uint_eq(sleepers.race.decided, 1);
    ck_assert_int_eq(task.state, EDO_TASK_ENDED);
    runtime_close(&runtime);
}
END_TEST

/* The timer of the first is armed later than that of the second, for the same deadline. */
START_TEST(of_equal_deadlines_the_lower_index_wins_whichever_was_armed_first)
{
    struct runtime runtime;
    struct edo_sleep halves[2], whole;
    struct edo_future *children[] = {&halves[0].future, &halves[1].future};
    struct sequence sequence;
    struct edo_branch array[2];
    struct edo_join race;

    runtime_open(&runtime, _i);
    edo_sleep_init(&halves[0], EDO_MS(50));
    edo_sleep_init(&halves[1], EDO_MS(50));
    edo_sleep_init(&whole, EDO_MS(100));
    sequence_init(&sequence, children, 2);
    array[0].child = &sequence.future;
    array[1].child = &whole.future;
    edo_race_init(&race, array, 2, 0);
    runtime_await(&runtime, &race.future);
    ck_assert_uint_eq(race.decided, 0);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(100));
    runtime_close(&runtime);
}
END_TEST

/* The yield is woken first, and its wake has no time; the sleep is due when the race begins. */
START_TEST(a_wake_without_a_deadline_counts_as_one_at_the_beginning)
{
    struct runtime runtime;
    struct edo_sleep sleep;
    struct edo_yield yield;
    struct edo_branch array[] = {{.child = &sleep.future}, {.child = &yield.future}};
    struct edo_join race;

    runtime_open(&runtime, _i);
    runtime_run_for(&runtime, EDO_MS(1));
    edo_sleep_init(&sleep, 0);
    edo_yield_init(&yield);
    edo_race_init(&race, array, 2, 0);
    runtime_await(&runtime, &race.future);
    ck_assert_uint_eq(race.decided, 0);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_loser_that_a_shield_holds_is_waited_for)
{
    struct runtime runtime;
    struct edo_sleep fast, slow;
    struct edo_shield shield;
    struct edo_branch array[2];
    struct edo_join race;

    runtime_open(&runtime, _i);
    edo_sleep_init(&fast, EDO_MS(1));
    edo_sleep_init(&slow, EDO_MS(3));
    edo_shield_init(&shield, &slow.future);
    array[0].child = &shield.future;
    array[1].child = &fast.future;
    edo_race_init(&race, array, 2, 0);
    ck_assert_int_eq(runtime_await(&runtime, &race.future).kind, EDO_OUTCOME_OK);
    ck_assert_uint_eq(runtime_now(&runtime), EDO_MS(3));
    ck_assert_uint_eq(race.decided, 1);
    ck_assert_int_eq(shield.future.state, EDO_CANCELLED);
    ck_assert_int_eq(slow.future.state, EDO_DONE);
    runtime_close(&runtime);
}
END_TEST

START_TEST(once_it_is_cancelled_a_child_that_ends_decides_nothing)
{
    struct edo_context cx = {0};
    struct fake fakes[2];
    struct edo_shield shields[2];
    struct edo_branch array[2];
    struct edo_join race;

    for (int i = 0; i < 2; i++) {
        fake_init(&fakes[i], 1);
        edo_shield_init(&shields[i], &fakes[i].future);
        array[i].child = &shields[i].future;
    }
    edo_race_init(&race, array, 2, 0);
    ck_assert_int_eq(edo_future_poll(&race.future, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_future_cancel(&race.future), EDO_PENDING);
    edo_wake(fakes[0].waker);
    ck_assert_int_eq(edo_future_poll(&race.future, &cx), EDO_PENDING);
    ck_assert_str_eq(edo_future_state_name(&race.future), "JOIN_AWAITS_CHILDREN");
    edo_wake(fakes[1].waker);
    ck_assert_int_eq(edo_future_poll(&race.future, &cx), EDO_READY);
    ck_assert_int_eq(race.future.state, EDO_CANCELLED);
}
END_TEST

/* D4: receives that a close wakes in the worst order, for a race; only the first is looked at. */
START_TEST(a_race_of_many_that_are_woken_in_reverse_costs_n_log_n)
{
    enum { MANY = 200000 };
    struct fake *fakes = calloc(MANY, sizeof *fakes);
    struct edo_branch *array = calloc(MANY, sizeof *array);
    size_t many = getenv("EDO_SMALL") ? 1000 : MANY;
    struct edo_context cx = {0};
    struct edo_join race;

    for (size_t i = 0; i < many; i++) {
        fake_init(&fakes[i], 1);
        array[i].child = &fakes[i].future;
    }
    edo_race_init(&race, array, many, 0);
    ck_assert_int_eq(edo_future_poll(&race.future, &cx), EDO_PENDING);
    for (size_t i = many; i-- > 0;)
        edo_wake(fakes[i].waker);
    ck_assert_int_eq(edo_future_poll(&race.future, &cx), EDO_READY);
    ck_assert_uint_eq(race.decided, 0);
    free(fakes);
    free(array);
}
END_TEST

Suite *race_suite(void)
{
    Suite *suite = suite_create("race");
    TCase *hand = tcase_create("by_hand");
    TCase *time = tcase_create("time");

    tcase_add_test(hand, a_race_of_none_fails_instead_of_hanging);
    tcase_add_test(hand, a_race_of_one_is_that_one);
    tcase_add_test(hand, it_ends_as_the_winner_did_and_says_who_that_was);
    tcase_add_test(hand, the_losers_are_cancelled_and_the_winner_is_not);
    tcase_add_test(hand, of_two_that_could_end_the_second_is_not_polled);
    tcase_add_test(hand, with_rotation_the_lowest_index_is_the_one_that_was_said);
    tcase_add_test(hand, waking_a_loser_afterwards_is_harmless);
    tcase_add_test(hand, only_the_branch_that_was_woken_is_polled);
    tcase_add_test(hand, a_held_loser_that_woke_itself_waits_for_the_next_poll);
    tcase_add_test(hand, cancelling_it_cancels_all_its_children);
    tcase_add_test(hand, once_it_is_cancelled_a_child_that_ends_decides_nothing);
    tcase_add_test(hand, a_race_of_many_that_are_woken_in_reverse_costs_n_log_n);
    suite_add_tcase(suite, hand);

    tcase_add_loop_test(time, the_losers_have_let_go_of_their_fds_when_it_is_ready, 0, VARIANTS);
    tcase_add_loop_test(time, of_two_that_are_due_the_earlier_deadline_wins, 0, VIRTUAL_VARIANTS);
    tcase_add_loop_test(time, of_equal_deadlines_the_lower_index_wins_whichever_was_armed_first, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(time, a_wake_without_a_deadline_counts_as_one_at_the_beginning, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(time, a_loser_that_a_shield_holds_is_waited_for, 0, VIRTUAL_VARIANTS);
    suite_add_tcase(suite, time);
    return suite;
}
