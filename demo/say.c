/* SPDX-License-Identifier: MIT */
#include "say.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const struct edo_clock *the_clock;
static uint64_t began_ns;
static bool is_silent;
static uint32_t last_id; /* of the timers that were told of; ids count up */

void say_begin(const struct edo_clock *clock, bool is_quiet)
{
    the_clock = clock;
    began_ns = edo_clock_now(clock);
    is_silent = is_quiet;
    last_id = 0;
}

uint64_t say_elapsed_ns(void)
{
    return edo_clock_now(the_clock) - began_ns;
}

void say(const char *who, const char *format, ...)
{
    va_list arguments;

    if (is_silent)
        return;
    printf("%5.1f ms %-15s ", (double)say_elapsed_ns() / 1e6, who);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

void say_heading(const char *text)
{
    if (!is_silent)
        printf("%s\n", text);
}

void say_sleep(const char *who, const struct edo_sleep *sleep, uint64_t duration_ns)
{
    if (sleep->timer.id <= last_id)
        return;
    last_id = sleep->timer.id;
    say(who, "sleeps %" PRIu64 " ms, timer id %" PRIu32, duration_ns / EDO_NS_PER_MS,
        sleep->timer.id);
}
