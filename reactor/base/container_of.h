/* SPDX-License-Identifier: MIT */
/* container_of.h - from a member back to the struct that embeds it.
 *
 * Futures, list links and sources live inside the caller's structs. The runtime knows only the
 * pointer to the member, and whoever owns the struct comes back to it with this macro. */
#pragma once

#include <stddef.h>

/* Returns the struct of type `type` whose `member` the pointer points to. */
#define edo_container_of(pointer, type, member) \
    ((type *)(void *)(((char *)(pointer)) - offsetof(type, member)))
