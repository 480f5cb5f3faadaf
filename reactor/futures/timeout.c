#include "timeout.h"

#include <errno.h>

#include "../base/container_of.h"

/* async fn timeout(child, deadline) -> Result<Value, Error> {
 *     select! {
 *         biased;
 *         outcome = child => outcome,
 *         _ = deadline => { drop(child).await; Err(ETIMEDOUT) }
 *     }
 * } */

enum timeout_state {
    TIMEOUT_START = EDO_START,
    TIMEOUT_AWAITS_CHILD = EDO_FIRST_AWAIT,
    TIMEOUT_AWAITS_LETTING_GO,
};

static const char *const state_names[] = {"TIMEOUT_AWAITS_CHILD", "TIMEOUT_AWAITS_LETTING_GO"};

static bool child_is_ready(struct edo_timeout *timeout, struct edo_context *cx)
{
    return edo_future_has_ended(timeout->child) ||
           edo_future_await(&timeout->future, timeout->child, cx) == EDO_READY;
}

static enum edo_poll timeout_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_timeout *timeout = edo_container_of(self, struct edo_timeout, future);

    switch ((enum timeout_state)self->state) {
    case TIMEOUT_START:
        edo_future_goto(self, TIMEOUT_AWAITS_CHILD);
        /* fall through */
    case TIMEOUT_AWAITS_CHILD:
        if (child_is_ready(timeout, cx)) {
            edo_future_cancel(&timeout->deadline.future);
            return edo_future_end_as(self, timeout->child);
        }
        if (edo_future_poll(&timeout->deadline.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        timeout->has_expired = true;
        edo_future_goto(self, TIMEOUT_AWAITS_LETTING_GO);
        if (edo_future_cancel(timeout->child))
            break;
        return EDO_PENDING;
    case TIMEOUT_AWAITS_LETTING_GO:
        if (!child_is_ready(timeout, cx))
            return EDO_PENDING;
        break;
    }
    if (timeout->deadline.future.error)
        return edo_future_fail(self, timeout->deadline.future.error);
    return edo_future_fail(self, -ETIMEDOUT);
}

static bool timeout_cancel(struct edo_future *self)
{
    struct edo_timeout *timeout = edo_container_of(self, struct edo_timeout, future);

    edo_future_cancel(&timeout->deadline.future);
    return edo_future_cancel(timeout->child);
}

static const struct edo_future_type timeout_type = {
    .name = "timeout", .poll = timeout_poll, .cancel = timeout_cancel, .state_names = state_names};

static void init(struct edo_timeout *timeout, struct edo_future *child)
{
    edo_future_init(&timeout->future, &timeout_type);
    timeout->child = child;
    timeout->has_expired = false;
}

void edo_timeout_init(struct edo_timeout *timeout, struct edo_future *child, uint64_t duration_ns)
{
    init(timeout, child);
    edo_sleep_init(&timeout->deadline, duration_ns);
}

void edo_timeout_until_init(struct edo_timeout *timeout, struct edo_future *child,
                            uint64_t deadline_ns)
{
    init(timeout, child);
    edo_sleep_until_init(&timeout->deadline, deadline_ns);
}
