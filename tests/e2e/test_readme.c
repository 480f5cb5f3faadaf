/* README.md is held to what it says (scripts/check-readme). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper.h"
#include "process.h"
#include "suites.h"

START_TEST(every_command_output_and_program_in_it_is_true)
{
    const char *demo = getenv("EDO_DEMO");
    struct process process;

    if (demo != NULL && strcmp(demo, "build/demo") != 0) {
        puts("readme: skipped, it speaks of the plain build");
        fflush(stdout);
        return;
    }
    process_start(&process, "scripts/check-readme");
    process_finish(&process);
    ck_assert_msg(process.status == 0, "%s", process.err);
    fputs(process.out, stdout); /* what was skipped */
    fflush(stdout);
}
END_TEST

Suite *readme_suite(void)
{
    Suite *suite = suite_create("readme");
    TCase *tcase = tcase_create("readme");

    tcase_set_tags(tcase, "gdb"); /* among the commands */
    tcase_add_test(tcase, every_command_output_and_program_in_it_is_true);
    tcase_set_timeout(tcase, 60);
    suite_add_tcase(suite, tcase);
    return suite;
}
