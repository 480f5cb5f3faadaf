/* SPDX-License-Identifier: MIT */
/* Names that somebody else has chosen, in every view (D11, D26): tabs, newlines, controls, what is
 * no UTF-8, what ends a CDATA section, characters of no column and of two. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "../../reactor/base/record.h"
#include "helper.h"
#include "player/player.h"
#include "player/texts.h"
#include "process.h"
#include "suites.h"
#include "views/chrome.h"
#include "views/svg.h"
#include "views/timeline.h"

enum { EVENTS = 64, MOST_NAMES = 12 };

/* A trace in which each name is that of a phase and of a task that sleeps for 10 ms. */
struct made_up {
    struct edo_clock clock;
    struct edo_trace_event events[EVENTS];
    struct edo_trace trace;
};

static void record(struct made_up *made_up, enum edo_trace_kind kind, uint32_t task,
                   const char *name)
{
    struct edo_trace_event *event = edo_record(&made_up->trace, kind, 0, 0);

    event->task = task;
    event->name = name;
    event->to = "EDO_DONE";
}

static void make_up(struct made_up *made_up, const char *const *names, uint32_t count)
{
    made_up->clock = (struct edo_clock){.is_virtual = true};
    edo_trace_init(&made_up->trace, made_up->events, EVENTS);
    made_up->trace.clock = &made_up->clock;
    for (uint32_t i = 0; i < count; i++) {
        record(made_up, EDO_TRACE_PHASE, 0, names[i]);
        record(made_up, EDO_TRACE_SPAWN, i + 1, names[i]);
        edo_clock_advance(&made_up->clock, EDO_MS(10) * (i + 1));
        record(made_up, EDO_TRACE_DONE, i + 1, names[i]);
    }
}

/* What `write` makes of the trace, in `text`. */
static void write_text(const struct made_up *made_up,
                       void (*write)(const struct edo_trace *, FILE *), char *text, size_t size)
{
    FILE *file = fmemopen(text, size, "w");

    ck_assert_ptr_nonnull(file);
    write(&made_up->trace, file);
    ck_assert_int_eq(ferror(file), 0);
    fclose(file);
}

/* --- Tab-separated values --------------------------------------------------------------------- */

static const struct spelling {
    const char *name;
    const char *written; /* in the file, behind the last tab */
} spellings[] = {
    {"plain name", "plain name"},
    {"a\tb\nc\rd", "a\\x09b\\x0ac\\x0dd"},
    {"a\\tb", "a\\x5ctb"},
    {"\033[31m\x01\x7f", "\\x1b[31m\\x01\\x7f"},
    {"\xc3\xbc", "\\xc3\\xbc"},
    {"\xff \xc3 \x80 \xe6\x97", "\\xff \\xc3 \\x80 \\xe6\\x97"},
    {"\xc0\xaf \xe0\x80\xaf \xed\xa0\x80", "\\xc0\\xaf \\xe0\\x80\\xaf \\xed\\xa0\\x80"},
    {"\xf4\x90\x80\x80 \xf8\x90\x80\x80", "\\xf4\\x90\\x80\\x80 \\xf8\\x90\\x80\\x80"},
    {"a\xc2\x85z", "a\\xc2\\x85z"},
    {"-", "\\x2d"},
    {"--", "--"},
    {"", ""},
};

enum { SPELLINGS = sizeof spellings / sizeof spellings[0] };

START_TEST(a_name_is_one_field_of_one_line_in_ascii)
{
    const struct spelling *spelling = &spellings[_i];
    struct made_up made_up;
    char text[4096] = "";
    const char *at;

    make_up(&made_up, &spelling->name, 1);
    write_text(&made_up, edo_trace_write, text, sizeof text);
    ck_assert_uint_eq(occurrences(text, "\n"), 3 + 3);
    ck_assert_uint_eq(occurrences(text, "\t"), 36); /* of ten columns and four rows */
    at = strstr(text, "\tspawn\t");
    for (int i = 0; i < 7; i++)
        at = strchr(at + 1, '\t');
    ck_assert_int_eq(strncmp(at + 1, spelling->written, strlen(spelling->written)), 0);
    ck_assert_int_eq(at[1 + strlen(spelling->written)], '\n');
}
END_TEST

/* As reactor/README.md says it is read. */
static void unescape(const char *field, char *name)
{
    while (*field != '\n') {
        unsigned code = 0;

        if (*field != '\\') {
            *name++ = *field++;
            continue;
        }
        switch (field[1]) {
        case 'x':
            ck_assert_int_eq(sscanf(field + 2, "%2x", &code), 1);
            break;
        case 't':
            code = '\t';
            break;
        case 'n':
            code = '\n';
            break;
        case 'r':
            code = '\r';
            break;
        default:
            ck_assert_int_eq(field[1], '\\');
            code = '\\';
            break;
        }
        *name++ = (char)code;
        field += field[1] == 'x' ? 4 : 2;
    }
    *name = '\0';
}

START_TEST(whatever_bytes_a_name_has_they_can_be_read_back)
{
    uint64_t state = 1;

    for (int round = 0; round < 1000; round++) {
        struct made_up made_up;
        char name[24] = "", back[128], text[4096] = "";
        const char *const names[] = {name};

        for (size_t i = (size_t)(draw(&state) % sizeof name); i > 0; i--)
            name[i - 1] = (char)(1 + draw(&state) % 255);
        make_up(&made_up, names, 1);
        write_text(&made_up, edo_trace_write, text, sizeof text);
        ck_assert_uint_eq(occurrences(text, "\n"), 3 + 3);
        unescape(strrchr(text, '\t') + 1, back);
        ck_assert_str_eq(back, name);
    }
}
END_TEST

/* --- JSON and SVG ----------------------------------------------------------------------------- */

static const char *const wild[] = {
    "tab\there \"quoted\" \\ back",
    "line\nbreak\r",
    "bell\x01 escape\033[31m del\x7f next\xc2\x85",
    "no utf-8: \xff \xc3( \xed\xa0\x80",
    "]]> <b> & 'quote' -->",
    "not XML: \xef\xbf\xbe \xef\xbf\xbf",
    "turned \xe2\x80\xae around", /* NOLINT(misc-misleading-bidirectional) */
};

enum { WILD = sizeof wild / sizeof wild[0] };

/* Runs `checker` on what `write` makes of the wild names, where it is installed. */
static void check_by(const char *checker, void (*write)(const struct edo_trace *, FILE *))
{
    static char text[65536];
    struct made_up made_up;
    struct process process;
    char command[256], path[] = "/tmp/edo-names-XXXXXX";
    int fd = mkstemp(path);
    FILE *file;

    ck_assert_int_ge(fd, 0);
    file = fdopen(fd, "w");
    ck_assert_ptr_nonnull(file);
    make_up(&made_up, wild, WILD);
    write_text(&made_up, write, text, sizeof text);
    fputs(text, file);
    fclose(file);
    snprintf(command, sizeof command, "! command -v %.*s >/dev/null || exec %s <%s",
             (int)strcspn(checker, " "), checker, checker, path);
    process_start(&process, command);
    process_finish(&process);
    remove(path);
    ck_assert_msg(process.status == 0, "%s", process.err);
}

START_TEST(the_picture_is_well_formed_whatever_the_names)
{
    struct made_up made_up;
    char text[32768] = "";

    make_up(&made_up, wild, WILD);
    write_text(&made_up, svg_write, text, sizeof text);
    for (const char *at = text; *at != '\0'; at++)
        ck_assert((unsigned char)*at >= 0x20 || *at == '\n');
    ck_assert_ptr_null(strstr(text, "]]>"));
    ck_assert_ptr_null(strstr(text, "<b>"));
    ck_assert_ptr_null(strstr(text, "\xff"));
    ck_assert_ptr_nonnull(strstr(text, "]]&#62; &#60;b&#62; &#38;"));
    check_by("xmllint --noout -", svg_write);
    check_by("python3 -c 'import sys; sys.stdin.buffer.read().decode()'", svg_write);
}
END_TEST

START_TEST(the_chrome_trace_is_json_whatever_the_names)
{
    struct made_up made_up;
    char text[32768] = "";

    make_up(&made_up, wild, WILD);
    write_text(&made_up, chrome_write, text, sizeof text);
    for (const char *at = text; *at != '\0'; at++)
        ck_assert((unsigned char)*at >= 0x20 || *at == '\n');
    ck_assert_ptr_nonnull(strstr(text, "\"tab\\u0009here \\u0022quoted\\u0022 \\u005c back\""));
    ck_assert_ptr_nonnull(strstr(text, "\"no utf-8: \xef\xbf\xbd \xef\xbf\xbd( \xef\xbf\xbd"));
    check_by("jq -e '.traceEvents | length > 10'", chrome_write);
    check_by("python3 -c 'import json, sys; json.loads(sys.stdin.buffer.read().decode())'",
             chrome_write);
}
END_TEST

START_TEST(the_page_is_no_other_whatever_the_names)
{
    static char text[262144];
    struct made_up made_up;
    unsigned scripts = occurrences(text_of_page("player.html"), "<script");

    make_up(&made_up, wild, WILD);
    write_text(&made_up, player_write, text, sizeof text);
    ck_assert_uint_eq(occurrences(text, "<script"), scripts);
    ck_assert_uint_eq(occurrences(text, "</script"), scripts);
    ck_assert_ptr_nonnull(
        strstr(text, "\"tab\xef\xbf\xbdhere \\u0022quoted\\u0022 \\u005c back\""));
    ck_assert_ptr_nonnull(strstr(text, "\\u003cb>"));
    ck_assert_ptr_null(strstr(text, "<b>"));
    ck_assert_ptr_null(strstr(text, "\xff"));
    ck_assert_ptr_null(strstr(text, "\xe2\x80\xae")); /* NOLINT(misc-misleading-bidirectional) */
}
END_TEST

/* --- The terminal ----------------------------------------------------------------------------- */

#define NIHONGO "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"

static const char *const wide[] = {
    "plain",
    "na\xc3\xafve",
    "e\xcc\x81te\xcc\x81 combined",
    NIHONGO,
    NIHONGO " " NIHONGO " " NIHONGO " " NIHONGO,
    "a name of more than eighteen letters",
    "bell \x07\033[7m and \xff",
};

enum { WIDE = sizeof wide / sizeof wide[0] };

/* The timeline as it is printed in this locale. */
static void print_timeline(const char *locale, char *text, size_t size)
{
    struct made_up made_up;
    FILE *file = tmpfile();
    size_t length;

    ck_assert_ptr_nonnull(file);
    setenv("LC_ALL", locale, 1);
    make_up(&made_up, wide, WIDE);
    fflush(stdout);
    ck_assert_int_ge(dup2(fileno(file), STDOUT_FILENO), 0);
    timeline_print(&made_up.trace);
    fflush(stdout);
    ck_assert_int_eq(fseek(file, 0, SEEK_SET), 0);
    length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    fclose(file);
}

/* D26 */
START_TEST(rows_are_aligned_whatever_the_names)
{
    char text[8192];
    unsigned rows = 0;

    print_timeline("C.UTF-8", text, sizeof text);
    ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        wchar_t letters[256];
        size_t count = mbstowcs(letters, line, 256);

        ck_assert_msg(count < 256, "%s", line);
        if (count < 3 || wcscmp(letters + count - 3, L" ms") != 0)
            continue;
        ck_assert_msg(wcswidth(letters, count) == 79, "%s", line);
        rows++;
    }
    ck_assert_uint_eq(rows, WIDE + WIDE);
}
END_TEST

START_TEST(outside_of_utf_8_rows_are_ascii_and_aligned)
{
    char text[8192];
    unsigned rows = 0;

    print_timeline("C", text, sizeof text);
    for (const char *at = text; *at != '\0'; at++)
        ck_assert(*at == '\n' || (*at >= ' ' && *at <= '~'));
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        if (strcmp(line + strlen(line) - 3, " ms") == 0) {
            ck_assert_msg(strlen(line) == 79, "%s", line);
            rows++;
        }
    ck_assert_uint_eq(rows, WIDE + WIDE);
}
END_TEST

static const struct locale_name {
    const char *name;
    bool is_utf8;
} locale_names[] = {
    {"C.UTF-8", true},    {"de_DE.utf8", true}, {"xx.UTF-8@euro", true},
    {"xx.utf8@x", true},  {"xx@euro", false},   {"xx.ISO-8859-15@euro", false},
    {"xx.UTF-80", false}, {"POSIX", false},
};

/* D26 */
START_TEST(a_locale_is_utf_8_with_a_modifier_too)
{
    const struct locale_name *locale = &locale_names[_i];
    char text[8192];

    print_timeline(locale->name, text, sizeof text);
    ck_assert_int_eq(strstr(text, "\xe2\x94\x80") != NULL, locale->is_utf8);
}
END_TEST

Suite *names_suite(void)
{
    Suite *suite = suite_create("names");
    TCase *values = tcase_create("values");
    TCase *rows = tcase_create("rows");
    TCase *pictures = tcase_create("pictures");

    tcase_add_loop_test(values, a_name_is_one_field_of_one_line_in_ascii, 0, SPELLINGS);
    tcase_add_test(values, whatever_bytes_a_name_has_they_can_be_read_back);
    suite_add_tcase(suite, values);

    tcase_add_test(pictures, the_picture_is_well_formed_whatever_the_names);
    tcase_add_test(pictures, the_chrome_trace_is_json_whatever_the_names);
    tcase_add_test(pictures, the_page_is_no_other_whatever_the_names);
    suite_add_tcase(suite, pictures);

    tcase_add_test(rows, rows_are_aligned_whatever_the_names);
    tcase_add_test(rows, outside_of_utf_8_rows_are_ascii_and_aligned);
    tcase_add_loop_test(rows, a_locale_is_utf_8_with_a_modifier_too, 0,
                        sizeof locale_names / sizeof locale_names[0]);
    suite_add_tcase(suite, rows);
    return suite;
}
