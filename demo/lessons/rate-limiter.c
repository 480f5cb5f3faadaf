/* SPDX-License-Identifier: MIT */
/* rate-limiter.c - a bucket of tokens: an interval fills it, a semaphore hands them out. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "ten calls a second, no more: who waits, how long?",
    .look_at = "a token each 100 ms, three at most in the bucket; nobody waits over 150 ms.",
    .answer = "an interval adds permits to a semaphore until the bucket is full: a pause saves up "
              "a burst. Who has waited longest is next; who gives up, by a timeout, took none."};

enum { BURST = 3, PATIENCE_MS = 150, CLIENTS = 3 };
static struct edo_semaphore bucket;
static struct edo_interval tick;
static unsigned live = CLIENTS;

/* async fn refill() { while live > 0 { tick.await; if permits < BURST { bucket.release(); } } } */
static enum edo_poll refill_poll(struct edo_future *self, struct edo_context *cx)
{
    for (edo_future_goto(self, EDO_FIRST_AWAIT);; edo_interval_next(&tick)) {
        if (edo_future_await(self, &tick.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        if (edo_future_error(&tick.future) || live == 0)
            return edo_future_end_as(self, &tick.future);
        if (bucket.permits < BURST)
            edo_semaphore_release(&bucket);
    }
}

static struct client {
    struct edo_future future;
    const char *name;
    unsigned comes_ms, calls; /* that are left to make */
    struct edo_sleep until_it_comes;
    struct edo_acquire token;
    struct edo_timeout timeout;
} clients[] = {{.name = "ann", .calls = 6},
               {.name = "ben", .comes_ms = 20, .calls = 1},
               {.name = "cat", .comes_ms = 850, .calls = 4}};

static void begin_call(struct client *client)
{
    edo_acquire_init(&client->token, &bucket);
    edo_timeout_init(&client->timeout, &client->token.future, EDO_MS(PATIENCE_MS));
}

/* async fn client() { sleep(comes).await; for _ in 0..calls { timeout(150ms, token()).await; } } */
static enum edo_poll client_poll(struct edo_future *self, struct edo_context *cx)
{
    struct client *client = edo_container_of(self, struct client, future);

    edo_future_goto(self, EDO_FIRST_AWAIT);
    if (edo_future_await(self, &client->until_it_comes.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    for (; client->calls > 0; client->calls--, begin_call(client)) {
        if (edo_future_await(self, &client->timeout.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        say(client->name, edo_future_error(&client->timeout.future) ? "gives up" : "calls");
    }
    live--;
    return edo_future_done(self, NULL);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type client = {.name = "client", .poll = client_poll},
                                        filler = {.name = "refill", .poll = refill_poll};
    static struct edo_future refill;
    static struct lesson_task tasks[CLIENTS + 1] = {{.name = "refill", .future = &refill}};

    edo_semaphore_init(&bucket, BURST);
    edo_interval_init(&tick, EDO_MS(100), EDO_MISSED_BURST);
    edo_interval_reset(&tick); /* no tick at once: the bucket is full */
    edo_future_init(&refill, &filler);
    for (int i = 0; i < CLIENTS; i++) {
        edo_future_init(&clients[i].future, &client);
        edo_sleep_init(&clients[i].until_it_comes, EDO_MS(clients[i].comes_ms));
        begin_call(&clients[i]);
        tasks[i + 1] = (struct lesson_task){.name = clients[i].name, .future = &clients[i].future};
    }
    return lesson_main_tasks(argc, argv, tasks, CLIENTS + 1);
}
