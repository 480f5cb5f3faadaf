/* waker.h - the callback "poll me again": a function and its data, passed by value.
 *
 * A waker is how the two halves of the runtime meet. Whoever waits leaves one with whoever will
 * know; calling it puts a task back in the ready queue. It never polls anything itself.
 *
 * It may be called never, once or often, inside the poll that left it or any time after. A call too
 * many costs one poll that answers PENDING. What `data` points to must live for as long as somebody
 * may call. Not for other threads and not for signal handlers. */
#ifndef EDO_WAKER_H
#define EDO_WAKER_H

#include <stddef.h>

struct edo_waker {
    void (*wake)(void *data); /* NULL: nobody waits */
    void *data;
};

static inline void edo_wake(struct edo_waker waker)
{
    if (waker.wake != NULL)
        waker.wake(waker.data);
}

#endif
