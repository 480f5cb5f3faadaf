/* SPDX-License-Identifier: MIT */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* EAI_NODATA, memccpy */
#endif

#include "lookup.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>

static int error_of(int code)
{
    switch (code) {
    case EAI_NONAME:
    case EAI_SERVICE:
    case EAI_NODATA:
        return -ENOENT;
    case EAI_AGAIN:
        return -EAGAIN;
    case EAI_MEMORY:
        return -ENOMEM;
    case EAI_SYSTEM:
        return errno != 0 ? -errno : -EIO;
    default:
        return -EIO;
    }
}

static void copy_addresses(struct edo_lookup_request *request, const struct addrinfo *list)
{
    for (; list != NULL && request->count < EDO_LOOKUP_MOST; list = list->ai_next) {
        struct edo_address *address = &request->addresses[request->count++];

        memcpy(&address->address, list->ai_addr, list->ai_addrlen);
        address->length = list->ai_addrlen;
    }
}

/* On a thread of the pool. */
static int look_up(void *data)
{
    struct edo_lookup_request *request = data;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM}; /* else each comes three times */
    struct addrinfo *list;

    if (request->host[EDO_NAME_SIZE - 1] || request->service[EDO_NAME_SIZE - 1])
        return -ENAMETOOLONG;
    request->code = getaddrinfo(request->host, request->service, &hints, &list);
    if (request->code)
        return error_of(request->code);
    copy_addresses(request, list);
    freeaddrinfo(list);
    return 0;
}

/* A name that is too long fills its room, and is found out there. */
void edo_lookup_init(struct edo_lookup *lookup, struct edo_pool *pool, const char *host,
                     const char *service)
{
    struct edo_lookup_request *request = &lookup->request;

    memset(request, 0, sizeof *request);
    memccpy(request->host, host, '\0', sizeof request->host);
    memccpy(request->service, service, '\0', sizeof request->service);
    edo_offload_init(&lookup->offload, pool, look_up, request, sizeof *request);
}
