/* SPDX-License-Identifier: MIT */
/* The reactor by itself, with bare wakers and fds: no future, no task. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../reactor/kernel/remote.h"
#include "../../reactor/kernel/timer_driver.h"
#include "helper.h"
#include "suites.h"
#include "wrap.h"

/* An eventfd that is readable from the start, and its source. */
static int watch_ready(struct edo_reactor *reactor, struct edo_source *source,
                       struct edo_waker waker)
{
    int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);

    ck_assert_int_ge(fd, 0);
    edo_source_init(source);
    ck_assert_int_eq(edo_reactor_watch(reactor, source, fd, EPOLLIN, waker), 0);
    return fd;
}

START_TEST(an_fd_that_is_ready_wakes_once)
{
    struct edo_reactor reactor;
    struct edo_source source;
    struct counter counter = {0};
    int fd;

    edo_reactor_open(&reactor, NULL);
    fd = watch_ready(&reactor, &source, counting(&counter));
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
    ck_assert_uint_eq(counter.wakes, 1);
    ck_assert_int_eq(source.state, EDO_SOURCE_FIRED);
    ck_assert_int_eq(source.result, EPOLLIN);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_NO_WAIT), 0);
    ck_assert_uint_eq(counter.wakes, 1);
    close(fd);
    edo_reactor_close(&reactor);
}
END_TEST

START_TEST(an_fd_can_be_watched_again_after_it_fired)
{
    struct edo_reactor reactor;
    struct edo_source source;
    struct counter counter = {0};
    int fd;

    edo_reactor_open(&reactor, NULL);
    fd = watch_ready(&reactor, &source, counting(&counter));
    edo_reactor_react(&reactor, EDO_WAIT);
    ck_assert_int_eq(edo_reactor_watch(&reactor, &source, fd, EPOLLIN, counting(&counter)), 0);
    edo_reactor_react(&reactor, EDO_WAIT);
    ck_assert_uint_eq(counter.wakes, 2);
    close(fd);
    edo_reactor_close(&reactor);
}
END_TEST

START_TEST(a_hang_up_is_reported_too)
{
    struct edo_reactor reactor;
    struct edo_source source;
    int ends[2];

    edo_reactor_open(&reactor, NULL);
    ck_assert_int_eq(pipe(ends), 0);
    close(ends[1]);
    edo_source_init(&source);
    edo_reactor_watch(&reactor, &source, ends[0], EPOLLIN, (struct edo_waker){0});
    edo_reactor_react(&reactor, EDO_WAIT);
    ck_assert_int_eq(source.result, EPOLLHUP);
    close(ends[0]);
    edo_reactor_close(&reactor);
}
END_TEST

START_TEST(what_cannot_be_watched_is_refused)
{
    struct edo_reactor reactor;
    struct edo_source source;
    struct edo_waker none = {0};
    int fd = open("Makefile", O_RDONLY | O_CLOEXEC);

    edo_reactor_open(&reactor, NULL);
    edo_source_init(&source);
    ck_assert_int_eq(edo_reactor_watch(&reactor, &source, fd, EPOLLIN, none), -EPERM);
    ck_assert_int_eq(edo_reactor_watch(&reactor, &source, -1, EPOLLIN, none), -EBADF);
    ck_assert_int_eq(source.state, EDO_SOURCE_IDLE);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), -EDEADLK);
    close(fd);
    edo_reactor_close(&reactor);
}
END_TEST

/* E4 */
START_TEST(the_same_fd_twice_is_refused_and_the_first_goes_on)
{
    struct edo_reactor reactor;
    struct edo_source first, second;
    struct counter counter = {0};
    int fd;

    edo_reactor_open(&reactor, NULL);
    fd = watch_ready(&reactor, &first, counting(&counter));
    edo_source_init(&second);
    ck_assert_int_eq(edo_reactor_watch(&reactor, &second, fd, EPOLLIN, counting(&counter)),
                     -EEXIST);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
    ck_assert_int_eq(first.state, EDO_SOURCE_FIRED);
    ck_assert_int_eq(second.state, EDO_SOURCE_IDLE);
    close(fd);
    edo_reactor_close(&reactor);
}
END_TEST

START_TEST(a_pending_source_cannot_be_armed_again)
{
    struct edo_reactor reactor;
    struct edo_source source;
    struct edo_waker none = {0};
    int fd;

    edo_reactor_open(&reactor, NULL);
    fd = watch_ready(&reactor, &source, none);
    ck_assert_int_eq(edo_reactor_watch(&reactor, &source, fd, EPOLLIN, none), -EBUSY);
    ck_assert_int_eq(edo_reactor_arm_for(&reactor, &source, 1, none), -EBUSY);
    ck_assert_int_eq(edo_reactor_arm_until(&reactor, &source, 1, none), -EBUSY);
    ck_assert_int_eq(edo_reactor_wait(&reactor, &source, fd, none), -EBUSY);
    ck_assert_int_eq(edo_reactor_add_io(&reactor, &source, fd, EPOLLIN, none), -EBUSY);
    ck_assert_uint_eq(reactor.pending, 1);
    ck_assert_uint_eq(reactor.watched, 1);
    ck_assert_uint_eq(reactor.last_id, 1);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
    close(fd);
    edo_reactor_close(&reactor);
}
END_TEST

START_TEST(a_source_that_can_not_be_armed_again_has_not_fired)
{
    struct edo_reactor reactor;
    struct edo_source source;
    struct counter counter = {0};

    edo_reactor_open(&reactor, NULL);
    edo_source_init(&source);
    edo_reactor_arm_for(&reactor, &source, 0, counting(&counter));
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_NO_WAIT), 1);
    ck_assert_int_eq(source.state, EDO_SOURCE_FIRED);
    wrap_begin(CALL_TIMERFD_CREATE, 1, 1, EMFILE);
    ck_assert_int_eq(edo_reactor_arm_for(&reactor, &source, EDO_S(1), counting(&counter)), -EMFILE);
    wrap_end();
    ck_assert_int_eq(source.state, EDO_SOURCE_IDLE);
    edo_reactor_close(&reactor);
}
END_TEST

struct canceller {
    struct edo_source *victim;
    unsigned wakes;
};

static void cancel_victim(void *data, struct edo_cause cause)
{
    struct canceller *canceller = data;

    (void)cause;
    canceller->wakes++;
    edo_source_disarm(canceller->victim);
}

/* E2: both are in the batch; whichever is woken first disarms the other. */
START_TEST(a_source_disarmed_while_its_event_is_in_the_batch_is_never_woken)
{
    struct edo_reactor reactor;
    struct edo_source a, b;
    struct canceller from_a = {.victim = &b}, from_b = {.victim = &a};
    int fd_a, fd_b;

    edo_reactor_open(&reactor, NULL);
    fd_a = watch_ready(&reactor, &a, (struct edo_waker){cancel_victim, &from_a});
    fd_b = watch_ready(&reactor, &b, (struct edo_waker){cancel_victim, &from_b});
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
    ck_assert_uint_eq(from_a.wakes + from_b.wakes, 1);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_NO_WAIT), 0);
    ck_assert_uint_eq(reactor.pending, 0);
    close(fd_a);
    close(fd_b);
    edo_reactor_close(&reactor);
}
END_TEST

/* E5: more than three batches of 128. */
START_TEST(more_ready_fds_than_a_batch_holds_are_all_served_in_one_turn)
{
    enum { MANY = 500 };
    struct edo_reactor reactor;
    struct edo_source sources[MANY];
    struct counter counter = {0};
    int fds[MANY];

    edo_reactor_open(&reactor, NULL);
    for (int i = 0; i < MANY; i++)
        fds[i] = watch_ready(&reactor, &sources[i], counting(&counter));
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), MANY);
    ck_assert_uint_eq(counter.wakes, MANY);
    for (int i = 0; i < MANY; i++)
        close(fds[i]);
    edo_reactor_close(&reactor);
}
END_TEST

/* E3: the kernel keeps a registration for as long as any duplicate of the fd is open. */
START_TEST(a_timerfd_is_out_of_the_epoll_set_although_a_duplicate_lives)
{
    struct edo_reactor reactor;
    struct edo_source source;
    struct counter counter = {0};
    struct epoll_event event;
    int duplicate;

    edo_reactor_open(&reactor, NULL);
    edo_source_init(&source);
    edo_reactor_arm_for(&reactor, &source, EDO_US(1), counting(&counter));
    duplicate = dup(source.fd);
    edo_source_disarm(&source);
    usleep(100); /* the duplicate has expired by now */
    ck_assert_int_eq(epoll_wait(reactor.epoll_fd, &event, 1, 0), 0);
    close(duplicate);
    edo_reactor_close(&reactor);
}
END_TEST

/* E3 again, and here it is the caller who closed too early: the fd can't be taken out of the set
 * any more. It is noted, reported once at most, and stops nobody (D8). */
START_TEST(an_fd_closed_while_it_is_watched_is_noted_and_stops_nobody)
{
    struct edo_trace_event events[16];
    struct edo_trace trace;
    struct edo_reactor reactor;
    struct edo_source source;
    struct counter counter = {0};
    int ends[2], duplicate;

    edo_trace_init(&trace, events, 16);
    edo_reactor_open(&reactor, &(struct edo_reactor_options){.trace = &trace});
    ck_assert_int_eq(pipe(ends), 0);
    edo_source_init(&source);
    edo_reactor_watch(&reactor, &source, ends[1], EPOLLOUT, counting(&counter));
    duplicate = dup(ends[1]);
    close(ends[1]);
    edo_source_disarm(&source);
    ck_assert_int_eq(events[1].kind, EDO_TRACE_LOST); /* behind the arming */
    ck_assert_int_eq(events[1].fd, ends[1]);
    ck_assert_uint_eq(reactor.lost, 1);
    ck_assert_int_eq(reactor.lost_fd, ends[1]);
    ck_assert_uint_eq(reactor.lost_id, source.id);
    edo_reactor_arm_for(&reactor, &source, EDO_MS(1), counting(&counter));
    while (counter.wakes == 0) /* the fd's last event is nobody's */
        ck_assert_int_ge(edo_reactor_react(&reactor, EDO_WAIT), 0);
    ck_assert_int_eq(source.result, 0);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), -EDEADLK);
    close(duplicate);
    close(ends[0]);
    edo_reactor_close(&reactor);
}
END_TEST

/* D8, IO2: an fd is closed, and its number used again, before the watch on it is disarmed. The new
 * owner stays in the set, and the old one hears of it. */
START_TEST(an_fd_closed_too_early_does_not_take_the_next_owner_of_its_number_along)
{
    struct edo_reactor reactor;
    struct edo_source old, new;
    struct counter of_old = {0}, of_new = {0};
    int first[2], second[2];

    edo_reactor_open(&reactor, NULL);
    ck_assert_int_eq(pipe(first), 0);
    edo_source_init(&old);
    edo_source_init(&new);
    edo_reactor_watch(&reactor, &old, first[0], EPOLLIN, counting(&of_old));
    close(first[0]);
    ck_assert_int_eq(pipe(second), 0);
    ck_assert_int_eq(second[0], first[0]); /* the lowest number that is free */
    ck_assert_int_eq(edo_reactor_watch(&reactor, &new, second[0], EPOLLIN, counting(&of_new)), 0);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
    ck_assert_uint_eq(of_old.wakes, 1);
    ck_assert_int_eq(old.result, -EBADF);
    ck_assert_uint_eq(reactor.lost, 1);
    ck_assert_int_eq(reactor.lost_fd, first[0]);
    ck_assert_uint_eq(reactor.lost_id, old.id);
    edo_source_disarm(&old); /* too late to do harm */
    ck_assert_int_eq(write(second[1], "x", 1), 1);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
    ck_assert_uint_eq(of_new.wakes, 1);
    ck_assert_uint_eq(reactor.watched, 0);
    close(first[1]);
    close(second[0]);
    close(second[1]);
    edo_reactor_close(&reactor);
}
END_TEST

/* D8: the next owner is a timerfd. */
START_TEST(a_timerfd_that_gets_the_number_of_a_watched_fd_still_fires)
{
    struct edo_reactor reactor;
    struct edo_source watch, timer;
    struct counter of_watch = {0}, of_timer = {0};
    int ends[2];

    edo_reactor_open(&reactor, NULL);
    ck_assert_int_eq(pipe(ends), 0);
    edo_source_init(&watch);
    edo_source_init(&timer);
    edo_reactor_watch(&reactor, &watch, ends[0], EPOLLIN, counting(&of_watch));
    close(ends[0]);
    edo_reactor_arm_for(&reactor, &timer, EDO_MS(1), counting(&of_timer));
    ck_assert_int_eq(timer.fd, ends[0]);
    edo_source_disarm(&watch);
    while (of_timer.wakes == 0)
        ck_assert_int_ge(edo_reactor_react(&reactor, EDO_WAIT), 0);
    ck_assert_int_eq(timer.result, 0);
    close(ends[1]);
    edo_reactor_close(&reactor);
}
END_TEST

/* The number of a watched fd is looked up in a table that is shorter than there are numbers. */
START_TEST(an_fd_of_another_number_is_not_taken_for_one_that_was_closed)
{
    struct edo_reactor reactor;
    struct edo_source low, high;
    struct counter counter = {0};
    int fd, far;

    edo_reactor_open(&reactor, NULL);
    fd = watch_ready(&reactor, &low, counting(&counter));
    far = fcntl(fd, F_DUPFD_CLOEXEC, fd + EDO_REACTOR_BUCKETS);
    if (far == fd + EDO_REACTOR_BUCKETS) { /* else a limit is in the way */
        edo_source_init(&high);
        edo_reactor_watch(&reactor, &high, far, EPOLLIN, counting(&counter));
        ck_assert_uint_eq(reactor.lost, 0);
        ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 2);
        close(far);
    }
    close(fd);
    edo_reactor_close(&reactor);
}
END_TEST

/* The ids have started again, so that of an old watch is a timer's now, whose fd was closed. */
START_TEST(a_timer_is_not_taken_for_a_watched_fd_that_was_closed)
{
    struct edo_reactor reactor;
    struct edo_source watch, timer;
    struct counter counter = {0};
    int fd;

    edo_reactor_open(&reactor, NULL);
    fd = watch_ready(&reactor, &watch, counting(&counter));
    edo_source_disarm(&watch);
    close(fd);
    reactor.last_id = watch.id - 1;
    edo_source_init(&timer);
    edo_reactor_arm_for(&reactor, &timer, EDO_S(60), counting(&counter));
    ck_assert_int_eq(timer.fd, fd);
    ck_assert_uint_eq(timer.id, watch.id);
    close(fd);
    ck_assert_int_eq(watch_ready(&reactor, &watch, counting(&counter)), fd);
    ck_assert_uint_eq(reactor.lost, 0);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
    ck_assert_int_eq(watch.state, EDO_SOURCE_FIRED);
    ck_assert_int_eq(timer.state, EDO_SOURCE_ARMED);
    close(fd);
    edo_reactor_close(&reactor);
}
END_TEST

/* D8: the fd is readable through its duplicate, but it is not the one that was to be watched. */
START_TEST(a_watched_fd_that_was_closed_is_reported_as_such)
{
    struct edo_reactor reactor;
    struct edo_source source;
    struct counter counter = {0};
    int ends[2], duplicate;

    edo_reactor_open(&reactor, NULL);
    ck_assert_int_eq(pipe(ends), 0);
    edo_source_init(&source);
    edo_reactor_watch(&reactor, &source, ends[0], EPOLLIN, counting(&counter));
    duplicate = dup(ends[0]);
    close(ends[0]);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
    ck_assert_int_eq(source.result, -EBADF);
    ck_assert_uint_eq(reactor.lost, 1);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), -EDEADLK); /* and no spin */
    close(duplicate);
    close(ends[1]);
    edo_reactor_close(&reactor);
}
END_TEST

/* D5: the same with both drivers, and nobody else's fd is touched. */
START_TEST(after_close_nothing_can_be_armed)
{
    struct runtime runtime;
    struct edo_reactor *reactor = &runtime.executor.reactor;
    struct edo_source source, armed;
    struct edo_waker none = {0};

    runtime_open(&runtime, _i);
    edo_source_init(&source);
    edo_source_init(&armed);
    ck_assert_int_eq(edo_reactor_arm_for(reactor, &armed, EDO_S(60), none), 0);
    runtime_close(&runtime);
    ck_assert_int_eq(armed.state, EDO_SOURCE_IDLE);
    wrap_begin_counting();
    ck_assert_int_eq(edo_reactor_arm_for(reactor, &source, EDO_MS(1), none), -EBADF);
    ck_assert_int_eq(edo_reactor_arm_until(reactor, &source, EDO_NEVER, none), -EBADF);
    ck_assert_int_eq(edo_reactor_watch(reactor, &source, STDIN_FILENO, EPOLLIN, none), -EBADF);
    ck_assert_int_eq(edo_reactor_wait(reactor, &source, -1, none), -EBADF);
    ck_assert_int_eq(edo_reactor_add_io(reactor, &source, STDIN_FILENO, EPOLLIN, none), -EBADF);
    ck_assert_int_eq(source.state, EDO_SOURCE_IDLE);
    ck_assert_uint_eq(reactor->pending, 0);
    edo_source_rearm_until(&armed, 1);
    ck_assert_int_eq(armed.state, EDO_SOURCE_IDLE);
    ck_assert_int_eq(edo_reactor_react(reactor, EDO_WAIT), -EDEADLK);
    for (unsigned call = 0; call < CALLS; call++)
        ck_assert_uint_eq(wrap_count(call), 0);
    wrap_end();
}
END_TEST

/* IO11: a program that was started without stdin has its epoll fd as fd 0. */
START_TEST(the_epoll_fd_may_be_0)
{
    struct runtime runtime;
    struct edo_reactor *reactor = &runtime.executor.reactor;
    struct counter counter = {0};
    struct edo_source source;
    int saved = dup(STDIN_FILENO);

    close(STDIN_FILENO);
    runtime_open(&runtime, _i);
    ck_assert_int_eq(edo_reactor_fd(reactor), 0);
    edo_source_init(&source);
    ck_assert_int_eq(edo_reactor_arm_for(reactor, &source, EDO_S(60), counting(&counter)), 0);
    edo_source_rearm_until(&source, reactor->now_ns);
    ck_assert_int_eq(source.state, EDO_SOURCE_DUE);
    ck_assert_int_eq(edo_reactor_react(reactor, EDO_NO_WAIT), 1);
    ck_assert_uint_eq(counter.wakes, 1);
    runtime_close(&runtime);
    ck_assert_int_eq(fcntl(STDIN_FILENO, F_GETFD), -1);
    dup2(saved, STDIN_FILENO);
}
END_TEST

/* D4: sources that come due in the worst order, a hundred thousand of them: the first and the last
 * in turn. They are woken in order all the same. */
struct ordered {
    struct edo_source source;
    uint64_t *last_ns;
};

static void check_order(void *data, struct edo_cause cause)
{
    struct ordered *ordered = data;

    ck_assert_uint_ge(cause.due_ns, *ordered->last_ns);
    *ordered->last_ns = cause.due_ns;
}

START_TEST(however_they_come_due_n_sources_cost_n_log_n)
{
    enum { MANY = 100000 };
    struct runtime runtime;
    struct edo_reactor *reactor = &runtime.executor.reactor;
    struct ordered *sources = calloc(MANY, sizeof *sources);
    size_t many = getenv("EDO_SMALL") ? 1000 : MANY;
    uint64_t last_ns = 0;

    runtime_open(&runtime, WHEEL_VIRTUAL);
    for (size_t i = 0; i < many; i++) {
        edo_source_init(&sources[i].source);
        sources[i].last_ns = &last_ns;
        edo_reactor_arm_until(reactor, &sources[i].source, 1000 + i,
                              (struct edo_waker){check_order, &sources[i]});
    }
    for (size_t i = 0; i < many; i++) {
        size_t which = i * 7919 % many; /* a prime: each once */

        edo_timer_wheel.disarm(&sources[which].source);
        edo_reactor_make_due(&sources[which].source, 0);
    }
    ck_assert_int_eq(edo_reactor_react(reactor, EDO_NO_WAIT), (int)many);
    ck_assert_uint_eq(last_ns, 1000 + many - 1);
    runtime_close(&runtime);
    free(sources);
}
END_TEST

/* E7 */
START_TEST(every_fd_is_close_on_exec_and_what_is_read_does_not_block)
{
    struct edo_reactor reactor;
    struct edo_source source;

    edo_reactor_open(&reactor, NULL);
    edo_source_init(&source);
    edo_reactor_arm_for(&reactor, &source, EDO_S(60), (struct edo_waker){0});
    ck_assert(fcntl(reactor.epoll_fd, F_GETFD) & FD_CLOEXEC);
    ck_assert(fcntl(source.fd, F_GETFD) & FD_CLOEXEC);
    ck_assert(fcntl(source.fd, F_GETFL) & O_NONBLOCK);
    edo_reactor_close(&reactor);
}
END_TEST

/* E8 */
START_TEST(close_disarms_whatever_is_pending_and_leaves_no_fd)
{
    struct edo_reactor reactor;
    struct edo_source sources[4];
    struct counter counter = {0};
    int fds_before = count_fds();
    int fd;

    edo_reactor_open(&reactor, NULL);
    fd = watch_ready(&reactor, &sources[0], counting(&counter));
    for (int i = 1; i < 4; i++)
        edo_source_init(&sources[i]);
    edo_reactor_arm_for(&reactor, &sources[1], EDO_S(60), counting(&counter));
    edo_reactor_arm_for(&reactor, &sources[2], 0, counting(&counter));
    edo_reactor_arm_until(&reactor, &sources[3], EDO_NEVER, counting(&counter));
    ck_assert_int_eq(edo_reactor_close(&reactor), 0);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(sources[i].state, EDO_SOURCE_IDLE);
    ck_assert_uint_eq(counter.wakes, 0);
    close(fd);
    ck_assert_int_eq(count_fds(), fds_before);
}
END_TEST

static void count_visit(const struct edo_source *source, void *data)
{
    (void)source;
    ++*(unsigned *)data;
}

/* A timer, one for EDO_NEVER, an fd and a wait; of what is due or registered, nothing. */
START_TEST(the_view_of_what_is_armed_sees_each_once)
{
    struct runtime runtime;
    struct edo_reactor *reactor = &runtime.executor.reactor;
    struct edo_source sources[6];
    struct edo_waker none = {0};
    unsigned visits = 0;
    int fd = eventfd(0, EFD_CLOEXEC), registered = eventfd(0, EFD_CLOEXEC);

    runtime_open(&runtime, _i);
    for (int i = 0; i < 6; i++)
        edo_source_init(&sources[i]);
    edo_reactor_arm_for(reactor, &sources[0], EDO_S(60), none);
    edo_reactor_arm_until(reactor, &sources[1], EDO_NEVER, none);
    edo_reactor_watch(reactor, &sources[2], fd, EPOLLIN, none);
    edo_reactor_wait(reactor, &sources[3], registered, none);
    edo_reactor_arm_for(reactor, &sources[4], 0, none);
    edo_reactor_add_io(reactor, &sources[5], registered, EPOLLIN, none);
    edo_reactor_each_armed(reactor, count_visit, &visits);
    ck_assert_uint_eq(visits, 4);
    edo_reactor_remove_io(&sources[5]);
    runtime_close(&runtime);
    close(fd);
    close(registered);
}
END_TEST

START_TEST(two_ids_of_one_bucket_are_told_apart)
{
    struct edo_reactor reactor;
    struct edo_source silent, ready;
    struct counter counter = {0};
    int ends[2], fd;

    edo_reactor_open(&reactor, NULL);
    ck_assert_int_eq(pipe(ends), 0);
    edo_source_init(&silent);
    edo_reactor_watch(&reactor, &silent, ends[0], EPOLLIN, counting(&counter));
    reactor.last_id = silent.id + EDO_REACTOR_BUCKETS - 1;
    fd = watch_ready(&reactor, &ready, counting(&counter));
    ck_assert_uint_eq(ready.id, silent.id + EDO_REACTOR_BUCKETS);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
    ck_assert_int_eq(ready.state, EDO_SOURCE_FIRED);
    ck_assert_int_eq(silent.state, EDO_SOURCE_ARMED);
    edo_reactor_close(&reactor);
    close(fd);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

/* Its first bucket, the second and the last: the view of what is armed sees it, and close does. */
START_TEST(no_bucket_of_the_table_is_left_out)
{
    static const uint32_t ids[] = {EDO_REACTOR_BUCKETS, 1, EDO_REACTOR_BUCKETS - 1};
    struct edo_reactor reactor;
    struct edo_source source;
    struct counter counter = {0};
    unsigned visits = 0;
    int fd;

    edo_reactor_open(&reactor, NULL);
    ck_assert_uint_eq(reactor.watched_as[0], 0); /* what comes next in the struct */
    reactor.last_id = ids[_i] - 1;
    fd = watch_ready(&reactor, &source, counting(&counter));
    ck_assert_uint_eq(source.id, ids[_i]);
    ck_assert_uint_eq(source.due_ns, 0); /* nor has an fd a deadline in the trace */
    edo_reactor_each_armed(&reactor, count_visit, &visits);
    ck_assert_uint_eq(visits, 1);
    ck_assert_int_eq(edo_reactor_close(&reactor), 0);
    ck_assert_int_eq(source.state, EDO_SOURCE_IDLE);
    ck_assert_uint_eq(reactor.pending, 0);
    close(fd);
}
END_TEST

/* It looks for what is ready before time jumps: that is enough if something is, or if it failed. */
START_TEST(on_a_virtual_clock_there_is_no_second_look_for_nothing)
{
    struct edo_reactor reactor;
    struct edo_reactor_options options = {.is_virtual = true};
    struct edo_source source;
    struct counter counter = {0};
    int fd;

    edo_reactor_open(&reactor, &options);
    fd = watch_ready(&reactor, &source, counting(&counter));
    wrap_begin(CALL_EPOLL_WAIT, 1, 1, ENOMEM);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), -ENOMEM);
    ck_assert_uint_eq(wrap_count(CALL_EPOLL_WAIT), 1);
    wrap_begin_counting();
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
    ck_assert_uint_eq(wrap_count(CALL_EPOLL_WAIT), 1);
    wrap_end();
    close(fd);
    edo_reactor_close(&reactor);
}
END_TEST

START_TEST(on_a_virtual_clock_without_timers_it_sleeps_until_an_fd_is_ready)
{
    struct runtime runtime;
    struct edo_source source;
    struct counter counter = {0};
    int ends[2];

    runtime_open(&runtime, _i);
    ck_assert_int_eq(pipe(ends), 0);
    edo_source_init(&source);
    edo_reactor_watch(&runtime.executor.reactor, &source, ends[0], EPOLLIN, counting(&counter));
    wrap_begin(CALL_EPOLL_WAIT, 2, 1, ENOMEM); /* the first is a look, the second would not end */
    ck_assert_int_eq(edo_reactor_react(&runtime.executor.reactor, EDO_WAIT), -ENOMEM);
    wrap_end();
    edo_source_disarm(&source);
    close(ends[0]);
    close(ends[1]);
    runtime_close(&runtime);
}
END_TEST

/* The fd driver looks through the table for the timers that a virtual clock comes to. */
START_TEST(a_timer_in_any_bucket_of_the_table_comes_due)
{
    static const uint32_t ids[] = {EDO_REACTOR_BUCKETS, 1, EDO_REACTOR_BUCKETS - 1};
    struct edo_reactor reactor;
    struct edo_reactor_options options = {.is_virtual = true};
    struct edo_source source;
    struct counter counter = {0};

    edo_reactor_open(&reactor, &options);
    edo_source_init(&source);
    reactor.last_id = ids[_i] - 1;
    edo_reactor_arm_for(&reactor, &source, EDO_MS(1), counting(&counter));
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
    ck_assert_uint_eq(counter.wakes, 1);
    edo_reactor_close(&reactor);
}
END_TEST

/* A letter for each that was woken. */
struct order {
    char text[8];
    size_t count;
};

struct lettered {
    struct edo_source source;
    struct order *order;
    char letter;
};

static void note_letter(void *data, struct edo_cause cause)
{
    struct lettered *lettered = data;

    (void)cause;
    lettered->order->text[lettered->order->count++] = lettered->letter;
}

static struct edo_waker lettering(struct lettered *lettered, struct order *order, char letter)
{
    edo_source_init(&lettered->source);
    lettered->order = order;
    lettered->letter = letter;
    return (struct edo_waker){note_letter, lettered};
}

/* Until its deadline is over; a timerfd may be a little later than that. */
static void let_expire(const struct runtime *runtime, const struct edo_source *timer, int variant)
{
    struct pollfd timerfd = {.fd = timer->fd, .events = POLLIN};

    while (runtime_now(runtime) < timer->due_ns)
        ;
    if (variant == FD_REAL)
        ck_assert_int_eq(poll(&timerfd, 1, -1), 1);
}

/* It comes due when it is seen to be ready, or lost: behind what was due before the look. */
START_TEST(an_fd_is_woken_behind_the_timers_that_were_due_before_it)
{
    struct runtime runtime;
    struct edo_reactor *reactor = &runtime.executor.reactor;
    struct order order = {0};
    struct lettered fd, lost, timer;
    struct edo_source owner;
    int ready, ends[2], next;

    runtime_open(&runtime, _i);
    ready = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
    ck_assert_int_eq(pipe(ends), 0);
    edo_reactor_watch(reactor, &fd.source, ready, EPOLLIN, lettering(&fd, &order, 'f'));
    edo_reactor_watch(reactor, &lost.source, ends[0], EPOLLIN, lettering(&lost, &order, 'l'));
    edo_reactor_arm_for(reactor, &timer.source, EDO_MS(1), lettering(&timer, &order, 't'));
    let_expire(&runtime, &timer.source, _i);
    close(ends[0]);
    next = eventfd(0, EFD_CLOEXEC); /* the lowest number that is free */
    ck_assert_int_eq(next, ends[0]);
    edo_source_init(&owner);
    edo_reactor_watch(reactor, &owner, next, EPOLLIN, (struct edo_waker){0});
    ck_assert_int_eq(edo_reactor_react(reactor, EDO_NO_WAIT), 3);
    ck_assert_str_eq(order.text, "tlf");
    close(ready);
    close(next);
    close(ends[1]);
    runtime_close(&runtime);
}
END_TEST

struct ending {
    struct edo_source registered;
    struct lettered wait;
};

static void end_the_wait(void *data, struct edo_cause cause)
{
    (void)cause;
    edo_reactor_end_wait(&((struct ending *)data)->wait.source, 0);
}

/* Who waits for a registered fd comes due at the look, too. */
START_TEST(who_waits_for_an_fd_is_woken_behind_the_timers_that_were_due_before_the_look)
{
    struct runtime runtime;
    struct edo_reactor *reactor = &runtime.executor.reactor;
    struct order order = {0};
    struct ending ending;
    struct lettered timer;
    int fd = eventfd(1, EFD_CLOEXEC);

    runtime_open(&runtime, _i);
    edo_source_init(&ending.registered);
    edo_reactor_add_io(reactor, &ending.registered, fd, EPOLLIN,
                       (struct edo_waker){end_the_wait, &ending});
    edo_reactor_wait(reactor, &ending.wait.source, fd, lettering(&ending.wait, &order, 'w'));
    edo_reactor_arm_for(reactor, &timer.source, EDO_MS(1), lettering(&timer, &order, 't'));
    let_expire(&runtime, &timer.source, _i);
    ck_assert_int_eq(edo_reactor_react(reactor, EDO_NO_WAIT), 2);
    ck_assert_str_eq(order.text, "tw");
    edo_reactor_remove_io(&ending.registered);
    runtime_close(&runtime);
    close(fd);
}
END_TEST

struct reentrant {
    struct edo_reactor *reactor;
    int turn, prepare, close;
};

static void try_to_reenter(void *data, struct edo_cause cause)
{
    struct reentrant *reentrant = data;

    (void)cause;
    reentrant->turn = edo_reactor_react(reentrant->reactor, EDO_NO_WAIT);
    reentrant->prepare = edo_reactor_prepare(reentrant->reactor);
    reentrant->close = edo_reactor_close(reentrant->reactor);
}

START_TEST(turning_and_closing_from_inside_a_waker_are_refused)
{
    struct edo_reactor reactor;
    struct edo_source source;
    struct reentrant reentrant = {.reactor = &reactor};

    edo_reactor_open(&reactor, NULL);
    edo_source_init(&source);
    edo_reactor_arm_for(&reactor, &source, 0, (struct edo_waker){try_to_reenter, &reentrant});
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
    ck_assert_int_eq(reentrant.turn, -EBUSY);
    ck_assert_int_eq(reentrant.prepare, -EBUSY);
    ck_assert_int_eq(reentrant.close, -EBUSY);
    ck_assert_int_eq(edo_reactor_close(&reactor), 0);
}
END_TEST

struct rearming {
    struct edo_reactor *reactor;
    struct edo_source *source;
    unsigned wakes;
};

static void rearm(void *data, struct edo_cause cause)
{
    struct rearming *rearming = data;

    (void)cause;
    rearming->wakes++;
    edo_reactor_arm_for(rearming->reactor, rearming->source, 0, (struct edo_waker){rearm, data});
}

/* T2 */
START_TEST(what_is_armed_for_now_by_a_waker_waits_for_the_next_turn)
{
    struct edo_reactor reactor;
    struct edo_source source;
    struct rearming rearming = {&reactor, &source, 0};

    edo_reactor_open(&reactor, NULL);
    edo_source_init(&source);
    rearm(&rearming, (struct edo_cause){0});
    for (unsigned turn = 1; turn <= 3; turn++) {
        ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
        ck_assert_uint_eq(rearming.wakes, turn + 1);
    }
    edo_reactor_close(&reactor);
}
END_TEST

/* C6 */
START_TEST(waiting_for_nothing_is_an_error)
{
    struct edo_reactor reactor;

    edo_reactor_open(&reactor, NULL);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), -EDEADLK);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_NO_WAIT), 0);
    edo_reactor_close(&reactor);
}
END_TEST

START_TEST(after_four_billion_armings_ids_start_again_and_skip_those_in_use)
{
    struct edo_reactor reactor;
    struct edo_source old, sources[3];
    struct counter counter = {0};
    int fd, fds[3];

    edo_reactor_open(&reactor, NULL);
    fd = watch_ready(&reactor, &old, counting(&counter));
    ck_assert_uint_eq(old.id, 1);
    reactor.last_id = UINT32_MAX - 1;
    for (int i = 0; i < 3; i++)
        fds[i] = watch_ready(&reactor, &sources[i], counting(&counter));
    ck_assert_uint_eq(sources[0].id, UINT32_MAX);
    ck_assert_uint_eq(sources[1].id, 2); /* 0 is a driver's own, 1 is still in use */
    ck_assert_uint_eq(sources[2].id, 3);
    ck_assert(edo_source_is_before(&sources[0], &sources[1]));
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 4);
    close(fd);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    reactor.last_id = UINT32_MAX;
    fd = watch_ready(&reactor, &old, counting(&counter));
    ck_assert_uint_eq(old.id, 1); /* by now it is free */
    close(fd);
    edo_reactor_close(&reactor);
}
END_TEST

/* The two share the epoll set. */
START_TEST(what_a_forked_child_closes_stays_watched_for_its_parent)
{
    struct edo_reactor reactor;
    struct edo_source source;
    struct counter counter = {0};
    int ends[2], status;
    pid_t child;

    edo_reactor_open(&reactor, NULL);
    ck_assert_int_eq(pipe(ends), 0);
    edo_source_init(&source);
    edo_reactor_watch(&reactor, &source, ends[0], EPOLLIN, counting(&counter));
    child = fork();
    if (child == 0)
        _exit(edo_reactor_close(&reactor) != 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    ck_assert_int_eq(write(ends[1], "x", 1), 1);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_NO_WAIT), 1);
    close(ends[0]);
    close(ends[1]);
    edo_reactor_close(&reactor);
}
END_TEST

/* What another loop asks before it sleeps. */
START_TEST(preparing_says_whether_there_is_something_to_wait_for)
{
    struct runtime runtime;
    struct edo_reactor *reactor = &runtime.executor.reactor;
    struct edo_source source;

    runtime_open(&runtime, _i);
    edo_source_init(&source);
    ck_assert_int_eq(edo_reactor_prepare(reactor), -EDEADLK);
    edo_reactor_arm_for(reactor, &source, EDO_S(60), (struct edo_waker){0});
    ck_assert_int_eq(edo_reactor_prepare(reactor), 0);
    ck_assert_int_eq(edo_reactor_react(reactor, EDO_NO_WAIT),
                     0); /* something else ended its wait */
    edo_source_rearm_until(&source, 0);
    ck_assert_int_eq(edo_reactor_prepare(reactor), 1);
    ck_assert_int_eq(edo_reactor_react(reactor, EDO_NO_WAIT), 1);
    runtime_close(&runtime);
}
END_TEST

/* A loop may ask again before it sleeps. */
START_TEST(preparing_again_begins_a_sleep_anew)
{
    static const enum edo_trace_kind expected[] = {EDO_TRACE_ENTER, EDO_TRACE_LEAVE,
                                                   EDO_TRACE_ENTER, EDO_TRACE_LEAVE};
    struct edo_trace_event events[16];
    struct edo_trace trace;
    struct runtime runtime;
    struct edo_reactor *reactor = &runtime.executor.reactor;
    struct edo_source source;
    size_t seen = 0;

    edo_trace_init(&trace, events, 16);
    runtime_open_traced(&runtime, _i, &trace);
    edo_source_init(&source);
    edo_reactor_arm_for(reactor, &source, EDO_S(60), (struct edo_waker){0});
    ck_assert_int_eq(edo_reactor_prepare(reactor), 0);
    ck_assert_int_eq(edo_reactor_prepare(reactor), 0);
    ck_assert_int_eq(edo_reactor_react(reactor, EDO_NO_WAIT), 0);
    for (size_t i = 0; i < edo_trace_count(&trace); i++)
        if (events[i].kind == EDO_TRACE_ENTER || events[i].kind == EDO_TRACE_LEAVE)
            ck_assert_int_eq(events[i].kind, expected[seen++]);
    ck_assert_uint_eq(seen, 4);
    runtime_close(&runtime);
}
END_TEST

/* With a timerfd for each the kernel has to say so. */
START_TEST(preparing_sees_a_timer_that_has_passed_since_the_last_look)
{
    struct edo_trace_event events[8];
    struct edo_trace trace;
    struct runtime runtime;
    struct edo_reactor *reactor = &runtime.executor.reactor;
    struct edo_source source, later;

    edo_trace_init(&trace, events, 8);
    runtime_open_traced(&runtime, WHEEL_REAL, &trace);
    edo_source_init(&source);
    edo_source_init(&later);
    edo_reactor_arm_for(reactor, &source, EDO_US(1), (struct edo_waker){0});
    edo_reactor_arm_for(reactor, &later, EDO_S(60), (struct edo_waker){0});
    while (runtime_now(&runtime) < source.due_ns)
        ;
    wrap_begin_counting();
    ck_assert_int_eq(edo_reactor_prepare(reactor), 1);
    ck_assert_uint_eq(wrap_count(CALL_TIMERFD_SETTIME), 0); /* nobody waits for the other one */
    wrap_end();
    for (size_t i = 0; i < edo_trace_count(&trace); i++)
        ck_assert_int_ne(events[i].kind, EDO_TRACE_ENTER); /* nor falls asleep */
    ck_assert_int_eq(source.state, EDO_SOURCE_DUE);
    runtime_close(&runtime);
}
END_TEST

/* E1, without a handler: being stopped and continued interrupts epoll_wait all the same. */
START_TEST(an_interrupted_wait_goes_on)
{
    struct edo_reactor reactor;
    struct edo_source source;
    struct counter counter = {0};
    uint64_t began_ns;

    edo_reactor_open(&reactor, NULL);
    edo_source_init(&source);
    began_ns = edo_clock_now(&reactor.clock);
    edo_reactor_arm_for(&reactor, &source, EDO_MS(5), counting(&counter));
    wrap_begin(CALL_EPOLL_WAIT, 1, 10, EINTR);
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
    wrap_end();
    ck_assert_uint_eq(wrap_failed(), 10);
    ck_assert_uint_ge(edo_clock_now(&reactor.clock) - began_ns, EDO_MS(5));
    edo_reactor_close(&reactor);
}
END_TEST

static volatile sig_atomic_t alarms;

static void on_alarm(int signal)
{
    (void)signal;
    alarms++;
}

/* E1, with one: if each signal restarted the wait, 20 ms would never pass 1 ms at a time. */
START_TEST(signals_neither_shorten_nor_restart_the_wait)
{
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval every_ms = {.it_interval.tv_usec = 1000, .it_value.tv_usec = 1000};
    struct itimerval off = {0};
    struct edo_reactor reactor;
    struct edo_source source;
    uint64_t began_ns;

    edo_reactor_open(&reactor, NULL);
    edo_source_init(&source);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every_ms, NULL);
    began_ns = edo_clock_now(&reactor.clock);
    edo_reactor_arm_for(&reactor, &source, EDO_MS(20), (struct edo_waker){0});
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
    setitimer(ITIMER_REAL, &off, NULL);
    ck_assert_uint_ge(edo_clock_now(&reactor.clock) - began_ns, EDO_MS(20));
    ck_assert_int_gt(alarms, 0);
    edo_reactor_close(&reactor);
}
END_TEST

/* K9: an idle reactor makes one system call, the one it sleeps in. */
START_TEST(an_idle_reactor_wakes_up_zero_times)
{
    struct edo_reactor reactor;
    struct edo_source source;

    edo_reactor_open(&reactor, NULL);
    edo_source_init(&source);
    edo_reactor_arm_for(&reactor, &source, EDO_MS(30), (struct edo_waker){0});
    wrap_begin_counting();
    ck_assert_int_eq(edo_reactor_react(&reactor, EDO_WAIT), 1);
    wrap_end();
    ck_assert_uint_eq(wrap_count(CALL_EPOLL_WAIT), 1);
    ck_assert_uint_eq(wrap_count(CALL_READ), 1);
    ck_assert_uint_gt(reactor.asleep_ns, 0);
    edo_reactor_close(&reactor);
}
END_TEST

/* E6: here it is the driver that can't open, after the reactor has its epoll. */
START_TEST(opening_that_fails_part_way_closes_what_it_opened)
{
    static const enum wrapped calls[] = {CALL_EPOLL_CREATE, CALL_TIMERFD_CREATE, CALL_EPOLL_ADD};
    struct edo_timer_wheel state;
    struct edo_reactor_options options = {.timers = &edo_timer_wheel, .timer_state = &state};
    struct edo_reactor reactor;
    int fds_before = count_fds();

    for (int i = 0; i < 3; i++) {
        wrap_begin(calls[i], 1, 1, ENOMEM);
        ck_assert_int_eq(edo_reactor_open(&reactor, &options), -ENOMEM);
        wrap_end();
        ck_assert_int_eq(edo_reactor_fd(&reactor), -1);
        ck_assert_int_eq(edo_reactor_close(&reactor), 0); /* which does nothing */
        ck_assert_int_eq(count_fds(), fds_before);
    }
}
END_TEST

static void note_visit(const struct edo_source *source, void *data)
{
    ck_assert_int_eq(source->state, EDO_SOURCE_ARMED);
    *(uint32_t *)data |= UINT32_C(1) << source->id;
}

/* What is due is not armed any more; an fd of io/ is registered, and never armed itself. */
START_TEST(a_view_is_shown_each_source_that_is_armed)
{
    struct runtime runtime;
    struct edo_reactor *reactor = &runtime.executor.reactor;
    struct edo_source timer, never, due, watch;
    struct edo_remote remote;
    struct edo_waker none = {0};
    uint32_t ids = 0;
    int fd;

    runtime_open(&runtime, _i);
    edo_source_init(&timer);
    edo_source_init(&never);
    edo_source_init(&due);
    ck_assert_int_eq(edo_remote_open(&remote, reactor), 0);
    edo_reactor_arm_for(reactor, &timer, EDO_S(60), none);
    edo_reactor_arm_until(reactor, &never, EDO_NEVER, none);
    edo_reactor_arm_for(reactor, &due, 0, none);
    fd = watch_ready(reactor, &watch, none);
    edo_reactor_each_armed(reactor, note_visit, &ids);
    ck_assert_uint_eq(ids,
                      UINT32_C(1) << timer.id | UINT32_C(1) << never.id | UINT32_C(1) << watch.id);
    edo_source_disarm(&watch);
    close(fd);
    edo_remote_close(&remote);
    runtime_close(&runtime);
}
END_TEST

START_TEST(two_reactors_know_nothing_of_each_other)
{
    struct edo_reactor one, two;
    struct edo_source source;
    struct counter counter = {0};

    edo_reactor_open(&one, NULL);
    edo_reactor_open(&two, NULL);
    edo_source_init(&source);
    edo_reactor_arm_for(&one, &source, 0, counting(&counter));
    ck_assert_int_eq(edo_reactor_react(&two, EDO_WAIT), -EDEADLK);
    ck_assert_int_eq(edo_reactor_react(&one, EDO_WAIT), 1);
    ck_assert_int_eq(edo_reactor_close(&two), 0);
    ck_assert_int_eq(edo_reactor_close(&one), 0);
}
END_TEST

Suite *reactor_suite(void)
{
    Suite *suite = suite_create("reactor");
    TCase *watch = tcase_create("watch");
    TCase *turn = tcase_create("turn");
    TCase *open_close = tcase_create("open and close");

    tcase_add_test(watch, an_fd_that_is_ready_wakes_once);
    tcase_add_test(watch, an_fd_can_be_watched_again_after_it_fired);
    tcase_add_test(watch, a_hang_up_is_reported_too);
    tcase_add_test(watch, what_cannot_be_watched_is_refused);
    tcase_add_test(watch, the_same_fd_twice_is_refused_and_the_first_goes_on);
    tcase_add_test(watch, a_pending_source_cannot_be_armed_again);
    tcase_add_test(watch, a_source_that_can_not_be_armed_again_has_not_fired);
    tcase_add_test(watch, after_four_billion_armings_ids_start_again_and_skip_those_in_use);
    tcase_add_test(watch, two_ids_of_one_bucket_are_told_apart);
    suite_add_tcase(suite, watch);

    tcase_add_test(turn, a_source_disarmed_while_its_event_is_in_the_batch_is_never_woken);
    tcase_add_test(turn, more_ready_fds_than_a_batch_holds_are_all_served_in_one_turn);
    tcase_add_test(turn, what_is_armed_for_now_by_a_waker_waits_for_the_next_turn);
    tcase_add_test(turn, on_a_virtual_clock_there_is_no_second_look_for_nothing);
    tcase_add_loop_test(turn, on_a_virtual_clock_without_timers_it_sleeps_until_an_fd_is_ready, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(turn, a_timer_in_any_bucket_of_the_table_comes_due, 0, 3);
    tcase_add_loop_test(turn, an_fd_is_woken_behind_the_timers_that_were_due_before_it, FD_REAL,
                        VARIANTS);
    tcase_add_loop_test(
        turn, who_waits_for_an_fd_is_woken_behind_the_timers_that_were_due_before_the_look, FD_REAL,
        VARIANTS);
    tcase_add_test(turn, waiting_for_nothing_is_an_error);
    tcase_add_loop_test(turn, preparing_says_whether_there_is_something_to_wait_for, FD_REAL,
                        VARIANTS);
    tcase_add_loop_test(turn, preparing_again_begins_a_sleep_anew, FD_REAL, VARIANTS);
    tcase_add_test(turn, preparing_sees_a_timer_that_has_passed_since_the_last_look);
    tcase_add_test(turn, an_interrupted_wait_goes_on);
    tcase_add_test(turn, signals_neither_shorten_nor_restart_the_wait);
    tcase_add_test(turn, an_idle_reactor_wakes_up_zero_times);
    suite_add_tcase(suite, turn);

    tcase_add_test(open_close, a_timerfd_is_out_of_the_epoll_set_although_a_duplicate_lives);
    tcase_add_test(open_close, what_a_forked_child_closes_stays_watched_for_its_parent);
    tcase_add_test(open_close, an_fd_closed_while_it_is_watched_is_noted_and_stops_nobody);
    tcase_add_test(open_close,
                   an_fd_closed_too_early_does_not_take_the_next_owner_of_its_number_along);
    tcase_add_test(open_close, a_timerfd_that_gets_the_number_of_a_watched_fd_still_fires);
    tcase_add_test(open_close, an_fd_of_another_number_is_not_taken_for_one_that_was_closed);
    tcase_add_test(open_close, a_timer_is_not_taken_for_a_watched_fd_that_was_closed);
    tcase_add_test(open_close, a_watched_fd_that_was_closed_is_reported_as_such);
    tcase_add_loop_test(open_close, after_close_nothing_can_be_armed, 0, VARIANTS);
    tcase_add_test(open_close, however_they_come_due_n_sources_cost_n_log_n);
    tcase_add_test(open_close, every_fd_is_close_on_exec_and_what_is_read_does_not_block);
    tcase_add_loop_test(open_close, no_bucket_of_the_table_is_left_out, 0, 3);
    tcase_add_loop_test(open_close, the_view_of_what_is_armed_sees_each_once, 0, VARIANTS);
    tcase_add_test(open_close, close_disarms_whatever_is_pending_and_leaves_no_fd);
    tcase_add_test(open_close, turning_and_closing_from_inside_a_waker_are_refused);
    tcase_add_test(open_close, opening_that_fails_part_way_closes_what_it_opened);
    tcase_add_loop_test(open_close, a_view_is_shown_each_source_that_is_armed, 0, VARIANTS);
    tcase_add_test(open_close, two_reactors_know_nothing_of_each_other);
    tcase_add_loop_test(open_close, the_epoll_fd_may_be_0, 0, VARIANTS);
    suite_add_tcase(suite, open_close);
    return suite;
}
