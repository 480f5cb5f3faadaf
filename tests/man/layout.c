/* SPDX-License-Identifier: MIT */
/* Where a task has its name, as a tool from outside learns it. It prints
 *
 *   edo layout 1: where it should be */
#include <stdio.h>

#include "edo.h"

static uint32_t look_up(const char *name)
{
    const struct edo_layout *entry = edo_layout;

    while (entry->name[0] != '\0' && strcmp(entry->name, name) != 0)
        entry++;
    return entry->value;
}

int main(void)
{
    printf("%s: ", edo_layout[0].name);
    if (look_up("task.name") == offsetof(struct edo_task, name))
        puts("where it should be");
    return look_up(EDO_LAYOUT_NAME) != sizeof(void *);
}
