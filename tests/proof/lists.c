/* SPDX-License-Identifier: MIT */
/* lists.c - each operation of a list, on every list of up to NODES nodes, at each node.
 *
 * An operation but for the sort touches no more than the neighbours of a head and of a node, and
 * there is no neighbourhood that is not in one of these lists: the head on both sides, on one of
 * them, or two nodes. */
#include "base/list.h"
#include "base/sort.c"

#include "proof.h"

enum { NODES = 4 };

/* Node i's next is node order[i + 1]. */
struct world {
    struct edo_list head, nodes[NODES];
    struct edo_list *order[NODES + 1]; /* in the list: the head first */
    unsigned count;                    /* of nodes in the list */
};

/* The invariant: the links of a list in `order`, both ways round. */
static bool is_well_formed(struct edo_list *const *order, unsigned count)
{
    for (unsigned i = 0; i <= count; i++) {
        const struct edo_list *next = order[i < count ? i + 1 : 0];

        if (order[i]->next != next || next->prev != order[i])
            return false;
    }
    return true;
}

static bool is_alone(const struct edo_list *node)
{
    return node->next == node && node->prev == node;
}

/* The list of the first `count` nodes. Which nodes they are makes no difference. */
static void make_list(struct world *world, unsigned count)
{
    world->order[0] = &world->head;
    world->count = count;
    for (unsigned i = 0; i < NODES; i++)
        world->order[i + 1] = &world->nodes[i];
    for (unsigned i = 0; i <= count; i++) {
        world->order[i]->next = world->order[i < count ? i + 1 : 0];
        world->order[i]->prev = world->order[i > 0 ? i - 1 : count];
    }
}

void append_puts_it_last(void)
{
    struct world world;

    for (unsigned count = 0; count < NODES; count++) {
        make_list(&world, count);
        edo_list_append(&world.head, world.order[count + 1]);
        ALWAYS(is_well_formed(world.order, count + 1), "behind all others");
    }
}

/* The same, seen from any node: it comes in front of that node. */
void append_puts_it_in_front(void)
{
    struct world world;
    struct edo_list *order[NODES + 1];

    for (unsigned count = 1; count < NODES; count++)
        for (unsigned at = 1; at <= count; at++) {
            make_list(&world, count);
            edo_list_append(world.order[at], world.order[count + 1]);
            for (unsigned i = 0; i <= count; i++)
                order[i >= at ? i + 1 : i] = world.order[i];
            order[at] = world.order[count + 1];
            ALWAYS(is_well_formed(order, count + 1), "in front of it");
        }
}

void remove_leaves_the_others(void)
{
    struct world world;

    for (unsigned count = 1; count <= NODES; count++)
        for (unsigned at = 1; at <= count; at++) {
            make_list(&world, count);
            edo_list_remove(world.order[at]);
            ALWAYS(is_alone(world.order[at]), "it is alone");
            edo_list_remove(world.order[at]);
            ALWAYS(is_alone(world.order[at]), "removed again, it is alone");
            for (unsigned i = at; i < count; i++)
                world.order[i] = world.order[i + 1];
            ALWAYS(is_well_formed(world.order, count - 1), "the others in their order");
        }
}

void take_moves_all(void)
{
    struct world world;
    struct edo_list to;

    for (unsigned count = 0; count <= NODES; count++) {
        make_list(&world, count);
        ALWAYS(edo_list_is_empty(&world.head) == (count == 0), "empty if it has no node");
        edo_list_take(&to, &world.head);
        ALWAYS(is_alone(&world.head), "nothing is left");
        world.order[0] = &to;
        ALWAYS(is_well_formed(world.order, count), "all, in their order");
    }
}

/* --- Sorting ---------------------------------------------------------------------------------- */

enum { SORTED = 3 };

struct keyed {
    struct edo_list link;
    unsigned key, number;
};

static bool is_less(const struct edo_list *a, const struct edo_list *b)
{
    return ((const struct keyed *)a)->key < ((const struct keyed *)b)->key;
}

static unsigned number_of(const struct edo_list *link)
{
    return ((const struct keyed *)link)->number;
}

/* As many nodes as there were, and no two neighbours that are out of order or, with equal keys,
 * have changed places: so it is the one list that it should be. */
static void check_sorted(const struct edo_list *head)
{
    unsigned count = 0;

    for (const struct edo_list *at = head->next; at != head; at = at->next, count++) {
        ALWAYS(at->next->prev == at && at->prev->next == at, "linked both ways");
        if (at->next != head)
            ALWAYS(is_less(at, at->next) ||
                       (!is_less(at->next, at) && number_of(at) < number_of(at->next)),
                   "in order, and equal keys as they were");
    }
    ALWAYS(count == SORTED, "none is lost");
}

/* The sort only compares, so a key of each size there can be, for each node, is every list. */
void sort_orders_and_is_stable(void)
{
    struct keyed nodes[SORTED];
    struct edo_list head;

    for (unsigned keys = 0; keys < 27; keys++) {
        edo_list_init(&head);
        for (unsigned i = 0, left = keys; i < SORTED; i++, left /= 3) {
            nodes[i].key = left % 3;
            nodes[i].number = i;
            edo_list_append(&head, &nodes[i].link);
        }
        edo_list_sort(&head, is_less);
        check_sorted(&head);
    }
}
