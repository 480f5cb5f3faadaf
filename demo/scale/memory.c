/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_PATH = 1024 }; /* of a longer one, only what is above it is looked at */

/* The files of a cgroup (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst). */
struct version {
    const char *mount, *limit, *used, *cached;
};

static const struct version versions[] = {
    {"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
     "total_inactive_file "},
    {"/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file "},
};

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The number behind `key` in the first line that begins with it; `missing` if there is none. */
static uint64_t number_in(const char *folder, const char *name, const char *key, uint64_t missing)
{
    char path[LONGEST_PATH + 64], line[128], *end;
    uint64_t number = missing;
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "r");
    if (file == NULL)
        return missing;
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, key, strlen(key)) == 0) {
            number = strtoull(line + strlen(key), &end, 10);
            if (end == line + strlen(key))
                number = missing; /* a word, as in memory.max */
            break;
        }
    fclose(file);
    return number;
}

/* The cache of files that nobody uses just now gives way. */
static uint64_t left_in(const char *folder, const struct version *version)
{
    uint64_t limit = number_in(folder, version->limit, "", UINT64_MAX);
    uint64_t used = number_in(folder, version->used, "", 0);
    uint64_t cached = number_in(folder, "memory.stat", version->cached, 0);

    if (limit == UINT64_MAX)
        return limit;
    used -= least(used, cached);
    return limit - least(limit, used);
}

/* A cgroup has no more than those that it is in. */
static uint64_t left_in_or_above(const char *root, const struct version *version, const char *path)
{
    char folder[LONGEST_PATH];
    size_t mount = strlen(root) + strlen(version->mount);
    uint64_t left = UINT64_MAX;

    snprintf(folder, sizeof folder, "%s%s%s", root, version->mount, path);
    for (char *end = folder + strlen(folder); end != NULL && end >= folder + mount;
         end = strrchr(folder, '/')) {
        *end = '\0';
        left = least(left, left_in(folder, version));
    }
    return left;
}

/* A line of /proc/self/cgroup: "5:memory:/path", or "0::/path" of version 2. */
static uint64_t left_by(const char *root, char *line)
{
    char *controllers = strchr(line, ':');
    char *path = controllers ? strchr(controllers + 1, ':') : NULL;

    if (path == NULL)
        return UINT64_MAX;
    *path++ = '\0';
    path[strcspn(path, "\n")] = '\0';
    if (controllers[1] != '\0' && strstr(controllers, "memory") == NULL)
        return UINT64_MAX;
    return left_in_or_above(root, &versions[controllers[1] == '\0'], path);
}

uint64_t memory_available(const char *root)
{
    char path[LONGEST_PATH], line[LONGEST_PATH];
    uint64_t kilobytes, left;
    FILE *file;

    kilobytes = number_in(root, "proc/meminfo", "MemAvailable:", UINT64_MAX);
    left = kilobytes < UINT64_MAX / 1024 ? kilobytes * 1024 : UINT64_MAX;
    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        left = least(left, left_by(root, line));
    if (file != NULL)
        fclose(file);
    return left;
}
