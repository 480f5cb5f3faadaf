/* SPDX-License-Identifier: MIT */
/* due.c - the reactor's due list: in whatever order SOURCES sources come due, and whichever of them
 * are disarmed meanwhile, their wakers are called in order. */
#include "base/sort.c"
#include "kernel/reactor.c"

#include "untraced.h"

enum { SOURCES = 4, LIMIT = 3 };

static struct edo_reactor reactor;
static struct edo_source first, second, third, fourth;
static struct edo_source *const sources[] = {&first, &second, &third, &fourth};

/* One that is not due yet becomes due. In order of arming they have numbers, equal times among
 * them. */
static void make_one_due(void)
{
    unsigned it = nondet_below(SOURCES);

    assume(sources[it]->state == EDO_SOURCE_ARMED);
    sources[it]->state = EDO_SOURCE_DUE;
    insert_due(&reactor, sources[it]);
}

/* Or none. */
static void disarm_one(void)
{
    unsigned it = nondet_below(SOURCES + 1);

    if (it == SOURCES)
        return;
    assume(sources[it]->state == EDO_SOURCE_DUE);
    leave_due(sources[it]);
    sources[it]->state = EDO_SOURCE_IDLE;
}

static bool is_in_list(const struct edo_source *source)
{
    for (const struct edo_list *at = reactor.due.next; at != &reactor.due; at = at->next)
        if (at == &source->link)
            return true;
    return false;
}

/* In the order of arming. */
static unsigned number_of(const struct edo_list *link)
{
    unsigned number = 0;

    while (&sources[number]->link != link)
        number++;
    return number;
}

static bool is_before(const struct edo_list *a, const struct edo_list *b)
{
    uint64_t a_ns = source_of(a)->due_ns, b_ns = source_of(b)->due_ns;

    return a_ns != b_ns ? a_ns < b_ns : number_of(a) < number_of(b);
}

void wakes_come_in_order(void)
{
    edo_list_init(&reactor.due);
    reactor.last_due = &reactor.due;
    reactor.is_due_unsorted = false;
    for (unsigned i = 0; i < SOURCES; i++) {
        edo_source_init(sources[i]);
        sources[i]->reactor = &reactor;
        sources[i]->state = EDO_SOURCE_ARMED;
        sources[i]->id = UINT32_MAX - 1 + i; /* they start again in the middle */
        sources[i]->due_ns = nondet_below(LIMIT);
    }
    for (unsigned i = 0; i < SOURCES; i++) {
        make_one_due();
        disarm_one();
    }
    sort_due(&reactor);
    for (unsigned i = 0; i < SOURCES; i++)
        ALWAYS(is_in_list(sources[i]) == (sources[i]->state == EDO_SOURCE_DUE), "none is lost");
    for (const struct edo_list *at = reactor.due.next; at != &reactor.due; at = at->next)
        ALWAYS(at->next == &reactor.due || is_before(at, at->next),
               "the earlier first, of equals who was armed first");
    ALWAYS(reactor.last_due == &reactor.due && !reactor.is_due_unsorted, "ready for the next");
}
