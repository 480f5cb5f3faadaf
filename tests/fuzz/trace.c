/* SPDX-License-Identifier: MIT */
/* trace.c - a ring of records, whatever they say, through the one reader of traces and all views of
 * it: each ends, and what it writes is well formed.
 *
 * The kinds are those there are, and the texts are there that a kind of event always has. Those of
 * the runtime's own, causes and outcomes, are some of these (reactor/base/trace.h), and time does
 * not go back: else the model refuses the trace. All that a program chooses is any, and so are
 * numbers and deadlines. Whether JSON and SVG are well formed say jansson and expat, in a fuzzer
 * (WELL_FORMED). */
#include <stdbool.h>
#include <string.h>

#ifdef WELL_FORMED
#include <expat.h>
#include <jansson.h>
#endif

#include "bytes.h"
#include "edo.h"
#include "player/player.h"
#include "targets.h"
#include "views/chrome.h"
#include "views/model.h"
#include "views/story.h"
#include "views/svg.h"
#include "views/timeline.h"

enum { EVENTS_MAX = 256, NOTES_MAX = 16, TEXTS_MAX = 8192, TEXT_MAX = 63 };

static struct {
    struct edo_clock clock;
    struct edo_trace trace;
    struct edo_trace_event events[EVENTS_MAX];
    struct edo_trace_note notes[NOTES_MAX];
    char texts[TEXTS_MAX];
    size_t used;
    uint32_t tasks, numbers; /* the least of them */
    uint64_t now_ns;
} made;

/* --- Records ---------------------------------------------------------------------------------- */

/* The name of a task, a future, a state, a phase: whoever writes the program chooses it. */
static const char *take_text(struct bytes *bytes)
{
    static const char *const known[] = {"async_main", "sleep",         "join_tasks", "EDO_START",
                                        "EDO_DONE",   "EDO_CANCELLED", "AWAITS_ONE", ""};
    uint8_t which = take_byte(bytes);
    char *text = made.texts + made.used;
    size_t length = which & TEXT_MAX;

    if (which < 128 || made.used + TEXT_MAX >= TEXTS_MAX)
        return known[which % (sizeof known / sizeof known[0])];
    for (size_t i = 0; i < length; i++)
        text[i] = (char)take_byte(bytes);
    text[length] = '\0';
    made.used += length + 1;
    return text;
}

/* Few, so that they meet, and near to each other, as those of a run are; 0 is nobody. */
static uint32_t take_id(struct bytes *bytes, uint32_t least)
{
    uint8_t id = take_byte(bytes) % 16;

    return id == 0 ? 0 : least + id;
}

static uint64_t take_time(struct bytes *bytes)
{
    unsigned kind = take_byte(bytes), amount = take_byte(bytes);

    switch (kind % 8) {
    case 0:
    case 1:
    case 2:
        return made.now_ns;
    case 3:
        return edo_time_add(made.now_ns, amount);
    case 4:
        return edo_time_add(made.now_ns, EDO_US(amount));
    case 5:
    case 6:
        return edo_time_add(made.now_ns, EDO_MS(amount));
    default:
        return take_number(bytes);
    }
}

static uint64_t take_arg(struct bytes *bytes)
{
    uint8_t kind = take_byte(bytes);

    return kind % 4 == 0 ? take_time(bytes) : take_id(bytes, made.numbers);
}

/* One of the runtime's own, in a list that NULL ends. */
static const char *take_one(struct bytes *bytes, const char *const *list)
{
    size_t count = 0;

    while (list[count] != NULL)
        count++;
    return list[take_byte(bytes) % count];
}

static const char *take_from(struct bytes *bytes, enum edo_trace_kind kind)
{
    static const char *const causes[] = {"program", "timer", "fd",   "task",   "channel", "group",
                                         "cancel",  "yield", "peer", "thread", NULL};

    if (kind == EDO_TRACE_WAKE)
        return take_one(bytes, causes);
    return kind == EDO_TRACE_STATE ? take_text(bytes) : NULL;
}

static const char *take_to(struct bytes *bytes, enum edo_trace_kind kind)
{
    static const char *const polls[] = {"PENDING", "READY", NULL};
    static const char *const ends[] = {"EDO_DONE", "EDO_FAILED", "EDO_CANCELLED", NULL};

    if (kind == EDO_TRACE_POLL_END)
        return take_one(bytes, polls);
    if (kind == EDO_TRACE_DONE)
        return take_one(bytes, ends);
    if (kind == EDO_TRACE_WAKE && take_byte(bytes) % 4 == 0)
        return "again";
    return kind == EDO_TRACE_STATE ? take_text(bytes) : NULL;
}

static const char *take_name(struct bytes *bytes, enum edo_trace_kind kind)
{
    bool has_name = kind == EDO_TRACE_SPAWN || kind == EDO_TRACE_STATE || kind == EDO_TRACE_NAME ||
                    kind == EDO_TRACE_PHASE;

    return has_name || take_byte(bytes) % 2 ? take_text(bytes) : NULL;
}

static void make_event(struct bytes *bytes)
{
    struct edo_trace_event *event = &made.events[made.trace.recorded++ % made.trace.capacity];
    enum edo_trace_kind kind = take_byte(bytes) % (EDO_TRACE_LOST + 1);
    uint64_t t_ns = take_time(bytes);

    if (made.now_ns < t_ns)
        made.now_ns = t_ns;
    *event = (struct edo_trace_event){.t_ns = made.now_ns, .kind = kind, .fd = -1};
    event->task = take_id(bytes, made.tasks);
    event->other = take_id(bytes, made.numbers);
    event->arg = kind == EDO_TRACE_WAKE ? take_id(bytes, made.numbers) : take_arg(bytes);
    event->name = take_name(bytes, kind);
    event->from = take_from(bytes, kind);
    event->to = take_to(bytes, kind);
    if (kind == EDO_TRACE_ARM || kind == EDO_TRACE_LOST)
        event->fd = take_byte(bytes);
}

static void make_note(struct bytes *bytes)
{
    static const char *const names[] = {"wheel", "stays",     "timerfd_settime", "epoll_wait",
                                        "read",  "epoll_ctl", "close",           NULL};

    made.notes[made.trace.noted++ % made.trace.note_capacity] =
        (struct edo_trace_note){.event = take_arg(bytes),
                                .arg = take_arg(bytes),
                                .name = take_one(bytes, names),
                                .fd = take_byte(bytes),
                                .how = take_byte(bytes),
                                .result = (int)take_arg(bytes)};
}

static void make_trace(struct bytes *bytes)
{
    made.clock = (struct edo_clock){.is_virtual = take_byte(bytes) % 2};
    made.used = 0;
    made.now_ns = 0;
    edo_trace_init(&made.trace, made.events, 1 + take_byte(bytes));
    edo_trace_keep_notes(&made.trace, made.notes, 1 + take_byte(bytes) % NOTES_MAX);
    made.trace.clock = &made.clock;
    made.tasks =
        take_byte(bytes) % 2 ? UINT32_MAX - 15 : 0; /* so that the last is the last of all */
    made.numbers = take_byte(bytes) % 2 ? UINT32_MAX - 15 : 0;
    while (bytes->left > 0)
        if (take_byte(bytes) % 16 == 0)
            make_note(bytes);
        else
            make_event(bytes);
}

/* --- Views ------------------------------------------------------------------------------------ */

static void check_lines(const char *text, size_t size)
{
    size_t tabs = 0;

    HOLDS(size > 0 && text[size - 1] == '\n');
    for (size_t i = 0; i < size; i++) {
        HOLDS(text[i] == '\t' || text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'));
        tabs += text[i] == '\t';
    }
    HOLDS(tabs == 9 * (edo_trace_count(&made.trace) + 1));
}

/* Every line begins with numbers, or goes on with the one above. */
static void check_story(const char *text, size_t size)
{
    for (const char *line = text; line < text + size;) {
        const char *end = memchr(line, '\n', (size_t)(text + size - line));

        HOLDS(end != NULL);
        HOLDS(line == text ? *line == '#' : (*line >= '0' && *line <= '9') || *line == '\t');
        line = end + 1;
    }
}

#ifdef WELL_FORMED
static void check_json(const char *text, size_t size)
{
    json_error_t error;
    json_t *json = json_loadb(text, size, JSON_DECODE_INT_AS_REAL | JSON_REJECT_DUPLICATES, &error);

    if (json == NULL)
        fprintf(stderr, "JSON, byte %d: %s\n", error.position, error.text);
    HOLDS(json != NULL);
    json_decref(json);
}

static void check_xml(const char *text, size_t size)
{
    XML_Parser parser = XML_ParserCreate("UTF-8");
    enum XML_Status status = XML_Parse(parser, text, (int)size, 1);

    if (status != XML_STATUS_OK)
        fprintf(stderr, "XML, byte %ld: %s\n", XML_GetCurrentByteIndex(parser),
                XML_ErrorString(XML_GetErrorCode(parser)));
    HOLDS(status == XML_STATUS_OK);
    XML_ParserFree(parser);
}
#else
static void check_json(const char *text, size_t size)
{
    HOLDS(size > 0 && (*text == '{' || *text == '['));
}

static void check_xml(const char *text, size_t size)
{
    HOLDS(size > 0 && *text == '<');
}
#endif

/* The run in it is JSON, and does not end the script in which it stands. */
static void check_page(const char *text, size_t size)
{
    static const char begin[] = "class=\"run\">\n", end[] = "</script";
    const char *run = memmem(text, size, begin, strlen(begin));
    const char *after;

    HOLDS(run != NULL);
    run += strlen(begin);
    after = memmem(run, size - (size_t)(run - text), end, strlen(end));
    HOLDS(after != NULL);
    check_json(run, (size_t)(after - run));
}

static void check_view(void (*write)(const struct edo_trace *trace, FILE *file),
                       void (*check)(const char *text, size_t size))
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    HOLDS(file != NULL);
    write(&made.trace, file);
    HOLDS(!ferror(file) && fclose(file) == 0);
    check(text, size);
    free(text);
}

/* It prints to standard output. */
static void write_timeline(const struct edo_trace *trace, FILE *file)
{
    FILE *before = stdout;

    stdout = file;
    timeline_print(trace);
    stdout = before;
}

static void check_nothing(const char *text, size_t size)
{
    HOLDS(text != NULL || size == 0);
}

/* Forwards and backwards. */
static void walk(struct bytes *bytes)
{
    struct model model;

    if (!model_open(&model, &made.trace))
        return;
    for (int i = 0; i < 8; i++) {
        model_seek(&model, take_byte(bytes) % (model.count + 2));
        HOLDS(model.step <= model.count);
    }
    model_latest(&model);
    model_close(&model);
}

/* The first byte says whether the page is made as well, which takes as long as all the rest. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size}, steps = {data, size};
    bool has_page = take_byte(&bytes) % 16 == 0;

    make_trace(&bytes);
    if (made.trace.recorded == 0)
        return 0;
    walk(&steps);
    check_view(edo_trace_write, check_lines);
    check_view(story_write, check_story);
    check_view(story_write_page, check_nothing);
    check_view(chrome_write, check_json);
    check_view(svg_write, check_xml);
    check_view(write_timeline, check_nothing);
    if (has_page)
        check_view(player_write, check_page);
    return 0;
}
