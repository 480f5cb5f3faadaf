/* SPDX-License-Identifier: MIT */
#include "future.h"

#include <assert.h>

#include "../base/probe.h"
#include "../base/record.h"
#include "run.h"

static void record_step(struct edo_future *self, unsigned from);

/* gdb: every step of every state machine stops here. Look at self->type->name, at self->state and
 * at the state it goes to; one frame up is the poll function that makes the step. */
void edo_future_goto(struct edo_future *self, unsigned state)
{
    unsigned from = self->state;

    edo_probe_state(self, self->type->name, from, state);
    self->state = (uint8_t)state;
    if (edo_trace_of_thread != NULL)
        record_step(self, from);
}

static EDO_NOINLINE enum edo_poll poll_cancelled(struct edo_future *future, struct edo_context *cx);

static inline enum edo_poll step(struct edo_future *future, struct edo_context *cx)
{
    enum edo_poll poll =
        future->is_cancelled ? poll_cancelled(future, cx) : future->type->poll(future, cx);

    assert((poll == EDO_READY) == edo_future_has_ended(future));
    assert(poll == EDO_READY || future->state != EDO_START); /* PENDING is said at an await */
    return poll;
}

enum edo_poll edo_future_poll(struct edo_future *future, struct edo_context *cx)
{
    assert(!edo_future_has_ended(future));
    return edo_future_has_ended(future) ? EDO_READY : step(future, cx);
}

enum edo_poll edo_future_await(struct edo_future *self, struct edo_future *child,
                               struct edo_context *cx)
{
    self->awaiting = child;
    if (!edo_future_has_ended(child) && step(child, cx) == EDO_PENDING)
        return EDO_PENDING;
    self->awaiting = NULL;
    return EDO_READY;
}

enum edo_poll edo_future_done(struct edo_future *self, void *value)
{
    self->value = value;
    edo_future_goto(self, EDO_DONE);
    return EDO_READY;
}

enum edo_poll edo_future_fail(struct edo_future *self, int error)
{
    assert(error < 0 && error >= INT16_MIN);
    if (error >= 0 || error < INT16_MIN)
        error = -EINVAL;
    self->error = (int16_t)error;
    edo_future_goto(self, error == -ECANCELED ? EDO_CANCELLED : EDO_FAILED);
    return EDO_READY;
}

/* === From here on: the evening ================================================================ */

struct edo_outcome edo_future_outcome(const struct edo_future *future)
{
    assert(edo_future_has_ended(future));
    if (future->state == EDO_DONE)
        return (struct edo_outcome){.kind = EDO_OUTCOME_OK, .value = future->value};
    if (future->state == EDO_FAILED)
        return (struct edo_outcome){.kind = EDO_OUTCOME_FAILED, .error = future->error};
    return (struct edo_outcome){.kind = EDO_OUTCOME_CANCELLED};
}

static const char *name_of_state(const struct edo_future_type *type, unsigned state)
{
    static const char *const common[] = {"EDO_START", "EDO_DONE", "EDO_FAILED", "EDO_CANCELLED"};

    if (state < EDO_FIRST_AWAIT)
        return common[state];
    return type->state_names != NULL ? type->state_names[state - EDO_FIRST_AWAIT] : "AWAITS";
}

const char *edo_future_state_name(const struct edo_future *future)
{
    return name_of_state(future->type, future->state);
}

enum edo_poll edo_future_end_as(struct edo_future *self, const struct edo_future *child)
{
    int error = edo_future_error(child);

    return error ? edo_future_fail(self, error) : edo_future_done(self, child->value);
}

enum edo_poll edo_future_cancel(struct edo_future *future)
{
    enum edo_poll poll = EDO_READY;

    if (edo_future_has_ended(future))
        return EDO_READY;
    future->is_cancelled = true;
    if (future->type->cancel != NULL && future->state != EDO_START)
        poll = future->type->cancel(future);
    else if (future->awaiting != NULL)
        poll = edo_future_cancel(future->awaiting);
    if (poll == EDO_READY) {
        future->error = -ECANCELED;
        edo_future_goto(future, EDO_CANCELLED);
    }
    return poll;
}

/* It goes on only so far as to let what is pending come to its end; then it is cancelled for good.
 */
static EDO_NOINLINE enum edo_poll poll_cancelled(struct edo_future *future, struct edo_context *cx)
{
    enum edo_poll poll = EDO_READY;

    if (future->type->poll_cancelled != NULL)
        poll = future->type->poll_cancelled(future, cx);
    else if (future->awaiting != NULL && !edo_future_has_ended(future->awaiting))
        poll = edo_future_poll(future->awaiting, cx);
    return poll == EDO_READY ? edo_future_cancel(future) : EDO_PENDING;
}

enum edo_poll edo_future_poll_one(struct edo_future *self, struct edo_future *child,
                                  struct edo_context *cx)
{
    struct edo_future *awaiting = self->awaiting;
    enum edo_poll poll;

    self->awaiting = child;
    poll = edo_future_poll(child, cx);
    self->awaiting = awaiting;
    return poll;
}

/* --- Recording -------------------------------------------------------------------------------- */

_Thread_local const struct edo_future *edo_root_of_thread;

/* What it awaits; NULL: none, or that of another task. */
static const struct edo_future *inner_of(const struct edo_future *future)
{
    const struct edo_part *parts = future->type->parts;
    bool joins = parts != NULL && parts->kind == EDO_PART_TASKS;

    return future->state >= EDO_FIRST_AWAIT && !joins ? future->awaiting : NULL;
}

/* In the middle of a poll each future that is at an await names the one that it polls. So the chain
 * of awaits leads from the task's own future to this one, or to the one that polls it in a way of
 * its own. */
static uint32_t number_of_parent(const struct edo_future *self)
{
    uint32_t number = 0;

    for (const struct edo_future *at = edo_root_of_thread; at != NULL && at != self;) {
        number = at->number;
        at = inner_of(at);
    }
    return number;
}

uint32_t edo_future_number_of_polled(void)
{
    return number_of_parent(NULL);
}

static EDO_NOINLINE void record_step(struct edo_future *self, unsigned from)
{
    struct edo_trace *trace = edo_trace_of_thread;
    struct edo_trace_event *event;
    uint32_t parent = 0;

    if (self->number == 0) {
        parent = number_of_parent(self);
        self->number = ++trace->last_number;
    }
    event = edo_record(trace, EDO_TRACE_STATE, self->number, parent);
    event->from = name_of_state(self->type, from);
    event->to = edo_future_state_name(self);
    event->name = self->type->name;
}

void edo_future_set_name(struct edo_future *future, const char *name)
{
    struct edo_trace *trace = edo_trace_of_thread;

    if (trace == NULL)
        return;
    if (future->number == 0)
        future->number = ++trace->last_number;
    edo_record(trace, EDO_TRACE_NAME, future->number, number_of_parent(future))->name = name;
}
