/* SPDX-License-Identifier: MIT */
/* The clock: real and virtual, and arithmetic that saturates. */
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

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

    edo_clock_advance(&clock, EDO_S(5)); /* too long to measure a rate, but none is needed */
    edo_ticks_start(&ticks, EDO_S(5), 10);
    edo_clock_advance(&clock, EDO_S(5) + 9);
    ck_assert(!edo_ticks_have_passed(&ticks, &clock));
    edo_clock_advance(&clock, EDO_S(5) + 10);
    ck_assert(edo_ticks_have_passed(&ticks, &clock));
}
END_TEST

/* As the CPU says (Intel SDM, volume 3, "Invariant TSC"). Virtual time has nothing to do with it.
 */
START_TEST(ticks_are_cycles_where_the_cpu_says_that_they_have_a_constant_rate)
{
    struct edo_clock clock = {.is_virtual = _i != 0};
    struct edo_ticks ticks;
    unsigned edx = 0;

#if defined(__x86_64__) || defined(__i386__)
    unsigned eax, ebx, ecx;

    __get_cpuid(0x80000007, &eax, &ebx, &ecx, &edx);
#endif
    edo_ticks_init(&ticks, &clock);
    ck_assert_int_eq(ticks.are_cycles, !clock.is_virtual && edx & 0x100);
    edo_ticks_start(&ticks, edo_clock_now(&clock), EDO_S(60));
    ck_assert(!clock.is_virtual || edo_ticks_have_passed(&ticks, &clock));
}
END_TEST

/* Not from a start that was just now, nor from one so long ago that the product overflows. */
START_TEST(the_rate_of_cycles_is_measured_over_one_microsecond_to_a_second)
{
    static const struct {
        uint64_t elapsed_ns;
        bool is_measured;
    } starts[] = {{EDO_US(1) - 1, false},
                  {EDO_US(1), true},
                  {EDO_S(1) + EDO_US(1) - 1, true},
                  {EDO_S(1) + EDO_US(1), false},
                  {0, false}};

    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        struct edo_ticks ticks = {.are_cycles = true, .per_limit = EDO_NEVER, .start_ns = 7};

        ticks.start = EDO_CYCLES();
        edo_ticks_start(&ticks, 7 + starts[i].elapsed_ns, 10);
        ck_assert_int_eq(ticks.per_limit != EDO_NEVER, starts[i].is_measured);
        ck_assert_uint_eq(ticks.start_ns, 7 + starts[i].elapsed_ns);
    }
}
END_TEST

/* As when a virtual machine has moved to another host. */
START_TEST(a_counter_that_was_set_back_gives_no_rate)
{
    struct edo_ticks ticks = {.are_cycles = true, .per_limit = 10, .start_ns = 7};
    struct edo_clock clock = {.is_virtual = false};

    ticks.start = EDO_CYCLES() + (UINT64_C(1) << 45);
    edo_ticks_start(&ticks, 7 + EDO_MS(1), EDO_US(10));
    ck_assert_uint_eq(ticks.per_limit, 0);
    ck_assert(edo_ticks_have_passed(&ticks, &clock)); /* so that it is measured anew */
}
END_TEST

/* Where the starts follow each other faster, as the looks of an executor do that has no rate yet,
 * and looks in each turn for that. */
START_TEST(without_a_rate_one_is_measured_over_several_short_times)
{
    struct edo_ticks ticks = {.are_cycles = true, .start_ns = 7};

    ticks.start = EDO_CYCLES();
    for (uint64_t elapsed_ns = 400; elapsed_ns < EDO_US(1); elapsed_ns += 400) {
        edo_ticks_start(&ticks, 7 + elapsed_ns, EDO_US(10));
        ck_assert_uint_eq(ticks.start_ns, 7);
    }
    edo_ticks_start(&ticks, 7 + EDO_US(1), EDO_US(10));
    ck_assert_uint_eq(ticks.start_ns, 7 + EDO_US(1));
    ticks.per_limit = UINT64_C(1) << 36; /* a rate by which the limit is far away: it is right */
    edo_ticks_start(&ticks, 7 + EDO_US(1) + 1, EDO_US(10));
    ck_assert_uint_eq(ticks.start_ns, 7 + EDO_US(1) + 1);
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
    tcase_add_test(tcase, without_a_rate_one_is_measured_over_several_short_times);
    tcase_add_test(tcase, a_counter_that_was_set_back_gives_no_rate);
    tcase_add_loop_test(tcase, ticks_are_cycles_where_the_cpu_says_that_they_have_a_constant_rate,
                        0, 2);
    tcase_add_test(tcase, the_rate_of_cycles_is_measured_over_one_microsecond_to_a_second);
    suite_add_tcase(suite, tcase);
    return suite;
}
