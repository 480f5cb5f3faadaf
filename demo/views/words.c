/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <inttypes.h>
#include <stdio.h>

#include "text.h"

void words_overdue(const struct model *model, const struct model_source *timer,
                   char text[WORDS_SIZE])
{
    char blame[WORDS_SIZE - 16];

    if (timer->polled == MODEL_NEVER) {
        snprintf(text, WORDS_SIZE, "overdue");
        return;
    }
    model_blame(model, timer, blame, sizeof blame);
    snprintf(text, WORDS_SIZE, "overdue: %s", blame);
}

void words_latest(const struct model *model, char text[WORDS_SIZE])
{
    const struct model_source *timer = model_latest(model);
    char blame[WORDS_SIZE / 3], name[WORDS_SIZE / 3];

    if (timer == NULL || timer->late.total_ns == 0) {
        snprintf(text, WORDS_SIZE, "latest: no timer %s",
                 timer == NULL ? "is in the trace" : "was late");
        return;
    }
    model_blame(model, timer, blame, sizeof blame);
    text_brief(name, sizeof name, model_sleeper_name(model, timer));
    snprintf(text, WORDS_SIZE, "latest: timer id %" PRIu32 " of %s, %.3f ms late: %s", timer->id,
             name, (double)timer->late.total_ns / 1e6, blame);
}

/* In us, rounded. */
static uint64_t us_of(uint64_t ns)
{
    return (ns + EDO_NS_PER_US / 2) / EDO_NS_PER_US;
}

/* Rounded is not each part but where it ends, so that they add up to the rounded whole. */
void words_parts(const struct model *model, char text[WORDS_SIZE])
{
    const struct model_source *timer = model_latest(model);
    uint64_t slept_us, held_us, total_us;

    text[0] = '\0';
    if (timer == NULL || timer->late.total_ns == 0)
        return;
    slept_us = us_of(timer->late.not_run_ns);
    held_us = us_of(timer->late.not_run_ns + timer->late.held_ns);
    total_us = us_of(timer->late.total_ns);
    snprintf(text, WORDS_SIZE,
             "= %.3f ms thread did not run + %.3f ms loop held + %.3f ms others first",
             (double)slept_us / 1e3, (double)(held_us - slept_us) / 1e3,
             (double)(total_us - held_us) / 1e3);
}

void words_faults(const struct crowd *crowd, char text[WORDS_SIZE])
{
    text[0] = '\0';
    if (crowd->timers == 0)
        return;
    if (crowd->late == 0)
        snprintf(text, WORDS_SIZE, "late by 1 ms or more: none of %zu timers", crowd->timers);
    else
        snprintf(text, WORDS_SIZE,
                 "late by 1 ms or more: %zu of %zu timers: the thread did not run %zu, the loop "
                 "was held %zu, others came first %zu",
                 crowd->late, crowd->timers, crowd->faults[MODEL_NOT_RUN],
                 crowd->faults[MODEL_HELD], crowd->faults[MODEL_OTHERS]);
}

void words_dropped(const struct model *model, char text[WORDS_SIZE])
{
    uint64_t dropped = edo_trace_dropped(model->trace);
    unsigned tasks = crowd_tasks(model);

    text[0] = '\0';
    if (dropped == 0)
        return;
    if (tasks < CROWD_FROM)
        snprintf(text, WORDS_SIZE, "the %" PRIu64 " oldest events were dropped", dropped);
    else
        snprintf(text, WORDS_SIZE,
                 "the %" PRIu64 " oldest events were dropped: this is about the last %u tasks",
                 dropped, tasks);
}
