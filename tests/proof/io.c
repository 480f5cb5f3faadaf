/* SPDX-License-Identifier: MIT */
/* io.c - the readiness of a registered fd: any operation in one direction, in any state of the fd;
 * what its system call comes to is left open. */
#include "io/io.c"
#include "base/clock.c"
#include "kernel/reactor.c"
#include "task/future.c"

#include "proof.h"

_Thread_local struct edo_trace *edo_trace_of_thread; /* NULL: without a trace */

enum { TRIES = 2 };

static struct edo_reactor reactor;
static struct edo_executor executor;
static struct edo_io io;
static const struct edo_future_type type = {.name = "any"};
static struct edo_operation operation;
static unsigned wakes, tries;
static bool was_dry; /* the last try said EAGAIN */

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

static const struct edo_timer_driver driver = {.name = "any", .arm = keep};

/* --- The system call: whatever it may come to ------------------------------------------------- */

static enum edo_attempt attempt(struct edo_operation *it, int *error)
{
    enum edo_attempt came_to = (enum edo_attempt)nondet_below(EDO_ATTEMPT_FAILED + 1);

    ALWAYS(it == &operation && io.is_ready[EDO_READ], "tried only where it may have something");
    tries++;
    *error = -EIO;
    if (came_to == EDO_ATTEMPT_AGAIN) {
        assume(tries < TRIES || nondet_bool()); /* EINTR does not go on for ever */
        errno = tries < TRIES && nondet_bool() ? EINTR : EAGAIN;
        was_dry = errno == EAGAIN;
        came_to = edo_attempt_failed(&io, EDO_READ, error);
    }
    return came_to;
}

/* --- The invariant ---------------------------------------------------------------------------- */

/* Nobody waits for news that are there: else they would never come. */
static bool is_wake_lost(enum edo_direction direction)
{
    const struct edo_source *wait = &io.waits[direction];

    return wait->state == EDO_SOURCE_ARMED && wait->kind == EDO_SOURCE_WAIT &&
           io.is_ready[direction];
}

/* Who stands at the await is known to the fd; and if its source is not pending, it was woken. */
static void make_state(enum edo_source_state state)
{
    struct edo_source *wait = &io.waits[EDO_READ];

    edo_list_init(&reactor.due);
    edo_list_init(&reactor.unkept);
    reactor.last_due = &reactor.due;
    reactor.timers = &driver;
    reactor.epoll_fd = 3;
    reactor.clock.is_virtual = true;
    reactor.pending = 0;
    io.is_ready[EDO_READ] = nondet_bool();
    io.is_ready[EDO_WRITE] = nondet_bool();
    io.is_ending = nondet_bool();
    io.registered.reactor = &reactor;
    io.registered.fd = 7;
    io.registered.result = nondet_int();
    io.pending[EDO_READ] = io.pending[EDO_WRITE] = NULL;
    edo_source_init(wait);
    edo_source_init(&io.waits[EDO_WRITE]);
    wait->reactor = io.waits[EDO_WRITE].reactor = &reactor;
    wait->kind = EDO_SOURCE_WAIT;
    wait->state = (uint8_t)state;
    edo_future_init(&operation.future, &type);
    operation.io = &io;
    executor.budget = nondet_below(3);
    wakes = tries = 0;
    was_dry = false;
    if (state == EDO_SOURCE_IDLE)
        return;
    io.pending[EDO_READ] = &operation;
    operation.future.state = EDO_FIRST_AWAIT;
    if (state == EDO_SOURCE_ARMED)
        edo_list_append(&reactor.unkept, &wait->link);
    if (state == EDO_SOURCE_DUE)
        edo_list_append(&reactor.due, &wait->link);
    reactor.pending = edo_source_is_pending(wait);
    assume(!is_wake_lost(EDO_READ));
}

/* --- What happens ----------------------------------------------------------------------------- */

static void check_event(void)
{
    const struct edo_source *wait = &io.waits[EDO_READ];
    bool was_ready = io.is_ready[EDO_READ], could_write = io.is_ready[EDO_WRITE];
    unsigned before = wait->state;
    uint32_t events = (uint32_t)io.registered.result;

    note_event(&io, (struct edo_cause){0});
    ALWAYS(!(events & EPOLLIN) || io.is_ready[EDO_READ], "what can be read is remembered");
    ALWAYS(!(events & EPOLLOUT) || io.is_ready[EDO_WRITE], "what can be written is remembered");
    ALWAYS(!(events & (EPOLLHUP | EPOLLERR)) || (io.is_ready[EDO_READ] && io.is_ready[EDO_WRITE]),
           "an end is news to both");
    ALWAYS(io.is_ready[EDO_READ] >= was_ready && io.is_ready[EDO_WRITE] >= could_write,
           "an event forgets nothing");
    ALWAYS(wait->state == before || (before == EDO_SOURCE_ARMED && wait->state == EDO_SOURCE_DUE),
           "who waits is due");
    ALWAYS(!is_wake_lost(EDO_READ), "nobody waits for what is there");
}

void event_is_remembered(void)
{
    for (unsigned state = EDO_SOURCE_IDLE; state <= EDO_SOURCE_FIRED; state++) {
        make_state((enum edo_source_state)state);
        check_event();
    }
}

static void check_poll(struct edo_context *cx)
{
    struct edo_source *wait = &io.waits[EDO_READ];
    enum edo_poll poll = edo_operation_poll(&operation, cx, EDO_READ, attempt, NULL);

    ALWAYS(!is_wake_lost(EDO_READ), "nobody waits for what is there");
    ALWAYS((poll == EDO_READY) == edo_future_has_ended(&operation.future), "READY if it has ended");
    ALWAYS((io.pending[EDO_READ] == &operation) == (poll == EDO_PENDING),
           "the direction is its own until it has ended");
    ALWAYS(poll == EDO_READY || edo_source_is_pending(wait) || wakes == 1,
           "PENDING: somebody will wake it");
    ALWAYS(tries == 0 || !was_dry || !io.is_ready[EDO_READ], "after EAGAIN it is not ready");
}

void poll_never_waits_for_what_is_there(void)
{
    struct edo_context cx = {{wake, NULL}, &reactor, &executor};

    for (unsigned state = EDO_SOURCE_IDLE; state <= EDO_SOURCE_FIRED; state++) {
        make_state((enum edo_source_state)state);
        check_poll(&cx);
    }
}

void cancel_releases_the_direction(void)
{
    for (unsigned state = EDO_SOURCE_ARMED; state <= EDO_SOURCE_FIRED; state++) {
        bool was_ready;

        make_state((enum edo_source_state)state);
        was_ready = io.is_ready[EDO_READ];
        edo_operation_cancel(&operation.future);
        ALWAYS(io.pending[EDO_READ] == NULL, "the direction is free");
        ALWAYS(!edo_source_is_pending(&io.waits[EDO_READ]) && reactor.pending == 0,
               "nothing is armed");
        ALWAYS(io.is_ready[EDO_READ] == was_ready, "the news are still there");
    }
}
