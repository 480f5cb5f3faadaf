/* SPDX-License-Identifier: MIT */
/* edo_across.c - an executor, a door and a notice for each thread; a task awaits the notice. */
#include <errno.h>

#include "across.h"
#include "edo.h"

static struct loop {
    struct edo_executor executor;
    struct edo_remote door;
    struct edo_notice notice;
    struct edo_future future;
    struct edo_notified notified;
    struct edo_task task;
} loops[2];

static void check(int error, const char *what)
{
    errno = -error;
    if (error)
        across_fail(what);
}

/* loop { notice.notified().await; other.notice.post() } */
static enum edo_poll loop_poll(struct edo_future *self, struct edo_context *cx)
{
    struct loop *loop = edo_container_of(self, struct loop, future);

    if (self->state == EDO_START) {
        edo_notified_init(&loop->notified, &loop->notice);
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    while (edo_future_await(self, &loop->notified.future, cx) == EDO_READY) {
        if (!across_woken(loop == &loops[1]))
            return edo_future_done(self, NULL);
        edo_notified_init(&loop->notified, &loop->notice);
    }
    return EDO_PENDING;
}

static void edo_open(unsigned i)
{
    static const struct edo_future_type type = {.name = "loop", .poll = loop_poll};
    struct loop *loop = &loops[i];

    check(edo_executor_open(&loop->executor, NULL), "edo_executor_open");
    check(edo_remote_open(&loop->door, &loop->executor.reactor), "edo_remote_open");
    edo_notice_init(&loop->notice, &loop->door);
    edo_future_init(&loop->future, &type);
    edo_task_init(&loop->task, "loop", &loop->future);
}

static void edo_post(unsigned i)
{
    edo_notice_post(&loops[i].notice);
}

static void edo_run(unsigned i)
{
    check(edo_executor_block_on(&loops[i].executor, &loops[i].task), "edo_executor_block_on");
}

const struct across_peer across_peer = {.open = edo_open, .post = edo_post, .run = edo_run};
