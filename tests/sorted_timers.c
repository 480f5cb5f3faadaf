#include "sorted_timers.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "container_of.h"

static struct sorted_timers *state_of(struct edo_reactor *reactor)
{
    return reactor->timer_state;
}

static struct edo_source *sorted_earliest(struct edo_reactor *reactor)
{
    struct edo_list *armed = &state_of(reactor)->armed;
    struct edo_source *first = edo_container_of(armed->next, struct edo_source, link);

    return edo_list_is_empty(armed) ? NULL : first;
}

static int set_to_earliest(struct edo_reactor *reactor)
{
    struct edo_source *first = sorted_earliest(reactor);
    struct itimerspec spec = {0};

    if (first != NULL && !reactor->clock.is_virtual) {
        spec.it_value.tv_sec = (time_t)(first->due_ns / EDO_NS_PER_S);
        spec.it_value.tv_nsec = (long)(first->due_ns % EDO_NS_PER_S);
    }
    return timerfd_settime(state_of(reactor)->shared.fd, TFD_TIMER_ABSTIME, &spec, NULL) ? -errno
                                                                                         : 0;
}

static int sorted_open(struct edo_reactor *reactor)
{
    struct sorted_timers *state = state_of(reactor);
    int error;

    edo_list_init(&state->armed);
    edo_source_init(&state->shared);
    state->shared.kind = EDO_SOURCE_TIMER;
    state->shared.reactor = reactor;
    state->shared.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (state->shared.fd < 0)
        return -errno;
    error = edo_reactor_register(&state->shared, EPOLLIN);
    if (error)
        close(state->shared.fd);
    return error;
}

static void sorted_close(struct edo_reactor *reactor)
{
    struct sorted_timers *state = state_of(reactor);

    while (!edo_list_is_empty(&state->armed))
        edo_source_disarm(edo_container_of(state->armed.next, struct edo_source, link));
    edo_reactor_unregister(&state->shared);
    close(state->shared.fd);
}

static int sorted_arm(struct edo_source *source, uint64_t now_ns)
{
    struct edo_list *armed = &state_of(source->reactor)->armed;
    struct edo_list *at = armed->prev;
    int error;

    (void)now_ns;
    while (at != armed &&
           edo_source_is_before(source, edo_container_of(at, struct edo_source, link)))
        at = at->prev;
    edo_list_insert_after(at, &source->link);
    error = set_to_earliest(source->reactor);
    if (error)
        edo_list_remove(&source->link);
    return error;
}

static void sorted_disarm(struct edo_source *source)
{
    edo_list_remove(&source->link);
    set_to_earliest(source->reactor);
}

static void sorted_collect(struct edo_source *shared)
{
    struct edo_reactor *reactor = shared->reactor;
    struct edo_source *first;
    uint64_t expirations;

    if (read(shared->fd, &expirations, sizeof expirations) != sizeof expirations)
        return;
    while ((first = sorted_earliest(reactor)) != NULL &&
           first->due_ns <= edo_clock_now(&reactor->clock)) {
        edo_list_remove(&first->link);
        edo_reactor_make_due(first, 0);
    }
    set_to_earliest(reactor);
}

static void sorted_ring(struct edo_source *source)
{
    edo_list_remove(&source->link);
    edo_reactor_make_due(source, 0);
}

const struct edo_timer_driver sorted_timers = {
    .name = "sorted",
    .open = sorted_open,
    .close = sorted_close,
    .arm = sorted_arm,
    .disarm = sorted_disarm,
    .collect = sorted_collect,
    .earliest = sorted_earliest,
    .ring = sorted_ring,
};
