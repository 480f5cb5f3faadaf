/* SPDX-License-Identifier: MIT */
/* room.h - memory for the views. What the demo's own trace needs comes from a room that is there
 * from the start, so that strace shows no calls for memory between the program's lines; what does
 * not fit comes from malloc. */
#ifndef DEMO_ROOM_H
#define DEMO_ROOM_H

#include <stddef.h>

/* As calloc: all zero, NULL if there is no memory. */
void *room_take(size_t count, size_t size);

/* As free. The room is empty again when all that was taken from it has been given back. */
void room_give(void *memory);

#endif
