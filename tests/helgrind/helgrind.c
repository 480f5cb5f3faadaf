/* SPDX-License-Identifier: MIT */
/* helgrind.c - tells helgrind what it can't see: it knows locks and conditions, but no atomics, and
 * so not that whoever takes a notice comes after whoever has posted it. The atomics themselves are
 * for ThreadSanitizer (make check-threads), and in helgrind.supp. */
#include <stdbool.h>
#include <valgrind/helgrind.h>

#include "edo.h"

/* The linker's names for what it wraps. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void __real_edo_notice_post(struct edo_notice *notice);
void __real_edo_remote_take(struct edo_remote *remote);
void __real_edo_remote_set_awaited(struct edo_remote *remote, bool is_awaited);
void __wrap_edo_notice_post(struct edo_notice *notice);
void __wrap_edo_remote_take(struct edo_remote *remote);
void __wrap_edo_remote_set_awaited(struct edo_remote *remote, bool is_awaited);

void __wrap_edo_notice_post(struct edo_notice *notice)
{
    ANNOTATE_HAPPENS_BEFORE(notice->remote);
    __real_edo_notice_post(notice);
}

void __wrap_edo_remote_take(struct edo_remote *remote)
{
    __real_edo_remote_take(remote);
    ANNOTATE_HAPPENS_AFTER(remote);
}

void __wrap_edo_remote_set_awaited(struct edo_remote *remote, bool is_awaited)
{
    __real_edo_remote_set_awaited(remote, is_awaited);
    ANNOTATE_HAPPENS_AFTER(remote);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
