/* SPDX-License-Identifier: MIT */
/* trees_small.c - makes trees of few nodes, with a choice for all that can be otherwise. */
#include <stdio.h>

#include "trees.h"

struct leaf {
    enum node_kind kind;
    unsigned times;
    uint64_t duration_ns;
};

/* In an EXACT tree. What takes no time at all, a turn, two; deadlines that meet and that don't.
 * There are at most three in parallel, and three durations put them into every order. */
static const struct leaf exact_leaves[] = {{NODE_NAP, 0, EDO_MS(1)}, {NODE_NAP, 0, EDO_MS(2)},
                                           {NODE_NAP, 0, 0},         {NODE_NAP, 0, NO_SLEEP},
                                           {NODE_NAP, 0, EDO_NEVER}, {NODE_YIELDS, 1, 0},
                                           {NODE_YIELDS, 2, 0},      {NODE_TICKS, 2, EDO_MS(1)}};
static const uint64_t exact_limits[] = {EDO_MS(1), EDO_MS(2), 0, EDO_NEVER};

/* In a LOOSE one. Those with a duration get theirs afterwards. */
static const struct leaf loose_leaves[] = {
    {NODE_NAP, 0, 0}, {NODE_NAP, 0, EDO_NEVER}, {NODE_TICKS, 2, 0}, {NODE_EXCHANGE, 2, 0}};

static void make_small_leaf(struct tree *tree, struct choices *choices)
{
    const struct leaf *leaf =
        tree->is_exact ? &exact_leaves[choose(choices, sizeof exact_leaves / sizeof *exact_leaves)]
                       : &loose_leaves[choose(choices, sizeof loose_leaves / sizeof *loose_leaves)];
    struct node *node = tree_add(tree, leaf->kind);

    node->times = leaf->times;
    node->duration_ns = leaf->duration_ns;
    node->capacity = 1;
}

static bool has_one_child(enum node_kind kind)
{
    return kind == NODE_TIMEOUT || kind == NODE_SHIELD || kind == NODE_TASK;
}

static bool can_be_empty(enum node_kind kind)
{
    return !has_one_child(kind) && kind != NODE_GROUP;
}

/* Of the combinators those that may have `count` children. */
static enum node_kind choose_combinator(const struct tree *tree, struct choices *choices,
                                        size_t count)
{
    enum node_kind fit[NODE_KINDS] = {NODE_FIRST_COMBINATOR};
    unsigned fits = 0;

    for (enum node_kind kind = NODE_FIRST_COMBINATOR; kind < NODE_KINDS; kind++)
        if ((!tree->is_exact || !tree_needs_tasks(kind)) && (count <= 1 || !has_one_child(kind)) &&
            (count > 0 || can_be_empty(kind)))
            fit[fits++] = kind;
    return fit[choose(choices, fits)];
}

/* The children's nodes are shared out in every way. Children are never swapped for a form that
 * counts as the same: in which order they stand can be seen. */
static struct node *make_small_node(struct tree *tree, struct choices *choices, unsigned nodes)
{
    unsigned left = nodes - 1;
    struct node *node;
    size_t count = 0;

    if (left > 0)
        count = 1 + choose(choices, left < CHILDREN_MAX ? left : CHILDREN_MAX);
    if (left == 0 && choose(choices, 2) == 0) {
        make_small_leaf(tree, choices);
        return &tree->nodes[tree->count - 1];
    }
    node = tree_add(tree, choose_combinator(tree, choices, count));
    node->count = count;
    if (node->kind == NODE_RACE && count > 0)
        node->first = choose(choices, (unsigned)count);
    if (node->kind == NODE_TIMEOUT && tree->is_exact)
        node->duration_ns =
            exact_limits[choose(choices, sizeof exact_limits / sizeof *exact_limits)];
    for (unsigned i = 0; i < count; i++) {
        unsigned others = (unsigned)count - i - 1;
        unsigned share = others == 0 ? left : 1 + choose(choices, left - others);

        node->children[i] = make_small_node(tree, choices, share);
        left -= share;
    }
    return node;
}

static bool has_tasks(const struct tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        if (tree_needs_tasks(tree->nodes[i].kind))
            return true;
    return false;
}

/* Those that cancel, or that hold a cancel off, and nothing else but leaves. */
static bool is_pair(const struct tree *tree)
{
    unsigned combinators = 0;

    for (size_t i = 0; i < tree->count; i++) {
        enum node_kind kind = tree->nodes[i].kind;

        if (kind == NODE_SEQUENCE || kind == NODE_JOIN)
            return false;
        combinators += kind >= NODE_FIRST_COMBINATOR;
    }
    return combinators == 2;
}

/* None, or one of those that can. */
static void fail_one(struct tree *tree, struct choices *choices)
{
    struct node *can[NODES_MAX];
    unsigned count = 0, chosen;

    for (size_t i = 0; i < tree->count; i++) {
        struct node *node = &tree->nodes[i];

        if (node->kind == NODE_YIELDS || (node->kind == NODE_NAP && node->duration_ns != EDO_NEVER))
            can[count++] = node;
    }
    chosen = choose(choices, 1 + count);
    if (chosen > 0)
        can[chosen - 1]->error = -EIO;
}

static bool wants_duration(const struct node *node)
{
    return (node->kind < NODE_FIRST_COMBINATOR && node->duration_ns != EDO_NEVER) ||
           node->kind == NODE_TIMEOUT;
}

/* So far apart that no sum of some of them meets another sum. */
static unsigned make_durations(const struct tree *tree, uint64_t durations[NODES_MAX])
{
    unsigned count = 0;

    for (size_t i = 0; i < tree->count; i++)
        if (wants_duration(&tree->nodes[i])) {
            durations[count] = count == 0 ? EDO_US(64) : durations[count - 1] * 64;
            count++;
        }
    return count;
}

/* All in every order; the consumer of an exchange is faster than its producer, or slower. */
static void give_durations(struct tree *tree, struct choices *choices)
{
    uint64_t durations[NODES_MAX];
    unsigned count = make_durations(tree, durations);

    for (size_t i = 0; i < tree->count; i++) {
        struct node *node = &tree->nodes[i];
        unsigned at;

        if (!wants_duration(node))
            continue;
        at = choose(choices, count);
        node->duration_ns = durations[at];
        durations[at] = durations[--count];
        if (node->kind == NODE_EXCHANGE)
            node->gap_ns = node->duration_ns / 4 * (choose(choices, 2) ? 1 : 6);
    }
}

/* Each of two. */
static void give_ties(struct tree *tree, struct choices *choices)
{
    for (size_t i = 0; i < tree->count; i++) {
        struct node *node = &tree->nodes[i];

        if (wants_duration(node))
            node->duration_ns = EDO_MS(1 + choose(choices, 2));
        node->gap_ns = EDO_MS(node->kind == NODE_EXCHANGE);
    }
}

bool tree_make_small(struct tree *tree, struct choices *choices, enum small_trees trees,
                     unsigned nodes)
{
    tree->count = 0;
    tree->cancel_turn = 0;
    tree->cancel_ns = EDO_NEVER;
    tree->is_canceller_last = false;
    tree->has_ties = trees == SMALL_TIES || trees == SMALL_TIES_PAIRS;
    tree->is_exact = trees == SMALL_EXACT || trees == SMALL_EXACT_PAIRS;
    make_small_node(tree, choices, nodes);
    if (!tree->is_exact && !has_tasks(tree))
        return false;
    if (trees >= SMALL_EXACT_PAIRS && !is_pair(tree))
        return false;
    if (tree->has_ties)
        give_ties(tree, choices);
    else if (!tree->is_exact)
        give_durations(tree, choices);
    fail_one(tree, choices);
    return true;
}

/* In a LOOSE tree: between any two instants, after the first turn and after the last; or, with
 * ties, at each instant. */
static uint64_t choose_time(const struct tree *tree, struct choices *choices,
                            const struct course *course)
{
    unsigned count = (unsigned)course->instant_count, i;

    if (tree->has_ties)
        return count == 0 ? EDO_MS(1) : course->instants[choose(choices, count)];
    i = choose(choices, count + 1);
    return i == 0 ? 1 : course->instants[i - 1] + 1;
}

/* Before each turn; or by a task that is polled before the root in the first turn at an instant,
 * when what the root waits for has come due. */
static void cancel_exact(struct tree *tree, struct choices *choices, const struct course *course)
{
    unsigned i = choose(choices, course->turns + (unsigned)course->instant_count);

    if (i < course->turns)
        tree->cancel_turn = 1 + i;
    else
        tree->cancel_ns = course->instants[i - course->turns];
}

/* The root, before its first poll or later, or one of the tasks. */
static void cancel_loose(struct tree *tree, struct choices *choices, const struct course *course)
{
    struct node *tasks[NODES_MAX];
    unsigned count = 0, chosen;

    for (size_t i = 1; i < tree->count; i++)
        if (tree_is_task(tree, i))
            tasks[count++] = &tree->nodes[i];
    chosen = choose(choices, 2 + count);
    if (chosen == 0)
        tree->cancel_turn = 1;
    else if (chosen == 1)
        tree->cancel_ns = choose_time(tree, choices, course);
    else
        tasks[chosen - 2]->told_ns = choose_time(tree, choices, course);
    if (chosen > 0 && tree->has_ties)
        tree->is_canceller_last = choose(choices, 2);
}

bool tree_cancel_small(struct tree *tree, struct choices *choices, const struct course *course)
{
    if (choose(choices, 2) == 0)
        return false;
    if (tree->is_exact)
        cancel_exact(tree, choices, course);
    else
        cancel_loose(tree, choices, course);
    return true;
}
