/* SPDX-License-Identifier: MIT */
/* memory.h - how much memory there is for many tasks. */
#ifndef DEMO_MEMORY_H
#define DEMO_MEMORY_H

#include <stdint.h>

/* What can be had without swapping, in bytes: of the system, and of the cgroups that this process
 * is in, which a container or systemd may have limited to less. UINT64_MAX where nobody says.
 * `root` stands before the paths: "", but in tests. */
uint64_t memory_available(const char *root);

#endif
