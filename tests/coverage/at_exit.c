/* SPDX-License-Identifier: MIT */
/* at_exit.c - what is covered is written at exit, but a test that is to abort, or a forked child
 * that leaves by _exit, does not come to that. Only in the build that measures coverage. */
#include <signal.h>

#include "wrap.h"

/* The names are the linker's and the compiler's. In the handler of an abort nothing else runs. */
/* NOLINTBEGIN(bugprone-reserved-identifier,bugprone-signal-handler,cert-*) */

int __llvm_profile_write_file(void);
void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));

static void write_coverage(void)
{
    wrap_end(); /* its own calls are not to fail */
    __llvm_profile_write_file();
}

void __wrap__exit(int status)
{
    write_coverage();
    __real__exit(status);
}

/* When it returns, abort goes on. */
static void at_abort(int signal)
{
    (void)signal;
    write_coverage();
}

__attribute__((constructor)) static void begin(void)
{
    signal(SIGABRT, at_abort);
}

/* NOLINTEND(bugprone-reserved-identifier,bugprone-signal-handler,cert-*) */
