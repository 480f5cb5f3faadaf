/* SPDX-License-Identifier: MIT */
/* two-loops.c - a program that has a loop of its own, with poll(2), and edo as a guest in it. */
#include <poll.h>
#include <unistd.h>

#include "lesson.h"

static int open_pipe(struct edo_executor *executor);
static int own_loop(struct edo_executor *executor);
static void close_pipe(void);

const struct lesson lesson = {
    .question = "the program has a loop: how does edo get turns?",
    .look_at = "two tasks sleep while the loop of the program reads its own pipe, into which a "
               "third writes. In scripts/strace-story: which call waits?",
    .answer = "as one fd of that loop. edo_executor_prepare says whether something is to be done "
              "at once; if not, the loop waits for edo's epoll beside its own fds. Whatever comes, "
              "edo_executor_turn_now does what is due and never waits.",
    .open = open_pipe,
    .run = own_loop,
    .close = close_pipe};

static int ends[2];

/* Until no task is live. Virtual time is edo's own, and poll(2) can't wait for it: there edo's turn
 * does the waiting. */
static int own_loop(struct edo_executor *executor)
{
    bool is_virtual = executor->reactor.clock.is_virtual;
    char text[3] = "";
    int error = 0;

    while (!error && edo_executor_next_task(executor, NULL) != NULL) {
        struct pollfd fds[] = {{.fd = ends[0], .events = POLLIN},
                               {.fd = edo_reactor_fd(&executor->reactor), .events = POLLIN}};
        int is_due = is_virtual ? 1 : edo_executor_prepare(executor);

        if (is_due < 0)
            return is_due;
        poll(fds, 2, is_due ? 0 : -1);
        if (fds[0].revents != 0 && read(ends[0], text, 2) == 2)
            say("own loop", "reads %s from its pipe", text);
        error = is_virtual ? edo_executor_turn(executor) : edo_executor_turn_now(executor);
    }
    return error;
}

static void write_pipe(struct edo_context *cx, void *text)
{
    (void)cx;
    if (write(ends[1], text, 2) == 2)
        say("writer", "writes %s", (const char *)text);
}

static int open_pipe(struct edo_executor *executor)
{
    (void)executor;
    return pipe(ends) < 0 ? -errno : 0;
}

static void close_pipe(void)
{
    close(ends[0]), close(ends[1]);
}

int main(int argc, char **argv)
{
    static struct work slow, fast;
    static struct later writer;
    static struct lesson_task tasks[] = {{.name = "fast", .future = &fast.future},
                                         {.name = "slow", .future = &slow.future},
                                         {.name = "writer", .future = &writer.future}};

    work_init(&fast, "fast", EDO_MS(50));
    work_init(&slow, "slow", EDO_MS(150));
    later_init(&writer, EDO_MS(100), write_pipe, "hi");
    return lesson_main_tasks(argc, argv, tasks, 3);
}
