/* SPDX-License-Identifier: MIT */
/* options.h - what the command line asks the demo, or a lesson, for. */
#ifndef DEMO_OPTIONS_H
#define DEMO_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum { OPTIONS_MOST_TASKS = 10000000 };

/* That go into files. */
enum view { VIEW_CHROME, VIEW_HTML, VIEW_STORY, VIEW_SVG, VIEW_TRACE, VIEWS };

/* Whose command line it is. A lesson takes neither --fail nor --tasks nor --seed. */
enum options_taker { OPTIONS_OF_DEMO, OPTIONS_OF_LESSON };

struct options {
    const char *program;      /* argv[0] */
    bool is_quiet;            /* --quiet */
    bool no_timeline;         /* --no-timeline */
    bool is_virtual;          /* --virtual, and with --step */
    bool is_stepped;          /* --step */
    const char *views[VIEWS]; /* --chrome, --html, ...: the file, or NULL */
    bool is_wheel;            /* --timers: wheel, not fd; and with --spin */
    bool is_fd;               /* --timers: fd, and not because that is the default */
    bool is_spun;             /* --spin */
    unsigned tasks;           /* --tasks: how many, 0: the three phases */
    bool has_seed;            /* --seed */
    uint64_t seed;            /* --seed: of their delays */
    unsigned fail_task;       /* --fail: 1..3, 0 for none */
    int fail_error;           /* --fail: -errno */
    bool wants_help;          /* -h, --help */
    bool wants_version;       /* -V, --version */
};

/* 0; or -EINVAL, with one line on stderr that says what is wrong and one that hints at --help. */
int options_parse(struct options *options, enum options_taker taker, int argc, char **argv);

/* `about`, in a line, is what the program does. */
void options_print_help(const char *program, enum options_taker taker, const char *about);

#endif
