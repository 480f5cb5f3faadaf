#include "future.h"

#include <assert.h>

#include "../base/probe.h"
#include "../base/trace.h"

void edo_future_init(struct edo_future *future, const struct edo_future_type *type)
{
    *future = (struct edo_future){.type = type, .state = EDO_START};
}

/* gdb: every step of every state machine stops here. Look at self->type->name, at self->state and
 * at the state it goes to; one frame up is the poll function that makes the step. */
void edo_future_goto(struct edo_future *self, unsigned state)
{
    const char *from;

    edo_probe_state(self, self->type->name, self->state, state);
    if (edo_trace_of_thread == NULL) {
        self->state = (uint16_t)state;
        return;
    }
    from = edo_future_state_name(self);
    self->state = (uint16_t)state;
    edo_trace_record(edo_trace_of_thread,
                     (struct edo_trace_event){.kind = EDO_TRACE_STATE,
                                              .task = edo_trace_of_thread->task,
                                              .from = from,
                                              .to = edo_future_state_name(self),
                                              .fd = -1,
                                              .name = self->type->name});
}

/* It goes on only so far as to let what holds it come to its end; then it is cancelled for good. */
static enum edo_poll poll_cancelled(struct edo_future *future, struct edo_context *cx)
{
    enum edo_poll poll = EDO_READY;

    if (future->type->poll_cancelled != NULL)
        poll = future->type->poll_cancelled(future, cx);
    else if (future->awaiting != NULL && !edo_future_has_ended(future->awaiting))
        poll = edo_future_poll(future->awaiting, cx);
    return poll == EDO_READY && edo_future_cancel(future) ? EDO_READY : EDO_PENDING;
}

enum edo_poll edo_future_poll(struct edo_future *future, struct edo_context *cx)
{
    enum edo_poll poll;

    assert(!edo_future_has_ended(future));
    if (edo_future_has_ended(future))
        return EDO_READY;
    poll = future->is_cancelled ? poll_cancelled(future, cx) : future->type->poll(future, cx);
    assert((poll == EDO_READY) == edo_future_has_ended(future));
    assert(poll == EDO_READY || future->state != EDO_START); /* PENDING is said at an await */
    return poll;
}

enum edo_poll edo_future_await(struct edo_future *self, struct edo_future *child,
                               struct edo_context *cx)
{
    enum edo_poll poll = edo_future_poll(child, cx);

    self->awaiting = poll == EDO_PENDING ? child : NULL;
    return poll;
}

enum edo_poll edo_future_done(struct edo_future *self, void *value)
{
    self->value = value;
    edo_future_goto(self, EDO_DONE);
    return EDO_READY;
}

enum edo_poll edo_future_fail(struct edo_future *self, int error)
{
    assert(error < 0);
    self->error = error;
    edo_future_goto(self, EDO_FAILED);
    return EDO_READY;
}

enum edo_poll edo_future_end_as(struct edo_future *self, const struct edo_future *child)
{
    struct edo_outcome outcome = edo_future_outcome(child);

    switch (outcome.kind) {
    case EDO_OUTCOME_OK:
        return edo_future_done(self, outcome.value);
    case EDO_OUTCOME_FAILED:
        return edo_future_fail(self, outcome.error);
    case EDO_OUTCOME_CANCELLED:
        break;
    }
    edo_future_goto(self, EDO_CANCELLED);
    return EDO_READY;
}

bool edo_future_cancel(struct edo_future *future)
{
    bool is_let_go = true;

    if (edo_future_has_ended(future))
        return true;
    future->is_cancelled = true;
    if (future->type->cancel != NULL && future->state != EDO_START)
        is_let_go = future->type->cancel(future);
    else if (future->awaiting != NULL)
        is_let_go = edo_future_cancel(future->awaiting);
    if (is_let_go)
        edo_future_goto(future, EDO_CANCELLED);
    return is_let_go;
}

struct edo_outcome edo_future_outcome(const struct edo_future *future)
{
    assert(edo_future_has_ended(future));
    if (future->state == EDO_DONE)
        return (struct edo_outcome){.kind = EDO_OUTCOME_OK, .value = future->value};
    if (future->state == EDO_FAILED)
        return (struct edo_outcome){.kind = EDO_OUTCOME_FAILED, .error = future->error};
    return (struct edo_outcome){.kind = EDO_OUTCOME_CANCELLED};
}

const char *edo_future_state_name(const struct edo_future *future)
{
    switch ((enum edo_future_state)future->state) {
    case EDO_START:
        return "EDO_START";
    case EDO_DONE:
        return "EDO_DONE";
    case EDO_FAILED:
        return "EDO_FAILED";
    case EDO_CANCELLED:
        return "EDO_CANCELLED";
    case EDO_FIRST_AWAIT:
        break;
    }
    if (future->type->state_names == NULL)
        return "AWAITS";
    return future->type->state_names[future->state - EDO_FIRST_AWAIT];
}
