/* SPDX-License-Identifier: MIT */
/* The README files are held to what they show (scripts/check-readme). */
#include <stdio.h>
#include <string.h>

#include "helper.h"
#include "process.h"
#include "suites.h"

/* A file that shows what the demo prints, then the same after `edit`, a command. */
#define SHOWN(edit) \
    "folder=$(mktemp -d); { echo '```text'; LC_ALL=C.UTF-8 $DEMO --virtual | " \
    "sed 's/which is virtual/CPU time used 1.3 ms/' | " edit "; echo '```'; } >$folder/shown.md; "

/* The demo on a machine that has no time for it between 0.2 and 0.6 s. */
#define STALLED_DEMO \
    "cat >$folder/demo <<END\n" \
    "#!/bin/sh\n" \
    "$DEMO \"\\$@\" & sleep 0.2; kill -STOP \\$!; sleep 0.4; kill -CONT \\$!; wait \\$!\n" \
    "END\n" \
    "chmod +x $folder/demo; export DEMO=$folder/demo; "

#define CHECK_SHOWN "scripts/check-readme $folder/shown.md; status=$?; rm -r $folder; exit $status"

/* D49 */
START_TEST(times_and_bars_are_not_compared)
{
    struct process process;

    if (!process_is_plain_build())
        return;
    process_start(&process, SHOWN("cat") STALLED_DEMO CHECK_SHOWN);
    process_finish(&process);
    ck_assert_msg(process.status == 0, "%s", process.err);
}
END_TEST

START_TEST(lines_and_their_order_are_compared)
{
    static const char *const commands[] = {
        SHOWN("sed '/^100.0 ms async_task(2)   started$/d'") CHECK_SHOWN,
        SHOWN("sed '/ completed: 10$/ { h; d; }; / completed: 20$/ G'") CHECK_SHOWN,
        SHOWN("sed 's/^  parallel .* ──/& /'") CHECK_SHOWN,
    };
    struct process process;

    if (!process_is_plain_build())
        return;
    process_start(&process, commands[_i]);
    process_finish(&process);
    ck_assert_int_eq(process.status, 1);
    ck_assert_msg(strstr(process.err, "shown.md, line 1: this is not what is printed"), "%s",
                  process.err);
}
END_TEST

START_TEST(what_is_named_and_not_there_is_said)
{
    static const char file[] =
        "Call `edo_nothing_init` of `nothing.h` (`make nothing`), ![seen](nothing.svg).\n"
        "Call `edo_sleep_init` of `sleep.h` (`make check`), in `reactor/futures/sleep.c`.\n\n"
        "| `demo/fetch_data.h` | `demo/fetch_data.c` |\n|---|---|\n"
        "| in words | `case FETCH_START:` |\n| `unsigned id;` | `case NOTHING:` |\n";
    struct process process;
    char command[1024];

    if (!process_is_plain_build())
        return;
    snprintf(command, sizeof command,
             "folder=$(mktemp -d); cat >$folder/shown.md <<'END'\n%sEND\n%s", file, CHECK_SHOWN);
    process_start(&process, command);
    process_finish(&process);
    ck_assert_int_eq(process.status, 1);
    ck_assert_msg(strstr(process.err, "shown.md: not there: nothing.h nothing.svg edo_nothing_init "
                                      "make nothing case NOTHING: \n"),
                  "%s", process.err);
}
END_TEST

START_TEST(a_program_that_does_not_end_well_is_said)
{
    struct process process;

    if (!process_is_plain_build())
        return;
    process_start(&process, "folder=$(mktemp -d); cat >$folder/shown.md <<'END'\n"
                            "```c\nstatic int status = 1;\n```\n"
                            "```c\nint main(void)\n{\n    return status;\n}\n```\n"
                            "END\n" CHECK_SHOWN);
    process_finish(&process);
    ck_assert_int_eq(process.status, 1);
    ck_assert_msg(strstr(process.err, "shown.md, line 4: this program can't be built, or does not"),
                  "%s", process.err);
}
END_TEST

START_TEST(every_command_output_and_program_in_it_is_true)
{
    struct process process;

    if (!process_is_plain_build()) {
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
    tcase_add_test(tcase, times_and_bars_are_not_compared);
    tcase_add_loop_test(tcase, lines_and_their_order_are_compared, 0, 3);
    tcase_add_test(tcase, what_is_named_and_not_there_is_said);
    tcase_add_test(tcase, a_program_that_does_not_end_well_is_said);
    tcase_add_test(tcase, every_command_output_and_program_in_it_is_true);
    suite_add_tcase(suite, tcase);
    return suite;
}
