/* SPDX-License-Identifier: MIT */
/* list.h - an intrusive, circular, doubly linked list.
 *
 * A list head and a node are the same struct; an empty list points at itself. The nodes are
 * members of the caller's structs, so appending allocates nothing and removing needs no search. */
#pragma once

#include <stdbool.h>

struct edo_list {
    struct edo_list *next; /* of the head: the first node */
    struct edo_list *prev; /* of the head: the last node */
};

/* Makes a list empty; also a node that is in no list. */
static inline void edo_list_init(struct edo_list *list)
{
    list->next = list;
    list->prev = list;
}

/* Whether the list has no node; of a node, whether it is in no list. */
static inline bool edo_list_is_empty(const struct edo_list *list)
{
    return list->next == list;
}

/* Puts the node at the end. It must not be in a list. (`node->next = list`, not `list->prev->next`:
 * one read less from memory that is often not in the cache.) */
static inline void edo_list_append(struct edo_list *list, struct edo_list *node)
{
    node->prev = list->prev;
    node->next = list;
    list->prev->next = node;
    list->prev = node;
}

/* Takes the node out of its list. A node that is in none stays so. */
static inline void edo_list_remove(struct edo_list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    edo_list_init(node);
}

/* Moves all of `from` into `to`, which need not be initialised. `from` is empty afterwards. */
static inline void edo_list_take(struct edo_list *to, struct edo_list *from)
{
    edo_list_init(to);
    if (edo_list_is_empty(from))
        return;
    *to = *from;
    to->next->prev = to;
    to->prev->next = to;
    edo_list_init(from);
}
