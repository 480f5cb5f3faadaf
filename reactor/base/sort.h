/* SPDX-License-Identifier: MIT */
/* sort.h - sorts an intrusive list. Not for users: edo.h does not include it. */
#pragma once

#include "list.h"

typedef bool edo_is_before(const struct edo_list *a, const struct edo_list *b);

/* Sorts the list: in n steps if it is sorted already, else in n log n. Nodes of which neither is
 * before the other keep their order. */
void edo_list_sort(struct edo_list *list, edo_is_before *is_before);
