/* SPDX-License-Identifier: MIT */
/* your-own-future.c - the future of reactor/futures/README.md, awaited in two ways. */
#include <fcntl.h>

#include "lesson.h"
#include "reader.h"

const struct lesson lesson = {
    .question = "what makes a future of your own a good one?",
    .look_at = "what is watched when the reader is PENDING, when input comes, at 100 ms, and when "
               "there is a timeout, at 200?",
    .answer = "four duties: register the waker before PENDING, replace it in each poll, release "
              "all in a cancel, end once. Its code is reader.h; reactor/futures/README.md "
              "explains and tests it."};

static int fds[2];
static struct reader input;
static struct edo_timeout timeout;
static struct later writer;
static struct edo_task writing;

static void write_hello(struct edo_context *cx, void *data)
{
    (void)cx, (void)data;
    say("writer", "writes into the pipe: %s", write(fds[1], "hello", 5) == 5 ? "hello" : "no");
}

enum main_state {
    MAIN_START = EDO_START,
    MAIN_AWAITS_INPUT = EDO_FIRST_AWAIT,
    MAIN_AWAITS_TIMEOUT
};
static const char *const state_names[] = {"MAIN_AWAITS_INPUT", "MAIN_AWAITS_TIMEOUT"};

static enum edo_poll say_that(const char *how, enum edo_poll poll)
{
    say("main", "the reader is %s, the pipe is %s", how,
        edo_source_is_pending(&input.source) ? "watched" : "not watched");
    return poll;
}

/* async fn main() { reader().await; timeout(100ms, reader()).await } */
static enum edo_poll main_poll(struct edo_future *self, struct edo_context *cx)
{
    switch ((enum main_state)self->state) {
    case MAIN_START:
        if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
            return edo_future_fail(self, -errno);
        later_init(&writer, EDO_MS(100), write_hello, NULL);
        lesson_spawn(cx, &writing, "writer", &writer.future);
        reader_init(&input, fds[0]);
        edo_future_goto(self, MAIN_AWAITS_INPUT);
        /* fall through */
    case MAIN_AWAITS_INPUT:
        if (edo_future_await(self, &input.future, cx) == EDO_PENDING)
            return say_that("PENDING", EDO_PENDING);
        say("main", "the reader is READY: %.*s", (int)input.length, input.bytes);
        reader_init(&input, fds[0]);
        edo_timeout_init(&timeout, &input.future, EDO_MS(100));
        edo_future_goto(self, MAIN_AWAITS_TIMEOUT);
        /* fall through */
    case MAIN_AWAITS_TIMEOUT:
        if (edo_future_await(self, &timeout.future, cx) == EDO_PENDING)
            return say_that("PENDING", EDO_PENDING);
        say_that("cancelled", EDO_READY);
        break;
    }
    close(fds[0]);
    close(fds[1]);
    return edo_future_done(self, NULL);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {
        .name = "main", .poll = main_poll, .state_names = state_names};
    static struct edo_future root;

    return lesson_main(argc, argv, &root, &type, 0);
}
