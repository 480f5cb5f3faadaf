/* SPDX-License-Identifier: MIT */
#include "sort.h"

/* Moves the second half of a list of two or more to `half`. Found by a walk from both ends. */
static void list_halve(struct edo_list *list, struct edo_list *half)
{
    struct edo_list *at = list->next;
    struct edo_list *middle = list->prev;

    for (; at != middle && at->next != middle; at = at->next)
        middle = middle->prev;
    half->next = middle;
    half->prev = list->prev;
    list->prev = middle->prev;
    list->prev->next = list;
    half->next->prev = half;
    half->prev->next = half;
}

/* Merge sort: sorts both halves, and puts each node of the second in its place in the first. */
void edo_list_sort(struct edo_list *list, edo_is_before *is_before)
{
    struct edo_list *at = list->next;
    struct edo_list half;

    while (at->next != list && !is_before(at->next, at))
        at = at->next;
    if (at->next == list) /* it is sorted, as most lists are */
        return;
    list_halve(list, &half);
    edo_list_sort(list, is_before);
    edo_list_sort(&half, is_before);
    for (at = list->next; !edo_list_is_empty(&half);) {
        struct edo_list *node = half.next;

        if (at != list && !is_before(node, at)) {
            at = at->next;
        } else {
            edo_list_remove(node);
            edo_list_append(at, node); /* in front of `at` */
        }
    }
}
