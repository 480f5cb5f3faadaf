/* SPDX-License-Identifier: MIT */
#include "player.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>

#include "../views/model.h"
#include "../views/story.h"
#include "../views/svg.h"
#include "../views/text.h"
#include "texts.h"

/* --- The run ---------------------------------------------------------------------------------- */

/* Counted from the first event, in ns; null for no time, and for never. */
static void write_time(const struct model *model, uint64_t t_ns, FILE *file)
{
    uint64_t first_ns = model->count > 0 ? edo_trace_at(model->trace, 0)->t_ns : 0;

    if (t_ns == EDO_NEVER)
        fputs("null", file);
    else
        fprintf(file, "%" PRId64, (int64_t)(t_ns - first_ns));
}

static bool has_time(const struct model *model, const struct edo_trace_event *event)
{
    const struct model_source *source = model_source(model, event->other);

    return (event->kind == EDO_TRACE_ARM || event->kind == EDO_TRACE_FIRE) && source != NULL &&
           source->is_timer;
}

/* The next in an array: a name as all pictures show it, without what would disturb the texts around
 * it. */
static void write_name(const char *text, FILE *file)
{
    fputc(',', file);
    if (text != NULL)
        text_put_json(text, text_next_shown, file);
    else
        fputs("null", file);
}

static void write_event(const struct model *model, const struct edo_trace_event *event, FILE *file)
{
    fputc('[', file);
    write_time(model, event->t_ns, file);
    fprintf(file, ",\"%s\",%" PRIu32 ",%" PRIu32 ",%d,", edo_trace_kind_name(event->kind),
            event->task, event->other, event->fd);
    if (has_time(model, event))
        write_time(model, event->arg, file);
    else
        fprintf(file, "%" PRIu64, event->arg);
    write_name(event->from, file);
    write_name(event->to, file);
    write_name(event->name, file);
    fputc(']', file);
}

static void write_events(const struct model *model, FILE *file)
{
    for (size_t i = 0; i < model->count; i++) {
        fputs(i == 0 ? "\n" : ",\n", file);
        write_event(model, edo_trace_at(model->trace, i), file);
    }
}

static void write_note(const struct model *model, const struct edo_trace_note *note, FILE *file)
{
    bool is_settime = strcmp(note->name, "timerfd_settime") == 0;
    bool is_time = strcmp(note->name, "wheel") == 0 || strcmp(note->name, "stays") == 0 ||
                   (is_settime && note->how == TFD_TIMER_ABSTIME);

    fprintf(file, "[%" PRId64 ",\"%s\",%d,%d,",
            (int64_t)(note->event - edo_trace_dropped(model->trace)), note->name, note->fd,
            note->how);
    if (is_settime && note->arg == 0)
        fputs("null", file);
    else if (is_time)
        write_time(model, note->arg, file);
    else
        fprintf(file, "%" PRIu64, note->arg);
    fprintf(file, ",%d]", note->result);
}

/* null where none were kept. */
static void write_notes(const struct model *model, FILE *file)
{
    if (model->trace->notes == NULL) {
        fputs("null", file);
        return;
    }
    fputc('[', file);
    for (size_t i = 0; i < edo_trace_note_count(model->trace); i++) {
        fputs(i == 0 ? "\n" : ",\n", file);
        write_note(model, edo_trace_note_at(model->trace, i), file);
    }
    fputc(']', file);
}

/* Whether the poll function of a future of the run stands there. */
static bool took_part(const struct model *model, const char *source)
{
    char name[128];

    for (uint32_t i = 0; i < model->future_count; i++) {
        if (model->futures[i].type == NULL)
            continue;
        snprintf(name, sizeof name, " %s_poll(", model->futures[i].type);
        if (strstr(source, name) != NULL)
            return true;
    }
    return false;
}

static void write_sources(const struct model *model, FILE *file)
{
    struct text source = {NULL, NULL};
    bool is_first = true;

    while (text_next_source(&source)) {
        if (!took_part(model, source.text))
            continue;
        fputs(is_first ? "\n" : ",\n", file);
        text_put_json(source.name, text_next, file);
        fputc(':', file);
        text_put_json(source.text, text_next, file);
        is_first = false;
    }
}

/* What another view writes, as a text; without comments at its beginning, which name the process.
 */
static void write_view(void (*view)(const struct edo_trace *trace, FILE *file),
                       const struct edo_trace *trace, FILE *file)
{
    char *text = NULL;
    const char *at;
    size_t size;
    FILE *memory = open_memstream(&text, &size);

    if (memory != NULL) {
        view(trace, memory);
        fclose(memory);
    }
    at = text;
    while (at != NULL && *at == '#')
        at = strchr(at, '\n') != NULL ? strchr(at, '\n') + 1 : NULL;
    text_put_json(at != NULL ? at : "", text_next, file);
    free(text);
}

static void write_run(const struct edo_trace *trace, FILE *file)
{
    struct model model;

    if (!model_open(&model, trace)) {
        fputs("null", file);
        return;
    }
    fprintf(file, "{\"version\":%d,\"first\":\"%" PRIu64 "\",\"program\":", EDO_TRACE_VERSION,
            model_time(&model, 0));
    text_put_json(program_invocation_short_name, text_next_shown, file);
    fprintf(file, ",\"isVirtual\":%s,\"dropped\":%" PRIu64 ",\n\"events\":[",
            trace->clock != NULL && trace->clock->is_virtual ? "true" : "false",
            edo_trace_dropped(trace));
    write_events(&model, file);
    fprintf(file, "],\n\"notesDropped\":%" PRIu64 ",\"notes\":", edo_trace_notes_dropped(trace));
    write_notes(&model, file);
    fputs(",\n\"sources\":{", file);
    write_sources(&model, file);
    fputs("},\n\"story\":", file);
    write_view(story_write_page, trace, file);
    fputs(",\n\"picture\":", file);
    write_view(svg_write, trace, file);
    fputs("}\n", file);
    model_close(&model);
}

/* --- The page --------------------------------------------------------------------------------- */

/* Where the page has a line with only "@name@", that is put in. */
void player_write(const struct edo_trace *trace, FILE *file)
{
    for (const char *line = text_of_page("player.html"); *line != '\0';) {
        size_t length = strcspn(line, "\n");

        if (strncmp(line, "@player.css@", length) == 0)
            fputs(text_of_page("player.css"), file);
        else if (strncmp(line, "@player.js@", length) == 0)
            fputs(text_of_page("player.js"), file);
        else if (strncmp(line, "@run@", length) == 0)
            write_run(trace, file);
        else
            fprintf(file, "%.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
}
