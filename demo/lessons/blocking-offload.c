/* SPDX-License-Identifier: MIT */
/* blocking-offload.c - a call that blocks, on another thread, beside a task that has ticks. */
#include <time.h>

#include "lesson.h"

static int open_pool(struct edo_executor *executor);
static void close_pool(void);

const struct lesson lesson = {
    .question = "a call that blocks: where is it to run?",
    .look_at = "how late the ticks are: the call blocks as in blocked-loop. (On the virtual clock "
               "time stands still until it is back.)",
    .answer = "on a thread of a pool: the loop goes on, and the call's end wakes the task through "
              "an eventfd. The call works on a copy of its request, so the task may time out and "
              "go; the call itself can't be stopped.",
    .open = open_pool,
    .close = close_pool};

static struct edo_remote remote;
static struct edo_pool pool;

static struct request {
    int number, squared;
} request = {.number = 12};
static struct edo_offload call;

/* On a thread of the pool: no future, no waker, no say. */
static int square_slowly(void *data)
{
    struct request *copy = data;

    nanosleep(&(struct timespec){.tv_nsec = (long)EDO_MS(120)}, NULL);
    copy->squared = copy->number * copy->number;
    return 0;
}

/* async fn caller() { offload(square_slowly, 12).await } */
static enum edo_poll caller_poll(struct edo_future *self, struct edo_context *cx)
{
    edo_future_goto(self, EDO_FIRST_AWAIT);
    if (edo_future_await(self, &call.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    say("caller", "the call is back, with %d", request.squared);
    return edo_future_end_as(self, &call.future);
}

static int open_pool(struct edo_executor *executor)
{
    static pthread_t threads[1];
    static struct edo_slot slots[1];
    static struct request copies[1];
    const struct edo_pool_options options = {threads, 1, slots, 1, copies, sizeof copies[0]};
    int error = edo_remote_open(&remote, &executor->reactor);

    if (!error)
        error = edo_pool_open(&pool, &remote, &options);
    if (error)
        edo_remote_close(&remote);
    return error;
}

static void close_pool(void)
{
    edo_pool_close(&pool);
    edo_remote_close(&remote);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {.name = "caller", .poll = caller_poll};
    static struct edo_future caller;
    static struct ticker ticker;
    static struct lesson_task tasks[] = {{.name = "ticker", .future = &ticker.future},
                                         {.name = "caller", .future = &caller}};

    edo_future_init(&caller, &type);
    edo_offload_init(&call, &pool, square_slowly, &request, sizeof request);
    ticker_init(&ticker, EDO_MS(50), 6);
    return lesson_main_tasks(argc, argv, tasks, 2);
}
