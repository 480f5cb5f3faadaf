/* SPDX-License-Identifier: MIT */
#include "terminal.h"

#include <check.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* One at a time: a test runs in a process of its own. */
static int master = -1;

static void become(const char *name, const char *command)
{
    const char *demo = getenv("EDO_DEMO");
    int slave;

    setsid();
    slave = open(name, O_RDWR); /* of a session without one, it becomes the terminal */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        dup2(slave, fd);
    closefrom(STDERR_FILENO + 1);
    setenv("DEMO", demo ? demo : "build/demo", 1);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
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
    int slave;

    *process = (struct process){.pid = -1};
    master = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert_int_ge(master, 0);
    ck_assert_int_eq(grantpt(master), 0);
    ck_assert_int_eq(unlockpt(master), 0);
    name = ptsname(master);
    slave = open_plain(name, columns);
    process->pid = fork();
    ck_assert_int_ge(process->pid, 0);
    if (process->pid == 0)
        become(name, command);
    close(slave);
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
    ck_assert_int_eq(waitpid(process->pid, &status, 0), process->pid);
    process->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    close(master);
}
