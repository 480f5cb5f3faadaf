/* SPDX-License-Identifier: MIT */
/* notice.h - a leaf future that is ready once another thread, or a signal handler, has posted.
 *
 *   EDO_START --> NOTIFIED_AWAITS_POST --edo_notice_post--> EDO_DONE
 *
 * remote.h has the notice itself and the contract of posting. Result: no value. -EBUSY: another one
 * waits for this notice. Memory: the caller's; it must not move until the end. */
#pragma once

#include "../kernel/remote.h" /* IWYU pragma: export */
#include "../task/future.h"

struct edo_notified {
    struct edo_future future;  /* to be awaited */
    struct edo_notice *notice; /* set by init */
};

/* Waits until the notice is posted. */
void edo_notified_init(struct edo_notified *notified, struct edo_notice *notice);
