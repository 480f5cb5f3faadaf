/* timer_fd.c - the timer driver with one timerfd per timer: the kernel keeps the deadlines, and
 * each timer's life can be seen from outside.
 *
 *   arm      timerfd_create, timerfd_settime, epoll_ctl ADD
 *   collect  read, epoll_ctl DEL, close
 *   disarm         epoll_ctl DEL, close */
#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "../base/container_of.h"
#include "reactor.h"
#include "timer_driver.h"

static_assert(sizeof(time_t) == 8, "on 32 bits: -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64");

static int fd_open(struct edo_reactor *reactor)
{
    (void)reactor;
    return 0;
}

static void fd_close(struct edo_reactor *reactor)
{
    (void)reactor;
}

static int set_time(int fd, int flags, uint64_t time_ns)
{
    struct itimerspec spec = {
        .it_value.tv_sec = (time_t)(time_ns / EDO_NS_PER_S),
        .it_value.tv_nsec = (long)(time_ns % EDO_NS_PER_S),
    };

    return timerfd_settime(fd, flags, &spec, NULL) < 0 ? -errno : 0;
}

/* A duration is armed as one, so that strace shows the number that the program says. The kernel
 * counts from a moment after `now_ns`, so that is never early. A deadline is armed as it is, so
 * that equal ones are equal to the kernel as well; with slack, so is a duration. */
static int start(const struct edo_source *source, uint64_t now_ns)
{
    uint64_t slack_ns = source->reactor->slack_ns;

    if (source->is_relative && slack_ns == 0)
        return set_time(source->fd, 0, source->due_ns - now_ns);
    return set_time(source->fd, TFD_TIMER_ABSTIME, edo_time_round_up(source->due_ns, slack_ns));
}

static int fd_arm(struct edo_source *source, uint64_t now_ns)
{
    int error = 0;

    source->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (source->fd < 0)
        return -errno;
    if (!source->reactor->clock.is_virtual)
        error = start(source, now_ns);
    if (!error)
        error = edo_reactor_register(source, EPOLLIN);
    if (error)
        close(source->fd);
    return error;
}

static void fd_disarm(struct edo_source *source)
{
    edo_reactor_unregister(source);
    close(source->fd);
}

/* What read(2) says of a timerfd that epoll called readable. EAGAIN, EINTR and a short count are
 * false alarms; if there is an expiry after all, epoll says so again. Other errors would repeat for
 * ever, and end the timer. */
static void fd_collect(struct edo_source *source)
{
    uint64_t expirations;
    ssize_t size = read(source->fd, &expirations, sizeof expirations);
    int error = size < 0 ? -errno : 0;

    if (error == -EAGAIN || error == -EINTR)
        return;
    if (!error && size != sizeof expirations)
        return;
    fd_disarm(source);
    edo_reactor_make_due(source, error);
}

/* A look at every timer: only the virtual clock asks, and there nobody waits for the answer. */
static struct edo_source *fd_earliest(struct edo_reactor *reactor)
{
    struct edo_source *earliest = NULL;

    for (size_t i = 0; i < EDO_REACTOR_BUCKETS; i++) {
        struct edo_list *bucket = &reactor->registered[i];

        for (struct edo_list *link = bucket->next; link != bucket; link = link->next) {
            struct edo_source *source = edo_container_of(link, struct edo_source, link);

            if (source->kind == EDO_SOURCE_TIMER &&
                (earliest == NULL || edo_source_is_before(source, earliest)))
                earliest = source;
        }
    }
    return earliest;
}

/* Only now is the timerfd set, to the shortest time there is: real time can't leak in. */
static void fd_ring(struct edo_source *source)
{
    int error = set_time(source->fd, 0, 1);

    if (error) {
        fd_disarm(source);
        edo_reactor_make_due(source, error);
    }
}

const struct edo_timer_driver edo_timer_fd = {
    .name = "fd",
    .open = fd_open,
    .close = fd_close,
    .arm = fd_arm,
    .disarm = fd_disarm,
    .collect = fd_collect,
    .earliest = fd_earliest,
    .ring = fd_ring,
};
