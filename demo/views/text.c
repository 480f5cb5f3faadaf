/* SPDX-License-Identifier: MIT */
#include "text.h"

#include <inttypes.h>
#include <locale.h>
#include <string.h>
#include <wchar.h>

enum { REPLACEMENT = 0xfffd };

uint32_t text_next(const char **text)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* that takes so many bytes */
    const unsigned char *at = (const unsigned char *)*text;
    unsigned length = *at < 0x80 ? 1 : *at < 0xc0 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
    uint32_t code = length == 1 ? *at : *at & (0x7fU >> length);
    bool is_valid = length > 0 && *at < 0xf8;

    for (unsigned i = 1; i < length && is_valid; i++) {
        is_valid = (at[i] & 0xc0) == 0x80;
        code = code << 6 | (at[i] & 0x3f);
    }
    is_valid = is_valid && code >= least[length] && code <= 0x10ffff && (code & ~0x7ffU) != 0xd800;
    *text += is_valid ? length : 1;
    return is_valid ? code : REPLACEMENT;
}

uint32_t text_next_shown(const char **text)
{
    uint32_t code = text_next(text);

    if (code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x2028 && code <= 0x202e) ||
        (code >= 0x2066 && code <= 0x2069) || (code & 0xfffe) == 0xfffe)
        return REPLACEMENT;
    return code;
}

void text_put(uint32_t code, FILE *file)
{
    unsigned more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;

    fputc((int)(more > 0 ? (0xff00U >> (more + 1) & 0xff) | code >> 6 * more : code), file);
    while (more-- > 0)
        fputc((int)(0x80 | (code >> 6 * more & 0x3f)), file);
}

/* 0, 1 or 2. The table is that of a locale. Loading one takes system calls, which would stand among
 * those that strace shows; so it waits for a name that asks for it, which those of the demo don't.
 */
static unsigned columns_of(uint32_t code, bool is_utf8)
{
    static bool is_loaded;
    int columns;

    if (code < 0x80)
        return 1;
    if (!is_loaded)
        setlocale(LC_CTYPE, "C.UTF-8");
    is_loaded = true;
    columns = wcwidth((wchar_t)code);
    return columns < 0 || (columns > 0 && !is_utf8) ? 1 : (unsigned)columns;
}

void text_put_json(const char *text, uint32_t (*next)(const char **text), FILE *file)
{
    fputc('"', file);
    while (*text != '\0') {
        uint32_t code = next(&text);

        if (code < 0x20 || code == '"' || code == '\\' || code == '<')
            fprintf(file, "\\u%04" PRIx32, code);
        else
            text_put(code, file);
    }
    fputc('"', file);
}

/* As far as it goes. */
static const char *fit(const char *text, unsigned *columns, bool is_utf8)
{
    while (*text != '\0') {
        const char *next = text;
        unsigned width = columns_of(text_next_shown(&next), is_utf8);

        if (width > *columns)
            break;
        *columns -= width;
        text = next;
    }
    return text;
}

const char *text_cut(const char *text, unsigned *columns, bool is_utf8)
{
    unsigned less = *columns > 0 ? *columns - 1 : 0;
    const char *end = fit(text, columns, is_utf8);

    if (*end == '\0')
        return end;
    end = fit(text, &less, is_utf8);
    *columns = less;
    return end;
}

void text_brief(char *brief, size_t size, const char *text)
{
    bool is_all = strlen(text) < size;
    size_t room = is_all ? size - 1 : size - sizeof "...", length = 0;

    for (const char *at = text; *at != '\0' && length < size;) {
        text_next(&at);
        if ((size_t)(at - text) > room)
            break;
        length = (size_t)(at - text);
    }
    memcpy(brief, text, length);
    memcpy(brief + length, is_all ? "" : "...", is_all ? 1 : sizeof "...");
}

void text_print(const char *text, unsigned columns, bool is_utf8)
{
    unsigned left = columns;
    const char *end = text_cut(text, &left, is_utf8);

    while (text < end) {
        uint32_t code = text_next_shown(&text);

        if (is_utf8)
            text_put(code, stdout);
        else if (columns_of(code, false) > 0)
            putchar(code < 0x80 ? (int)code : '?');
    }
    if (*end != '\0' && columns > 0)
        fputs(is_utf8 ? "…" : "~", stdout);
    printf("%*s", (int)left, "");
}
