/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "errno_name.h"

#define LETTERS "hV"

/* Beyond all letters; the views in the order of their enum. */
enum {
    OPTION_CHROME = 256,
    OPTION_HTML,
    OPTION_STORY,
    OPTION_SVG,
    OPTION_TRACE,
    OPTION_FAIL,
    OPTION_NO_TIMELINE,
    OPTION_QUIET,
    OPTION_SEED,
    OPTION_SPIN,
    OPTION_STEP,
    OPTION_TASKS,
    OPTION_TIMERS,
    OPTION_VIRTUAL
};

/* Those that only the demo takes come first. */
static const struct option known[] = {
    {"fail", required_argument, NULL, OPTION_FAIL},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"tasks", required_argument, NULL, OPTION_TASKS},
    {"chrome", required_argument, NULL, OPTION_CHROME},
    {"help", no_argument, NULL, 'h'},
    {"html", required_argument, NULL, OPTION_HTML},
    {"no-timeline", no_argument, NULL, OPTION_NO_TIMELINE},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"spin", no_argument, NULL, OPTION_SPIN},
    {"step", no_argument, NULL, OPTION_STEP},
    {"story", required_argument, NULL, OPTION_STORY},
    {"svg", required_argument, NULL, OPTION_SVG},
    {"timers", required_argument, NULL, OPTION_TIMERS},
    {"trace", required_argument, NULL, OPTION_TRACE},
    {"version", no_argument, NULL, 'V'},
    {"virtual", no_argument, NULL, OPTION_VIRTUAL},
    {0},
};

static const struct option *known_to(enum options_taker taker)
{
    switch (taker) {
    case OPTIONS_OF_DEMO:
        break;
    case OPTIONS_OF_LESSON:
        return known + 3;
    }
    return known;
}

enum { FOR_DEMO = 1 << OPTIONS_OF_DEMO, FOR_LESSON = 1 << OPTIONS_OF_LESSON };
enum { FOR_BOTH = FOR_DEMO | FOR_LESSON };

static const struct {
    unsigned whose;
    const char *lines;
} help[] = {
    {FOR_BOTH, "  --chrome FILE        write the trace to FILE for Perfetto or speedscope\n"},
    {FOR_DEMO, "  --fail TASK[:ERRNO]  task 1, 2 or 3 fails half-way, with EIO or the errno\n"
               "                       named, as in --fail 2:ETIMEDOUT; the others go on\n"},
    {FOR_BOTH, "  --html FILE          make FILE a page in which the run can be stepped\n"},
    {FOR_BOTH, "  --no-timeline        leave out the timeline at the end\n"},
    {FOR_DEMO, "  --quiet              print only the table at the end\n"},
    {FOR_LESSON, "  --quiet              print only what goes wrong\n"},
    {FOR_DEMO, "  --seed N             with --tasks: other delays\n"},
    {FOR_BOTH, "  --spin               watch the clock at the end of a sleep, so that timers are\n"
               "                       punctual; with --timers=wheel, on the real clock\n"
               "  --step               ask before each turn of the loop, on the virtual clock\n"
               "  --story FILE         tell in FILE what caused what\n"
               "  --svg FILE           draw the timeline into FILE\n"},
    {FOR_DEMO,
     "  --tasks N            only the parallel phase, with 1 to 10000000 tasks that sleep\n"
     "                       for 100 to 300 ms; not with --fail or --step\n"},
    {FOR_BOTH, "  --timers fd|wheel    a timerfd for each sleep (the default), or one for all\n"
               "  --trace FILE         write what the runtime did to FILE, separated by tabs\n"
               "  --virtual            run on the virtual clock: nobody waits, and every run\n"
               "                       prints the same\n"
               "  -h, --help           print this and exit\n"
               "  -V, --version        print the version and exit\n"
               "\n"
               "Exit status: 0 if all went well or failed as told, 1 if something else failed,\n"
               "2 for a command line that makes no sense.\n"},
};

void options_print_help(const char *program, enum options_taker taker, const char *about)
{
    printf("Usage: %s [OPTION]...\n%s\n\n", program, about);
    for (size_t i = 0; i < sizeof help / sizeof help[0]; i++)
        if (help[i].whose & 1U << taker)
            fputs(help[i].lines, stdout);
}

static int parse_fail(struct options *options, const char *text)
{
    const char *name = text + 1;

    if (text[0] < '1' || text[0] > '3' || (text[1] != '\0' && text[1] != ':'))
        return -EINVAL;
    options->fail_task = (unsigned)(text[0] - '0');
    options->fail_error = -EIO;
    if (*name == ':')
        options->fail_error = -errno_number(name + 1);
    return options->fail_error ? 0 : -EINVAL;
}

/* A whole number up to `most`; -EINVAL if it is not one. */
static int parse_number(uint64_t *number, const char *text, uint64_t most)
{
    char *end;

    if (text[0] < '0' || text[0] > '9')
        return -EINVAL;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return *end != '\0' || errno != 0 || *number > most ? -EINVAL : 0;
}

static int parse_tasks(struct options *options, const char *text)
{
    uint64_t number;

    if (parse_number(&number, text, OPTIONS_MOST_TASKS) < 0 || number == 0)
        return -EINVAL;
    options->tasks = (unsigned)number;
    return 0;
}

static int parse_timers(struct options *options, const char *text)
{
    options->is_wheel = strcmp(text, "wheel") == 0;
    options->is_fd = strcmp(text, "fd") == 0;
    return options->is_wheel || options->is_fd ? 0 : -EINVAL;
}

static int refuse(const char *program, const char *what, const char *about)
{
    fprintf(stderr, "%s: %s '%s'\nTry '%s --help'.\n", program, what, about, program);
    return -EINVAL;
}

/* Whether `word` is the beginning of several. */
static bool is_ambiguous(const struct option *options, const char *word)
{
    size_t length = strcspn(word, "=");
    unsigned found = 0;

    for (const struct option *option = options; option->name != NULL; option++)
        found += length > 2 && strncmp(option->name, word + 2, length - 2) == 0;
    return found > 1;
}

/* What getopt_long makes nothing of. In optopt it leaves the letter, or the option that was given
 * an argument and takes none, or for a long one 0. */
static int refuse_option(const struct option *options, char **argv)
{
    const char letter[] = {'-', (char)optopt, '\0'};
    const char *word = argv[optind - 1];

    if (optopt == 0)
        return refuse(argv[0],
                      is_ambiguous(options, word) ? "several options begin with" : "unknown option",
                      word);
    if (optopt >= OPTION_CHROME || strchr(LETTERS, optopt) != NULL)
        return refuse(argv[0], "it takes no argument:", word);
    return refuse(argv[0], "unknown option", letter);
}

/* One that has no argument. */
static void take_flag(struct options *options, int option)
{
    switch (option) {
    case 'h':
        options->wants_help = true;
        break;
    case OPTION_NO_TIMELINE:
        options->no_timeline = true;
        break;
    case OPTION_QUIET:
        options->is_quiet = true;
        break;
    case OPTION_SPIN:
        options->is_spun = true;
        break;
    case OPTION_STEP:
        options->is_stepped = options->is_virtual = true;
        break;
    case 'V':
        options->wants_version = true;
        break;
    case OPTION_VIRTUAL:
        options->is_virtual = true;
        break;
    }
}

/* One that has. NULL, or what is wrong with it. */
static const char *take(struct options *options, int option, const char *argument)
{
    switch (option) {
    case OPTION_CHROME:
    case OPTION_HTML:
    case OPTION_STORY:
    case OPTION_SVG:
    case OPTION_TRACE:
        options->views[option - OPTION_CHROME] = argument;
        break;
    case OPTION_FAIL:
        if (parse_fail(options, argument) < 0)
            return "--fail wants a task from 1 to 3, and after a colon an errno by name, not";
        break;
    case OPTION_SEED:
        options->has_seed = true;
        if (parse_number(&options->seed, argument, UINT64_MAX) < 0)
            return "--seed wants a whole number, not";
        break;
    case OPTION_TASKS:
        if (parse_tasks(options, argument) < 0)
            return "--tasks wants a number from 1 to 10000000, not";
        break;
    case OPTION_TIMERS:
        if (parse_timers(options, argument) < 0)
            return "--timers wants fd or wheel, not";
        break;
    default:
        take_flag(options, option);
        break;
    }
    return NULL;
}

/* An option that is about the three phases, NULL if there is none. */
static const char *about_phases(const struct options *options)
{
    if (options->fail_task != 0)
        return "--fail";
    return options->is_stepped ? "--step" : NULL;
}

/* An option with which the thread could not watch the clock, NULL if there is none. */
static const char *against_spin(const struct options *options)
{
    if (options->is_virtual)
        return options->is_stepped ? "--step" : "--virtual";
    return options->is_fd ? "--timers=fd" : NULL;
}

/* A file that two views are to go into, NULL if there is none. */
static const char *shared_file(const struct options *options)
{
    for (enum view view = 0; view < VIEWS; view++)
        for (enum view other = 0; other < view; other++)
            if (options->views[view] != NULL && options->views[other] != NULL &&
                strcmp(options->views[view], options->views[other]) == 0)
                return options->views[view];
    return NULL;
}

/* What makes sense by itself may make none together. */
static int check_together(const struct options *options, const char *program)
{
    if (options->tasks > 0 && about_phases(options))
        return refuse(program, "it does not go together with --tasks:", about_phases(options));
    if (options->is_spun && against_spin(options))
        return refuse(program, "it does not go together with --spin:", against_spin(options));
    if (options->has_seed && options->tasks == 0)
        return refuse(program, "it goes only together with --tasks:", "--seed");
    if (shared_file(options))
        return refuse(program, "two views can not go into one file:", shared_file(options));
    return 0;
}

int options_parse(struct options *options, enum options_taker taker, int argc, char **argv)
{
    int option;

    *options = (struct options){.program = argv[0]};
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":" LETTERS, known_to(taker), NULL)) != -1) {
        const char *wrong = NULL;

        if (option == ':')
            return refuse(argv[0], "an argument is missing after", argv[optind - 1]);
        if (option == '?')
            return refuse_option(known_to(taker), argv);
        wrong = take(options, option, optarg);
        if (wrong != NULL)
            return refuse(argv[0], wrong, optarg);
    }
    if (optind < argc)
        return refuse(argv[0], "unexpected argument", argv[optind]);
    options->is_wheel = options->is_wheel || options->is_spun;
    return check_together(options, argv[0]);
}
