/* SPDX-License-Identifier: MIT */
/* player.h - a run as a page in which it can be stepped: one file, for any browser, offline.
 *
 * The page is demo/player/player.html, with player.css, player.js and the run put in where it says
 * so. The run is JSON: the events of the trace, the sentences of the story, the picture, and the
 * sources in which a poll function of the run stands. */
#ifndef DEMO_PLAYER_H
#define DEMO_PLAYER_H

#include <stdio.h>

#include "edo.h"

/* Errors are the file's (ferror(3)). */
void player_write(const struct edo_trace *trace, FILE *file);

#endif
