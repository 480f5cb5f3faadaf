/* SPDX-License-Identifier: MIT */
#include "company.h"

#include <errno.h>
#include <stdio.h>

#include "helper.h"

enum { WORKERS = 4, MESSAGES = 6, CAPACITY = 3 };

struct message {
    unsigned producer, number;
};

/* One that works step by step, each the await of one future. */
struct worker {
    struct edo_future future;
    struct edo_task task;
    struct company *company;
    char name[24];
    unsigned number;
    struct message message;
    struct edo_future *awaited; /* one of these; NULL: none */
    struct edo_sleep sleep;
    struct edo_yield yield;
    struct edo_send send;
    struct edo_receive receive;
    struct edo_timeout timeout;
    struct edo_acquire acquire;
    struct edo_notify_wait wait;
};

struct company {
    struct worker producers[WORKERS], consumers[WORKERS], closer;
    unsigned producer_count, consumer_count, messages;
    struct edo_channel channel;
    struct message buffer[CAPACITY];
    struct edo_semaphore semaphore;
    struct edo_notify notify;
    unsigned permits, at_work;
    unsigned ended;             /* producers */
    unsigned received[WORKERS]; /* of each producer */
};

/* --- Awaits ----------------------------------------------------------------------------------- */

static void begin_pause(struct worker *worker)
{
    switch (schedule_choose("pause", 3)) {
    case 0:
        worker->awaited = NULL;
        break;
    case 1:
        edo_yield_init(&worker->yield);
        worker->awaited = &worker->yield.future;
        break;
    default:
        edo_sleep_init(&worker->sleep, EDO_US(schedule_choose("us", 4)));
        worker->awaited = &worker->sleep.future;
        break;
    }
}

static void begin(struct worker *worker, struct edo_future *future)
{
    worker->awaited = future;
    if (!schedule_rarely("timeout", 3))
        return;
    edo_timeout_init(&worker->timeout, future, EDO_US(schedule_choose("us", 4)));
    worker->awaited = &worker->timeout.future;
}

static void begin_send(struct worker *worker)
{
    edo_send_init(&worker->send, &worker->company->channel, &worker->message);
    begin(worker, &worker->send.future);
}

static void begin_receive(struct worker *worker)
{
    edo_receive_init(&worker->receive, &worker->company->channel, &worker->message);
    begin(worker, &worker->receive.future);
}

/* --- Steps. false: it was the last ------------------------------------------------------------ */

enum producer_state {
    PRODUCER_START = EDO_START,
    PRODUCER_PAUSES = EDO_FIRST_AWAIT,
    PRODUCER_SENDS
};

/* async fn producer { for 0..messages { pause.await; while send.await is not done {} } } */
static bool step_producer(struct worker *worker, int error)
{
    struct company *company = worker->company;

    switch ((enum producer_state)worker->future.state) {
    case PRODUCER_PAUSES:
        worker->message = (struct message){worker->number, worker->message.number};
        begin_send(worker);
        edo_future_goto(&worker->future, PRODUCER_SENDS);
        return true;
    case PRODUCER_SENDS:
        worker->message.number += error == 0;
        break;
    case PRODUCER_START:
        break;
    }
    if (worker->message.number == company->messages) {
        company->ended++;
        edo_notify_one(&company->notify);
        return false;
    }
    begin_pause(worker);
    edo_future_goto(&worker->future, PRODUCER_PAUSES);
    return true;
}

enum consumer_state {
    CONSUMER_START = EDO_START,
    CONSUMER_PAUSES = EDO_FIRST_AWAIT,
    CONSUMER_RECEIVES,
    CONSUMER_ACQUIRES,
    CONSUMER_WORKS
};

static void check_received(struct company *company, struct message message)
{
    ck_assert_uint_lt(message.producer, company->producer_count);
    ck_assert_uint_eq(message.number, company->received[message.producer]);
    company->received[message.producer]++;
}

/* async fn consumer {
 *     while let message = receive.await { permit = acquire.await; pause.await; release(permit) }
 * } */
static bool step_consumer(struct worker *worker, int error)
{
    struct company *company = worker->company;

    switch ((enum consumer_state)worker->future.state) {
    case CONSUMER_PAUSES:
        begin_receive(worker);
        edo_future_goto(&worker->future, CONSUMER_RECEIVES);
        return true;
    case CONSUMER_RECEIVES:
        if (error == -EPIPE)
            return false;
        if (error)
            break;
        check_received(company, worker->message);
        edo_acquire_init(&worker->acquire, &company->semaphore);
        worker->awaited = &worker->acquire.future;
        edo_future_goto(&worker->future, CONSUMER_ACQUIRES);
        return true;
    case CONSUMER_ACQUIRES:
        ck_assert_uint_le(++company->at_work, company->permits);
        begin_pause(worker);
        edo_future_goto(&worker->future, CONSUMER_WORKS);
        return true;
    case CONSUMER_WORKS:
        company->at_work--;
        edo_semaphore_release(&company->semaphore);
        break;
    case CONSUMER_START:
        break;
    }
    begin_pause(worker);
    edo_future_goto(&worker->future, CONSUMER_PAUSES);
    return true;
}

enum closer_state { CLOSER_START = EDO_START, CLOSER_WAITS = EDO_FIRST_AWAIT };

/* async fn closer { while producers are left { notified.await }; close(channel) } */
static bool step_closer(struct worker *worker, int error)
{
    struct company *company = worker->company;

    (void)error;
    if (company->ended == company->producer_count) {
        edo_channel_close(&company->channel);
        return false;
    }
    edo_notify_wait_init(&worker->wait, &company->notify);
    worker->awaited = &worker->wait.future;
    edo_future_goto(&worker->future, CLOSER_WAITS);
    return true;
}

/* --- The futures ------------------------------------------------------------------------------ */

static enum edo_poll poll_steps(struct edo_future *self, struct edo_context *cx,
                                bool (*step)(struct worker *worker, int error))
{
    struct worker *worker = edo_container_of(self, struct worker, future);
    int error = 0;

    do {
        if (worker->awaited != NULL && edo_future_await(self, worker->awaited, cx) == EDO_PENDING)
            return EDO_PENDING;
        error = worker->awaited != NULL ? edo_future_error(worker->awaited) : 0;
        worker->awaited = NULL;
    } while (step(worker, error));
    return edo_future_done(self, NULL);
}

static enum edo_poll producer_poll(struct edo_future *self, struct edo_context *cx)
{
    return poll_steps(self, cx, step_producer);
}

static enum edo_poll consumer_poll(struct edo_future *self, struct edo_context *cx)
{
    return poll_steps(self, cx, step_consumer);
}

static enum edo_poll closer_poll(struct edo_future *self, struct edo_context *cx)
{
    return poll_steps(self, cx, step_closer);
}

static const char *const producer_states[] = {"PRODUCER_PAUSES", "PRODUCER_SENDS"};
static const char *const consumer_states[] = {"CONSUMER_PAUSES", "CONSUMER_RECEIVES",
                                              "CONSUMER_ACQUIRES", "CONSUMER_WORKS"};
static const char *const closer_states[] = {"CLOSER_WAITS"};
static const struct edo_future_type producer_type = {
    .name = "producer", .poll = producer_poll, .state_names = producer_states};
static const struct edo_future_type consumer_type = {
    .name = "consumer", .poll = consumer_poll, .state_names = consumer_states};
static const struct edo_future_type closer_type = {
    .name = "closer", .poll = closer_poll, .state_names = closer_states};

/* --- A company -------------------------------------------------------------------------------- */

static void spawn(struct company *company, struct edo_executor *executor, struct worker *worker,
                  const struct edo_future_type *type, unsigned number)
{
    *worker = (struct worker){.company = company, .number = number};
    snprintf(worker->name, sizeof worker->name, "%s(%u)", type->name, number);
    edo_future_init(&worker->future, type);
    edo_task_init(&worker->task, worker->name, &worker->future);
    ck_assert_int_eq(edo_executor_spawn(executor, &worker->task), 0);
}

static void make(struct company *company)
{
    *company = (struct company){
        .producer_count = 1 + schedule_choose("producers", WORKERS),
        .consumer_count = 1 + schedule_choose("consumers", WORKERS),
        .messages = 1 + schedule_choose("messages", MESSAGES),
        .permits = 1 + schedule_choose("permits", 2),
    };
    edo_channel_init(&company->channel, company->buffer, sizeof company->buffer[0],
                     1 + schedule_choose("capacity", CAPACITY));
    edo_semaphore_init(&company->semaphore, company->permits);
    edo_notify_init(&company->notify);
}

void company_run(int variant)
{
    static struct company company;
    struct runtime runtime;

    make(&company);
    runtime_open(&runtime, variant);
    for (unsigned i = 0; i < company.producer_count; i++)
        spawn(&company, &runtime.executor, &company.producers[i], &producer_type, i);
    for (unsigned i = 0; i < company.consumer_count; i++)
        spawn(&company, &runtime.executor, &company.consumers[i], &consumer_type, i);
    spawn(&company, &runtime.executor, &company.closer, &closer_type, 0);
    ck_assert_int_eq(edo_executor_run(&runtime.executor), 0);
    for (unsigned i = 0; i < company.producer_count; i++)
        ck_assert_uint_eq(company.received[i], company.messages);
    ck_assert_uint_eq(company.semaphore.permits, company.permits);
    ck_assert_uint_eq(runtime.executor.reactor.pending, 0);
    runtime_close(&runtime); /* fails if an fd is left */
}
