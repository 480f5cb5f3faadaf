/* SPDX-License-Identifier: MIT */
#include "read_trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS = EDO_TRACE_LOST + 1, COLUMNS = 10 };

void read_trace_complain(const char *what)
{
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
    exit(1);
}

/* In place: "-" is no text, \xNN a byte. */
static char *unescape(char *field)
{
    char *from = field, *to = field;
    unsigned code;

    if (strcmp(field, "-") == 0)
        return NULL;
    while (*from != '\0')
        if (sscanf(from, "\\x%2x", &code) == 1) {
            *to++ = (char)code;
            from += 4;
        } else {
            *to++ = *from++;
        }
    *to = '\0';
    return field;
}

static enum edo_trace_kind kind_named(const char *name)
{
    for (int kind = 0; kind < KINDS; kind++)
        if (strcmp(edo_trace_kind_name((enum edo_trace_kind)kind), name) == 0)
            return (enum edo_trace_kind)kind;
    read_trace_complain("an event of no known kind");
    return EDO_TRACE_LOST;
}

/* The event's texts stay in the line. */
static struct edo_trace_event parse(char *line)
{
    char *fields[COLUMNS];

    line[strcspn(line, "\n")] = '\0';
    for (int i = 0; i < COLUMNS; i++) {
        fields[i] = strsep(&line, "\t");
        if (fields[i] == NULL)
            read_trace_complain("a line that is no event");
    }
    return (struct edo_trace_event){
        .t_ns = strtoull(fields[1], NULL, 10),
        .kind = kind_named(fields[2]),
        .task = (uint32_t)strtoul(fields[3], NULL, 10),
        .other = (uint32_t)strtoul(fields[4], NULL, 10),
        .from = unescape(fields[5]),
        .to = unescape(fields[6]),
        .fd = atoi(fields[7]),
        .arg = strtoull(fields[8], NULL, 10),
        .name = unescape(fields[9]),
    };
}

void read_trace(struct edo_trace *trace, const char *path)
{
    FILE *file = fopen(path, "r");
    struct edo_trace_event *events = NULL, *more;
    size_t count = 0, room = 0, size = 0;
    char *line = NULL;

    if (file == NULL)
        read_trace_complain(strerror(errno));
    while (getline(&line, &size, file) >= 0) {
        if (line[0] == '#' || strncmp(line, "seq\t", 4) == 0)
            continue;
        if (count == room) {
            room = 2 * room + 64;
            more = realloc(events, room * sizeof *events);
            if (more == NULL)
                read_trace_complain("no memory");
            events = more;
        }
        events[count++] = parse(line);
        line = NULL;
        size = 0;
    }
    free(line);
    if (count == 0)
        read_trace_complain("no event");
    fclose(file);
    edo_trace_init(trace, events, count);
    trace->recorded = count;
}
