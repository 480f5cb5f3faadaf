/* SPDX-License-Identifier: MIT */
/* trees_model.c - when each node of a tree should end, and how: recursion, and nothing that runs.
 */
#include <string.h>

#include "trees.h"

/* The moment at which something lets go of a node, and the time at which that is seen. */
struct cancel {
    struct when point;
    struct when seen;
};

static const struct when never = {EDO_NEVER, 0};
static const struct cancel not_cancelled = {{EDO_NEVER, 1}, {EDO_NEVER, 1}};

static bool is_before(struct when a, struct when b)
{
    return a.ns != b.ns ? a.ns < b.ns : a.step < b.step;
}

static struct when later(struct when a, struct when b)
{
    return is_before(a, b) ? b : a;
}

static struct cancel earlier(struct cancel a, struct cancel b)
{
    return is_before(b.point, a.point) ? b : a;
}

/* In the turn of `when`, but before, or after, the node is polled in it. */
static struct cancel before_poll(struct when when)
{
    return (struct cancel){{when.ns, when.step - 1}, when};
}

static struct cancel after_poll(struct when when)
{
    return (struct cancel){{when.ns, when.step + 1}, when};
}

static struct when after_sleep(struct when start, uint64_t duration_ns)
{
    if (start.ns == EDO_NEVER || duration_ns == EDO_NEVER)
        return never;
    if (duration_ns == 0)
        return (struct when){start.ns, start.step + 2};
    return (struct when){start.ns + duration_ns, 1};
}

/* Who is spawned in a turn is polled in the next, and so is who is woken by another's end. */
static struct when a_turn_after(struct when when)
{
    return after_sleep(when, 0);
}

static struct ending end_of(struct node *node, struct when start, struct cancel cancel,
                            bool is_final);

static struct ending natural_end_of(struct node *node, struct when start);

/* It is over when the last of what was going on is, `from` at the earliest. */
static struct when last_end(struct node *node, size_t first, struct when start,
                            struct cancel cancel, bool is_final, struct when from)
{
    for (size_t i = first; i < node->count; i++)
        from = later(from, end_of(node->children[i], start, cancel, is_final).when);
    return from;
}

static struct ending cancelled_at(struct when when)
{
    return (struct ending){.when = when, .kind = END_CANCELLED};
}

static struct ending as_child(struct ending child, struct when when)
{
    child.when = when;
    child.who = 0;
    return child;
}

/* --- Leaves ----------------------------------------------------------------------------------- */

static struct when exchange_end(const struct node *node, struct when start)
{
    uint64_t sent_ns = start.ns, received_ns[8] = {0}, free_ns = start.ns;

    for (unsigned i = 0; i < node->times; i++) {
        uint64_t room_ns = i >= node->capacity ? received_ns[i - node->capacity] : 0;

        sent_ns += node->duration_ns;
        if (sent_ns < room_ns)
            sent_ns = room_ns;
        received_ns[i] = sent_ns > free_ns ? sent_ns : free_ns;
        free_ns = received_ns[i] + node->gap_ns;
    }
    return (struct when){free_ns, 1};
}

static struct ending leaf_end(const struct node *node, struct when start)
{
    struct ending end = {.when = start};

    switch (node->kind) {
    case NODE_NAP:
        if (node->duration_ns != NO_SLEEP)
            end.when = after_sleep(start, node->duration_ns);
        break;
    case NODE_YIELDS:
        end.when.step += 2 * node->times;
        break;
    case NODE_TICKS: /* the first is due at once, which means in the next turn */
        end.when = after_sleep(start, (node->times - 1) * node->duration_ns);
        break;
    default:
        end.when = exchange_end(node, start);
        break;
    }
    end.error = node->error;
    end.kind = end.when.ns == EDO_NEVER ? END_NEVER : end.error ? END_FAILED : END_OK;
    return end;
}

/* --- Combinators. Each is told when it is let go of, which may be never ----------------------- */

static struct ending sequence_end(struct node *node, struct when start, struct cancel cancel,
                                  bool is_final)
{
    struct ending end = {.when = start, .kind = END_OK};

    for (size_t i = 0; i < node->count; i++) {
        end = end_of(node->children[i], end.when, cancel, is_final);
        if (end.kind != END_OK)
            break;
    }
    return as_child(end, end.when);
}

static struct ending join_end(struct node *node, struct when start, struct cancel cancel,
                              bool is_final)
{
    struct when when = last_end(node, 0, start, cancel, is_final, start);

    return (struct ending){.when = when, .kind = END_OK};
}

static size_t rank_of(const struct node *node, size_t i)
{
    return (i + node->count - node->first) % node->count;
}

/* The first child, in time and then in rank, that ends (of a race), or that ends and is not ok (of
 * a try_join); `count` if there is none. */
static size_t find_first(struct node *node, struct when start)
{
    size_t first = node->count;
    struct when when = never;

    for (size_t i = 0; i < node->count; i++) {
        struct ending end = natural_end_of(node->children[i], start);

        if (end.kind == END_NEVER || (node->kind == NODE_TRY_JOIN && end.kind == END_OK))
            continue;
        if (first == node->count || is_before(end.when, when) ||
            (!is_before(when, end.when) && rank_of(node, i) < rank_of(node, first))) {
            first = i;
            when = end.when;
        }
    }
    return first;
}

/* Of a race and a try_join: at `when` the child `first` has ended the rest. Those of lower rank
 * were polled before it in that turn. */
static struct ending ended_by(struct node *node, size_t first, struct when start, struct when when,
                              struct cancel cancel, bool is_final)
{
    struct ending end = natural_end_of(node->children[first], start);
    struct when last = when;

    for (size_t i = 0; i < node->count; i++) {
        struct cancel told =
            rank_of(node, i) <= rank_of(node, first) ? after_poll(when) : before_poll(when);

        last = later(last, end_of(node->children[i], start, earlier(told, cancel), is_final).when);
    }
    end = as_child(end, last);
    end.who = first;
    return end;
}

static struct ending race_end(struct node *node, struct when start, struct cancel cancel,
                              bool is_final)
{
    size_t first = find_first(node, start);
    struct when when;

    if (node->kind == NODE_RACE && node->count == 0)
        return (struct ending){.when = start, .kind = END_FAILED, .error = -EINVAL};
    if (first == node->count)
        return join_end(node, start, cancel, is_final);
    when = natural_end_of(node->children[first], start).when;
    if (!is_before(when, cancel.point))
        return join_end(node, start, cancel, is_final);
    return ended_by(node, first, start, when, cancel, is_final);
}

static struct ending timeout_end(struct node *node, struct when start, struct cancel cancel,
                                 bool is_final)
{
    struct when deadline = after_sleep(start, node->duration_ns);
    struct ending child = natural_end_of(node->children[0], start);
    bool has_expired = is_before(deadline, child.when) && is_before(deadline, cancel.point);

    if (has_expired)
        cancel = earlier(after_poll(deadline), cancel);
    child = end_of(node->children[0], start, cancel, is_final);
    if (!has_expired)
        return as_child(child, child.when);
    return (struct ending){
        .when = later(deadline, child.when), .kind = END_FAILED, .error = -ETIMEDOUT, .who = 1};
}

static struct ending shield_end(struct node *node, struct when start, bool is_final)
{
    struct ending end = end_of(node->children[0], start, not_cancelled, is_final);

    return as_child(end, end.when);
}

static struct cancel told_cancel(const struct node *node, struct when start)
{
    struct when when = {node->told_ns, node->told_step};

    if (node->told_ns == EDO_NEVER || !is_before(start, when))
        return not_cancelled;
    return (struct cancel){when, when};
}

static struct ending task_end(struct node *node, struct when start, struct cancel cancel,
                              bool is_final)
{
    struct node *child = node->children[0];
    struct ending end =
        end_of(child, a_turn_after(start), earlier(told_cancel(child, start), cancel), is_final);

    return as_child(end, a_turn_after(end.when));
}

static struct ending group_end(struct node *node, struct when start, struct cancel cancel,
                               bool is_final)
{
    struct ending owner = end_of(node->children[0], start, cancel, is_final);
    struct when last = owner.when;

    if (owner.kind != END_OK && owner.kind != END_NEVER)
        cancel = earlier(after_poll(owner.when), cancel);
    for (size_t i = 1; i < node->count; i++) {
        struct node *member = node->children[i];
        struct ending end = end_of(member, a_turn_after(start),
                                   earlier(told_cancel(member, start), cancel), is_final);

        last = later(last, a_turn_after(end.when));
    }
    return as_child(owner, last);
}

static struct ending combinator_end(struct node *node, struct when start, struct cancel cancel,
                                    bool is_final)
{
    switch (node->kind) {
    case NODE_SEQUENCE:
        return sequence_end(node, start, cancel, is_final);
    case NODE_JOIN:
        return join_end(node, start, cancel, is_final);
    case NODE_RACE:
    case NODE_TRY_JOIN:
        return race_end(node, start, cancel, is_final);
    case NODE_TIMEOUT:
        return timeout_end(node, start, cancel, is_final);
    case NODE_SHIELD:
        return shield_end(node, start, is_final);
    case NODE_TASK:
        return task_end(node, start, cancel, is_final);
    default:
        return group_end(node, start, cancel, is_final);
    }
}

/* Nobody lets go of it: how it ends of itself. */
static struct ending natural_end_of(struct node *node, struct when start)
{
    struct ending end = node->kind < NODE_FIRST_COMBINATOR
                            ? leaf_end(node, start)
                            : combinator_end(node, start, not_cancelled, false);

    if (end.when.ns == EDO_NEVER)
        end.kind = END_NEVER;
    return end;
}

/* When `node`, first polled at `start`, ends, and how. With `is_final` that is what is expected of
 * it, and not only asked for. */
static struct ending end_of(struct node *node, struct when start, struct cancel cancel,
                            bool is_final)
{
    struct ending end = natural_end_of(node, start);
    struct when last = is_before(start, cancel.point) ? start : cancel.seen;

    if (is_before(start, cancel.point) && node->kind >= NODE_FIRST_COMBINATOR)
        last = combinator_end(node, start, cancel, is_final).when;
    if (!is_before(start, cancel.point) || !is_before(end.when, cancel.point))
        end = cancelled_at(later(cancel.seen, last));
    if (end.when.ns == EDO_NEVER)
        end.kind = END_NEVER;
    if (is_final)
        node->expected = end;
    return end;
}

void tree_expect(struct tree *tree)
{
    struct cancel cancel = {tree->cancelled, tree->cancelled};

    if (tree->is_exact && tree->cancel_ns != EDO_NEVER)
        cancel.seen.step = 1; /* by a task, in the first turn at that instant */
    for (size_t i = 0; i < tree->count; i++)
        tree->nodes[i].expected = (struct ending){.kind = END_NOT_STARTED};
    end_of(&tree->nodes[0], (struct when){0, 1}, cancel, true);
}
