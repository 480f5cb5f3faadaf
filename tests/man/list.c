/* SPDX-License-Identifier: MIT */
/* Guests in a list, through a link in each of them. It prints
 *
 *   Ada
 *   Grace
 *   nobody is left */
#include <stdio.h>

#include "edo.h"

struct guest {
    const char *name;
    struct edo_list link;
};

int main(void)
{
    struct guest ada = {.name = "Ada"}, grace = {.name = "Grace"};
    struct edo_list guests;

    edo_list_init(&guests);
    edo_list_append(&guests, &ada.link);
    edo_list_append(&guests, &grace.link);
    while (!edo_list_is_empty(&guests)) {
        struct guest *first =
            edo_container_of(guests.next, struct guest, link);

        puts(first->name);
        edo_list_remove(&first->link);
    }
    puts("nobody is left");
    return 0;
}
