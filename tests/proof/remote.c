/* SPDX-License-Identifier: MIT */
/* remote.c - kernel/remote.c as it is shipped, in each order in which two posters and the runtime's
 * thread may come to its atomic operations. Each of the three has a stack of its own, and stops
 * before each of these operations; whoever is chosen goes on by one. So memory is sequentially
 * consistent.
 *
 * Two steps on different variables come to the same in either order, so one of the two is tried:
 * who was chosen at this point in a run before is passed over, until somebody else has stepped on
 * the variable of its next step. */
#include <ucontext.h>
#include <unistd.h>

#include "kernel/remote.h"
#include "kernel/timer_driver.h"

#include "proof.h"

enum { POSTERS = 2, RUNTIME = POSTERS, THREADS, STACK = 1 << 16 };

static struct thread {
    ucontext_t context;
    const void *at; /* the variable of its next step */
    bool has_ended;
    bool is_passed_over;
    char stack[STACK];
} threads[THREADS];
static unsigned running;
static ucontext_t chooser;

static struct edo_remote remote;
static struct edo_notice notices[POSTERS];
static unsigned posts[POSTERS];
static unsigned written[POSTERS], seen[POSTERS]; /* what a post tells of; what is known of it */
static unsigned pushes[POSTERS], takes[POSTERS];
static bool is_event, is_due; /* the eventfd has something to report; the runtime has */

/* --- Each atomic operation is a step ---------------------------------------------------------- */

static void step_on(const void *variable)
{
    threads[running].at = variable;
    swapcontext(&threads[running].context, &chooser);
}

static bool note_push(const struct edo_notice *notice)
{
    pushes[notice - notices]++;
    return true;
}

static ssize_t write_event(int fd, const void *data, size_t size)
{
    (void)fd, (void)data;
    step_on(&is_event);
    is_event = true;
    return (ssize_t)size;
}

#define __atomic_load_n(at, order) (step_on(at), __atomic_load_n(at, order))
#define __atomic_store_n(at, value, order) (step_on(at), __atomic_store_n(at, value, order))
#define __atomic_exchange_n(at, value, order) (step_on(at), __atomic_exchange_n(at, value, order))
#define __atomic_compare_exchange_n(at, before, value, ...) \
    (step_on(at), __atomic_compare_exchange_n(at, before, value, __VA_ARGS__) && note_push(value))
#define write write_event
#include "kernel/remote.c"

/* --- The three threads ------------------------------------------------------------------------ */

static void run_poster(void)
{
    unsigned it = running;

    for (unsigned i = 0; i < posts[it]; i++) {
        step_on(&written[it]);
        written[it]++;
        edo_notice_post(&notices[it]);
    }
    threads[it].has_ended = true;
}

/* Who waits for the notice is due, and will read. */
void edo_reactor_end_wait(struct edo_source *source, int result)
{
    long it = edo_container_of(source, struct edo_notice, wait) - notices;

    (void)result;
    takes[it]++;
    step_on(&written[it]);
    seen[it] = written[it];
    is_due = true;
}

/* As look_at_kernel and sleep_until_due of kernel/reactor.c. */
static void run_runtime(void)
{
    for (;; is_due = false) {
        edo_remote_take(&remote);
        if (is_due)
            continue;
        edo_remote_set_awaited(&remote, true);
        if (is_due) {
            edo_remote_set_awaited(&remote, false);
            continue;
        }
        step_on(&is_event); /* and stays here until there is one */
        is_event = false;
        edo_remote_set_awaited(&remote, false);
        note_post(&remote, (struct edo_cause){0});
    }
}

/* --- Who goes on ------------------------------------------------------------------------------ */

static void go_on_with(unsigned it)
{
    running = it;
    swapcontext(&chooser, &threads[it].context);
}

/* Each stands before its first step. */
static void start(unsigned it, void (*run)(void))
{
    struct thread *thread = &threads[it];

    thread->has_ended = thread->is_passed_over = false;
    getcontext(&thread->context);
    thread->context.uc_stack.ss_sp = thread->stack;
    thread->context.uc_stack.ss_size = STACK;
    thread->context.uc_link = &chooser;
    makecontext(&thread->context, run, 0);
    go_on_with(it);
}

static bool is_asleep(unsigned it)
{
    return it == RUNTIME && threads[it].at == &is_event && !is_event;
}

/* false: nobody can. */
static bool step(void)
{
    unsigned able = 0, count = 0, to_try[THREADS], chosen;
    const void *variable;

    for (unsigned i = 0; i < THREADS; i++) {
        if (threads[i].has_ended || is_asleep(i))
            continue;
        able++;
        if (!threads[i].is_passed_over)
            to_try[count++] = i;
    }
    if (able == 0)
        return false;
    assume(count > 0);
    chosen = count > 1 ? nondet_below(count) : 0;
    for (unsigned i = 0; i < chosen; i++)
        threads[to_try[i]].is_passed_over = true;
    variable = threads[to_try[chosen]].at;
    go_on_with(to_try[chosen]);
    for (unsigned i = 0; i < THREADS; i++)
        if (threads[i].at == variable)
            threads[i].is_passed_over = false;
    return true;
}

static void check(unsigned first_posts, unsigned second_posts)
{
    remote = (struct edo_remote){.event.fd = 7};
    is_event = is_due = false;
    posts[0] = first_posts;
    posts[1] = second_posts;
    for (unsigned i = 0; i < POSTERS; i++) {
        edo_notice_init(&notices[i], &remote);
        written[i] = seen[i] = pushes[i] = takes[i] = 0;
        start(i, run_poster);
    }
    start(RUNTIME, run_runtime);
    while (step())
        continue;
    for (unsigned i = 0; i < POSTERS; i++) {
        ALWAYS(threads[i].has_ended, "each poster comes to its end");
        ALWAYS(seen[i] == written[i], "no post is slept over");
        ALWAYS(takes[i] == pushes[i], "what was put on the stack is taken, once");
    }
}

void posts_of_two_are_not_slept_over(void)
{
    check(1, 1);
}

void posts_of_one_are_not_slept_over(void)
{
    check(3, 0);
}
