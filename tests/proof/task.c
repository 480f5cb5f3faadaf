/* SPDX-License-Identifier: MIT */
/* task.c - what can happen to a task, in each of its states, with another one in front of it or
 * behind it; and to tasks that join each other, when one of them is cancelled. */
#include "task/task.c"

#include <string.h>

#include "untraced.h"

_Thread_local const struct edo_future *edo_root_of_thread;

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

enum { TASKS = 3 };

static struct edo_executor executor;
static struct edo_task tasks[TASKS];
static struct edo_future futures[TASKS];
static struct edo_task *const task = &tasks[0]; /* the one that it is about */
static unsigned polls, ends;

static struct {
    bool is_asked; /* to be cancelled, by a future */
    unsigned cancels, joiner_calls;
    unsigned end; /* 1: it ended first */
} seen[TASKS];

/* --- The future of a task: whatever it may do ------------------------------------------------- */

static bool joins[TASKS][TASKS]; /* [i][j]: that of the task i joins the task j */

/* Its cancel stays pending. Also where the executor closes, which an assert of the source forbids;
 * `proofs` takes the assert out, so this shows what comes without asserts, too. */
static bool is_shielded[TASKS];

/* Cancels what it joins, and is pending until that has ended. */
enum edo_poll edo_future_cancel(struct edo_future *it)
{
    unsigned i = (unsigned)(it - futures);
    bool is_pending = is_shielded[i];

    seen[i].cancels++;
    ALWAYS(seen[i].cancels <= 2, "again only when those that it joins have been cancelled");
    ALWAYS(executor.is_running || it->state == EDO_START, "meanwhile nobody can run the executor");
    it->is_cancelled = true;
    for (unsigned j = 0; j < TASKS; j++) {
        if (!joins[i][j])
            continue;
        seen[j].is_asked = true;
        edo_task_cancel(&tasks[j]);
        if (tasks[j].state != EDO_TASK_ENDED) /* as a join does: it may be about to */
            is_pending = true;
    }
    if (is_pending)
        return EDO_PENDING;
    it->state = EDO_CANCELLED;
    return EDO_READY;
}

/* In the middle of its poll it may be woken, and cancelled. */
enum edo_poll edo_future_poll(struct edo_future *it, struct edo_context *cx)
{
    polls++;
    ALWAYS(executor.polled == task, "the one that is polled is known");
    ALWAYS(executor.budget == EDO_BUDGET, "it has a budget of its own");
    if (nondet_bool())
        edo_wake(cx->waker);
    seen[0].is_asked = nondet_bool();
    if (seen[0].is_asked)
        ALWAYS(edo_task_cancel(task) == EDO_PENDING, "from inside its poll a cancel is pending");
    if (nondet_bool())
        return EDO_PENDING;
    it->state = it->is_cancelled ? EDO_CANCELLED : EDO_DONE;
    return EDO_READY;
}

static void join(void *data, struct edo_cause cause)
{
    const struct edo_task *it = data;
    bool is_cancelled = it->future->state == EDO_CANCELLED;

    ALWAYS(it->state == EDO_TASK_ENDED, "it has ended when its joiner is called");
    ALWAYS(edo_list_is_empty(&it->link) && cause.id == it->id, "and is in no queue");
    ALWAYS(cause.kind == (is_cancelled ? EDO_CAUSE_CANCEL : EDO_CAUSE_TASK), "and knows how");
    seen[it - tasks].joiner_calls++;
    seen[it - tasks].end = ++ends;
}

/* --- The invariant ---------------------------------------------------------------------------- */

static bool is_in(const struct edo_list *list, const struct edo_list *link)
{
    const struct edo_list *at = list->next;

    for (unsigned i = 0; i < TASKS && at != list && at != link; i++)
        at = at->next;
    return at == link;
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
    for (unsigned i = 0; i < TASKS; i++)
        ALWAYS(is_placed(&tasks[i]), "each is where its state says");
    ALWAYS(is_end_of_turn_placed(), "the end of the turn is in the queue");
}

/* --- Any state that holds it ------------------------------------------------------------------ */

static void make_executor(void)
{
    edo_list_init(&executor.ready);
    edo_list_init(&executor.urgent);
    edo_list_init(&executor.live);
    edo_list_init(&executor.asked);
    executor.polled = NULL;
    executor.is_cancelling = false;
    executor.is_closing = nondet_bool();
    executor.is_running = nondet_bool();
    executor.reactor.is_reacting = nondet_bool();
    executor.meets_polled = executor.meets_outer = false;
    executor.cancels = nondet_bool() ? 1 : UINT8_MAX;
    memset(seen, 0, sizeof seen);
    polls = ends = 0;
}

static void place(unsigned i, enum edo_task_state state, bool urgent)
{
    struct edo_task *it = &tasks[i];

    edo_task_init(it, "any", &futures[i]);
    edo_list_init(&it->live);
    it->executor = &executor;
    it->state = (uint8_t)state;
    it->joiner = (struct edo_waker){join, it};
    if (edo_task_is_live(it))
        edo_list_append(&executor.live, &it->live);
    it->is_urgent = urgent;
    if (state == EDO_TASK_READY || state == EDO_TASK_WOKEN)
        edo_list_append(urgent ? &executor.urgent : &executor.ready, &it->link);
    if (state == EDO_TASK_CANCELLING)
        edo_list_append(&executor.asked, &it->link);
    if (state == EDO_TASK_POLLED || state == EDO_TASK_WOKEN)
        executor.polled = it;
    futures[i].is_cancelled = false;
    futures[i].state = state == EDO_TASK_NEW     ? EDO_START
                       : state == EDO_TASK_ENDED ? EDO_DONE
                                                 : EDO_FIRST_AWAIT;
}

static void place_end_of_turn(void)
{
    struct edo_list *const ends_of_turn[] = {&executor.ready, executor.ready.next,
                                             executor.ready.prev};

    executor.last_of_turn = ends_of_turn[nondet_below(3)];
}

/* In it another's cancel may be going on, and this one's may be pending already. */
static void make_state(enum edo_task_state state)
{
    bool is_urgent = nondet_bool(), is_behind = nondet_bool(); /* the other one was there first */
    enum edo_task_state other_state =
        state == EDO_TASK_CANCELLING ? EDO_TASK_CANCELLING : EDO_TASK_READY;

    make_executor();
    if (is_behind)
        place(1, other_state, is_urgent);
    place(0, state, is_urgent);
    if (!is_behind)
        place(1, other_state, false);
    place(2, EDO_TASK_NEW, false);
    place_end_of_turn();
    executor.is_cancelling = state == EDO_TASK_CANCELLING || nondet_bool();
    futures[0].is_cancelled = edo_task_is_live(task) && nondet_bool();
    task->waits_for_polled = nondet_bool();
    task->waits_for_outer = nondet_bool();
    task->asked_in = nondet_bool() ? executor.cancels : 0;
    is_shielded[0] = state != EDO_TASK_NEW && nondet_bool();
    check_state();
}

static enum edo_task_state any_state(void)
{
    return (enum edo_task_state)nondet_below(EDO_TASK_ENDED + 1);
}

static enum edo_task_state state_of(const struct edo_task *it)
{
    return (enum edo_task_state)it->state;
}

/* --- Transitions ------------------------------------------------------------------------------ */

void wake_in_each_state(void)
{
    enum edo_task_state before = any_state();
    enum edo_task_state after = before == EDO_TASK_WAITING  ? EDO_TASK_READY
                                : before == EDO_TASK_POLLED ? EDO_TASK_WOKEN
                                                            : before;
    const struct edo_list *queue;
    bool is_queued, comes_first;

    make_state(before);
    queue = executor.reactor.is_reacting ? &executor.urgent : &executor.ready;
    is_queued = before == EDO_TASK_READY || before == EDO_TASK_WOKEN;
    comes_first = is_queued && executor.reactor.is_reacting && !task->is_urgent;
    wake_task(task, (struct edo_cause){.kind = EDO_CAUSE_PROGRAM});
    ALWAYS(state_of(task) == after, "a wake makes it READY or WOKEN, where it was not, and live");
    ALWAYS((after == before && !comes_first) || queue->prev == &task->link,
           "behind those that were woken before");
    ALWAYS(!is_queued || task->is_urgent == is_in(&executor.urgent, &task->link),
           "whom the reactor wakes is before the others");
    ALWAYS(polls + seen[0].cancels + ends == 0, "and calls nobody");
    check_state();
}

void poll_of_a_ready_task(void)
{
    bool was_running;

    make_state(EDO_TASK_READY);
    was_running = executor.is_running;
    executor.is_closing = executor.is_cancelling = false; /* else nobody is polled */
    if (executor.last_of_turn == &task->link)
        executor.last_of_turn = &executor.ready; /* the loop sees to it */
    edo_task_poll(task);
    ALWAYS(polls == 1 && executor.polled == NULL, "one poll");
    ALWAYS(state_of(task) == EDO_TASK_READY || state_of(task) == EDO_TASK_WAITING ||
               state_of(task) == EDO_TASK_ENDED,
           "then it is READY, WAITING or ENDED");
    ALWAYS((state_of(task) == EDO_TASK_ENDED) == edo_future_has_ended(&futures[0]),
           "ENDED if its future has");
    ALWAYS(seen[0].joiner_calls == (state_of(task) == EDO_TASK_ENDED), "its joiner is called once");
    ALWAYS(!seen[0].is_asked || state_of(task) == EDO_TASK_ENDED || seen[0].cancels == 1,
           "no cancel is forgotten");
    ALWAYS(seen[0].is_asked || seen[0].cancels == 0, "without a cancel nothing is cut off");
    ALWAYS(executor.is_running == was_running, "the executor is running as before");
    check_state();
}

void start_of_a_new_task(void)
{
    uint32_t last_id = executor.last_id;

    make_state(EDO_TASK_NEW);
    edo_task_start(task, &executor);
    ALWAYS(state_of(task) == EDO_TASK_READY && executor.ready.prev == &task->link,
           "it is the last");
    ALWAYS(executor.live.prev == &task->live && task->id == last_id + 1, "with the next number");
    check_state();
}

/* --- Cancelling ------------------------------------------------------------------------------- */

/* One that is in no poll, and is not asked for. */
static void check_cancel_between_polls(enum edo_task_state before, bool was_pending,
                                       enum edo_poll poll)
{
    if (was_pending)
        ALWAYS(seen[0].cancels == 0 && state_of(task) == before &&
                   executor.meets_polled == task->waits_for_polled &&
                   executor.meets_outer == task->waits_for_outer,
               "a second cancel does nothing, but says what the first one waits for");
    else if (executor.is_cancelling)
        ALWAYS(seen[0].cancels == 0 && executor.asked.prev == &task->link,
               "inside another's cancel it is only asked for");
    else if (is_shielded[0] && !executor.is_closing)
        ALWAYS(poll == EDO_PENDING && state_of(task) == EDO_TASK_READY,
               "PENDING: it is polled once more");
    else
        ALWAYS(poll == EDO_READY && seen[0].cancels == 1,
               "READY: no shield protects it, or the executor closes");
}

static void check_cancel(enum edo_task_state before, bool was_pending, enum edo_poll poll)
{
    switch (before) {
    case EDO_TASK_NEW:
        ALWAYS(poll == EDO_READY && futures[0].state == EDO_CANCELLED,
               "before its first poll it is cancelled at once");
        return;
    case EDO_TASK_ENDED:
        ALWAYS(poll == EDO_READY && seen[0].cancels == 0, "after the end it does nothing");
        return;
    case EDO_TASK_POLLED:
    case EDO_TASK_WOKEN:
        ALWAYS(task->is_to_be_cancelled && !task->waits_for_outer && seen[0].cancels == 0 &&
                   state_of(task) == before,
               "in the middle of its poll it is only noted");
        return;
    case EDO_TASK_CANCELLING:
        ALWAYS(seen[0].cancels == 0 && executor.asked.prev == &task->link, "it is asked for anew");
        return;
    case EDO_TASK_READY:
    case EDO_TASK_WAITING:
        check_cancel_between_polls(before, was_pending, poll);
        return;
    }
}

void cancel_in_each_state(void)
{
    enum edo_task_state before = any_state();
    bool was_live, was_pending, was_running, was_cancelling;
    const struct edo_list *end, *in_front;
    enum edo_poll poll;

    make_state(before);
    was_live = edo_task_is_live(task);
    was_running = executor.is_running;
    was_cancelling = executor.is_cancelling;
    was_pending = futures[0].is_cancelled && !(task->waits_for_polled && executor.polled == NULL) &&
                  !(task->waits_for_outer && task->asked_in != executor.cancels) &&
                  (!executor.is_closing || (task->waits_for_outer && executor.is_cancelling));
    end = executor.last_of_turn;
    in_front = task->link.prev;
    poll = edo_task_cancel(task);
    ALWAYS((poll == EDO_READY) == (state_of(task) == EDO_TASK_ENDED), "READY: it has ended");
    ALWAYS(seen[0].joiner_calls == (was_live && poll == EDO_READY), "its joiner is called once");
    ALWAYS(executor.is_running == was_running && executor.is_cancelling == was_cancelling,
           "the executor is running, or cancelling, as before");
    ALWAYS(executor.last_of_turn == end ||
               (end == &task->link && executor.last_of_turn == in_front),
           "the turn ends where it did, or in front of the task");
    check_cancel(before, was_pending, poll);
    check_state();
}

/* --- Cancelling tasks that join each other ---------------------------------------------------- */

/* Any of the others may be the one that is polled, which cancels the first. A cancel that is
 * pending already is so because of a shield. */
static void make_tasks_that_join(void)
{
    static const enum edo_task_state states[] = {EDO_TASK_READY, EDO_TASK_WAITING, EDO_TASK_POLLED,
                                                 EDO_TASK_WOKEN};

    make_executor();
    for (unsigned i = 0; i < TASKS; i++) {
        place(i, states[nondet_below(i > 0 ? 4 : 2)], false);
        tasks[i].waits_for_polled = nondet_bool(); /* waits_for_outer: only a group's task */
        for (unsigned j = 0; j < TASKS; j++)
            joins[i][j] = i != j && nondet_bool();
        is_shielded[i] = nondet_bool();
        futures[i].is_cancelled = i > 0 && is_shielded[i] && nondet_bool();
    }
    for (unsigned i = 0; i < TASKS; i++)
        assume(is_placed(&tasks[i])); /* one is polled, at most */
    assume(!executor.is_closing || executor.polled == NULL);
    place_end_of_turn();
}

static bool reaches(unsigned from, unsigned to)
{
    bool is_so = from == to || joins[from][to];

    for (unsigned by = 0; by < TASKS; by++)
        is_so = is_so || (joins[from][by] && joins[by][to]);
    return is_so;
}

/* Whether the task may go on for a while: a shield is in it, or in one that it joins, and so on, or
 * one of them is polled just now. */
static bool may_stay(unsigned i)
{
    for (unsigned j = 0; j < TASKS; j++)
        if (reaches(i, j) && (is_shielded[j] || executor.polled == &tasks[j]))
            return !executor.is_closing;
    return false;
}

static void check_joined(unsigned i, enum edo_task_state before)
{
    bool has_ended = state_of(&tasks[i]) == EDO_TASK_ENDED;

    if (!seen[i].is_asked)
        ALWAYS(seen[i].cancels == 0 && state_of(&tasks[i]) == before, "who is not joined goes on");
    else
        ALWAYS(has_ended || may_stay(i), "who is joined ends, or waits for one that stays");
    ALWAYS(has_ended || seen[i].cancels == 0 || state_of(&tasks[i]) == EDO_TASK_READY,
           "PENDING: it is polled once more");
    ALWAYS(!has_ended || futures[i].state == EDO_CANCELLED || executor.is_closing,
           "ENDED: nothing of it is held any more");
    ALWAYS(seen[i].joiner_calls == has_ended, "its joiner is called once");
}

static void check_order(void)
{
    for (unsigned i = 0; i < TASKS; i++)
        for (unsigned j = 0; j < TASKS; j++)
            ALWAYS(!joins[i][j] || reaches(j, i) || seen[i].end == 0 ||
                       (seen[j].end > 0 && seen[j].end < seen[i].end),
                   "first those that it joins, then the task");
    ALWAYS(!joins[0][1] || !joins[0][2] || joins[1][2] || seen[2].end == 0 ||
               seen[1].end < seen[2].end,
           "they end in the order in which they were asked for");
}

void cancel_of_tasks_that_join(void)
{
    enum edo_task_state before[TASKS];
    enum edo_poll poll;

    make_tasks_that_join();
    for (unsigned i = 0; i < TASKS; i++)
        before[i] = state_of(&tasks[i]);
    seen[0].is_asked = true;
    poll = edo_task_cancel(task);
    ALWAYS((poll == EDO_READY) == (state_of(task) == EDO_TASK_ENDED), "READY: it has ended");
    for (unsigned i = 0; i < TASKS; i++)
        check_joined(i, before[i]);
    check_order();
    check_state();
}
