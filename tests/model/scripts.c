/* SPDX-License-Identifier: MIT */
/* scripts.c - makes the small programs. */
#include "scripts.h"

static const enum op channel_ops[] = {OP_SEND, OP_RECEIVE, OP_CLOSE, OP_TRY_SEND, OP_TRY_RECEIVE};
static const enum op semaphore_ops[] = {OP_ACQUIRE, OP_RELEASE, OP_TRY_ACQUIRE};
static const enum op notify_ops[] = {OP_WAIT, OP_NOTIFY_ONE, OP_NOTIFY_ALL};
static const enum op pipe_ops[] = {OP_READ, OP_WRITE, OP_CLOSE_READER, OP_CLOSE_WRITER};
static const enum op owner_ops[] = {OP_SPAWN, OP_NEXT, OP_ALL, OP_CANCEL_MEMBERS, OP_FAIL};
static const enum op member_ops[] = {OP_YIELD, OP_FAIL};

#define OPS_OF(array) array, sizeof(array) / sizeof *(array)

static const struct {
    const enum op *ops;
    unsigned count;
} ops_of[] = {{OPS_OF(channel_ops)},
              {OPS_OF(semaphore_ops)},
              {OPS_OF(notify_ops)},
              {OPS_OF(pipe_ops)},
              {OPS_OF(owner_ops)}};

static const char *const op_names[OPS] = {
    "send",           "receive",      "try_send",     "try_receive", "close",      "acquire",
    "try_acquire",    "release",      "wait",         "notify_one",  "notify_all", "read",
    "write",          "close_reader", "close_writer", "spawn",       "next",       "all",
    "cancel_members", "fail",         "yield",        "cancel_next", "cancel_last"};

/* A task alone has nobody to cancel; of two, the next is the last. */
static enum op choose_op(const struct program *program, unsigned i, struct choices *choices)
{
    bool is_member = program->object == OBJECT_GROUP && i > 0;
    unsigned count =
        is_member ? sizeof member_ops / sizeof *member_ops : ops_of[program->object].count;
    unsigned chosen = choose(choices, count + program->count - 1);

    if (chosen < count)
        return is_member ? member_ops[chosen] : ops_of[program->object].ops[chosen];
    return chosen == count ? OP_CANCEL_NEXT : OP_CANCEL_LAST;
}

unsigned program_target(const struct program *program, unsigned i, enum op op)
{
    return (i + (op == OP_CANCEL_NEXT ? 1 : program->count - 1)) % program->count;
}

static void make_scripts(struct program *program, struct choices *choices, unsigned most)
{
    bool has_cancel = false;

    for (unsigned i = 0; i < program->count; i++) {
        struct script *script = &program->scripts[i];
        unsigned free = most - (program->count - i - 1);

        script->count = 1 + choose(choices, free < OPS_MAX ? free : OPS_MAX);
        most -= script->count;
        for (unsigned k = 0; k < script->count; k++) {
            script->ops[k] = choose_op(program, i, choices);
            has_cancel |= script->ops[k] >= OP_CANCEL_NEXT || script->ops[k] == OP_CANCEL_MEMBERS;
        }
        script->is_stepwise = script->count > 1 && choose(choices, 2);
    }
    if (!has_cancel) /* a shield does nothing then */
        return;
    for (unsigned i = program->object == OBJECT_GROUP; i < program->count; i++)
        program->scripts[i].is_shielded = choose(choices, 2);
}

/* --- Those that are left out ------------------------------------------------------------------ */

/* The program whose task `i` is task order[i] of this one. */
static void rename_tasks(struct program *renamed, const struct program *program,
                         const unsigned order[SCRIPTS])
{
    unsigned place[SCRIPTS] = {0};

    *renamed = *program;
    for (unsigned i = 0; i < program->count; i++)
        place[order[i]] = i;
    for (unsigned i = 0; i < program->count; i++) {
        struct script *script = &renamed->scripts[i];

        *script = program->scripts[order[i]];
        for (unsigned k = 0; k < script->count; k++)
            if (script->ops[k] >= OP_CANCEL_NEXT)
                script->ops[k] = place[program_target(program, order[i], script->ops[k])] ==
                                         (i + 1) % program->count
                                     ? OP_CANCEL_NEXT
                                     : OP_CANCEL_LAST;
    }
}

/* Less than 0: the first comes before the other, in an order that does not matter. */
static int compare_scripts(const struct script *a, const struct script *b)
{
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (unsigned k = 0; k < a->count; k++)
        if (a->ops[k] != b->ops[k])
            return a->ops[k] < b->ops[k] ? -1 : 1;
    return a->is_stepwise != b->is_stepwise ? a->is_stepwise - b->is_stepwise
                                            : a->is_shielded - b->is_shielded;
}

static bool is_before(const struct program *a, const struct program *b)
{
    int order = 0;

    for (unsigned i = 0; i < a->count && order == 0; i++)
        order = compare_scripts(&a->scripts[i], &b->scripts[i]);
    return order < 0;
}

/* All orders of the polls are tried, so it can't be seen which of the tasks is called the first.
 * Not in a group, whose tasks have parts of their own. */
static bool is_first_of_its_names(const struct program *program)
{
    static const unsigned orders[][SCRIPTS] = {{0, 1, 2}, {1, 0, 2}, {1, 2, 0},
                                               {0, 2, 1}, {2, 0, 1}, {2, 1, 0}};
    unsigned count = program->count == 3 ? 6 : program->count;

    for (unsigned i = 1; i < count && program->object != OBJECT_GROUP; i++) {
        struct program renamed;

        rename_tasks(&renamed, program, orders[i]);
        if (is_before(&renamed, program))
            return false;
    }
    return true;
}

/* A group of which the owner spawns more members than there are, or fewer. */
static bool has_its_members(const struct program *program)
{
    unsigned spawns = 0;

    for (unsigned k = 0; k < program->scripts[0].count; k++)
        spawns += program->scripts[0].ops[k] == OP_SPAWN;
    return program->object != OBJECT_GROUP || spawns == program->capacity;
}

bool program_make(struct program *program, struct choices *choices, enum object object,
                  unsigned most)
{
    *program = (struct program){.object = object};
    program->count = 1 + choose(choices, most < SCRIPTS ? most : SCRIPTS);
    if (object == OBJECT_CHANNEL)
        program->capacity = 1 + choose(choices, 2);
    if (object == OBJECT_SEMAPHORE)
        program->capacity = choose(choices, 2);
    if (object == OBJECT_GROUP && program->count > 1)
        program->capacity = program->count - 1 - choose(choices, program->count - 1);
    make_scripts(program, choices, most);
    return has_its_members(program) && is_first_of_its_names(program);
}

void program_print(const struct program *program, FILE *file)
{
    static const char *const names[OBJECTS] = {"channel", "semaphore", "notify", "pipe", "group"};

    fprintf(file, "%s of %u\n", names[program->object], program->capacity);
    for (unsigned i = 0; i < program->count; i++) {
        const struct script *script = &program->scripts[i];

        fprintf(file, "  task %u:", i);
        for (unsigned k = 0; k < script->count; k++)
            fprintf(file, "%s %s", k > 0 && script->is_stepwise ? " yield" : "",
                    op_names[script->ops[k]]);
        fprintf(file, "%s\n", script->is_shielded ? ", shielded" : "");
    }
}
