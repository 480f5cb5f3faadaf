/* timer_driver.h - how deadlines reach the kernel: what the reactor asks of a timer driver.
 *
 * A driver is a table of functions. What it must remember, it keeps in the sources it is given and
 * in `reactor->timer_state`, which belongs to whoever opened the reactor. A source of its own, for
 * an fd that all timers share, it registers under id 0.
 *
 * A deadline that has passed when it is armed does not come here, nor does EDO_NEVER: with these
 * the reactor deals itself. */
#ifndef EDO_TIMER_DRIVER_H
#define EDO_TIMER_DRIVER_H

#include "source.h"

struct edo_timer_driver {
    const char *name;

    /* Takes what all timers share. 0, or -errno with nothing left open. */
    int (*open)(struct edo_reactor *reactor);

    /* Disarms what is armed without a registration of its own (the reactor has those disarmed one
     * by one) and gives back what `open` took. */
    void (*close)(struct edo_reactor *reactor);

    /* Sees to it that `source` is reported at source->due_ns, and not before. That lies ahead of
     * `now_ns`, by the duration asked for where source->is_relative. 0, or -errno with nothing left
     * behind. On a virtual clock nothing may fire by itself. */
    int (*arm)(struct edo_source *source, uint64_t now_ns);
    void (*disarm)(struct edo_source *source);

    /* Disarms, and arms for `due_ns`. False: as far as the driver knows, that has passed; then it
     * has only disarmed. NULL: there is no quicker way than both in turn. */
    bool (*move)(struct edo_source *source, uint64_t due_ns);

    /* epoll says that `source`, registered by this driver, can be read. If it has expired, hands it
     * to edo_reactor_make_due; else it is a false alarm. NULL: that epoll says so ends a sleep, and
     * is good for nothing else. */
    void (*collect)(struct edo_source *source);

    /* For a driver that keeps the deadlines itself; else this and `prepare` are NULL. Hands all
     * that is due by `now_ns` to edo_reactor_make_due; called at each look on the real clock. */
    void (*expire)(struct edo_reactor *reactor, uint64_t now_ns);

    /* Nothing is due at `now_ns`, and the thread is about to sleep: sees to it that epoll ends that
     * when the first timer is due. If it can't, that timer is due now, with the error; -errno if
     * there is none to have it. */
    int (*prepare)(struct edo_reactor *reactor, uint64_t now_ns);

    /* Virtual clock: the armed timer that is due first, NULL if there is none. Equal deadlines come
     * in the order in which they were armed. */
    struct edo_source *(*earliest)(struct edo_reactor *reactor);

    /* Virtual clock: the deadline of `source` has come. Makes it due, or has the kernel report it
     * at once. */
    void (*ring)(struct edo_source *source);
};

/* One timerfd per timer. Every sleep can be seen: created, armed, watched, read, closed. Its limit
 * is the number of fds: EMFILE is that one timer's error. It keeps nothing in timer_state. */
extern const struct edo_timer_driver edo_timer_fd;

#endif
