/* SPDX-License-Identifier: MIT */
/* bytes.h - what a fuzz target makes of its input: bytes, taken one by one, and zeros behind their
 * end. What should hold and doesn't is printed, and the program aborted. */
#ifndef FUZZ_BYTES_H
#define FUZZ_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define HOLDS(condition) \
    do { \
        if (!(condition)) { \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            abort(); \
        } \
    } while (0)

struct bytes {
    const uint8_t *data;
    size_t left;
};

static inline uint8_t take_byte(struct bytes *bytes)
{
    if (bytes->left == 0)
        return 0;
    bytes->left--;
    return *bytes->data++;
}

static inline uint64_t take_number(struct bytes *bytes)
{
    uint64_t number = 0;

    for (int i = 0; i < 8; i++)
        number = number << 8 | take_byte(bytes);
    return number;
}

#endif
