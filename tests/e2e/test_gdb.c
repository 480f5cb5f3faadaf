/* SPDX-License-Identifier: MIT */
/* The tasks and awaits as gdb shows them with scripts/edo-gdb.py: in a process that has stopped, in
 * one that is attached to, in a core file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper.h"
#include "process.h"
#include "suites.h"

enum { JOIN, JOIN_LATER, TRY_JOIN, RACE, GROUP, TIMEOUT, TREES };

static struct process story, steps, task_steps, core, attached, lost, paused, polled, narrow,
    trees[TREES];
static bool can_debug, has_core;

/* ASan's leak check doesn't work under ptrace. Nothing here looks into libc; its debug information,
 * where it is installed, is most of what gdb takes time for. */
#define GDB \
    "ASAN_OPTIONS=detect_leaks=0 gdb --batch -nx -iex 'set debug-file-directory' " \
    "-x scripts/edo-gdb.py "

/* To where the thread goes to sleep with so many sources pending. */
#define RUN_TO_SLEEP(pending) \
    "-ex 'break look_at_kernel if wait == EDO_WAIT && reactor->pending == " #pending "' -ex run "

/* When the three tasks sleep and async_main waits for them. */
#define RUN_TO_PHASE_2 RUN_TO_SLEEP(3)

#define SHOW "-ex 'edo tasks' -ex 'edo tree' "
#define SHOW_WAKER "-ex 'p (*(struct edo_source *)reactor->registered[4].next).waker' "
#define LESSON(name) "--args $(dirname \"$DEMO\")/lessons/" name " --virtual"

static const char *const tree_commands[TREES] = {
    [JOIN_LATER] = GDB RUN_TO_SLEEP(3) "-ex 'tbreak look_at_kernel if wait == EDO_WAIT && "
                                       "reactor->pending == 1' -ex continue " SHOW LESSON(
                                           "spawn-vs-join-vs-loop"),
    [GROUP] = GDB RUN_TO_SLEEP(5) SHOW
    "-ex 'p *((struct edo_task *)((struct edo_executor *)reactor)->live.next)->future' " LESSON(
        "cancel-a-tree"),
    [TIMEOUT] = GDB RUN_TO_SLEEP(2) SHOW LESSON("timeout"),
    [JOIN] = GDB RUN_TO_SLEEP(3) SHOW SHOW_WAKER LESSON("spawn-vs-join-vs-loop"),
    [TRY_JOIN] = GDB RUN_TO_SLEEP(3) SHOW LESSON("failing-task"),
    [RACE] = GDB RUN_TO_SLEEP(2) SHOW LESSON("race"),
};

static bool may_debug(void)
{
    struct process probe;

    process_start(&probe, GDB "-ex 'python print(\"has python\")' -ex 'break main' -ex run $DEMO");
    process_finish(&probe);
    if (strstr(probe.out, "has python") != NULL && strstr(probe.out, "Breakpoint 1, ") != NULL)
        return true;
    printf("gdb: skipped, it is missing, has no python or may not trace: %s\n", probe.err);
    fflush(stdout);
    return false;
}

static void finish_all(void)
{
    process_finish(&story);
    process_finish(&steps);
    process_finish(&task_steps);
    process_finish(&lost);
    process_finish(&paused);
    process_finish(&polled);
    process_finish(&narrow);
    for (int i = 0; i < TREES; i++)
        process_finish(&trees[i]);
    process_finish(&attached);
    if (has_core)
        process_finish(&core);
}

static void debug(void)
{
    can_debug = may_debug();
    if (!can_debug)
        return;
    has_core = getenv("EDO_SANITIZED") == NULL; /* a sanitizer maps terabytes */
    if (has_core)
        process_start(&core,
                      "folder=$(mktemp -d); " GDB RUN_TO_PHASE_2
                      "-ex \"generate-core-file $folder/core\" $DEMO >/dev/null; " GDB
                      "-ex 'edo tasks' -ex 'edo tree' -ex 'edo bt 3' $DEMO \"$folder/core\"; "
                      "rm -r \"$folder\"");
    process_start(&story, GDB RUN_TO_PHASE_2
                  "-ex 'edo tasks' -ex 'edo tree' -ex 'edo bt async_task(2)' -ex 'edo bt 1' "
                  "-ex 'set $executor = (struct edo_executor *)reactor' "
                  "-ex 'echo named:\\n' -ex 'edo tasks $executor' "
                  "-ex 'p *(struct edo_task *)$executor->live.next' "
                  "-ex 'p *((struct edo_task *)$executor->live.prev)->future' "
                  "-ex 'p *(struct edo_source *)$executor->reactor.registered[2].next' "
                  "-ex 'p (*(struct edo_source *)$executor->reactor.registered[2].next).waker' "
                  "$DEMO");
    process_start(&steps, GDB "-ex 'edo watch fetch_data' -ex run -ex continue $DEMO");
    process_start(&task_steps, GDB "-ex 'edo watch async_task(2)' -ex run -ex continue $DEMO");
    process_start(&paused,
                  GDB "-ex 'break async_task_poll' -ex run -ex 'shell sleep 0.1' -ex delete "
                      "-ex continue $DEMO");
    process_start(&polled, GDB "-ex 'break edo_reactor_arm_for' -ex run -ex 'edo tree' "
                               "-ex 'edo bt 1' $DEMO");
    process_start(&narrow, GDB RUN_TO_PHASE_2
                  "-ex 'python COLUMNS = 84' -ex 'edo tasks' -ex 'python COLUMNS = 53' "
                  "-ex 'edo tasks' --args $DEMO --virtual");
    process_start(&lost, GDB "-ex 'edo tasks' " RUN_TO_PHASE_2
                             "-ex 'edo bt nobody' -ex 'edo bt' -ex 'edo tasks reactor' "
                             "-ex 'edo tree nothing' $DEMO");
    for (int i = 0; i < TREES; i++)
        process_start(&trees[i], tree_commands[i]);
    /* The first gdb leaves the demo to the second as it is, stopped. Where it never came to run,
     * its pid is 0, and kill's word for this whole process group. */
    process_start(
        &attached, GDB RUN_TO_PHASE_2
        "-ex 'python pid = gdb.selected_inferior().pid or 2**30; os.kill(pid, 19)' -ex detach "
        "-ex 'python os.system(\"gdb --batch -nx -iex \\\"set debug-file-directory\\\" "
        "-x scripts/edo-gdb.py -p %d "
        "-ex \\\"echo attached:\\\" -ex \\\"edo tasks\\\"; kill -9 %d\" % "
        "(pid, pid))' $DEMO");
    finish_all();
}

/* That `text` has these pieces in this order; where the last one ends. */
static const char *check_pieces(const struct process *process, const char *text,
                                const char *const *pieces)
{
    ck_assert_msg(text != NULL, "nothing to look at in:\n%s%s", process->out, process->err);
    for (; *pieces != NULL; pieces++) {
        const char *at = strstr(text, *pieces);

        ck_assert_msg(at != NULL, "no '%s' in:\n%.3000s%.500s", *pieces, text, process->err);
        text = at + strlen(*pieces);
    }
    return text;
}

#define CHECK_PIECES(process, text, ...) \
    check_pieces(process, text, (const char *const[]){__VA_ARGS__, NULL})

/* A line of `edo tasks` fits into 100 columns, whatever is in it. */
static void check_width(const char *text)
{
    for (text = strstr(text, "\n #  task "); text != NULL; text = strchr(text + 1, '\n'))
        if (text[1] == ' ' && strspn(text + 1, " 0123456789") > 3)
            ck_assert_msg(strcspn(text + 1, "\n") <= 100, "too wide: %.120s", text);
}

static const char *check_tasks(const struct process *process, const char *text)
{
    check_width(text);
    return CHECK_PIECES(
        process, text, " 1  async_main     WAITING  MAIN_AWAITS_TASKS: join_tasks awaits 3 tasks\n",
        " 2  async_task(1)  WAITING  TASK_AWAITS_S", ": sleep, timer id 2, fd ",
        " 3  async_task(2)  WAITING  TASK_AWAITS_S", ": sleep, timer id 3, fd ",
        " 4  async_task(3)  WAITING  TASK_AWAITS_S", ": sleep, timer id 4, fd ", " ms ");
}

static const char *check_tree(const struct process *process, const char *text)
{
    return CHECK_PIECES(
        process, text,
        "\ntask async_main WAITING\n"
        "  async_main MAIN_AWAITS_TASKS\n"
        "    join_tasks JOIN_TASKS_AWAITS_ONE\n"
        "      task async_task(1) WAITING\n"
        "        async_task TASK_AWAITS_SLEEP\n"
        "          sleep SLEEP_ARMED, timer id 2, fd ",
        "\n      task async_task(2) WAITING\n", "          sleep SLEEP_ARMED, timer id 3, fd ",
        "\n      task async_task(3) WAITING\n", "          sleep SLEEP_ARMED, timer id 4, fd ");
}

static const char *check_bt(const struct process *process, const char *text)
{
    return CHECK_PIECES(process, text, "#0  async_task TASK_AWAITS_SLEEP ",
                        " async_task_poll at demo/async_task.c:", "\n#1  sleep SLEEP_ARMED ",
                        " sleep_poll at reactor/futures/sleep.c:", ", timer id 3, fd ",
                        "\nthe C stack, which does not show it:\n#0  ", "look_at_kernel (",
                        " edo_reactor_react (", "main (");
}

START_TEST(tasks_and_their_awaits_are_shown)
{
    const char *at = story.out;

    if (!can_debug)
        return;
    at = check_tasks(&story, at);
    at = check_tree(&story, at);
    at = check_bt(&story, at);
    at = CHECK_PIECES(&story, at, "#0  async_main MAIN_AWAITS_TASKS ", "async_main_poll at ",
                      "#1  join_tasks JOIN_TASKS_AWAITS_ONE ", "join_tasks_poll at ",
                      "\n    awaits task async_task(1) WAITING\n",
                      "    awaits task async_task(2) WAITING\n",
                      "    awaits task async_task(3) WAITING\n");
    at = CHECK_PIECES(&story, at, "\nnamed:\n");
    check_tasks(&story, at);
}
END_TEST

START_TEST(one_can_stop_where_the_thread_goes_to_sleep)
{
    if (!can_debug)
        return;
    CHECK_PIECES(&story, story.out, "async_task(3)   sleeps 300 ms, timer id 4\n",
                 "\nBreakpoint 1, look_at_kernel (reactor=", "=EDO_WAIT) at ");
    ck_assert_uint_eq(occurrences(story.out, "\nBreakpoint 1, "), 1);
}
END_TEST

/* join, try_join and race are polled by one function; their names come from their types. */
START_TEST(all_children_of_a_future_are_shown)
{
    static const char *const pieces[TREES][14] = {
        [JOIN] = {" AWAITS_JOIN: join awaits 3 futures\n", "\n    join JOIN_AWAITS_CHILDREN\n",
                  "      work WORK_AWAITS_SLEEP\n        sleep SLEEP_ARMED, timer id 4, fd ",
                  "      work WORK_AWAITS_SLEEP\n        sleep SLEEP_ARMED, timer id 5, fd ",
                  "      work WORK_AWAITS_SLEEP\n        sleep SLEEP_ARMED, timer id 6, fd ",
                  " = {wakes work WORK_AWAITS_SLEEP in its branch}\n"},
        [JOIN_LATER] =
            {" AWAITS_JOIN: join awaits 1 of 3 futures\n",
             "\n      work EDO_DONE\n      work EDO_DONE\n      work WORK_AWAITS_SLEEP\n"},
        [TRY_JOIN] = {" BACKUP_AWAITS_PARTS: try_join awaits 3 futures\n",
                      "\n    try_join JOIN_AWAITS_CHILDREN\n      spawned SPAWNED_AWAITS_TASK\n",
                      "          task mail WAITING\n", "          task photos WAITING\n",
                      "          task films WAITING\n"},
        [RACE] = {" ASK_AWAITS_FIRST: race awaits 2 futures\n",
                  "\n    race JOIN_AWAITS_CHILDREN\n      spawned SPAWNED_AWAITS_TASK\n",
                  "          task far server WAITING\n", "          task near server WAITING\n"},
        [GROUP] =
            {" 1  parent ", "  GROUP_AWAITS_MEMBERS: awaits 2 tasks\n", " 7  shielded save ",
             "  SHIELD_AWAITS_CHILD: sleep, timer id 5, fd ", "\ntask parent WAITING\n",
             "  group GROUP_AWAITS_MEMBERS\n    owner EDO_DONE\n    task reader WAITING\n",
             "    task child WAITING\n      group GROUP_AWAITS_MEMBERS\n        owner EDO_DONE\n",
             "        task writer WAITING\n", "        task shielded save WAITING\n",
             "          shield SHIELD_AWAITS_CHILD\n            work WORK_AWAITS_SLEEP\n",
             " = {group GROUP_AWAITS_MEMBERS, awaits owner EDO_DONE, task reader WAITING, ",
             "task child WAITING}\n"},
        [TIMEOUT] = {" ASK_AWAITS_ANSWER: timeout awaits 2 futures\n",
                     "\n    timeout TIMEOUT_AWAITS_CHILD\n      work WORK_AWAITS_SLEEP\n",
                     " left\n      sleep SLEEP_ARMED, timer id "},
    };

    if (!can_debug)
        return;
    check_pieces(&trees[_i], trees[_i].out, pieces[_i]);
    ck_assert_ptr_null(strstr(trees[_i].out, "see above")); /* each once */
    check_width(trees[_i].out);
}
END_TEST

/* First the state gives way, then the end. */
START_TEST(a_line_that_is_too_long_is_cut_where_it_tells_least)
{
    if (!can_debug)
        return;
    CHECK_PIECES(&narrow, narrow.out, "  MAIN_AWAITS_TASKS: join_tasks awaits 3 tasks\n",
                 "  TASK_AWAITS_S...: sleep, timer id 3, fd ", " left\n",
                 "  MAIN_AWAITS_T...: join...\n", "  TASK_AWAITS_S...: slee...\n");
}
END_TEST

/* An await is noted while it is polled, too. */
START_TEST(a_task_in_its_poll_shows_what_it_polls_now)
{
    if (!can_debug)
        return;
    CHECK_PIECES(&polled, polled.out, "\ntask async_main POLLED\n  async_main MAIN_AWAITS_FETCH\n",
                 "    fetch_data FETCH_AWAITS_LATENCY\n      sleep EDO_START\n",
                 "\n#2  sleep EDO_START ", "\nthe C stack, which goes on from there:\n",
                 "edo_reactor_arm_for (", "sleep_poll (");
}
END_TEST

START_TEST(structs_are_printed_in_a_line_each)
{
    if (!can_debug)
        return;
    CHECK_PIECES(&story, story.out, "\n$1 = {async_main WAITING, async_main MAIN_AWAITS_TASKS}\n",
                 "$2 = {async_task TASK_AWAITS_SLEEP, awaits sleep SLEEP_ARMED}\n",
                 "$3 = {timer id 2, fd ", ", wakes async_task(1)}\n",
                 "$4 = {wakes async_task(1)}\n");
}
END_TEST

START_TEST(a_watch_stops_at_the_steps_of_a_type)
{
    const char *at;

    if (!can_debug)
        return;
    at = CHECK_PIECES(&steps, steps.out,
                      "fetch_data: EDO_START -> FETCH_AWAITS_LATENCY (task async_main)\n",
                      "edo_future_goto (self=");
    if (strstr(steps.out, " locations)") == NULL) /* else inlined, and without its arguments */
        CHECK_PIECES(&steps, at,
                     "fetch_data: FETCH_AWAITS_LATENCY -> EDO_DONE (task async_main)\n");
    ck_assert_ptr_null(strstr(steps.out, "async_main: "));
    ck_assert_ptr_null(strstr(steps.out, "sleep: "));
}
END_TEST

START_TEST(a_watch_stops_at_the_steps_in_a_task)
{
    if (!can_debug)
        return;
    CHECK_PIECES(&task_steps, task_steps.out,
                 "async_task: EDO_START -> TASK_AWAITS_SLEEP (task async_task(2))\n",
                 "sleep: EDO_START -> SLEEP_ARMED (task async_task(2))\n");
    ck_assert_ptr_null(strstr(task_steps.out, "(task async_task(1))"));
}
END_TEST

START_TEST(a_core_file_shows_the_same_but_for_the_time)
{
    const char *at = core.out;

    if (!has_core)
        return;
    at = check_tasks(&core, at);
    at = check_tree(&core, at);
    check_bt(&core, at);
    CHECK_PIECES(&core, core.out, "timer id 4, fd ", ", ? ms left\n");
}
END_TEST

START_TEST(a_process_can_be_attached_to)
{
    if (!can_debug)
        return;
    if (strstr(attached.err, "ptrace: ") != NULL) {
        printf("gdb: skipped, it may not attach: %s\n", attached.err);
        fflush(stdout);
        return;
    }
    check_tasks(&attached, strstr(attached.out, "attached:"));
}
END_TEST

START_TEST(what_is_not_there_is_said)
{
    if (!can_debug)
        return;
    CHECK_PIECES(&lost, lost.err, "edo: no open executor is on a stack",
                 "edo: no live task nobody\n", "edo: of which? See help edo\n",
                 "edo: not an open executor: reactor\n",
                 "edo: No symbol \"nothing\" in current context.\n");
}
END_TEST

/* D29: it was gdb who held the loop. */
START_TEST(a_breakpoint_makes_no_warning_of_a_held_loop)
{
    if (!can_debug)
        return;
    CHECK_PIECES(&paused, paused.out, "Breakpoint 1, ", "joined, values: 10, 20, 30\n");
    ck_assert_ptr_null(strstr(paused.err, "held the loop"));
}
END_TEST

Suite *gdb_suite(void)
{
    Suite *suite = suite_create("gdb");
    TCase *tcase = tcase_create("gdb");

    tcase_set_tags(tcase, "gdb"); /* make check-release leaves them out */
    tcase_add_unchecked_fixture(tcase, debug, NULL);
    tcase_add_test(tcase, tasks_and_their_awaits_are_shown);
    tcase_add_test(tcase, one_can_stop_where_the_thread_goes_to_sleep);
    tcase_add_loop_test(tcase, all_children_of_a_future_are_shown, 0, TREES);
    tcase_add_test(tcase, a_line_that_is_too_long_is_cut_where_it_tells_least);
    tcase_add_test(tcase, a_task_in_its_poll_shows_what_it_polls_now);
    tcase_add_test(tcase, structs_are_printed_in_a_line_each);
    tcase_add_test(tcase, a_watch_stops_at_the_steps_of_a_type);
    tcase_add_test(tcase, a_watch_stops_at_the_steps_in_a_task);
    tcase_add_test(tcase, a_core_file_shows_the_same_but_for_the_time);
    tcase_add_test(tcase, a_process_can_be_attached_to);
    tcase_add_test(tcase, what_is_not_there_is_said);
    tcase_add_test(tcase, a_breakpoint_makes_no_warning_of_a_held_loop);
    suite_add_tcase(suite, tcase);
    return suite;
}
