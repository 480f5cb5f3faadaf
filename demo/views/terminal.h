/* SPDX-License-Identifier: MIT */
/* terminal.h - what standard output can show. */
#ifndef DEMO_TERMINAL_H
#define DEMO_TERMINAL_H

#include <stdbool.h>

struct terminal {
    unsigned columns; /* 80 where there is no terminal */
    bool is_utf8;     /* by the locale */
    bool is_coloured; /* a terminal that is not dumb, and NO_COLOR is not set (no-color.org) */
};

void terminal_look(struct terminal *terminal);

#endif
