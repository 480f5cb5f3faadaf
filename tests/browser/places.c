/* SPDX-License-Identifier: MIT */
/* places.c - where the timing wheel keeps each timer, told by the wheel itself, for the tests of
 * the player. Linked with the demo or a lesson (--wrap=edo_record), it writes a line for each event
 * that the runtime records, into the file that EDO_PLACES names:
 *
 *   [event, [[id, level, slot], ...]]
 *
 * `event` counts from 0. Those that a program records itself are left out. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/record.h"
#include "edo.h"

/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) the linker's */
struct edo_trace_event *__real_edo_record(struct edo_trace *trace, enum edo_trace_kind kind,
                                          uint32_t other, uint64_t arg);
/* NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
struct edo_trace_event *__wrap_edo_record(struct edo_trace *trace, enum edo_trace_kind kind,
                                          uint32_t other, uint64_t arg);

static FILE *places(void)
{
    static FILE *file;

    if (file == NULL)
        file = fopen(getenv("EDO_PLACES"), "w");
    if (file == NULL)
        exit(1);
    return file;
}

static void write_places(const struct edo_timer_wheel *wheel, uint64_t event, FILE *file)
{
    const char *comma = "";

    fprintf(file, "[%" PRIu64 ",[", event);
    for (unsigned place = 0; place < EDO_WHEEL_LEVELS * EDO_WHEEL_SLOTS; place++) {
        const struct edo_list *timers = &wheel->slots[place].timers;

        for (const struct edo_list *at = timers->next; at != timers; at = at->next) {
            const struct edo_source *source = edo_container_of(at, struct edo_source, link);

            fprintf(file, "%s[%" PRIu32 ",%u,%u]", comma, source->id, place / EDO_WHEEL_SLOTS,
                    place % EDO_WHEEL_SLOTS);
            comma = ",";
        }
    }
    fputs("]]\n", file);
}

/* The trace has its clock from the reactor. */
struct edo_trace_event *__wrap_edo_record(struct edo_trace *trace, enum edo_trace_kind kind,
                                          uint32_t other, uint64_t arg)
{
    const struct edo_reactor *reactor =
        edo_container_of(trace->clock, const struct edo_reactor, clock);

    write_places(reactor->timer_state, trace->recorded, places());
    return __real_edo_record(trace, kind, other, arg);
}
