/* SPDX-License-Identifier: MIT */
/* options.c - any command line for the demo or a lesson: it is understood, or it is refused in two
 * lines that say why. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <string.h>

#include "bytes.h"
#include "targets.h"

enum { WORDS_MAX = 16, BYTES_MAX = 1024 };

static bool is_word(const char *text, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (text >= argv[i] && text <= argv[i] + strlen(argv[i]))
            return true;
    return false;
}

/* What the demo relies on, once a command line was understood. */
static void check_understood(const struct options *options, int argc, char **argv)
{
    HOLDS(options->program == argv[0]);
    HOLDS(options->tasks <= OPTIONS_MOST_TASKS);
    HOLDS(options->fail_task <= 3);
    HOLDS((options->fail_task > 0) == (options->fail_error < 0));
    HOLDS(!options->is_spun || (options->is_wheel && !options->is_virtual));
    HOLDS(!options->is_stepped || options->is_virtual);
    HOLDS(!options->is_fd || !options->is_wheel);
    for (enum view view = 0; view < VIEWS; view++)
        HOLDS(options->views[view] == NULL || is_word(options->views[view], argc, argv));
}

static void check_refused(const char *said)
{
    static const char last[] = "'\nTry 'fuzz --help'.\n";
    size_t length = strlen(said);

    HOLDS(strncmp(said, "fuzz: ", strlen("fuzz: ")) == 0);
    HOLDS(length >= strlen(last) && strcmp(said + length - strlen(last), last) == 0);
}

/* It prints to standard error, and getopt_long(3) begins anew where optind is 0. */
static void parse(enum options_taker taker, int argc, char **argv)
{
    static char said[BYTES_MAX * 2];
    FILE *before = stderr, *file = fmemopen(said, sizeof said, "w");
    struct options options;
    int error;

    HOLDS(file != NULL);
    stderr = file;
    optind = 0;
    error = options_parse(&options, taker, argc, argv);
    stderr = before;
    fputc('\0', file);
    fclose(file);
    HOLDS(error == 0 || error == -EINVAL);
    if (error)
        check_refused(said);
    else
        check_understood(&options, argc, argv);
}

/* The first byte says whose, then come the words, each up to a zero. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char words[BYTES_MAX], program[] = "fuzz", *argv[WORDS_MAX + 1] = {program};
    int argc = 1;

    if (size == 0 || size > sizeof words)
        return 0;
    memcpy(words, data + 1, --size);
    words[size] = '\0';
    for (char *at = words; argc < WORDS_MAX && at < words + size; at += strlen(at) + 1)
        argv[argc++] = at;
    parse(data[0] % 2 ? OPTIONS_OF_LESSON : OPTIONS_OF_DEMO, argc, argv);
    return 0;
}
