/* SPDX-License-Identifier: MIT */
/* signals.c - a signal that is awaited as anything else is. */
#include <unistd.h>

#include "lesson.h"

static int open_signals(struct edo_executor *executor);
static void close_signals(void);

const struct lesson lesson = {
    .question = "what may be done when a signal comes?",
    .look_at = "how many USR1 are sent, and how many main hears; and how its last wait ends.",
    .answer = "everything: it is read from an fd (signalfd) between two polls, and no handler runs "
              "in the middle of something. But the kernel keeps one of each kind, not how many.",
    .open = open_signals,
    .close = close_signals};

static struct edo_signals signals;
static struct edo_signal_wait waiting;
static struct edo_timeout timeout;

static void begin_wait(void)
{
    edo_signal_wait_init(&waiting, &signals);
    edo_timeout_init(&timeout, &waiting.operation.future, EDO_MS(100));
}

/* async fn waiter() { loop { timeout(100ms, signals.next()).await?; } } */
static enum edo_poll waiter_poll(struct edo_future *self, struct edo_context *cx)
{
    if (self->state == EDO_START)
        begin_wait();
    for (edo_future_goto(self, EDO_FIRST_AWAIT);; begin_wait()) {
        if (edo_future_await(self, &timeout.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        if (edo_future_error(&timeout.future))
            return edo_future_end_as(self, &timeout.future);
        say("main", "hears %s", waiting.info.ssi_signo == SIGUSR1 ? "USR1" : "another");
    }
}

static void send_signals(struct edo_context *cx, void *count)
{
    (void)cx;
    for (int i = 0; i < *(int *)count; i++) {
        say("sender", "sends USR1");
        kill(getpid(), SIGUSR1);
    }
}

static int open_signals(struct edo_executor *executor)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    return edo_signals_open(&signals, &executor->reactor, &set);
}

static void close_signals(void)
{
    signal(SIGUSR1, SIG_IGN); /* one that was not heard would end the program now */
    edo_signals_close(&signals);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {.name = "waiter", .poll = waiter_poll};
    static int one = 1, two = 2;
    static struct edo_future waiter;
    static struct later first, second;
    static struct lesson_task tasks[] = {{.name = "main", .future = &waiter, .wanted = -ETIMEDOUT},
                                         {.name = "sender 1", .future = &first.future},
                                         {.name = "sender 2", .future = &second.future}};

    edo_future_init(&waiter, &type);
    later_init(&first, EDO_MS(30), send_signals, &one);
    later_init(&second, EDO_MS(60), send_signals, &two);
    return lesson_main_tasks(argc, argv, tasks, 3);
}
