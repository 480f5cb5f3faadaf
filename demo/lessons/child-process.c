/* SPDX-License-Identifier: MIT */
/* child-process.c - other programs: their stdio, their status, and a timeout that kills. */

#include "lesson.h"

static int start_both(struct edo_executor *executor);
static void close_both(void);

const struct lesson lesson = {
    .question = "how does one talk to a program, and end it?",
    .look_at = "sh is to answer a line, `sleep 60` has no time at all: how does each end? "
               "(Virtual time stands still while a child lives.)",
    .answer = "its stdin and stdout are streams as others are, and its end is an fd (pidfd) that "
              "becomes ready. A timeout or a cancel kills it, and is over only when the child's "
              "status has been fetched: so no zombie is left.",
    .open = start_both,
    .close = close_both};

static struct edo_child shell, sleeper;
static struct edo_child_wait shell_end, sleeper_end;
static struct edo_timeout timeout;
static struct edo_write writing;
static struct edo_read reading;
static char answer[64];

/* async fn main() {
 *     shell.stdin.write("edo\n").await?; shell.stdout.read().await?; shell.wait().await?;
 *     timeout(0, sleeper.wait()).await
 * } */
static enum edo_poll main_poll(struct edo_future *self, struct edo_context *cx)
{
    edo_future_goto(self, EDO_FIRST_AWAIT);
    if (edo_future_await(self, &writing.operation.future, cx) == EDO_PENDING ||
        edo_future_await(self, &reading.operation.future, cx) == EDO_PENDING ||
        edo_future_await(self, &shell_end.operation.future, cx) == EDO_PENDING ||
        edo_future_await(self, &timeout.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    say("sh", "has said: %.*s", (int)reading.done - 1, answer);
    say("sh", "has ended, its status is %d", shell.status);
    say("sleep 60", "%s, its status is %d: 128 + SIGKILL",
        errno_name(-edo_future_error(&timeout.future)), sleeper.status);
    return edo_future_end_as(self, &timeout.future);
}

static int start_both(struct edo_executor *executor)
{
    static char *const sh[] = {"sh", "-c", "read who; echo hello $who; exit 3", NULL};
    static char *const sleep60[] = {"sleep", "60", NULL};
    const struct edo_child_options shells = {"sh", sh, NULL, {true, true, false}};
    const struct edo_child_options sleepers = {.path = "sleep", .argv = sleep60};
    int error = edo_child_spawn(&shell, &executor->reactor, &shells);

    if (error)
        return error;
    error = edo_child_spawn(&sleeper, &executor->reactor, &sleepers);
    if (error)
        edo_child_close(&shell);
    return error;
}

static void close_both(void)
{
    edo_child_close(&shell);
    edo_child_close(&sleeper);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {.name = "main", .poll = main_poll};
    static struct edo_future root;

    edo_write_init(&writing, &shell.stdio[0], "edo\n", 4);
    edo_read_init(&reading, &shell.stdio[1], answer, sizeof answer);
    edo_child_wait_init(&shell_end, &shell);
    edo_child_wait_init(&sleeper_end, &sleeper);
    edo_timeout_init(&timeout, &sleeper_end.operation.future, 0);
    return lesson_main(argc, argv, &root, &type, -ETIMEDOUT);
}
