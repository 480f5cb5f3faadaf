/* SPDX-License-Identifier: MIT */
/* All small programs, and not only some of them: every tree of few nodes (trees.h) and every
 * program of few operations in every order of polls (scripts.h), with a failure and a cancel at
 * every place, held against the models.
 *
 * EDO_SMALL_NODES says how many nodes. EDO_SEQUENCE, as a failure prints it, runs one program alone
 * and prints its trace. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "scripts.h"
#include "suites.h"
#include "trees.h"

static const char *const small_names[] = {"exact",       "loose",       "ties",
                                          "exact-pairs", "loose-pairs", "ties-pairs"};

static unsigned small_nodes(void)
{
    const char *text = getenv("EDO_SMALL_NODES");

    if (text != NULL)
        return (unsigned)strtoul(text, NULL, 10);
    return getenv("EDO_SMALL") ? 1 : 2;
}

struct counts {
    uint64_t trees;    /* with a failure at every place, or with none */
    uint64_t runs;     /* of these with a cancel at every place, or with none; on each driver */
    uint64_t left_out; /* made, and not of the kind that was asked for */
};

static void check_again(struct tree *tree, const struct choices *choices, enum small_trees trees)
{
    char text[CHOICES_TEXT];

    choices_print(choices, text);
    snprintf(tree->again, sizeof tree->again, "EDO_SEQUENCE=%s CK_RUN_CASE=%s", text,
             small_names[trees]);
    tree_check(tree);
}

/* Where to cancel it is known when it has run without. */
static void check_small(struct choices *choices, enum small_trees trees, unsigned least,
                        unsigned most, struct counts *counts)
{
    static struct tree tree;
    static struct course course;
    unsigned nodes = 1 + choose(choices, most);

    if (nodes < least)
        return;
    if (!tree_make_small(&tree, choices, trees, nodes)) {
        counts->left_out++;
        return;
    }
    if (!choices_are_as_before(choices)) {
        check_again(&tree, choices, trees);
        course = tree.course;
        counts->trees++;
        counts->runs++;
    }
    if (!tree_cancel_small(&tree, choices, &course))
        return;
    check_again(&tree, choices, trees);
    counts->runs++;
}

static void check_all_small(enum small_trees trees, unsigned least, unsigned most)
{
    const char *one = getenv("EDO_SEQUENCE");
    struct counts counts = {0};
    struct choices choices;

    if (one != NULL) {
        choices_of_text(&choices, one);
        check_small(&choices, trees, 1, NODES_MAX, &counts);
        return;
    }
    choices_of_all(&choices);
    do
        check_small(&choices, trees, least, most, &counts);
    while (choices_next(&choices));
    printf("small trees, %s, %u to %u nodes: %" PRIu64 " trees, %" PRIu64
           " programs, each on both drivers\n",
           small_names[trees], least, most, counts.trees, counts.runs);
    if (counts.left_out > 0)
        printf("  left out: %" PRIu64 " trees %s\n", counts.left_out,
               trees == SMALL_LOOSE || trees == SMALL_TIES ? "without tasks, which are exact"
                                                           : "that are no such pair");
}

START_TEST(trees_in_one_task)
{
    check_all_small(SMALL_EXACT, 1, small_nodes());
}
END_TEST

START_TEST(trees_with_tasks)
{
    check_all_small(SMALL_LOOSE, 1, small_nodes());
}
END_TEST

START_TEST(trees_with_tasks_and_ties)
{
    check_all_small(SMALL_TIES, 1, small_nodes());
}
END_TEST

START_TEST(pairs_in_one_task)
{
    check_all_small(SMALL_EXACT_PAIRS, small_nodes() + 1, small_nodes() + 1);
}
END_TEST

START_TEST(pairs_with_tasks)
{
    check_all_small(SMALL_LOOSE_PAIRS, small_nodes() + 1, small_nodes() + 1);
}
END_TEST

START_TEST(pairs_with_tasks_and_ties)
{
    check_all_small(SMALL_TIES_PAIRS, small_nodes() + 1, small_nodes() + 1);
}
END_TEST

static const char *const object_names[OBJECTS] = {"channel", "semaphore", "notify", "pipe",
                                                  "group"};

static void check_all_schedules(enum object object, unsigned most)
{
    const char *one = getenv("EDO_SEQUENCE");
    struct schedule_counts counts = {0};
    struct choices choices;
    char again[40];

    snprintf(again, sizeof again, "CK_RUN_CASE=%s", object_names[object]);
    schedules_open();
    if (one != NULL) {
        choices_of_text(&choices, one);
        schedule_check(&choices, object, SCRIPTS * OPS_MAX, again, &counts);
        schedules_close();
        return;
    }
    choices_of_all(&choices);
    do
        schedule_check(&choices, object, most, again, &counts);
    while (choices_next(&choices));
    schedules_close();
    printf("small programs, %s, up to %u operations: %" PRIu64 " programs, %" PRIu64
           " schedules, %" PRIu64 " states\n",
           object_names[object], most, counts.programs, counts.schedules, counts.states);
    printf("  left out: %" PRIu64 " programs %s\n", counts.left_out,
           object == OBJECT_GROUP ? "that spawn more or fewer members than they have"
                                  : "that are another with its tasks renamed");
}

/* The pipe makes system calls, so it gets a step less. */
START_TEST(every_schedule)
{
    unsigned most = small_nodes() + 2 - (_i == OBJECT_PIPE);

    check_all_schedules((enum object)_i, most < SCRIPTS * OPS_MAX ? most : SCRIPTS * OPS_MAX);
}
END_TEST

static void add_schedules(Suite *suite, enum object object)
{
    TCase *tcase = tcase_create(object_names[object]);

    tcase_add_loop_test(tcase, every_schedule, (int)object, (int)object + 1);
    tcase_set_timeout(tcase, 0);
    suite_add_tcase(suite, tcase);
}

static void add_case(Suite *suite, const char *name, const TTest *test)
{
    TCase *tcase = tcase_create(name);

    tcase_add_test(tcase, test);
    tcase_set_timeout(tcase, 0);
    suite_add_tcase(suite, tcase);
}

Suite *small_suite(void)
{
    Suite *suite = suite_create("small");

    add_case(suite, small_names[SMALL_EXACT], trees_in_one_task);
    add_case(suite, small_names[SMALL_LOOSE], trees_with_tasks);
    add_case(suite, small_names[SMALL_TIES], trees_with_tasks_and_ties);
    add_case(suite, small_names[SMALL_EXACT_PAIRS], pairs_in_one_task);
    add_case(suite, small_names[SMALL_LOOSE_PAIRS], pairs_with_tasks);
    add_case(suite, small_names[SMALL_TIES_PAIRS], pairs_with_tasks_and_ties);
    for (enum object object = 0; object < OBJECTS; object++)
        add_schedules(suite, object);
    return suite;
}
