/* SPDX-License-Identifier: MIT */
/* words.h - what the pictures say in words about timers that were late. */
#ifndef DEMO_WORDS_H
#define DEMO_WORDS_H

#include <stddef.h>

#include "crowd.h"
#include "model.h"

enum { WORDS_SIZE = 256 };

/* "overdue: blocker held the loop 130.0 ms"; "overdue", if nobody went on after it. */
void words_overdue(const struct model *model, const struct model_source *timer,
                   char text[WORDS_SIZE]);

/* "latest: timer id 3 of ticker, 130.000 ms late: blocker held the loop 130.0 ms" */
void words_latest(const struct model *model, char text[WORDS_SIZE]);

/* Of the same timer: "= 0.000 ms thread did not run + 130.000 ms loop held + ...", which add up as
 * they stand there. Empty if no timer was late. */
void words_parts(const struct model *model, char text[WORDS_SIZE]);

/* "late by 1 ms or more: 12 of 100 timers", and for how many of them whose fault it was. Empty
 * without timers. */
void words_faults(const struct crowd *crowd, char text[WORDS_SIZE]);

/* "the 350 oldest events were dropped", and of a crowd, how many tasks the picture is about. Empty
 * if none was. */
void words_dropped(const struct model *model, char text[WORDS_SIZE]);

#endif
