/* SPDX-License-Identifier: MIT */
/* future.c - the core of futures: any chain of up to three, each in any state, that await one
 * another; the last of a type with a cancel of its own, which may hold something while it stands
 * at an await. */
#include "task/future.c"

#include "untraced.h"

enum { CHAIN = 3 };

struct held {
    struct edo_future future;
    bool is_held;
    unsigned polls, cancels, polls_cancelled;
};

static struct held root, child, leaf;
static struct held *const chain[CHAIN] = {&root, &child, &leaf};
static struct edo_context context;

/* --- Types that may do whatever a type may do ------------------------------------------------- */

static struct held *held_of(struct edo_future *future)
{
    return edo_container_of(future, struct held, future);
}

/* Ends, as the contract has it, or stands at an await. */
static enum edo_poll any_poll(struct edo_future *self, struct edo_context *cx)
{
    struct held *held = held_of(self);

    (void)cx;
    held->polls++;
    held->is_held = nondet_bool();
    if (held->is_held) {
        edo_future_goto(self, EDO_FIRST_AWAIT);
        return EDO_PENDING;
    }
    return nondet_bool() ? edo_future_done(self, NULL) : edo_future_fail(self, -EIO);
}

/* Without a cancel of its own a type awaits one future, and holds no more than that does. */
static enum edo_poll await_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_future *awaited = self == &root.future ? &child.future : &leaf.future;

    held_of(self)->polls++;
    if (self->state == EDO_START)
        edo_future_goto(self, EDO_FIRST_AWAIT);
    if (edo_future_await(self, awaited, cx) == EDO_PENDING)
        return EDO_PENDING;
    return edo_future_end_as(self, awaited);
}

static enum edo_poll any_cancel(struct edo_future *self)
{
    struct held *held = held_of(self);

    held->cancels++;
    held->is_held = nondet_bool(); /* a shield */
    return held->is_held ? EDO_PENDING : EDO_READY;
}

static enum edo_poll any_poll_cancelled(struct edo_future *self, struct edo_context *cx)
{
    (void)cx;
    held_of(self)->polls_cancelled++;
    return nondet_bool() ? EDO_READY : EDO_PENDING;
}

static const struct edo_future_type own = {"own", any_poll, any_cancel, any_poll_cancelled,
                                           NULL,  NULL};
static const struct edo_future_type awaits = {"awaits", await_poll, NULL, NULL, NULL, NULL};

/* --- Any state that holds the invariant ------------------------------------------------------- */

/* At an await it awaits the next of the chain, or has a type that knows what it holds; one that has
 * ended holds nothing. */
static bool is_well_formed(const struct held *held, const struct held *next)
{
    const struct edo_future *future = &held->future;
    bool has_ended = edo_future_has_ended(future);
    bool is_at_await = future->state == EDO_FIRST_AWAIT;

    if (future->state > EDO_FIRST_AWAIT || (held->is_held && !is_at_await))
        return false;
    if (future->state == EDO_START && (future->awaiting != NULL || future->is_cancelled))
        return false;
    if (has_ended && (future->state == EDO_DONE) != (future->error == 0))
        return false;
    if (has_ended && (future->state == EDO_CANCELLED) != (future->error == -ECANCELED))
        return false;
    if ((!has_ended && future->error != 0) || future->error > 0)
        return false;
    if (!is_at_await)
        return next == NULL || !next->is_held;
    if (future->type == &own)
        return future->awaiting == NULL;
    return next != NULL && future->awaiting == &next->future && !held->is_held &&
           next->future.state != EDO_START;
}

static bool is_chain_well_formed(unsigned depth)
{
    for (unsigned i = 0; i <= depth; i++)
        if (!is_well_formed(chain[i], i < depth ? chain[i + 1] : NULL))
            return false;
    return true;
}

static int16_t nondet_error(void)
{
#ifdef PROOF /* each is tried, so one of each kind */
    static const int16_t errors[] = {0, -EIO, -ECANCELED};

    return errors[nondet_below(3)];
#else
    return (int16_t)nondet_u16();
#endif
}

/* The last one, `depth` awaits below the root, has a type with a cancel of its own. */
static void nondet_chain(unsigned depth)
{
    for (unsigned i = 0; i < CHAIN; i++) {
        struct held *held = chain[i];

        held->future.type = i == depth ? &own : &awaits;
        held->future.state = (uint8_t)nondet_below(EDO_FIRST_AWAIT + 1);
        held->future.error = nondet_error();
        held->future.is_cancelled = nondet_bool();
        held->future.awaiting = NULL;
        if (i < depth && held->future.state == EDO_FIRST_AWAIT)
            held->future.awaiting = &chain[i + 1]->future;
        held->is_held = nondet_bool();
        held->polls = held->cancels = held->polls_cancelled = 0;
    }
    assume(is_chain_well_formed(depth));
}

static bool is_anything_held(unsigned depth)
{
    for (unsigned i = 0; i <= depth; i++)
        if (chain[i]->is_held)
            return true;
    return false;
}

/* --- Cancelling ------------------------------------------------------------------------------- */

static void check_cancel(unsigned depth)
{
    bool had_ended;
    unsigned state;
    enum edo_poll poll;

    nondet_chain(depth);
    state = root.future.state;
    had_ended = edo_future_has_ended(&root.future);
    poll = edo_future_cancel(&root.future);
    if (had_ended) {
        ALWAYS(poll == EDO_READY && root.future.state == state, "after the end it does nothing");
        return;
    }
    if (poll == EDO_READY) {
        ALWAYS(root.future.state == EDO_CANCELLED, "READY: it is cancelled");
        ALWAYS(edo_future_error(&root.future) == -ECANCELED, "and its error says so");
        ALWAYS(state == EDO_START || !is_anything_held(depth), "READY: nothing is held any more");
    } else {
        ALWAYS(root.future.state == state && root.future.is_cancelled, "PENDING: it will be");
        ALWAYS(is_anything_held(depth), "PENDING only if something is held");
    }
    ALWAYS(root.polls + child.polls + leaf.polls == 0, "a cancel polls nothing");
    ALWAYS(state != EDO_START || (poll == EDO_READY && root.cancels == 0),
           "one that has not begun is READY at once");
    ALWAYS(is_chain_well_formed(depth), "the chain is well-formed");
}

void cancel_releases_all_or_is_pending(void)
{
    for (unsigned depth = 0; depth < CHAIN; depth++)
        check_cancel(depth);
}

static void check_second_cancel(unsigned depth)
{
    struct held once[CHAIN];

    nondet_chain(depth);
    assume(edo_future_cancel(&root.future) == EDO_READY);
    for (unsigned i = 0; i < CHAIN; i++)
        once[i] = *chain[i];
    ALWAYS(edo_future_cancel(&root.future) == EDO_READY, "READY again");
    for (unsigned i = 0; i < CHAIN; i++)
        ALWAYS(chain[i]->future.state == once[i].future.state &&
                   chain[i]->future.error == once[i].future.error &&
                   chain[i]->cancels == once[i].cancels,
               "the second one does nothing");
}

void cancel_is_idempotent(void)
{
    for (unsigned depth = 0; depth < CHAIN; depth++)
        check_second_cancel(depth);
}

/* --- Polling ---------------------------------------------------------------------------------- */

/* Also where its cancel is pending. */
void ready_is_said_once(void)
{
    struct edo_future parent = {.type = &awaits};
    enum edo_poll poll;
    unsigned polls;
    bool was_cancelled;

    nondet_chain(0);
    assume(!edo_future_has_ended(&root.future));
    was_cancelled = root.future.is_cancelled;
    poll = edo_future_poll(&root.future, &context);
    ALWAYS((poll == EDO_READY) == edo_future_has_ended(&root.future), "READY if it has ended");
    ALWAYS(!was_cancelled || root.polls == 0, "a cancelled one does not go on");
    ALWAYS(!was_cancelled || poll == EDO_PENDING || root.future.state == EDO_CANCELLED,
           "a cancelled one ends cancelled");
    ALWAYS(poll == EDO_PENDING || !root.is_held, "READY: it holds nothing");
    if (poll == EDO_PENDING)
        return;
    polls = root.polls;
    ALWAYS(edo_future_await(&parent, &root.future, &context) == EDO_READY,
           "who awaits it goes on at once");
    ALWAYS(root.polls == polls, "it is not polled again");
    ALWAYS(parent.awaiting == NULL, "and not awaited any more");
}

static bool has_any_ended(unsigned depth)
{
    for (unsigned i = 0; i <= depth; i++)
        if (edo_future_has_ended(&chain[i]->future))
            return true;
    return false;
}

/* A chain that is well-formed is so after each poll, as after each cancel. So the proofs of cancels
 * may begin with any such one. */
void await_is_found_by_a_cancel(void)
{
    unsigned depth = nondet_below(CHAIN);
    bool had_any_ended;
    enum edo_poll poll;

    nondet_chain(depth);
    assume(!edo_future_has_ended(&root.future));
    had_any_ended = has_any_ended(depth);
    poll = edo_future_poll(&root.future, &context);
    ALWAYS(is_chain_well_formed(depth), "who is at an await awaits the next: a cancel finds it");
    ALWAYS(poll == EDO_PENDING || !is_anything_held(depth), "READY: nothing is held any more");
    ALWAYS(chain[depth]->polls + chain[depth]->polls_cancelled == !had_any_ended,
           "if none has ended, the poll comes to the last, once");
}

/* --- Ending ----------------------------------------------------------------------------------- */

void end_is_told_as_it_was(void)
{
    struct edo_future future = {.type = &own}, other = {.type = &own};
    int error = nondet_int(), value;
    struct edo_outcome outcome;

    assume(error <= 0 && error >= INT16_MIN);
    if (error == 0)
        edo_future_done(&future, &value);
    else
        edo_future_fail(&future, error);
    ALWAYS(edo_future_has_ended(&future), "it has ended");
    ALWAYS(edo_future_error(&future) == error, "its error");
    edo_future_end_as(&other, &future);
    ALWAYS(other.state == future.state && edo_future_error(&other) == error, "the other as it");
    outcome = edo_future_outcome(&other);
    ALWAYS(outcome.kind == (error == 0            ? EDO_OUTCOME_OK
                            : error == -ECANCELED ? EDO_OUTCOME_CANCELLED
                                                  : EDO_OUTCOME_FAILED),
           "ok, failed or cancelled");
    ALWAYS(outcome.kind != EDO_OUTCOME_OK || outcome.value == &value, "its value");
    ALWAYS(outcome.kind != EDO_OUTCOME_FAILED || outcome.error == error, "its errno");
}
