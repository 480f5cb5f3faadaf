/* SPDX-License-Identifier: MIT */
/* buffered-futures.c - two futures in flight, in a task that then awaits something else. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "a connection is free, two want it: who hangs?",
    .look_at = "50 ms, when fetch 1 leaves the connection: who should be next, and who is polled?",
    .answer =
        "both. A future gets on only while it is polled: fetch 2 has the turn and is not polled, "
        "save is polled and has no turn. Poll all that is in flight, or spawn it."};

static struct edo_channel connection; /* a message in it: the connection is taken */
static struct query {
    struct edo_future future;
    const char *name;
    struct edo_send take;
    struct edo_sleep run;
    struct edo_receive leave;
} fetch1 = {.name = "fetch 1"}, fetch2 = {.name = "fetch 2"}, save = {.name = "save"};

enum { FETCHES = EDO_FIRST_AWAIT, SAVES };
static const char *const main_states[] = {"FETCHES", "SAVES"};

/* async fn query() { connection.send().await; sleep(50ms).await; connection.receive().await; } */
static enum edo_poll query_poll(struct edo_future *self, struct edo_context *cx)
{
    struct query *query = edo_container_of(self, struct query, future);

    edo_future_goto(self, EDO_FIRST_AWAIT);
    say(query->name, "is polled");
    if (edo_future_await(self, &query->take.future, cx) == EDO_PENDING ||
        edo_future_await(self, &query->run.future, cx) == EDO_PENDING ||
        edo_future_await(self, &query->leave.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    say(query->name, "is done, leaves the connection");
    return edo_future_done(self, NULL);
}

static void query_init(struct query *query)
{
    static const struct edo_future_type type = {.name = "query", .poll = query_poll};

    edo_future_init(&query->future, &type);
    edo_send_init(&query->take, &connection, NULL);
    edo_sleep_init(&query->run, EDO_MS(50));
    edo_receive_init(&query->leave, &connection, NULL);
}

/* async fn main() { while let Some(_) = fetches.next().await { save().await; } } */
static enum edo_poll main_poll(struct edo_future *self, struct edo_context *cx)
{
    if (self->state != SAVES) {
        edo_future_goto(self, FETCHES);
        if (edo_future_poll(&fetch1.future, cx) == EDO_PENDING &&
            edo_future_poll(&fetch2.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        edo_future_goto(self, SAVES);
    }
    return edo_future_await(self, &save.future, cx) == EDO_PENDING ? EDO_PENDING
                                                                   : edo_future_done(self, NULL);
}

static enum edo_poll main_cancel(struct edo_future *self)
{
    (void)self;
    edo_future_cancel(&fetch1.future), edo_future_cancel(&fetch2.future);
    return edo_future_cancel(&save.future);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {
        .name = "main", .poll = main_poll, .cancel = main_cancel, .state_names = main_states};
    static struct edo_future root;

    edo_channel_init(&connection, NULL, 0, 1);
    query_init(&fetch1);
    query_init(&fetch2);
    query_init(&save);
    return lesson_main(argc, argv, &root, &type, -EDEADLK);
}
