/* SPDX-License-Identifier: MIT */
#include "async_task.h"

#include <stdio.h>

#include "edo.h"
#include "errno_name.h"
#include "say.h"

/* async fn async_task(id: u32) -> Result<u32, Errno> {
 *     sleep(Duration::from_millis(id * 100)).await;
 *     Ok(id * 10)
 * } */

enum task_state { TASK_START = EDO_START, TASK_AWAITS_SLEEP = EDO_FIRST_AWAIT };

static const char *const state_names[] = {"TASK_AWAITS_SLEEP"};

uint64_t async_task_duration(const struct async_task *task)
{
    uint64_t whole_ns = EDO_MS(100 * task->id);

    return task->told_error ? whole_ns / 2 : whole_ns;
}

/* gdb: stops three times before any of the three has slept, six times in all. Each time,
 * `p *(struct async_task *)self`. All three timers are armed before the first of them fires; that
 * is why 100, 200 and 300 ms take 300. */
static enum edo_poll async_task_poll(struct edo_future *self, struct edo_context *cx)
{
    struct async_task *task = edo_container_of(self, struct async_task, future);
    int error;

    switch ((enum task_state)self->state) {
    case TASK_START:
        say(task->name, "started");
        edo_sleep_init(&task->sleep, async_task_duration(task));
        edo_future_goto(self, TASK_AWAITS_SLEEP);
        /* fall through */
    case TASK_AWAITS_SLEEP:
        if (edo_future_await(self, &task->sleep.future, cx) == EDO_PENDING) {
            say_sleep(task->name, &task->sleep, async_task_duration(task));
            return EDO_PENDING;
        }
        break;
    }
    error = edo_future_error(&task->sleep.future) ? edo_future_error(&task->sleep.future)
                                                  : task->told_error;
    if (error) {
        say(task->name, "failed: %s", errno_name(-error));
        return edo_future_fail(self, error);
    }
    task->value = 10 * task->id;
    say(task->name, "completed: %u", task->value);
    return edo_future_done(self, &task->value);
}

static const struct edo_future_type async_task_type = {
    .name = "async_task", .poll = async_task_poll, .state_names = state_names};

void async_task_init(struct async_task *task, unsigned id, int told_error)
{
    edo_future_init(&task->future, &async_task_type);
    task->id = id;
    task->told_error = told_error;
    snprintf(task->name, sizeof task->name, "async_task(%u)", id);
}
