/* SPDX-License-Identifier: MIT */
#include "timeout.h"

#include "../task/run.h"

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
    TIMEOUT_AWAITS_CANCEL,
};

static const char *const timeout_states[] = {"TIMEOUT_AWAITS_CHILD", "TIMEOUT_AWAITS_CANCEL"};

static enum edo_poll timeout_poll(struct edo_future *self, struct edo_context *cx)
{
    struct edo_timeout *timeout = edo_container_of(self, struct edo_timeout, future);
    int error;

    switch ((enum timeout_state)self->state) {
    case TIMEOUT_START:
        edo_future_goto(self, TIMEOUT_AWAITS_CHILD);
        /* fall through */
    case TIMEOUT_AWAITS_CHILD:
        if (edo_future_await(self, timeout->child, cx) == EDO_READY) {
            edo_future_cancel(&timeout->deadline.future);
            return edo_future_end_as(self, timeout->child);
        }
        if (edo_future_poll_one(self, &timeout->deadline.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        edo_future_goto(self, TIMEOUT_AWAITS_CANCEL);
        if (edo_future_cancel(timeout->child) == EDO_PENDING)
            return EDO_PENDING;
        break;
    case TIMEOUT_AWAITS_CANCEL:
        if (edo_future_await(self, timeout->child, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    error = edo_future_error(&timeout->deadline.future);
    return edo_future_fail(self, error ? error : -ETIMEDOUT);
}

static enum edo_poll timeout_cancel(struct edo_future *self)
{
    struct edo_timeout *timeout = edo_container_of(self, struct edo_timeout, future);

    edo_future_cancel(&timeout->deadline.future);
    return edo_future_cancel(timeout->child);
}

static const struct edo_part timeout_parts[] = {
    {.kind = EDO_PART_POINTER, .at = offsetof(struct edo_timeout, child)},
    {.kind = EDO_PART_FUTURE, .at = offsetof(struct edo_timeout, deadline.future)},
    {.kind = EDO_PART_END},
};

static const struct edo_future_type timeout_type = {"timeout", timeout_poll,   timeout_cancel,
                                                    NULL,      timeout_states, timeout_parts};

void edo_timeout_init(struct edo_timeout *timeout, struct edo_future *child, uint64_t duration_ns)
{
    edo_future_init(&timeout->future, &timeout_type);
    timeout->child = child;
    edo_sleep_init(&timeout->deadline, duration_ns);
}
