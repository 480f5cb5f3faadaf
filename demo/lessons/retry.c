/* SPDX-License-Identifier: MIT */
/* retry.c - a timeout and a sleep, in a loop. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "what is a retry with back-off and jitter made of?",
    .look_at = "how each attempt ends, and how long the pauses between them are.",
    .answer = "of a timeout and a sleep in a loop. The timeout cancels the attempt and all it "
              "holds; the pauses double, and a random part keeps clients apart."};

enum { ATTEMPTS = 4 };
static const char *const names[ATTEMPTS] = {"attempt 1", "attempt 2", "attempt 3", "attempt 4"};
static const uint64_t takes_ns[ATTEMPTS] = {EDO_MS(400), EDO_MS(250), EDO_MS(150), EDO_MS(60)};

struct retry {
    struct edo_future future;
    unsigned attempt;
    uint32_t random; /* set by main: the seed, not 0 */
    struct work fetch;
    struct spawned spawned; /* so that each attempt has a row in the timeline */
    struct edo_timeout timeout;
    struct edo_sleep pause;
};

enum retry_state { START = EDO_START, AWAITS_ATTEMPT = EDO_FIRST_AWAIT, AWAITS_PAUSE };
static const char *const state_names[] = {"AWAITS_ATTEMPT", "AWAITS_PAUSE"};

static void begin_attempt(struct retry *retry)
{
    work_init(&retry->fetch, names[retry->attempt], takes_ns[retry->attempt]);
    spawned_init(&retry->spawned, names[retry->attempt], &retry->fetch.future);
    edo_timeout_init(&retry->timeout, &retry->spawned.future, EDO_MS(100));
    edo_future_goto(&retry->future, AWAITS_ATTEMPT);
}

/* At random from 25 to 50 ms, then from 50 to 100, then from 100 to 200. (Marsaglia's xorshift) */
static void begin_pause(struct retry *retry)
{
    uint32_t half = UINT32_C(25) << retry->attempt++, ms;

    retry->random ^= retry->random << 13;
    retry->random ^= retry->random >> 17;
    retry->random ^= retry->random << 5;
    ms = half + retry->random % (half + 1);
    say("main", "%s, pause of %u ms", errno_name(-edo_future_error(&retry->timeout.future)), ms);
    edo_sleep_init(&retry->pause, EDO_MS(ms));
    edo_future_goto(&retry->future, AWAITS_PAUSE);
}

/* async fn retry() { while timeout(100ms, fetch()).await.is_err() { sleep(pause()).await; } } */
static enum edo_poll retry_poll(struct edo_future *self, struct edo_context *cx)
{
    struct retry *retry = edo_container_of(self, struct retry, future);

    for (;;)
        switch ((enum retry_state)self->state) {
        case AWAITS_ATTEMPT:
            if (edo_future_await(self, &retry->timeout.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            if (!edo_future_error(&retry->timeout.future) || retry->attempt + 1 == ATTEMPTS)
                return edo_future_end_as(self, &retry->timeout.future);
            begin_pause(retry);
            /* fall through */
        case AWAITS_PAUSE:
            if (edo_future_await(self, &retry->pause.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            /* fall through */
        case START:
            begin_attempt(retry);
        }
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {
        .name = "retry", .poll = retry_poll, .state_names = state_names};
    static struct retry retry = {.random = 1};

    return lesson_main(argc, argv, &retry.future, &type, 0);
}
