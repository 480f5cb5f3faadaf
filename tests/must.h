/* SPDX-License-Identifier: MIT */
/* must.h - as ck_assert, which makes a system call each time: for what is asserted a million times.
 */
#ifndef TESTS_MUST_H
#define TESTS_MUST_H

#include <check.h>

#define must(condition) ((condition) ? (void)0 : ck_abort_msg("not so: %s", #condition))

#endif
