/* list.h - an intrusive, circular, doubly linked list.
 *
 * A list head and a node are the same struct; an empty list points at itself. The nodes are
 * members of the caller's structs, so appending allocates nothing and removing needs no search. */
#ifndef EDO_LIST_H
#define EDO_LIST_H

#include <stdbool.h>

struct edo_list {
    struct edo_list *next;
    struct edo_list *prev;
};

static inline void edo_list_init(struct edo_list *list)
{
    list->next = list;
    list->prev = list;
}

static inline bool edo_list_is_empty(const struct edo_list *list)
{
    return list->next == list;
}

static inline void edo_list_insert_after(struct edo_list *at, struct edo_list *node)
{
    node->prev = at;
    node->next = at->next;
    at->next->prev = node;
    at->next = node;
}

/* The node must not be in a list. That the last node's next is the list is known without reading
 * it, which is often the first to need it in the cache. */
static inline void edo_list_append(struct edo_list *list, struct edo_list *node)
{
    node->prev = list->prev;
    node->next = list;
    list->prev->next = node;
    list->prev = node;
}

static inline void edo_list_remove(struct edo_list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    edo_list_init(node);
}

/* Moves all of `from` into `to`, which is initialised here; `from` is empty afterwards. */
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

#endif
