/* SPDX-License-Identifier: MIT */
/* run.c - posix_spawn, a pipe, wait4. */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_S 120

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

int run_find_cpu(void)
{
    cpu_set_t cpus;
    int last = -1, count = 0;

    if (sched_getaffinity(0, sizeof cpus, &cpus) != 0)
        return -1;
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &cpus))
            continue;
        last = (int)cpu;
        count++;
    }
    return count > 1 ? last : -1;
}

static int spawn(pid_t *pid, const char *const *argv, int output)
{
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);

    if (error)
        return -error;
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    error = posix_spawn(pid, argv[0], &actions, NULL, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return -error;
}

/* A child has the affinity of its parent from its first moment on. */
static int spawn_pinned(pid_t *pid, const char *const *argv, int output, int cpu)
{
    cpu_set_t before, one;
    int error = 0;

    if (cpu < 0 || sched_getaffinity(0, sizeof before, &before) != 0)
        return spawn(pid, argv, output);
    CPU_ZERO(&one);
    CPU_SET((size_t)cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
    error = spawn(pid, argv, output);
    sched_setaffinity(0, sizeof before, &before);
    return error;
}

/* The peak so far, 0 when it has gone. ru_maxrss would be simpler, but a process that was spawned
 * inherits the peak of its parent, and this one is larger than what it measures. */
static uint64_t read_peak_kib(pid_t pid)
{
    char path[64], line[128];
    unsigned long kib = 0;
    FILE *status = NULL;

    snprintf(path, sizeof path, "/proc/%d/status", pid);
    status = fopen(path, "re");
    if (status == NULL)
        return 0;
    while (fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "VmHWM: %lu kB", &kib) == 1)
            break;
    fclose(status);
    return kib;
}

/* Reads until the program has closed its output, or has had its time. */
static void read_output(struct run *run, pid_t pid, int input, uint64_t began_ns)
{
    struct pollfd ready = {.fd = input, .events = POLLIN};
    size_t length = 0;
    ssize_t count = 0;

    do {
        uint64_t kib = 0;

        if (poll(&ready, 1, LIMIT_S * 1000) <= 0) {
            kill(pid, SIGKILL);
            break;
        }
        count = read(input, run->output + length, sizeof run->output - 1 - length);
        if (run->first_ns == 0)
            run->first_ns = now() - began_ns;
        length += count > 0 ? (size_t)count : 0;
        kib = read_peak_kib(pid);
        run->peak_kib = kib > run->peak_kib ? kib : run->peak_kib;
    } while (count > 0);
    run->output[length] = '\0';
}

static uint64_t to_ns(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_usec * 1000;
}

int run_program(struct run *run, const char *const *argv, int cpu)
{
    struct rusage usage = {0};
    uint64_t began_ns = now();
    int pipes[2], error = 0, status = 0;
    pid_t pid = 0;

    memset(run, 0, sizeof *run);
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return -errno;
    error = spawn_pinned(&pid, argv, pipes[1], cpu);
    close(pipes[1]);
    if (!error) {
        read_output(run, pid, pipes[0], began_ns);
        wait4(pid, &status, 0, &usage);
    }
    close(pipes[0]);
    run->wall_ns = now() - began_ns;
    run->cpu_ns = to_ns(usage.ru_utime) + to_ns(usage.ru_stime);
    run->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return error;
}
