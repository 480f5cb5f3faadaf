/* SPDX-License-Identifier: MIT */
/* texts.h - the texts that were put into the program when it was built: the page of the player, and
 * sources. */
#ifndef DEMO_TEXTS_H
#define DEMO_TEXTS_H

#include <stdbool.h>

struct text {
    const char *name; /* NULL: before the first */
    const char *text;
};

/* Goes on to the next source file; false after the last. */
bool text_next_source(struct text *text);

/* A part of the page: "player.html", "player.css", "player.js". */
const char *text_of_page(const char *name);

#endif
