/* SPDX-License-Identifier: MIT */
/* layout.h - where in the structs of the runtime everything is: for scripts/peek, which reads the
 * memory of a running program, and needs neither debug information nor symbols.
 *
 * It searches for the name of the first entry, and then for whatever points there: that is an
 * executor. */
#pragma once

#include <stdint.h>

/* An entry of the table. */
struct edo_layout {
    char name[24];  /* "struct.member", or "struct" for its size; empty at the end */
    uint32_t value; /* an offset or a size, in bytes */
};

/* The first entry has this name and the size of a pointer. The number in it changes when the enums
 * or the meaning of a member change. */
#define EDO_LAYOUT_NAME "edo layout 1"

/* The table. Every executor points to it. */
extern const struct edo_layout edo_layout[];
