/* SPDX-License-Identifier: MIT */
/* wheel.c - each operation of the timing wheel, from any well-formed wheel of up to TIMERS timers.
 * The wheel is made small (`proofs`): a few levels of one bit, so times are below LIMIT. */
#include "kernel/timer_wheel.c"

#include "untraced.h"

enum {
    TIMERS = 3,
    NODES = TIMERS + WHEEL_EMPTY, /* the timers' links, then the heads of the slots */
    LIMIT = 1 << EDO_WHEEL_BITS * EDO_WHEEL_LEVELS,
};

static struct edo_timer_wheel wheel;
static struct edo_reactor reactor;
static struct edo_source first, second, third;
static struct edo_source *const timers[] = {&first, &second, &third};

/* Before the operation. */
static struct {
    bool is_armed;
    int place;
    uint64_t due_ns;
} before[TIMERS];

static unsigned handed_over[TIMERS]; /* which one of those that a step hands over it was */
static unsigned handed_over_count;

/* --- The invariant: links ---------------------------------------------------------------------
 *
 * They are looked at as numbers of nodes, which costs CBMC far less than to follow pointers. */

static unsigned next_of[NODES], prev_of[NODES];
static unsigned left[TIMERS]; /* how many timers are behind it in its slot */

static struct edo_list *node(unsigned number)
{
    return number < TIMERS ? &timers[number]->link : &wheel.slots[number - TIMERS].timers;
}

/* NODES: there is none such. */
static unsigned number_of(const struct edo_list *link)
{
    unsigned number = NODES;

    for (unsigned i = 0; i < NODES; i++)
        if (link == node(i))
            number = i;
    return number;
}

static void read_links(void)
{
    for (unsigned i = 0; i < NODES; i++) {
        next_of[i] = number_of(node(i)->next);
        prev_of[i] = number_of(node(i)->prev);
    }
}

static bool are_links_mutual(void)
{
    for (unsigned i = 0; i < NODES; i++)
        if (next_of[i] >= NODES || prev_of[next_of[i]] != i)
            return false;
    return true;
}

/* From an armed timer the links lead to the head of its slot. */
static bool is_linked(unsigned timer)
{
    unsigned at = next_of[timer];

    if (timers[timer]->state != EDO_SOURCE_ARMED)
        return at == timer;
    left[timer] = 0;
    for (unsigned i = 1; i < TIMERS; i++)
        if (at < TIMERS) {
            at = next_of[at];
            left[timer]++;
        }
    return at == TIMERS + (unsigned)timers[timer]->result;
}

/* Nothing but timers is in a slot, each in its own. */
static bool are_links_well_formed(void)
{
    read_links();
    if (!are_links_mutual())
        return false;
    for (unsigned i = 0; i < TIMERS; i++)
        if (!is_linked(i))
            return false;
    for (unsigned i = TIMERS; i < NODES; i++)
        if (next_of[i] >= TIMERS && next_of[i] != i)
            return false;
    return true;
}

/* --- The invariant: times ----------------------------------------------------------------------
 */

static bool is_armed_in(const struct edo_source *source, unsigned place)
{
    return source->state == EDO_SOURCE_ARMED && source->result == (int)place;
}

static bool is_marked(unsigned place)
{
    return wheel.occupied[place / EDO_WHEEL_SLOTS] >> place % EDO_WHEEL_SLOTS & 1;
}

/* A timer that was moved may be due later than its slot. */
static bool belongs(const struct edo_source *source, unsigned place)
{
    return source->due_ns >= wheel.time_ns && source->due_ns < LIMIT &&
           wheel_place(&wheel, source->due_ns) >= place &&
           source->due_ns >= wheel.slots[place].least_ns;
}

static bool has_timer(unsigned place)
{
    bool has = false;

    for (unsigned i = 0; i < TIMERS; i++)
        has |= is_armed_in(timers[i], place);
    return has;
}

static bool is_slot_well_formed(unsigned place)
{
    uint64_t least_ns = wheel.slots[place].least_ns;

    for (unsigned i = 0; i < TIMERS; i++)
        if (is_armed_in(timers[i], place) && !belongs(timers[i], place))
            return false;
    if (is_marked(place) != has_timer(place))
        return false;
    return is_marked(place) ? least_ns >= wheel.time_ns && least_ns < LIMIT &&
                                  wheel_place(&wheel, least_ns) == place
                            : least_ns == EDO_NEVER;
}

static bool is_wheel_well_formed(void)
{
    for (unsigned place = 0; place < WHEEL_EMPTY; place++)
        if (!is_slot_well_formed(place))
            return false;
    for (unsigned level = 0; level < EDO_WHEEL_LEVELS; level++)
        if ((wheel.levels >> level & 1) != (wheel.occupied[level] != 0) ||
            wheel.occupied[level] >= 1U << EDO_WHEEL_SLOTS)
            return false;
    return wheel.levels < 1U << EDO_WHEEL_LEVELS;
}

/* --- Any state that holds it -------------------------------------------------------------------
 */

/* In a slot they are in the order of their numbers; which of them an operation is about is open. */
static void nondet_timer(unsigned number)
{
    struct edo_source *source = timers[number];
    unsigned place = nondet_below(WHEEL_EMPTY);

    edo_source_init(source);
    source->reactor = &reactor;
    source->kind = EDO_SOURCE_TIMER;
    source->state = nondet_bool() ? EDO_SOURCE_ARMED : EDO_SOURCE_IDLE;
    source->result = (int)place;
    if (source->state == EDO_SOURCE_ARMED) {
        source->due_ns = nondet_below(LIMIT);
        assume(source->due_ns >= wheel.time_ns && wheel_place(&wheel, source->due_ns) >= place);
    }
    for (unsigned i = 0; i < WHEEL_EMPTY; i++)
        if (is_armed_in(source, i))
            edo_list_append(&wheel.slots[i].timers, &source->link);
    before[number].is_armed = source->state == EDO_SOURCE_ARMED;
    before[number].place = source->result;
    before[number].due_ns = source->due_ns;
}

static void nondet_state(void)
{
    wheel.time_ns = nondet_below(LIMIT);
    reactor.timer_state = &wheel;
    handed_over_count = 0;
    for (unsigned place = 0; place < WHEEL_EMPTY; place++)
        edo_list_init(&wheel.slots[place].timers);
    for (unsigned i = 0; i < TIMERS; i++)
        nondet_timer(i);
    for (unsigned level = 0; level < EDO_WHEEL_LEVELS; level++) {
        wheel.occupied[level] = nondet_below(1U << EDO_WHEEL_SLOTS);
        for (unsigned digit = 0; digit < EDO_WHEEL_SLOTS; digit++) {
            unsigned place = level * EDO_WHEEL_SLOTS + digit;

            assume(is_marked(place) == has_timer(place));
        }
    }
    for (unsigned place = 0; place < WHEEL_EMPTY; place++) {
        wheel.slots[place].least_ns = is_marked(place) ? nondet_below(LIMIT) : EDO_NEVER;
        assume(is_slot_well_formed(place));
    }
    wheel.levels = nondet_below(1U << EDO_WHEEL_LEVELS);
    assume(is_wheel_well_formed());
}

/* --- After an operation ------------------------------------------------------------------------
 */

/* All but number `but` are where they were, in their order. */
static void check_others(unsigned but)
{
    for (unsigned i = 0; i < TIMERS; i++) {
        if (i == but)
            continue;
        ALWAYS((timers[i]->state == EDO_SOURCE_ARMED) == before[i].is_armed &&
                   timers[i]->result == before[i].place && timers[i]->due_ns == before[i].due_ns,
               "the others as they were");
        for (unsigned j = i + 1; j < TIMERS; j++)
            ALWAYS(j == but || !before[i].is_armed || !before[j].is_armed ||
                       before[i].place != before[j].place || left[i] > left[j],
                   "the others in their order");
    }
}

static void check_state(unsigned but)
{
    ALWAYS(is_wheel_well_formed(), "the wheel is well-formed");
    ALWAYS(are_links_well_formed(), "each timer in the list of its slot");
    check_others(but);
}

/* --- The invariant holds at first ---------------------------------------------------------------
 */

int edo_reactor_add(struct edo_reactor *of, int fd, uint32_t events, uint32_t id)
{
    (void)of, (void)fd, (void)events, (void)id;
    return -ENOSPC; /* so that the timerfd is closed */
}

void open_makes_the_wheel(void)
{
    for (unsigned i = 0; i < TIMERS; i++)
        edo_source_init(timers[i]);
    for (unsigned place = 0; place < WHEEL_EMPTY; place++)
        wheel.slots[place].least_ns = nondet_below(2);
    for (unsigned level = 0; level < EDO_WHEEL_LEVELS; level++)
        wheel.occupied[level] = nondet_below(1U << EDO_WHEEL_SLOTS);
    wheel.levels = nondet_below(2U << EDO_WHEEL_LEVELS);
    reactor.timer_state = &wheel;
    reactor.now_ns = nondet_below(LIMIT);
    wheel_open(&reactor);
    ALWAYS(is_wheel_well_formed() && are_links_well_formed(), "the wheel is well-formed");
    ALWAYS(wheel.levels == 0 && wheel.time_ns == reactor.now_ns, "it is empty");
}

/* --- The driver's operations --------------------------------------------------------------------
 */

void least_is_never_too_late(void)
{
    nondet_state();
    for (unsigned i = 0; i < TIMERS; i++)
        ALWAYS(timers[i]->state != EDO_SOURCE_ARMED || wheel_least(&wheel) <= timers[i]->due_ns,
               "no armed timer is due before it");
    ALWAYS((wheel_least(&wheel) == EDO_NEVER) == (wheel.levels == 0), "never if there is none");
}

void arm_keeps_the_wheel(void)
{
    nondet_state();
    assume(third.state != EDO_SOURCE_ARMED);
    third.due_ns = nondet_below(LIMIT);
    assume(third.due_ns >= wheel.time_ns);
    ALWAYS(wheel_arm(&third, wheel.time_ns) == 0, "it can't fail");
    third.state = EDO_SOURCE_ARMED;
    check_state(2);
    ALWAYS(wheel_place(&wheel, third.due_ns) == (unsigned)third.result, "in its slot");
    ALWAYS(left[2] == 0, "as the last");
}

void disarm_keeps_the_wheel(void)
{
    unsigned it;

    nondet_state();
    it = nondet_below(TIMERS);
    for (unsigned i = 0; i < TIMERS; i++)
        if (i == it) {
            assume(before[i].is_armed);
            wheel_disarm(timers[i]);
            timers[i]->state = EDO_SOURCE_IDLE;
        }
    check_state(it);
}

void move_keeps_the_wheel(void)
{
    unsigned it, place;
    uint64_t due_ns;
    bool stays = false;

    nondet_state();
    it = nondet_below(TIMERS);
    due_ns = nondet_below(LIMIT);
    assume(due_ns >= wheel.time_ns);
    place = wheel_place(&wheel, due_ns);
    for (unsigned i = 0; i < TIMERS; i++)
        if (i == it) {
            assume(before[i].is_armed);
            stays = (int)place >= before[i].place;
            timers[i]->due_ns = before[i].due_ns = due_ns;
            wheel_move(timers[i]);
            ALWAYS(stays || timers[i]->result == (int)place, "in its slot, or in an earlier one");
        }
    check_state(stays ? TIMERS : it);
}

/* --- Time passes ------------------------------------------------------------------------------ */

void edo_reactor_make_due(struct edo_source *source, int result)
{
    ALWAYS(source->state == EDO_SOURCE_ARMED && edo_list_is_empty(&source->link) && result == 0,
           "what is handed over is in no list any more");
    source->state = EDO_SOURCE_DUE;
    handed_over_count++;
    for (unsigned i = 0; i < TIMERS; i++)
        if (timers[i] == source)
            handed_over[i] = handed_over_count;
}

/* The time of the first slot, then its level, lowest last. */
static unsigned measure_of_first(void)
{
    unsigned place = wheel_first(&wheel);

    if (place == WHEEL_EMPTY)
        return UINT32_MAX;
    return (unsigned)wheel_start(&wheel, place) * EDO_WHEEL_LEVELS + EDO_WHEEL_LEVELS - 1 -
           place / EDO_WHEEL_SLOTS;
}

/* Whether of two timers of one slot, `a` in front, it is so still. */
static bool are_in_order(unsigned a, unsigned b)
{
    if (timers[a]->state == EDO_SOURCE_DUE && timers[b]->state == EDO_SOURCE_DUE)
        return handed_over[a] < handed_over[b];
    return timers[a]->state != EDO_SOURCE_ARMED || timers[b]->state != EDO_SOURCE_ARMED ||
           timers[a]->result != timers[b]->result || left[a] > left[b];
}

/* The step of an induction: one slot is opened. */
void step_keeps_the_wheel(void)
{
    unsigned measure;
    uint64_t now_ns;

    nondet_state();
    now_ns = nondet_below(LIMIT);
    assume(wheel.time_ns <= now_ns);
    measure = measure_of_first();
    if (!wheel_step(&reactor, now_ns))
        return;
    ALWAYS(is_wheel_well_formed(), "the wheel is well-formed");
    ALWAYS(are_links_well_formed(), "each timer in the list of its slot");
    ALWAYS(wheel.time_ns <= now_ns, "the wheel's time is not ahead");
    ALWAYS(measure_of_first() > measure, "it gets on");
    for (unsigned i = 0; i < TIMERS; i++) {
        ALWAYS(before[i].is_armed ? timers[i]->state != EDO_SOURCE_IDLE
                                  : timers[i]->state == EDO_SOURCE_IDLE,
               "none is lost");
        ALWAYS(timers[i]->due_ns == before[i].due_ns, "each keeps its deadline");
        ALWAYS(timers[i]->state != EDO_SOURCE_DUE || timers[i]->due_ns <= now_ns, "none early");
        for (unsigned j = i + 1; j < TIMERS; j++)
            ALWAYS(before[i].place != before[j].place || are_in_order(i, j), "in their order");
    }
}

/* Where the loop ends. */
void end_leaves_none_that_is_due(void)
{
    uint64_t now_ns;

    nondet_state();
    now_ns = nondet_below(LIMIT);
    assume(wheel.time_ns <= now_ns);
    assume(wheel.levels == 0 || wheel_start(&wheel, wheel_first(&wheel)) > now_ns);
    wheel_advance(&reactor, now_ns);
    for (unsigned i = 0; i < TIMERS; i++)
        ALWAYS(timers[i]->state != EDO_SOURCE_ARMED || timers[i]->due_ns > now_ns,
               "who is armed is due later");
    ALWAYS(wheel.time_ns == now_ns, "the wheel's time is now");
    check_state(TIMERS);
}

/* Where the timerfd can't be set, and on a virtual clock. */
void earliest_is_found(void)
{
    const struct edo_source *earliest;

    nondet_state();
    assume(wheel.levels != 0);
    earliest = wheel_earliest(&wheel);
    ALWAYS(earliest->state == EDO_SOURCE_ARMED, "it is armed");
    for (unsigned i = 0; i < TIMERS; i++) {
        ALWAYS(timers[i]->state != EDO_SOURCE_ARMED || earliest->due_ns <= timers[i]->due_ns,
               "none is due before it");
        ALWAYS(timers[i]->due_ns == before[i].due_ns &&
                   (timers[i]->state == EDO_SOURCE_ARMED) == before[i].is_armed,
               "none is lost");
    }
    ALWAYS(is_wheel_well_formed(), "the wheel is well-formed");
    ALWAYS(are_links_well_formed(), "each timer in the list of its slot");
}
