/* SPDX-License-Identifier: MIT */
/* last.c - a run as it would be recorded with less room, for the tests of the player:
 *
 *   build/browser/last EVENTS FILE --html FILE --trace FILE
 *
 * reads a trace, puts it into a ring of so many events, and writes the page of what the ring then
 * has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edo.h"
#include "player/player.h"
#include "read_trace.h"

enum { TEXTS = 1000 };

/* The views tell the texts of a program apart by where they are. */
static const char *only_one(const char *text)
{
    static const char *texts[TEXTS];
    size_t i = 0;

    while (text != NULL && texts[i] != NULL && strcmp(texts[i], text) != 0)
        if (++i == TEXTS - 1)
            read_trace_complain("too many texts");
    if (text != NULL && texts[i] == NULL)
        texts[i] = text;
    return text != NULL ? texts[i] : NULL;
}

static struct edo_trace_event event_at(const struct edo_trace *trace, size_t i)
{
    struct edo_trace_event event = *edo_trace_at(trace, i);

    event.name = only_one(event.name);
    event.from = only_one(event.from);
    event.to = only_one(event.to);
    return event;
}

static void write_file(const struct edo_trace *trace, const char *path,
                       void (*write)(const struct edo_trace *, FILE *))
{
    FILE *file = fopen(path, "w");

    if (file == NULL)
        read_trace_complain(path);
    write(trace, file);
    if (fclose(file) != 0)
        read_trace_complain(path);
}

int main(int argc, char **argv)
{
    const struct edo_clock clock = {.is_virtual = true};
    size_t capacity = argc == 7 ? strtoul(argv[1], NULL, 10) : 0;
    struct edo_trace all, last;

    if (capacity == 0)
        read_trace_complain("last EVENTS FILE --html FILE --trace FILE");
    read_trace(&all, argv[2]);
    edo_trace_init(&last, calloc(capacity, sizeof *last.events), capacity);
    if (last.events == NULL)
        read_trace_complain("no memory");
    last.clock = &clock;
    for (; last.recorded < all.recorded; last.recorded++)
        last.events[last.recorded % capacity] = event_at(&all, (size_t)last.recorded);
    write_file(&last, argv[4], player_write);
    write_file(&last, argv[6], edo_trace_write);
    return 0;
}
