/* SPDX-License-Identifier: MIT */
/* task.c - what can happen to a task, in each of its states. Beside it there is another one,
 * READY, in front of it or behind it. */
#include "task/task.c"

#include "proof.h"

_Thread_local struct edo_trace *edo_trace_of_thread; /* NULL: without a trace */
_Thread_local const struct edo_future *edo_root_of_thread;

struct edo_trace_event *edo_record(struct edo_trace *trace, enum edo_trace_kind kind,
                                   uint32_t other, uint64_t arg)
{
    static struct edo_trace_event event;

    (void)trace, (void)kind, (void)other, (void)arg;
    ALWAYS(false, "nothing is recorded");
    return &event;
}

const char *edo_future_state_name(const struct edo_future *it)
{
    (void)it;
    ALWAYS(false, "nothing is recorded");
    return NULL;
}

uint32_t edo_future_number_of_polled(void)
{
    ALWAYS(false, "nothing is recorded");
    return 0;
}

static struct edo_executor executor;
static struct edo_future future, other_future;
static struct edo_task task, other;
static unsigned joiner_calls, cancels, polls;

/* --- The future of the task: whatever it may do ----------------------------------------------- */

static enum edo_poll cancel_answer;
static bool is_woken, is_cancelled_by_itself, is_pending;

enum edo_poll edo_future_cancel(struct edo_future *it)
{
    cancels++;
    if (cancel_answer == EDO_READY)
        it->state = EDO_CANCELLED;
    else
        it->is_cancelled = true;
    return cancel_answer;
}

/* In the middle of its poll it may be woken, and cancelled. */
enum edo_poll edo_future_poll(struct edo_future *it, struct edo_context *cx)
{
    polls++;
    ALWAYS(executor.polled == &task, "the one that is polled is known");
    if (is_woken)
        wake_task(cx->waker.data, (struct edo_cause){.kind = EDO_CAUSE_PROGRAM});
    if (is_cancelled_by_itself)
        ALWAYS(edo_task_cancel(&task) == EDO_PENDING, "from inside its poll a cancel is pending");
    if (is_pending)
        return EDO_PENDING;
    it->state = EDO_DONE;
    return EDO_READY;
}

static void join(void *data, struct edo_cause cause)
{
    (void)data;
    ALWAYS(task.state == EDO_TASK_ENDED, "it has ended when its joiner is called");
    ALWAYS(edo_list_is_empty(&task.link) && cause.id == task.id, "and is in no queue");
    joiner_calls++;
}

/* --- The invariant ---------------------------------------------------------------------------- */

static bool is_in(const struct edo_list *list, const struct edo_list *link)
{
    return list->next == link || (list->next != list && list->next->next == link);
}

static bool is_alone(const struct edo_list *link)
{
    return link->next == link && link->prev == link;
}

/* A task is just where its state says. */
static bool is_placed(const struct edo_task *it)
{
    bool is_ready = is_in(&executor.ready, &it->link) || is_in(&executor.urgent, &it->link);
    bool is_live = is_in(&executor.live, &it->live);

    switch ((enum edo_task_state)it->state) {
    case EDO_TASK_NEW:
    case EDO_TASK_ENDED:
        return !is_live && is_alone(&it->link);
    case EDO_TASK_READY:
        return is_live && is_ready;
    case EDO_TASK_WOKEN:
        return is_live && is_ready && executor.polled == it;
    case EDO_TASK_POLLED:
        return is_live && is_alone(&it->link) && executor.polled == it;
    case EDO_TASK_WAITING:
        return is_live && is_alone(&it->link);
    case EDO_TASK_CANCELLING:
        return is_live && is_in(&executor.asked, &it->link) && executor.is_cancelling;
    }
    return false;
}

/* The end of the turn is in the queue that it is the end of. */
static bool is_end_of_turn_placed(void)
{
    return executor.last_of_turn == &executor.ready ||
           is_in(&executor.ready, executor.last_of_turn);
}

static void check_state(void)
{
    ALWAYS(is_placed(&task), "it is where its state says");
    ALWAYS(is_placed(&other), "so is the other");
    ALWAYS(is_end_of_turn_placed(), "the end of the turn is in the queue");
}

/* --- Any state that holds it ------------------------------------------------------------------ */

static void place(struct edo_task *it, struct edo_future *its, enum edo_task_state state,
                  bool urgent)
{
    edo_task_init(it, "any", its);
    edo_list_init(&it->live);
    it->executor = &executor;
    it->state = (uint8_t)state;
    if (edo_task_is_live(it))
        edo_list_append(&executor.live, &it->live);
    if (state == EDO_TASK_READY || state == EDO_TASK_WOKEN)
        edo_list_append(urgent ? &executor.urgent : &executor.ready, &it->link);
    if (state == EDO_TASK_CANCELLING)
        edo_list_append(&executor.asked, &it->link);
    if (state == EDO_TASK_POLLED || state == EDO_TASK_WOKEN)
        executor.polled = it;
}

/* Each bit of `how` is a choice. */
static void make_state(enum edo_task_state state, unsigned how)
{
    bool is_urgent = how & 1, is_behind = how & 2; /* the other one was there first */

    edo_list_init(&executor.ready);
    edo_list_init(&executor.urgent);
    edo_list_init(&executor.live);
    edo_list_init(&executor.asked);
    executor.polled = NULL;
    executor.is_cancelling = state == EDO_TASK_CANCELLING;
    executor.is_closing = false;
    executor.is_running = true;
    executor.reactor.is_reacting = how & 4;
    if (is_behind)
        place(&other, &other_future, EDO_TASK_READY, is_urgent);
    place(&task, &future, state, is_urgent);
    if (!is_behind)
        place(&other, &other_future, EDO_TASK_READY, false);
    executor.last_of_turn = how & 8 ? &executor.ready : executor.ready.prev;
    future.is_cancelled = false;
    future.state = state == EDO_TASK_NEW ? EDO_START : EDO_FIRST_AWAIT;
    if (state == EDO_TASK_ENDED)
        future.state = EDO_DONE;
    task.joiner = (struct edo_waker){join, NULL};
    joiner_calls = cancels = polls = 0;
    cancel_answer = how & 16 ? EDO_READY : EDO_PENDING;
    is_woken = how & 32;
    is_cancelled_by_itself = how & 64;
    is_pending = how & 128;
    check_state();
}

static void check_each(enum edo_task_state state, unsigned ways, void (*check)(enum edo_task_state))
{
    make_state(state, nondet_below(ways));
    check(state);
}

static void check_each_state(unsigned ways, void (*check)(enum edo_task_state))
{
    check_each((enum edo_task_state)nondet_below(EDO_TASK_ENDED + 1), ways, check);
}

/* --- Transitions ------------------------------------------------------------------------------ */

static enum edo_task_state state_of(void)
{
    return (enum edo_task_state)task.state;
}

static void check_wake(enum edo_task_state before)
{
    const struct edo_list *queue =
        executor.reactor.is_reacting ? &executor.urgent : &executor.ready;
    enum edo_task_state after = before == EDO_TASK_WAITING  ? EDO_TASK_READY
                                : before == EDO_TASK_POLLED ? EDO_TASK_WOKEN
                                                            : before;

    wake_task(&task, (struct edo_cause){.kind = EDO_CAUSE_PROGRAM});
    ALWAYS(state_of() == after, "a wake makes it READY or WOKEN, where it was not, and live");
    ALWAYS(after == before || queue->prev == &task.link, "behind those that were woken before");
    ALWAYS(polls + cancels + joiner_calls == 0, "and calls nobody");
    check_state();
}

void wake_in_each_state(void)
{
    check_each_state(16, check_wake);
}

static void check_poll(enum edo_task_state before)
{
    (void)before;
    /* The loop sees to it. */
    if (executor.last_of_turn == &task.link)
        executor.last_of_turn = &executor.ready;
    edo_task_poll(&task);
    ALWAYS(polls == 1 && executor.polled == NULL, "one poll");
    ALWAYS(state_of() == EDO_TASK_READY || state_of() == EDO_TASK_WAITING ||
               state_of() == EDO_TASK_ENDED,
           "then it is READY, WAITING or ENDED");
    ALWAYS((state_of() == EDO_TASK_ENDED) ==
               (future.state == EDO_DONE || future.state == EDO_CANCELLED),
           "ENDED if its future has");
    ALWAYS(joiner_calls == (state_of() == EDO_TASK_ENDED), "its joiner is called once");
    ALWAYS(!task.is_to_be_cancelled || state_of() == EDO_TASK_ENDED, "no cancel is forgotten");
    check_state();
}

void poll_of_a_ready_task(void)
{
    check_each(EDO_TASK_READY, 256, check_poll);
}

static void check_cancel(enum edo_task_state before)
{
    bool stays = executor.is_cancelling || before == EDO_TASK_POLLED || before == EDO_TASK_WOKEN ||
                 cancel_answer == EDO_PENDING;
    enum edo_poll poll;

    if (before == EDO_TASK_NEW)
        cancel_answer = EDO_READY; /* it has not begun */
    poll = edo_task_cancel(&task);
    if (before == EDO_TASK_NEW || before == EDO_TASK_ENDED) {
        ALWAYS(poll == EDO_READY && state_of() == EDO_TASK_ENDED, "READY at once");
        ALWAYS(joiner_calls == 0, "nobody joins it");
        return;
    }
    ALWAYS((poll == EDO_PENDING) == stays, "PENDING while a part of it can't be cut off");
    ALWAYS((poll == EDO_READY) == (state_of() == EDO_TASK_ENDED), "READY: it has ended");
    ALWAYS(joiner_calls == (poll == EDO_READY), "its joiner is called once");
    if (before == EDO_TASK_POLLED || before == EDO_TASK_WOKEN)
        ALWAYS(task.is_to_be_cancelled && cancels == 0 && state_of() == before,
               "in the middle of its poll it is only noted");
    else if (!executor.is_cancelling && poll == EDO_PENDING)
        ALWAYS(state_of() == EDO_TASK_READY, "PENDING: it is polled once more");
    check_state();
}

void cancel_in_each_state(void)
{
    check_each_state(32, check_cancel);
}

static void check_start(enum edo_task_state before)
{
    uint32_t last_id = executor.last_id;

    (void)before;
    edo_task_start(&task, &executor);
    ALWAYS(state_of() == EDO_TASK_READY && executor.ready.prev == &task.link, "it is the last");
    ALWAYS(executor.live.prev == &task.live && task.id == last_id + 1, "with the next number");
    check_state();
}

void start_of_a_new_task(void)
{
    check_each(EDO_TASK_NEW, 4, check_start);
}
