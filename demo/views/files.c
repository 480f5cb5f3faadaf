/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chrome.h"
#include "player/player.h"
#include "program.h"
#include "story.h"
#include "svg.h"

static void (*const write_view[VIEWS])(const struct edo_trace *, FILE *) = {
    [VIEW_CHROME] = chrome_write, [VIEW_HTML] = player_write,     [VIEW_STORY] = story_write,
    [VIEW_SVG] = svg_write,       [VIEW_TRACE] = edo_trace_write,
};

static bool is_same_file(int fd, const char *path)
{
    struct stat one, other;

    return fstat(fd, &one) == 0 && stat(path, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/* What standard output or error goes into already (/dev/stdout, or the name after a shell's ">") is
 * not opened again. That would truncate it, and with a place of its own in the file each of the two
 * would write over what the other wrote; a duplicate shares the place (dup(2)). */
static FILE *open_view(const char *path)
{
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        if (is_same_file(fd, path)) {
            int duplicate = dup(fd);

            return duplicate < 0 ? NULL : fdopen(duplicate, "w");
        }
    return fopen(path, "w");
}

/* 0 or -errno. */
static int write_file(enum view view, const struct edo_trace *trace, const char *path)
{
    FILE *file = open_view(path);
    int error;

    if (file == NULL)
        return -errno;
    write_view[view](trace, file);
    error = fflush(file) != 0 ? -errno : ferror(file) ? -EIO : 0;
    if (fclose(file) != 0 && !error)
        error = -errno;
    return error;
}

int files_write(const struct edo_trace *trace, const struct options *options, const char *program)
{
    int status = STATUS_OK;

    fflush(stdout); /* what was printed before stands before; program_end says if it can't */
    for (enum view view = 0; view < VIEWS; view++) {
        const char *path = options->views[view];
        int error = path ? write_file(view, trace, path) : 0;

        if (error)
            status = program_complain(program, path, error);
    }
    return status;
}
