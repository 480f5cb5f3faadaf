/* SPDX-License-Identifier: MIT */
/* peer.h - the other end of a connection: it says what its script has, and tells what it hears.
 *
 *   EDO_START --> PEER_AWAITS_START --> PEER_CONNECTS --> PEER_TALKS --> EDO_DONE
 *                                                             |              ^
 *                                            it has said all  +--> PEER_LISTENS
 *
 * It is done when the stream has ended or is broken, whatever it still has to say. Error: that of
 * its connection. Memory: the caller's; it must not move. */
#ifndef DEMO_LESSONS_PEER_H
#define DEMO_LESSONS_PEER_H

#include <netinet/in.h>

#include "lesson.h"

/* At a time, counted from the start, a peer says a text; with NULL it has said all (a half close).
 * With its first step a peer connects. */
struct peer_step {
    unsigned at_ms;
    const char *name;
    const char *text;
};

/* What a peer says; it ends with the script, or when nobody listens any more. */
struct peer_talk {
    struct edo_future future;
    const struct peer_step *next, *end; /* of the script */
    struct edo_sleep sleep;
    struct edo_write write;
};

/* What it hears; it ends with the stream. */
struct peer_listen {
    struct edo_future future;
    struct edo_read read;
    char text[256];
};

struct peer {
    struct edo_future future;
    const char *name;        /* set by init */
    bool is_server;          /* set by init: it accepts */
    struct edo_io *listener; /* set by init; NULL: `io` is connected */
    struct edo_io *io;       /* open from PEER_TALKS to the end */
    struct edo_io own;       /* at PEER_CONNECTS it is opened */
    uint64_t began_ns;       /* from the first poll on: when that was */
    struct edo_sleep start;
    struct edo_connect connect;
    struct edo_accept accept;
    struct peer_talk talk;
    struct peer_listen listen;
    struct edo_branch branches[2]; /* listen, talk */
    struct edo_join until_silent;
};

/* A peer that accepts a connection at the time of its first step. */
void peer_init_accept(struct peer *peer, const char *name, struct edo_io *listener,
                      const struct peer_step *script, size_t count);

/* Runs a lesson (lesson_main_tasks) of a server and its peers. All steps are in one script, in the
 * order of time; each name in it is a peer, and they are few. The last step has no name: then this
 * process gets a SIGTERM. */
int peer_main(int argc, char **argv, struct edo_future *server, const struct peer_step *script,
              size_t count);

/* A socket that listens, in this machine only and without a name in any folder, and SIGTERM: for a
 * lesson's `open` and `close`. */
extern struct edo_io peer_listener;
extern struct edo_signals peer_sigterm;
int peer_server_open(struct edo_executor *executor);
void peer_server_close(void);

/* The same over TCP, on loopback, at a port that the kernel chooses: for a lesson's `open` and
 * `close`. */
extern struct edo_io peer_tcp;
int peer_tcp_open(struct edo_executor *executor);
void peer_tcp_close(void);

/* Opens a socket of its kind and initialises the future that connects it. 0; or -errno, with `io`
 * closed, and then the future fails. */
int peer_connect_open(struct edo_connect *connect, struct edo_io *io, struct edo_reactor *reactor,
                      const struct edo_io *listener);

/* The same for a lesson that has several listeners at one port (SO_REUSEPORT), each to be closed by
 * itself. With a port of zeros the kernel chooses one, and it is left there. */
int peer_listen_at(struct edo_io *listener, struct edo_reactor *reactor, struct sockaddr_in *port);

/* Clients of such a port, one after another: each connects, reads a byte and goes.
 *
 *   EDO_START --> CLIENTS_AWAIT_ANSWER --so many have one--> EDO_DONE, or EDO_FAILED
 *
 * No value. Error: that of the first who got none. Memory: the caller's; it must not move. */
struct peer_clients {
    struct edo_future future;
    const struct sockaddr_in *port; /* set by init; looked at when one connects */
    unsigned count;                 /* set by init */
    unsigned answers;
    struct edo_io io;
    struct edo_connect connect;
    struct edo_read read;
    char answer;
};

void peer_clients_init(struct peer_clients *clients, const struct sockaddr_in *port,
                       unsigned count);

/* Two streams, each with its two ends: for a lesson's `open` and `close`. */
extern struct edo_io peer_pairs[2][2];
int peer_pairs_open(struct edo_executor *executor);
void peer_pairs_close(void);

/* A peer at an end that is open, with the steps that have its name. It closes that end when it is
 * done. */
void peer_init_on(struct peer *peer, const char *name, struct edo_io *io,
                  const struct peer_step *script, size_t count);

/* As if from elsewhere: a short text, at once. */
void peer_send(const struct edo_io *io, const char *text);

#endif
