/* SPDX-License-Identifier: MIT */
#include "remote.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "timer_driver.h"

/* The eventfd's event only ends the sleep; what was posted is taken after it. The eventfd is
 * edge-triggered: each write is an event, though nobody reads (eventfd(2) holds 2^64 - 2 of them).
 */
static void note_post(void *data, struct edo_cause cause)
{
    (void)cause;
    edo_remote_take(data);
}

int edo_remote_open(struct edo_remote *remote, struct edo_reactor *reactor)
{
    int fd, error;

    if (reactor->remote == remote)
        return -EBUSY; /* and it stays open */
    *remote = (struct edo_remote){.reactor = reactor};
    edo_source_init(&remote->event);
    if (reactor->remote != NULL)
        return -EBUSY;
    fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    edo_reactor_note(reactor, "eventfd", -1, 0, 0, fd < 0 ? -errno : fd);
    if (fd < 0)
        return -errno;
    error = edo_reactor_add_io(reactor, &remote->event, fd, EPOLLIN | EPOLLET,
                               (struct edo_waker){note_post, remote});
    if (error) {
        edo_reactor_close_fd(reactor, fd);
        remote->event.fd = -1;
        return error;
    }
    reactor->remote = remote;
    return 0;
}

void edo_remote_close(struct edo_remote *remote)
{
    if (remote->event.fd < 0 || remote->reactor == NULL)
        return;
    edo_remote_set_awaited(remote, false);
    remote->reactor->remote = NULL;
    edo_reactor_remove_io(&remote->event);
    edo_reactor_close_fd(remote->reactor, remote->event.fd);
    remote->event.fd = -1;
}

void edo_notice_init(struct edo_notice *notice, struct edo_remote *remote)
{
    *notice = (struct edo_notice){.remote = remote};
    edo_source_init(&notice->wait);
    notice->wait.cause = EDO_CAUSE_THREAD;
}

/* Release: what the poster wrote before. */
static void push_notice(struct edo_remote *remote, struct edo_notice *notice)
{
    struct edo_notice *before = __atomic_load_n(&remote->posted, __ATOMIC_RELAXED);

    do
        notice->next = before;
    while (!__atomic_compare_exchange_n(&remote->posted, &before, notice, true, __ATOMIC_SEQ_CST,
                                        __ATOMIC_RELAXED));
}

void edo_notice_post(struct edo_notice *notice)
{
    static const uint64_t one = 1;
    struct edo_remote *remote = notice->remote;
    int error = errno;

    if (__atomic_exchange_n(&notice->is_posted, 1, __ATOMIC_ACQ_REL) != 0)
        return; /* it is on the stack, and whoever put it there sees to the rest */
    push_notice(remote, notice);
    if (__atomic_exchange_n(&remote->is_awaited, 0, __ATOMIC_SEQ_CST) != 0) {
        ssize_t size = write(remote->event.fd, &one, sizeof one);

        (void)size; /* EAGAIN: so many are there already that the sleep ends in any case */
    }
    errno = error;
}

/* In the order in which they were posted. */
static struct edo_notice *take_in_order(struct edo_remote *remote)
{
    struct edo_notice *taken = __atomic_exchange_n(&remote->posted, NULL, __ATOMIC_SEQ_CST);
    struct edo_notice *ordered = NULL;

    while (taken != NULL) {
        struct edo_notice *before = taken->next;

        taken->next = ordered;
        ordered = taken;
        taken = before;
    }
    return ordered;
}

void edo_remote_take(struct edo_remote *remote)
{
    struct edo_notice *notice = take_in_order(remote);

    while (notice != NULL) {
        struct edo_notice *next = notice->next;

        notice->has_come = notice->wait.state != EDO_SOURCE_ARMED;
        /* Acquire, too: what was written before a post that found it posted already. From here on
         * it may be posted again. */
        __atomic_exchange_n(&notice->is_posted, 0, __ATOMIC_ACQ_REL);
        edo_reactor_end_wait(&notice->wait, 0);
        notice = next;
    }
}

void edo_remote_set_awaited(struct edo_remote *remote, bool is_awaited)
{
    __atomic_store_n(&remote->is_awaited, is_awaited, __ATOMIC_SEQ_CST);
    if (is_awaited)
        edo_remote_take(remote);
}
