/* SPDX-License-Identifier: MIT */
/* who-calls-the-waker.c - from PENDING to the next poll. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "what happens between PENDING and the next poll?",
    .look_at = "polls go down, by indentation. What comes up? And at 100 ms, who calls whom, and "
               "where do the polls begin?",
    .answer = "the waker goes down with the poll and is left with the timer. The reactor calls "
              "it, it puts the task into the run queue, and the executor polls the task from the "
              "top."};

struct link {
    struct edo_future future;
    const char *name;         /* set by main, indented by how deep it is */
    const char *awaits;       /* set by main: the name of its child */
    struct edo_future *child; /* set by main */
    struct edo_waker waker;   /* the task's, as the last poll has brought it */
};

static struct edo_sleep leaf;

enum link_state { LINK_START = EDO_START, LINK_AWAITS_CHILD = EDO_FIRST_AWAIT };
static const char *const state_names[] = {"LINK_AWAITS_CHILD"};

/* Stands in for the task's waker, to say when that is called. */
static void called(void *data, struct edo_cause cause)
{
    const struct link *link = data;

    say("reactor", "the timer has fired: calls the waker");
    say("waker", "the task goes into the run queue, and that is all");
    edo_wake_because(link->waker, cause);
}

/* async fn link(child) { child.await } */
static enum edo_poll link_poll(struct edo_future *self, struct edo_context *cx)
{
    struct link *link = edo_container_of(self, struct link, future);
    struct edo_context below = *cx;

    link->waker = cx->waker;
    if (link->child == &leaf.future)
        below.waker = (struct edo_waker){called, link};

    switch ((enum link_state)self->state) {
    case LINK_START:
        edo_future_goto(self, LINK_AWAITS_CHILD);
        /* fall through */
    case LINK_AWAITS_CHILD:
        say(link->name, "is polled, and polls %s", link->awaits);
        if (edo_future_await(self, link->child, &below) == EDO_PENDING) {
            if (link->child == &leaf.future)
                say("      sleep", "arms timer id %u, leaves the waker with it: PENDING",
                    leaf.timer.id);
            say(link->name, "PENDING");
            return EDO_PENDING;
        }
        break;
    }
    if (link->child == &leaf.future)
        say("      sleep", "READY");
    say(link->name, "READY");
    return edo_future_end_as(self, link->child);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {
        .name = "link", .poll = link_poll, .state_names = state_names};
    static struct link links[] = {{.name = "outer", .awaits = "middle"},
                                  {.name = "  middle", .awaits = "inner"},
                                  {.name = "    inner", .awaits = "a sleep"}};

    for (unsigned i = 0; i < 3; i++) {
        edo_future_init(&links[i].future, &type);
        links[i].child = i < 2 ? &links[i + 1].future : &leaf.future;
    }
    edo_sleep_init(&leaf, EDO_MS(100));
    return lesson_main(argc, argv, &links[0].future, &type, 0);
}
