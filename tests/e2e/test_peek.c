/* SPDX-License-Identifier: MIT */
/* Running programs seen from outside by scripts/peek. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper.h"
#include "process.h"
#include "suites.h"

static struct process seen;
static pid_t program;

/* Where Yama restricts ptrace(2), only a process above it may read the memory of another. */
static bool can_read_memory(void)
{
    struct process probe;

    process_start(&probe, "command -v python3 >/dev/null && : </proc/$PPID/mem");
    process_finish(&probe);
    if (probe.status != 0)
        puts("peek: skipped, python3 is missing, or may not read the memory of another process");
    return probe.status == 0;
}

/* Runs the command, in which $pid is the program; what it says is in `seen`. */
static void run(const char *command)
{
    char line[1024];

    snprintf(line, sizeof line, "pid=%d; %s", (int)program, command);
    process_start(&seen, line);
    process_finish(&seen);
}

static void peek(void)
{
    run("exec scripts/peek $pid");
    ck_assert_msg(seen.status == 0, "%s", seen.err);
    ck_assert_str_eq(seen.err, "");
}

/* Until the program has come to where it says this. Before, it may have no epoll yet. */
static void peek_until(const char *text)
{
    do {
        run("exec scripts/peek $pid");
        ck_assert_msg(strstr(seen.out, "has failed") == NULL, "%s", seen.err);
    } while (strstr(seen.out, text) == NULL);
    ck_assert_int_eq(seen.status, 0);
    ck_assert_str_eq(seen.err, "");
}

/* That these pieces are in what was seen, in this order. */
static void check_pieces(const char *const *pieces)
{
    const char *text = seen.out;

    for (; *pieces != NULL; pieces++) {
        const char *at = strstr(text, *pieces);

        ck_assert_msg(at != NULL, "no '%s' in:\n%s", *pieces, seen.out);
        text = at + strlen(*pieces);
    }
}

#define CHECK_PIECES(...) check_pieces((const char *const[]){__VA_ARGS__, NULL})

/* Each time left is one of a sleep of at most so long, which has begun. */
static void check_times(double most_ms)
{
    unsigned found = 0;

    for (const char *at = strstr(seen.out, " ms left"); at; at = strstr(at + 1, " ms left")) {
        const char *number = at;

        while (number[-1] != ' ')
            number--;
        ck_assert_double_ge(atof(number), 0);
        ck_assert_double_le(atof(number), most_ms);
        found++;
    }
    ck_assert_msg(found > 0, "no time in:\n%s", seen.out);
}

static void check_width(void)
{
    for (const char *at = seen.out; *at != '\0'; at += strcspn(at, "\n") + 1)
        ck_assert_msg(strcspn(at, "\n") <= 100, "too wide: %.120s", at);
}

/* --- Programs to look into -------------------------------------------------------------------- */

static void start(void (*main)(int variant), int variant)
{
    fflush(NULL);
    program = fork();
    ck_assert_int_ge(program, 0);
    if (program == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        main(variant);
        _exit(0);
    }
}

static void stop(void)
{
    kill(program, SIGKILL);
    ck_assert_int_eq(waitpid(program, NULL, 0), program);
}

enum { WORKERS = 3 };

static struct runtime runtime;
static struct edo_sleep sleeps[8];

static struct edo_future *an_hour(int i)
{
    edo_sleep_init(&sleeps[i], EDO_S(3600));
    return &sleeps[i].future;
}

/* async fn owner() { for member in members { spawn(member); } sleep().await }
 *
 * A member of its own in the group around it. */
struct owner {
    struct edo_future future;
    struct edo_group group;
    struct edo_member members[2];
};

static enum edo_poll owner_poll(struct edo_future *self, struct edo_context *cx)
{
    struct owner *owner = edo_container_of(self, struct owner, future);

    if (self->state == EDO_START) {
        edo_future_goto(self, EDO_FIRST_AWAIT);
        for (int i = 0; i < 2; i++)
            edo_group_spawn(&owner->group, cx->executor, &owner->members[i]);
    }
    return edo_future_await(self, &sleeps[5].future, cx);
}

static const struct edo_future_type owner_type = {.name = "owner", .poll = owner_poll};

/* A group whose owner awaits a timeout around a join; and a task that joins two others. */
static void family(int variant)
{
    static struct edo_branch branches[2];
    static struct edo_join join;
    static struct edo_timeout timeout;
    static struct owner owner;
    static struct edo_join_tasks join_tasks;
    static struct edo_task workers[2], tasks[3];

    for (int i = 0; i < 2; i++) {
        branches[i].child = an_hour(i);
        edo_task_init(&workers[i], i == 0 ? "first worker" : "second worker", an_hour(2 + i));
        edo_task_init(&owner.members[i].task, i == 0 ? "elder" : "younger", an_hour(6 + i));
    }
    an_hour(5);
    edo_join_init(&join, branches, 2);
    edo_timeout_init(&timeout, &join.future, EDO_S(1800));
    edo_future_init(&owner.future, &owner_type);
    edo_group_init(&owner.group, &owner.future);
    edo_join_tasks_init(&join_tasks, workers, 2);
    edo_task_init(&tasks[0], "joins", &timeout.future);
    edo_task_init(&tasks[1], "parent", &owner.group.future);
    edo_task_init(&tasks[2], "boss", &join_tasks.future);
    runtime_open(&runtime, variant);
    for (int i = 0; i < 2; i++)
        edo_executor_spawn(&runtime.executor, &workers[i]);
    for (int i = 0; i < 3; i++)
        edo_executor_spawn(&runtime.executor, &tasks[i]);
    edo_executor_run(&runtime.executor);
}

START_TEST(all_children_of_a_future_and_all_tasks_that_it_waits_for_are_shown)
{
    if (!can_read_memory())
        return;
    start(family, _i);
    peek_until(", asleep in epoll_wait\n");
    CHECK_PIECES("executor at 0x", ": 7 tasks, timers by ",
                 "\n  task joins WAITING\n"
                 "    timeout TIMEOUT_AWAITS_CHILD\n"
                 "      join JOIN_AWAITS_CHILDREN\n"
                 "        sleep SLEEP_ARMED, timer id 3, ",
                 " ms left\n"
                 "        sleep SLEEP_ARMED, timer id 4, ",
                 " ms left\n"
                 "      sleep SLEEP_ARMED, timer id 5, ",
                 " ms left\n"
                 "  task parent WAITING\n"
                 "    group GROUP_AWAITS_OWNER\n"
                 "      owner AWAITS\n"
                 "        sleep SLEEP_ARMED, timer id 6, ",
                 " ms left\n"
                 "      task elder WAITING\n"
                 "        sleep SLEEP_ARMED, timer id 7, ",
                 " ms left\n"
                 "      task younger WAITING\n"
                 "        sleep SLEEP_ARMED, timer id 8, ",
                 " ms left\n"
                 "  task boss WAITING\n"
                 "    join_tasks JOIN_TASKS_AWAITS_ONE\n"
                 "      task first worker WAITING\n"
                 "        sleep SLEEP_ARMED, timer id 1, ",
                 " ms left\n"
                 "      task second worker WAITING\n"
                 "        sleep SLEEP_ARMED, timer id 2, ",
                 " ms left\n\nepoll fd ");
    check_times(3600e3);
    check_width();
    stop();
}
END_TEST

/* One reads, one writes more than the other end has room for, and one waits for another thread. */
static void listeners(int variant)
{
    static char large[1 << 20];
    static struct edo_remote remote;
    static struct edo_notice notice;
    static struct edo_io ends[2];
    static struct edo_read read;
    static struct edo_write write;
    static struct edo_notified notified;
    static struct edo_task tasks[3];
    int fds[2];

    runtime_open(&runtime, variant);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        return;
    for (int i = 0; i < 2; i++)
        edo_io_open(&ends[i], &runtime.executor.reactor, fds[i]);
    edo_remote_open(&remote, &runtime.executor.reactor);
    edo_notice_init(&notice, &remote);
    edo_read_init(&read, &ends[0], large, 1);
    edo_write_init(&write, &ends[0], large, sizeof large);
    edo_notified_init(&notified, &notice);
    edo_task_init(&tasks[0], "reads", &read.operation.future);
    edo_task_init(&tasks[1], "writes", &write.operation.future);
    edo_task_init(&tasks[2], "listens", &notified.future);
    for (int i = 0; i < 3; i++)
        edo_executor_spawn(&runtime.executor, &tasks[i]);
    edo_executor_run(&runtime.executor);
}

START_TEST(who_waits_for_what_is_outside_is_shown_with_its_fd)
{
    if (!can_read_memory())
        return;
    start(listeners, _i);
    peek_until(", asleep in epoll_wait\n");
    CHECK_PIECES("\n  task reads WAITING\n    read AWAITS_READY, source id 4, fd ",
                 "\n  task writes WAITING\n    write AWAITS_READY, source id 6, fd ",
                 "\n  task listens WAITING\n    notified NOTIFIED_AWAITS_POST, source id 5, fd ");
    ck_assert_ptr_null(strstr(seen.out, " ms "));
    check_width();
    stop();
}
END_TEST

/* Its name is long, and of more than one line. */
static void braggart(int variant)
{
    static char name[500] = "tab\tnewline\n\xff";
    static struct edo_task task;

    memset(name + strlen(name), 'n', sizeof name - 1 - strlen(name));
    edo_task_init(&task, name, an_hour(0));
    runtime_open(&runtime, variant);
    edo_executor_block_on(&runtime.executor, &task);
}

START_TEST(a_line_is_a_line_whatever_the_names)
{
    if (!can_read_memory())
        return;
    start(braggart, FD_REAL);
    peek_until(", asleep in epoll_wait\n");
    CHECK_PIECES("\n  task tab?newline?", "nnn... WAITING\n    sleep SLEEP_ARMED, timer id 1, ");
    check_width();
    stop();
}
END_TEST

/* Wakes itself for ever. */
static void spinner(int variant)
{
    static struct fake fake;
    static struct edo_task task;

    fake_init(&fake, UINT32_MAX);
    fake.wakes_itself = true;
    edo_task_init(&task, "spinner", &fake.future);
    runtime_open(&runtime, variant);
    edo_executor_block_on(&runtime.executor, &task);
}

START_TEST(a_program_that_goes_on_while_it_is_read_is_marked)
{
    if (!can_read_memory())
        return;
    start(spinner, FD_REAL);
    peek_until("\n  (it ran while it was read: what follows is of several moments)\n");
    CHECK_PIECES("\n  task spinner ", "\n    fake FAKE_AWAITS_TEST\n");
    stop();
}
END_TEST

static void closed(int variant)
{
    int epoll;

    runtime_open(&runtime, variant);
    epoll = dup(runtime.executor.reactor.epoll_fd);
    edo_executor_close(&runtime.executor);
    for (;;)
        ck_assert_int_ge(epoll, pause());
}

START_TEST(a_closed_executor_is_none)
{
    if (!can_read_memory())
        return;
    start(closed, FD_REAL);
    peek_until("no tasks: it runs on edo, but no executor is open\n\nepoll fd ");
    stop();
}
END_TEST

/* A child that was forked has a copy of it all. */
static void parent(int variant)
{
    static struct edo_task task;
    int pipes[2];

    edo_task_init(&task, "parent", an_hour(0));
    runtime_open(&runtime, variant);
    edo_executor_spawn(&runtime.executor, &task);
    edo_executor_turn(&runtime.executor);
    if (pipe(pipes) == 0 && fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        pause();
    }
    pause();
}

START_TEST(the_executor_of_its_parent_is_not_that_of_a_forked_child)
{
    if (!can_read_memory())
        return;
    start(parent, FD_REAL);
    do
        run("exec scripts/peek $(cat /proc/$pid/task/$pid/children)");
    while (strstr(seen.out, "no tasks: it runs on edo, but no executor is open\n") == NULL);
    peek();
    CHECK_PIECES(": 1 task, timers by ", "\n  task parent WAITING\n");
    stop();
}
END_TEST

/* --- The demo --------------------------------------------------------------------------------- */

static const char *demo_command;

static void exec_demo(int output)
{
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    closefrom(STDERR_FILENO + 1); /* its fds are counted from three on */
    execl("/bin/sh", "sh", "-c", demo_command, (char *)NULL);
}

/* Starts what the command becomes, and stops it when it has said that the timer `id` is armed.
 * False on a machine so busy that it was stopped too late, when it had said more; or that it warned
 * of a held loop, for which it opens an fd between those of its timers. */
static bool start_demo(const char *command, unsigned id)
{
    char line[256], words[32];
    int output[2], more;
    bool has_warned = false;
    siginfo_t info;
    FILE *said;

    ck_assert_int_eq(pipe2(output, O_CLOEXEC), 0);
    demo_command = command;
    start(exec_demo, output[1]);
    close(output[1]);
    said = fdopen(output[0], "r");
    ck_assert_ptr_nonnull(said);
    setvbuf(said, NULL, _IONBF, 0); /* so that what is not read yet is in the pipe */
    snprintf(words, sizeof words, "timer id %u\n", id);
    do {
        ck_assert_msg(fgets(line, sizeof line, said) != NULL, "it armed no %s", words);
        has_warned |= strstr(line, " held the loop for ") != NULL;
    } while (strstr(line, words) == NULL);
    kill(program, SIGSTOP);
    ck_assert_int_eq(waitid(P_PID, (id_t)program, &info, WSTOPPED | WEXITED | WNOWAIT), 0);
    ck_assert_int_eq(ioctl(output[0], FIONREAD, &more), 0);
    fclose(said);
    return info.si_code == CLD_STOPPED && more == 0 && !has_warned;
}

static void peek_at_demo(const char *command, unsigned id)
{
    const char *demo = getenv("EDO_DEMO");

    setenv("DEMO", demo ? demo : "build/demo", 1);
    while (!start_demo(command, id))
        stop();
    peek();
    stop();
}

enum { PHASES = 6, MOST_PIECES = 12 };

/* By fd and by wheel. */
static const unsigned phase_ids[PHASES] = {1, 1, 4, 4, 6, 6};
static const char *const demos[] = {"exec $DEMO", "exec $DEMO --timers=wheel"};

/* A task may still be in its poll when the demo is stopped, and a timer may be late. */
static const char *const phase_pieces[PHASES][MOST_PIECES] = {
    {": 1 task, timers by fd", "\n  task async_main ", "\n    async_main MAIN_AWAITS_FETCH\n",
     "      fetch_data FETCH_AWAITS_LATENCY\n", "        sleep SLEEP_ARMED, timer id 1, fd 4, ",
     "\n\nepoll fd 3\n", "4   1  timerfd"},
    {": 1 task, timers by wheel", "\n  task async_main ", "\n    async_main MAIN_AWAITS_FETCH\n",
     "      fetch_data FETCH_AWAITS_LATENCY\n", "        sleep SLEEP_ARMED, timer id 1, ",
     "\n\nepoll fd 3\n", "4   0  timerfd"},
    {": 4 tasks, ", "\n    async_main MAIN_AWAITS_TASKS\n",
     "      join_tasks JOIN_TASKS_AWAITS_ONE\n", "        task async_task(1) WAITING\n",
     "          async_task TASK_AWAITS_SLEEP\n",
     "            sleep SLEEP_ARMED, timer id 2, fd 4, ", "task async_task(2) WAITING\n",
     "timer id 3, fd 5, ", "task async_task(3) ", "timer id 4, fd 6, ", "6   4  timerfd"},
    {": 4 tasks, ", "\n    async_main MAIN_AWAITS_TASKS\n",
     "      join_tasks JOIN_TASKS_AWAITS_ONE\n", "        task async_task(1) WAITING\n",
     "          async_task TASK_AWAITS_SLEEP\n", "            sleep SLEEP_ARMED, timer id 2, ",
     "task async_task(2) WAITING\n", "timer id 3, ", "task async_task(3) ", "timer id 4, "},
    {": 1 task, ", "\n    async_main MAIN_AWAITS_ITEM\n", "      process_item ITEM_AWAITS_WORK\n",
     "        sleep SLEEP_ARMED, timer id 6, fd 4, "},
    {": 1 task, ", "\n    async_main MAIN_AWAITS_ITEM\n", "      process_item ITEM_AWAITS_WORK\n",
     "        sleep SLEEP_ARMED, timer id 6, "},
};

START_TEST(the_demo_shows_its_tasks_in_each_phase)
{
    if (!can_read_memory())
        return;
    peek_at_demo(demos[_i % 2], phase_ids[_i]);
    check_pieces(phase_pieces[_i]);
    check_width();
}
END_TEST

START_TEST(the_timers_of_a_sleeping_demo_are_seen_with_ids_and_times)
{
    unsigned last_id = 0;

    peek_at_demo(demos[0], 4);
    for (const char *at = strstr(seen.out, "epoll fd "); at != NULL; at = strchr(at + 1, '\n')) {
        char time[16];
        unsigned id;

        if (sscanf(at, "%*u %u timerfd %15s ms", &id, time) != 2)
            continue;
        ck_assert_uint_ge(id, 2);
        ck_assert_uint_le(id, 4);
        if (strcmp(time, "expired") != 0) /* as it may have, or be about to, on a slow machine */
            ck_assert_msg(atof(time) >= 0 && atof(time) <= 100 * (id - 1), "%s", seen.out);
        last_id = id > last_id ? id : last_id;
    }
    ck_assert_msg(last_id == 4, "no timer of id 4: %s", seen.out);
}
END_TEST

START_TEST(neither_symbols_nor_a_plain_name_are_needed)
{
    char folder[] = "/tmp/edo-peek-XXXXXX";

    if (!can_read_memory() || getenv("EDO_EMULATED") != NULL) /* $DEMO starts an emulator */
        return;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    setenv("folder", folder, 1);
    run("cp \"$DEMO\" \"$folder/the demo\" && strip \"$folder/the demo\"");
    ck_assert_msg(seen.status == 0, "%s", seen.err);
    peek_at_demo("exec \"$folder/the demo\"", 4);
    CHECK_PIECES(": 4 tasks, ", "task async_task(3) ");
    run("rm -r \"$folder\"");
}
END_TEST

/* --- What can't be seen ----------------------------------------------------------------------- */

START_TEST(what_has_no_epoll_or_is_not_there_is_refused)
{
    run("sleep 9 & scripts/peek $!; status=$?; kill $!; exit $status");
    process_check_refused(&seen, " has no epoll\n");
    run("true & wait; exec scripts/peek $!");
    process_check_refused(&seen, "peek: no such process: ");
    run("exec scripts/peek demo");
    process_check_refused(&seen, "peek: a process id is a number, not 'demo'\n");
}
END_TEST

static void exits(int variant)
{
    (void)variant;
}

/* Nobody has asked yet how it ended. */
START_TEST(a_process_that_has_ended_is_refused)
{
    siginfo_t info;

    start(exits, 0);
    ck_assert_int_eq(waitid(P_PID, (id_t)program, &info, WEXITED | WNOWAIT), 0);
    run("exec scripts/peek $pid");
    process_check_refused(&seen, " has ended: (");
    stop();
}
END_TEST

/* As somebody else, the test's own process; where one can't become somebody else, that of init. */
START_TEST(a_process_that_one_may_not_look_into_is_refused)
{
    program = getpid();
    run("as_other=; if [ \"$(id -u)\" = 0 ]; then pid=$pid; "
        "as_other='setpriv --reuid 65534 --regid 65534 --clear-groups'; else pid=1; fi; "
        "$as_other test -x scripts/peek || exit 77; exec $as_other scripts/peek $pid");
    if (seen.status == 77)
        puts("peek: skipped, nobody else may run it here");
    else
        process_check_refused(&seen, "peek: not permitted to look into process ");
}
END_TEST

START_TEST(a_program_that_does_not_run_on_edo_shows_its_epoll)
{
    if (!can_read_memory())
        return;
    run("python3 -c 'if 1:\n"
        "    import os, select, subprocess\n"
        "    epoll = select.epoll()\n"
        "    subprocess.run([\"scripts/peek\", str(os.getpid())], check=True)'");
    ck_assert_msg(seen.status == 0, "%s", seen.err);
    ck_assert_str_eq(seen.out,
                     "no tasks: it does not run on edo, or on a version that this does not know\n"
                     "\n"
                     "epoll fd 3\n"
                     "    watches nothing\n");
}
END_TEST

static bool can_trace(void)
{
    run("strace -qq -e trace=none true");
    if (seen.status != 0)
        puts("peek: skipped, strace is missing or may not trace");
    return seen.status == 0 && can_read_memory();
}

/* Runs peek on a family under strace with such options. */
static void peek_traced(const char *strace_options)
{
    char line[512];

    start(family, FD_REAL);
    peek_until(", asleep in epoll_wait\n");
    snprintf(line, sizeof line,
             "calls=$(mktemp); strace -f -qq -o $calls %s scripts/peek $pid; "
             "status=$?; cat $calls >&2; rm $calls; exit $status",
             strace_options);
    run(line);
    stop();
}

START_TEST(the_program_is_neither_stopped_nor_attached_to)
{
    if (!can_trace())
        return;
    peek_traced("-e signal=none -e trace=ptrace,kill,tkill,tgkill,pidfd_send_signal");
    ck_assert_int_eq(seen.status, 0);
    CHECK_PIECES(": 7 tasks, ", "task boss WAITING\n");
    ck_assert_str_eq(seen.err, "");
}
END_TEST

/* As where a security module keeps debuggers away from all but their own children. */
START_TEST(without_permission_to_read_the_memory_there_is_what_proc_gives)
{
    if (!can_trace())
        return;
    peek_traced("-P /proc/$pid/mem -e trace=openat -e inject=openat:error=EACCES");
    ck_assert_int_eq(seen.status, 0);
    CHECK_PIECES("no tasks: not permitted to read its memory\n\nepoll fd ", "timerfd");
}
END_TEST

/* The memory of a process that has ended reads as nothing. */
START_TEST(a_program_that_ends_while_it_is_read_is_said_to)
{
    char options[128];

    if (!can_trace())
        return;
    for (int when = 1; when < 1000; when *= 8) {
        snprintf(options, sizeof options,
                 "-P /proc/$pid/mem -e trace=pread64 -e inject=pread64:retval=0:when=%d+", when);
        peek_traced(options);
        ck_assert_int_eq(seen.status, 0);
        ck_assert_ptr_null(strstr(seen.err, "Traceback"));
        if (strstr(seen.out, "task boss") != NULL)
            return;
        CHECK_PIECES("no tasks: it has ended\n\nepoll fd ");
    }
}
END_TEST

START_TEST(a_program_that_is_killed_while_it_is_read_does_no_harm)
{
    for (int i = 0; i < 4; i++) {
        char line[128];

        start(family, FD_REAL);
        snprintf(line, sizeof line, "(sleep 0.0%d; kill -9 $pid) & scripts/peek $pid", 6 * i);
        run(line);
        ck_assert_ptr_null(strstr(seen.err, "Traceback"));
        ck_assert_int_le(seen.status, 1);
        stop();
    }
}
END_TEST

Suite *peek_suite(void)
{
    Suite *suite = suite_create("peek");
    TCase *tcase = tcase_create("programs");

    tcase_add_loop_test(tcase, all_children_of_a_future_and_all_tasks_that_it_waits_for_are_shown,
                        VIRTUAL_VARIANTS, VARIANTS);
    tcase_add_loop_test(tcase, who_waits_for_what_is_outside_is_shown_with_its_fd, VIRTUAL_VARIANTS,
                        VARIANTS);
    tcase_add_test(tcase, a_line_is_a_line_whatever_the_names);
    tcase_add_test(tcase, a_program_that_goes_on_while_it_is_read_is_marked);
    tcase_add_test(tcase, a_closed_executor_is_none);
    tcase_add_test(tcase, the_executor_of_its_parent_is_not_that_of_a_forked_child);
    tcase_add_loop_test(tcase, the_demo_shows_its_tasks_in_each_phase, 0, PHASES);
    tcase_add_test(tcase, the_timers_of_a_sleeping_demo_are_seen_with_ids_and_times);
    tcase_add_test(tcase, neither_symbols_nor_a_plain_name_are_needed);
    tcase_add_test(tcase, a_program_that_does_not_run_on_edo_shows_its_epoll);
    tcase_add_test(tcase, what_has_no_epoll_or_is_not_there_is_refused);
    tcase_add_test(tcase, a_process_that_has_ended_is_refused);
    tcase_add_test(tcase, a_process_that_one_may_not_look_into_is_refused);
    tcase_add_test(tcase, the_program_is_neither_stopped_nor_attached_to);
    tcase_add_test(tcase, without_permission_to_read_the_memory_there_is_what_proc_gives);
    tcase_add_test(tcase, a_program_that_ends_while_it_is_read_is_said_to);
    tcase_add_test(tcase, a_program_that_is_killed_while_it_is_read_does_no_harm);
    suite_add_tcase(suite, tcase);
    return suite;
}
