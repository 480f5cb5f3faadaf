/* SPDX-License-Identifier: MIT */
/* chat.c - what one posts, all get; and one of them does not read. */
#include "peer.h"

const struct lesson lesson = {
    .question = "one of many does not read: who waits for her?",
    .look_at = "a picture is posted every 200 ms. ben reads each at once, zoe reads nothing. What "
               "is in their rows when the second is posted?",
    .answer = "nobody. Each has a write of his own, in a task of its own. Who has one under way "
              "when the next is due is cut off: her stream is closed, and the write fails. A queue "
              "for each would give her time, and would have to have an end as well.",
    .open = peer_pairs_open,
    .close = peer_pairs_close};

enum { MB = 1024 * 1024, PICTURES = 3 };

static struct edo_read reading; /* ben's: all of them */

static struct member {
    const char *name;
    struct edo_write write;
    struct edo_task task; /* of the write */
} ben = {.name = "to ben"}, zoe = {.name = "to zoe"};

static void post_to(struct edo_context *cx, struct member *member, struct edo_io *io)
{
    if (edo_task_is_live(&member->task)) {
        say(member->name, "the picture before is still under way: cut off");
        edo_io_close(io); /* its write fails */
    } else if (edo_io_fd(io) >= 0) {
        static char picture[MB] = {0};

        edo_write_init(&member->write, io, picture, MB);
        lesson_spawn(cx, &member->task, member->name, &member->write.operation.future);
    }
}

static void post(struct edo_context *cx, void *data)
{
    (void)data;
    say("chat", "a picture is posted; ben has %zu", reading.done / MB);
    post_to(cx, &ben, &peer_pairs[0][0]);
    post_to(cx, &zoe, &peer_pairs[1][0]);
}

int main(int argc, char **argv)
{
    static char bytes[PICTURES * MB];
    static struct later posts[PICTURES];
    static struct lesson_task tasks[] = {{.name = "ben", .future = &reading.operation.future},
                                         {.name = "post 1", .future = &posts[0].future},
                                         {.name = "post 2", .future = &posts[1].future},
                                         {.name = "post 3", .future = &posts[2].future}};

    edo_read_exactly_init(&reading, &peer_pairs[0][1], bytes, sizeof bytes);
    for (unsigned i = 0; i < PICTURES; i++)
        later_init(&posts[i], EDO_MS(200 * (i + 1)), post, NULL);
    return lesson_main_tasks(argc, argv, tasks, PICTURES + 1);
}
