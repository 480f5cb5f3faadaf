/* SPDX-License-Identifier: MIT */
#include "interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/time.h>

#include "views/output.h"

static const struct edo_trace *the_trace;
static void (*the_finish)(void);
static volatile sig_atomic_t noted; /* the signal, 0: none yet */
static volatile sig_atomic_t is_at_prompt;
static volatile sig_atomic_t is_over;

/* Restarted: a write(2) of stdio's must not fail. Not deferred: the second signal has to get
 * through while the first is being handled. The action before. */
static struct sigaction handle(int signal, void (*handler)(int))
{
    const struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_NODEFER};
    struct sigaction before;

    sigaction(signal, &action, &before);
    return before;
}

static void die(int by)
{
    signal(by, SIG_DFL);
    raise(by);
}

/* From this event to the next nothing runs but the reactor. (A handler that comes while the next is
 * being recorded may see this one still, or half of the next. No harm: nothing of stdio's is under
 * way, and each text in either is there.) */
static bool is_in_epoll_wait(void)
{
    size_t count = edo_trace_count(the_trace);

    return count > 0 && edo_trace_at(the_trace, count - 1)->kind == EDO_TRACE_ENTER;
}

static void try_to_finish(int alarm)
{
    const struct itimerval soon = {.it_value.tv_usec = 1000};
    int error = errno;

    (void)alarm;
    if (is_over)
        return;
    if (the_trace == NULL || is_at_prompt || is_in_epoll_wait()) {
        if (is_at_prompt)
            putchar('\n');
        the_finish();
        die(noted);
    }
    handle(SIGALRM, try_to_finish);
    setitimer(ITIMER_REAL, &soon, NULL); /* a system call and no more, as those of the list are */
    errno = error;
}

static void on_signal(int signal)
{
    if (noted) {
        output_abandon();
        die(signal);
    }
    noted = signal;
    try_to_finish(0);
}

void interrupt_begin(const struct edo_trace *trace, void (*finish)(void))
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

    the_trace = trace;
    the_finish = finish;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        const struct sigaction before = handle(signals[i], on_signal);

        if (before.sa_handler == SIG_IGN)
            sigaction(signals[i], &before, NULL);
    }
}

void interrupt_at_prompt(bool is_waiting)
{
    is_at_prompt = is_waiting;
}

void interrupt_end(void)
{
    is_over = true;
}

void interrupt_die_if_noted(void)
{
    if (noted)
        die(noted);
}
