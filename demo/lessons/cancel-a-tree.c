/* SPDX-License-Identifier: MIT */
/* cancel-a-tree.c - groups in groups, and a shield, are cancelled. */
#include "lesson.h"

const struct lesson lesson = {
    .question = "what ends when a parent is cancelled?",
    .look_at = "100 ms, when main cancels the parent: which rows end there, which one later, and "
               "which goes on?",
    .answer = "all that lives in it, however deep, before anybody else has a turn. What a shield "
              "holds is completed first, and what is around it has not ended until then."};

/* A group around an owner, which spawns two members and is done; the group waits for them. */
struct branch {
    struct edo_group group;
    struct edo_future owner;
    struct edo_member members[2];
};

/* async fn owner(members) { for member in members { group.spawn(member); } } */
static enum edo_poll owner_poll(struct edo_future *self, struct edo_context *cx)
{
    struct branch *branch = edo_container_of(self, struct branch, owner);
    int error = 0;

    for (unsigned i = 0; i < 2 && !error; i++)
        error = edo_group_spawn(&branch->group, cx->executor, &branch->members[i]);
    return error ? edo_future_fail(self, error) : edo_future_done(self, NULL);
}

static void branch_init(struct branch *branch, struct work *leaf, const char *name,
                        struct edo_future *member)
{
    static const struct edo_future_type type = {.name = "owner", .poll = owner_poll};

    edo_future_init(&branch->owner, &type);
    edo_group_init(&branch->group, &branch->owner);
    edo_task_init(&branch->members[0].task, leaf->name, &leaf->future);
    edo_task_init(&branch->members[1].task, name, member);
}

static void cancel(struct edo_context *cx, void *parent)
{
    (void)cx;
    say("main", "cancels the parent");
    if (edo_task_cancel(parent) == EDO_PENDING)
        say("main", "the parent has not ended: a shield holds a part of it");
}

int main(int argc, char **argv)
{
    static struct branch parent, child;
    static struct work reader, writer, save, bystander;
    static struct edo_shield shield;
    static struct later later;
    static struct lesson_task tasks[] = {
        {.name = "parent", .future = &parent.group.future, .wanted = -ECANCELED},
        {.name = "bystander", .future = &bystander.future},
        {.name = "main", .future = &later.future}};

    work_init(&reader, "reader", EDO_MS(400));
    work_init(&writer, "writer", EDO_MS(500));
    work_init(&save, "shielded save", EDO_MS(200));
    work_init(&bystander, "bystander", EDO_MS(300));
    edo_shield_init(&shield, &save.future);
    branch_init(&parent, &reader, "child", &child.group.future);
    branch_init(&child, &writer, "shielded save", &shield.future);
    later_init(&later, EDO_MS(100), cancel, &tasks[0].task);
    return lesson_main_tasks(argc, argv, tasks, 3);
}
