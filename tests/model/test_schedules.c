/* SPDX-License-Identifier: MIT */
/* Random programs under thousands of schedules (schedule.h): what may not depend on the order of
 * ready tasks, on faults and on a late kernel doesn't. What fails is made small by
 * scripts/schedules, and shown. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes.h"
#include "company.h"
#include "helper.h"
#include "process.h"
#include "suites.h"
#include "trees.h"
#include "webs.h"

/* --- Seeds ------------------------------------------------------------------------------------ */

typedef void run_seed(uint64_t seed);

/* Few where every step is slow (under valgrind). EDO_SCHEDULES says how many. */
static uint64_t count_seeds(uint64_t otherwise)
{
    return number_from("EDO_SCHEDULES", getenv("EDO_SMALL") ? otherwise / 50 : otherwise);
}

/* Shows the seed that failed: this program again, with that seed alone. */
static void show(const char *test_case, uint64_t seed)
{
    static struct process process;
    char self[512], command[1024];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);

    ck_assert_int_gt(length, 0);
    self[length] = '\0';
    snprintf(command, sizeof command,
             "exec scripts/schedules --seed %" PRIu64 " --into \"$(dirname \"$DEMO\")/schedules\" "
             "env CK_FORK=no CK_RUN_SUITE=schedules CK_RUN_CASE=%s %s",
             seed, test_case, self);
    process_start(&process, command);
    process_finish(&process);
    fprintf(stderr,
            "%s%sthis seed alone:\n    EDO_SEED=%" PRIu64
            " CK_RUN_CASE=%s CK_RUN_SUITE=schedules make check\n",
            process.out, process.err, seed, test_case);
    ck_abort_msg("seed %" PRIu64 " of %s fails", seed, test_case);
}

/* Seed by seed, in a process of its own, which may end in any way. EDO_SEED: that one alone. One
 * whose choices are given or written down is a run of scripts/schedules, which shows it itself. */
static void try_seeds(const char *test_case, run_seed *run, uint64_t count)
{
    uint64_t *seed =
        mmap(NULL, sizeof *seed, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t first = number_from("EDO_SEED", 1);
    uint64_t last = getenv("EDO_SEED") != NULL ? first : count;
    int status;
    pid_t pid;

    if (getenv("EDO_CHOICES") != NULL || getenv("EDO_CHOICES_TO") != NULL) {
        run(first);
        return;
    }
    ck_assert_ptr_ne(seed, MAP_FAILED);
    fflush(NULL);
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        for (*seed = first; *seed <= last; ++*seed)
            run(*seed);
        _exit(EXIT_SUCCESS);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    if (status != 0)
        show(test_case, *seed);
    printf("schedules: seeds %" PRIu64 " to %" PRIu64 " of %s\n", first, last, test_case);
}

/* --- The seam --------------------------------------------------------------------------------- */

enum { TASKS = 3, ORDERS = 6, ORDERS_OF_TWO_TURNS = ORDERS * ORDERS };

/* A task that writes down when it is polled. */
struct scribe {
    struct edo_future future;
    struct edo_task task;
    struct edo_yield yield;
    char letter;
    char *text;
};

/* async fn scribe { write(letter); yield.await; write(letter) } */
static enum edo_poll scribe_poll(struct edo_future *self, struct edo_context *cx)
{
    struct scribe *scribe = edo_container_of(self, struct scribe, future);

    scribe->text[strlen(scribe->text)] = scribe->letter;
    if (self->state == EDO_START) {
        edo_yield_init(&scribe->yield);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    if (edo_future_await(self, &scribe->yield.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    return edo_future_done(self, NULL);
}

/* The letters of the polls of three tasks, in `text`. */
static void write_order(char *text, size_t size)
{
    static const struct edo_future_type type = {.name = "scribe", .poll = scribe_poll};
    struct scribe scribes[TASKS];
    struct runtime runtime;

    memset(text, 0, size);
    runtime_open(&runtime, FD_VIRTUAL);
    for (int i = 0; i < TASKS; i++) {
        scribes[i] = (struct scribe){.letter = (char)('a' + i), .text = text};
        edo_future_init(&scribes[i].future, &type);
        edo_task_init(&scribes[i].task, "scribe", &scribes[i].future);
        ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &scribes[i].task), 0);
    }
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    runtime_close(&runtime);
}

static bool has_each_once(const char *letters)
{
    return memchr(letters, 'a', TASKS) && memchr(letters, 'b', TASKS) &&
           memchr(letters, 'c', TASKS);
}

START_TEST(every_order_of_ready_tasks_comes_and_each_is_polled_once_a_turn)
{
    char seen[ORDERS_OF_TWO_TURNS][2 * TASKS + 1], text[2 * TASKS + 1];
    size_t count = 0;

    for (uint64_t seed = 1; seed <= 1000; seed++) {
        size_t i = 0;

        schedule_begin(seed, SCHEDULE_NO_FAULTS);
        write_order(text, sizeof text);
        schedule_end();
        ck_assert(has_each_once(text) && has_each_once(text + TASKS));
        while (i < count && strcmp(seen[i], text) != 0)
            i++;
        if (i == count)
            memcpy(seen[count++], text, sizeof text);
    }
    ck_assert_uint_eq(count, ORDERS_OF_TWO_TURNS);
}
END_TEST

START_TEST(without_a_schedule_they_are_polled_in_the_order_of_their_wakes)
{
    char text[2 * TASKS + 1];

    write_order(text, sizeof text);
    ck_assert_str_eq(text, "abcabc");
}
END_TEST

START_TEST(the_same_seed_is_the_same_order)
{
    char one[2 * TASKS + 1], other[2 * TASKS + 1];

    for (uint64_t seed = 1; seed <= 100; seed++) {
        schedule_begin(seed, SCHEDULE_NO_FAULTS);
        write_order(one, sizeof one);
        schedule_begin(seed, SCHEDULE_NO_FAULTS);
        write_order(other, sizeof other);
        schedule_end();
        ck_assert_str_eq(one, other);
    }
}
END_TEST

/* async fn sleeper { sleep_until(1 ms).await } */
struct sleeper {
    struct edo_future future;
    struct edo_task task;
    struct edo_sleep sleep;
    unsigned number;
    unsigned *next;
};

static enum edo_poll sleeper_poll(struct edo_future *self, struct edo_context *cx)
{
    struct sleeper *sleeper = edo_container_of(self, struct sleeper, future);

    if (self->state == EDO_START) {
        edo_sleep_until_init(&sleeper->sleep, EDO_MS(1));
        sleeper->number = sleeper->next[0]++;
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    if (edo_future_await(self, &sleeper->sleep.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    ck_assert_uint_eq(sleeper->number, sleeper->next[1]++);
    return edo_future_done(self, NULL);
}

/* T1 */
START_TEST(equal_deadlines_come_in_the_order_of_arming_under_any_schedule)
{
    static const struct edo_future_type type = {.name = "sleeper", .poll = sleeper_poll};
    struct sleeper sleepers[8];
    struct runtime runtime;

    for (uint64_t seed = 1; seed <= 100; seed++) {
        unsigned next[2] = {0, 0}; /* to arm, to end */

        schedule_begin(seed, SCHEDULE_NO_FAULTS);
        runtime_open(&runtime, _i);
        for (int i = 0; i < 8; i++) {
            sleepers[i] = (struct sleeper){.next = next};
            edo_future_init(&sleepers[i].future, &type);
            edo_task_init(&sleepers[i].task, "sleeper", &sleepers[i].future);
            ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &sleepers[i].task), 0);
        }
        ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
        runtime_close(&runtime);
        schedule_end();
        ck_assert_uint_eq(next[1], 8);
    }
}
END_TEST

/* --- Trees ------------------------------------------------------------------------------------ */

/* With one seed in four no memory and no fd, now and then; with one in two some tasks are woken for
 * nothing. */
static unsigned faults_of(uint64_t seed)
{
    return (seed % 4 == 0 ? SCHEDULE_ERRORS : 0U) | (seed % 2 == 0 ? SCHEDULE_WAKES : 0U);
}

/* A sleep can fail only where it has a timerfd of its own; what comes of that is not in the model.
 */
static void run_tree(uint64_t seed)
{
    static struct tree tree;
    int variant;

    schedule_begin(seed, faults_of(seed));
    tree_make(&tree, seed);
    variant = (int)schedule_choose("driver", VIRTUAL_VARIANTS);
    tree_run(&tree, variant, NULL);
    if (schedule_has(SCHEDULE_ERRORS) && variant == FD_VIRTUAL) {
        tree_check_rest(&tree);
    } else {
        tree_expect(&tree);
        tree_check_seen(&tree, NULL);
    }
    schedule_end();
}

START_TEST(trees_end_when_and_as_the_model_says)
{
    try_seeds("trees", run_tree, count_seeds(4000));
}
END_TEST

/* --- Producers and consumers ------------------------------------------------------------------ */

static void run_company(uint64_t seed)
{
    schedule_begin(seed, faults_of(seed));
    company_run((int)schedule_choose("driver", VIRTUAL_VARIANTS));
    schedule_end();
}

START_TEST(each_message_arrives_once_and_all_end)
{
    try_seeds("company", run_company, count_seeds(4000));
}
END_TEST

/* --- Tasks that wait for each other ----------------------------------------------------------- */

static void run_web(uint64_t seed)
{
    schedule_begin(seed, seed % 2 == 0 ? SCHEDULE_WAKES : 0U);
    web_run((int)schedule_choose("driver", VIRTUAL_VARIANTS));
    schedule_end();
}

START_TEST(whoever_waits_for_whom_a_cancel_and_a_close_end)
{
    try_seeds("webs", run_web, count_seeds(10000));
}
END_TEST

/* --- Bytes ------------------------------------------------------------------------------------ */

/* Any mixture of faults. */
static void run_bytes(uint64_t seed)
{
    uint64_t chance = seed;

    schedule_begin(seed,
                   (unsigned)draw(&chance) & (SCHEDULE_SHORT | SCHEDULE_LATE | SCHEDULE_RESET |
                                              SCHEDULE_ERRORS | SCHEDULE_WAKES));
    bytes_run(seed, (int)schedule_choose("driver", VIRTUAL_VARIANTS));
    schedule_end();
}

START_TEST(no_byte_is_lost_or_comes_twice)
{
    try_seeds("bytes", run_bytes, count_seeds(400));
}
END_TEST

static void add_case(Suite *suite, const char *name, const TTest *test)
{
    TCase *test_case = tcase_create(name);

    tcase_add_test(test_case, test);
    tcase_set_timeout(test_case, 0);
    tcase_set_tags(test_case, "schedules");
    suite_add_tcase(suite, test_case);
}

Suite *schedules_suite(void)
{
    Suite *suite = suite_create("schedules");
    TCase *seam = tcase_create("seam");

    tcase_add_test(seam, every_order_of_ready_tasks_comes_and_each_is_polled_once_a_turn);
    tcase_add_test(seam, without_a_schedule_they_are_polled_in_the_order_of_their_wakes);
    tcase_add_test(seam, the_same_seed_is_the_same_order);
    tcase_add_loop_test(seam, equal_deadlines_come_in_the_order_of_arming_under_any_schedule, 0,
                        VIRTUAL_VARIANTS);
    tcase_set_tags(seam, "schedules");
    suite_add_tcase(suite, seam);
    add_case(suite, "trees", trees_end_when_and_as_the_model_says);
    add_case(suite, "company", each_message_arrives_once_and_all_end);
    add_case(suite, "webs", whoever_waits_for_whom_a_cancel_and_a_close_end);
    add_case(suite, "bytes", no_byte_is_lost_or_comes_twice);
    return suite;
}
