/* SPDX-License-Identifier: MIT */
/* output.h - a file that is there as a whole, or as it was before.
 *
 *   open --> written beside its place --close--> renamed to its place
 *                    |                    |
 *                    +---- abandon -------+-- an error --> removed
 *
 * Through a symbolic link the file it leads to is replaced, and the link stays; of several hard
 * links only the one that was named. A device, a fifo, what standard output or error goes into, and
 * a file in a folder where none can be made are written to as they are. One at a time. */
#ifndef DEMO_OUTPUT_H
#define DEMO_OUTPUT_H

#include <stdio.h>

/* NULL, and errno, if it can't be written. */
FILE *output_open(const char *path);

/* 0, or -errno if not all of it could be written; then it is as it was before. */
int output_close(FILE *file);

/* Removes what is written in part, if anything is. For the handler of a signal that ends the
 * program. */
void output_abandon(void);

#endif
