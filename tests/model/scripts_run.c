/* SPDX-License-Identifier: MIT */
/* scripts_run.c - runs small programs on the real executor, one poll at a time, beside the model.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "helper.h"
#include "must.h"
#include "scripts.h"

enum { PAGE_MAX = 1 << 16, STEPS_MAX = CHOICES_MAX };

/* One script that runs. */
struct actor {
    struct edo_future future; /* the script's */
    struct edo_shield shield;
    struct edo_member member; /* its task is that of every script */
    const struct script *script;
    struct progress progress;
    struct edo_future *awaited; /* by its operation; NULL: it does not wait */
    union {
        struct edo_yield yield;
        struct edo_send send;
        struct edo_receive receive;
        struct edo_acquire acquire;
        struct edo_notify_wait wait;
        struct edo_read read;
        struct edo_write write;
        struct edo_group_wait next;
    };
    int message;
    unsigned char page[PAGE_MAX];
};

/* All that a program has. */
static struct stage {
    struct runtime runtime;
    struct edo_trace trace;
    const struct program *program;
    struct actor actors[SCRIPTS];
    struct edo_channel channel;
    int buffer[2];
    struct edo_semaphore semaphore;
    struct edo_notify notify;
    struct edo_io reader, writer;
    size_t page; /* bytes that fill the pipe */
    struct edo_group group;
    unsigned spawned;
    unsigned steps[STEPS_MAX]; /* who was polled */
    unsigned step_count;
} stage;

static unsigned index_of(const struct actor *actor)
{
    return (unsigned)(actor - stage.actors);
}

static struct edo_task *task_of(unsigned i)
{
    return &stage.actors[i].member.task;
}

/* --- The operations --------------------------------------------------------------------------- */

static int spawn_next(void)
{
    return edo_group_spawn(&stage.group, &stage.runtime.executor,
                           &stage.actors[++stage.spawned].member);
}

static int cancel_target(const struct actor *actor, enum op op)
{
    struct edo_task *task = task_of(program_target(stage.program, index_of(actor), op));

    return task->state == EDO_TASK_NEW ? 0 : edo_task_cancel(task) == EDO_READY;
}

/* One that does not wait: its result. */
static int do_at_once(struct actor *actor, enum op op)
{
    int error;

    switch (op) {
    case OP_TRY_SEND:
        return edo_channel_try_send(&stage.channel, &actor->message);
    case OP_TRY_RECEIVE:
        error = edo_channel_try_receive(&stage.channel, &actor->message);
        return error ? error : actor->message;
    case OP_CLOSE:
        edo_channel_close(&stage.channel);
        return 0;
    case OP_TRY_ACQUIRE:
        return edo_semaphore_try_acquire(&stage.semaphore);
    case OP_RELEASE:
        edo_semaphore_release(&stage.semaphore);
        return 0;
    case OP_NOTIFY_ONE:
        edo_notify_one(&stage.notify);
        return 0;
    case OP_NOTIFY_ALL:
        edo_notify_all(&stage.notify);
        return 0;
    case OP_CLOSE_READER:
        edo_io_close(&stage.reader);
        return 0;
    case OP_CLOSE_WRITER:
        edo_io_close(&stage.writer);
        return 0;
    case OP_SPAWN:
        return spawn_next();
    case OP_CANCEL_MEMBERS:
        return edo_group_cancel(&stage.group) == EDO_READY;
    case OP_CANCEL_NEXT:
    case OP_CANCEL_LAST:
        return cancel_target(actor, op);
    default:
        return 0;
    }
}

/* The future that it awaits; NULL: it does not wait. */
static struct edo_future *await_of(struct actor *actor, enum op op)
{
    switch (op) {
    case OP_SEND:
        edo_send_init(&actor->send, &stage.channel, &actor->message);
        return &actor->send.future;
    case OP_RECEIVE:
        edo_receive_init(&actor->receive, &stage.channel, &actor->message);
        return &actor->receive.future;
    case OP_ACQUIRE:
        edo_acquire_init(&actor->acquire, &stage.semaphore);
        return &actor->acquire.future;
    case OP_WAIT:
        edo_notify_wait_init(&actor->wait, &stage.notify);
        return &actor->wait.future;
    case OP_READ:
        edo_read_exactly_init(&actor->read, &stage.reader, actor->page, stage.page);
        return &actor->read.operation.future;
    case OP_WRITE:
        memset(actor->page, actor->message, stage.page);
        edo_write_init(&actor->write, &stage.writer, actor->page, stage.page);
        return &actor->write.operation.future;
    case OP_NEXT:
        edo_group_next_init(&actor->next, &stage.group);
        return &actor->next.future;
    case OP_ALL:
        edo_group_all_init(&actor->next, &stage.group);
        return &actor->next.future;
    case OP_YIELD:
        edo_yield_init(&actor->yield);
        return &actor->yield.future;
    default:
        return NULL;
    }
}

static int result_of(const struct actor *actor, enum op op)
{
    const struct edo_member *member;
    int error = edo_future_error(actor->awaited);

    if (error)
        return error;
    switch (op) {
    case OP_RECEIVE:
        return actor->message;
    case OP_READ:
        return actor->page[stage.page - 1];
    case OP_NEXT:
        member = edo_future_outcome(actor->awaited).value;
        return member == NULL ? 0 : (int)index_of(edo_container_of(member, struct actor, member));
    default:
        return 0;
    }
}

/* --- The script ------------------------------------------------------------------------------- */

enum actor_state { ACTOR_START = EDO_START, ACTOR_AWAITS_OP = EDO_FIRST_AWAIT, ACTOR_AWAITS_STEP };

static const char *const actor_states[] = {"ACTOR_AWAITS_OP", "ACTOR_AWAITS_STEP"};

/* Whether the operation that it stands at is over, with its result noted. */
static bool is_op_over(struct actor *actor, struct edo_context *cx)
{
    struct progress *progress = &actor->progress;
    enum op op = actor->script->ops[progress->at];
    int result;

    if (actor->awaited == NULL) {
        actor->message = (int)(1 + index_of(actor) * OPS_MAX + progress->at);
        actor->awaited = await_of(actor, op);
    }
    if (actor->awaited != NULL) {
        edo_future_goto(&actor->future, ACTOR_AWAITS_OP);
        if (edo_future_await(&actor->future, actor->awaited, cx) == EDO_PENDING)
            return false;
        result = result_of(actor, op);
        actor->awaited = NULL;
    } else {
        result = do_at_once(actor, op);
    }
    progress->results[progress->at++] = result;
    return true;
}

/* async fn actor(script) {
 *     for op in script { op.await; if script.is_stepwise { yield.await } }
 * } */
static enum edo_poll actor_poll(struct edo_future *self, struct edo_context *cx)
{
    struct actor *actor = edo_container_of(self, struct actor, future);
    const struct script *script = actor->script;

    for (;;) {
        if (self->state == ACTOR_AWAITS_STEP &&
            edo_future_await(self, &actor->yield.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        if (!is_op_over(actor, cx))
            return EDO_PENDING;
        if (script->ops[actor->progress.at - 1] == OP_FAIL)
            return edo_future_fail(self, -EIO);
        if (actor->progress.at == script->count)
            return edo_future_done(self, NULL);
        edo_future_goto(self, script->is_stepwise ? ACTOR_AWAITS_STEP : ACTOR_AWAITS_OP);
        edo_yield_init(&actor->yield);
    }
}

static const struct edo_future_type actor_type = {
    .name = "actor", .poll = actor_poll, .state_names = actor_states};

/* --- The stage -------------------------------------------------------------------------------- */

/* With one schedule alone there is a trace. */
void schedules_open(void)
{
    enum { EVENTS = 1024 };
    static struct edo_trace_event events[EVENTS];
    bool is_alone = getenv("EDO_SEQUENCE") != NULL;

    edo_trace_init(&stage.trace, events, EVENTS);
    runtime_open_traced(&stage.runtime, WHEEL_VIRTUAL, is_alone ? &stage.trace : NULL);
}

void schedules_close(void)
{
    runtime_close(&stage.runtime);
}

static void open_pipe(void)
{
    struct edo_reactor *reactor = &stage.runtime.executor.reactor;
    int ends[2], size;

    must(pipe2(ends, O_CLOEXEC) == 0);
    size = fcntl(ends[1], F_SETPIPE_SZ, 1); /* rounded up to a page */
    if (size <= 0 || size > PAGE_MAX)
        ck_abort_msg("a pipe of one page has %d bytes", size);
    stage.page = (size_t)size;
    must(edo_io_open(&stage.reader, reactor, ends[0]) == 0);
    must(edo_io_open(&stage.writer, reactor, ends[1]) == 0);
}

static void init_actor(unsigned i)
{
    struct actor *actor = &stage.actors[i];
    struct edo_future *future = &actor->future;

    actor->script = &stage.program->scripts[i];
    actor->progress = (struct progress){0};
    actor->awaited = NULL;
    edo_future_init(&actor->future, &actor_type);
    if (actor->script->is_shielded) {
        edo_shield_init(&actor->shield, &actor->future);
        future = &actor->shield.future;
    }
    if (i == 0 && stage.program->object == OBJECT_GROUP) {
        edo_group_init(&stage.group, future);
        future = &stage.group.future;
    }
    edo_task_init(task_of(i), "actor", future);
}

static void set_up(const struct program *program)
{
    stage.program = program;
    stage.spawned = 0;
    stage.step_count = 0;
    edo_channel_init(&stage.channel, stage.buffer, sizeof(int),
                     program->object == OBJECT_CHANNEL ? program->capacity : 1);
    edo_semaphore_init(&stage.semaphore, program->capacity);
    edo_notify_init(&stage.notify);
    if (program->object == OBJECT_PIPE)
        open_pipe();
    for (unsigned i = 0; i < program->count; i++) {
        bool is_member = program->object == OBJECT_GROUP && i > 0 && i <= program->capacity;

        init_actor(i);
        if (!is_member)
            must(edo_executor_spawn(&stage.runtime.executor, task_of(i)) == 0);
    }
}

static bool has_left_nothing(void)
{
    const struct edo_executor *executor = &stage.runtime.executor;

    return edo_list_is_empty(&executor->live) && edo_list_is_empty(&stage.channel.senders) &&
           edo_list_is_empty(&stage.channel.receivers) &&
           edo_list_is_empty(&stage.semaphore.waiting) &&
           edo_list_is_empty(&stage.notify.waiting) && executor->reactor.pending == 0;
}

/* Who is left waits for ever, be it under a shield. Whether nothing of it all is left. */
static bool tear_down(void)
{
    struct edo_executor *executor = &stage.runtime.executor;

    edo_io_close(&stage.reader);
    edo_io_close(&stage.writer);
    executor->is_closing = true;
    for (unsigned i = 0; i < stage.program->count; i++)
        edo_task_cancel(task_of(i));
    executor->is_closing = false;
    return has_left_nothing();
}

/* --- The order of polls ----------------------------------------------------------------------- */

/* All who are woken are in the run queue; what is due has woken whom it wakes. */
static void collect_ready(struct edo_executor *executor)
{
    if (stage.program->object == OBJECT_PIPE)
        must(edo_reactor_react(&executor->reactor, EDO_NO_WAIT) >= 0);
    while (!edo_list_is_empty(&executor->urgent)) {
        struct edo_list *link = executor->urgent.next;

        edo_list_remove(link);
        edo_list_append(&executor->ready, link);
    }
}

static bool is_ready(unsigned i)
{
    return task_of(i)->state == EDO_TASK_READY;
}

/* A turn with this one task in the run queue. The others are held back, and come before those that
 * are woken in it. */
static void poll_only(struct edo_executor *executor, struct edo_task *task)
{
    struct edo_list held;

    edo_list_remove(&task->link);
    edo_list_take(&held, &executor->ready);
    edo_list_append(&executor->ready, &task->link);
    must(edo_executor_turn_now(executor) == 0);
    while (!edo_list_is_empty(&held)) {
        struct edo_list *last = held.prev;

        edo_list_remove(last);
        edo_list_append(executor->ready.next, last);
    }
}

/* --- Beside the model ------------------------------------------------------------------------- */

static void note_end(struct actor *actor)
{
    const struct edo_task *task = &actor->member.task;

    if (task->state == EDO_TASK_NEW)
        actor->progress.end = SCRIPT_NEW;
    else if (edo_task_is_live(task))
        actor->progress.end = SCRIPT_LIVE;
    else
        actor->progress.end = task->future->state == EDO_DONE     ? SCRIPT_OK
                              : task->future->state == EDO_FAILED ? SCRIPT_FAILED
                                                                  : SCRIPT_CANCELLED;
}

static void print_progress(const char *what, const struct progress *progress)
{
    static const char *const ends[] = {"new", "live", "ok", "failed", "cancelled"};

    fprintf(stderr, "  %s: %s at %u (%d, %d)", what, ends[progress->end], progress->at,
            progress->results[0], progress->results[1]);
}

static void print_trace(void)
{
    if (stage.runtime.executor.reactor.trace != NULL)
        edo_trace_write(&stage.trace, stderr);
}

static void fail_schedule(const struct model *model, const struct choices *choices,
                          const char *again, const char *what)
{
    char text[CHOICES_TEXT];

    print_trace();
    program_print(model->program, stderr);
    fputs("polled:", stderr);
    for (unsigned i = 0; i < stage.step_count; i++)
        fprintf(stderr, " %u", stage.steps[i]);
    fputc('\n', stderr);
    for (unsigned i = 0; i < model->program->count; i++) {
        fprintf(stderr, "  task %u", i);
        print_progress("expected", &model->progress[i]);
        print_progress("seen", &stage.actors[i].progress);
        fprintf(stderr, "%s\n", is_ready(i) ? ", ready" : "");
    }
    choices_print(choices, text);
    ck_abort_msg("%s; again: EDO_SEQUENCE=%s %s make check", what, text, again);
}

static void check_state(const struct model *model, const struct choices *choices, const char *again)
{
    for (unsigned i = 0; i < model->program->count; i++)
        note_end(&stage.actors[i]);
    for (unsigned i = 0; i < model->program->count; i++) {
        const struct progress *seen = &stage.actors[i].progress;
        const struct progress *expected = &model->progress[i];

        if (seen->end != expected->end || seen->at != expected->at ||
            memcmp(seen->results, expected->results, sizeof seen->results) != 0)
            fail_schedule(model, choices, again, "a task has come otherwise than expected");
        if (model_must_be_ready(model, i) && !is_ready(i))
            fail_schedule(model, choices, again, "a task could go on, and was not woken");
    }
}

/* Polls until no task is ready; who is next, is a choice. */
static void run_schedule(struct model *model, struct choices *choices, const char *again,
                         struct schedule_counts *counts)
{
    struct edo_executor *executor = &stage.runtime.executor;

    for (;;) {
        unsigned ready[SCRIPTS], count = 0;

        collect_ready(executor);
        model_collect(model);
        check_state(model, choices, again);
        for (unsigned i = 0; i < model->program->count; i++)
            if (is_ready(i))
                ready[count++] = i;
        if (count == 0)
            break;
        stage.steps[stage.step_count] = ready[choose(choices, count)];
        counts->states += !choices_are_as_before(choices);
        model_poll(model, stage.steps[stage.step_count]);
        poll_only(executor, task_of(stage.steps[stage.step_count++]));
    }
    counts->schedules++;
}

void schedule_check(struct choices *choices, enum object object, unsigned most, const char *again,
                    struct schedule_counts *counts)
{
    static struct program program;
    static struct model model;

    if (!program_make(&program, choices, object, most)) {
        counts->left_out++;
        return;
    }
    counts->programs += !choices_are_as_before(choices);
    model_init(&model, &program);
    set_up(&program);
    run_schedule(&model, choices, again, counts);
    if (!tear_down())
        fail_schedule(&model, choices, again, "something is left in a queue");
    print_trace();
}
