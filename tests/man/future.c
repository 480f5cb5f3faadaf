/* SPDX-License-Identifier: MIT */
/* A future by hand. In Rust it would be
 *
 *   async fn twice(n: i32) -> i32 { sleep(10ms).await; 2 * n }
 *
 * It prints
 *
 *   42 */
#include <stdio.h>

#include "edo.h"

struct twice {
    struct edo_future future;
    struct edo_sleep sleep;
    int number;
};

enum twice_state {
    TWICE_START = EDO_START,
    TWICE_AWAITS_SLEEP = EDO_FIRST_AWAIT
};

static enum edo_poll twice_poll(struct edo_future *self,
                                struct edo_context *cx)
{
    struct twice *twice = edo_container_of(self, struct twice, future);

    switch ((enum twice_state)self->state) {
    case TWICE_START:
        edo_sleep_init(&twice->sleep, EDO_MS(10));
        edo_future_goto(self, TWICE_AWAITS_SLEEP);
        /* fall through */
    case TWICE_AWAITS_SLEEP:
        if (edo_future_await(self, &twice->sleep.future, cx) ==
            EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    if (edo_future_error(&twice->sleep.future))
        return edo_future_end_as(self, &twice->sleep.future);
    twice->number *= 2;
    return edo_future_done(self, &twice->number);
}

static const char *const states[] = {"TWICE_AWAITS_SLEEP"};
static const struct edo_future_type twice_type = {
    .name = "twice", .poll = twice_poll, .state_names = states};

int main(void)
{
    struct edo_executor executor;
    struct twice twice = {.number = 21};
    struct edo_task task;

    if (edo_executor_open(&executor, NULL) < 0)
        return 1;
    edo_future_init(&twice.future, &twice_type);
    edo_task_init(&task, "twice", &twice.future);
    edo_executor_block_on(&executor, &task);
    edo_executor_close(&executor);

    switch (edo_future_outcome(&twice.future).kind) {
    case EDO_OUTCOME_OK:
        printf("%d\n", *(int *)edo_future_outcome(&twice.future).value);
        return 0;
    case EDO_OUTCOME_FAILED:
    case EDO_OUTCOME_CANCELLED:
        break;
    }
    return 1;
}
