/* SPDX-License-Identifier: MIT */
#include "recording.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "program.h"
#include "views/files.h"
#include "views/model.h"
#include "views/timeline.h"

enum {
    EVENTS_A_TASK = 16, /* it makes 13, and some ends wake the task that joins them */
    MORE_EVENTS = 64,
    MOST_EVENTS = 1 << 21, /* of some 150,000 tasks */
    EVENT_IN_MODEL = 48    /* bytes, at most */
};

static bool is_wanted(const struct options *options)
{
    bool is_wanted = !options->no_timeline && !options->is_quiet;

    for (enum view view = 0; view < VIEWS; view++)
        is_wanted = is_wanted || options->views[view] != NULL;
    return is_wanted;
}

/* With what the model takes, which has two futures and a timer for each task. */
static uint64_t bytes_of(size_t events, size_t tasks)
{
    return (uint64_t)events * (sizeof(struct edo_trace_event) + EVENT_IN_MODEL) +
           (uint64_t)tasks * (sizeof(struct model_task) + 2 * sizeof(struct model_future) +
                              sizeof(struct model_source));
}

/* The page of --html shows the system calls, too. */
static void keep(struct recording *recording, const struct options *options, size_t events)
{
    edo_trace_init(&recording->trace, recording->events, events);
    if (options->views[VIEW_HTML] != NULL)
        recording->notes = malloc(events * sizeof *recording->notes);
    if (recording->notes != NULL)
        edo_trace_keep_notes(&recording->trace, recording->notes, events);
}

void recording_open(struct recording *recording, const struct options *options, const char *program)
{
    size_t events = (size_t)options->tasks * EVENTS_A_TASK + MORE_EVENTS;

    *recording = (struct recording){.events = NULL};
    if (!is_wanted(options))
        return;
    if (events > MOST_EVENTS)
        events = MOST_EVENTS;
    if (bytes_of(events, options->tasks) <= memory_available(""))
        recording->events = malloc(events * sizeof *recording->events);
    if (recording->events != NULL)
        keep(recording, options, events);
    else
        fprintf(stderr, "%s: no memory for a trace of %u tasks: they run without a picture\n",
                program, options->tasks);
}

void recording_close(struct recording *recording)
{
    free(recording->events);
    free(recording->notes);
    recording->notes = NULL;
    recording->events = NULL;
}

struct edo_trace *recording_trace(struct recording *recording)
{
    return recording->events != NULL ? &recording->trace : NULL;
}

static bool wants_files(const struct options *options)
{
    for (enum view view = 0; view < VIEWS; view++)
        if (options->views[view] != NULL)
            return true;
    return false;
}

bool recording_has_files(const struct recording *recording, const struct options *options)
{
    return recording->events != NULL && wants_files(options);
}

int recording_show(const struct recording *recording, const struct options *options,
                   const char *program)
{
    if (recording->events == NULL)
        return wants_files(options) ? STATUS_FAILED : STATUS_OK;
    if (!options->is_quiet && !options->no_timeline) {
        putchar('\n');
        timeline_print(&recording->trace);
    }
    return files_write(&recording->trace, options, program);
}
