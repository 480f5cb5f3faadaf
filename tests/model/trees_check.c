/* SPDX-License-Identifier: MIT */
/* trees_check.c - holds what is seen of a tree against what is expected, with both drivers. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "trees.h"

/* --- Holding it against the model ------------------------------------------------------------- */

static const char *const kind_names[NODE_KINDS] = {"nap",      "yields", "ticks", "exchange",
                                                   "sequence", "join",   "race",  "try_join",
                                                   "timeout",  "shield", "task",  "group"};
static const char *const ending_names[] = {"never", "not started", "ok", "failed", "cancelled"};

static void print_ending(const char *what, const struct ending *ending)
{
    fprintf(stderr, "%s: %s", what, ending_names[ending->kind]);
    if (ending->kind > END_NOT_STARTED)
        fprintf(stderr, " at %" PRIu64 " step %u (%d, %zu)", ending->when.ns, ending->when.step,
                ending->error, ending->who);
}

static void print_number(const char *what, uint64_t number)
{
    if (number == EDO_NEVER || number == NO_SLEEP)
        fprintf(stderr, " %s %s", what, number == EDO_NEVER ? "never" : "none");
    else if (number != 0)
        fprintf(stderr, " %s %" PRIu64, what, number);
}

static bool has_shield(const struct tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        if (tree->nodes[i].kind == NODE_SHIELD)
            return true;
    return false;
}

/* Whether the model says the very turn of what happens at `ns`. A task that is cancelled in the
 * turn in which it was to be polled, and whose shield holds, is polled in the next. */
static bool is_turn_exact(const struct tree *tree, uint64_t ns)
{
    return tree->is_exact && (ns != tree->cancel_ns || !has_shield(tree));
}

static bool is_as_expected(const struct tree *tree, const struct node *node)
{
    const struct ending *seen = &node->seen, *expected = &node->expected;

    if (seen->kind != expected->kind)
        return false;
    if (seen->kind <= END_NOT_STARTED)
        return true;
    return seen->when.ns == expected->when.ns &&
           (!is_turn_exact(tree, seen->when.ns) || seen->when.step == expected->when.step) &&
           (seen->kind != END_FAILED || seen->error == expected->error) &&
           (seen->kind == END_CANCELLED || seen->who == expected->who);
}

static void print_node(const struct tree *tree, const struct node *node, int depth)
{
    fprintf(stderr, "%*s%s, %s:", 2 * depth, "", node->name, kind_names[node->kind]);
    print_number("duration", node->duration_ns);
    print_number("gap", node->gap_ns);
    print_number("times", node->times);
    print_number("capacity", node->capacity);
    print_number("first", node->first);
    print_number("cancelled", node->told_ns);
    fprintf(stderr, " error %d", node->error);
    if (!is_as_expected(tree, node)) {
        print_ending("   <-- expected", &node->expected);
        print_ending(", seen", &node->seen);
    }
    fputc('\n', stderr);
    for (size_t i = 0; i < node->count; i++)
        print_node(tree, node->children[i], depth + 1);
}

/* --- Ties ------------------------------------------------------------------------------------- */

static bool is_finite(const struct node *node)
{
    return node->duration_ns > 0 && node->duration_ns < NO_SLEEP;
}

/* Each duration gets a little more, which tells its deadlines from all others. How much, makes the
 * order. Then the model is asked; what it says is back in whole ms. */
static void expect_in_order(struct tree *tree, struct choices *order)
{
    uint64_t more[NODES_MAX], durations[NODES_MAX] = {0};
    unsigned count = 0;

    for (size_t i = 0; i < tree->count; i++) {
        durations[i] = tree->nodes[i].duration_ns;
        if (is_finite(&tree->nodes[i])) {
            more[count] = count == 0 ? 1 : more[count - 1] * 32;
            count++;
        }
    }
    for (size_t i = 0; i < tree->count; i++)
        if (is_finite(&tree->nodes[i])) {
            unsigned at = choose(order, count);

            tree->nodes[i].duration_ns += more[at];
            more[at] = more[--count];
        }
    tree_expect(tree);
    for (size_t i = 0; i < tree->count; i++) {
        struct when *when = &tree->nodes[i].expected.when;

        tree->nodes[i].duration_ns = durations[i];
        if (when->ns != EDO_NEVER)
            when->ns -= when->ns % EDO_MS(1);
    }
}

/* What cancels comes later by as much as some of the deadlines, and in any of the turns there. */
static struct when choose_delay(struct choices *order)
{
    struct when delay = {0, 2 * choose(order, 4)};

    for (uint64_t more = 1; more <= UINT64_C(32) * 32 * 32; more *= 32)
        delay.ns += more * choose(order, 3);
    return delay;
}

static void delay_cancel(struct tree *tree, struct when delay)
{
    if (tree->cancelled.ns != 0 && tree->cancelled.ns != EDO_NEVER) {
        tree->cancelled.ns += delay.ns;
        tree->cancelled.step += delay.step;
    }
    for (size_t i = 0; i < tree->count; i++)
        if (tree->nodes[i].told_ns != EDO_NEVER) {
            tree->nodes[i].told_ns += delay.ns;
            tree->nodes[i].told_step += delay.step;
        }
}

static bool is_all_as_expected(const struct tree *tree)
{
    for (size_t i = 0; i < tree->count; i++)
        if (!is_as_expected(tree, &tree->nodes[i]))
            return false;
    return true;
}

/* Goes through the orders until one is as it was seen. */
static void expect_in_some_order(struct tree *tree)
{
    struct choices order;

    choices_of_all(&order);
    do {
        struct when delay = choose_delay(&order);

        delay_cancel(tree, delay);
        expect_in_order(tree, &order);
        delay_cancel(tree, (struct when){-delay.ns, -delay.step});
        if (is_all_as_expected(tree))
            return;
    } while (choices_next(&order));
}

/* --- Both drivers ----------------------------------------------------------------------------- */

void tree_check_seen(const struct tree *tree, const struct edo_trace *trace)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (is_as_expected(tree, &tree->nodes[i]))
            continue;
        if (trace != NULL)
            edo_trace_write(trace, stderr);
        fprintf(stderr, "%s; cancelled at %" PRIu64 " step %u\n",
                tree->is_exact ? "exact" : "loose", tree->cancelled.ns, tree->cancelled.step);
        print_node(tree, &tree->nodes[0], 0);
        ck_abort_msg("%s ended otherwise than expected; again: %s make check", tree->nodes[i].name,
                     tree->again);
    }
    tree_check_rest(tree);
}

void tree_check_rest(const struct tree *tree)
{
    if (tree->left_armed)
        ck_abort_msg("%s: %u sources were left armed", tree->again, tree->left_armed);
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same(const struct edo_trace_event *a, const struct edo_trace_event *b)
{
    return a->t_ns == b->t_ns && a->kind == b->kind && a->task == b->task && a->other == b->other &&
           a->arg == b->arg && is_same_text(a->name, b->name) && is_same_text(a->from, b->from) &&
           is_same_text(a->to, b->to);
}

static void check_same(const struct edo_trace *one, const struct edo_trace *other,
                       const char *again)
{
    if (one->recorded != other->recorded)
        ck_abort_msg("%s: the traces have %" PRIu64 " and %" PRIu64 " events", again, one->recorded,
                     other->recorded);
    for (size_t i = 0; i < edo_trace_count(one); i++)
        if (!is_same(edo_trace_at(one, i), edo_trace_at(other, i)))
            ck_abort_msg("%s: the traces differ in event %zu", again, i);
}

uint64_t tree_check(struct tree *tree)
{
    enum { EVENTS = 8192 };
    static struct edo_trace_event events[VIRTUAL_VARIANTS][EVENTS];
    struct edo_trace traces[VIRTUAL_VARIANTS];
    uint64_t operations = 0;

    for (int variant = 0; variant < VIRTUAL_VARIANTS; variant++) {
        edo_trace_init(&traces[variant], events[variant], EVENTS);
        tree_run(tree, variant, &traces[variant]);
        if (tree->has_ties)
            expect_in_some_order(tree);
        else
            tree_expect(tree);
        tree_check_seen(tree, &traces[variant]);
        if (getenv("EDO_SEQUENCE") != NULL)
            edo_trace_write(&traces[variant], stderr);
        operations += tree->operations;
    }
    check_same(&traces[FD_VIRTUAL], &traces[WHEEL_VIRTUAL], tree->again);
    return operations;
}
