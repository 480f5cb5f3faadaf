/* SPDX-License-Identifier: MIT */
/* errno_name.h - between errno numbers and their names, both ways. glibc has half of this
 * (strerrorname_np), other libcs have none. */
#ifndef DEMO_ERRNO_NAME_H
#define DEMO_ERRNO_NAME_H

/* "ETIMEDOUT" for ETIMEDOUT; "unknown error" for what POSIX doesn't name. */
const char *errno_name(int number);

/* ETIMEDOUT for "ETIMEDOUT"; 0 for what is no name. */
int errno_number(const char *name);

#endif
