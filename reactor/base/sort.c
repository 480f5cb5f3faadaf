/* SPDX-License-Identifier: MIT */
#include "sort.h"

#include <stddef.h>

/* Merges two sorted runs that are linked by `next` alone and end with NULL. `a` came first. */
static struct edo_list *list_merge(struct edo_list *a, struct edo_list *b, edo_is_before *is_before)
{
    struct edo_list head;
    struct edo_list *tail = &head;

    while (a != NULL && b != NULL) {
        struct edo_list **first = is_before(b, a) ? &b : &a;

        tail->next = *first;
        tail = *first;
        *first = tail->next;
    }
    tail->next = a != NULL ? a : b;
    return head.next;
}

/* Most lists are sorted already. Else merge sort from the bottom up: runs[i] is empty or a sorted
 * run of 2^i nodes, as the bits of a number that counts the nodes. */
void edo_list_sort(struct edo_list *list, edo_is_before *is_before)
{
    struct edo_list *runs[8 * sizeof(size_t)] = {NULL};
    struct edo_list *sorted = NULL;
    struct edo_list *rest = list->next;
    size_t i;

    while (rest->next != list && !is_before(rest->next, rest))
        rest = rest->next;
    if (rest->next == list)
        return;
    list->prev->next = NULL;
    rest = list->next;
    while (rest != NULL) {
        struct edo_list *run = rest;

        rest = rest->next;
        run->next = NULL;
        for (i = 0; runs[i] != NULL; i++) {
            run = list_merge(runs[i], run, is_before);
            runs[i] = NULL;
        }
        runs[i] = run;
    }
    for (i = 0; i < sizeof runs / sizeof runs[0]; i++)
        sorted = list_merge(runs[i], sorted, is_before);
    edo_list_init(list);
    while (sorted != NULL) {
        struct edo_list *node = sorted;

        sorted = sorted->next;
        edo_list_append(list, node);
    }
}
