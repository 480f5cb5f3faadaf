/* SPDX-License-Identifier: MIT */
/* start.c - begins the schedule of EDO_SEED before main, for a program that knows nothing of
 * schedules. EDO_FAULTS, names with commas between them: the faults. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schedule.h"

/* A name that is none of these would be one that does nothing: it ends the program. */
static unsigned fault_named(const char *name, size_t length)
{
    static const struct {
        const char *name;
        unsigned fault;
    } faults[] = {{"short", SCHEDULE_SHORT},
                  {"late", SCHEDULE_LATE},
                  {"reset", SCHEDULE_RESET},
                  {"errors", SCHEDULE_ERRORS},
                  {"wakes", SCHEDULE_WAKES}};

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (strlen(faults[i].name) == length && memcmp(faults[i].name, name, length) == 0)
            return faults[i].fault;
    fprintf(stderr, "schedule: EDO_FAULTS has short, late, reset, errors, wakes, and not '%.*s'\n",
            (int)length, name);
    exit(2);
}

static unsigned faults_in(const char *names)
{
    unsigned faults = SCHEDULE_NO_FAULTS;

    while (names != NULL && *names != '\0') {
        size_t length = strcspn(names, ",");

        faults |= fault_named(names, length);
        names += length + (names[length] == ',');
    }
    return faults;
}

__attribute__((constructor)) static void start(void)
{
    const char *seed = getenv("EDO_SEED");

    if (seed != NULL || getenv("EDO_CHOICES") != NULL)
        schedule_begin(seed != NULL ? strtoull(seed, NULL, 10) : 0,
                       faults_in(getenv("EDO_FAULTS")));
}
