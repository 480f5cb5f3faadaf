/* SPDX-License-Identifier: MIT */
/* The clock: real and virtual, and arithmetic that saturates. */
#include "../../reactor/base/ticks.h"
#include "helper.h"
#include "suites.h"

START_TEST(the_real_clock_never_goes_back)
{
    struct edo_clock clock;
    uint64_t last_ns = 0;

    clock = (struct edo_clock){.is_virtual = false};
    for (int i = 0; i < 1000; i++) {
        uint64_t now_ns = edo_clock_now(&clock);

        ck_assert_uint_ge(now_ns, last_ns);
        last_ns = now_ns;
    }
    ck_assert_uint_gt(last_ns, 0);
}
END_TEST

START_TEST(the_virtual_clock_stands_still_until_advanced)
{
    struct edo_clock clock;

    clock = (struct edo_clock){.is_virtual = true};
    ck_assert_uint_eq(edo_clock_now(&clock), 0);
    edo_clock_advance(&clock, 5);
    ck_assert_uint_eq(edo_clock_now(&clock), 5);
    ck_assert_uint_eq(edo_clock_now(&clock), 5);
}
END_TEST

START_TEST(the_virtual_clock_is_not_set_back)
{
    struct edo_clock clock;

    clock = (struct edo_clock){.is_virtual = true};
    edo_clock_advance(&clock, 5);
    edo_clock_advance(&clock, 4);
    ck_assert_uint_eq(edo_clock_now(&clock), 5);
}
END_TEST

/* K3 */
START_TEST(a_sum_that_does_not_fit_is_never)
{
    ck_assert_uint_eq(edo_time_add(1, 2), 3);
    ck_assert_uint_eq(edo_time_add(EDO_NEVER - 1, 1), EDO_NEVER);
    ck_assert_uint_eq(edo_time_add(EDO_NEVER - 1, 2), EDO_NEVER);
    ck_assert_uint_eq(edo_time_add(EDO_NEVER, EDO_NEVER), EDO_NEVER);
    ck_assert_uint_eq(edo_time_add(0, EDO_NEVER), EDO_NEVER);
}
END_TEST

START_TEST(units_are_nanoseconds_and_saturate)
{
    ck_assert_uint_eq(EDO_US(7), 7000);
    ck_assert_uint_eq(EDO_MS(100), 100000000);
    ck_assert_uint_eq(EDO_S(3), 3000000000);
    ck_assert_uint_eq(EDO_S(UINT64_MAX / 1000), EDO_NEVER);
    ck_assert_uint_eq(EDO_MS(-1), EDO_NEVER);
}
END_TEST

/* Ticks as they are where the CPU's counter is not constant. */
START_TEST(without_a_counter_a_tick_is_a_ns_of_the_clock)
{
    struct edo_clock clock = {.is_virtual = true};
    struct edo_ticks ticks = {.are_cycles = false};

    edo_clock_advance(&clock, EDO_MS(1));
    edo_ticks_start(&ticks, EDO_MS(1), 10);
    edo_clock_advance(&clock, EDO_MS(1) + 9);
    ck_assert(!edo_ticks_have_passed(&ticks, &clock));
    edo_clock_advance(&clock, EDO_MS(1) + 10);
    ck_assert(edo_ticks_have_passed(&ticks, &clock));
}
END_TEST

Suite *clock_suite(void)
{
    Suite *suite = suite_create("clock");
    TCase *tcase = tcase_create("clock");

    tcase_add_test(tcase, the_real_clock_never_goes_back);
    tcase_add_test(tcase, the_virtual_clock_stands_still_until_advanced);
    tcase_add_test(tcase, the_virtual_clock_is_not_set_back);
    tcase_add_test(tcase, a_sum_that_does_not_fit_is_never);
    tcase_add_test(tcase, units_are_nanoseconds_and_saturate);
    tcase_add_test(tcase, without_a_counter_a_tick_is_a_ns_of_the_clock);
    suite_add_tcase(suite, tcase);
    return suite;
}
