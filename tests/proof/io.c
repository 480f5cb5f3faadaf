/* SPDX-License-Identifier: MIT */
/* io.c - the readiness of a registered fd: in each direction an operation, in any state; what its
 * system call comes to is left open. */
#include "io/io.c"
#include "base/clock.c"
#include "kernel/reactor.c"
#include "task/future.c"

#include "untraced.h"

enum { BUDGETS = 4 }; /* 0 to 3: so there are at most 3 tries */

static struct edo_reactor reactor;
static struct edo_executor executor;
static struct edo_task polled;
static struct edo_io io, before;
static const struct edo_future_type type = {.name = "any"};
static struct edo_operation operations[2];  /* by direction */
static enum edo_direction way;              /* the direction that is tried */
static unsigned wakes, tries, spent, share; /* of the budget */
static bool was_dry;                        /* the last try said EAGAIN */

static void wake(void *data, struct edo_cause cause)
{
    (void)data;
    (void)cause;
    wakes++;
}

/* A timer driver that has room for a timer or not. */
static int keep(struct edo_source *source, uint64_t now_ns)
{
    ALWAYS(source->due_ns > now_ns, "a pause is later");
    return nondet_bool() ? 0 : -EMFILE;
}

static void forget(struct edo_source *source)
{
    ALWAYS(source->kind == EDO_SOURCE_TIMER, "a timer is disarmed");
}

static const struct edo_timer_driver driver = {.name = "any", .arm = keep, .disarm = forget};

static enum edo_direction other_than(enum edo_direction direction)
{
    return direction == EDO_READ ? EDO_WRITE : EDO_READ;
}

/* --- The system call: whatever it may come to ------------------------------------------------- */

/* SO_PROTOCOL: TCP, another one, or no socket. */
int getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
    (void)fd, (void)level, (void)name, (void)size;
    *(int *)value = nondet_bool() ? IPPROTO_TCP : 0;
    return nondet_bool() ? 0 : -1;
}

static enum edo_attempt fail_to_move(int *error)
{
    errno = nondet_bool() ? EINTR : EAGAIN;
    was_dry = errno == EAGAIN;
    return edo_attempt_failed(&io, way, error);
}

static void move_some(void)
{
    size_t moved = (size_t)nondet_below(BUDGETS) * EDO_BYTES_OF_ONE;

    was_dry = false;
    spent += (unsigned)(moved / EDO_BYTES_OF_ONE);
    edo_note_moved(&io, way, moved, nondet_bool() ? moved : moved + 1);
    ALWAYS(!io.is_ending || io.is_ready[way], "at an end, less is not all");
}

static enum edo_attempt attempt(struct edo_operation *it, int *error)
{
    enum edo_attempt came_to = (enum edo_attempt)nondet_below(EDO_ATTEMPT_FAILED + 1);

    ALWAYS(it == &operations[way] && io.is_ready[way], "tried only where it may have something");
    ALWAYS(spent < share, "no more tries than the budget allows");
    tries++;
    spent++;
    *error = -EIO;
    if (came_to == EDO_ATTEMPT_AGAIN && nondet_bool())
        return fail_to_move(error);
    if (came_to == EDO_ATTEMPT_AGAIN || came_to == EDO_ATTEMPT_DONE)
        move_some();
    return came_to;
}

/* --- The invariant ---------------------------------------------------------------------------- */

/* What stands in a direction: nobody; one who waits for an event, or out a pause; one whose source
 * is due, or who was woken. */
enum standing { NOBODY, WAITS, PAUSES, IS_DUE, IS_WOKEN };

static const enum edo_source_state state_of[] = {
    EDO_SOURCE_IDLE, EDO_SOURCE_ARMED, EDO_SOURCE_ARMED, EDO_SOURCE_DUE, EDO_SOURCE_FIRED};

/* Nobody waits for news that are there: else they would never come. */
static bool is_wake_lost(enum edo_direction direction)
{
    const struct edo_source *wait = &io.waits[direction];

    return wait->state == EDO_SOURCE_ARMED && wait->kind == EDO_SOURCE_WAIT &&
           io.is_ready[direction];
}

/* A pause's timer is with the driver. */
static void make_source(struct edo_source *wait, enum standing standing)
{
    edo_source_init(wait);
    wait->reactor = &reactor;
    wait->kind = standing == PAUSES ? EDO_SOURCE_TIMER : EDO_SOURCE_WAIT;
    wait->state = (uint8_t)state_of[standing];
    if (standing == WAITS)
        edo_list_append(&reactor.unkept, &wait->link);
    if (standing == IS_DUE)
        edo_list_append(&reactor.due, &wait->link);
    reactor.pending += edo_source_is_pending(wait);
}

/* Who stands at the await is known to the fd. */
static void make_direction(enum edo_direction direction, enum standing standing)
{
    struct edo_operation *operation = &operations[direction];

    make_source(&io.waits[direction], standing);
    edo_future_init(&operation->future, &type);
    operation->future.state = standing == NOBODY ? EDO_START : EDO_FIRST_AWAIT;
    operation->io = &io;
    io.pending[direction] = standing == NOBODY ? NULL : operation;
    io.is_ready[direction] = nondet_bool();
    assume(!is_wake_lost(direction));
}

/* The flags that are asked for, each there or not, and all others. */
static uint32_t any_events(void)
{
    static const uint32_t flags[] = {EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDHUP, EPOLLHUP, EPOLLERR};
    uint32_t events = 0, asked = 0;

    for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++) {
        events |= nondet_bool() ? flags[i] : 0;
        asked |= flags[i];
    }
    return nondet_bool() ? events | ~asked : events;
}

/* In a direction there is somebody, if `is_taken`. */
static void make_state(bool is_taken)
{
    edo_list_init(&reactor.due);
    edo_list_init(&reactor.unkept);
    reactor.last_due = &reactor.due;
    reactor.timers = &driver;
    reactor.epoll_fd = 3;
    reactor.clock.is_virtual = true;
    reactor.pending = 0;
    io.is_ending = nondet_bool();
    io.drained = (uint8_t)nondet_below(EDO_DRAINED_BY_LESS + 1);
    io.registered.reactor = &reactor;
    io.registered.fd = 7;
    way = nondet_bool() ? EDO_READ : EDO_WRITE;
    make_direction(way, (enum standing)(is_taken ? WAITS + nondet_below(IS_WOKEN)
                                                 : nondet_below(IS_WOKEN + 1)));
    make_direction(other_than(way), (enum standing)nondet_below(IS_WOKEN + 1));
    executor.polled = &polled;
    executor.budget = share = nondet_below(BUDGETS);
    wakes = tries = spent = 0;
    was_dry = false;
    before = io;
}

/* --- What happens ----------------------------------------------------------------------------- */

/* `news`: the events that are news to this direction. */
static void check_event_for(enum edo_direction direction, uint32_t news)
{
    const struct edo_source *wait = &io.waits[direction], *was = &before.waits[direction];
    bool is_woken = was->state == EDO_SOURCE_ARMED && wait->state == EDO_SOURCE_DUE;

    ALWAYS(io.is_ready[direction] || !before.is_ready[direction], "an event forgets nothing");
    ALWAYS(io.is_ready[direction] || !news, "what can be read or written is remembered");
    ALWAYS(wait->state == was->state || is_woken, "who waits is due");
    ALWAYS(!is_wake_lost(direction), "nobody waits for what is there");
    ALWAYS(wait->state == was->state || was->kind != EDO_SOURCE_TIMER, "no event ends a pause");
}

void event_is_remembered(void)
{
    uint32_t events = any_events();

    make_state(false);
    io.registered.result = (int)events;
    note_event(&io, (struct edo_cause){0});
    check_event_for(EDO_READ, events & EPOLLIN);
    check_event_for(EDO_WRITE, events & EPOLLOUT);
    ALWAYS(!(events & EPOLLRDHUP) || io.is_ready[EDO_READ], "EPOLLRDHUP is news to the reader");
    ALWAYS(!(events & (EPOLLHUP | EPOLLERR)) || (io.is_ready[EDO_READ] && io.is_ready[EDO_WRITE]),
           "an end is news to both");
    events &= EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    ALWAYS(io.is_ending == (before.is_ending || events), "an end is known, and stays known");
}

/* Nothing that is done in one direction changes the other. */
static void check_other(void)
{
    enum edo_direction other = other_than(way);

    ALWAYS(io.waits[other].state == before.waits[other].state &&
               io.pending[other] == before.pending[other] &&
               io.is_ready[other] == before.is_ready[other],
           "the other direction is as it was");
}

static struct edo_context context = {{wake, NULL}, &reactor, &executor};

void poll_never_waits_for_what_is_there(void)
{
    struct edo_operation *operation;
    enum edo_poll poll;

    make_state(false);
    operation = &operations[way];
    poll = edo_operation_poll(operation, &context, way, attempt, NULL);
    ALWAYS(!is_wake_lost(way), "nobody waits for what is there");
    ALWAYS((poll == EDO_READY) == edo_future_has_ended(&operation->future),
           "READY if it has ended");
    ALWAYS((io.pending[way] == operation) == (poll == EDO_PENDING),
           "the direction is its own until it has ended");
    ALWAYS(poll == EDO_READY || edo_source_is_pending(&io.waits[way]) || wakes == 1,
           "PENDING: somebody will wake it");
    ALWAYS(!was_dry || !io.is_ready[way], "after EAGAIN it is not ready");
    check_other();
}

/* While the first one has begun and not ended. */
void second_operation_is_refused(void)
{
    static struct edo_operation second;
    enum edo_poll poll;

    make_state(true);
    edo_future_init(&second.future, &type);
    second.io = &io;
    poll = edo_operation_poll(&second, &context, way, attempt, NULL);
    ALWAYS(poll == EDO_READY && edo_future_error(&second.future) == -EBUSY,
           "a direction that is taken is refused");
    ALWAYS(io.pending[way] == &operations[way] && tries + wakes == 0 &&
               io.waits[way].state == before.waits[way].state,
           "the first one goes on");
    check_other();
}

void cancel_releases_the_direction(void)
{
    unsigned others;

    make_state(true);
    others = edo_source_is_pending(&io.waits[other_than(way)]);
    edo_operation_cancel(&operations[way].future);
    ALWAYS(io.pending[way] == NULL, "the direction is free");
    ALWAYS(!edo_source_is_pending(&io.waits[way]) && reactor.pending == others, "nothing is armed");
    ALWAYS(io.is_ready[way] == before.is_ready[way], "the news are still there");
    check_other();
}
