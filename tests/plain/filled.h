/* SPDX-License-Identifier: MIT */
/* filled.h - for make check-dirty: an init or an open of a struct that was filled with 0xA5 before.
 */
#pragma once

#include <string.h>

#include "edo.h"

#define EDO_DIRTY

#define EDO_FILLED(init, first, ...) \
    __extension__({ \
        __auto_type filled = (first); \
        memset(filled, 0xa5, sizeof *filled); \
        (init)(filled, ##__VA_ARGS__); \
    })
