/* SPDX-License-Identifier: MIT */
/* edo from C++: its headers. Where there is no compiler for it, that is said, and nothing tested. */
#include <stdio.h>

#include "helper.h"
#include "process.h"
#include "suites.h"

START_TEST(each_header_is_cplusplus_17_and_20_without_a_warning)
{
    struct process process;

    process_start(&process, "exec scripts/check-cplusplus");
    process_finish(&process);
    fputs(process.out, stdout); /* what was left out */
    ck_assert_msg(process.status == 0, "%s", process.err);
}
END_TEST

Suite *cplusplus_suite(void)
{
    Suite *suite = suite_create("cplusplus");
    TCase *headers = tcase_create("headers");

    tcase_add_test(headers, each_header_is_cplusplus_17_and_20_without_a_warning);
    tcase_set_timeout(headers, 600); /* it compiles for long */
    suite_add_tcase(suite, headers);
    return suite;
}
