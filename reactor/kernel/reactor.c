/* SPDX-License-Identifier: MIT */
#include "reactor.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../base/container_of.h"
#include "remote.h"
#include "timer_driver.h"

enum {
    BATCH = 128, /* events taken by one epoll_wait; when more are ready, the next follows at once */
    DUE_STEPS = 16 /* so far the due list is searched for a source's place; then it is sorted */
};

/* How often a thread that watches the clock looks at its fds. */
#define SPIN_PER_LOOK EDO_US(10)

/* So long before the deadline is it rehearsed, or at once; but not where that could not be over. */
#define REHEARSAL_BEFORE EDO_US(20)
#define REHEARSAL_TAKES EDO_US(8)

/* After a shorter sleep nothing is lost from the caches. */
#define SLEEP_COOLS EDO_US(20)

enum { WAIT_NOT = 0, WAIT_FOREVER = -1 }; /* epoll_wait's timeouts */

static_assert(sizeof(struct edo_source) <= 64, "a source is one cache line");

static void insert_due(struct edo_reactor *reactor, struct edo_source *source);
static void sort_due(struct edo_reactor *reactor);
static int begin_sleep(struct edo_reactor *reactor);
static void spin(struct edo_reactor *reactor, uint64_t slept_ns);
static int arm_passed(struct edo_source *source, uint64_t now_ns);
static int arm_never(struct edo_source *source);
static void disarm_other(struct edo_source *source);
static enum edo_cause_kind cause_of(const struct edo_source *source);
static void collect_fd(struct edo_source *source, uint32_t events);
static void expel_lost(struct edo_reactor *reactor, int fd);

static struct edo_source *source_of(const struct edo_list *link)
{
    return edo_container_of(link, struct edo_source, link);
}

static EDO_NOINLINE void record_traced(const struct edo_source *source, enum edo_trace_kind kind,
                                       uint64_t now_ns)
{
    bool has_timerfd = source->kind == EDO_SOURCE_TIMER && source->fd >= 0;

    if (has_timerfd && source->state == EDO_SOURCE_ARMED)
        source->reactor->timers->note(source, kind, now_ns);
    edo_record(source->reactor->trace, kind, source->id, source->due_ns)->fd = source->fd;
}

/* `now_ns`: the time at which a timer was armed. */
static inline void record_source(const struct edo_source *source, enum edo_trace_kind kind,
                                 uint64_t now_ns)
{
    if (source->reactor->trace != NULL)
        record_traced(source, kind, now_ns);
}

/* --- The table of what is in the epoll set ---------------------------------------------------- */

static struct edo_list *bucket_of(struct edo_reactor *reactor, uint32_t id)
{
    return &reactor->registered[id % EDO_REACTOR_BUCKETS];
}

static struct edo_source *find_registered(struct edo_reactor *reactor, uint32_t id)
{
    struct edo_list *bucket = bucket_of(reactor, id);

    for (struct edo_list *link = bucket->next; link != bucket; link = link->next)
        if (source_of(link)->id == id)
            return source_of(link);
    return NULL;
}

/* Counting up, so that an event can't be taken for a later source's. Never 0. */
static uint32_t next_id(struct edo_reactor *reactor)
{
    if (++reactor->last_id == 0)
        reactor->last_id = 1;
    return reactor->last_id;
}

int edo_reactor_add(struct edo_reactor *reactor, int fd, uint32_t events, uint32_t id)
{
    /* An id, not a pointer: strace shows it, and an event that outlived its source finds none. */
    struct epoll_event event = {.events = events, .data.u64 = id};

    return epoll_ctl(reactor->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

int edo_reactor_remove(struct edo_reactor *reactor, int fd)
{
    return epoll_ctl(reactor->epoll_fd, EPOLL_CTL_DEL, fd, NULL) < 0 ? -errno : 0;
}

int edo_reactor_register(struct edo_source *source, uint32_t events)
{
    struct edo_reactor *reactor = source->reactor;
    int error;

    /* After four billion armings the numbers have started again. */
    while (find_registered(reactor, source->id) != NULL)
        source->id = next_id(reactor);
    error = edo_reactor_add(reactor, source->fd, events, source->id);
    if (error)
        return error;
    expel_lost(reactor, source->fd);
    edo_list_append(bucket_of(reactor, source->id), &source->link);
    return 0;
}

int edo_reactor_unregister(struct edo_source *source)
{
    edo_list_remove(&source->link);
    return edo_reactor_remove(source->reactor, source->fd);
}

/* --- Arming and disarming --------------------------------------------------------------------- */

/* 0 if the source may be armed. */
static int admit(struct edo_reactor *reactor, struct edo_source *source, struct edo_waker waker)
{
    if (edo_source_is_pending(source))
        return -EBUSY;
    if (reactor->epoll_fd < 0)
        return -EBADF;
    edo_list_init(&source->link);
    source->waker = waker;
    source->reactor = reactor;
    return 0;
}

static void begin(struct edo_source *source, enum edo_source_kind kind, int fd, uint64_t due_ns)
{
    source->id = next_id(source->reactor);
    source->fd = fd;
    source->due_ns = due_ns;
    source->state = EDO_SOURCE_IDLE;
    source->kind = (uint8_t)kind;
}

static void set_armed(struct edo_source *source, uint64_t now_ns)
{
    source->state = EDO_SOURCE_ARMED;
    source->reactor->pending++;
    record_source(source, EDO_TRACE_ARM, now_ns);
}

/* Soon its waker is called. With a million sleeping tasks the task is not in the cache: fetching it
 * ahead, here and in wake_task, takes a sixth off their CPU time (nothing is read that isn't there:
 * a prefetch does not fault). */
static inline void prefetch_task(const struct edo_source *source)
{
    const char *task = source->waker.data;

    __builtin_prefetch(task);
    __builtin_prefetch(task + 64);
}

void edo_reactor_make_due(struct edo_source *source, int result)
{
    assert(source->state == EDO_SOURCE_ARMED);
    record_source(source, EDO_TRACE_FIRE, 0);
    prefetch_task(source);
    source->result = result;
    source->state = EDO_SOURCE_DUE;
    insert_due(source->reactor, source);
}

static inline int arm(struct edo_source *source, uint64_t due_ns, uint64_t now_ns)
{
    int error;

    begin(source, EDO_SOURCE_TIMER, -1, due_ns);
    if (due_ns <= now_ns)
        return arm_passed(source, now_ns);
    if (due_ns == EDO_NEVER)
        return arm_never(source);
    error = source->reactor->timers->arm(source, now_ns);
    if (!error)
        set_armed(source, now_ns);
    return error;
}

/* gdb: here an await reaches the kernel. Look at duration_ns, at waker (whom it will wake) and, in
 * the frames above, at the chain of polls that led here. */
int edo_reactor_arm_for(struct edo_reactor *reactor, struct edo_source *source,
                        uint64_t duration_ns, struct edo_waker waker)
{
    uint64_t now_ns = edo_clock_now(&reactor->clock);
    int error = admit(reactor, source, waker);

    if (error)
        return error;
    source->is_relative = true;
    return arm(source, edo_time_add(now_ns, duration_ns), now_ns);
}

void edo_source_disarm(struct edo_source *source)
{
    if (!edo_source_is_pending(source))
        return;
    if (source->state == EDO_SOURCE_ARMED && source->kind == EDO_SOURCE_TIMER)
        source->reactor->timers->disarm(source);
    else
        disarm_other(source);
    record_source(source, EDO_TRACE_DISARM, 0);
    source->state = EDO_SOURCE_IDLE;
    source->reactor->pending--;
}

/* --- React: look, collect, wake --------------------------------------------------------------- */

/* Whether a timerfd that epoll calls readable has expired. EAGAIN, EINTR and a short count are
 * false alarms; if it has expired after all, epoll says so again. Other errors would repeat for
 * ever, and end the timer. */
static bool has_expired(const struct edo_source *source, int *error)
{
    uint64_t expirations;
    ssize_t size = read(source->fd, &expirations, sizeof expirations);

    *error = size < 0 ? -errno : 0;
    edo_reactor_note(source->reactor, "read", source->fd, 0, 0, size < 0 ? *error : (int)size);
    if (size < 0)
        return *error != -EAGAIN && *error != -EINTR;
    return size == sizeof expirations;
}

static void collect(struct edo_source *source, uint32_t events)
{
    int error;

    if (source->kind == EDO_SOURCE_IO) {
        source->result = (int)events;
        edo_wake(source->waker);
    } else if (source->kind == EDO_SOURCE_FD) {
        collect_fd(source, events);
    } else if (has_expired(source, &error)) {
        source->reactor->timers->disarm(source);
        edo_reactor_make_due(source, error);
    }
}

/* How many became due. An id that nobody has is 0, or that of a lost fd. */
static int collect_batch(struct edo_reactor *reactor, const struct epoll_event *events, int count)
{
    int due = 0;

    for (int i = 0; i < count; i++) {
        struct edo_source *source = find_registered(reactor, (uint32_t)events[i].data.u64);

        if (source == NULL)
            continue;
        collect(source, events[i].events);
        due += source->state == EDO_SOURCE_DUE || source->kind == EDO_SOURCE_IO;
    }
    return due;
}

/* Timers that no event tells of. 0; -errno, only if `is_to_sleep`. */
static int expire(struct edo_reactor *reactor, bool is_to_sleep)
{
    if (!reactor->is_by_clock)
        return 0;
    return reactor->timers->expire(reactor, reactor->now_ns, is_to_sleep);
}

/* Whether time may pass: a virtual one doesn't while another thread works for the runtime. */
static bool may_pass(const struct edo_reactor *reactor)
{
    return !reactor->clock.is_virtual || reactor->outside == 0;
}

/* Takes all that the kernel has to report, and ends the sleep; a full batch may have left some
 * behind. An epoll_wait is not ended by a signal: the next deadline is in the kernel's keeping, so
 * waiting again waits for no more than what is left. */
static int take_events(struct edo_reactor *reactor)
{
    struct epoll_event events[BATCH];
    int error, count = 0, due = 0;

    do {
        int timeout = reactor->is_asleep ? WAIT_FOREVER : WAIT_NOT;

        count = epoll_wait(reactor->epoll_fd, events, BATCH, timeout);
        error = count < 0 ? -errno : 0;
        edo_reactor_note(reactor, "epoll_wait", -1, timeout, 0, error ? error : count);
        if (error == -EINTR)
            continue;
        edo_reactor_end_sleep(reactor);
        due = collect_batch(reactor, events, count);
    } while (error == -EINTR || (count == BATCH && due > 0));
    return error;
}

static int sleep_until_due(struct edo_reactor *reactor);

/* The kernel is not asked where it has nothing to report. gdb: here the thread goes to sleep, if
 * `wait` says so. Look at reactor->pending: what may end it. */
static int look_at_kernel(struct edo_reactor *reactor, enum edo_wait wait)
{
    reactor->now_ns = edo_clock_now(&reactor->clock);
    expire(reactor, false);
    if (reactor->remote != NULL)
        edo_remote_take(reactor->remote);
    if (wait == EDO_WAIT && !edo_reactor_has_due(reactor))
        return sleep_until_due(reactor);
    if (reactor->is_by_clock && reactor->watched == 0)
        return 0;
    return take_events(reactor);
}

/* Or until something might be due. */
static int sleep_until_due(struct edo_reactor *reactor)
{
    uint64_t before_ns = reactor->asleep_ns;
    int error = begin_sleep(reactor);

    if (reactor->spin.spin_ns > 0)
        edo_spin_begin(&reactor->spin, reactor->now_ns);
    if (!error && !edo_reactor_has_due(reactor) && may_pass(reactor))
        error = expire(reactor, true);
    if (!error && !edo_reactor_has_due(reactor))
        error = take_events(reactor);
    else
        edo_reactor_end_sleep(reactor);
    expire(reactor, false);
    if (reactor->spin.is_on)
        spin(reactor, reactor->asleep_ns - before_ns);
    return error;
}

/* Wakes what is due as it stands. What becomes due meanwhile waits for the next react.
 * gdb: here the kernel's news becomes wakes. `p *(struct edo_source *)reactor->due.next` is the
 * first source that is due: its id, and in its waker the task. */
static int wake_due(struct edo_reactor *reactor)
{
    struct edo_list due;
    int woken = 0;

    sort_due(reactor);
    for (edo_list_take(&due, &reactor->due); !edo_list_is_empty(&due); woken++) {
        struct edo_source *source = source_of(due.next);
        struct edo_cause cause = {
            .kind = cause_of(source), .id = source->id, .due_ns = source->due_ns};

        edo_list_remove(&source->link);
        source->state = EDO_SOURCE_FIRED;
        reactor->pending--;
        edo_wake_because(source->waker, cause);
    }
    return woken;
}

int edo_reactor_react(struct edo_reactor *reactor, enum edo_wait wait)
{
    int error = 0;
    int woken;

    if (reactor->is_reacting)
        return -EBUSY;
    reactor->is_reacting = true;
    edo_reactor_end_sleep(reactor); /* of another loop */
    if (reactor->clock.is_virtual)  /* it jumps only if no fd is ready */
        error = look_at_kernel(reactor, EDO_NO_WAIT);
    if (!error && (!reactor->clock.is_virtual || !edo_reactor_has_due(reactor)))
        error = look_at_kernel(reactor, wait);
    woken = wake_due(reactor);
    reactor->is_reacting = false;
    return error ? error : woken;
}

/* === From here on: the evening ================================================================ */

void edo_reactor_react_to_time(struct edo_reactor *reactor)
{
    reactor->is_reacting = true;
    reactor->now_ns = edo_clock_now(&reactor->clock);
    expire(reactor, false);
    wake_due(reactor);
    reactor->is_reacting = false;
}

/* --- The due list ----------------------------------------------------------------------------- */

/* Sources mostly come due in order, but in runs: timers that expired before the look come behind
 * what was due at once and is later. So the search begins at the last one inserted, and is usually
 * over at its first step. Where it is not over after a few, the list is sorted in the end. */
static void insert_due(struct edo_reactor *reactor, struct edo_source *source)
{
    const struct edo_list *due = &reactor->due;
    struct edo_list *at = reactor->last_due;
    unsigned steps = DUE_STEPS;

    for (; steps > 0; steps--) {
        if (at != due && edo_source_link_is_before(&source->link, at))
            at = at->prev;
        else if (at->next != due && !edo_source_link_is_before(&source->link, at->next))
            at = at->next;
        else
            break;
    }
    if (steps == 0)
        reactor->is_due_unsorted = true;
    edo_list_append(at->next, &source->link); /* behind `at` */
    reactor->last_due = &source->link;
}

/* Before the wakers run. */
static void sort_due(struct edo_reactor *reactor)
{
    if (reactor->is_due_unsorted)
        edo_list_sort(&reactor->due, edo_source_link_is_before);
    reactor->is_due_unsorted = false;
    reactor->last_due = &reactor->due;
}

static void leave_due(struct edo_source *source)
{
    if (source->reactor->last_due == &source->link)
        source->reactor->last_due = source->link.prev;
    edo_list_remove(&source->link);
}

/* --- Fds, and those that were closed while they were watched ---------------------------------- */

int edo_reactor_watch(struct edo_reactor *reactor, struct edo_source *source, int fd,
                      uint32_t events, struct edo_waker waker)
{
    int error = admit(reactor, source, waker);

    if (error)
        return error;
    begin(source, EDO_SOURCE_FD, fd, 0);
    /* One-shot: should the fd be closed and a duplicate of it stay open, which nobody can take out
     * of the set any more (epoll(7)), then it is reported once and not for ever. */
    error = edo_reactor_register(source, events | EPOLLONESHOT);
    edo_reactor_note(reactor, "epoll_ctl", fd, EPOLL_CTL_ADD, source->id, error);
    if (error)
        return error;
    reactor->watched++;
    reactor->watched_as[(unsigned)fd % EDO_REACTOR_BUCKETS] = source->id;
    set_armed(source, 0);
    return 0;
}

static void note_lost(struct edo_source *source)
{
    struct edo_reactor *reactor = source->reactor;

    reactor->lost++;
    reactor->lost_fd = source->fd;
    reactor->lost_id = source->id;
    record_source(source, EDO_TRACE_LOST, 0);
}

/* `fd` is about to be registered. If it is watched already, that was another file, which has been
 * closed: taking it out of the set later would take out the new one. */
static void expel_lost(struct edo_reactor *reactor, int fd)
{
    uint32_t id = reactor->watched_as[(unsigned)fd % EDO_REACTOR_BUCKETS];
    struct edo_source *lost = id > 0 ? find_registered(reactor, id) : NULL;

    if (lost == NULL || lost->fd != fd || lost->kind != EDO_SOURCE_FD)
        return;
    edo_list_remove(&lost->link);
    reactor->watched--;
    note_lost(lost);
    lost->due_ns = edo_clock_now(&reactor->clock);
    edo_reactor_make_due(lost, -EBADF);
}

static void note_removal(const struct edo_source *source, int error)
{
    edo_reactor_note(source->reactor, "epoll_ctl", source->fd, EPOLL_CTL_DEL, 0, error);
}

/* 0, or -EBADF if the fd is not the one that was watched. A forked child has no epoll to ask. */
static int unwatch(struct edo_source *source)
{
    int error = edo_reactor_unregister(source);

    source->reactor->watched--;
    note_removal(source, error);
    if (!error || source->reactor->epoll_fd < 0)
        return 0;
    note_lost(source);
    return -EBADF;
}

static void collect_fd(struct edo_source *source, uint32_t events)
{
    int error = unwatch(source);

    source->due_ns = edo_clock_now(&source->reactor->clock);
    edo_reactor_make_due(source, error ? error : (int)events);
}

/* --- What is due already, fds, and timers that are never due ---------------------------------- */

/* What has passed is not the kernel's business: to it, an it_value of zero means "disarm" and a
 * negative one is EINVAL (timerfd_settime(2)). It came due when it was armed. */
static int arm_passed(struct edo_source *source, uint64_t now_ns)
{
    source->due_ns = now_ns;
    set_armed(source, 0);
    edo_reactor_make_due(source, 0);
    return 0;
}

/* Nobody keeps it: a program that waits for nothing else is stuck. */
static int arm_never(struct edo_source *source)
{
    source->kind = EDO_SOURCE_NEVER;
    edo_list_append(&source->reactor->unkept, &source->link);
    source->reactor->never_count++;
    set_armed(source, 0);
    return 0;
}

static void leave_unkept(struct edo_source *source)
{
    edo_list_remove(&source->link);
    source->reactor->never_count -= source->kind == EDO_SOURCE_NEVER;
    source->reactor->outside -= source->kind == EDO_SOURCE_WAIT && source->is_outside;
}

static void disarm_other(struct edo_source *source)
{
    if (source->state == EDO_SOURCE_DUE) {
        leave_due(source);
    } else if (source->kind == EDO_SOURCE_FD) {
        unwatch(source);
    } else {
        leave_unkept(source);
    }
}

static enum edo_cause_kind cause_of(const struct edo_source *source)
{
    if (source->kind == EDO_SOURCE_WAIT)
        return (enum edo_cause_kind)source->cause;
    return source->kind == EDO_SOURCE_FD ? EDO_CAUSE_FD : EDO_CAUSE_TIMER;
}

/* --- Deadlines ------------------------------------------------------------------------- */

int edo_reactor_arm_until(struct edo_reactor *reactor, struct edo_source *source,
                          uint64_t deadline_ns, struct edo_waker waker)
{
    int error = admit(reactor, source, waker);

    if (error)
        return error;
    source->is_relative = false;
    return arm(source, deadline_ns, edo_clock_now(&reactor->clock));
}

/* An armed timer that its driver can move. */
static bool may_move(const struct edo_source *source, uint64_t deadline_ns)
{
    const struct edo_reactor *reactor = source->reactor;

    return source->state == EDO_SOURCE_ARMED && source->kind == EDO_SOURCE_TIMER &&
           reactor->timers->move != NULL && deadline_ns > reactor->now_ns &&
           deadline_ns != EDO_NEVER;
}

static void move(struct edo_source *source, uint64_t deadline_ns)
{
    record_source(source, EDO_TRACE_DISARM, 0);
    source->id = next_id(source->reactor);
    source->due_ns = deadline_ns;
    source->reactor->timers->move(source);
    record_source(source, EDO_TRACE_ARM, 0);
}

static void disarm_and_arm(struct edo_source *source, uint64_t deadline_ns)
{
    struct edo_reactor *reactor = source->reactor;
    uint64_t now_ns = reactor->now_ns;
    int error;

    edo_source_disarm(source);
    if (reactor->epoll_fd < 0)
        return;
    if (deadline_ns <= now_ns)
        now_ns = edo_clock_now(&reactor->clock);
    source->is_relative = false;
    error = arm(source, deadline_ns, now_ns);
    if (error) {
        begin(source, EDO_SOURCE_TIMER, -1, now_ns);
        set_armed(source, now_ns);
        edo_reactor_make_due(source, error);
    }
}

/* The time of the last look will do, unless the deadline has passed by then. */
void edo_source_rearm_until(struct edo_source *source, uint64_t deadline_ns)
{
    if (may_move(source, deadline_ns))
        move(source, deadline_ns);
    else
        disarm_and_arm(source, deadline_ns);
}

/* --- Falling asleep and waking up ------------------------------------------------------------- */

/* 0; -EDEADLK: nothing could end the sleep. */
static int begin_sleep(struct edo_reactor *reactor)
{
    reactor->is_asleep = reactor->pending != reactor->never_count;
    if (reactor->trace != NULL)
        edo_record(reactor->trace, reactor->is_asleep ? EDO_TRACE_ENTER : EDO_TRACE_STUCK, 0, 0);
    if (reactor->is_asleep && reactor->remote != NULL)
        edo_remote_set_awaited(reactor->remote, true);
    return reactor->is_asleep ? 0 : -EDEADLK;
}

void edo_reactor_end_sleep(struct edo_reactor *reactor)
{
    uint64_t began_ns = reactor->now_ns;

    if (!reactor->is_asleep)
        return;
    reactor->is_asleep = false;
    if (reactor->remote != NULL)
        edo_remote_set_awaited(reactor->remote, false);
    reactor->now_ns = edo_clock_now(&reactor->clock);
    reactor->asleep_ns += reactor->now_ns - began_ns;
    if (reactor->trace != NULL)
        edo_record(reactor->trace, EDO_TRACE_LEAVE, 0, reactor->pending);
}

static uint64_t first_deadline(const struct edo_reactor *reactor)
{
    uint64_t due_ns;

    reactor->timers->first(reactor, &due_ns);
    return due_ns;
}

static void wake_next_in_vain(void *data, struct edo_cause cause)
{
    const struct edo_reactor *reactor = data;
    uint64_t due_ns;
    const struct edo_source *next = reactor->timers->first(reactor, &due_ns);

    if (next != NULL && next->waker.wake == reactor->spin.vain_wake)
        edo_wake_because(next->waker, cause);
}

/* Takes the lateness after a sleep of some ms from 6 us to 1. Not with a trace, which would tell of
 * a timer that nobody has armed. Returns until when to watch the clock. */
static uint64_t rehearse(struct edo_reactor *reactor, uint64_t due_ns)
{
    struct edo_waker waker = {wake_next_in_vain, reactor};
    uint64_t at_ns = due_ns - REHEARSAL_BEFORE;

    if (reactor->spin.vain_wake == NULL || reactor->trace != NULL ||
        due_ns - reactor->now_ns < REHEARSAL_TAKES)
        return due_ns;
    edo_reactor_arm_until(reactor, &reactor->spin.rehearsal, at_ns, waker);
    return at_ns;
}

/* What is due meanwhile, or comes from an fd or another thread, ends it. It may come before the
 * rehearsal, for which there is no time then. */
static void spin(struct edo_reactor *reactor, uint64_t slept_ns)
{
    uint64_t due_ns = edo_time_add(first_deadline(reactor), reactor->slack_ns);
    uint64_t began_ns = reactor->now_ns;
    uint64_t look_ns = began_ns + SPIN_PER_LOOK;
    bool has_slept = slept_ns > SLEEP_COOLS;
    bool is_cold = has_slept;

    while (!edo_reactor_has_due(reactor) && reactor->now_ns < due_ns &&
           due_ns - reactor->now_ns <= reactor->spin.spin_ns) {
        if (is_cold)
            due_ns = rehearse(reactor, due_ns);
        is_cold = false;
        reactor->now_ns = edo_clock_now(&reactor->clock);
        if (reactor->now_ns < look_ns)
            continue;
        look_ns = reactor->now_ns + SPIN_PER_LOOK;
        if (reactor->remote != NULL)
            edo_remote_take(reactor->remote);
        if (reactor->watched > 0)
            take_events(reactor);
    }
    if (has_slept)
        edo_spin_follow(&reactor->spin, began_ns);
    edo_spin_end(&reactor->spin, reactor->now_ns - began_ns);
    expire(reactor, false);
    if (reactor->spin.rehearsal.state == EDO_SOURCE_ARMED)
        edo_source_disarm(&reactor->spin.rehearsal);
}

int edo_reactor_prepare(struct edo_reactor *reactor)
{
    int error = 0;

    if (reactor->is_reacting)
        return -EBUSY;
    if (reactor->clock.is_virtual)
        return -EINVAL;
    edo_reactor_end_sleep(reactor);
    reactor->now_ns = edo_clock_now(&reactor->clock);
    expire(reactor, false);
    if (!edo_reactor_has_due(reactor))
        error = begin_sleep(reactor);
    if (!error && !edo_reactor_has_due(reactor))
        error = expire(reactor, true);
    if (error || edo_reactor_has_due(reactor))
        edo_reactor_end_sleep(reactor);
    return error ? error : edo_reactor_has_due(reactor);
}

/* --- Opening ---------------------------------------------------------------------------------- */

static int open_spin(struct edo_reactor *reactor, const struct edo_reactor_options *options)
{
    bool can_spin = !reactor->clock.is_virtual && reactor->timers->first != NULL;

    return edo_spin_open(&reactor->spin, can_spin ? options->spin_ns : 0, options->spin_percent,
                         reactor->now_ns);
}

int edo_reactor_open(struct edo_reactor *reactor, const struct edo_reactor_options *options)
{
    static const struct edo_reactor_options defaults = {0};
    int error;

    if (options == NULL)
        options = &defaults;
    *reactor = (struct edo_reactor){
        .clock.is_virtual = options->is_virtual,
        .timers = options->timers != NULL ? options->timers : &edo_timer_fd,
        .timer_state = options->timer_state,
        .slack_ns = options->slack_ns,
        .trace = options->trace,
    };
    if (reactor->trace != NULL)
        reactor->trace->clock = &reactor->clock;
    reactor->is_by_clock = options->is_virtual || !reactor->timers->is_reported;
    reactor->now_ns = edo_clock_now(&reactor->clock);
    edo_list_init(&reactor->due);
    reactor->last_due = &reactor->due;
    edo_list_init(&reactor->unkept);
    for (size_t i = 0; i < EDO_REACTOR_BUCKETS; i++)
        edo_list_init(&reactor->registered[i]);

    reactor->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    edo_reactor_note(reactor, "epoll_create1", -1, 0, 0,
                     reactor->epoll_fd < 0 ? -errno : reactor->epoll_fd);
    if (reactor->epoll_fd < 0)
        return -errno;
    error = reactor->timers->open(reactor);
    if (!error) {
        error = open_spin(reactor, options);
        if (error)
            reactor->timers->close(reactor);
    }
    if (error) {
        edo_reactor_close_fd(reactor, reactor->epoll_fd);
        reactor->epoll_fd = -1;
    }
    reactor->is_open = !error;
    reactor->opener = getpid();
    return error;
}

/* --- Registered fds, for io/ ------------------------------------------------------------------ */

int edo_reactor_add_io(struct edo_reactor *reactor, struct edo_source *source, int fd,
                       uint32_t events, struct edo_waker waker)
{
    int error = admit(reactor, source, waker);

    if (error)
        return error;
    begin(source, EDO_SOURCE_IO, fd, 0);
    error = edo_reactor_register(source, events);
    edo_reactor_note(reactor, "epoll_ctl", fd, EPOLL_CTL_ADD, source->id, error);
    reactor->watched += !error;
    return error;
}

static bool is_forked(const struct edo_reactor *reactor)
{
    return reactor->opener != 0 && reactor->opener != getpid();
}

/* In a forked child it stays in the epoll set, which is the parent's too; and so does the timerfd
 * of a pause that ends with it. */
void edo_reactor_remove_io(struct edo_source *source)
{
    if (edo_list_is_empty(&source->link))
        return;
    source->reactor->watched--;
    if (is_forked(source->reactor))
        edo_reactor_detach(source->reactor);
    note_removal(source, edo_reactor_unregister(source));
}

int edo_reactor_wait(struct edo_reactor *reactor, struct edo_source *source, int fd,
                     struct edo_waker waker)
{
    int error = admit(reactor, source, waker);

    if (error)
        return error;
    begin(source, EDO_SOURCE_WAIT, fd, 0);
    edo_list_append(&reactor->unkept, &source->link);
    reactor->outside += source->is_outside;
    set_armed(source, 0);
    return 0;
}

void edo_reactor_end_wait(struct edo_source *source, int result)
{
    if (source->state != EDO_SOURCE_ARMED)
        return;
    if (source->kind == EDO_SOURCE_TIMER)
        source->reactor->timers->disarm(source);
    else
        leave_unkept(source);
    source->due_ns = source->reactor->now_ns;
    edo_reactor_make_due(source, result);
}

/* --- Closing ---------------------------------------------------------------------------------- */

/* Once. */
void edo_reactor_detach(struct edo_reactor *reactor)
{
    bool is_parents = is_forked(reactor);

    reactor->opener = 0;
    if (!is_parents)
        return;
    edo_reactor_close_fd(reactor, reactor->epoll_fd);
    reactor->epoll_fd = -1;
}

static void disarm_all(struct edo_list *list)
{
    while (!edo_list_is_empty(list)) {
        edo_source_disarm(source_of(list->next));
        if (!edo_list_is_empty(list) && source_of(list->next)->kind == EDO_SOURCE_IO)
            edo_list_remove(list->next); /* its fd is its owner's to close */
    }
}

int edo_reactor_close(struct edo_reactor *reactor)
{
    if (reactor->is_reacting)
        return -EBUSY;
    if (!reactor->is_open)
        return 0;
    reactor->is_open = false;
    edo_reactor_detach(reactor);
    reactor->timers->close(reactor);
    disarm_all(&reactor->due);
    disarm_all(&reactor->unkept);
    for (size_t i = 0; i < EDO_REACTOR_BUCKETS; i++)
        disarm_all(&reactor->registered[i]);
    if (reactor->epoll_fd >= 0)
        edo_reactor_close_fd(reactor, reactor->epoll_fd);
    reactor->epoll_fd = -1;
    return 0;
}

/* --- For views -------------------------------------------------------------------------------- */

void edo_reactor_each_armed(const struct edo_reactor *reactor, edo_visit *visit, void *data)
{
    const struct edo_list *at;

    reactor->timers->each(reactor, visit, data);
    for (size_t i = 0; i < EDO_REACTOR_BUCKETS; i++)
        for (at = reactor->registered[i].next; at != &reactor->registered[i]; at = at->next)
            if (source_of(at)->state == EDO_SOURCE_ARMED)
                visit(source_of(at), data);
    for (at = reactor->unkept.next; at != &reactor->unkept; at = at->next)
        visit(edo_container_of(at, struct edo_source, link), data);
}
