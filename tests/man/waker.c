/* SPDX-License-Identifier: MIT */
/* A leaf future, a door, keeps the waker of who waits for it; who opens
 * the door calls it. It prints
 *
 *   waiting
 *   open */
#include <stdio.h>

#include "edo.h"

enum { DOOR_AWAITS_KEY = EDO_FIRST_AWAIT };

struct door {
    struct edo_future future;
    struct edo_waker waker;
    bool is_open;
};

static enum edo_poll door_poll(struct edo_future *self,
                               struct edo_context *cx)
{
    struct door *door = edo_container_of(self, struct door, future);

    if (door->is_open)
        return edo_future_done(self, NULL);
    door->waker = cx->waker;
    edo_future_goto(self, DOOR_AWAITS_KEY);
    return EDO_PENDING;
}

/* It holds nothing but the waker. */
static enum edo_poll door_cancel(struct edo_future *self)
{
    edo_container_of(self, struct door, future)->waker.wake = NULL;
    return EDO_READY;
}

static const char *const states[] = {"DOOR_AWAITS_KEY"};
static const struct edo_future_type door_type = {.name = "door",
                                                 .poll = door_poll,
                                                 .cancel = door_cancel,
                                                 .state_names = states};

static void open_door(struct door *door)
{
    door->is_open = true;
    edo_wake(door->waker);
}

int main(void)
{
    struct edo_executor executor;
    struct door door = {.is_open = false};
    struct edo_task task;

    if (edo_executor_open(&executor, NULL) < 0)
        return 1;
    edo_future_init(&door.future, &door_type);
    edo_task_init(&task, "guest", &door.future);
    edo_executor_spawn(&executor, &task);
    edo_executor_turn(&executor);
    puts(edo_task_is_live(&task) ? "waiting" : "in");
    open_door(&door);
    edo_executor_run(&executor);
    puts(edo_task_is_live(&task) ? "waiting" : "open");
    return edo_executor_close(&executor) < 0;
}
