#include "timer_wheel.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "container_of.h"
#include "reactor.h"

/* So many timers are sorted by insertion. With a million sleeps it takes a fifth off their CPU
 * time. */
enum { FEW = 16 };

static struct edo_timer_wheel *wheel_of(const struct edo_reactor *reactor)
{
    return reactor->timer_state;
}

static struct edo_source *source_of(struct edo_list *link)
{
    return edo_container_of(link, struct edo_source, link);
}

/* --- The wheel -------------------------------------------------------------------------------- */

/* A slot, by its level and its digit. */
struct place {
    unsigned level;
    unsigned digit;
};

static unsigned digit_of(uint64_t time_ns, unsigned level)
{
    return (unsigned)(time_ns >> level * EDO_WHEEL_BITS) % EDO_WHEEL_SLOTS;
}

/* Where a deadline belongs, that is not before the wheel's time. */
static struct place place_of(const struct edo_timer_wheel *wheel, uint64_t due_ns)
{
    uint64_t differs = due_ns ^ wheel->time_ns;
    unsigned level = differs ? (63 - (unsigned)__builtin_clzll(differs)) / EDO_WHEEL_BITS : 0;

    return (struct place){level, digit_of(due_ns, level)};
}

static void insert(struct edo_timer_wheel *wheel, struct edo_source *source)
{
    struct place at = place_of(wheel, source->due_ns);

    edo_list_append(&wheel->slots[at.level][at.digit], &source->link);
    wheel->occupied[at.level] |= UINT64_C(1) << at.digit;
}

static void clear_if_empty(struct edo_timer_wheel *wheel, struct place at)
{
    if (edo_list_is_empty(&wheel->slots[at.level][at.digit]))
        wheel->occupied[at.level] &= ~(UINT64_C(1) << at.digit);
}

/* The slot with the earliest deadlines; false: the wheel is empty. */
static bool find_first(const struct edo_timer_wheel *wheel, struct place *at)
{
    for (unsigned level = 0; level < EDO_WHEEL_LEVELS; level++) {
        if (wheel->occupied[level] == 0)
            continue;
        *at = (struct place){level, (unsigned)__builtin_ctzll(wheel->occupied[level])};
        return true;
    }
    return false;
}

/* The earliest in the first slot, the first to be armed among equals. */
static struct edo_source *find_earliest(struct edo_timer_wheel *wheel)
{
    struct edo_source *earliest;
    struct edo_list *slot;
    struct place at;

    if (!find_first(wheel, &at))
        return NULL;
    slot = &wheel->slots[at.level][at.digit];
    earliest = source_of(slot->next);
    if (at.level == 0) /* all the same */
        return earliest;
    for (struct edo_list *link = slot->next; link != slot; link = link->next)
        if (source_of(link)->due_ns < earliest->due_ns)
            earliest = source_of(link);
    return earliest;
}

/* When the first ns of a slot comes. */
static uint64_t start_of(const struct edo_timer_wheel *wheel, struct place at)
{
    unsigned shift = at.level * EDO_WHEEL_BITS;
    uint64_t above = shift + EDO_WHEEL_BITS < 64
                         ? wheel->time_ns >> (shift + EDO_WHEEL_BITS) << (shift + EDO_WHEEL_BITS)
                         : 0;

    return above | (uint64_t)at.digit << shift;
}

/* Whether all in a slot are due, and so few that sorting them as they become due is less work than
 * moving them down level by level. */
static bool is_passed(const struct edo_timer_wheel *wheel, struct place at, uint64_t now_ns)
{
    const struct edo_list *slot = &wheel->slots[at.level][at.digit];
    const struct edo_list *link = slot->next;
    uint64_t last_ns = start_of(wheel, at) + ((UINT64_C(1) << at.level * EDO_WHEEL_BITS) - 1);

    if (last_ns > now_ns)
        return false;
    for (unsigned i = 0; i < FEW && link != slot; i++)
        link = link->next;
    return link == slot;
}

/* Time has come to a slot: its timers are due, or move to lower levels. */
static void open_slot(struct edo_timer_wheel *wheel, struct place at, uint64_t now_ns)
{
    bool are_due = at.level == 0 || is_passed(wheel, at, now_ns);
    struct edo_list timers;

    edo_list_take(&timers, &wheel->slots[at.level][at.digit]);
    clear_if_empty(wheel, at);
    while (!edo_list_is_empty(&timers)) {
        struct edo_source *source = source_of(timers.next);

        edo_list_remove(&source->link);
        if (are_due)
            edo_reactor_make_due(source, 0);
        else
            insert(wheel, source);
    }
}

/* Hands over all timers that are due by `now_ns`, the earliest first. */
static void advance(struct edo_timer_wheel *wheel, uint64_t now_ns)
{
    struct place at;

    while (find_first(wheel, &at) && start_of(wheel, at) <= now_ns) {
        if (start_of(wheel, at) > wheel->time_ns)
            wheel->time_ns = start_of(wheel, at);
        open_slot(wheel, at, now_ns);
    }
    if (now_ns > wheel->time_ns)
        wheel->time_ns = now_ns;
}

/* --- The timerfd ------------------------------------------------------------------------------ */

/* To nothing if EDO_NEVER. Whatever it had to report it forgets (timerfd_create(2): an expiry is
 * one since the settings were last modified). */
static int set(struct edo_timer_wheel *wheel, uint64_t time_ns)
{
    struct itimerspec spec = {0};

    if (wheel->timerfd.reactor->clock.is_virtual)
        return 0;
    if (time_ns != EDO_NEVER) {
        spec.it_value.tv_sec = (time_t)(time_ns / EDO_NS_PER_S);
        spec.it_value.tv_nsec = (long)(time_ns % EDO_NS_PER_S);
    }
    if (timerfd_settime(wheel->timerfd.fd, TFD_TIMER_ABSTIME, &spec, NULL) < 0)
        return -errno;
    wheel->set_ns = time_ns;
    return 0;
}

static int set_to_earliest(struct edo_timer_wheel *wheel)
{
    const struct edo_source *earliest = find_earliest(wheel);

    if (earliest == NULL)
        return set(wheel, EDO_NEVER);
    return set(wheel, edo_time_round_up(earliest->due_ns, wheel->timerfd.reactor->slack_ns));
}

/* --- The driver ------------------------------------------------------------------------------- */

static int wheel_open(struct edo_reactor *reactor)
{
    struct edo_timer_wheel *wheel = wheel_of(reactor);
    int error;

    if (wheel == NULL)
        return -EINVAL;
    wheel->time_ns = edo_clock_now(&reactor->clock);
    wheel->set_ns = EDO_NEVER;
    for (unsigned level = 0; level < EDO_WHEEL_LEVELS; level++) {
        wheel->occupied[level] = 0;
        for (unsigned digit = 0; digit < EDO_WHEEL_SLOTS; digit++)
            edo_list_init(&wheel->slots[level][digit]);
    }
    edo_source_init(&wheel->timerfd);
    wheel->timerfd.kind = EDO_SOURCE_TIMER;
    wheel->timerfd.reactor = reactor;
    wheel->timerfd.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (wheel->timerfd.fd < 0)
        return -errno;
    error = edo_reactor_register(&wheel->timerfd, EPOLLIN);
    if (error)
        close(wheel->timerfd.fd);
    return error;
}

static void wheel_close(struct edo_reactor *reactor)
{
    struct edo_timer_wheel *wheel = wheel_of(reactor);
    struct place at;

    while (find_first(wheel, &at))
        edo_source_disarm(source_of(wheel->slots[at.level][at.digit].next));
    edo_reactor_unregister(&wheel->timerfd);
    close(wheel->timerfd.fd);
}

static int wheel_arm(struct edo_source *source, uint64_t now_ns)
{
    struct edo_timer_wheel *wheel = wheel_of(source->reactor);
    uint64_t time_ns = edo_time_round_up(source->due_ns, source->reactor->slack_ns);
    int error = 0;

    (void)now_ns;
    if (time_ns < wheel->set_ns)
        error = set(wheel, time_ns);
    if (!error)
        insert(wheel, source);
    return error;
}

static void wheel_disarm(struct edo_source *source)
{
    struct edo_timer_wheel *wheel = wheel_of(source->reactor);

    edo_list_remove(&source->link);
    clear_if_empty(wheel, place_of(wheel, source->due_ns));
}

static int wheel_move(struct edo_source *source, uint64_t due_ns)
{
    struct edo_timer_wheel *wheel = wheel_of(source->reactor);
    uint64_t time_ns = edo_time_round_up(due_ns, source->reactor->slack_ns);
    bool has_passed = due_ns <= wheel->time_ns;
    int error = 0;

    if (time_ns < wheel->set_ns && !has_passed)
        error = set(wheel, time_ns);
    if (error)
        return error;
    wheel_disarm(source);
    source->id = edo_reactor_next_id(source->reactor);
    source->due_ns = has_passed ? wheel->time_ns : due_ns;
    if (has_passed)
        edo_reactor_make_due(source, 0);
    else
        insert(wheel, source);
    return 0;
}

/* If the kernel refuses to set it to a deadline, that timer ends with the error. */
static void wheel_collect(struct edo_source *timerfd)
{
    struct edo_timer_wheel *wheel = edo_container_of(timerfd, struct edo_timer_wheel, timerfd);
    struct edo_source *refused;
    int error;

    advance(wheel, edo_clock_now(&timerfd->reactor->clock));
    while ((error = set_to_earliest(wheel)) != 0 && (refused = find_earliest(wheel)) != NULL) {
        wheel_disarm(refused);
        edo_reactor_make_due(refused, error);
    }
}

static struct edo_source *wheel_earliest(struct edo_reactor *reactor)
{
    return find_earliest(wheel_of(reactor));
}

static void wheel_ring(struct edo_source *source)
{
    advance(wheel_of(source->reactor), source->due_ns);
}

const struct edo_timer_driver edo_timer_wheel = {
    .name = "wheel",
    .open = wheel_open,
    .close = wheel_close,
    .arm = wheel_arm,
    .disarm = wheel_disarm,
    .move = wheel_move,
    .collect = wheel_collect,
    .earliest = wheel_earliest,
    .ring = wheel_ring,
};
