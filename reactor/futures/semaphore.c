/* SPDX-License-Identifier: MIT */
#include "semaphore.h"

#include "../task/run.h"

void edo_semaphore_init(struct edo_semaphore *semaphore, size_t permits)
{
    semaphore->permits = permits;
    edo_list_init(&semaphore->waiting);
}

/* It holds after every step that while a permit is free, who is next has been woken. So a wake is
 * not lost with an acquire that was woken and then cancelled. */
static void wake_next_acquire(const struct edo_semaphore *semaphore)
{
    if (semaphore->permits == 0 || edo_list_is_empty(&semaphore->waiting))
        return;
    edo_wake_because(edo_container_of(semaphore->waiting.next, struct edo_acquire, link)->waker,
                     (struct edo_cause){.kind = EDO_CAUSE_NOTIFY});
}

void edo_semaphore_release(struct edo_semaphore *semaphore)
{
    semaphore->permits++;
    wake_next_acquire(semaphore);
}

bool edo_semaphore_try_acquire(struct edo_semaphore *semaphore)
{
    if (semaphore->permits == 0 || !edo_list_is_empty(&semaphore->waiting))
        return false;
    semaphore->permits--;
    return true;
}

enum acquire_state { ACQUIRE_START = EDO_START, ACQUIRE_AWAITS_PERMIT = EDO_FIRST_AWAIT };

static const char *const acquire_states[] = {"ACQUIRE_AWAITS_PERMIT"};

static enum edo_poll acquire_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_acquire *acquire = edo_container_of(self, struct edo_acquire, future);
    struct edo_semaphore *semaphore = acquire->semaphore;

    switch ((enum acquire_state)self->state) {
    case ACQUIRE_START:
        edo_list_append(&semaphore->waiting, &acquire->link);
        edo_future_goto(self, ACQUIRE_AWAITS_PERMIT);
        /* fall through */
    case ACQUIRE_AWAITS_PERMIT:
        acquire->waker = cx->waker;
        if (semaphore->permits == 0 || semaphore->waiting.next != &acquire->link)
            return EDO_PENDING;
        if (!edo_budget_take(cx))
            return EDO_PENDING;
        break;
    }
    semaphore->permits--;
    edo_list_remove(&acquire->link);
    wake_next_acquire(semaphore);
    return edo_future_done(self, NULL);
}

static enum edo_poll acquire_cancel(struct edo_future *self)
{
    struct edo_acquire *acquire = edo_container_of(self, struct edo_acquire, future);

    if (edo_list_is_empty(&acquire->link))
        return EDO_READY;
    edo_list_remove(&acquire->link);
    wake_next_acquire(acquire->semaphore);
    return EDO_READY;
}

static const struct edo_future_type acquire_type = {"acquire", acquire_poll,   acquire_cancel,
                                                    NULL,      acquire_states, NULL};

void edo_acquire_init(struct edo_acquire *acquire, struct edo_semaphore *semaphore)
{
    edo_future_init(&acquire->future, &acquire_type);
    acquire->semaphore = semaphore;
}
