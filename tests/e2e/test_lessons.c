/* SPDX-License-Identifier: MIT */
/* The lessons from outside, on the virtual clock: what each shows, in which order and when. */
#include <stdio.h>
#include <string.h>

#include "helper.h"
#include "process.h"
#include "suites.h"

enum { LESSONS = 13, MOST_LINES = 80, MOST_COLUMNS = 80 };

/* In the order of demo/lessons/README.md. */
static const struct lesson {
    const char *name;
    const char *events; /* all that it prints before its timeline, */
    const char *rows;   /* and what follows the axis of that */
} lessons[LESSONS] = {
    {.name = "spawn-vs-join-vs-loop",
     .events = "awaited in a loop\n"
               "  0.0 ms work(1)         started, takes 100 ms\n"
               "100.0 ms work(1)         completed\n"
               "100.0 ms work(2)         started, takes 200 ms\n"
               "300.0 ms work(2)         completed\n"
               "300.0 ms work(3)         started, takes 300 ms\n"
               "600.0 ms work(3)         completed\n"
               "joined\n"
               "600.0 ms work(1)         started, takes 100 ms\n"
               "600.0 ms work(2)         started, takes 200 ms\n"
               "600.0 ms work(3)         started, takes 300 ms\n"
               "700.0 ms work(1)         completed\n"
               "800.0 ms work(2)         completed\n"
               "900.0 ms work(3)         completed\n"
               "spawned\n"
               "900.0 ms work(1)         started, takes 100 ms\n"
               "900.0 ms work(2)         started, takes 200 ms\n"
               "900.0 ms work(3)         started, takes 300 ms\n"
               "1000.0 ms work(1)         completed\n"
               "1100.0 ms work(2)         completed\n"
               "1200.0 ms work(3)         completed\n",
     .rows = "main                ####*#######*###########*...*...*...*...*...*...+ 1200.0 ms\n"
             "  awaited in a loop -------------------------                          600.0 ms\n"
             "  joined                                    -------------              300.0 ms\n"
             "    join                                    ############+              300.0 ms\n"
             "  spawned                                               -------------  300.0 ms\n"
             "    work(1)                                             ####+          100.0 ms\n"
             "    work(2)                                             ########+      200.0 ms\n"
             "    work(3)                                             ############+  300.0 ms\n"
             "# asleep on a timer  . waiting for another future  * woken  + done  x failed\n"
             "latest: no timer was late\n"},
    {.name = "timeout",
     .events = " 60.0 ms each round      chunk 1 of 5\n"
               " 60.0 ms whole loop      chunk 1 of 5\n"
               " 80.0 ms fast            chunk 1 of 1\n"
               "120.0 ms each round      chunk 2 of 5\n"
               "120.0 ms whole loop      chunk 2 of 5\n"
               "150.0 ms slow            cut off: ETIMEDOUT\n"
               "150.0 ms whole loop      cut off: ETIMEDOUT\n"
               "180.0 ms each round      chunk 3 of 5\n"
               "240.0 ms each round      chunk 4 of 5\n"
               "300.0 ms each round      chunk 5 of 5\n",
     .rows = "fast              .............+                                        80.0 ms\n"
             "  timeout         #############+                                        80.0 ms\n"
             "slow              .........................x                           150.0 ms\n"
             "  timeout         #########################x                           150.0 ms\n"
             "each round        ..........*.........*.........*.........*.........+  300.0 ms\n"
             "  timeout         ##########+                                           60.0 ms\n"
             "  timeout                   ##########+                                 60.0 ms\n"
             "  timeout                             ##########+                       60.0 ms\n"
             "  timeout                                       ##########+             60.0 ms\n"
             "  timeout                                                 ##########+   60.0 ms\n"
             "whole loop        ..........*.........*....x                           150.0 ms\n"
             "  timeout         ##########+                                           60.0 ms\n"
             "  timeout                   ##########+                                 60.0 ms\n"
             "  timeout                             #####x                            30.0 ms\n"
             "# asleep on a timer  . waiting for another future  * woken  + done  x failed\n"
             "latest: no timer was late\n"},
    {.name = "race",
     .events = "  0.0 ms far server      started, takes 300 ms\n"
               "  0.0 ms near server     started, takes 100 ms\n"
               "100.0 ms near server     completed\n"
               "100.0 ms far server      cancelled\n"
               "100.0 ms main            the winner is near server\n"
               "100.0 ms main            far server is in state EDO_CANCELLED\n"
               "100.0 ms main            its timer is disarmed\n"
               "400.0 ms main            300 ms later: far server has said no more\n",
     .rows = "main              .............*####################################+  400.0 ms\n"
             "  race            .............+                                       100.0 ms\n"
             "    far server    #############o                                       100.0 ms\n"
             "    near server   #############+                                       100.0 ms\n"
             "# asleep on a timer  . waiting for another future  * woken  + done  x failed\n"
             "o cancelled\n"
             "latest: no timer was late\n"},
    {.name = "cancel-a-tree",
     .events = "  0.0 ms bystander       started, takes 300 ms\n"
               "  0.0 ms reader          started, takes 400 ms\n"
               "  0.0 ms writer          started, takes 500 ms\n"
               "  0.0 ms shielded save   started, takes 200 ms\n"
               "100.0 ms main            cancels the parent\n"
               "100.0 ms reader          cancelled\n"
               "100.0 ms writer          cancelled\n"
               "100.0 ms main            the parent has not ended: a shield holds a part of it\n"
               "200.0 ms shielded save   completed\n"
               "300.0 ms bystander       completed\n",
     .rows = "parent            .................*...............o                   200.0 ms\n"
             "  reader          #################o                                   100.0 ms\n"
             "  child           .................*...............o                   200.0 ms\n"
             "    writer        #################o                                   100.0 ms\n"
             "    shielded save #################*###############o                   200.0 ms\n"
             "bystander         ##################################################+  300.0 ms\n"
             "main              #################+                                   100.0 ms\n"
             "# asleep on a timer  . waiting for another future  * woken  + done  x failed\n"
             "o cancelled\n"
             "latest: no timer was late\n"},
    {.name = "failing-task",
     .events = "  0.0 ms mail            started, takes 100 ms\n"
               "  0.0 ms photos          started, takes 200 ms\n"
               "  0.0 ms films           started, takes 400 ms\n"
               "100.0 ms mail            completed\n"
               "200.0 ms photos          failed: ENOSPC\n"
               "200.0 ms films           cancelled\n"
               "200.0 ms main            mail: done\n"
               "200.0 ms main            photos: ENOSPC\n"
               "200.0 ms main            films: cancelled\n"
               "200.0 ms main            the backup fails with ENOSPC, because of photos\n",
     .rows = "main              .........................*........................x  200.0 ms\n"
             "  try_join        ..................................................x  200.0 ms\n"
             "    mail          #########################+                           100.0 ms\n"
             "    photos        ##################################################x  200.0 ms\n"
             "    films         ##################################################o  200.0 ms\n"
             "# asleep on a timer  . waiting for another future  * woken  + done  x failed\n"
             "o cancelled\n"
             "latest: no timer was late\n"},
    {.name = "interval-vs-drifting-loop",
     .events = "  0.0 ms interval        round 1 is 0.0 ms late\n"
               "  0.0 ms loop of sleeps  round 1 is 0.0 ms late\n"
               "100.0 ms interval        round 2 is 0.0 ms late\n"
               "130.0 ms loop of sleeps  round 2 is 30.0 ms late\n"
               "200.0 ms interval        round 3 is 0.0 ms late\n"
               "260.0 ms loop of sleeps  round 3 is 60.0 ms late\n"
               "300.0 ms interval        round 4 is 0.0 ms late\n"
               "390.0 ms loop of sleeps  round 4 is 90.0 ms late\n"
               "400.0 ms interval        round 5 is 0.0 ms late\n"
               "520.0 ms loop of sleeps  round 5 is 120.0 ms late\n",
     .rows = "interval          *##*#####*##*#####*##*#####*##*#####*##+             430.0 ms\n"
             "loop of sleeps    *##*########*##*########*#*########*##*########*##+  550.0 ms\n"
             "# asleep on a timer  . waiting for another future  * woken  + done  x failed\n"
             "latest: no timer was late\n"},
    {.name = "blocked-loop",
     .events = "  0.0 ms ticker          tick of 0 ms, 0.0 ms late\n"
               " 50.0 ms ticker          tick of 50 ms, 0.0 ms late\n"
               " 60.0 ms blocker         calls something that blocks for 170 ms\n"
               "230.0 ms blocker         is back\n"
               "230.0 ms blocker         warning: held the loop for 170.0 ms\n"
               "230.0 ms ticker          tick of 100 ms, 130.0 ms late\n"
               "230.0 ms ticker          tick of 150 ms, 80.0 ms late\n"
               "230.0 ms ticker          tick of 200 ms, 30.0 ms late\n"
               "250.0 ms ticker          tick of 250 ms, 0.0 ms late\n"
               "300.0 ms ticker          tick of 300 ms, 0.0 ms late\n",
     .rows = "ticker            *#######*########!!!!!!!!!!!!!!!!!!!!!*###*#######+  300.0 ms\n"
             "                                   overdue: blocker held the loop 130.0 ms\n"
             "blocker           ##########*===========================+              230.0 ms\n"
             "# asleep on a timer  . waiting for another future  * woken  + done  x failed\n"
             "= busy, held the loop  ! overdue\n"
             "latest: timer id 4 of ticker, 130.000 ms late: blocker held the loop 130.0 ms\n"
             "  = 0.000 ms thread did not run + 130.000 ms loop held + 0.000 ms others first\n"},
    {.name = "lost-wakeup",
     .events = "  0.0 ms careful         no letter yet: PENDING, waker kept\n"
               "  0.0 ms forgetful       no letter yet: PENDING\n"
               "100.0 ms postman         the letter is there; calls the wakers that were kept\n"
               "100.0 ms careful         reads the letter\n"
               "-EDEADLK: nothing is armed, and these tasks wait for ever:\n"
               "  forgetful        waiting  reader READER_AWAITS_LETTER\n",
     .rows = "careful           ..................................................+  100.0 ms\n"
             "forgetful         ???????????????????????????????????????????????????  100.0 ms\n"
             "postman           ##################################################+  100.0 ms\n"
             "# asleep on a timer  . waiting for another future  * woken  + done  x failed\n"
             "? waits for ever\n"
             "latest: no timer was late\n"},
    {.name = "who-calls-the-waker",
     .events = "  0.0 ms outer           is polled, and polls middle\n"
               "  0.0 ms   middle        is polled, and polls inner\n"
               "  0.0 ms     inner       is polled, and polls a sleep\n"
               "  0.0 ms       sleep     arms timer id 1, leaves the waker with it: PENDING\n"
               "  0.0 ms     inner       PENDING\n"
               "  0.0 ms   middle        PENDING\n"
               "  0.0 ms outer           PENDING\n"
               "100.0 ms reactor         the timer has fired: calls the waker\n"
               "100.0 ms waker           the task goes into the run queue, and that is all\n"
               "100.0 ms outer           is polled, and polls middle\n"
               "100.0 ms   middle        is polled, and polls inner\n"
               "100.0 ms     inner       is polled, and polls a sleep\n"
               "100.0 ms       sleep     READY\n"
               "100.0 ms     inner       READY\n"
               "100.0 ms   middle        READY\n"
               "100.0 ms outer           READY\n",
     .rows = "main              ##################################################+  100.0 ms\n"
             "# asleep on a timer  . waiting for another future  * woken  + done  x failed\n"
             "latest: no timer was late\n"},
    {.name = "callbacks-vs-futures",
     .events = "callbacks\n"
               "100.0 ms callback        fetch completed\n"
               "150.0 ms callback        item completed\n"
               "200.0 ms callback        item completed\n"
               "250.0 ms callback        item completed\n"
               "future\n"
               "250.0 ms fetch           started, takes 100 ms\n"
               "350.0 ms fetch           completed\n"
               "350.0 ms item            started, takes 50 ms\n"
               "400.0 ms item            completed\n"
               "400.0 ms item            started, takes 50 ms\n"
               "450.0 ms item            completed\n"
               "450.0 ms item            started, takes 50 ms\n"
               "500.0 ms item            completed\n",
     .rows = "main              ###########..............*#########*####*####*####+  500.0 ms\n"
             "  callbacks       --------------------------                           250.0 ms\n"
             "  future                                   --------------------------  250.0 ms\n"
             "# asleep on a timer  . waiting for another future  * woken  + done  x failed\n"
             "latest: no timer was late\n"},
    {.name = "await-macro",
     .events = "  0.0 ms by macro        stands at 37, AWAITS\n"
               "  0.0 ms by enum         stands at 4, NAP_AWAITS_SLEEP\n"
               "100.0 ms by macro        steps in the struct: 2, in the local: 1\n"
               "100.0 ms by enum         steps in the struct: 2\n",
     .rows = "by macro          ##################################################+  100.0 ms\n"
             "by enum           ##################################################+  100.0 ms\n"
             "# asleep on a timer  . waiting for another future  * woken  + done  x failed\n"
             "latest: no timer was late\n"},
    {.name = "producer-consumer",
     .events = "  0.0 ms producer        sent 1\n"
               "  0.0 ms producer        sent 2\n"
               "  0.0 ms producer        3 has to wait for room\n"
               "  0.0 ms consumer        got 1\n"
               "  0.0 ms producer        sent 3\n"
               "  0.0 ms producer        4 has to wait for room\n"
               " 50.0 ms consumer        got 2\n"
               " 50.0 ms producer        sent 4\n"
               " 50.0 ms producer        5 has to wait for room\n"
               "100.0 ms consumer        got 3\n"
               "100.0 ms producer        sent 5\n"
               "100.0 ms producer        6 has to wait for room\n"
               "150.0 ms consumer        got 4\n"
               "150.0 ms producer        sent 6\n"
               "200.0 ms consumer        got 5\n"
               "250.0 ms consumer        got 6\n",
     .rows = "producer          *.......*........*.......+                           150.0 ms\n"
             "consumer          ########*########*#######*#######*########*#######+  300.0 ms\n"
             "# asleep on a timer  . waiting for another future  * woken  + done  x failed\n"
             "latest: no timer was late\n"},
    {.name = "retry",
     .events = "  0.0 ms attempt 1       started, takes 400 ms\n"
               "100.0 ms attempt 1       cancelled\n"
               "100.0 ms main            ETIMEDOUT, pause of 46 ms\n"
               "146.0 ms attempt 2       started, takes 250 ms\n"
               "246.0 ms attempt 2       cancelled\n"
               "246.0 ms main            ETIMEDOUT, pause of 69 ms\n"
               "315.0 ms attempt 3       started, takes 150 ms\n"
               "415.0 ms attempt 3       cancelled\n"
               "415.0 ms main            ETIMEDOUT, pause of 129 ms\n"
               "544.0 ms attempt 4       started, takes 60 ms\n"
               "604.0 ms attempt 4       completed\n",
     .rows = "main              ........*###*.......*#####*.......*##########*....+  604.0 ms\n"
             "  timeout         ########x                                            100.0 ms\n"
             "    attempt 1     ########o                                            100.0 ms\n"
             "  timeout                     ########x                                100.0 ms\n"
             "    attempt 2                 ########o                                100.0 ms\n"
             "  timeout                                   ########x                  100.0 ms\n"
             "    attempt 3                               ########o                  100.0 ms\n"
             "  timeout                                                      #####+   60.0 ms\n"
             "    attempt 4                                                  #####+   60.0 ms\n"
             "# asleep on a timer  . waiting for another future  * woken  + done  x failed\n"
             "o cancelled\n"
             "latest: no timer was late\n"},
};

/* Runs the lesson `i` as `before` LESSON `after`. */
static void run_lesson(struct process *process, int i, const char *before, const char *after)
{
    char command[256];

    snprintf(command, sizeof command, "lesson=$(dirname \"$DEMO\")/lessons/%s; %s \"$lesson\" %s",
             lessons[i].name, before, after);
    process_start(process, command);
    process_finish(process);
}

/* The text of a file, fewer bytes than `size`. */
static void read_file(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    size_t length;

    ck_assert_msg(file != NULL, "no %s", path);
    length = fread(text, 1, size, file);
    ck_assert_uint_lt(length, size);
    text[length] = '\0';
    fclose(file);
}

/* The source of a lesson, without the line of its licence. */
static void read_source(int i, char *text, size_t size)
{
    static const char licence[] = "/* SPDX-License-Identifier: MIT */\n";
    size_t length = strlen(licence);
    char path[128];

    snprintf(path, sizeof path, "demo/lessons/%s.c", lessons[i].name);
    read_file(path, text, size);
    ck_assert_int_eq(strncmp(text, licence, length), 0);
    memmove(text, text + length, strlen(text + length) + 1);
}

/* Columns, and not bytes: the continuation bytes of UTF-8 don't count. */
static void check_width(const char *text)
{
    unsigned column = 0;

    for (; *text != '\0'; text++) {
        if (*text == '\n')
            column = 0;
        else if (((unsigned char)*text & 0xc0) != 0x80)
            column++;
        ck_assert_uint_le(column, MOST_COLUMNS);
    }
}

START_TEST(its_events_come_in_order_and_on_time)
{
    const struct lesson *lesson = &lessons[_i];
    size_t length = strlen(lesson->events);
    struct process process;
    const char *rows;

    run_lesson(&process, _i, "LC_ALL=C", "--virtual");
    ck_assert_str_eq(process.err, "");
    ck_assert_int_eq(process.status, 0);
    ck_assert_msg(strncmp(process.out, lesson->events, length) == 0, "%s", process.out);
    ck_assert_msg(strncmp(process.out + length, "\nms  ", 5) == 0, "%s", process.out + length);
    rows = strchr(process.out + length + 1, '\n');
    ck_assert_ptr_nonnull(rows);
    ck_assert_msg(strncmp(rows + 1, lesson->rows, strlen(lesson->rows)) == 0, "%s", rows);
    check_width(process.out);
}
END_TEST

START_TEST(a_second_run_prints_the_same)
{
    struct process first, second;

    run_lesson(&first, _i, "LC_ALL=C.UTF-8", "--virtual");
    run_lesson(&second, _i, "LC_ALL=C.UTF-8", "--virtual");
    ck_assert_str_eq(first.out, second.out);
    check_width(first.out);
}
END_TEST

START_TEST(its_source_has_80_lines_at_most)
{
    char text[16384];

    read_source(_i, text, sizeof text);
    ck_assert_uint_le(occurrences(text, "\n"), MOST_LINES);
}
END_TEST

/* "/" "* NAME.c - QUESTION", then in README "## N. NAME" and three lines. */
START_TEST(readme_has_its_question_what_to_look_at_and_the_answer)
{
    char source[16384], readme[16384], begin[256], entry[512];
    const char *at;

    read_source(_i, source, sizeof source);
    read_file("demo/lessons/README.md", readme, sizeof readme);
    snprintf(begin, sizeof begin, "/* %s.c - ", lessons[_i].name);
    ck_assert_int_eq(strncmp(source, begin, strlen(begin)), 0);
    snprintf(entry, sizeof entry, "\n## %d. %s\n\n- Question: %.*s\n- Look at: ", _i + 1,
             lessons[_i].name, (int)strcspn(source + strlen(begin), "\n"), source + strlen(begin));
    at = strstr(readme, entry);
    ck_assert_msg(at != NULL, "README.md has no entry:%s", entry);
    at = strchr(at + strlen(entry), '\n');
    ck_assert(at != NULL && strncmp(at, "\n- Answer: ", 11) == 0);
    at = strchr(at + 1, '\n');
    ck_assert(at != NULL && (at[1] == '\0' || strncmp(at, "\n\n## ", 5) == 0));
}
END_TEST

START_TEST(an_option_that_it_does_not_know_is_refused)
{
    static const char *const wrong[] = {"--nonsense", "--virtual --quiet", "virtual", "''"};
    struct process process;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        run_lesson(&process, _i, "exec", wrong[i]);
        ck_assert_int_eq(process.status, 2);
        ck_assert_str_eq(process.out, "");
        ck_assert_ptr_nonnull(strstr(process.err, ": unknown option '"));
    }
}
END_TEST

START_TEST(output_that_does_not_arrive_is_said)
{
    static const char *const lost[] = {"--virtual >/dev/full", "--virtual >&-"};
    struct process process;

    for (size_t i = 0; i < sizeof lost / sizeof lost[0]; i++) {
        run_lesson(&process, _i, "exec", lost[i]);
        ck_assert_int_eq(process.status, 1);
        ck_assert_ptr_nonnull(strstr(process.err, ": standard output"));
    }
}
END_TEST

/* K8: each of them sleeps, so none of them can go as it should. */
START_TEST(without_an_fd_for_a_timer_it_fails)
{
    struct process process;

    run_lesson(&process, _i, "ulimit -n 4; exec", "--virtual");
    ck_assert_int_eq(process.status, 1);
    ck_assert_ptr_nonnull(strstr(process.err, "not go as the lesson intends"));
}
END_TEST

START_TEST(it_says_what_it_takes)
{
    struct process process;

    run_lesson(&process, _i, "exec", "--help");
    ck_assert_int_eq(process.status, 0);
    ck_assert_str_eq(process.err, "");
    ck_assert_int_eq(strncmp(process.out, "Usage: ", 7), 0);
    ck_assert_ptr_nonnull(strstr(process.out, "\n  --virtual "));
    check_width(process.out);
}
END_TEST

/* What stands beside the enum version is what the macro makes of its line. */
START_TEST(the_await_macro_stands_at_the_line_that_its_expansion_names)
{
    char source[16384], expected[64];
    const char *at;
    int line;

    read_file("demo/lessons/await-macro.c", source, sizeof source);
    at = strstr(source, "/* edo_future_goto(self, ");
    ck_assert_ptr_nonnull(at);
    ck_assert_int_eq(sscanf(at, "/* edo_future_goto(self, %d);", &line), 1);
    snprintf(expected, sizeof expected, "/* case %d: */", line);
    ck_assert_ptr_nonnull(strstr(source, expected));
    at = strstr(source, "    AWAIT(self, ");
    ck_assert_ptr_nonnull(at);
    for (; at > source; at--)
        line -= at[-1] == '\n';
    ck_assert_int_eq(line, 1);
}
END_TEST

START_TEST(make_lists_all_of_them)
{
    struct process process;

    process_start(&process, "unset MAKEFLAGS; exec make -s lessons");
    process_finish(&process);
    ck_assert_str_eq(process.err, "");
    ck_assert_int_eq(process.status, 0);
    ck_assert_uint_eq(occurrences(process.out, "\n"), LESSONS);
    for (int i = 0; i < LESSONS; i++) {
        char begin[64];

        snprintf(begin, sizeof begin, "  %-26s ", lessons[i].name);
        ck_assert_msg(strstr(process.out, begin) != NULL, "%s", process.out);
    }
    check_width(process.out);
}
END_TEST

START_TEST(make_refuses_a_name_that_no_lesson_has)
{
    static const char *const wrong[] = {
        "unset MAKEFLAGS; make -s lesson", "unset MAKEFLAGS; make -s lesson NAME=lesson",
        "unset MAKEFLAGS; make -s lesson NAME=rac", "unset MAKEFLAGS; make -s lesson NAME=ra%"};
    struct process process;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        process_start(&process, wrong[i]);
        process_finish(&process);
        ck_assert_int_eq(process.status, 2);
        ck_assert_str_eq(process.out, "");
        ck_assert_ptr_nonnull(strstr(process.err, "no lesson has the NAME '"));
        ck_assert_uint_eq(occurrences(process.err, "\n"), 1);
    }
}
END_TEST

Suite *lessons_suite(void)
{
    Suite *suite = suite_create("lessons");
    TCase *each = tcase_create("each");
    TCase *all = tcase_create("all");

    tcase_add_loop_test(each, its_events_come_in_order_and_on_time, 0, LESSONS);
    tcase_add_loop_test(each, a_second_run_prints_the_same, 0, LESSONS);
    tcase_add_loop_test(each, its_source_has_80_lines_at_most, 0, LESSONS);
    tcase_add_loop_test(each, readme_has_its_question_what_to_look_at_and_the_answer, 0, LESSONS);
    tcase_add_loop_test(each, an_option_that_it_does_not_know_is_refused, 0, LESSONS);
    tcase_add_loop_test(each, output_that_does_not_arrive_is_said, 0, LESSONS);
    tcase_add_loop_test(each, without_an_fd_for_a_timer_it_fails, 0, LESSONS);
    tcase_add_loop_test(each, it_says_what_it_takes, 0, LESSONS);
    suite_add_tcase(suite, each);

    tcase_add_test(all, the_await_macro_stands_at_the_line_that_its_expansion_names);
    tcase_add_test(all, make_lists_all_of_them);
    tcase_add_test(all, make_refuses_a_name_that_no_lesson_has);
    suite_add_tcase(suite, all);
    return suite;
}
