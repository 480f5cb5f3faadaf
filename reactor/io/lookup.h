/* SPDX-License-Identifier: MIT */
/* lookup.h - from a host's name to its addresses, by getaddrinfo(3) on a thread of a pool.
 *
 * getaddrinfo blocks until a name server has answered. It makes a list in memory of its own, which
 * is freed before the call ends; the request has a copy. So a lookup that is cancelled leaves
 * nothing behind, and its call ends in its slot as any other.
 *
 * Memory: as offload.h; from init on it must not move. The names are copied. */
#pragma once

#include <sys/socket.h>

#include "offload.h"

/* EDO_LOOKUP_MOST addresses at most are kept. A name of EDO_NAME_SIZE bytes or more is too long. */
enum { EDO_LOOKUP_MOST = 8, EDO_NAME_SIZE = 256 };

struct edo_address {
    struct sockaddr_storage address; /* with the port */
    socklen_t length;                /* of `address` */
};

struct edo_lookup_request {
    char host[EDO_NAME_SIZE];                      /* set by init */
    char service[EDO_NAME_SIZE];                   /* set by init */
    struct edo_address addresses[EDO_LOOKUP_MOST]; /* the result, the one to try first is first */
    size_t count;                                  /* of the addresses */
    int code; /* of getaddrinfo, 0 if it was not called: for gai_strerror(3) */
};

struct edo_lookup {
    struct edo_offload offload;        /* await offload.future */
    struct edo_lookup_request request; /* and the result */
};

/* Looks up `host`, a name or a numeric address, with `service`, a port's name or number, for a
 * stream; neither is NULL, nor of this request. The port is in the addresses. What comes after
 * EDO_LOOKUP_MOST of them is left out. The pool's request_size is at least that of the request.
 *
 * Result: &lookup->request. -ENOENT: there is no such name; -EAGAIN: no name server answers just
 * now; -ENAMETOOLONG: `host` or `service` does not fit; -ENOMEM: getaddrinfo lacks memory; -EIO:
 * any other code of getaddrinfo(3); else as the calls that it makes, and as edo_offload_init. */
void edo_lookup_init(struct edo_lookup *lookup, struct edo_pool *pool, const char *host,
                     const char *service);
