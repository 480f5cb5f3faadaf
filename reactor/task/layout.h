/* SPDX-License-Identifier: MIT */
/* layout.h - where in the structs of the runtime everything is, for who looks into the memory of a
 * running program from outside (scripts/peek). That works without debug information and symbols.
 *
 * Every open executor points at the table, and the table's first name can be searched for. */
#pragma once

#include <stdint.h>

struct edo_layout {
    char name[24];  /* "struct.member", or "struct" for its size; empty at the end */
    uint32_t value; /* in bytes */
};

/* Begins with EDO_LAYOUT_NAME and the size of a pointer. Another version of the name means that the
 * values of the enums, or the meaning of the members, have changed. */
#define EDO_LAYOUT_NAME "edo layout 1"

extern const struct edo_layout edo_layout[];
