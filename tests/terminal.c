/* SPDX-License-Identifier: MIT */
#include "terminal.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* One at a time: a test runs in a process of its own. */
static int master = -1;

/* The process whose terminal it is. When such a one ends, the kernel hangs the terminal up and
 * drops what nobody has read yet. So that is not the command itself, but its parent, which ends
 * when it is let go: when all has been read, and this end of a pipe is closed. */
static pid_t leader;
static int hold = -1;

static void run_command(const char *command)
{
    const char *demo = getenv("EDO_DEMO");

    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    closefrom(STDERR_FILENO + 1);
    setenv("DEMO", demo ? demo : "build/demo", 1);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

/* Tells the command's pid to `told`, and ends when nobody holds `held` any more, as the command. */
static void lead(const char *name, const char *command, int told, int held)
{
    pid_t pid;
    int slave, status;
    char byte;

    setsid();
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    slave = open(name, O_RDWR); /* of a session without one, it becomes the terminal */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        dup2(slave, fd);
    close(slave);
    pid = fork();
    if (pid == 0)
        run_command(command);
    if (pid < 0 || write(told, &pid, sizeof pid) != sizeof pid)
        _exit(127);
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        close(fd);
    waitpid(pid, &status, 0);
    while (read(held, &byte, 1) > 0)
        ;
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* Some systems let it be set up only from the other side. */
static int open_plain(const char *name, unsigned columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)columns};
    struct termios settings;
    int slave = open(name, O_RDWR | O_NOCTTY);

    ck_assert_int_ge(slave, 0);
    ck_assert_int_eq(tcgetattr(slave, &settings), 0);
    settings.c_oflag &= ~(tcflag_t)OPOST;
    settings.c_lflag &= ~(tcflag_t)ECHO;
    ck_assert_int_eq(tcsetattr(slave, TCSANOW, &settings), 0);
    ck_assert_int_eq(ioctl(slave, TIOCSWINSZ, &size), 0);
    return slave;
}

void terminal_start(struct process *process, const char *command, unsigned columns)
{
    const char *name;
    int slave, told[2], held[2];

    *process = (struct process){.pid = -1};
    master = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert_int_ge(master, 0);
    ck_assert_int_eq(grantpt(master), 0);
    ck_assert_int_eq(unlockpt(master), 0);
    name = ptsname(master);
    slave = open_plain(name, columns);
    ck_assert_int_eq(pipe(told), 0);
    ck_assert_int_eq(pipe2(held, O_CLOEXEC), 0);
    leader = fork();
    ck_assert_int_ge(leader, 0);
    if (leader == 0) {
        close(held[1]);
        close(slave);
        close(master);
        lead(name, command, told[1], held[0]);
    }
    ck_assert_int_eq((int)read(told[0], &process->pid, sizeof process->pid),
                     (int)sizeof process->pid);
    for (int i = 0; i < 2; i++)
        close(told[i]);
    close(held[0]);
    close(slave);
    hold = held[1];
}

/* Appends what has been printed. False at the end: the last who had the terminal open is gone
 * (EIO). */
static bool take(struct process *process)
{
    size_t length = strlen(process->out);
    ssize_t size = read(master, process->out + length, sizeof process->out - 1 - length);

    ck_assert_uint_lt(length, sizeof process->out - 1);
    if (size > 0)
        process->out[length + (size_t)size] = '\0';
    return size > 0;
}

bool terminal_wait_for(struct process *process, const char *text)
{
    while (strstr(process->out, text) == NULL)
        if (!take(process))
            return false;
    return true;
}

void terminal_type(const struct process *process, const char *text)
{
    ck_assert_int_gt(process->pid, 0);
    ck_assert_int_eq(write(master, text, strlen(text)), (ssize_t)strlen(text));
}

void terminal_finish(struct process *process)
{
    int status;

    while (take(process))
        ;
    close(hold);
    ck_assert_int_eq(waitpid(leader, &status, 0), leader);
    process->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    close(master);
}
