/* SPDX-License-Identifier: MIT */
/* Random trees of every combinator inside every other, held against a model (trees.h). */
#include <inttypes.h>

#include "suites.h"
#include "trees.h"

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
        operations += tree_check(&tree);
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
        tree_check(&tree);
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
