/* SPDX-License-Identifier: MIT */
/* spawn-vs-join-vs-loop.c - three ways to await three sleeps. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "three sleeps: in a loop, joined, or spawned?",
    .look_at = "the three phases in the timeline: how long is each, and which of them has tasks?",
    .answer = "awaited in a loop the times add up. Joined they overlap inside the one task, "
              "spawned they overlap as tasks, and both take as long as the longest."};

struct ways {
    struct edo_future future;
    struct work works[3];
    unsigned index;
    struct edo_branch branches[3];
    struct edo_join join;
    struct edo_task tasks[3];
    struct edo_join_tasks join_tasks;
};

enum ways_state { START = EDO_START, AWAITS_WORK = EDO_FIRST_AWAIT, AWAITS_JOIN, AWAITS_TASKS };
static const char *const state_names[] = {"AWAITS_WORK", "AWAITS_JOIN", "AWAITS_TASKS"};

static void begin(struct ways *ways, struct edo_context *cx, const char *way)
{
    static const char *const names[] = {"work(1)", "work(2)", "work(3)"};

    lesson_phase(cx, way);
    for (unsigned i = 0; i < 3; i++) {
        work_init(&ways->works[i], names[i], EDO_MS(100) * (i + 1));
        ways->branches[i].child = &ways->works[i].future;
    }
}

/* async fn ways() {
 *     for work in works() { work.await; }
 *     join_all(works()).await;
 *     join_all(works().map(spawn)).await;
 * } */
static enum edo_poll ways_poll(struct edo_future *self, struct edo_context *cx)
{
    struct ways *ways = edo_container_of(self, struct ways, future);

    switch ((enum ways_state)self->state) {
    case START:
        begin(ways, cx, "awaited in a loop");
        edo_future_goto(self, AWAITS_WORK);
        /* fall through */
    case AWAITS_WORK:
        for (; ways->index < 3; ways->index++)
            if (edo_future_await(self, &ways->works[ways->index].future, cx) == EDO_PENDING)
                return EDO_PENDING;
        begin(ways, cx, "joined");
        edo_join_init(&ways->join, ways->branches, 3);
        edo_future_goto(self, AWAITS_JOIN);
        /* fall through */
    case AWAITS_JOIN:
        if (edo_future_await(self, &ways->join.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        begin(ways, cx, "spawned");
        for (unsigned i = 0; i < 3; i++)
            lesson_spawn(cx, &ways->tasks[i], ways->works[i].name, &ways->works[i].future);
        edo_join_tasks_init(&ways->join_tasks, ways->tasks, 3);
        edo_future_goto(self, AWAITS_TASKS);
        /* fall through */
    case AWAITS_TASKS:
        if (edo_future_await(self, &ways->join_tasks.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    return edo_future_done(self, NULL);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {
        .name = "ways", .poll = ways_poll, .state_names = state_names};
    static struct ways ways;

    return lesson_main(argc, argv, &ways.future, &type, 0);
}
