/* SPDX-License-Identifier: MIT */
/* say.h - the demo's voice: a line as it happens, with the time since the start and who speaks. */
#ifndef DEMO_SAY_H
#define DEMO_SAY_H

#include <stdbool.h>
#include <stdint.h>

#include "edo.h"

/* Before the first line. Each line is one write(2), into a pipe too. `clock` must outlive them. */
void say_begin(const struct edo_clock *clock, bool is_quiet);

/* ns since say_begin. */
uint64_t say_elapsed_ns(void);

/* "100.2 ms fetch_data(1)   completed: Data_1"; nothing when quiet. Narrow, because strace shows 32
 * characters of it. */
void say(const char *who, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A line of its own, without time; nothing when quiet. */
void say_heading(const char *text);

/* Says of a sleep that is armed for how long, and under which id: the one that strace shows in
 * epoll_data. Once for each id, so a poll too many says nothing. */
void say_sleep(const char *who, const struct edo_sleep *sleep, uint64_t duration_ns);

#endif
