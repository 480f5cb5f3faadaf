/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <errno.h>
#include <stdio.h>

#include "chrome.h"
#include "output.h"
#include "player/player.h"
#include "program.h"
#include "story.h"
#include "svg.h"

static void (*const write_view[VIEWS])(const struct edo_trace *, FILE *) = {
    [VIEW_CHROME] = chrome_write, [VIEW_HTML] = player_write,     [VIEW_STORY] = story_write,
    [VIEW_SVG] = svg_write,       [VIEW_TRACE] = edo_trace_write,
};

/* 0 or -errno. */
static int write_file(enum view view, const struct edo_trace *trace, const char *path)
{
    FILE *file = output_open(path);

    if (file == NULL)
        return -errno;
    write_view[view](trace, file);
    return output_close(file);
}

int files_write(const struct edo_trace *trace, const struct options *options, const char *program)
{
    int status = STATUS_OK;

    fflush(stdout); /* what was printed before stands before; end() in program.c says if it can't */
    for (enum view view = 0; view < VIEWS; view++) {
        const char *path = options->views[view];
        int error = path ? write_file(view, trace, path) : 0;

        if (error)
            status = program_complain(program, path, error);
    }
    return status;
}
