/* SPDX-License-Identifier: MIT */
/* The build and scripts/deps on machines that are not like most. */
#include <stdio.h>
#include <string.h>

#include "helper.h"
#include "process.h"
#include "suites.h"

/* A folder that comes first in PATH, in which a gcc builds nothing and writes down what it was
 * asked for, and in which nothing can be installed. */
#define IN_FAKE_PATH(commands) \
    "folder=$(mktemp -d); cd $folder; " \
    "printf '#!/bin/sh\\necho \"$@\" >>'$folder'/asked\\nexit 1\\n' >gcc; " \
    "printf '#!/bin/sh\\nexit 1\\n' >apt-get; printf '#!/bin/sh\\nexit 1\\n' >sudo; " \
    "chmod +x gcc apt-get sudo; cd \"$OLDPWD\"; PATH=$folder:$PATH; " commands "; status=$?; " \
    "rm -r $folder; exit $status"

/* D40: some put a file in the place of /dev/null, if root calls them. */
START_TEST(no_compiler_is_asked_to_write_to_dev_null)
{
    struct process process;

    process_start(&process, IN_FAKE_PATH("make -n CC=gcc release >$folder/out 2>&1; "
                                         "scripts/deps gcc asan libuv; cat $folder/asked"));
    process_finish(&process);
    ck_assert_msg(strstr(process.out, "-flto") && strstr(process.out, "-fsanitize=address"), "%s%s",
                  process.out, process.err);
    ck_assert_msg(strstr(process.out, "-o /dev/null") == NULL, "%s", process.out);
}
END_TEST

/* D41 */
START_TEST(a_gcc_that_builds_no_program_is_missing)
{
    struct process process;

    process_start(&process, IN_FAKE_PATH("scripts/deps gcc"));
    process_finish(&process);
    ck_assert_int_eq(process.status, 1);
    ck_assert_str_eq(process.out, "deps: installing with apt-get: gcc libc6-dev\n");
    ck_assert_str_eq(process.err, "deps: apt-get could not install: gcc libc6-dev\n");
}
END_TEST

START_TEST(scripts_tell_their_usage)
{
    struct process process;

    process_start(&process, "for script in $(find scripts -type f -perm -u+x); do "
                            "help=$($script --help </dev/null) || echo \"$script: $?\"; "
                            "case $help in \"usage: $script\"*) ;; "
                            "*) echo \"$script says: $help\" ;; esac; done");
    process_finish(&process);
    ck_assert_str_eq(process.err, "");
    ck_assert_str_eq(process.out, "");
    ck_assert_int_eq(process.status, 0);
}
END_TEST

/* A folder with all commands that there are, and `without NAME COMMAND...`, which has all but one.
 */
#define WITHOUT \
    "folder=$(mktemp -d); IFS=:; for path in $PATH; do ln -s $path/* $folder 2>/dev/null; done; " \
    "unset IFS; without() { mv $folder/$1 $folder/.away; (shift; PATH=$folder \"$@\"); " \
    "mv $folder/.away $folder/$1; }; "

/* The last one may lack more. */
START_TEST(a_target_names_the_tool_that_it_lacks)
{
    const char *expected = "deps: missing: gdb (scripts/deps gdb)\n"
                           "deps: missing: clang-format (scripts/deps clang-format)\n"
                           "deps: missing: python3 (scripts/deps python3)\n"
                           "deps: missing: python3 (scripts/deps python3)\n"
                           "deps: missing: patch (scripts/deps patch)\n"
                           "deps: missing: pkg-config check (scripts/deps pkg-config check)\n"
                           "deps: missing: clang";
    struct process process;

    if (!process_is_plain_build())
        return;
    process_start(&process, WITHOUT "for pair in gdb:gdb format:clang-format man:python3 "
                                    "mutants:python3 solved:patch build/check-edo:pkg-config "
                                    "fuzz-tools:clang; do "
                                    "without ${pair#*:} make ${pair%:*}; "
                                    "done 2>&1 | grep '^deps: '; rm -r $folder");
    process_finish(&process);
    ck_assert_msg(strncmp(process.out, expected, strlen(expected)) == 0, "%s", process.out);
}
END_TEST

/* D42: objects that are there already are only linked. */
START_TEST(the_project_can_lie_in_a_folder_with_a_space)
{
    struct process process;

    if (!process_is_plain_build())
        return;
    process_start(&process, "folder=$(mktemp -d); top=$folder/'a b'; "
                            "mkdir -p \"$top/build\"; "
                            "cp -a Makefile reactor demo scripts \"$top\"; "
                            "cp -a build/obj build/flags \"$top/build\"; "
                            "(cd \"$top\" && make -s all && build/demo --virtual && "
                            "cat build/demo-gdb.py); "
                            "status=$?; rm -r $folder; exit $status");
    process_finish(&process);
    ck_assert_msg(process.status == 0, "%s", process.err);
    ck_assert_msg(strstr(process.out, "\nin all "), "%s", process.out);
    ck_assert_msg(strstr(process.out, "edo-gdb"), "%s", process.out);
}
END_TEST

#if defined(NDEBUG) && defined(_FORTIFY_SOURCE)
/* As reactor/SECURITY.md says. */
START_TEST(a_release_is_hardened)
{
    static const char *const signs[] = {"GNU_RELRO", "NOW", "__stack_chk_fail", "_chk@"};
    struct process process;

    process_start(&process, "readelf -dlW --dyn-syms $DEMO");
    process_finish(&process);
    ck_assert_msg(strstr(process.out, signs[_i]), "there is no %s", signs[_i]);
}
END_TEST
#endif

Suite *build_suite(void)
{
    Suite *suite = suite_create("build");
    TCase *tcase = tcase_create("build");

    tcase_add_test(tcase, no_compiler_is_asked_to_write_to_dev_null);
    tcase_add_test(tcase, a_gcc_that_builds_no_program_is_missing);
    tcase_add_test(tcase, scripts_tell_their_usage);
    tcase_add_test(tcase, a_target_names_the_tool_that_it_lacks);
    tcase_add_test(tcase, the_project_can_lie_in_a_folder_with_a_space);
#if defined(NDEBUG) && defined(_FORTIFY_SOURCE)
    tcase_add_loop_test(tcase, a_release_is_hardened, 0, 4);
#endif
    suite_add_tcase(suite, tcase);
    return suite;
}
