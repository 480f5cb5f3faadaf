/* SPDX-License-Identifier: MIT */
/* place.c - in which slot of the wheel a deadline belongs: for any time and any deadline of 64
 * bits, with the wheel as it is shipped, 11 levels of 64 slots. */
#include "kernel/timer_wheel.c"

#include "proof.h"

static unsigned level_of(unsigned place)
{
    return place / EDO_WHEEL_SLOTS;
}

/* The last ns of a slot. */
static uint64_t end_of(const struct edo_timer_wheel *wheel, unsigned place)
{
    return wheel_start(wheel, place) + ((UINT64_C(1) << level_of(place) * EDO_WHEEL_BITS) - 1);
}

static uint64_t nondet_deadline(const struct edo_timer_wheel *wheel)
{
    uint64_t due_ns = nondet_u64();

    assume(due_ns >= wheel->time_ns);
    return due_ns;
}

void place_is_in_range(void)
{
    struct edo_timer_wheel wheel;
    uint64_t due_ns = nondet_deadline(&wheel);
    unsigned place = wheel_place(&wheel, due_ns);

    ALWAYS(place < WHEEL_EMPTY, "one of the slots");
    ALWAYS(wheel_start(&wheel, place) <= due_ns && due_ns <= end_of(&wheel, place),
           "the deadline lies in the time of its slot");
    ALWAYS(level_of(place) == 0 || wheel_start(&wheel, place) > wheel.time_ns,
           "the time of a slot above level 0 is still to come");
}

void order_of_slots_is_order_of_deadlines(void)
{
    struct edo_timer_wheel wheel;
    uint64_t a_ns = nondet_deadline(&wheel);
    uint64_t b_ns = nondet_deadline(&wheel);
    unsigned a = wheel_place(&wheel, a_ns);
    unsigned b = wheel_place(&wheel, b_ns);

    if (a < b)
        ALWAYS(end_of(&wheel, a) < wheel_start(&wheel, b), "an earlier slot is over before");
    if (a == b && level_of(a) == 0)
        ALWAYS(a_ns == b_ns, "a slot of level 0 is one ns");
}

/* Time goes on, but not as far as the slot of the deadline. */
void place_is_stable(void)
{
    struct edo_timer_wheel wheel;
    uint64_t due_ns = nondet_deadline(&wheel);
    unsigned place = wheel_place(&wheel, due_ns);
    uint64_t start_ns = wheel_start(&wheel, place);
    uint64_t later_ns = nondet_u64();

    assume(wheel.time_ns <= later_ns && later_ns < start_ns);
    wheel.time_ns = later_ns;
    ALWAYS(wheel_place(&wheel, due_ns) == place, "in the same slot");
    ALWAYS(wheel_start(&wheel, place) == start_ns, "which has the same time");
}

/* Time has come to the slot of the deadline. */
void cascade_goes_down(void)
{
    struct edo_timer_wheel wheel;
    uint64_t due_ns = nondet_deadline(&wheel);
    unsigned place = wheel_place(&wheel, due_ns);

    assume(level_of(place) > 0);
    wheel.time_ns = wheel_start(&wheel, place);
    ALWAYS(level_of(wheel_place(&wheel, due_ns)) < level_of(place), "to a lower level");
}
