/* SPDX-License-Identifier: MIT */
/* text.h - names in pictures. A program may give its tasks any names; a picture shows what of them
 * can be shown, and knows how much room that takes. */
#ifndef DEMO_TEXT_H
#define DEMO_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The character at *text, which is not its end, and moves on behind it. U+FFFD for a byte that is
 * no UTF-8. */
uint32_t text_next(const char **text);

/* The same, but U+FFFD also for what would disturb all that stands around it: control characters,
 * line separators, turns of the direction of writing, and what XML does not allow. */
uint32_t text_next_shown(const char **text);

/* One character as UTF-8. */
void text_put(uint32_t code, FILE *file);

/* A string of JSON, of the characters that `next` finds: text_next, or text_next_shown. No text in
 * it ends the script of a page in which it stands. */
void text_put_json(const char *text, uint32_t (*next)(const char **text), FILE *file);

/* Up to where so many columns of a terminal hold it, in ASCII if not `is_utf8`; where they don't
 * hold it all, the last one is left for the sign that it is cut off. `columns` becomes what is
 * left. */
const char *text_cut(const char *text, unsigned *columns, bool is_utf8);

/* Copies as much of it as `size` bytes hold. If that is not all, it ends behind a character, with
 * "...". `size` is more than 4. */
void text_brief(char *brief, size_t size, const char *text);

/* Prints as much of it as so many columns hold, and fills them up with blanks. */
void text_print(const char *text, unsigned columns, bool is_utf8);

#endif
