/* SPDX-License-Identifier: MIT */
/* story.h - a trace as sentences of cause: what came due and how late, whom that woke, through
 * which states the poll went, what it armed, spawned, cancelled, and whom it woke.
 *
 *   id 2 came due, 0.1 ms late -> wakes async_task(1)
 *     -> polled: TASK_AWAITS_SLEEP -> EDO_DONE -> wakes async_main
 *
 * A sentence is about one task in one poll, or what the program does outside of all polls. "id 2
 * came due ... -> wakes X -> polled" is the timer, the wake and the poll in one; of another cause
 * the wake is told where it happened, and the poll by itself: "X polled: ...". Where something came
 * between, the same poll "goes on". "still X_AWAITS_Y": the poll changed nothing.
 *
 * Of a future of its own name the states are told with that name, of the task's own future without
 * a name, of others with their type. What a sleep does is told by the id of its timer. */
#ifndef DEMO_STORY_H
#define DEMO_STORY_H

#include <stddef.h>
#include <stdio.h>

#include "edo.h"
#include "model.h"

enum story_form {
    /* Before each sentence: the numbers of the first and the last event that it is about, as in the
     * column `seq` of the trace, a tab, and when. A longer one goes on in lines that begin with a
     * tab. What a system call parts from what was told before (another timer was armed) begins a
     * line with numbers of its own, but without a time. */
    STORY_OF_RUN,
    /* Indented, and without numbers and times. */
    STORY_OF_TURN,
    /* Before each sentence a line with its numbers, as above. Then a line for each of its clauses:
     * the number of the event that it tells, a tab, and the words. */
    STORY_OF_PAGE,
};

/* Tells the steps from `from` on and before `to`; nothing if there is no memory for it. */
void story_tell(const struct model *model, size_t from, size_t to, enum story_form form,
                FILE *file);

/* The whole trace, STORY_OF_PAGE; nothing if there is no memory for it. */
void story_write_page(const struct edo_trace *trace, FILE *file);

/* The whole trace, STORY_OF_RUN, below a line of comment with the version of that form. */
void story_write(const struct edo_trace *trace, FILE *file);

#endif
