/* SPDX-License-Identifier: MIT */
#include "notify.h"

#include "../task/run.h"

void edo_notify_init(struct edo_notify *notify)
{
    edo_list_init(&notify->waiting);
    notify->is_remembered = false;
}

static void notify_first(struct edo_list *waiting, bool is_alone)
{
    struct edo_notify_wait *wait = edo_container_of(waiting->next, struct edo_notify_wait, link);

    edo_list_remove(&wait->link);
    wait->was_alone = is_alone;
    edo_wake_because(wait->waker, (struct edo_cause){.kind = EDO_CAUSE_NOTIFY});
}

void edo_notify_one(struct edo_notify *notify)
{
    if (edo_list_is_empty(&notify->waiting))
        notify->is_remembered = true;
    else
        notify_first(&notify->waiting, true);
}

/* A waker may cancel others that wait here: they leave the list that is gone through. */
void edo_notify_all(struct edo_notify *notify)
{
    struct edo_list waiting;

    edo_list_take(&waiting, &notify->waiting);
    while (!edo_list_is_empty(&waiting))
        notify_first(&waiting, false);
}

enum notify_state { NOTIFY_START = EDO_START, NOTIFY_AWAITS = EDO_FIRST_AWAIT };

static const char *const notify_states[] = {"NOTIFY_AWAITS"};

/* Where the budget is used up it has what was remembered all the same, and ends in its next poll.
 */
static bool takes_remembered(struct edo_notify_wait *wait, const struct edo_context *cx)
{
    if (!wait->notify->is_remembered)
        return false;
    wait->notify->is_remembered = false;
    edo_list_remove(&wait->link);
    wait->was_alone = true;
    return edo_budget_take(cx);
}

static enum edo_poll notify_wait_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_notify_wait *wait = edo_container_of(self, struct edo_notify_wait, future);

    switch ((enum notify_state)self->state) {
    case NOTIFY_START:
        edo_list_append(&wait->notify->waiting, &wait->link);
        edo_future_goto(self, NOTIFY_AWAITS);
        /* fall through */
    case NOTIFY_AWAITS:
        wait->waker = cx->waker;
        if (!edo_list_is_empty(&wait->link) && !takes_remembered(wait, cx))
            return EDO_PENDING;
        edo_list_remove(&wait->link);
        break;
    }
    return edo_future_done(self, NULL);
}

static enum edo_poll notify_wait_cancel(struct edo_future *self)
{
    struct edo_notify_wait *wait = edo_container_of(self, struct edo_notify_wait, future);
    bool passes_on = edo_list_is_empty(&wait->link) && wait->was_alone;

    wait->was_alone = false; /* once: the waker of the next may cancel this one again */
    if (passes_on)
        edo_notify_one(wait->notify);
    edo_list_remove(&wait->link);
    return EDO_READY;
}

static const struct edo_future_type notify_type = {"notify", notify_wait_poll, notify_wait_cancel,
                                                   NULL,     notify_states,    NULL};

void edo_notify_wait_init(struct edo_notify_wait *wait, struct edo_notify *notify)
{
    *wait = (struct edo_notify_wait){.notify = notify};
    edo_future_init(&wait->future, &notify_type);
}
