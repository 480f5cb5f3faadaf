/* SPDX-License-Identifier: MIT */
/* proof.h - what the harnesses share. A harness is a file with a function for each proof; it
 * includes the shipped sources, to reach their static functions. To CBMC a variable that was not
 * set has any value, and a function whose name begins with nondet_ returns any. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

bool nondet_bool(void);
int nondet_int(void);
unsigned nondet_unsigned(void);
uint8_t nondet_u8(void);
uint16_t nondet_u16(void);
uint32_t nondet_u32(void);
uint64_t nondet_u64(void);

#ifndef PROOF

/* What the proof takes for granted. */
static inline void assume(bool is_so)
{
    __CPROVER_assume(is_so);
}

/* What it proves. The text is what a control names. A macro, as CBMC wants a literal. */
#define ALWAYS(is_so, text) __CPROVER_assert(is_so, text)

static inline unsigned nondet_below(unsigned count)
{
    unsigned any = nondet_unsigned();

    assume(any < count);
    return any;
}

#else /* compiled, with try_all.c */

void assume(bool is_so);
void always(bool is_so, const char *text);
#define ALWAYS(is_so, text) always(is_so, text)
unsigned nondet_below(unsigned count);

#endif
