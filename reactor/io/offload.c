/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L /* pthread_sigmask */

#include "offload.h"

#include <signal.h>
#include <string.h>

#include "../kernel/timer_driver.h"

static struct edo_slot *pool_slot(struct edo_list *link)
{
    return edo_container_of(link, struct edo_slot, link);
}

/* --- On the pool's threads -------------------------------------------------------------------- */

/* The next call, NULL: the pool closes. With the lock held, which it gives up while it waits. */
static struct edo_slot *next_call(struct edo_pool *pool)
{
    struct edo_slot *slot;

    while (edo_list_is_empty(&pool->queue) && !pool->is_closing)
        pthread_cond_wait(&pool->work, &pool->lock);
    if (pool->is_closing)
        return NULL;
    slot = pool_slot(pool->queue.next);
    edo_list_remove(&slot->link);
    slot->state = EDO_SLOT_RUNNING;
    return slot;
}

static void *pool_thread(void *data)
{
    struct edo_pool *pool = data;
    struct edo_slot *slot;

    pthread_mutex_lock(&pool->lock);
    while ((slot = next_call(pool)) != NULL) {
        pthread_mutex_unlock(&pool->lock);
        slot->error = slot->call(slot->request);
        pthread_mutex_lock(&pool->lock);
        slot->state = EDO_SLOT_ENDED;
        edo_notice_post(&slot->done);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* --- On the runtime's thread: slots ----------------------------------------------------------- */

static void use_slot(struct edo_pool *pool, struct edo_slot *slot, int (*call)(void *request))
{
    pool->used++;
    pool->remote->reactor->outside++;
    edo_notice_init(&slot->done, pool->remote);
    slot->call = call;
    pthread_mutex_lock(&pool->lock);
    slot->state = EDO_SLOT_QUEUED;
    edo_list_append(&pool->queue, &slot->link);
    pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->lock);
}

static void wake_for_slot(const struct edo_list *link)
{
    edo_wake_because(edo_container_of(link, struct edo_offload, link)->waker,
                     (struct edo_cause){.kind = EDO_CAUSE_NOTIFY});
}

/* To who waits for a slot the longest. Whoever it woke may have been cancelled since, or have found
 * another one free; so it is offered again after each of these. */
static void offer_slot(struct edo_pool *pool)
{
    if (!edo_list_is_empty(&pool->free) && !edo_list_is_empty(&pool->waiting))
        wake_for_slot(pool->waiting.next);
}

static void free_slot(struct edo_slot *slot)
{
    struct edo_pool *pool = slot->pool;

    pool->used--;
    pool->remote->reactor->outside--;
    slot->state = EDO_SLOT_FREE;
    edo_list_append(&pool->free, &slot->link);
    offer_slot(pool);
}

/* Takes a call back that has not begun. */
static bool has_dropped(struct edo_slot *slot)
{
    bool is_queued;

    pthread_mutex_lock(&slot->pool->lock);
    is_queued = slot->state == EDO_SLOT_QUEUED;
    if (is_queued)
        edo_list_remove(&slot->link);
    pthread_mutex_unlock(&slot->pool->lock);
    return is_queued;
}

/* A call that nobody waits for any more has ended. */
static void abandoned_has_ended(void *data, struct edo_cause cause)
{
    (void)cause;
    free_slot(data);
}

static void abandon(struct edo_slot *slot)
{
    struct edo_waker waker = {abandoned_has_ended, slot};

    if (slot->done.has_come || has_dropped(slot) ||
        edo_reactor_wait(slot->pool->remote->reactor, &slot->done.wait,
                         slot->pool->remote->event.fd, waker) < 0)
        free_slot(slot);
}

/* --- The future ------------------------------------------------------------------------------- */

/* async fn offload(call, request) {
 *     let slot = pool.free_slot().await;
 *     slot.request = request;
 *     let result = spawn_on_thread(|| call(slot.request)).await;
 *     request = slot.request;
 *     result
 * } */

enum offload_state {
    OFFLOAD_START = EDO_START,
    OFFLOAD_AWAITS_SLOT = EDO_FIRST_AWAIT,
    OFFLOAD_AWAITS_CALL,
};

static const char *const offload_states[] = {"OFFLOAD_AWAITS_SLOT", "OFFLOAD_AWAITS_CALL"};

/* Whether it has got a slot, and the call is queued. */
static bool has_begun(struct edo_offload *offload)
{
    struct edo_pool *pool = offload->pool;
    struct edo_slot *slot;

    if (edo_list_is_empty(&pool->free))
        return false;
    slot = pool_slot(pool->free.next);
    edo_list_remove(&slot->link);
    edo_list_remove(&offload->link);
    if (offload->size > 0) /* a request of none may be NULL, which memcpy may not be given */
        memcpy(slot->request, offload->request, offload->size);
    use_slot(pool, slot, offload->call);
    offload->slot = slot;
    edo_notified_init(&offload->done, &slot->done);
    offer_slot(pool);
    return true;
}

static enum edo_poll offload_end(struct edo_offload *offload)
{
    struct edo_slot *slot = offload->slot;
    bool has_run = slot->state == EDO_SLOT_ENDED;
    int error = has_run ? slot->error : -ESHUTDOWN;

    if (has_run && offload->size > 0)
        memcpy(offload->request, slot->request, offload->size);
    free_slot(slot);
    return error ? edo_future_fail(&offload->future, error)
                 : edo_future_done(&offload->future, offload->request);
}

static enum edo_poll offload_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_offload *offload = edo_container_of(self, struct edo_offload, future);
    struct edo_pool *pool = offload->pool;

    switch ((enum offload_state)self->state) {
    case OFFLOAD_START:
        if (offload->size > pool->options.request_size)
            return edo_future_fail(self, -EMSGSIZE);
        edo_list_append(&pool->waiting, &offload->link);
        edo_future_goto(self, OFFLOAD_AWAITS_SLOT);
        /* fall through */
    case OFFLOAD_AWAITS_SLOT:
        offload->waker = cx->waker;
        if (!pool->is_open) {
            edo_list_remove(&offload->link);
            return edo_future_fail(self, -ESHUTDOWN);
        }
        if (pool->waiting.next != &offload->link || !has_begun(offload))
            return EDO_PENDING;
        edo_future_goto(self, OFFLOAD_AWAITS_CALL);
        /* fall through */
    case OFFLOAD_AWAITS_CALL:
        if (edo_future_await(self, &offload->done.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    return offload_end(offload);
}

static enum edo_poll offload_cancel(struct edo_future *self)
{
    struct edo_offload *offload = edo_container_of(self, struct edo_offload, future);
    struct edo_slot *slot = offload->slot;
    bool was_waiting = !edo_list_is_empty(&offload->link);

    offload->slot = NULL; /* once: the waker of who waits for it may cancel this one again */
    edo_list_remove(&offload->link);
    if (slot != NULL) {
        edo_future_cancel(&offload->done.future);
        abandon(slot);
    } else if (was_waiting) {
        offer_slot(offload->pool);
    }
    return EDO_READY;
}

static const struct edo_future_type offload_type = {"offload", offload_poll,   offload_cancel,
                                                    NULL,      offload_states, NULL};

void edo_offload_init(struct edo_offload *offload, struct edo_pool *pool,
                      int (*call)(void *request), void *request, size_t size)
{
    *offload = (struct edo_offload){.pool = pool, .call = call, .request = request, .size = size};
    edo_future_init(&offload->future, &offload_type);
}

/* --- Opening and closing ---------------------------------------------------------------------- */

static void end_threads(struct edo_pool *pool, size_t count)
{
    pthread_mutex_lock(&pool->lock);
    pool->is_closing = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < count; i++)
        pthread_join(pool->options.threads[i], NULL);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
}

/* A thread inherits the signal mask of who creates it. */
static int start_threads(struct edo_pool *pool)
{
    sigset_t all, before;
    size_t started = 0;
    int error = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; started < pool->options.thread_count && !error; started += !error)
        error = pthread_create(&pool->options.threads[started], NULL, pool_thread, pool);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error)
        end_threads(pool, started);
    return -error;
}

int edo_pool_open(struct edo_pool *pool, struct edo_remote *remote,
                  const struct edo_pool_options *options)
{
    int error;

    *pool = (struct edo_pool){.remote = remote, .options = *options};
    edo_list_init(&pool->free);
    edo_list_init(&pool->waiting);
    edo_list_init(&pool->queue);
    for (size_t i = 0; i < options->slot_count; i++) {
        struct edo_slot *slot = &options->slots[i];

        *slot = (struct edo_slot){.pool = pool};
        slot->request = (unsigned char *)options->requests + i * options->request_size;
        edo_list_append(&pool->free, &slot->link);
    }
    if (options->thread_count == 0 || options->slot_count == 0)
        return -EINVAL;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    error = start_threads(pool);
    pool->is_open = !error;
    return error;
}

/* Those that have ended by now: the reactor must not point into their slots any more. */
static void free_abandoned(struct edo_pool *pool)
{
    for (size_t i = 0; i < pool->options.slot_count; i++) {
        struct edo_source *wait = &pool->options.slots[i].done.wait;

        if (!edo_source_is_pending(wait) || wait->waker.wake != abandoned_has_ended)
            continue;
        edo_source_disarm(wait);
        free_slot(&pool->options.slots[i]);
    }
}

/* A waker may cancel any of them: none of their links is held while it runs. */
static void wake_waiting(struct edo_pool *pool)
{
    while (!edo_list_is_empty(&pool->waiting)) {
        struct edo_list *first = pool->waiting.next;

        edo_list_remove(first);
        wake_for_slot(first);
    }
}

void edo_pool_close(struct edo_pool *pool)
{
    if (!pool->is_open)
        return;
    pool->is_open = false;
    end_threads(pool, pool->options.thread_count);
    while (!edo_list_is_empty(&pool->queue)) {
        struct edo_slot *slot = pool_slot(pool->queue.next);

        edo_list_remove(&slot->link);
        edo_notice_post(&slot->done);
    }
    edo_remote_take(pool->remote);
    free_abandoned(pool);
    wake_waiting(pool); /* at last: a waker may cancel whose call was here, too */
}
