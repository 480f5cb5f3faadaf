#include "join.h"

#include "container_of.h"

enum join_state { JOIN_START = EDO_START, JOIN_AWAITS_CHILDREN = EDO_FIRST_AWAIT };

static const char *const state_names[] = {"JOIN_AWAITS_CHILDREN"};

static void clear_woken(struct edo_join *join)
{
    join->first_woken = NULL;
    join->woken_end = &join->first_woken;
}

static void append_woken(struct edo_join *join, struct edo_join_slot *slot)
{
    slot->is_woken = true;
    slot->next_woken = NULL;
    *join->woken_end = slot;
    join->woken_end = &slot->next_woken;
}

/* A child's waker. */
static void slot_wake(void *data)
{
    struct edo_join_slot *slot = data;
    struct edo_join *join = slot->join;

    if (slot->is_woken || edo_future_has_ended(slot->child))
        return;
    append_woken(join, slot);
    edo_wake(join->waker);
}

static void start(struct edo_join *join)
{
    join->remaining = join->count;
    for (size_t i = 0; i < join->count; i++) {
        join->slots[i].join = join;
        append_woken(join, &join->slots[i]);
    }
}

/* Polls the woken children as they stand. One that is woken meanwhile waits for the next poll, so
 * that a child which always wakes itself doesn't hold the loop. */
static void poll_woken(struct edo_join *join, const struct edo_context *cx)
{
    struct edo_join_slot *slot = join->first_woken;
    struct edo_join_slot *next;
    struct edo_context child_cx = *cx;

    clear_woken(join);
    for (; slot != NULL; slot = next) {
        next = slot->next_woken;
        slot->is_woken = false;
        child_cx.waker = (struct edo_waker){slot_wake, slot};
        if (edo_future_has_ended(slot->child) ||
            edo_future_poll(slot->child, &child_cx) == EDO_READY)
            join->remaining--;
    }
}

static enum edo_poll join_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_join *join = edo_container_of(self, struct edo_join, future);

    switch ((enum join_state)self->state) {
    case JOIN_START:
        start(join);
        edo_future_goto(self, JOIN_AWAITS_CHILDREN);
        /* fall through */
    case JOIN_AWAITS_CHILDREN:
        join->waker = cx->waker;
        poll_woken(join, cx);
        if (join->remaining > 0)
            return EDO_PENDING;
        break;
    }
    return edo_future_done(self, NULL);
}

static void join_cancel(struct edo_future *self)
{
    struct edo_join *join = edo_container_of(self, struct edo_join, future);

    for (size_t i = 0; i < join->count; i++)
        edo_future_cancel(join->slots[i].child);
}

static const struct edo_future_type join_type = {
    .name = "join", .poll = join_poll, .cancel = join_cancel, .state_names = state_names};

void edo_join_init(struct edo_join *join, struct edo_join_slot *slots, size_t count)
{
    *join = (struct edo_join){.slots = slots, .count = count};
    edo_future_init(&join->future, &join_type);
    clear_woken(join);
}
