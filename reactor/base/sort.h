/* SPDX-License-Identifier: MIT */
/* sort.h - sorts an intrusive list. Not for users: edo.h does not include it. */
#pragma once

#include "list.h"

/* Sorts the list, in n log n steps; nodes of which neither is before the other keep their order. */
void edo_list_sort(struct edo_list *list,
                   bool (*is_before)(const struct edo_list *a, const struct edo_list *b));
