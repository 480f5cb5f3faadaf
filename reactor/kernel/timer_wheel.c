/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* CLOCK_MONOTONIC */

#include "timer_wheel.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "timer_driver.h"

/* So many timers are sorted as they come due. With a million sleeps, woken once a ms, that takes a
 * fifth off their CPU time. */
enum { WHEEL_FEW = 16, WHEEL_EMPTY = EDO_WHEEL_LEVELS * EDO_WHEEL_SLOTS };

static struct edo_timer_wheel *wheel_of(const struct edo_reactor *reactor)
{
    return reactor->timer_state;
}

static struct edo_source *wheel_source(struct edo_list *link)
{
    return edo_container_of(link, struct edo_source, link);
}

/* --- The wheel -------------------------------------------------------------------------------- */

/* In which slot a deadline belongs that is not before the wheel's time. A slot's place is its level
 * times EDO_WHEEL_SLOTS plus its digit. So the first that is occupied has the earliest deadlines.
 */
static unsigned wheel_place(const struct edo_timer_wheel *wheel, uint64_t due_ns)
{
    uint64_t differs = due_ns ^ wheel->time_ns;
    unsigned level = differs ? (63 - (unsigned)__builtin_clzll(differs)) / EDO_WHEEL_BITS : 0;
    unsigned digit = (unsigned)(due_ns >> level * EDO_WHEEL_BITS) % EDO_WHEEL_SLOTS;

    return level * EDO_WHEEL_SLOTS + digit;
}

static void wheel_insert(struct edo_timer_wheel *wheel, struct edo_source *source)
{
    unsigned place = wheel_place(wheel, source->due_ns);
    struct edo_wheel_slot *slot = &wheel->slots[place];

    edo_list_append(&slot->timers, &source->link);
    source->result = (int)place;
    if (source->due_ns < slot->least_ns)
        slot->least_ns = source->due_ns;
    wheel->occupied[place / EDO_WHEEL_SLOTS] |= UINT64_C(1) << place % EDO_WHEEL_SLOTS;
    wheel->levels |= 1U << place / EDO_WHEEL_SLOTS;
}

/* The slot is empty: it forgets what was in it. */
static void wheel_clear(struct edo_timer_wheel *wheel, unsigned place)
{
    wheel->slots[place].least_ns = EDO_NEVER;
    wheel->occupied[place / EDO_WHEEL_SLOTS] &= ~(UINT64_C(1) << place % EDO_WHEEL_SLOTS);
    if (wheel->occupied[place / EDO_WHEEL_SLOTS] == 0)
        wheel->levels &= ~(1U << place / EDO_WHEEL_SLOTS);
}

static void wheel_disarm(struct edo_source *source)
{
    struct edo_timer_wheel *wheel = wheel_of(source->reactor);
    bool is_alone = source->link.next == source->link.prev; /* both are the slot's head */

    edo_list_remove(&source->link);
    if (is_alone)
        wheel_clear(wheel, (unsigned)source->result);
}

/* The slot with the earliest deadlines; WHEEL_EMPTY: there is none. */
static unsigned wheel_first(const struct edo_timer_wheel *wheel)
{
    unsigned level;

    if (wheel->levels == 0)
        return WHEEL_EMPTY;
    level = (unsigned)__builtin_ctz(wheel->levels);
    return level * EDO_WHEEL_SLOTS + (unsigned)__builtin_ctzll(wheel->occupied[level]);
}

/* When the first ns of a slot comes. The highest level has no digits above it. */
static uint64_t wheel_start(const struct edo_timer_wheel *wheel, unsigned place)
{
    unsigned shift = place / EDO_WHEEL_SLOTS * EDO_WHEEL_BITS;
    unsigned above = shift + EDO_WHEEL_BITS;
    uint64_t above_ns = above < 64 ? wheel->time_ns >> above << above : 0;

    return above_ns | (uint64_t)(place % EDO_WHEEL_SLOTS) << shift;
}

static EDO_NOINLINE void wheel_note_stay(const struct edo_source *source)
{
    const struct edo_timer_wheel *wheel = wheel_of(source->reactor);

    edo_record_note(source->reactor->trace, "stays", -1, 0,
                    wheel_start(wheel, (unsigned)source->result), 0);
}

/* Most timers that get another deadline get a later one, again and again, as an idle timeout does
 * with each message. So one stays in its slot unless the deadline is in an earlier one. Then
 * nothing of its neighbours is touched, which with a million timers are not in the cache. */
static void wheel_move(struct edo_source *source)
{
    struct edo_timer_wheel *wheel = wheel_of(source->reactor);
    struct edo_wheel_slot *slot = &wheel->slots[source->result];

    if (wheel_place(wheel, source->due_ns) < (unsigned)source->result) {
        wheel_disarm(source);
        wheel_insert(wheel, source);
        return;
    }
    if (source->due_ns < slot->least_ns)
        slot->least_ns = source->due_ns;
    if (source->reactor->trace != NULL)
        wheel_note_stay(source);
}

/* Whether a slot's time is over, and there are so few in it that sorting them as they become due is
 * less work than moving them down level by level. */
static bool wheel_has_passed(const struct edo_timer_wheel *wheel, unsigned place, uint64_t now_ns)
{
    const struct edo_list *timers = &wheel->slots[place].timers;
    const struct edo_list *link = timers->next;
    uint64_t length_ns = UINT64_C(1) << place / EDO_WHEEL_SLOTS * EDO_WHEEL_BITS;
    uint64_t last_ns = wheel_start(wheel, place) + (length_ns - 1);

    if (last_ns > now_ns)
        return false;
    for (unsigned i = 0; i < WHEEL_FEW && link != timers; i++)
        link = link->next;
    return link == timers;
}

/* Time has come to a slot: its timers are due, or move to lower levels, or to the slot of the
 * deadline that they have been given meanwhile. They lie anywhere in memory, and where the next one
 * is, only this one knows. So the list is walked from its other end as well, ahead of time; when
 * the two meet, all the rest is in the cache. With a million sleeps, woken once a ms, it takes a
 * quarter off their CPU time. */
static void wheel_open_slot(struct edo_timer_wheel *wheel, unsigned place, uint64_t now_ns)
{
    bool has_passed = place < EDO_WHEEL_SLOTS || wheel_has_passed(wheel, place, now_ns);
    struct edo_list timers;
    const struct edo_list *ahead = &timers;
    bool have_met = false;

    edo_list_take(&timers, &wheel->slots[place].timers);
    wheel_clear(wheel, place);
    while (!edo_list_is_empty(&timers)) {
        struct edo_source *source = wheel_source(timers.next);

        if (!have_met) {
            ahead = ahead->prev;
            __builtin_prefetch(ahead);
            have_met = ahead == &source->link || ahead == source->link.next;
        }
        edo_list_remove(&source->link);
        if (has_passed && source->due_ns <= now_ns)
            edo_reactor_make_due(source, 0);
        else
            wheel_insert(wheel, source);
    }
}

static EDO_NOINLINE void wheel_note_time(const struct edo_reactor *reactor)
{
    edo_record_note(reactor->trace, "wheel", -1, 0, wheel_of(reactor)->time_ns, 0);
}

static inline void wheel_set_time(const struct edo_reactor *reactor, uint64_t time_ns)
{
    wheel_of(reactor)->time_ns = time_ns;
    if (reactor->trace != NULL)
        wheel_note_time(reactor);
}

/* Opens the first slot if its time has begun by `now_ns`; false: it has not, or there is none. */
static bool wheel_step(struct edo_reactor *reactor, uint64_t now_ns)
{
    struct edo_timer_wheel *wheel = wheel_of(reactor);
    unsigned place = wheel_first(wheel);

    if (place == WHEEL_EMPTY || wheel_start(wheel, place) > now_ns)
        return false;
    if (wheel_start(wheel, place) > wheel->time_ns)
        wheel_set_time(reactor, wheel_start(wheel, place));
    wheel_open_slot(wheel, place, now_ns);
    return true;
}

/* Hands over all timers that are due by `now_ns`, the earliest first. */
static void wheel_advance(struct edo_reactor *reactor, uint64_t now_ns)
{
    while (wheel_step(reactor, now_ns))
        ;
    wheel_set_time(reactor, now_ns);
}

/* The earliest deadline, EDO_NEVER if there is none. After a timer was disarmed or moved it may
 * be too early. */
static uint64_t wheel_least(const struct edo_timer_wheel *wheel)
{
    unsigned place = wheel_first(wheel);

    return place != WHEEL_EMPTY ? wheel->slots[place].least_ns : EDO_NEVER;
}

/* --- The timerfd ------------------------------------------------------------------------------ */

/* EDO_NEVER: sets it to nothing. Whatever the timerfd had to report it forgets (timerfd_create(2):
 * an expiry is one since the settings were last modified). */
static int wheel_set_alarm(struct edo_reactor *reactor, uint64_t time_ns)
{
    struct edo_timer_wheel *wheel = wheel_of(reactor);
    struct itimerspec spec = {0};
    int error;

    if (time_ns != EDO_NEVER) {
        spec.it_value.tv_sec = (time_t)(time_ns / EDO_NS_PER_S);
        spec.it_value.tv_nsec = (long)(time_ns % EDO_NS_PER_S);
    }
    error = timerfd_settime(wheel->timerfd, TFD_TIMER_ABSTIME, &spec, NULL) < 0 ? -errno : 0;
    edo_reactor_note(reactor, "timerfd_settime", wheel->timerfd, TFD_TIMER_ABSTIME,
                     time_ns != EDO_NEVER ? time_ns : 0, error);
    if (!error)
        wheel->alarm_ns = time_ns;
    return error;
}

/* Of those that belong into a slot; NULL: there is none. The others, which have got a later
 * deadline, go to theirs. */
static struct edo_source *wheel_earliest_of(struct edo_timer_wheel *wheel, unsigned place)
{
    struct edo_list *timers = &wheel->slots[place].timers;
    struct edo_source *earliest = NULL;
    struct edo_list *at, *next;

    for (at = timers->next; at != timers; at = next) {
        struct edo_source *source = wheel_source(at);

        next = at->next;
        if (wheel_place(wheel, source->due_ns) != place) {
            wheel_disarm(source);
            wheel_insert(wheel, source);
        } else if (earliest == NULL || source->due_ns < earliest->due_ns) {
            earliest = source;
        }
    }
    return earliest;
}

/* The wheel is not empty. For where the timerfd can't be set, and a virtual clock. */
static struct edo_source *wheel_earliest(struct edo_timer_wheel *wheel)
{
    struct edo_source *earliest;

    do
        earliest = wheel_earliest_of(wheel, wheel_first(wheel));
    while (earliest == NULL);
    return earliest;
}

/* The thread is about to sleep. When alarm_ns has come, the timerfd has something to report, or
 * will have in a moment: setting it anew makes it forget. If that fails, one of the first timers
 * has the error, and the next is tried. */
static int wheel_prepare(struct edo_reactor *reactor, uint64_t now_ns)
{
    struct edo_timer_wheel *wheel = wheel_of(reactor);
    uint64_t due_ns = edo_time_add(wheel_least(wheel), reactor->slack_ns);
    uint64_t wake_ns = edo_spin_wake(&reactor->spin, now_ns, due_ns);
    struct edo_source *refused;
    int error = 0;

    if (reactor->spin.is_on && wake_ns <= now_ns) {
        edo_reactor_end_sleep(reactor); /* it is too near to be slept for */
        return 0;
    }
    if (wake_ns < wheel->alarm_ns || wheel->alarm_ns <= now_ns)
        error = wheel_set_alarm(reactor, wake_ns);
    if (!error || wake_ns == EDO_NEVER)
        return error;
    refused = wheel_earliest(wheel);
    wheel_disarm(refused);
    refused->due_ns = now_ns;
    edo_reactor_make_due(refused, error);
    return 0;
}

/* --- The driver ------------------------------------------------------------------------------- */

static int wheel_open(struct edo_reactor *reactor)
{
    struct edo_timer_wheel *wheel = wheel_of(reactor);
    int error;

    if (wheel == NULL)
        return -EINVAL;
    wheel_set_time(reactor, reactor->now_ns);
    wheel->alarm_ns = EDO_NEVER;
    wheel->levels = 0;
    memset(wheel->occupied, 0, sizeof wheel->occupied);
    for (unsigned place = 0; place < WHEEL_EMPTY; place++) {
        edo_list_init(&wheel->slots[place].timers);
        wheel_clear(wheel, place);
    }
    wheel->timerfd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    edo_reactor_note(reactor, "timerfd_create", -1, 0, 0,
                     wheel->timerfd < 0 ? -errno : wheel->timerfd);
    if (wheel->timerfd < 0)
        return -errno;
    error = edo_reactor_add(reactor, wheel->timerfd, EPOLLIN, 0);
    edo_reactor_note(reactor, "epoll_ctl", wheel->timerfd, EPOLL_CTL_ADD, 0, error);
    if (error)
        edo_reactor_close_fd(reactor, wheel->timerfd);
    return error;
}

static void wheel_close(struct edo_reactor *reactor)
{
    struct edo_timer_wheel *wheel = wheel_of(reactor);
    unsigned place;

    while ((place = wheel_first(wheel)) != WHEEL_EMPTY)
        edo_source_disarm(wheel_source(wheel->slots[place].timers.next));
    edo_reactor_note(reactor, "epoll_ctl", wheel->timerfd, EPOLL_CTL_DEL, 0,
                     edo_reactor_remove(reactor, wheel->timerfd));
    edo_reactor_close_fd(reactor, wheel->timerfd);
}

static int wheel_arm(struct edo_source *source, uint64_t now_ns)
{
    (void)now_ns;
    wheel_insert(wheel_of(source->reactor), source);
    return 0;
}

/* While nothing is due no slot is opened, though its time may have begun: later it may be due as a
 * whole. */
static int wheel_expire(struct edo_reactor *reactor, uint64_t now_ns, bool is_to_sleep)
{
    struct edo_timer_wheel *wheel = wheel_of(reactor);

    if (wheel_least(wheel) <= now_ns)
        wheel_advance(reactor, now_ns);
    if (!is_to_sleep)
        return 0;
    if (!reactor->clock.is_virtual)
        return wheel_prepare(reactor, now_ns);
    if (wheel_first(wheel) == WHEEL_EMPTY)
        return 0;
    edo_clock_advance(&reactor->clock, wheel_earliest(wheel)->due_ns);
    edo_reactor_end_sleep(reactor);
    wheel_advance(reactor, reactor->now_ns);
    return 0;
}

static const struct edo_source *wheel_first_timer(const struct edo_reactor *reactor,
                                                  uint64_t *due_ns)
{
    const struct edo_timer_wheel *wheel = wheel_of(reactor);
    unsigned place = wheel_first(wheel);

    *due_ns = wheel_least(wheel);
    return place != WHEEL_EMPTY ? wheel_source(wheel->slots[place].timers.next) : NULL;
}

static void wheel_each(const struct edo_reactor *reactor, edo_visit *visit, void *data)
{
    const struct edo_timer_wheel *wheel = wheel_of(reactor);

    for (unsigned place = 0; place < WHEEL_EMPTY; place++) {
        const struct edo_list *timers = &wheel->slots[place].timers;

        for (struct edo_list *at = timers->next; at != timers; at = at->next)
            visit(wheel_source(at), data);
    }
}

const struct edo_timer_driver edo_timer_wheel = {
    .name = "wheel",
    .open = wheel_open,
    .close = wheel_close,
    .arm = wheel_arm,
    .disarm = wheel_disarm,
    .move = wheel_move,
    .expire = wheel_expire,
    .first = wheel_first_timer,
    .each = wheel_each,
};
