/* SPDX-License-Identifier: MIT */
/* operation.h - what all futures on a registered fd have in common. Not for users: edo.h does not
 * include it.
 *
 *   EDO_START --> OPERATION_AWAITS_READY --its call has given all that was asked for--> EDO_DONE
 *                         |
 *                         +--its call failed--> EDO_FAILED, with the errno
 */
#pragma once

#include "io.h"

enum { EDO_PAUSE_NS = 10000000 };

/* What a try of an operation has come to. */
enum edo_attempt {
    EDO_ATTEMPT_AGAIN, /* there is more to do: at once if io->is_ready, else after the next event */
    EDO_ATTEMPT_LATER, /* this process lacks what `error` says: again after a pause */
    EDO_ATTEMPT_DONE,
    EDO_ATTEMPT_FAILED, /* `error` says why */
};

/* Makes the system call of an operation, once. */
typedef enum edo_attempt edo_try(struct edo_operation *operation, int *error);

/* The poll of an operation: tries, and waits where there is nothing more for now. `value` is what
 * it ends with. */
enum edo_poll edo_operation_poll(struct edo_operation *operation, struct edo_context *cx,
                                 enum edo_direction direction, edo_try *attempt, void *value);

/* The cancel of all operations. */
enum edo_poll edo_operation_cancel(struct edo_future *self);

/* For a system call that has failed with errno: AGAIN after EINTR and EAGAIN, else FAILED. */
enum edo_attempt edo_attempt_failed(struct edo_io *io, enum edo_direction direction, int *error);

/* For one that has moved `moved` of `asked` bytes. */
void edo_note_moved(struct edo_io *io, enum edo_direction direction, size_t moved, size_t asked);

extern const char *const edo_operation_states[];
extern const struct edo_part edo_read_parts[], edo_write_parts[];
