/* SPDX-License-Identifier: MIT */
/* trees.h - random trees of futures, and a slow and obvious model of when each should end and how.
 *
 * A tree is made from a seed alone, or from bytes alone. It is run on the virtual clock, cancelled
 * at random moments, and every future in it is looked at after every turn; then the model says, by
 * plain recursion over the tree and with no loop, reactor or waker, what should have been seen.
 *
 * EXACT trees live in one task, and the model says the very turn; deadlines coincide often. LOOSE
 * trees have tasks, groups and channels in them, whose turns depend on the run queue; there the
 * model says the time, and all durations are different. Or they have ties, and must end as the
 * model says of some order in which what coincides might come. Under a schedule (schedule.h) all
 * are LOOSE, without ties. */
#ifndef TESTS_TREES_H
#define TESTS_TREES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "choices.h"
#include "helper.h"

enum node_kind {
    NODE_NAP, /* leaves */
    NODE_YIELDS,
    NODE_TICKS,
    NODE_EXCHANGE,
    NODE_SEQUENCE, /* combinators */
    NODE_JOIN,
    NODE_RACE,
    NODE_TRY_JOIN,
    NODE_TIMEOUT,
    NODE_SHIELD,
    NODE_TASK,
    NODE_GROUP,
    NODE_KINDS,
    NODE_FIRST_COMBINATOR = NODE_SEQUENCE,
};

/* A nap of no sleep at all: it ends in its first poll. */
#define NO_SLEEP (EDO_NEVER - 1)

enum { CHILDREN_MAX = 3, NODES_MAX = 200, INSTANTS_MAX = 64 };

/* When something happens: what happens in the nth turn at an instant has `step` 2n + 1, what
 * happens between two turns the even number between theirs. */
struct when {
    uint64_t ns;
    unsigned step;
};

/* How a node ends. */
struct ending {
    struct when when;
    enum { END_NEVER, END_NOT_STARTED, END_OK, END_FAILED, END_CANCELLED } kind;
    int error;
    size_t who; /* the winner of a race, the failed one of a try_join, 1: a timeout has expired */
};

/* async fn nap { sleep(duration).await; error or ok } */
struct nap {
    struct edo_future future;
    struct edo_sleep sleep;
};

struct yields {
    struct edo_future future;
    struct edo_yield yield;
    unsigned left;
};

struct ticks {
    struct edo_future future;
    struct edo_interval interval;
    unsigned left;
};

/* One end of a channel: sends, or receives, so many messages, with a sleep before or after each. */
struct exchange_end {
    struct edo_future future;
    struct edo_sleep gap;
    struct edo_send send;
    struct edo_receive receive;
    unsigned count;
    unsigned message;
};

struct exchange {
    struct edo_join join;
    struct edo_branch array[2];
    struct exchange_end ends[2];
    struct edo_channel channel;
    unsigned buffer[4];
};

/* async fn { spawn(child); join it; as the child did } */
struct spawned {
    struct edo_future future;
    struct edo_task task;
    struct edo_join_tasks join;
};

/* async fn { spawn all but the first into the group; the first.await } in its group */
struct nursery {
    struct edo_group group;
    struct edo_future owner;
    struct edo_member members[CHILDREN_MAX];
};

struct node {
    enum node_kind kind;
    struct node *children[CHILDREN_MAX];
    size_t count;
    char name[16];

    uint64_t duration_ns; /* of a nap, a timeout, a period, the producer's gap */
    uint64_t gap_ns;      /* exchange: the consumer's */
    unsigned times;       /* yields, ticks, messages */
    unsigned capacity;    /* exchange */
    int error;            /* nap, yields: ends with this */
    size_t first;         /* race */
    uint64_t told_ns;     /* its task is told to cancel then; EDO_NEVER: not */
    unsigned told_step;   /* for the model: in which turn at that time */

    struct edo_future *future; /* what runs it: one of these */
    union {
        struct nap nap;
        struct yields yields;
        struct ticks ticks;
        struct exchange exchange;
        struct sequence sequence;
        struct edo_join join;
        struct edo_join race;
        struct edo_join try_join;
        struct edo_timeout timeout;
        struct edo_shield shield;
        struct spawned spawned;
        struct nursery nursery;
    };
    struct edo_branch branches[CHILDREN_MAX];
    struct edo_future *futures[CHILDREN_MAX];

    struct ending expected;
    struct ending seen;
};

/* What a run went through. */
struct course {
    unsigned turns;
    uint64_t instants[INSTANTS_MAX]; /* after 0, at which there were turns, or the first of them */
    size_t instant_count;
};

struct tree {
    char again[CHOICES_TEXT + 40]; /* what to set in the environment to have this one alone */
    bool is_exact;
    bool has_ties;          /* LOOSE, and deadlines coincide: the order of them is free */
    bool is_canceller_last; /* of who comes due at one instant; else first */
    struct node nodes[NODES_MAX];
    size_t count;          /* nodes[0] is the root */
    unsigned cancel_turn;  /* before this turn the root is cancelled, 1: before its first poll; 0:
                              it is not */
    uint64_t cancel_ns;    /* at this time it is, by a task; EDO_NEVER: it is not */
    struct when cancelled; /* set by the run: when the root was */
    struct course course;  /* set by the run */
    uint64_t operations;   /* set by the run: futures begun, polls of the root, cancels */
    unsigned left_armed;   /* set by the run: sources, after the root's end */
};

/* A tree of the seed's choice. */
void tree_make(struct tree *tree, uint64_t seed);

/* One whose choices are bytes, and how many of them it took. `size` is not 0. */
size_t tree_make_from(struct tree *tree, const uint8_t *data, size_t size);

/* One whose first three levels are of these kinds. */
void tree_make_of(struct tree *tree, uint64_t seed, const enum node_kind kinds[3]);

/* What can be asked of a small tree (trees_small.c). */
enum small_trees {
    SMALL_EXACT,       /* nothing that needs tasks; deadlines coincide */
    SMALL_LOOSE,       /* something that needs them; deadlines in every order, none coincide */
    SMALL_TIES,        /* as LOOSE, but deadlines and the cancel coincide */
    SMALL_EXACT_PAIRS, /* of these, two combinators that cancel or hold a cancel off, and leaves */
    SMALL_LOOSE_PAIRS,
    SMALL_TIES_PAIRS,
};

/* A tree of so many nodes, as `choices` say; one leaf may fail. false: it is one of those that are
 * not asked for. */
bool tree_make_small(struct tree *tree, struct choices *choices, enum small_trees trees,
                     unsigned nodes);

/* The place of one cancel, as `choices` say, which may be none: false. `course` is that of the tree
 * when nothing is cancelled. */
bool tree_cancel_small(struct tree *tree, struct choices *choices, const struct course *course);

/* One more node of the tree: not before its parent. */
struct node *tree_add(struct tree *tree, enum node_kind kind);

/* Whether nodes[i] is the future of a task. */
bool tree_is_task(const struct tree *tree, size_t i);

/* Whether a node of that kind has tasks in it or, the exchange, ends that wake each other. */
bool tree_needs_tasks(enum node_kind kind);

/* Runs it, recording into `trace`, and notes what is seen of each node. */
void tree_run(struct tree *tree, int variant, struct edo_trace *trace);

/* What should have been seen (trees_model.c). */
void tree_expect(struct tree *tree);

/* Runs it with both timer drivers (trees_check.c). Fails the test, with the tree and how to have it
 * again on stderr, if something else was seen than expected, or not the same with both. Operations.
 */
uint64_t tree_check(struct tree *tree);

/* Of that, what comes after a run and tree_expect. `trace` may be NULL. */
void tree_check_seen(const struct tree *tree, const struct edo_trace *trace);

/* Of that only what holds for a tree whose sleeps may fail: nothing is left. */
void tree_check_rest(const struct tree *tree);

#endif
