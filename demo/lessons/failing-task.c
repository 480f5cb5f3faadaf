/* SPDX-License-Identifier: MIT */
/* failing-task.c - try_join: the first failure cancels the rest. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "one of three fails: what becomes of the others?",
    .look_at = "the rows of films and mail when photos fails, at 200 ms; and what main knows of "
               "it.",
    .answer = "in a try_join the first failure cancels those that have not ended, and is the "
              "error of the whole. In a plain join the others would go on."};

struct backup {
    struct edo_future future;
    struct work parts[3];
    struct spawned tasks[3];
    struct edo_branch branches[3];
    struct edo_join join;
};

enum backup_state { BACKUP_START = EDO_START, BACKUP_AWAITS_PARTS = EDO_FIRST_AWAIT };
static const char *const state_names[] = {"BACKUP_AWAITS_PARTS"};

static void copy(struct backup *backup, unsigned i, const char *part, uint64_t duration_ns)
{
    work_init(&backup->parts[i], part, duration_ns);
    spawned_init(&backup->tasks[i], part, &backup->parts[i].future);
    backup->branches[i].child = &backup->tasks[i].future;
}

static const char *how_it_ended(const struct edo_future *future)
{
    struct edo_outcome outcome = edo_future_outcome(future);

    switch (outcome.kind) {
    case EDO_OUTCOME_OK:
        return "done";
    case EDO_OUTCOME_FAILED:
        return errno_name(-outcome.error);
    case EDO_OUTCOME_CANCELLED:
        break;
    }
    return "cancelled";
}

/* async fn backup() -> Result<(), Error> { try_join(mail(), photos(), films()).await } */
static enum edo_poll backup_poll(struct edo_future *self, struct edo_context *cx)
{
    struct backup *backup = edo_container_of(self, struct backup, future);

    switch ((enum backup_state)self->state) {
    case BACKUP_START:
        copy(backup, 0, "mail", EDO_MS(100));
        copy(backup, 1, "photos", EDO_MS(200));
        copy(backup, 2, "films", EDO_MS(400));
        backup->parts[1].told_error = -ENOSPC;
        edo_try_join_init(&backup->join, backup->branches, 3);
        edo_future_goto(self, BACKUP_AWAITS_PARTS);
        /* fall through */
    case BACKUP_AWAITS_PARTS:
        if (edo_future_await(self, &backup->join.future, cx) == EDO_PENDING)
            return EDO_PENDING;
        break;
    }
    for (unsigned i = 0; i < 3; i++)
        say("main", "%s: %s", backup->parts[i].name, how_it_ended(&backup->parts[i].future));
    say("main", "the backup fails with %s, because of %s",
        errno_name(-edo_future_error(&backup->join.future)),
        backup->parts[backup->join.decided].name);
    return edo_future_end_as(self, &backup->join.future);
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {
        .name = "backup", .poll = backup_poll, .state_names = state_names};
    static struct backup backup;

    return lesson_main(argc, argv, &backup.future, &type, -ENOSPC);
}
