/* SPDX-License-Identifier: MIT */
#include "tape.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "../../reactor/base/record.h"

void tape_init(struct tape *tape, size_t capacity)
{
    edo_trace_init(&tape->trace, tape->events, capacity);
    tape->now_ns = 0;
    memset(tape->names, 0, sizeof tape->names);
}

struct edo_trace_event *tape_record(struct tape *tape, enum edo_trace_kind kind, uint32_t task)
{
    struct edo_trace_event *event = edo_record(&tape->trace, kind, 0, 0);

    event->t_ns = tape->now_ns;
    event->task = task;
    event->name = tape->names[task];
    return event;
}

void tape_spawn(struct tape *tape, uint32_t task, const char *name)
{
    tape->names[task] = name;
    tape_record(tape, EDO_TRACE_SPAWN, task);
}

struct edo_trace_event *tape_done(struct tape *tape, uint32_t task, const char *outcome)
{
    struct edo_trace_event *event = tape_record(tape, EDO_TRACE_DONE, task);

    event->to = outcome;
    return event;
}

void tape_state(struct tape *tape, uint32_t task, uint32_t future, const char *type, const char *to)
{
    struct edo_trace_event *event = tape_record(tape, EDO_TRACE_STATE, task);

    event->other = future;
    event->name = type;
    event->from = "EDO_START";
    event->to = to;
}

void tape_phase(struct tape *tape, uint32_t task, const char *name)
{
    tape_record(tape, EDO_TRACE_PHASE, task)->name = name;
}

void tape_arm(struct tape *tape, uint32_t task, uint32_t id, uint64_t deadline_ns)
{
    struct edo_trace_event *event = tape_record(tape, EDO_TRACE_ARM, task);

    event->other = id;
    event->arg = deadline_ns;
}

void tape_fire(struct tape *tape, uint32_t id, uint64_t deadline_ns)
{
    struct edo_trace_event *event = tape_record(tape, EDO_TRACE_FIRE, 0);

    event->other = id;
    event->arg = deadline_ns;
}

void tape_wake(struct tape *tape, uint32_t task, uint32_t id)
{
    struct edo_trace_event *event = tape_record(tape, EDO_TRACE_WAKE, task);

    event->from = "timer";
    event->arg = id;
}

void tape_poll(struct tape *tape, uint32_t task, uint64_t duration_ns)
{
    tape_record(tape, EDO_TRACE_POLL_BEGIN, task);
    tape->now_ns += duration_ns;
    tape_record(tape, EDO_TRACE_POLL_END, task)->to = "PENDING";
}

void tape_sleep(struct tape *tape, uint64_t until_ns)
{
    tape_record(tape, EDO_TRACE_ENTER, 0);
    tape->now_ns = until_ns;
    tape_record(tape, EDO_TRACE_LEAVE, 0);
}

void tape_check_latest(const char *out)
{
    const char *latest = strstr(out, "latest: "), *at = strstr(out, "  = ");
    unsigned long whole, part, parts[6];
    const char *of = latest != NULL ? strstr(latest, ", ") : NULL;

    ck_assert_msg(of != NULL && at != NULL, "%s", out);
    ck_assert_int_eq(sscanf(of, ", %lu.%3lu ms late", &whole, &part), 2);
    ck_assert_msg(sscanf(at,
                         "  = %lu.%3lu ms thread did not run + %lu.%3lu ms loop held + %lu.%3lu ms "
                         "others first",
                         &parts[0], &parts[1], &parts[2], &parts[3], &parts[4], &parts[5]) == 6,
                  "%s", at);
    ck_assert_uint_eq((parts[0] + parts[2] + parts[4]) * 1000 + parts[1] + parts[3] + parts[5],
                      whole * 1000 + part);
}
