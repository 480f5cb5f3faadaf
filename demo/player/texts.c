/* SPDX-License-Identifier: MIT */
#include "texts.h"

#include <stddef.h>
#include <string.h>

/* What the page is made of, in a section as source.h makes them. */
#define EMBED(name) \
    ".asciz \"" name "\"\n" \
    ".incbin \"demo/player/" name "\"\n" \
    ".byte 0\n"

__asm__(".pushsection edo_player,\"a\"\n" EMBED("player.html") EMBED("player.css")
            EMBED("player.js") ".popsection\n");

/* The linker's (ld(1), "__start_SECTNAME"). Weak: a program may give no source. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
extern const char __start_edo_player[], __stop_edo_player[];
extern const char __start_edo_sources[] __attribute__((weak));
extern const char __stop_edo_sources[] __attribute__((weak));
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

/* Between two objects the linker may have put zeros. */
static bool next_in(struct text *text, const char *start, const char *stop)
{
    const char *at = text->name != NULL ? text->text + strlen(text->text) + 1 : start;

    while (at < stop && *at == '\0')
        at++;
    if (at >= stop)
        return false;
    text->name = at;
    text->text = at + strlen(at) + 1;
    return true;
}

bool text_next_source(struct text *text)
{
    return next_in(text, __start_edo_sources, __stop_edo_sources);
}

const char *text_of_page(const char *name)
{
    struct text text = {NULL, NULL};

    while (next_in(&text, __start_edo_player, __stop_edo_player))
        if (strcmp(text.name, name) == 0)
            return text.text;
    return "";
}
