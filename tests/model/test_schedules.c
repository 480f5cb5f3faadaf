/* SPDX-License-Identifier: MIT */
/* Random programs under thousands of schedules (schedule.h): what may not depend on the order of
 * ready tasks, on faults and on a late kernel doesn't. What fails is made small by
 * scripts/schedules, and shown. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bytes.h"
#include "company.h"
#include "helper.h"
#include "process.h"
#include "suites.h"
#include "trees.h"

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
    fprintf(stderr, "%s%s", process.out, process.err);
    ck_abort_msg("EDO_SEED=%" PRIu64 " CK_RUN_CASE=%s CK_RUN_SUITE=schedules make check", seed,
                 test_case);
}

/* Seed by seed, in a process of its own, which may end in any way. EDO_SEED: that one alone. */
static void try_seeds(const char *test_case, run_seed *run, uint64_t count)
{
    uint64_t *seed =
        mmap(NULL, sizeof *seed, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;
    pid_t pid;

    if (getenv("EDO_SEED") != NULL) {
        run(number_from("EDO_SEED", 0));
        return;
    }
    ck_assert_ptr_ne(seed, MAP_FAILED);
    fflush(NULL);
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        for (*seed = 1; *seed <= count; ++*seed)
            run(*seed);
        _exit(EXIT_SUCCESS);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    if (status != 0)
        show(test_case, *seed);
    printf("schedules: %" PRIu64 " seeds of %s\n", count, test_case);
}

/* --- Trees ------------------------------------------------------------------------------------ */

/* With one seed in four no memory and no fd for some of the sleeps. */
static void run_tree(uint64_t seed)
{
    static struct tree tree;
    bool has_errors = seed % 4 == 0;
    int variant;

    schedule_begin(seed, has_errors ? SCHEDULE_ERRORS : SCHEDULE_NO_FAULTS);
    tree_make(&tree, seed);
    variant = has_errors ? FD_VIRTUAL : (int)schedule_choose("driver", VIRTUAL_VARIANTS);
    tree_run(&tree, variant, NULL);
    if (has_errors) {
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
    bool has_errors = seed % 4 == 0;

    schedule_begin(seed, has_errors ? SCHEDULE_ERRORS : SCHEDULE_NO_FAULTS);
    company_run(has_errors ? FD_VIRTUAL : (int)schedule_choose("driver", VIRTUAL_VARIANTS));
    schedule_end();
}

START_TEST(each_message_arrives_once_and_all_end)
{
    try_seeds("company", run_company, count_seeds(4000));
}
END_TEST

/* --- Bytes ------------------------------------------------------------------------------------ */

/* Any mixture of faults. */
static void run_bytes(uint64_t seed)
{
    uint64_t chance = seed;

    schedule_begin(seed,
                   (unsigned)draw(&chance) & (SCHEDULE_SHORT | SCHEDULE_LATE | SCHEDULE_RESET));
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
    suite_add_tcase(suite, test_case);
}

Suite *schedules_suite(void)
{
    Suite *suite = suite_create("schedules");

    add_case(suite, "trees", trees_end_when_and_as_the_model_says);
    add_case(suite, "company", each_message_arrives_once_and_all_end);
    add_case(suite, "bytes", no_byte_is_lost_or_comes_twice);
    return suite;
}
