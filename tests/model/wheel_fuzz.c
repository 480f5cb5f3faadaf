/* SPDX-License-Identifier: MIT */
#include "wheel_fuzz.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edo.h"

enum { TIMERS = 24 };

struct timer {
    struct edo_source source;
    struct fuzz *fuzz;
    uint64_t due_ns;
    bool was_moved; /* since it was armed, and may stand too early in the wheel */
};

struct fuzz {
    struct edo_reactor reactor;
    struct edo_timer_wheel wheel;
    struct timer timers[TIMERS];
    struct timer *sorted[TIMERS]; /* the oracle: by deadline, then by arming */
    size_t count;
    size_t woken; /* of `sorted`, since the turn began */
    const uint8_t *data;
    size_t left;
};

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "wheel_fuzz.c:%d: not so: %s\n", __LINE__, #condition); \
            abort(); \
        } \
    } while (0)

/* --- Bytes ------------------------------------------------------------------------------------ */

static uint8_t take_byte(struct fuzz *fuzz)
{
    if (fuzz->left == 0)
        return 0;
    fuzz->left--;
    return *fuzz->data++;
}

static uint64_t take_number(struct fuzz *fuzz)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | take_byte(fuzz);
    return number;
}

static uint64_t now(const struct fuzz *fuzz)
{
    return edo_clock_now(&fuzz->reactor.clock);
}

/* A time that lies ahead: near, at a boundary of one of the first `levels` levels of the wheel or
 * one beside it, far, or where there is a deadline already. */
static uint64_t take_time(struct fuzz *fuzz, unsigned levels)
{
    uint8_t kind = take_byte(fuzz);
    unsigned shift = kind / 8 % levels * 6;

    switch (kind % 8) {
    case 0:
        return edo_time_add(now(fuzz), take_byte(fuzz));
    case 1:
    case 2:
        return edo_time_add(now(fuzz), (UINT64_C(1) << shift) + kind % 3 - 1);
    case 3:
    case 4:
        return edo_time_add(now(fuzz) >> shift << shift, (UINT64_C(1) << shift) + kind % 3 - 1);
    case 5:
    case 6:
        return edo_time_add(now(fuzz), take_number(fuzz) >> (63 - shift));
    default:
        return fuzz->count > 0 ? fuzz->sorted[kind % fuzz->count]->due_ns : now(fuzz);
    }
}

/* --- The oracle ------------------------------------------------------------------------------- */

static void oracle_insert(struct fuzz *fuzz, struct timer *timer)
{
    size_t at = fuzz->count++;

    for (; at > 0 && fuzz->sorted[at - 1]->due_ns > timer->due_ns; at--)
        fuzz->sorted[at] = fuzz->sorted[at - 1];
    fuzz->sorted[at] = timer;
}

static void oracle_remove(struct fuzz *fuzz, const struct timer *timer)
{
    size_t at = 0;

    while (at < fuzz->count && fuzz->sorted[at] != timer)
        at++;
    if (at == fuzz->count)
        return;
    fuzz->count--;
    memmove(&fuzz->sorted[at], &fuzz->sorted[at + 1], (fuzz->count - at) * sizeof(struct timer *));
}

/* --- The invariants --------------------------------------------------------------------------- */

/* The slow way: the highest digit that is another, found digit by digit. */
static unsigned level_of(uint64_t due_ns, uint64_t time_ns)
{
    unsigned level = 0;

    for (unsigned i = 0; i < EDO_WHEEL_LEVELS; i++)
        if ((due_ns >> 6 * i) % 64 != (time_ns >> 6 * i) % 64)
            level = i;
    return level;
}

/* A timer that was moved may stay where it is until time comes to that slot. */
static void check_place(const struct fuzz *fuzz, const struct timer *timer, unsigned level,
                        unsigned digit)
{
    unsigned its_level = level_of(timer->source.due_ns, fuzz->wheel.time_ns);
    unsigned its_digit = (timer->source.due_ns >> 6 * its_level) % 64;

    if (timer->was_moved)
        CHECK(its_level > level || (its_level == level && its_digit >= digit));
    else
        CHECK(its_level == level && its_digit == digit);
}

static size_t check_slot(const struct fuzz *fuzz, unsigned level, unsigned digit)
{
    const struct edo_wheel_slot *slot = &fuzz->wheel.slots[level * EDO_WHEEL_SLOTS + digit];
    const struct edo_list *timers = &slot->timers;
    size_t count = 0;

    CHECK(!edo_list_is_empty(timers));
    for (const struct edo_list *link = timers->next; link != timers; link = link->next, count++) {
        const struct edo_source *source = edo_container_of(link, struct edo_source, link);

        CHECK(source->state == EDO_SOURCE_ARMED);
        CHECK(source->due_ns > fuzz->wheel.time_ns);
        CHECK(source->due_ns >= slot->least_ns);
        CHECK(source->result == (int)(level * EDO_WHEEL_SLOTS + digit));
        check_place(fuzz, edo_container_of(source, struct timer, source), level, digit);
    }
    CHECK(level_of(slot->least_ns, fuzz->wheel.time_ns) == level);
    CHECK((slot->least_ns >> 6 * level) % 64 == digit);
    return count;
}

static void check_wheel(const struct fuzz *fuzz)
{
    size_t in_wheel = 0, armed = 0;

    for (unsigned level = 0; level < EDO_WHEEL_LEVELS; level++)
        for (uint64_t bits = fuzz->wheel.occupied[level]; bits != 0; bits &= bits - 1)
            in_wheel += check_slot(fuzz, level, (unsigned)__builtin_ctzll(bits));
    for (size_t i = 0; i < fuzz->count; i++)
        armed += fuzz->sorted[i]->source.state == EDO_SOURCE_ARMED &&
                 fuzz->sorted[i]->due_ns != EDO_NEVER;
    CHECK(in_wheel == armed);
    CHECK(fuzz->reactor.pending == fuzz->count);
    CHECK(fuzz->wheel.time_ns <= now(fuzz));
}

/* --- The operations --------------------------------------------------------------------------- */

/* The next of the oracle's, and it is due. */
static void note(void *data, struct edo_cause cause)
{
    struct timer *timer = data;
    struct fuzz *fuzz = timer->fuzz;

    (void)cause;
    CHECK(fuzz->woken < fuzz->count && fuzz->sorted[fuzz->woken] == timer);
    CHECK(timer->due_ns <= now(fuzz));
    fuzz->woken++;
}

static void disarm(struct fuzz *fuzz, struct timer *timer)
{
    edo_source_disarm(&timer->source);
    oracle_remove(fuzz, timer);
}

static void arm(struct fuzz *fuzz, struct timer *timer)
{
    uint64_t due_ns = take_time(fuzz, 11);

    disarm(fuzz, timer);
    timer->was_moved = false;
    CHECK(edo_reactor_arm_until(&fuzz->reactor, &timer->source, due_ns,
                                (struct edo_waker){note, timer}) == 0);
    timer->due_ns = due_ns > now(fuzz) ? due_ns : now(fuzz);
    oracle_insert(fuzz, timer);
}

/* Where it is to go to may have passed, by the clock and by the wheel's time, which is behind it.
 */
static void move(struct fuzz *fuzz, struct timer *timer)
{
    uint64_t due_ns = take_time(fuzz, 11);
    uint64_t back_ns = take_byte(fuzz);

    due_ns = due_ns > back_ns ? due_ns - back_ns : 0;
    if (timer->source.reactor == NULL) /* never armed */
        return;
    oracle_remove(fuzz, timer);
    timer->was_moved = true;
    edo_source_rearm_until(&timer->source, due_ns);
    timer->due_ns = timer->source.due_ns;
    CHECK(timer->due_ns == due_ns || (timer->due_ns > due_ns && timer->due_ns <= now(fuzz)));
    oracle_insert(fuzz, timer);
}

/* Time passes, and all that is due by then is woken, no more and no less. */
static void pass(struct fuzz *fuzz)
{
    uint8_t how = take_byte(fuzz);
    uint64_t until_ns = take_time(fuzz, how < 4 ? 11 : 8); /* seldom to the end of time */

    if (how % 4 == 3 && fuzz->count > 0) /* just before the first deadline */
        until_ns = fuzz->sorted[0]->due_ns - 1;
    edo_clock_advance(&fuzz->reactor.clock, until_ns < EDO_NEVER ? until_ns : EDO_NEVER - 1);
    fuzz->woken = 0;
    CHECK(edo_reactor_react(&fuzz->reactor, EDO_NO_WAIT) == (int)fuzz->woken);
    CHECK(fuzz->woken == fuzz->count || fuzz->sorted[fuzz->woken]->due_ns > now(fuzz) ||
          fuzz->sorted[fuzz->woken]->due_ns == EDO_NEVER);
    fuzz->count -= fuzz->woken;
    memmove(fuzz->sorted, fuzz->sorted + fuzz->woken, fuzz->count * sizeof(struct timer *));
}

static void operate(struct fuzz *fuzz)
{
    uint8_t op = take_byte(fuzz);
    struct timer *timer = &fuzz->timers[op / 8 % TIMERS];

    switch (op % 8) {
    case 0:
        disarm(fuzz, timer);
        break;
    case 1:
    case 2:
        pass(fuzz);
        break;
    case 3:
    case 4:
        move(fuzz, timer);
        break;
    default:
        arm(fuzz, timer);
        break;
    }
}

uint64_t wheel_fuzz(const uint8_t *data, size_t size)
{
    static struct fuzz fuzz;
    struct edo_reactor_options options = {
        .timers = &edo_timer_wheel, .timer_state = &fuzz.wheel, .is_virtual = true};
    uint64_t operations = 0;

    fuzz.count = 0;
    fuzz.data = data;
    fuzz.left = size;
    CHECK(edo_reactor_open(&fuzz.reactor, &options) == 0);
    for (size_t i = 0; i < TIMERS; i++) {
        edo_source_init(&fuzz.timers[i].source);
        fuzz.timers[i].fuzz = &fuzz;
    }
    for (; fuzz.left > 0; operations++) {
        operate(&fuzz);
        check_wheel(&fuzz);
    }
    CHECK(edo_reactor_close(&fuzz.reactor) == 0);
    return operations;
}
