/* SPDX-License-Identifier: MIT */
/* The files of the views: there as a whole or as before, whatever stands at their place. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"
#include "interrupt.h"
#include "process.h"
#include "suites.h"
#include "views/output.h"

static struct process process;
static char folder[64];

static void make_folder(void)
{
    strcpy(folder, "/tmp/edo-output-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    setenv("FOLDER", folder, 1);
}

static void remove_folder(void)
{
    process_start(&process, "rm -r \"$FOLDER\"");
    process_finish(&process);
}

#define DRAW "\"$DEMO\" --virtual --quiet --svg "

/* In the folder. The demo's table goes nowhere; what the command prints after it is kept. */
static void run_there(const char *command)
{
    char line[1024];

    snprintf(line, sizeof line, "case $DEMO in /*) ;; *) DEMO=$PWD/$DEMO ;; esac; cd $FOLDER; %s",
             command);
    process_start(&process, line);
    process_finish(&process);
}

static const struct at_place {
    const char *command, *out;
} at_places[] = {
    /* nothing: as with the umask */
    {"umask 027; " DRAW "a >said; stat -c %a a; ls -A", "640\na\nsaid\n"},
    /* a file keeps its rights */
    {"echo old >a; chmod 604 a; " DRAW "a >said; stat -c %a a; head -c 4 a; ls -A",
     "604\n<svga\nsaid\n"},
    /* one that may not be written, in a folder in which a file can be made */
    {"echo old >a; chmod 400 a; $LIKE_ALL " DRAW "a >said; echo $?; cat a; ls -A",
     "1\nold\na\nsaid\n"},
    /* one that may be written, in a folder in which none can be made */
    {"mkdir b; echo old >b/a; chmod 500 b; $LIKE_ALL " DRAW "b/a >said; echo $?; head -c 4 b/a; "
     "ls -A b",
     "0\n<svga\n"},
    /* a link stays, and what it leads to is replaced */
    {"mkdir b; echo old >b/a; ln -s b/a link; " DRAW "link >said; readlink link; head -c 4 b/a; "
     "ls -A . b",
     "b/a\n<svg.:\nb\nlink\nsaid\n\nb:\na\n"},
    {"ln -s a link; " DRAW "link >said; readlink link; head -c 4 a; ls -A",
     "a\n<svga\nlink\nsaid\n"},
    {"ln -s link link; " DRAW "link >said 2>&1; echo $?; readlink link; ls -A",
     "1\nlink\nlink\nsaid\n"},
    /* the other name of a file keeps what it had */
    {"echo old >a; ln a b; " DRAW "a >said; cat b; head -c 4 a", "old\n<svg"},
    /* what is no file is written to */
    {"mkfifo a; head -c 4 a & " DRAW "a >said; wait; test -p a; echo $?; ls -A",
     "<svg0\na\nsaid\n"},
    {DRAW "/dev/full >said 2>&1; echo $?; test -c /dev/full; echo $?; ls -A", "1\n0\nsaid\n"},
    {"echo old >a; " DRAW "/dev/fd/3 3<>a >said; head -c 4 a; ls -A", "<svga\nsaid\n"},
    {"mkdir a; " DRAW "a >said 2>&1; echo $?; ls -A", "1\na\nsaid\n"},
};

static bool can_give_up_rights(void)
{
    process_start(&process, "setpriv --inh-caps=-all --bounding-set=-all true");
    process_finish(&process);
    return process.status == 0;
}

/* Who is root may all: without that, where it can be given up. */
START_TEST(it_depends_on_what_stands_at_the_place)
{
    setenv("LIKE_ALL", geteuid() == 0 ? "setpriv --inh-caps=-all --bounding-set=-all" : "env", 1);
    if (strstr(at_places[_i].command, "$LIKE_ALL") && geteuid() == 0 && !can_give_up_rights())
        return;
    run_there(at_places[_i].command);
    ck_assert_str_eq(process.out, at_places[_i].out);
}
END_TEST

/* A file that is too large, and where there is one to try it on, a file system that is full: the
 * page of --html has hundreds of KB. */
static const struct at_place failures[] = {
    {"ulimit -f 64; echo old >a; \"$DEMO\" --virtual --quiet --html a >said; echo $?; cat a; ls -A",
     "1\nold\na\nsaid\n"},
    {"ulimit -f 64; \"$DEMO\" --virtual --quiet --html a >said; echo $?; ls -A", "1\nsaid\n"},
    {"ulimit -f 64; ln -s a link; \"$DEMO\" --virtual --quiet --html link >said; echo $?; ls -A",
     "1\nlink\nsaid\n"},
    {"unshare -rm true 2>/dev/null || { printf '1\\nold\\na\\n'; exit; }; mkdir b; unshare -rm sh "
     "-c "
     "'mount -t tmpfs -o size=64k none b && cd b && echo old >a && "
     "{ \"$DEMO\" --virtual --quiet --html a >../said; echo $?; cat a; ls -A; }'",
     "1\nold\na\n"},
};

START_TEST(a_file_that_can_not_be_written_whole_is_left_as_it_was)
{
    run_there(failures[_i].command);
    ck_assert_str_eq(process.out, failures[_i].out);
}
END_TEST

/* Of another user, in a folder in which all may put files. That needs a root to be tried. */
START_TEST(a_link_that_somebody_may_have_put_there_is_not_followed)
{
    if (geteuid() != 0)
        return;
    run_there("mkdir b; chmod 1777 b; chown 65533 b; echo old >a; ln -s ../a b/link; "
              "chown -h 65534 b/link; " DRAW "b/link >said; echo $?; cat a; "
              "chmod 755 b; " DRAW "b/link >said; echo $?; head -c 4 a");
    ck_assert_str_eq(process.out, "1\nold\n0\n<svg");
    ck_assert_ptr_nonnull(strstr(process.err, "b/link: Permission denied\n"));
}
END_TEST

/* The handler of the first signal writes, and gets the second. */
static void be_interrupted_again(void)
{
    FILE *file = output_open(getenv("TARGET"));

    fputs("half", file);
    fflush(file);
    raise(SIGTERM);
}

START_TEST(a_signal_that_kills_while_it_is_written_leaves_nothing_of_it)
{
    static const char *const names[] = {"a", "link"};
    char path[128];
    int status;
    pid_t pid;

    run_there("ln -s nothing link");
    snprintf(path, sizeof path, "%s/%s", folder, names[_i]);
    setenv("TARGET", path, 1);
    pid = fork();
    if (pid == 0) {
        interrupt_begin(NULL, be_interrupted_again);
        kill(getpid(), SIGTERM);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    run_there("ls -A");
    ck_assert_str_eq(process.out, "link\n");
}
END_TEST

Suite *output_suite(void)
{
    Suite *suite = suite_create("output");
    TCase *tcase = tcase_create("output");

    tcase_add_checked_fixture(tcase, make_folder, remove_folder);
    tcase_add_loop_test(tcase, it_depends_on_what_stands_at_the_place, 0,
                        sizeof at_places / sizeof at_places[0]);
    tcase_add_loop_test(tcase, a_file_that_can_not_be_written_whole_is_left_as_it_was, 0,
                        sizeof failures / sizeof failures[0]);
    tcase_add_test(tcase, a_link_that_somebody_may_have_put_there_is_not_followed);
    tcase_add_loop_test(tcase, a_signal_that_kills_while_it_is_written_leaves_nothing_of_it, 0, 2);
    suite_add_tcase(suite, tcase);
    return suite;
}
