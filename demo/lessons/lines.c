/* SPDX-License-Identifier: MIT */
/* lines.c - a protocol of lines, whose bytes arrive cut anywhere. */
#include <stdlib.h>
#include <string.h>

#include "peer.h"

const struct lesson lesson = {
    .question = "a stream has no lines: who finds them?",
    .look_at = "what the peer sends ends where it likes. When is each line there, and what of two "
               "that came together?",
    .answer = "a reader, which keeps what has come behind the line for the next one. So one task "
              "reads from one reader, and nobody reads past it. Its buffer is the longest line.",
    .open = peer_pairs_open,
    .close = peer_pairs_close};

static struct edo_io *const its_end = &peer_pairs[0][0];
static struct server {
    struct edo_future future;
    struct edo_reader reader;
    struct edo_read_until line;
    char buffer[32];
    unsigned long sum;
} server;

enum server_state { SERVER_START = EDO_START, READS_LINE = EDO_FIRST_AWAIT };
static const char *const server_states[] = {"READS_LINE"};

/* The line is in the reader's buffer, and ours until the next read_until. */
static void obey(const struct edo_read_until *line)
{
    char *text = (char *)line->part;

    text[line->length - 1] = '\0'; /* in place of the delimiter */
    if (strncmp(text, "add ", 4) == 0)
        server.sum += strtoul(text + 4, NULL, 10);
    say("server", "'%s': the sum is %lu", text, server.sum);
}

/* async fn server() { while let Ok(line) = read_until('\n').await { obey(line); } } */
static enum edo_poll server_poll(struct edo_future *self, struct edo_context *cx)
{
    for (;;)
        switch ((enum server_state)self->state) {
        case SERVER_START:
            edo_reader_init(&server.reader, its_end, server.buffer, sizeof server.buffer);
            edo_read_until_init(&server.line, &server.reader, '\n');
            edo_future_goto(self, READS_LINE);
            /* fall through */
        case READS_LINE:
            if (edo_future_await(self, &server.line.operation.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            if (edo_future_error(&server.line.operation.future)) {
                say("server", "no more lines, left over: '%.*s'", (int)server.reader.filled,
                    server.buffer);
                edo_io_close(its_end);
                return edo_future_end_as(self, &server.line.operation.future);
            }
            obey(&server.line);
            edo_read_until_init(&server.line, &server.reader, '\n');
        }
}

int main(int argc, char **argv)
{
    static const struct edo_future_type type = {
        .name = "server", .poll = server_poll, .state_names = server_states};
    static const struct peer_step script[] = {{20, "client", "ad"},
                                              {40, "client", "d 20\nadd 1\nad"},
                                              {60, "client", "d 300\n"},
                                              {80, "client", "ad"},
                                              {100, "client", NULL}};
    static struct peer client;
    static struct lesson_task tasks[] = {
        {.name = "server", .future = &server.future, .wanted = -ENODATA},
        {.name = "client", .future = &client.future}};

    edo_future_init(&server.future, &type);
    peer_init_on(&client, "client", &peer_pairs[0][1], script, 5);
    return lesson_main_tasks(argc, argv, tasks, 2);
}
