/* SPDX-License-Identifier: MIT */
/* notify.h - wakes tasks that wait for something to change: one of them, or all.
 *
 *   EDO_START --> NOTIFY_AWAITS --edo_notify_one, edo_notify_all--> EDO_DONE
 *
 * edo_notify_one where nobody waits is remembered, once: who waits next goes on at once, or in its
 * next poll (EDO_BUDGET, executor.h). So the
 * order of notifying and waiting does not matter. edo_notify_all is for those that wait by then,
 * and is not remembered. A wait that is cancelled after it was notified alone, but before it went
 * on, passes that on to the next. (The words and the rules are those of Tokio's Notify.)
 *
 * Between tasks of one runtime; from another thread, edo_notice_post. Memory: the caller's. The
 * notify must stay while somebody waits. */
#pragma once

#include "../base/list.h"
#include "../task/future.h"

struct edo_notify {
    struct edo_list waiting; /* the longest waiting first */
    bool is_remembered;      /* one was notified, and nobody waited */
};

/* Nobody waits, and nothing is remembered. */
void edo_notify_init(struct edo_notify *notify);

/* Wakes the one that has waited longest, or is remembered. */
void edo_notify_one(struct edo_notify *notify);

/* Wakes all that wait. */
void edo_notify_all(struct edo_notify *notify);

struct edo_notify_wait {
    struct edo_future future;  /* to be awaited */
    struct edo_notify *notify; /* set by init */
    struct edo_list link;      /* in `waiting` until it is notified */
    struct edo_waker waker;    /* of who polls the future */
    bool was_alone;            /* by edo_notify_one */
};

/* Waits until it is notified. Result: no value; it can't fail. */
void edo_notify_wait_init(struct edo_notify_wait *wait, struct edo_notify *notify);
