/* SPDX-License-Identifier: MIT */
#include "join.h"

#include <assert.h>

#include "../base/sort.h"
#include "../kernel/reactor.h"
#include "../task/run.h"

/* async fn join(children) {
 *     while let Some(child) = children.any_that_has_not_ended() { // all at once
 *         let outcome = child.await;
 *         if decides(outcome) { // try_join: an error; race: any
 *             for other in children { drop(other).await; }
 *             return outcome;
 *         }
 *     }
 * } */

enum join_state {
    JOIN_START = EDO_START,
    JOIN_AWAITS_CHILDREN = EDO_FIRST_AWAIT,
    JOIN_AWAITS_CANCEL,
};

static const char *const join_states[] = {"JOIN_AWAITS_CHILDREN", "JOIN_AWAITS_CANCEL"};

static const struct edo_part join_parts[] = {
    {.kind = EDO_PART_BRANCHES,
     .at = offsetof(struct edo_join, array),
     .count_at = offsetof(struct edo_join, count),
     .size = sizeof(struct edo_branch),
     .inside_at = offsetof(struct edo_branch, child)},
    {.kind = EDO_PART_END},
};

static const struct edo_future_type join_type;
static const struct edo_future_type race_type;

static struct edo_branch *branch_of(const struct edo_list *link)
{
    return edo_container_of(link, struct edo_branch, link);
}

static size_t index_of(const struct edo_branch *branch)
{
    return (size_t)(branch - branch->join->array);
}

/* The earlier deadline first. Where they are equal, the index decides, counted from `first` on: an
 * index below it wraps round to a very large number. */
static bool branch_is_before(const struct edo_list *link_a, const struct edo_list *link_b)
{
    const struct edo_branch *a = branch_of(link_a);
    const struct edo_branch *b = branch_of(link_b);
    size_t first = a->join->first;

    if (a->woken_ns != b->woken_ns)
        return a->woken_ns < b->woken_ns;
    return index_of(a) - first < index_of(b) - first;
}

/* A child's waker. */
static void branch_wake(void *data, struct edo_cause cause)
{
    struct edo_branch *branch = data;
    struct edo_join *join = branch->join;

    if (!edo_list_is_empty(&branch->link) || edo_future_has_ended(branch->child))
        return;
    if (cause.due_ns > join->last_ns)
        join->last_ns = cause.due_ns;
    branch->woken_ns = join->last_ns;
    edo_list_append(&join->woken, &branch->link);
    edo_wake_because(join->waker, cause);
}

/* Before the first poll: all are to be polled, `first` first. */
static void start_all(struct edo_join *join, const struct edo_context *cx)
{
    join->live = join->count;
    join->last_ns = cx->reactor != NULL ? cx->reactor->now_ns : 0;
    for (size_t i = 0; i < join->count; i++) {
        struct edo_branch *branch = &join->array[(join->first + i) % join->count];

        assert(branch->child->state != EDO_CANCELLED); /* a loser, not initialised anew */
        branch->join = join;
        branch->woken_ns = 0;
        edo_list_append(&join->woken, &branch->link);
    }
}

static enum edo_poll join_cancel(struct edo_future *self)
{
    struct edo_join *join = edo_container_of(self, struct edo_join, future);
    size_t live = 0; /* of its own: a waker may cancel the join from inside this */

    for (size_t i = 0; i < join->count; i++) {
        if (edo_future_cancel(join->array[i].child) == EDO_READY)
            edo_list_remove(&join->array[i].link);
        else
            live++;
    }
    join->live = live;
    return join->live == 0 ? EDO_READY : EDO_PENDING;
}

/* Whether the end of `child` is the end of all: in a race any, in a try_join an error. When one has
 * decided or the whole is cancelled, none does any more. */
static bool decides(const struct edo_join *join, const struct edo_future *child)
{
    const struct edo_future *self = &join->future;

    if (self->type == &join_type || self->state == JOIN_AWAITS_CANCEL || self->is_cancelled)
        return false;
    return self->type == &race_type || edo_future_error(child) != 0;
}

/* Polls the children that were woken. When one of them decides, only those are still polled whose
 * cancel is pending. READY: every child has ended. */
static enum edo_poll poll_woken(struct edo_join *join, const struct edo_context *cx)
{
    struct edo_context child_cx = *cx;
    struct edo_list polling;

    join->waker = cx->waker;
    edo_list_take(&polling, &join->woken);
    if (join->future.type != &join_type) /* in a race or a try_join it matters who comes first */
        edo_list_sort(&polling, branch_is_before);
    while (!edo_list_is_empty(&polling)) {
        struct edo_branch *branch = branch_of(polling.next);

        edo_list_remove(&branch->link);
        child_cx.waker = (struct edo_waker){branch_wake, branch};
        edo_budget_grant(cx);
        if (!edo_future_has_ended(branch->child))
            edo_future_poll_one(&join->future, branch->child, &child_cx);
        if (!edo_future_has_ended(branch->child)) /* the state counts, not what the poll says */
            continue;
        edo_list_remove(&branch->link); /* it may have woken itself in its last poll */
        join->live--;
        if (decides(join, branch->child)) {
            join->decided = index_of(branch);
            join_cancel(&join->future);
            edo_future_goto(&join->future, JOIN_AWAITS_CANCEL);
        }
    }
    return join->live == 0 ? EDO_READY : EDO_PENDING;
}

static enum edo_poll join_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_join *join = edo_container_of(self, struct edo_join, future);

    switch ((enum join_state)self->state) {
    case JOIN_START:
        if (join->count == 0 && self->type == &race_type)
            return edo_future_fail(self, -EINVAL);
        start_all(join, cx);
        edo_future_goto(self, JOIN_AWAITS_CHILDREN);
        /* fall through */
    case JOIN_AWAITS_CHILDREN:
    case JOIN_AWAITS_CANCEL:
        if (poll_woken(join, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    if (self->state == JOIN_AWAITS_CHILDREN) /* none has decided */
        return edo_future_done(self, NULL);
    return edo_future_end_as(self, join->array[join->decided].child);
}

static enum edo_poll join_poll_cancelled(struct edo_future *self, struct edo_context *cx)
{
    return poll_woken(edo_container_of(self, struct edo_join, future), cx);
}

static const struct edo_future_type join_type = {
    "join", join_poll, join_cancel, join_poll_cancelled, join_states, join_parts};

static const struct edo_future_type try_join_type = {"try_join",          join_poll,   join_cancel,
                                                     join_poll_cancelled, join_states, join_parts};

static const struct edo_future_type race_type = {
    "race", join_poll, join_cancel, join_poll_cancelled, join_states, join_parts};

static void join_init(struct edo_join *join, const struct edo_future_type *type,
                      struct edo_branch *array, size_t count)
{
    *join = (struct edo_join){.array = array, .count = count};
    edo_future_init(&join->future, type);
    edo_list_init(&join->woken);
}

void edo_join_init(struct edo_join *join, struct edo_branch *array, size_t count)
{
    join_init(join, &join_type, array, count);
}

void edo_try_join_init(struct edo_join *join, struct edo_branch *array, size_t count)
{
    join_init(join, &try_join_type, array, count);
}

void edo_race_init(struct edo_join *race, struct edo_branch *array, size_t count, size_t first)
{
    assert(first == 0 || first < count);
    join_init(race, &race_type, array, count);
    race->first = first < count ? first : 0;
}
