/* SPDX-License-Identifier: MIT */
#include "room.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 32768, GRAIN = alignof(max_align_t) };

static alignas(max_align_t) unsigned char room[ROOM];
static size_t used;
static unsigned pieces;

void *room_take(size_t count, size_t size)
{
    size_t bytes = (count * size + GRAIN - 1) / GRAIN * GRAIN;
    void *memory = room + used;

    if (count > ROOM || size > ROOM || bytes > ROOM - used)
        return calloc(count, size);
    used += bytes;
    pieces++;
    memset(memory, 0, bytes);
    return memory;
}

void room_give(void *memory)
{
    unsigned char *at = memory;

    if (at == NULL)
        return;
    if (at < room || at >= room + ROOM) {
        free(memory);
        return;
    }
    if (--pieces == 0)
        used = 0;
}
