/* SPDX-License-Identifier: MIT */
#include "terminal.h"

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* One at a time: a test runs in a process of its own. Our own end of the terminal stays open: where
 * nobody has it open any more, what has not been read yet may be lost. */
static int master = -1, slave = -1;

static void become(const char *name, const char *command)
{
    const char *demo = getenv("EDO_DEMO");
    int own;

    setsid();
    own = open(name, O_RDWR); /* of a session without one, it becomes the terminal */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        dup2(own, fd);
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
    int fd = open(name, O_RDWR | O_NOCTTY);

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(tcgetattr(fd, &settings), 0);
    settings.c_oflag &= ~(tcflag_t)OPOST;
    settings.c_lflag &= ~(tcflag_t)ECHO;
    ck_assert_int_eq(tcsetattr(fd, TCSANOW, &settings), 0);
    ck_assert_int_eq(ioctl(fd, TIOCSWINSZ, &size), 0);
    return fd;
}

void terminal_start(struct process *process, const char *command, unsigned columns)
{
    const char *name;

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
}

static bool has_ended(const struct process *process)
{
    siginfo_t info = {.si_pid = 0};

    ck_assert_int_eq(waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT), 0);
    return info.si_pid != 0;
}

/* Waits until there is something to read. False: the command has ended, and all has been read. */
static bool wait_for_more(const struct process *process)
{
    struct pollfd fd = {.fd = master, .events = POLLIN};
    bool is_last = false;

    while (poll(&fd, 1, 10) <= 0) {
        if (is_last)
            return false;
        is_last = has_ended(process);
    }
    return true;
}

/* Appends what has been printed. False at the end. */
static bool take(struct process *process)
{
    size_t length = strlen(process->out);
    ssize_t size;

    ck_assert_uint_lt(length, sizeof process->out - 1);
    if (!wait_for_more(process))
        return false;
    size = read(master, process->out + length, sizeof process->out - 1 - length);
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
    close(slave);
}
