/* SPDX-License-Identifier: MIT */
/* io_workload.h - what every peer in C is made to do about input and output.
 *
 *   echo, connect, idle, flood:
 *   bench --> load --messages--> the peer's server, a process of its own
 *             load <---echo-----
 *
 *   remote, offload: two threads of one process
 *   bench --> io_workload.c <--post, answer, call--> the peer's loop
 *
 * A peer is a server and two loops, behind a handful of functions. It counts nothing: load.c reads
 * the server's clock of CPU time and its memory from outside, io_workload.c does so for the two
 * others. Usage of the program: PROGRAM VARIANT WORKLOAD N. tokio/src/io.rs is the same in Rust. */
#ifndef BENCH_IO_WORKLOAD_H
#define BENCH_IO_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The listening socket, from load.c. What is accepted from it has TCP_NODELAY already. */
enum { IO_LISTENER = 0 };

/* What the server is to be like. */
struct io_service {
    size_t buffer_size;  /* of a connection; it reads no more than that at a time */
    uint64_t timeout_ns; /* a connection that says nothing for so long is closed; 0: never */
};

/* What a peer brings. Where it fails, it ends the program (io_fail). */
struct io_peer {
    /* Accepts connections, and writes back what it reads from each, until the process is killed.
     * What a client doesn't take waits, and meanwhile that client isn't read from. */
    void (*serve)(const struct io_service *service);

    /* Opens a loop that can be woken by another thread. NULL: there is no such thing. */
    void (*open_remote)(void);

    /* Called by another thread: wakes the loop. */
    void (*post)(void);

    /* Runs that loop, which calls io_answer each time it was woken, until that says false. */
    void (*run_remote)(void);

    /* Has io_blocking called by a pool of threads, and io_returned by its loop when that call is
     * over, again and again until io_returned says false. NULL: there is no pool. */
    void (*run_offload)(void);
};

extern const struct io_peer io_peer;

/* The loop was woken: answers the other thread. False: it was the last time. */
bool io_answer(void);

/* What the pool is to call. It does nothing. */
void io_blocking(void);

/* Counts a call on the pool. False: it was the last. */
bool io_returned(void);

_Noreturn void io_fail(const char *what);
_Noreturn void io_cannot(const char *why);
_Noreturn void io_absent(const char *why);
void *io_alloc(size_t size);

#endif
