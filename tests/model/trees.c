/* SPDX-License-Identifier: MIT */
/* trees.c - makes random trees, and runs trees. */
#include "trees.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"

/* --- Chance ----------------------------------------------------------------------------------- */

static bool one_in(struct choices *choices, unsigned n)
{
    return choose(choices, n) == 0;
}

/* --- The futures that a node can be and that no module has ------------------------------------ */

static struct node *node_of_nap(struct edo_future *self)
{
    return edo_container_of(self, struct node, nap.future);
}

static enum edo_poll end_leaf(struct edo_future *self, int error)
{
    return error ? edo_future_fail(self, error) : edo_future_done(self, NULL);
}

static enum edo_poll nap_poll(struct edo_future *self, struct edo_context *cx)
{
    struct node *node = node_of_nap(self);

    if (node->duration_ns == NO_SLEEP)
        return end_leaf(self, node->error);
    if (self->state == EDO_START) {
        edo_sleep_init(&node->nap.sleep, node->duration_ns);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    if (edo_future_await(self, &node->nap.sleep.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    return end_leaf(self, node->error);
}

static enum edo_poll yields_poll(struct edo_future *self, struct edo_context *cx)
{
    struct node *node = edo_container_of(self, struct node, yields.future);

    if (self->state == EDO_START) {
        node->yields.left = node->times;
        edo_yield_init(&node->yields.yield);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    for (; node->yields.left > 0; node->yields.left--) {
        if (edo_future_await(self, &node->yields.yield.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        edo_yield_init(&node->yields.yield);
    }
    return end_leaf(self, node->error);
}

static enum edo_poll ticks_poll(struct edo_future *self, struct edo_context *cx)
{
    struct node *node = edo_container_of(self, struct node, ticks.future);

    if (self->state == EDO_START) {
        node->ticks.left = node->times;
        edo_interval_init(&node->ticks.interval, node->duration_ns, EDO_MISSED_BURST);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    while (edo_future_await(self, &node->ticks.interval.future, cx) == EDO_READY) {
        if (--node->ticks.left == 0)
            return edo_future_done(self, NULL);
        edo_interval_next(&node->ticks.interval);
    }
    return EDO_PENDING;
}

enum end_state { END_START = EDO_START, END_AWAITS_GAP = EDO_FIRST_AWAIT, END_AWAITS_CHANNEL };

static enum edo_poll producer_poll(struct edo_future *self, struct edo_context *cx)
{
    struct node *node = edo_container_of(self, struct node, exchange.ends[0].future);
    struct exchange_end *end = &node->exchange.ends[0];

    for (;;) {
        switch ((enum end_state)self->state) {
        case END_START:
            edo_sleep_init(&end->gap, node->duration_ns);
            edo_future_goto(self, END_AWAITS_GAP);
            /* fall through */
        case END_AWAITS_GAP:
            if (edo_future_await(self, &end->gap.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            end->message = end->count;
            edo_send_init(&end->send, &node->exchange.channel, &end->message);
            edo_future_goto(self, END_AWAITS_CHANNEL);
            /* fall through */
        case END_AWAITS_CHANNEL:
            if (edo_future_await(self, &end->send.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            break;
        }
        if (++end->count == node->times)
            return edo_future_done(self, NULL);
        edo_sleep_init(&end->gap, node->duration_ns);
        edo_future_goto(self, END_AWAITS_GAP);
    }
}

static enum edo_poll consumer_poll(struct edo_future *self, struct edo_context *cx)
{
    struct node *node = edo_container_of(self, struct node, exchange.ends[1].future);
    struct exchange_end *end = &node->exchange.ends[1];

    for (;;) {
        switch ((enum end_state)self->state) {
        case END_START:
            edo_receive_init(&end->receive, &node->exchange.channel, &end->message);
            edo_future_goto(self, END_AWAITS_CHANNEL);
            /* fall through */
        case END_AWAITS_CHANNEL:
            if (edo_future_await(self, &end->receive.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            must(end->message == end->count);
            edo_sleep_init(&end->gap, node->gap_ns);
            edo_future_goto(self, END_AWAITS_GAP);
            /* fall through */
        case END_AWAITS_GAP:
            if (edo_future_await(self, &end->gap.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            break;
        }
        if (++end->count == node->times)
            return edo_future_done(self, NULL);
        edo_receive_init(&end->receive, &node->exchange.channel, &end->message);
        edo_future_goto(self, END_AWAITS_CHANNEL);
    }
}

static enum edo_poll spawned_poll(struct edo_future *self, struct edo_context *cx)
{
    struct node *node = edo_container_of(self, struct node, spawned.future);
    struct edo_future *child = node->children[0]->future;

    if (self->state == EDO_START) {
        edo_task_init(&node->spawned.task, node->children[0]->name, child);
        must(edo_executor_spawn(cx->executor, &node->spawned.task) == 0);
        edo_join_tasks_init(&node->spawned.join, &node->spawned.task, 1);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    if (edo_future_await(self, &node->spawned.join.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    return edo_future_end_as(self, child);
}

static enum edo_poll owner_poll(struct edo_future *self, struct edo_context *cx)
{
    struct node *node = edo_container_of(self, struct node, nursery.owner);

    if (self->state == EDO_START) {
        for (size_t i = 1; i < node->count; i++) {
            struct edo_member *member = &node->nursery.members[i];

            edo_task_init(&member->task, node->children[i]->name, node->children[i]->future);
            must(edo_group_spawn(&node->nursery.group, cx->executor, member) == 0);
        }
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    if (edo_future_await(self, node->children[0]->future, cx) == EDO_PENDING)
        return EDO_PENDING;
    return edo_future_end_as(self, node->children[0]->future);
}

static const struct edo_future_type nap_type = {.name = "nap", .poll = nap_poll};
static const struct edo_future_type yields_type = {.name = "yields", .poll = yields_poll};
static const struct edo_future_type ticks_type = {.name = "ticks", .poll = ticks_poll};
static const char *const end_state_names[] = {"END_AWAITS_GAP", "END_AWAITS_CHANNEL"};
static const struct edo_future_type producer_type = {
    .name = "producer", .poll = producer_poll, .state_names = end_state_names};
static const struct edo_future_type consumer_type = {
    .name = "consumer", .poll = consumer_poll, .state_names = end_state_names};
static const struct edo_future_type spawned_type = {.name = "spawned", .poll = spawned_poll};
static const struct edo_future_type owner_type = {.name = "owner", .poll = owner_poll};

/* --- Making a tree ---------------------------------------------------------------------------- */

/* In EXACT trees few durations, so that deadlines meet; in LOOSE ones no two alike. */
static uint64_t draw_duration(struct choices *choices, bool is_exact)
{
    if (is_exact)
        return EDO_MS(choose(choices, 6));
    return 1 + choose_apart(choices, EDO_MS(50));
}

static void make_leaf(struct node *node, struct choices *choices, bool is_exact)
{
    static const int errors[] = {-EIO, -ENOSPC, -EPROTO};

    node->duration_ns = draw_duration(choices, is_exact);
    node->error = one_in(choices, 5) ? errors[choose(choices, 3)] : 0;
    switch (node->kind) {
    case NODE_NAP:
        if (one_in(choices, 30))
            node->duration_ns = EDO_NEVER;
        else if (is_exact && one_in(choices, 8))
            node->duration_ns = NO_SLEEP;
        break;
    case NODE_YIELDS:
        node->times = choose(choices, 4);
        break;
    case NODE_TICKS:
        node->times = is_exact ? 1 + choose(choices, 4) : 2 + choose(choices, 3);
        node->duration_ns += EDO_MS(1);
        node->error = 0;
        break;
    default:
        node->times = 1 + choose(choices, 8);
        node->capacity = 1 + choose(choices, 4);
        node->gap_ns = draw_duration(choices, is_exact);
        node->error = 0;
        break;
    }
}

static enum node_kind draw_kind(struct choices *choices, bool is_exact, unsigned depth)
{
    static const enum node_kind exact_leaves[] = {NODE_NAP, NODE_NAP, NODE_YIELDS, NODE_TICKS};
    static const enum node_kind loose_leaves[] = {NODE_NAP, NODE_NAP, NODE_TICKS, NODE_EXCHANGE};
    unsigned combinators = (is_exact ? NODE_TASK : NODE_KINDS) - NODE_FIRST_COMBINATOR;

    if (depth == 0 || one_in(choices, 4))
        return is_exact ? exact_leaves[choose(choices, 4)] : loose_leaves[choose(choices, 4)];
    return (enum node_kind)(NODE_FIRST_COMBINATOR + choose(choices, combinators));
}

static size_t draw_count(struct choices *choices, enum node_kind kind, bool is_exact)
{
    if (kind == NODE_TIMEOUT || kind == NODE_SHIELD || kind == NODE_TASK)
        return 1;
    if (is_exact && kind != NODE_GROUP && one_in(choices, 20))
        return 0;
    return 1 + choose(choices, CHILDREN_MAX);
}

struct node *tree_add(struct tree *tree, enum node_kind kind)
{
    struct node *node = &tree->nodes[tree->count];

    must(tree->count < NODES_MAX);
    memset(node, 0, sizeof *node);
    snprintf(node->name, sizeof node->name, "node %zu", tree->count++);
    node->kind = kind;
    node->told_ns = EDO_NEVER;
    return node;
}

/* `depth`: how many levels of combinators may follow. The first of `kinds`, if not NULL, is its
 * kind, the rest that of its children. */
static struct node *make_node(struct tree *tree, struct choices *choices, unsigned depth,
                              const enum node_kind *kinds, size_t kinds_left)
{
    struct node *node =
        tree_add(tree, kinds_left ? kinds[0] : draw_kind(choices, tree->is_exact, depth));

    if (node->kind < NODE_FIRST_COMBINATOR) {
        make_leaf(node, choices, tree->is_exact);
        return node;
    }
    node->duration_ns = draw_duration(choices, tree->is_exact);
    node->count = draw_count(choices, node->kind, tree->is_exact);
    if (kinds_left > 0 && node->count == 0)
        node->count = 1;
    if (node->kind == NODE_RACE && node->count > 0 && one_in(choices, 2))
        node->first = choose(choices, (unsigned)node->count);
    for (size_t i = 0; i < node->count; i++)
        node->children[i] = make_node(tree, choices, depth - 1, kinds_left ? kinds + 1 : NULL,
                                      kinds_left ? kinds_left - 1 : 0);
    return node;
}

bool tree_is_task(const struct tree *tree, size_t i)
{
    for (size_t k = 0; k < tree->count; k++) {
        const struct node *node = &tree->nodes[k];

        if ((node->kind == NODE_TASK && node->children[0] == &tree->nodes[i]) ||
            (node->kind == NODE_GROUP &&
             (node->children[1] == &tree->nodes[i] || node->children[2] == &tree->nodes[i])))
            return true;
    }
    return false;
}

static void make_cancels(struct tree *tree, struct choices *choices)
{
    tree->cancel_turn = tree->is_exact && one_in(choices, 2) ? 1 + choose(choices, 12) : 0;
    tree->cancel_ns =
        !tree->is_exact && one_in(choices, 2) ? 1 + choose_apart(choices, EDO_MS(100)) : EDO_NEVER;
    for (size_t i = 1; i < tree->count && !tree->is_exact; i++)
        if (tree_is_task(tree, i) && one_in(choices, 3))
            tree->nodes[i].told_ns = 1 + choose_apart(choices, EDO_MS(60));
}

static void make_tree(struct tree *tree, struct choices *choices)
{
    tree->count = 0;
    tree->has_ties = tree->is_canceller_last = false;
    tree->is_exact = !schedule_is_on() && one_in(choices, 2);
    make_node(tree, choices, 1 + choose(choices, 3), NULL, 0);
    make_cancels(tree, choices);
}

void tree_make(struct tree *tree, uint64_t seed)
{
    struct choices choices;

    choices_by_chance(&choices, seed);
    snprintf(tree->again, sizeof tree->again, "EDO_SEED=%" PRIu64 " CK_RUN_SUITE=%s", seed,
             schedule_is_on() ? "schedules" : "trees");
    make_tree(tree, &choices);
}

size_t tree_make_from(struct tree *tree, const uint8_t *data, size_t size)
{
    struct choices choices;

    choices_of_bytes(&choices, data, size);
    snprintf(tree->again, sizeof tree->again, "(the input of the fuzzer)");
    make_tree(tree, &choices);
    return size - choices.bytes_left;
}

bool tree_needs_tasks(enum node_kind kind)
{
    return kind == NODE_TASK || kind == NODE_GROUP || kind == NODE_EXCHANGE;
}

void tree_make_of(struct tree *tree, uint64_t seed, const enum node_kind kinds[3])
{
    struct choices choices;

    choices_by_chance(&choices, seed);
    snprintf(tree->again, sizeof tree->again, "EDO_NEST=%" PRIu64 " CK_RUN_SUITE=trees", seed);
    tree->count = 0;
    tree->has_ties = tree->is_canceller_last = false;
    tree->is_exact = one_in(&choices, 2) && !tree_needs_tasks(kinds[0]) &&
                     !tree_needs_tasks(kinds[1]) && !tree_needs_tasks(kinds[2]);
    make_node(tree, &choices, 3, kinds, 3);
    make_cancels(tree, &choices);
}

/* --- Running it ------------------------------------------------------------------------------- */

static void init_exchange(struct node *node)
{
    struct exchange *exchange = &node->exchange;

    edo_channel_init(&exchange->channel, exchange->buffer, sizeof *exchange->buffer,
                     node->capacity);
    edo_future_init(&exchange->ends[0].future, &producer_type);
    edo_future_init(&exchange->ends[1].future, &consumer_type);
    exchange->ends[0].count = exchange->ends[1].count = 0;
    for (int i = 0; i < 2; i++)
        exchange->array[i].child = &exchange->ends[i].future;
    edo_join_init(&exchange->join, exchange->array, 2);
}

/* Makes the future of a node whose children have theirs. */
static struct edo_future *init_future(struct node *node)
{
    switch (node->kind) {
    case NODE_NAP:
        edo_future_init(&node->nap.future, &nap_type);
        return &node->nap.future;
    case NODE_YIELDS:
        edo_future_init(&node->yields.future, &yields_type);
        return &node->yields.future;
    case NODE_TICKS:
        edo_future_init(&node->ticks.future, &ticks_type);
        return &node->ticks.future;
    case NODE_EXCHANGE:
        init_exchange(node);
        return &node->exchange.join.future;
    case NODE_SEQUENCE:
        sequence_init(&node->sequence, node->futures, node->count);
        return &node->sequence.future;
    case NODE_JOIN:
        edo_join_init(&node->join, node->branches, node->count);
        return &node->join.future;
    case NODE_RACE:
        edo_race_init(&node->race, node->branches, node->count, node->first);
        return &node->race.future;
    case NODE_TRY_JOIN:
        edo_try_join_init(&node->try_join, node->branches, node->count);
        return &node->try_join.future;
    case NODE_TIMEOUT:
        edo_timeout_init(&node->timeout, node->futures[0], node->duration_ns);
        return &node->timeout.future;
    case NODE_SHIELD:
        edo_shield_init(&node->shield, node->futures[0]);
        return &node->shield.future;
    case NODE_TASK:
        edo_future_init(&node->spawned.future, &spawned_type);
        return &node->spawned.future;
    case NODE_GROUP:
        edo_future_init(&node->nursery.owner, &owner_type);
        edo_group_init(&node->nursery.group, &node->nursery.owner);
        return &node->nursery.group.future;
    case NODE_KINDS:
        break;
    }
    return NULL;
}

/* Children come after their parents in the array. */
static void init_tree(struct tree *tree)
{
    for (size_t i = tree->count; i-- > 0;) {
        struct node *node = &tree->nodes[i];

        for (size_t k = 0; k < node->count; k++) {
            node->futures[k] = node->children[k]->future;
            node->branches[k].child = node->children[k]->future;
        }
        node->future = init_future(node);
        node->seen = (struct ending){.kind = END_NOT_STARTED};
    }
}

static size_t who_of(const struct node *node)
{
    if (node->kind == NODE_RACE && node->count > 0)
        return node->race.decided;
    if (node->kind == NODE_TRY_JOIN && node->future->state == EDO_FAILED)
        return node->try_join.decided;
    return node->kind == NODE_TIMEOUT && edo_timeout_has_expired(&node->timeout);
}

static void look_at(struct tree *tree, struct node *node, struct when now)
{
    if (node->future->state != EDO_START && node->seen.kind == END_NOT_STARTED) {
        node->seen.kind = END_NEVER; /* so far */
        tree->operations++;
    }
    if (node->seen.kind > END_NOT_STARTED || !edo_future_has_ended(node->future))
        return;
    node->seen.when = now;
    node->seen.error = node->future->error;
    node->seen.kind = node->future->state == EDO_DONE     ? END_OK
                      : node->future->state == EDO_FAILED ? END_FAILED
                                                          : END_CANCELLED;
    node->seen.who = node->seen.kind == END_CANCELLED ? 0 : who_of(node);
}

static void look(struct tree *tree, struct when now)
{
    for (size_t i = 0; i < tree->count; i++)
        look_at(tree, &tree->nodes[i], now);
}

/* async fn { sleep(until told_ns).await; cancel(the task of that name) } */
struct canceller {
    struct edo_future future;
    struct edo_task task;
    struct edo_sleep sleep;
    const char *name;
    struct tree *tree;
};

static enum edo_poll canceller_poll(struct edo_future *self, struct edo_context *cx)
{
    struct canceller *canceller = edo_container_of(self, struct canceller, future);
    struct edo_task *task;

    if (self->state == EDO_START)
        edo_future_goto(self, EDO_FIRST_AWAIT);
    if (edo_future_await(self, &canceller->sleep.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    task = find_task(cx->executor, canceller->name);
    if (task != NULL)
        edo_task_cancel(task);
    canceller->tree->operations++;
    return edo_future_done(self, NULL);
}

static void spawn_canceller(struct runtime *runtime, struct canceller *canceller, struct tree *tree,
                            const char *name, uint64_t at_ns)
{
    static const struct edo_future_type type = {.name = "canceller", .poll = canceller_poll};

    *canceller = (struct canceller){.tree = tree, .name = name};
    edo_future_init(&canceller->future, &type);
    edo_sleep_until_init(&canceller->sleep, at_ns);
    edo_task_init(&canceller->task, "canceller", &canceller->future);
    must(edo_executor_spawn(&runtime->executor, &canceller->task) == 0);
}

static size_t spawn_cancellers(struct runtime *runtime, struct canceller *cancellers,
                               struct tree *tree)
{
    size_t count = 0;

    for (size_t i = 1; i < tree->count; i++)
        if (tree->nodes[i].told_ns != EDO_NEVER)
            spawn_canceller(runtime, &cancellers[count++], tree, tree->nodes[i].name,
                            tree->nodes[i].told_ns);
    if (tree->cancel_ns != EDO_NEVER)
        spawn_canceller(runtime, &cancellers[count++], tree, "root", tree->cancel_ns);
    return count;
}

static void note_turn(struct course *course, uint64_t now_ns)
{
    uint64_t last_ns = course->instant_count > 0 ? course->instants[course->instant_count - 1] : 0;

    course->turns++;
    if (now_ns > last_ns && course->instant_count < INSTANTS_MAX)
        course->instants[course->instant_count++] = now_ns;
}

/* Turn by turn until the root has ended, or waits for ever. */
static void run_turns(struct runtime *runtime, struct tree *tree, struct edo_task *root)
{
    struct when now = {0, 0};
    int error = 0;

    while (!error) {
        if (tree->course.turns + 1 == tree->cancel_turn) {
            tree->cancelled = now;
            edo_task_cancel(root);
            look(tree, now);
        }
        if (!edo_task_is_live(root))
            break;
        error = edo_executor_turn(&runtime->executor);
        now.step = runtime_now(runtime) > now.ns ? 1 : now.step + 1;
        now.ns = runtime_now(runtime);
        look(tree, now);
        note_turn(&tree->course, now.ns);
        now.step++;
    }
    must(error == 0 || error == -EDEADLK);
}

/* The tasks that cancel are spawned first, or last: so they come among who comes due at one
 * instant.
 */
void tree_run(struct tree *tree, int variant, struct edo_trace *trace)
{
    static struct canceller cancellers[NODES_MAX];
    static struct runtime runtime; /* the trace's clock is in it */
    struct edo_task root;
    size_t count = 0;

    tree->operations = tree->count;
    tree->cancelled = (struct when){tree->cancel_ns, 0};
    tree->course = (struct course){0};
    init_tree(tree);
    runtime_open_traced(&runtime, variant, trace);
    edo_task_init(&root, "root", tree->nodes[0].future);
    if (!tree->is_canceller_last)
        count = spawn_cancellers(&runtime, cancellers, tree);
    must(edo_executor_spawn(&runtime.executor, &root) == 0);
    if (tree->is_canceller_last)
        count = spawn_cancellers(&runtime, cancellers, tree);
    run_turns(&runtime, tree, &root);
    tree->operations += runtime.executor.polls;
    for (size_t i = 0; i < count; i++)
        edo_task_cancel(&cancellers[i].task);
    tree->left_armed = edo_task_is_live(&root) ? 0 : runtime.executor.reactor.pending;
    runtime_close(&runtime); /* fails if an fd is left */
}
