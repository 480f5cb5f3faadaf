/* SPDX-License-Identifier: MIT */
/* tests/schedules/README.md does what it says, in an empty folder: the mistake in its program is
 * found, made small, and there again by its number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "process.h"
#include "suites.h"

/* Begins in an empty folder, with the program of the page in it. */
#define IN_FOLDER \
    "EDO=$PWD; folder=$(mktemp -d); trap 'rm -r $folder' EXIT; cd $folder; " \
    "block() { awk -v kind=$1 '$0 == \"```\" { on = 0 } on { print } " \
    "$0 == \"```\" kind { on = 1 }' $EDO/tests/schedules/README.md; }; block c >program.c; "

/* Builds it as the page says, but for what make has built by now. */
#define BUILT "export EDO; block console | grep '^cc' | sh || exit 99; "

/* A path with a space is none that make can link by. */
static bool can_build(void)
{
    char *here = getcwd(NULL, 0);
    bool has_space = here == NULL || strchr(here, ' ') != NULL;

    free(here);
    return process_is_plain_build() && !has_space;
}

static void run(struct process *process, const char *command)
{
    process_start(process, command);
    process_finish(process);
    ck_assert_int_ne(process->status, 99);
}

START_TEST(the_mistake_of_the_page_is_found_made_small_and_shown)
{
    struct process process;

    if (!can_build())
        return;
    run(&process,
        IN_FOLDER BUILT "block found >found; block console | grep schedules.*program | sh; "
                        "status=$?; grep -c '<html' schedule-1.html; "
                        "cat found schedule-1.choices >&2; exit $status");
    ck_assert_int_eq(process.status, 1);
    ck_assert_msg(strstr(process.err, "choice 0, poll writer: 1 of 0..1\n# seed 1\n"
                                      "1 2 poll writer\n") != NULL,
                  "%s", process.err);
    *strstr(process.err, "# seed 1\n") = '\0';
    ck_assert_msg(strncmp(process.out, process.err, strlen(process.err)) == 0, "%s is not %s",
                  process.out, process.err);
    ck_assert_ptr_nonnull(strstr(process.out, "reader           waiting"));
    ck_assert_ptr_nonnull(strstr(process.out, "\tstuck\t"));
    ck_assert_ptr_nonnull(strstr(process.out, "\nwritten: ./schedule-1.html\n1\n"));
}
END_TEST

START_TEST(it_is_there_again_by_its_seed_and_by_its_choices)
{
    struct process process;

    if (!can_build())
        return;
    run(&process,
        IN_FOLDER BUILT "./program; echo $?; EDO_SEED=1 ./program >seed; echo $?; echo 1 >choices; "
                        "EDO_CHOICES=choices ./program >again; echo $?; cmp seed again; cat again");
    ck_assert_str_eq(process.err, "");
    ck_assert_str_eq(process.out, "0\n1\n1\n"
                                  "  reader           waiting  reader AWAITS > notify "
                                  "NOTIFY_AWAITS\n");
}
END_TEST

START_TEST(mended_it_does_not_fail)
{
    struct process process;

    if (!can_build())
        return;
    run(&process, IN_FOLDER "sed -i s/edo_notify_all/edo_notify_one/ program.c; " BUILT
                            "$EDO/scripts/schedules --seeds 20 ./program");
    ck_assert_str_eq(process.err, "");
    ck_assert_str_eq(process.out, "20 schedules, and none fails\n");
    ck_assert_int_eq(process.status, 0);
}
END_TEST

START_TEST(one_that_dies_leaves_its_trace_and_its_page_too)
{
    struct process process;

    if (!can_build())
        return;
    run(&process,
        IN_FOLDER "sed -i 's/edo_executor_dump(.*);/__builtin_abort();/' program.c; " BUILT
                  "ulimit -c 0; $EDO/scripts/schedules ./program; "
                  "grep -c stuck schedule-1.trace; grep -c '<html' schedule-1.html");
    ck_assert_int_eq(strncmp(process.out, "seed 1: signal 6; made small in ", 32), 0);
    ck_assert_ptr_nonnull(strstr(process.out, "\nwritten: ./schedule-1.html\n1\n1\n"));
}
END_TEST

/* A reader that takes what one read has moved for all there is. */
#define HASTY \
    "cat >program.c <<'END'\n" \
    "#include <string.h>\n" \
    "#include <sys/socket.h>\n" \
    "#include \"edo.h\"\n" \
    "int main(void)\n" \
    "{\n" \
    "    const struct edo_reactor_options options = {.is_virtual = true};\n" \
    "    struct edo_executor executor;\n" \
    "    struct edo_task task;\n" \
    "    struct edo_read read;\n" \
    "    struct edo_io io;\n" \
    "    char text[6] = \"\";\n" \
    "    int fds[2];\n" \
    "    socketpair(AF_UNIX, SOCK_STREAM, 0, fds);\n" \
    "    edo_executor_open(&executor, &options);\n" \
    "    edo_io_open(&io, &executor.reactor, fds[0]);\n" \
    "    send(fds[1], \"hello\", 5, 0);\n" \
    "    edo_read_init(&read, &io, text, 5);\n" \
    "    edo_task_init(&task, \"reader\", &read.operation.future);\n" \
    "    edo_executor_block_on(&executor, &task);\n" \
    "    edo_io_close(&io);\n" \
    "    edo_executor_close(&executor);\n" \
    "    return strcmp(text, \"hello\") != 0;\n" \
    "}\n" \
    "END\n"

START_TEST(a_fault_is_a_choice_among_others)
{
    struct process process;

    if (!can_build())
        return;
    run(&process, IN_FOLDER HASTY BUILT "$EDO/scripts/schedules --seeds 20 ./program && "
                                        "$EDO/scripts/schedules --faults=short,late ./program");
    ck_assert_int_eq(process.status, 1);
    ck_assert_int_eq(strncmp(process.out, "20 schedules, and none fails\nseed ", 34), 0);
    ck_assert_msg(strstr(process.out, ", short: 1 of 0..1\n") != NULL, "%s", process.out);
    ck_assert_ptr_null(strstr(process.out, "EINTR"));
    ck_assert_ptr_nonnull(strstr(process.out, "EDO_FAULTS=short,late ./program\n"));
}
END_TEST

START_TEST(what_it_can_not_do_is_said)
{
    static const struct {
        const char *command, *complaint;
    } cases[] = {
        {"scripts/schedules true", "it is not linked with the seam"},
        {"scripts/schedules", "which program?"},
        {"scripts/schedules ./not-there", "no such program: ./not-there"},
        {"scripts/schedules --seeds 0 true", "at least one seed"},
        {"scripts/schedules --faults short,early true", "no fault is called 'early': short, late"},
        {"EDO_SEED=1 EDO_FAULTS=early \"$(dirname \"$DEMO\")/schedules/lessons/race\"",
         "and not 'early'"},
        {"EDO_FAULTS=late \"$(dirname \"$DEMO\")/schedules/lessons/race\"",
         "does nothing without EDO_SEED"},
        {"EDO_SEED=1, \"$(dirname \"$DEMO\")/schedules/lessons/race\"",
         "is a number, and not '1,'"},
        {"EDO_SEED=1 EDO_CHOICES=/nowhere \"$(dirname \"$DEMO\")/schedules/lessons/race\"",
         "cannot read /nowhere"},
    };
    struct process process;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        run(&process, cases[i].command);
        ck_assert_int_ne(process.status, 0);
        ck_assert_msg(strstr(process.out, cases[i].complaint) != NULL ||
                          strstr(process.err, cases[i].complaint) != NULL,
                      "%s%s", process.out, process.err);
    }
}
END_TEST

/* As `| head` may end it in the middle. */
START_TEST(a_reader_that_has_gone_ends_it_quietly)
{
    struct process process;

    if (!can_build())
        return;
    run(&process, IN_FOLDER BUILT "$EDO/scripts/schedules ./program | true; ls schedule-1.*");
    ck_assert_str_eq(process.err, "");
    ck_assert_str_eq(process.out, "schedule-1.choices\nschedule-1.html\nschedule-1.trace\n");
}
END_TEST

/* It fails since it chooses more often than it may. */
START_TEST(the_command_that_a_failure_prints_shows_it_the_same)
{
    struct process process;

    if (!can_build())
        return;
    run(&process,
        "folder=$(mktemp -d); trap 'rm -r $folder' EXIT; check=$(dirname \"$DEMO\")/check-edo; "
        "export EDO_DEMO=$folder/demo EDO_CHOICES_MOST=12 CK_RUN_SUITE=schedules; "
        "shown() { CK_RUN_CASE=company \"$check\" 2>&1 | sed 's/, pid [0-9]*//'; }; "
        "shown >$folder/found; EDO_SEED=1; export EDO_SEED; shown >$folder/again; "
        "cat $folder/found; cmp $folder/found $folder/again");
    ck_assert_str_eq(process.err, "");
    ck_assert_int_eq(process.status, 0);
    ck_assert_ptr_nonnull(strstr(process.out, "seed 1: exit status 2; made small in "));
    ck_assert_ptr_nonnull(strstr(process.out, "\ntrace:\n"));
    ck_assert_ptr_nonnull(strstr(process.out, "/schedule-1.html\n"));
    ck_assert_ptr_nonnull(strstr(process.out, " EDO_SEED=1 CK_RUN_CASE=company CK_RUN_SUITE=sch"));
}
END_TEST

Suite *seam_suite(void)
{
    Suite *suite = suite_create("seam");
    TCase *page = tcase_create("page");

    tcase_add_test(page, the_mistake_of_the_page_is_found_made_small_and_shown);
    tcase_add_test(page, it_is_there_again_by_its_seed_and_by_its_choices);
    tcase_add_test(page, mended_it_does_not_fail);
    tcase_add_test(page, one_that_dies_leaves_its_trace_and_its_page_too);
    tcase_add_test(page, a_fault_is_a_choice_among_others);
    tcase_add_test(page, what_it_can_not_do_is_said);
    tcase_add_test(page, a_reader_that_has_gone_ends_it_quietly);
    tcase_add_test(page, the_command_that_a_failure_prints_shows_it_the_same);
    tcase_set_timeout(page, 0);
    tcase_set_tags(page, "schedules");
    suite_add_tcase(suite, page);
    return suite;
}
