/* SPDX-License-Identifier: MIT */
/* start.c - begins the schedule of EDO_SEED before main, for a program that knows nothing of
 * schedules. EDO_FAULTS, names with commas between them: the faults. What does nothing by mistake
 * ends the program. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schedule.h"

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

static uint64_t seed_of(const char *text)
{
    uint64_t seed;
    char *end;

    errno = 0;
    seed = strtoull(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0)
        return seed;
    fprintf(stderr, "schedule: EDO_SEED is a number, and not '%s'\n", text);
    exit(2);
}

__attribute__((constructor)) static void start(void)
{
    const char *seed = getenv("EDO_SEED"), *faults = getenv("EDO_FAULTS");

    if (seed != NULL || getenv("EDO_CHOICES") != NULL) {
        schedule_begin(seed != NULL ? seed_of(seed) : 0, faults_in(faults));
    } else if (faults != NULL) {
        fprintf(stderr, "schedule: EDO_FAULTS does nothing without EDO_SEED\n");
        exit(2);
    }
}
