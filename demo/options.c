#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "errno_name.h"

enum {
    OPTION_CHROME = 256,
    OPTION_FAIL,
    OPTION_HELP,
    OPTION_NO_TIMELINE,
    OPTION_QUIET,
    OPTION_STEP,
    OPTION_SVG,
    OPTION_TRACE,
    OPTION_VERSION,
    OPTION_VIRTUAL
};

static const struct option known[] = {
    {"chrome", required_argument, NULL, OPTION_CHROME},
    {"fail", required_argument, NULL, OPTION_FAIL},
    {"help", no_argument, NULL, OPTION_HELP},
    {"no-timeline", no_argument, NULL, OPTION_NO_TIMELINE},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"step", no_argument, NULL, OPTION_STEP},
    {"svg", required_argument, NULL, OPTION_SVG},
    {"trace", required_argument, NULL, OPTION_TRACE},
    {"version", no_argument, NULL, OPTION_VERSION},
    {"virtual", no_argument, NULL, OPTION_VIRTUAL},
    {0},
};

void options_print_help(const char *program)
{
    printf("Usage: %s [OPTION]...\n"
           "What happens under .await: three phases of sleeps on a hand-written reactor.\n"
           "\n"
           "  --chrome FILE        write the trace to FILE for Perfetto or speedscope\n"
           "  --fail TASK[:ERRNO]  task 1, 2 or 3 fails half-way, with EIO or the errno\n"
           "                       named, as in --fail 2:ETIMEDOUT; the others go on\n"
           "  --no-timeline        leave out the timeline at the end\n"
           "  --quiet              print only the table at the end\n"
           "  --step               ask before each turn of the loop, on the virtual clock\n"
           "  --svg FILE           draw the timeline into FILE\n"
           "  --trace FILE         write what the runtime did to FILE, as tab-separated values\n"
           "  --virtual            run on the virtual clock: nobody waits, and every run\n"
           "                       prints the same\n"
           "  --help               print this and exit\n"
           "  --version            print the version and exit\n"
           "\n"
           "Exit status: 0 if all went well or failed as told, 1 if something else failed,\n"
           "2 for a command line that makes no sense.\n",
           program);
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

static int refuse(const char *program, const char *what, const char *about)
{
    fprintf(stderr, "%s: %s '%s'\nTry '%s --help'.\n", program, what, about, program);
    return -EINVAL;
}

/* NULL, or what is wrong with the argument. */
static const char *take(struct options *options, int option, const char *argument)
{
    switch (option) {
    case OPTION_CHROME:
        options->chrome = argument;
        break;
    case OPTION_FAIL:
        if (parse_fail(options, argument) < 0)
            return "--fail wants a task from 1 to 3, and after a colon an errno by name, not";
        break;
    case OPTION_HELP:
        options->wants_help = true;
        break;
    case OPTION_NO_TIMELINE:
        options->no_timeline = true;
        break;
    case OPTION_QUIET:
        options->is_quiet = true;
        break;
    case OPTION_STEP:
        options->is_stepped = options->is_virtual = true;
        break;
    case OPTION_SVG:
        options->svg = argument;
        break;
    case OPTION_TRACE:
        options->trace = argument;
        break;
    case OPTION_VERSION:
        options->wants_version = true;
        break;
    case OPTION_VIRTUAL:
        options->is_virtual = true;
        break;
    }
    return NULL;
}

int options_parse(struct options *options, int argc, char **argv)
{
    int option;

    *options = (struct options){0};
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":", known, NULL)) != -1) {
        const char *wrong = NULL;

        if (option == ':')
            return refuse(argv[0], "an argument is missing after", argv[optind - 1]);
        if (option == '?')
            return refuse(argv[0], "unknown option", argv[optind - 1]);
        wrong = take(options, option, optarg);
        if (wrong != NULL)
            return refuse(argv[0], wrong, optarg);
    }
    if (optind < argc)
        return refuse(argv[0], "unexpected argument", argv[optind]);
    return 0;
}
