/* SPDX-License-Identifier: MIT */
/* The demo with many tasks, and the count of how late they were. */
#include <stdio.h>
#include <string.h>

#include "helper.h"
#include "process.h"
#include "scale/lateness.h"
#include "scale/memory.h"
#include "suites.h"

/* --- Lateness --------------------------------------------------------------------------------- */

START_TEST(percentiles_are_those_of_the_sorted_values)
{
    static struct lateness lateness;

    ck_assert_uint_eq(lateness_percentile(&lateness, 50), 0);
    for (uint64_t i = 1; i <= 100; i++)
        lateness_note(&lateness, 1000 + i / 2, 1000); /* 0, 1, 1, 2, 2, ... 50: a bucket each */
    ck_assert_uint_eq(lateness_percentile(&lateness, 50), 25);
    ck_assert_uint_eq(lateness_percentile(&lateness, 99), 49);
    ck_assert_uint_eq(lateness_percentile(&lateness, 100), 50);
    ck_assert_uint_eq(lateness.most_ns, 50);
    ck_assert_uint_eq(lateness.early, 0);
}
END_TEST

START_TEST(large_values_are_off_by_3_percent_at_most)
{
    for (unsigned power = 0; power < 64; power++) {
        static struct lateness lateness;
        uint64_t late_ns = (UINT64_C(1) << power) | (UINT64_C(1) << power / 2);

        lateness = (struct lateness){.count = 0};
        lateness_note(&lateness, late_ns, 0);
        lateness_note(&lateness, EDO_NEVER, 0);
        ck_assert_uint_ge(lateness_percentile(&lateness, 50), late_ns);
        ck_assert_uint_le(lateness_percentile(&lateness, 50) - late_ns, late_ns / 32);
    }
}
END_TEST

START_TEST(an_early_one_is_counted)
{
    static struct lateness lateness;

    lateness_note(&lateness, 9, 10);
    ck_assert_uint_eq(lateness.early, 1);
    ck_assert_uint_eq(lateness_percentile(&lateness, 99), 0);
}
END_TEST

/* --- Memory ----------------------------------------------------------------------------------- */

/* What the files say, below a root of their own, and what is left for us. */
static const struct machine {
    const char *files;
    uint64_t available;
} machines[] = {
    {":", UINT64_MAX}, /* nothing is said */
    {"mkdir proc; printf 'MemTotal: 9 kB\\nMemAvailable: 5000 kB\\n' >proc/meminfo", 5120000},
    {"mkdir -p proc/self sys/fs/cgroup/a/b; echo 0::/a/b >proc/self/cgroup; cd sys/fs/cgroup; "
     "echo max >a/b/memory.max; echo 9000 >a/memory.max; echo 2000 >a/memory.current",
     7000},
    {"mkdir -p proc/self sys/fs/cgroup/a; echo 0::/a >proc/self/cgroup; cd sys/fs/cgroup/a; "
     "echo 9000 >memory.max; echo 8000 >memory.current; echo 'inactive_file 3000' >memory.stat",
     4000}, /* the cache of files gives way */
    {"mkdir -p proc/self sys/fs/cgroup/a; echo 0::/a >proc/self/cgroup; cd sys/fs/cgroup/a; "
     "echo 9000 >memory.max; echo 9100 >memory.current",
     0},
    {"mkdir -p proc/self sys/fs/cgroup; echo 0::/ >proc/self/cgroup; cd sys/fs/cgroup; "
     "echo 9000 >memory.max; echo 1000 >memory.current",
     8000}, /* in a container that sees its own as the root */
    {"mkdir -p proc/self sys/fs/cgroup/memory/a; cd sys/fs/cgroup/memory/a; "
     "printf '7:cpu,cpuacct:/b\\n5:memory:/a\\n0::/c\\n' >../../../../../proc/self/cgroup; "
     "echo 9000 >memory.limit_in_bytes; echo 2500 >memory.usage_in_bytes; "
     "echo 'total_inactive_file 500' >memory.stat",
     7000}, /* version 1 */
    {"mkdir -p proc/self sys/fs/cgroup/memory; cd sys/fs/cgroup/memory; "
     "echo 5:memory:/docker/x >../../../../proc/self/cgroup; "
     "echo 9000 >memory.limit_in_bytes; echo 2000 >memory.usage_in_bytes",
     7000}, /* in a container that sees the host's path */
};

/* D28 */
START_TEST(memory_is_what_the_system_and_the_cgroups_leave)
{
    const struct machine *machine = &machines[_i];
    char root[] = "/tmp/edo-memory-XXXXXX", command[1024];
    struct process process;
    uint64_t available;

    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(command, sizeof command, "cd %s && %s", root, machine->files);
    process_start(&process, command);
    process_finish(&process);
    ck_assert_msg(process.status == 0, "%s", process.err);
    available = memory_available(root);
    snprintf(command, sizeof command, "rm -r %s", root);
    process_start(&process, command);
    process_finish(&process);
    ck_assert_uint_eq(available, machine->available);
}
END_TEST

/* --- The demo --------------------------------------------------------------------------------- */

static void run(struct process *process, const char *command)
{
    process_start(process, command);
    process_finish(process);
}

static unsigned bytes_a_task(const struct process *process)
{
    const char *at = strstr(process->out, "memory: ");
    unsigned bytes = 0;

    ck_assert_msg(at && sscanf(at, "memory: %u bytes a task", &bytes) == 1, "%s", process->out);
    return bytes;
}

static const char *const on_both[] = {"exec $DEMO --tasks 500 --timers fd",
                                      "exec $DEMO --tasks=500 --timers=wheel"};

START_TEST(all_end_none_is_early_and_their_values_add_up)
{
    struct process process;

    run(&process, on_both[_i]);
    ck_assert_str_eq(process.err, "");
    ck_assert_int_eq(process.status, 0);
    ck_assert_ptr_nonnull(strstr(process.out, "500 ok, 0 failed, values add up to 1252500\n"));
    ck_assert_ptr_nonnull(strstr(process.out, "early: 0\n"));
    ck_assert_uint_gt(bytes_a_task(&process), sizeof(struct edo_task));
}
END_TEST

/* D28: the tests are built as the demo is. */
START_TEST(an_unoptimised_build_says_that_it_is)
{
    struct process process;

    run(&process, "exec $DEMO --tasks 5");
#ifdef __OPTIMIZE__
    ck_assert_ptr_null(strstr(process.out, "not optimised"));
#else
    ck_assert_ptr_nonnull(strstr(process.out, "this build is not optimised"));
#endif
    run(&process, "exec $DEMO --tasks 5 --virtual"); /* where nobody is late */
    ck_assert_ptr_null(strstr(process.out, "not optimised"));
}
END_TEST

START_TEST(on_the_virtual_clock_every_run_prints_the_same)
{
    struct process one, other;

    run(&one, "exec $DEMO --tasks 3000 --virtual --timers=wheel");
    run(&other, "exec $DEMO --tasks 3000 --virtual --timers=wheel");
    ck_assert_int_eq(one.status, 0);
    ck_assert_str_eq(one.out, other.out);
    ck_assert_ptr_nonnull(strstr(one.out, "late by p50 0.000 ms, p99 0.000 ms, max 0.000 ms\n"));
}
END_TEST

START_TEST(another_seed_means_other_delays)
{
    struct process one, other;

    run(&one, "exec $DEMO --tasks 1 --virtual --seed 1");
    run(&other, "exec $DEMO --tasks 1 --virtual --seed 2");
    ck_assert_int_eq(one.status, 0);
    ck_assert_str_ne(one.out, other.out);
}
END_TEST

/* K8 */
START_TEST(tasks_without_an_fd_fail_by_name_and_the_others_end)
{
    struct process process;

    run(&process, "ulimit -n 24; exec $DEMO --tasks 100");
    ck_assert_int_eq(process.status, 1);
    ck_assert_ptr_nonnull(strstr(process.out, "20 ok, 80 failed, values add up to 2100\n"));
    ck_assert_ptr_nonnull(strstr(process.err, "async_task(21) failed: EMFILE\n"));
    ck_assert_ptr_nonnull(strstr(process.err, "... and 77 more\n"));
    ck_assert_ptr_nonnull(strstr(process.err, "the limit of fds is 24 (ulimit -n)"));
    ck_assert_ptr_nonnull(strstr(process.err, "--timers=wheel"));
    ck_assert_uint_eq(occurrences(process.err, "\n"), 5);

    run(&process, "ulimit -n 24; exec $DEMO --tasks 100 --timers=wheel");
    ck_assert_int_eq(process.status, 0);
}
END_TEST

START_TEST(more_than_memory_holds_is_refused_before_anything_starts)
{
    struct process process;
    char refusal[64];

    if (getenv("EDO_SANITIZED") != NULL) /* its shadow does not fit into the limit */
        return;
    run(&process, "exec $DEMO --tasks 1 --virtual");
    sprintf(refusal, "10000000 tasks need %u.0 MB of memory", bytes_a_task(&process) * 10);
    run(&process, "ulimit -v 500000; exec $DEMO --tasks 10000000 --timers=wheel");
    process_check_refused(&process, refusal);
}
END_TEST

/* One timerfd for all or one each: it is the same program, with the same ids. */
START_TEST(both_drivers_print_the_same_three_phases)
{
    struct process fd, wheel;

    run(&fd, "exec $DEMO --virtual --timers=fd");
    run(&wheel, "exec $DEMO --virtual --timers=wheel");
    ck_assert_int_eq(wheel.status, 0);
    ck_assert_str_eq(fd.out, wheel.out);
}
END_TEST

Suite *scale_suite(void)
{
    Suite *suite = suite_create("scale");
    TCase *lateness = tcase_create("lateness");
    TCase *memory = tcase_create("memory");
    TCase *demo = tcase_create("demo");

    tcase_add_test(lateness, percentiles_are_those_of_the_sorted_values);
    tcase_add_test(lateness, large_values_are_off_by_3_percent_at_most);
    tcase_add_test(lateness, an_early_one_is_counted);
    suite_add_tcase(suite, lateness);

    tcase_add_loop_test(memory, memory_is_what_the_system_and_the_cgroups_leave, 0,
                        sizeof machines / sizeof machines[0]);
    suite_add_tcase(suite, memory);

    tcase_add_loop_test(demo, all_end_none_is_early_and_their_values_add_up, 0, 2);
    tcase_add_test(demo, on_the_virtual_clock_every_run_prints_the_same);
    tcase_add_test(demo, an_unoptimised_build_says_that_it_is);
    tcase_add_test(demo, another_seed_means_other_delays);
    tcase_add_test(demo, tasks_without_an_fd_fail_by_name_and_the_others_end);
    tcase_add_test(demo, more_than_memory_holds_is_refused_before_anything_starts);
    tcase_add_test(demo, both_drivers_print_the_same_three_phases);
    suite_add_tcase(suite, demo);
    return suite;
}
