/* SPDX-License-Identifier: MIT */
/* scripts_model.c - what each poll of a small program should come to. It knows no waker: who can go
 * on must be ready. */
#include <errno.h>
#include <string.h>

#include "scripts.h"

static bool is_live(const struct model *model, unsigned i)
{
    return model->progress[i].end == SCRIPT_LIVE;
}

static bool is_member(const struct model *model, unsigned i)
{
    return model->program->object == OBJECT_GROUP && i > 0 && i <= model->program->capacity;
}

static bool is_owner(const struct model *model, unsigned i)
{
    return model->program->object == OBJECT_GROUP && i == 0;
}

static bool has_live_members(const struct model *model)
{
    for (unsigned i = 0; i < model->program->count; i++)
        if (is_member(model, i) && is_live(model, i))
            return true;
    return false;
}

static enum op op_of(const struct model *model, unsigned i)
{
    return model->program->scripts[i].ops[model->progress[i].at];
}

/* Whether somebody waits in `op`; with `before`, somebody who has waited longer. */
static bool is_awaited(const struct model *model, enum op op, const struct model_task *before)
{
    for (unsigned i = 0; i < model->program->count; i++)
        if (model->tasks[i].is_waiting && op_of(model, i) == op &&
            (before == NULL || model->tasks[i].arrival < before->arrival))
            return true;
    return false;
}

void model_init(struct model *model, const struct program *program)
{
    memset(model, 0, sizeof *model);
    model->program = program;
    model->permits = program->capacity;
    model->polled = SCRIPTS;
    for (unsigned i = 0; i < program->count; i++)
        model->progress[i].end = is_member(model, i) ? SCRIPT_NEW : SCRIPT_LIVE;
}

/* --- What an operation waits for -------------------------------------------------------------- */

static bool has_for_reader(const struct model *model)
{
    return model->is_closed || model->message_count > 0;
}

static bool has_for_writer(const struct model *model)
{
    return model->is_reader_closed || model->message_count == 0;
}

static bool can_go_on(const struct model *model, unsigned i)
{
    const struct model_task *task = &model->tasks[i];
    bool is_first = !is_awaited(model, op_of(model, i), task);

    switch (op_of(model, i)) {
    case OP_SEND:
        return model->is_closed || (is_first && model->message_count < model->program->capacity);
    case OP_RECEIVE:
        return (model->is_closed && model->message_count == 0) ||
               (is_first && model->message_count > 0);
    case OP_ACQUIRE:
        return is_first && model->permits > 0;
    case OP_WAIT:
        return task->is_notified;
    case OP_READ:
        return model->is_reader_closed || (!model->is_read_drained && has_for_reader(model));
    case OP_WRITE:
        return model->is_closed || (!model->is_write_drained && has_for_writer(model));
    case OP_NEXT:
        return model->ended_count > 0 || !has_live_members(model);
    case OP_ALL:
        return !has_live_members(model);
    case OP_YIELD:
        return task->is_waiting;
    default:
        return true;
    }
}

/* A call has found nothing: none is tried again before the event is collected. */
static void note_drained(struct model *model, enum op op)
{
    model->is_read_drained |= op == OP_READ;
    model->is_write_drained |= op == OP_WRITE;
}

void model_collect(struct model *model)
{
    model->is_read_drained &= !has_for_reader(model);
    model->is_write_drained &= !has_for_writer(model);
}

/* --- What it does ----------------------------------------------------------------------------- */

static int push(struct model *model, unsigned i)
{
    model->messages[model->message_count++] = (int)(1 + i * OPS_MAX + model->progress[i].at);
    return 0;
}

static int pop(struct model *model)
{
    int message = model->messages[0];

    memmove(model->messages, model->messages + 1, --model->message_count * sizeof(int));
    return message;
}

static int take_ended(struct model *model)
{
    int member;

    if (model->ended_count == 0)
        return 0;
    member = (int)model->ended[0];
    memmove(model->ended, model->ended + 1, --model->ended_count * sizeof *model->ended);
    return member;
}

static void notify_one(struct model *model)
{
    struct model_task *first = NULL;

    for (unsigned i = 0; i < model->program->count; i++) {
        struct model_task *task = &model->tasks[i];

        if (task->is_waiting && op_of(model, i) == OP_WAIT && !task->is_notified &&
            (first == NULL || task->arrival < first->arrival))
            first = task;
    }
    if (first == NULL)
        model->is_remembered = true;
    else
        first->is_notified = first->was_alone = true;
}

static int notify_all(struct model *model)
{
    for (unsigned i = 0; i < model->program->count; i++)
        if (model->tasks[i].is_waiting && op_of(model, i) == OP_WAIT)
            model->tasks[i].is_notified = true;
    return 0;
}

static void end_task(struct model *model, unsigned i, enum script_end end)
{
    model->progress[i].end = end;
    if (is_member(model, i))
        model->ended[model->ended_count++] = i;
}

static void let_go(struct model *model, unsigned i)
{
    struct model_task *task = &model->tasks[i];
    bool passes_on = task->is_waiting && op_of(model, i) == OP_WAIT && task->was_alone;

    task->is_waiting = task->is_stepping = false;
    if (passes_on)
        notify_one(model);
}

static int cancel(struct model *model, unsigned i);

static int cancel_members(struct model *model)
{
    for (unsigned i = 0; i < model->program->count; i++)
        if (is_member(model, i) && is_live(model, i))
            cancel(model, i);
    return !has_live_members(model);
}

/* 1: it has ended; 0: its cancel is pending. */
static int cancel(struct model *model, unsigned i)
{
    struct model_task *task = &model->tasks[i];
    bool is_pending = task->is_started && model->program->scripts[i].is_shielded;

    if (!is_live(model, i))
        return 1;
    if (model->polled == i)
        task->is_to_be_cancelled = true;
    if (model->polled == i || task->is_cancelled)
        return 0;
    if (is_owner(model, i) && task->is_started) {
        is_pending = !cancel_members(model);
        model->has_owner_ended = true;
        let_go(model, i);
    }
    task->is_cancelled = true;
    if (is_pending)
        return 0;
    let_go(model, i);
    end_task(model, i, SCRIPT_CANCELLED);
    return 1;
}

/* Of a read or a write. */
static int pipe_error(bool is_own_end_closed, bool is_other_end_closed, int error)
{
    return is_own_end_closed ? -EBADF : is_other_end_closed ? error : 0;
}

static int try_send(struct model *model, unsigned i)
{
    if (model->is_closed)
        return -EPIPE;
    if (model->message_count == model->program->capacity || is_awaited(model, OP_SEND, NULL))
        return -EAGAIN;
    return push(model, i);
}

static int try_receive(struct model *model)
{
    if (model->message_count == 0)
        return model->is_closed ? -EPIPE : -EAGAIN;
    return is_awaited(model, OP_RECEIVE, NULL) ? -EAGAIN : pop(model);
}

/* Whether there was a permit that nobody waits for. */
static int try_acquire(struct model *model)
{
    if (model->permits == 0 || is_awaited(model, OP_ACQUIRE, NULL))
        return 0;
    model->permits--;
    return 1;
}

static int do_op(struct model *model, unsigned i)
{
    enum op op = op_of(model, i);
    int error;

    switch (op) {
    case OP_SEND:
        return model->is_closed ? -EPIPE : push(model, i);
    case OP_TRY_SEND:
        return try_send(model, i);
    case OP_RECEIVE:
        return model->message_count == 0 ? -EPIPE : pop(model);
    case OP_TRY_RECEIVE:
        return try_receive(model);
    case OP_CLOSE:
    case OP_CLOSE_WRITER:
        model->is_closed = true;
        return 0;
    case OP_CLOSE_READER:
        model->is_reader_closed = true;
        return 0;
    case OP_TRY_ACQUIRE:
        return try_acquire(model);
    case OP_ACQUIRE:
        model->permits--;
        return 0;
    case OP_RELEASE:
        model->permits++;
        return 0;
    case OP_NOTIFY_ONE:
        notify_one(model);
        return 0;
    case OP_NOTIFY_ALL:
        return notify_all(model);
    case OP_READ:
        error = pipe_error(model->is_reader_closed, model->is_closed && model->message_count == 0,
                           -ENODATA);
        return error ? error : pop(model);
    case OP_WRITE:
        error = pipe_error(model->is_closed, model->is_reader_closed, -EPIPE);
        return error ? error : push(model, i);
    case OP_SPAWN:
        model->progress[++model->spawned].end = SCRIPT_LIVE;
        return 0;
    case OP_NEXT:
        return take_ended(model);
    case OP_CANCEL_MEMBERS:
        return cancel_members(model);
    case OP_CANCEL_NEXT:
    case OP_CANCEL_LAST: {
        unsigned target = program_target(model->program, i, op);

        return model->progress[target].end == SCRIPT_NEW ? 0 : cancel(model, target);
    }
    default:
        return 0;
    }
}

/* Before it waits: it is last in the queue, takes what was remembered, is refused. */
static bool is_refused(const struct model *model, unsigned i)
{
    enum op op = op_of(model, i);
    bool is_closed = op == OP_READ ? model->is_reader_closed : model->is_closed;

    return (op == OP_READ || op == OP_WRITE) && !is_closed && is_awaited(model, op, NULL);
}

static void enter(struct model *model, unsigned i)
{
    struct model_task *task = &model->tasks[i];

    task->is_notified = task->was_alone = false;
    task->arrival = ++model->arrivals;
    if (op_of(model, i) == OP_WAIT && model->is_remembered) {
        model->is_remembered = false;
        task->is_notified = true;
    }
}

/* --- Polls ------------------------------------------------------------------------------------ */

/* Goes through the script until it has to wait. Whether it is through. */
static bool go_on(struct model *model, unsigned i)
{
    const struct script *script = &model->program->scripts[i];
    struct progress *progress = &model->progress[i];
    struct model_task *task = &model->tasks[i];

    task->is_stepping = false;
    while (progress->at < script->count) {
        int result = -EBUSY;

        if (task->is_waiting || !is_refused(model, i)) {
            if (!task->is_waiting)
                enter(model, i);
            if (!can_go_on(model, i)) {
                task->is_waiting = true;
                note_drained(model, op_of(model, i));
                return false;
            }
            task->is_waiting = false;
            result = do_op(model, i);
        }
        progress->results[progress->at++] = result;
        if (script->ops[progress->at - 1] == OP_FAIL)
            return true;
        if (script->is_stepwise && progress->at < script->count) {
            task->is_stepping = true;
            return false;
        }
    }
    return true;
}

static bool has_failed(const struct model *model, unsigned i)
{
    const struct progress *progress = &model->progress[i];

    return progress->at > 0 && model->program->scripts[i].ops[progress->at - 1] == OP_FAIL;
}

static void poll_owner(struct model *model)
{
    if (!model->has_owner_ended && go_on(model, 0)) {
        model->has_owner_ended = true;
        model->has_owner_failed = has_failed(model, 0);
        if (model->has_owner_failed)
            cancel_members(model);
    }
    if (model->has_owner_ended && !has_live_members(model))
        end_task(model, 0,
                 model->tasks[0].is_cancelled ? SCRIPT_CANCELLED
                 : model->has_owner_failed    ? SCRIPT_FAILED
                                              : SCRIPT_OK);
}

void model_poll(struct model *model, unsigned i)
{
    struct model_task *task = &model->tasks[i];

    task->is_started = true;
    model->polled = i;
    if (is_owner(model, i))
        poll_owner(model);
    else if (go_on(model, i))
        end_task(model, i,
                 task->is_cancelled     ? SCRIPT_CANCELLED
                 : has_failed(model, i) ? SCRIPT_FAILED
                                        : SCRIPT_OK);
    model->polled = SCRIPTS;
    if (task->is_to_be_cancelled) {
        task->is_to_be_cancelled = false;
        cancel(model, i);
    }
}

/* Where there will never be a message again, one receiver after the other is woken. */
static bool is_its_turn(const struct model *model, unsigned i)
{
    return can_go_on(model, i) &&
           (op_of(model, i) != OP_RECEIVE || !is_awaited(model, OP_RECEIVE, &model->tasks[i]));
}

bool model_must_be_ready(const struct model *model, unsigned i)
{
    const struct model_task *task = &model->tasks[i];

    if (!is_live(model, i))
        return false;
    if (is_owner(model, i) && model->has_owner_ended)
        return !has_live_members(model);
    return !task->is_started || task->is_stepping || (task->is_waiting && is_its_turn(model, i));
}
