/* SPDX-License-Identifier: MIT */
/* lost-wakeup.c - one of two futures keeps no waker. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "what if a future says PENDING and keeps no waker?",
    .look_at = "100 ms, when the letter is there for both: who is polled? Then the last lines: "
               "how does the executor end, and what does it know?",
    .answer = "nobody can tell it that it could go on. As soon as nothing is armed that could "
              "wake anybody, the executor says so instead of hanging."};

struct reader {
    struct edo_future future;
    const char *name;       /* set by main */
    bool keeps_waker;       /* set by main */
    struct edo_waker waker; /* whom to wake when there is a letter */
};

static struct reader careful = {.name = "careful", .keeps_waker = true};
static struct reader forgetful = {.name = "forgetful", .keeps_waker = false};
static bool is_there; /* the letter, for both to read */

enum reader_state { READER_START = EDO_START, READER_AWAITS_LETTER = EDO_FIRST_AWAIT };
static const char *const state_names[] = {"READER_AWAITS_LETTER"};

/* async fn reader() { letter.await } */
static enum edo_poll reader_poll(struct edo_future *self, struct edo_context *cx)
{
    struct reader *reader = edo_container_of(self, struct reader, future);

    switch ((enum reader_state)self->state) {
    case READER_START:
        edo_future_goto(self, READER_AWAITS_LETTER);
        /* fall through */
    case READER_AWAITS_LETTER:
        if (is_there)
            break;
        if (reader->keeps_waker)
            reader->waker = cx->waker; /* without this line, PENDING is a broken promise */
        say(reader->name, "no letter yet: PENDING%s", reader->keeps_waker ? ", waker kept" : "");
        return EDO_PENDING;
    }
    say(reader->name, "reads the letter");
    return edo_future_done(self, NULL);
}

static void bring_letter(struct edo_context *cx, void *data)
{
    (void)cx;
    (void)data;
    is_there = true;
    say("postman", "the letter is there; calls the wakers that were kept");
    edo_wake(careful.waker);
    edo_wake(forgetful.waker); /* there is none: this does nothing */
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {
        .name = "reader", .poll = reader_poll, .state_names = state_names};
    static struct later postman;
    static struct lesson_task tasks[] = {
        {.name = "careful", .future = &careful.future},
        {.name = "forgetful", .future = &forgetful.future, .wanted = -EDEADLK},
        {.name = "postman", .future = &postman.future}};

    edo_future_init(&careful.future, &type);
    edo_future_init(&forgetful.future, &type);
    later_init(&postman, EDO_MS(100), bring_letter, NULL);
    return lesson_main_tasks(argc, argv, tasks, 3);
}
