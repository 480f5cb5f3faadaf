/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* pthread_sigmask */

#include "signals.h"

#include <errno.h>
#include <unistd.h>

#include "operation.h"

/* On any machine; of those that there are not, no set has one. */
enum { MOST_SIGNALS = 128 };

/* Blocks those of `set`; `blocked` become those that were not blocked before. */
static void block(const sigset_t *set, sigset_t *blocked)
{
    sigset_t before;

    pthread_sigmask(SIG_BLOCK, set, &before);
    *blocked = *set;
    for (int signal = 1; signal <= MOST_SIGNALS; signal++)
        if (sigismember(&before, signal) == 1)
            sigdelset(blocked, signal);
}

int edo_signals_open(struct edo_signals *signals, struct edo_reactor *reactor, const sigset_t *set)
{
    int fd, error;

    signals->io.registered.reactor = NULL; /* closed */
    block(set, &signals->blocked);
    fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
    error = fd < 0 ? -errno : edo_io_open(&signals->io, reactor, fd);
    signals->io.waits[EDO_READ].cause = EDO_CAUSE_SIGNAL;
    if (!error)
        return 0;
    if (fd >= 0)
        close(fd);
    pthread_sigmask(SIG_UNBLOCK, &signals->blocked, NULL);
    return error;
}

void edo_signals_close(struct edo_signals *signals)
{
    if (edo_io_fd(&signals->io) < 0)
        return;
    edo_io_close(&signals->io);
    pthread_sigmask(SIG_UNBLOCK, &signals->blocked, NULL);
}

static enum edo_attempt signal_try(struct edo_operation *operation, int *error)
{
    struct edo_signal_wait *wait = edo_container_of(operation, struct edo_signal_wait, operation);

    if (read(edo_io_fd(operation->io), &wait->info, sizeof wait->info) < 0)
        return edo_attempt_failed(operation->io, EDO_READ, error);
    return EDO_ATTEMPT_DONE;
}

static enum edo_poll signal_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_signal_wait *wait = edo_container_of(self, struct edo_signal_wait, operation.future);

    return edo_operation_poll(&wait->operation, cx, EDO_READ, signal_try, &wait->info);
}

static const struct edo_future_type signal_type = {
    "signal", signal_poll, edo_operation_cancel, NULL, edo_operation_states, edo_read_parts};

void edo_signal_wait_init(struct edo_signal_wait *wait, struct edo_signals *signals)
{
    wait->operation.io = &signals->io;
    edo_future_init(&wait->operation.future, &signal_type);
}
