#include "reactor.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "../base/container_of.h"

/* Events taken by one epoll_wait. When more are ready, the next one follows at once. */
#define BATCH 128

enum { WAIT_NOT = 0, WAIT_FOREVER = -1 }; /* epoll_wait's timeouts */

static_assert(sizeof(struct edo_source) <= 64, "a source is one cache line");

/* --- What is recorded ------------------------------------------------------------------------ */

static void trace_source(const struct edo_source *source, enum edo_trace_kind kind, uint64_t arg)
{
    struct edo_trace *trace = source->reactor->trace;

    if (trace != NULL)
        edo_trace_record(trace, (struct edo_trace_event){.kind = kind,
                                                         .task = trace->task,
                                                         .other = source->id,
                                                         .fd = source->fd,
                                                         .arg = arg});
}

static void trace_wait(struct edo_trace *trace, enum edo_trace_kind kind, uint64_t arg)
{
    if (trace != NULL)
        edo_trace_record(trace, (struct edo_trace_event){.kind = kind, .fd = -1, .arg = arg});
}

/* --- The table of what is in the epoll set ---------------------------------------------------- */

static struct edo_list *bucket_of(struct edo_reactor *reactor, uint32_t id)
{
    return &reactor->registered[id % EDO_REACTOR_BUCKETS];
}

static struct edo_source *source_of(struct edo_list *link)
{
    return edo_container_of(link, struct edo_source, link);
}

static struct edo_source *find_registered(struct edo_reactor *reactor, uint32_t id)
{
    struct edo_list *bucket = bucket_of(reactor, id);

    for (struct edo_list *link = bucket->next; link != bucket; link = link->next)
        if (source_of(link)->id == id)
            return source_of(link);
    return NULL;
}

/* Counting up, so that an event can't be taken for a later source's. */
uint32_t edo_reactor_next_id(struct edo_reactor *reactor)
{
    if (++reactor->last_id == 0)
        reactor->last_id = 1;
    return reactor->last_id;
}

int edo_reactor_register(struct edo_source *source, uint32_t events)
{
    /* An id, not a pointer: strace shows it, and an event that outlived its source finds nothing.
     */
    struct epoll_event event = {.events = events};

    /* After four billion armings the numbers have started again. */
    while (find_registered(source->reactor, source->id) != NULL)
        source->id = edo_reactor_next_id(source->reactor);
    event.data.u64 = source->id;
    if (epoll_ctl(source->reactor->epoll_fd, EPOLL_CTL_ADD, source->fd, &event) < 0)
        return -errno;
    edo_list_append(bucket_of(source->reactor, source->id), &source->link);
    return 0;
}

void edo_reactor_unregister(struct edo_source *source)
{
    /* Fails only if the caller has closed the fd. If that left a duplicate, see collect_batch. */
    epoll_ctl(source->reactor->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
    edo_list_remove(&source->link);
}

/* --- The due list ----------------------------------------------------------------------------- */

/* What comes due comes mostly in order, but in runs: timers that expired before the look come
 * behind what was due at once and is later. So the walk begins at the last one inserted, and is
 * usually over at its first step. */
static void insert_in_order(struct edo_reactor *reactor, struct edo_source *source)
{
    struct edo_list *due = &reactor->due;
    struct edo_list *at = reactor->last_due;

    while (at != due && edo_source_is_before(source, source_of(at)))
        at = at->prev;
    while (at->next != due && !edo_source_is_before(source, source_of(at->next)))
        at = at->next;
    edo_list_insert_after(at, &source->link);
    reactor->last_due = &source->link;
}

void edo_reactor_make_due(struct edo_source *source, int result)
{
    assert(source->state == EDO_SOURCE_ARMED);
    source->result = result;
    source->state = EDO_SOURCE_DUE;
    trace_source(source, EDO_TRACE_FIRE, source->due_ns);
    insert_in_order(source->reactor, source);
}

/* --- Arming and disarming --------------------------------------------------------------------- */

static int begin(struct edo_reactor *reactor, struct edo_source *source, enum edo_source_kind kind,
                 struct edo_waker waker)
{
    if (edo_source_is_pending(source))
        return -EBUSY;
    edo_list_init(&source->link);
    source->waker = waker;
    source->reactor = reactor;
    source->id = edo_reactor_next_id(reactor);
    source->result = 0;
    source->state = EDO_SOURCE_ARMED;
    source->kind = (uint8_t)kind;
    reactor->pending++;
    return 0;
}

static int give_up(struct edo_source *source, int error)
{
    source->state = EDO_SOURCE_IDLE;
    source->reactor->pending--;
    return error;
}

int edo_reactor_watch(struct edo_reactor *reactor, struct edo_source *source, int fd,
                      uint32_t events, struct edo_waker waker)
{
    int error = begin(reactor, source, EDO_SOURCE_FD, waker);

    if (error)
        return error;
    source->fd = fd;
    error = edo_reactor_register(source, events);
    if (error)
        return give_up(source, error);
    reactor->watched++;
    trace_source(source, EDO_TRACE_ARM, 0);
    return 0;
}

static int arm(struct edo_source *source, uint64_t now_ns)
{
    int error;

    source->fd = -1;
    if (source->due_ns <= now_ns) {
        /* Not the kernel's business: to it, an it_value of zero means "disarm" and a negative one
         * is EINVAL (timerfd_settime(2)). It came due when it was armed. */
        source->due_ns = now_ns;
        trace_source(source, EDO_TRACE_ARM, source->due_ns);
        edo_reactor_make_due(source, 0);
        return 0;
    }
    if (source->due_ns == EDO_NEVER) {
        /* Not the kernel's either, and nothing to wait for: who waits for nothing else is stuck. */
        source->kind = EDO_SOURCE_NEVER;
        edo_list_append(&source->reactor->never, &source->link);
        source->reactor->endless++;
        trace_source(source, EDO_TRACE_ARM, source->due_ns);
        return 0;
    }
    error = source->reactor->timers->arm(source, now_ns);
    if (error)
        return give_up(source, error);
    trace_source(source, EDO_TRACE_ARM, source->due_ns);
    return 0;
}

/* gdb: here an await reaches the kernel. Look at duration_ns, at waker (whom it will wake) and, in
 * the frames above, at the chain of polls that led here. */
int edo_reactor_arm_for(struct edo_reactor *reactor, struct edo_source *source,
                        uint64_t duration_ns, struct edo_waker waker)
{
    uint64_t now_ns = edo_clock_now(&reactor->clock);
    int error = begin(reactor, source, EDO_SOURCE_TIMER, waker);

    if (error)
        return error;
    source->is_relative = true;
    source->due_ns = edo_time_add(now_ns, duration_ns);
    return arm(source, now_ns);
}

int edo_reactor_arm_until(struct edo_reactor *reactor, struct edo_source *source,
                          uint64_t deadline_ns, struct edo_waker waker)
{
    int error = begin(reactor, source, EDO_SOURCE_TIMER, waker);

    if (error)
        return error;
    source->is_relative = false;
    source->due_ns = deadline_ns;
    return arm(source, edo_clock_now(&reactor->clock));
}

static void unwatch(struct edo_source *source)
{
    edo_reactor_unregister(source);
    source->reactor->watched--;
}

static void disarm(struct edo_source *source)
{
    switch ((enum edo_source_kind)source->kind) {
    case EDO_SOURCE_FD:
        unwatch(source);
        break;
    case EDO_SOURCE_TIMER:
        source->reactor->timers->disarm(source);
        break;
    case EDO_SOURCE_NEVER:
        edo_list_remove(&source->link);
        source->reactor->endless--;
        break;
    }
}

static void leave_due(struct edo_source *source)
{
    if (source->reactor->last_due == &source->link)
        source->reactor->last_due = source->link.prev;
    edo_list_remove(&source->link);
}

void edo_source_disarm(struct edo_source *source)
{
    if (!edo_source_is_pending(source))
        return;
    if (source->state == EDO_SOURCE_ARMED)
        disarm(source);
    else
        leave_due(source);
    source->state = EDO_SOURCE_IDLE;
    source->reactor->pending--;
}

int edo_source_rearm_until(struct edo_source *source, uint64_t deadline_ns)
{
    struct edo_reactor *reactor = source->reactor;
    bool has_passed;

    if (!edo_source_is_pending(source) || source->kind == EDO_SOURCE_FD)
        return -EINVAL;
    if (reactor->timers->move == NULL || source->state == EDO_SOURCE_DUE ||
        source->kind == EDO_SOURCE_NEVER || deadline_ns == EDO_NEVER) {
        edo_source_disarm(source);
        return edo_reactor_arm_until(reactor, source, deadline_ns, source->waker);
    }
    has_passed = !reactor->timers->move(source, deadline_ns);
    if (has_passed)
        source->due_ns = edo_clock_now(&reactor->clock);
    trace_source(source, EDO_TRACE_ARM, source->due_ns);
    if (has_passed)
        edo_reactor_make_due(source, 0);
    return 0;
}

/* --- The turn: look, collect, wake ------------------------------------------------------------ */

static void collect(struct edo_source *source, uint32_t events)
{
    struct edo_reactor *reactor = source->reactor;

    if (source->kind == EDO_SOURCE_FD) {
        unwatch(source);
        source->due_ns = edo_clock_now(&reactor->clock);
        edo_reactor_make_due(source, (int)events);
    } else if (reactor->timers->collect != NULL) {
        reactor->timers->collect(source);
    }
}

/* One epoll_wait that a signal doesn't end: the next deadline is in the kernel's keeping, so
 * waiting again waits for no more than what is left. The number of events, or -errno. */
static int wait_for_events(struct edo_reactor *reactor, struct epoll_event *events, int timeout)
{
    int count;

    do
        count = epoll_wait(reactor->epoll_fd, events, BATCH, timeout);
    while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : count;
}

/* Collects a batch. How many became due, or -EBADF: an id that nobody has is that of an fd which
 * was closed while it was watched, and of which a duplicate lives. It is reported for ever. */
static int collect_batch(struct edo_reactor *reactor, const struct epoll_event *events, int count)
{
    int due = 0;
    int error = 0;

    for (int i = 0; i < count; i++) {
        struct edo_source *source = find_registered(reactor, (uint32_t)events[i].data.u64);

        if (source == NULL) {
            error = -EBADF;
            continue;
        }
        collect(source, events[i].events);
        due += source->state == EDO_SOURCE_DUE;
    }
    return error ? error : due;
}

/* Takes all that the kernel has to report. A full batch may have left some behind; it looks again
 * for as long as that leads on. 0, or -errno. */
static int look_at_kernel(struct edo_reactor *reactor, int timeout)
{
    struct epoll_event events[BATCH];
    int count, due;

    do {
        count = wait_for_events(reactor, events, timeout);
        if (count < 0)
            return count;
        due = collect_batch(reactor, events, count);
        timeout = WAIT_NOT;
    } while (count == BATCH && due > 0);
    return due < 0 ? due : 0;
}

static int sleep_in_kernel(struct edo_reactor *reactor, uint64_t began_ns)
{
    int error;

    trace_wait(reactor->trace, EDO_TRACE_ENTER, 0);
    error = look_at_kernel(reactor, WAIT_FOREVER);
    reactor->asleep_ns += edo_clock_now(&reactor->clock) - began_ns;
    trace_wait(reactor->trace, EDO_TRACE_LEAVE, reactor->pending);
    return error;
}

/* A look where the timer driver keeps the deadlines: what is due by the clock needs no kernel to
 * say so, and nobody sleeps past it. */
static int look_by_clock(struct edo_reactor *reactor, int timeout)
{
    uint64_t now_ns = edo_clock_now(&reactor->clock);
    int error = 0;

    reactor->timers->expire(reactor, now_ns);
    if (timeout == WAIT_FOREVER && edo_list_is_empty(&reactor->due))
        error = reactor->timers->prepare(reactor, now_ns);
    if (error)
        return error;
    /* A timer that could not be prepared for is due now. */
    if (timeout == WAIT_FOREVER && edo_list_is_empty(&reactor->due))
        error = sleep_in_kernel(reactor, now_ns);
    else if (reactor->watched > 0)
        error = look_at_kernel(reactor, WAIT_NOT);
    else
        return 0;
    reactor->timers->expire(reactor, edo_clock_now(&reactor->clock));
    return error;
}

/* Real time. */
static int look(struct edo_reactor *reactor, int timeout)
{
    if (reactor->timers->expire != NULL)
        return look_by_clock(reactor, timeout);
    if (timeout == WAIT_NOT)
        return look_at_kernel(reactor, WAIT_NOT);
    return sleep_in_kernel(reactor, edo_clock_now(&reactor->clock));
}

/* Virtual time: all timers that are due by now ring one by one, which makes their order the same
 * every time, whatever the kernel's would be. */
static int ring_due(struct edo_reactor *reactor)
{
    uint64_t now_ns = edo_clock_now(&reactor->clock);
    struct edo_source *next;
    int error = 0;

    while (!error && (next = reactor->timers->earliest(reactor)) != NULL &&
           next->due_ns <= now_ns) {
        reactor->timers->ring(next);
        if (next->state == EDO_SOURCE_ARMED)
            error = look_at_kernel(reactor, WAIT_FOREVER);
    }
    return error;
}

static int look_now(struct edo_reactor *reactor)
{
    int error = 0;

    if (!reactor->clock.is_virtual)
        return look(reactor, WAIT_NOT);
    if (reactor->watched > 0)
        error = look_at_kernel(reactor, WAIT_NOT);
    return error ? error : ring_due(reactor);
}

/* Virtual time jumps to the next deadline. */
static int jump(struct edo_reactor *reactor)
{
    struct edo_source *next = reactor->timers->earliest(reactor);

    if (next == NULL)
        return reactor->watched > 0 ? look_at_kernel(reactor, WAIT_FOREVER) : -EDEADLK;
    reactor->asleep_ns += next->due_ns - edo_clock_now(&reactor->clock);
    edo_clock_advance(&reactor->clock, next->due_ns);
    return ring_due(reactor);
}

/* Wakes what is due as it stands. What becomes due meanwhile waits for the next turn.
 * gdb: here the kernel's news becomes wakes. `p *(struct edo_source *)reactor->due.next` is the
 * first source that is due: its id, and in its waker the task. */
static int wake_due(struct edo_reactor *reactor)
{
    struct edo_list due;
    int woken = 0;

    reactor->last_due = &reactor->due;
    for (edo_list_take(&due, &reactor->due); !edo_list_is_empty(&due); woken++) {
        struct edo_source *source = source_of(due.next);

        edo_list_remove(&source->link);
        source->state = EDO_SOURCE_FIRED;
        reactor->pending--;
        reactor->woken_ns = source->due_ns;
        edo_wake(source->waker);
    }
    return woken;
}

/* gdb: here the thread goes to sleep. Look at reactor->pending: what may end the wait. */
static int wait_until_due(struct edo_reactor *reactor)
{
    int error;

    if (!edo_list_is_empty(&reactor->due))
        return look_now(reactor);
    if (reactor->pending == reactor->endless)
        return -EDEADLK;
    if (!reactor->clock.is_virtual)
        return look(reactor, WAIT_FOREVER);
    error = look_now(reactor);
    if (error || !edo_list_is_empty(&reactor->due))
        return error;
    trace_wait(reactor->trace, EDO_TRACE_ENTER, 0);
    error = jump(reactor);
    trace_wait(reactor->trace, EDO_TRACE_LEAVE, reactor->pending);
    return error;
}

int edo_reactor_turn(struct edo_reactor *reactor, enum edo_look how)
{
    int error = 0;
    int woken;

    if (reactor->is_turning)
        return -EBUSY;
    reactor->is_turning = true;
    switch (how) {
    case EDO_LOOK_NOT:
        break;
    case EDO_LOOK:
        error = look_now(reactor);
        break;
    case EDO_LOOK_WAIT:
        error = wait_until_due(reactor);
        break;
    }
    woken = wake_due(reactor);
    reactor->is_turning = false;
    return error ? error : woken;
}

/* --- Opening and closing ---------------------------------------------------------------------- */

int edo_reactor_open(struct edo_reactor *reactor, const struct edo_reactor_options *options)
{
    static const struct edo_reactor_options defaults = {0};
    int error;

    if (options == NULL)
        options = &defaults;
    *reactor = (struct edo_reactor){
        .timers = options->timers ? options->timers : &edo_timer_fd,
        .timer_state = options->timer_state,
        .slack_ns = options->slack_ns,
        .trace = options->trace,
    };
    edo_clock_init(&reactor->clock, options->is_virtual);
    if (reactor->trace != NULL)
        reactor->trace->clock = &reactor->clock;
    edo_list_init(&reactor->due);
    reactor->last_due = &reactor->due;
    edo_list_init(&reactor->never);
    for (size_t i = 0; i < EDO_REACTOR_BUCKETS; i++)
        edo_list_init(&reactor->registered[i]);

    reactor->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (reactor->epoll_fd < 0)
        return -errno;
    error = reactor->timers->open(reactor);
    if (error) {
        close(reactor->epoll_fd);
        reactor->epoll_fd = -1;
    }
    return error;
}

static void disarm_all(struct edo_list *list)
{
    while (!edo_list_is_empty(list))
        edo_source_disarm(source_of(list->next));
}

int edo_reactor_close(struct edo_reactor *reactor)
{
    if (reactor->is_turning)
        return -EBUSY;
    if (reactor->epoll_fd < 0)
        return 0;
    reactor->timers->close(reactor);
    disarm_all(&reactor->due);
    disarm_all(&reactor->never);
    for (size_t i = 0; i < EDO_REACTOR_BUCKETS; i++)
        disarm_all(&reactor->registered[i]);
    close(reactor->epoll_fd);
    reactor->epoll_fd = -1;
    return 0;
}
