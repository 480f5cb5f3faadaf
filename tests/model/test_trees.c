/* SPDX-License-Identifier: MIT */
/* Random trees of every combinator inside every other, held against a model (trees.h). */
#include <inttypes.h>
#include <string.h>

#include "suites.h"
#include "trees.h"

enum { EVENTS = 8192 };

static struct edo_trace_event events[2][EVENTS];

static void run(struct tree *tree, int variant, int which, struct edo_trace *trace)
{
    edo_trace_init(trace, events[which], EVENTS);
    tree_run(tree, variant, trace);
    tree_expect(tree);
    tree_check(tree);
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

/* On both drivers; the same seed gives the same trace. */
static uint64_t check_tree(struct tree *tree)
{
    struct edo_trace fd, wheel;
    uint64_t operations;

    run(tree, FD_VIRTUAL, 0, &fd);
    operations = tree->operations;
    run(tree, WHEEL_VIRTUAL, 1, &wheel);
    check_same(&fd, &wheel, tree->again);
    return operations + tree->operations;
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

/* Few where every step is slow (under valgrind), a million under sanitizers. */
static uint64_t default_operations(void)
{
    if (getenv("EDO_SMALL") != NULL)
        return 2000;
    return getenv("EDO_SANITIZED") ? 1000000 : 20000;
}

/* EDO_OPERATIONS says how many, EDO_SEED that it is to be this one tree. */
START_TEST(random_trees_end_when_and_as_the_model_says)
{
    static struct tree tree;
    uint64_t most = number_from("EDO_OPERATIONS", default_operations());
    uint64_t seed = number_from("EDO_SEED", 1);
    uint64_t operations = 0, trees = 0;

    for (; operations < most; seed++, trees++) {
        tree_make(&tree, seed);
        operations += check_tree(&tree);
        if (getenv("EDO_SEED") != NULL)
            break;
    }
    printf("trees: %" PRIu64 " operations in %" PRIu64 " trees\n", operations, trees);
}
END_TEST

/* Every combinator inside every other, three deep. */
START_TEST(every_combinator_in_every_other_in_every_other)
{
    static struct tree tree;
    unsigned count = NODE_KINDS - NODE_FIRST_COMBINATOR;
    unsigned seeds = getenv("EDO_SMALL") ? 1 : 2;
    const char *one = getenv("EDO_NEST");

    for (unsigned i = 0; i < count * count * count * seeds; i++) {
        unsigned at = i / seeds;
        enum node_kind kinds[3];

        if (one != NULL && i != number_from("EDO_NEST", 0))
            continue;

        for (int k = 0; k < 3; k++, at /= count)
            kinds[k] = (enum node_kind)(NODE_FIRST_COMBINATOR + at % count);
        tree_make_of(&tree, i, kinds);
        check_tree(&tree);
    }
}
END_TEST

Suite *trees_suite(void)
{
    Suite *suite = suite_create("trees");
    TCase *random = tcase_create("random");

    tcase_add_test(random, random_trees_end_when_and_as_the_model_says);
    tcase_add_test(random, every_combinator_in_every_other_in_every_other);
    tcase_set_timeout(random, 0);
    suite_add_tcase(suite, random);
    return suite;
}
