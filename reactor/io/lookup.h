/* SPDX-License-Identifier: MIT */
/* lookup.h - from a host's name to its addresses, by getaddrinfo(3) on a thread of a pool.
 *
 * getaddrinfo blocks until a name server has answered. It makes a list in memory of its own, which
 * is freed before the call ends; the request has a copy. So a lookup that is cancelled leaves
 * nothing behind, and its call ends in its slot as any other.
 *
 * Memory: as offload.h; the names are copied. */
#pragma once

#include <sys/socket.h>

#include "offload.h"

enum { EDO_LOOKUP_MOST = 8, EDO_NAME_SIZE = 256 };

struct edo_address {
    struct sockaddr_storage address;
    socklen_t length;
};

struct edo_lookup_request {
    char host[EDO_NAME_SIZE];
    char service[EDO_NAME_SIZE];
    struct edo_address addresses[EDO_LOOKUP_MOST]; /* the result, the one to try first is first */
    size_t count;
    int code; /* of getaddrinfo, 0 if it was not called: for gai_strerror(3) */
};

struct edo_lookup {
    struct edo_offload offload; /* await offload.future */
    struct edo_lookup_request request;
};

/* Looks up `host`, a name or a numeric address, with `service`, a port's name or number, for a
 * stream; neither is NULL. The port is in the addresses. What comes after EDO_LOOKUP_MOST of them
 * is left out. The pool's request_size is at least that of the request.
 *
 * Value: &lookup->request. -ENOENT: there is no such name; -EAGAIN: no name server answers just
 * now; -ENAMETOOLONG; -ENOMEM; -EIO: any other code; an errno of what getaddrinfo calls; and those
 * of edo_offload_init. */
void edo_lookup_init(struct edo_lookup *lookup, struct edo_pool *pool, const char *host,
                     const char *service);
