/* SPDX-License-Identifier: MIT */
/* check.h - as much of Check as the tests use, for programs that can't have Check itself: under
 * MemorySanitizer, which wants all code of a program compiled by itself, and in a fuzzer.
 *
 * A test that fails aborts. tests/plain/check.c runs the suites, each test in a child. */
#ifndef PLAIN_CHECK_H
#define PLAIN_CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- Assertions ------------------------------------------------------------------------------- */

#define ck_abort_msg(...) \
    (fprintf(stderr, "%s:%d: ", __FILE__, __LINE__), fprintf(stderr, __VA_ARGS__), \
     fputc('\n', stderr), abort())
#define ck_assert_msg(condition, ...) ((condition) ? (void)0 : (void)ck_abort_msg(__VA_ARGS__))
#define ck_assert(condition) ck_assert_msg(condition, "not so: %s", #condition)

#define PLAIN_COMPARE(type, format, a, op, b) \
    do { \
        type plain_a = (a); \
        type plain_b = (b); \
        ck_assert_msg(plain_a op plain_b, "not so: %s %s %s: " format ", " format, #a, #op, #b, \
                      plain_a, plain_b); \
    } while (0)

#define ck_assert_int_eq(a, b) PLAIN_COMPARE(intmax_t, "%jd", a, ==, b)
#define ck_assert_int_ne(a, b) PLAIN_COMPARE(intmax_t, "%jd", a, !=, b)
#define ck_assert_int_ge(a, b) PLAIN_COMPARE(intmax_t, "%jd", a, >=, b)
#define ck_assert_int_gt(a, b) PLAIN_COMPARE(intmax_t, "%jd", a, >, b)
#define ck_assert_int_le(a, b) PLAIN_COMPARE(intmax_t, "%jd", a, <=, b)
#define ck_assert_int_lt(a, b) PLAIN_COMPARE(intmax_t, "%jd", a, <, b)
#define ck_assert_uint_eq(a, b) PLAIN_COMPARE(uintmax_t, "%ju", a, ==, b)
#define ck_assert_uint_ne(a, b) PLAIN_COMPARE(uintmax_t, "%ju", a, !=, b)
#define ck_assert_uint_ge(a, b) PLAIN_COMPARE(uintmax_t, "%ju", a, >=, b)
#define ck_assert_uint_gt(a, b) PLAIN_COMPARE(uintmax_t, "%ju", a, >, b)
#define ck_assert_uint_le(a, b) PLAIN_COMPARE(uintmax_t, "%ju", a, <=, b)
#define ck_assert_uint_lt(a, b) PLAIN_COMPARE(uintmax_t, "%ju", a, <, b)
#define ck_assert_double_ge(a, b) PLAIN_COMPARE(double, "%f", a, >=, b)
#define ck_assert_double_gt(a, b) PLAIN_COMPARE(double, "%f", a, >, b)
#define ck_assert_double_le(a, b) PLAIN_COMPARE(double, "%f", a, <=, b)
#define ck_assert_ptr_eq(a, b) PLAIN_COMPARE(const void *, "%p", a, ==, b)
#define ck_assert_ptr_ne(a, b) PLAIN_COMPARE(const void *, "%p", a, !=, b)
#define ck_assert_ptr_null(a) ck_assert((a) == NULL)
#define ck_assert_ptr_nonnull(a) ck_assert((a) != NULL)
#define ck_assert_mem_eq(a, b, size) ck_assert(memcmp(a, b, size) == 0)
#define ck_assert_str_eq(a, b) \
    do { \
        const char *plain_a = (a), *plain_b = (b); \
        ck_assert_msg(strcmp(plain_a, plain_b) == 0, "not so: %s is %s: %s", #a, #b, plain_a); \
    } while (0)
#define ck_assert_str_ne(a, b) ck_assert(strcmp(a, b) != 0)
#define ck_assert_double_eq_tol(a, b, most) ck_assert((a) - (b) <= (most) && (b) - (a) <= (most))

/* --- Suites ----------------------------------------------------------------------------------- */

typedef struct {
    const char *name;
    void (*run)(int i);
} TTest;

#define START_TEST(test) \
    static void test##_run(int _i); \
    static const TTest test##_test = {#test, test##_run}; \
    static const TTest *const test = &test##_test; \
    static void test##_run(int _i __attribute__((unused)))
#define END_TEST

typedef struct plain_suite Suite;
typedef struct plain_case TCase;
typedef struct plain_runner SRunner;
enum print_output { CK_ENV };

Suite *suite_create(const char *name);
void suite_add_tcase(Suite *suite, TCase *tcase);

TCase *tcase_create(const char *name);
void tcase_set_timeout(TCase *tcase, double seconds);
void tcase_set_tags(TCase *tcase, const char *tags);
void tcase_add_checked_fixture(TCase *tcase, void (*setup)(void), void (*teardown)(void));
void tcase_add_unchecked_fixture(TCase *tcase, void (*setup)(void), void (*teardown)(void));

/* Once for each i from `begin` on and before `end`; `signal`: that is to end it, 0 for none. */
void plain_add(TCase *tcase, const TTest *test, int signal, int begin, int end);

#define tcase_add_test(tcase, test) plain_add(tcase, test, 0, 0, 1)
#define tcase_add_loop_test(tcase, test, begin, end) plain_add(tcase, test, 0, begin, end)
#define tcase_add_test_raise_signal(tcase, test, signal) plain_add(tcase, test, signal, 0, 1)
#define tcase_add_loop_test_raise_signal(tcase, test, signal, begin, end) \
    plain_add(tcase, test, signal, begin, end)

SRunner *srunner_create(Suite *suite);
void srunner_add_suite(SRunner *runner, Suite *suite);
void srunner_run_all(SRunner *runner, enum print_output how);
int srunner_ntests_run(const SRunner *runner);
int srunner_ntests_failed(const SRunner *runner);
void srunner_free(SRunner *runner);

#endif
