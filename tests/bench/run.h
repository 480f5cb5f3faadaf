/* SPDX-License-Identifier: MIT */
/* run.h - runs one program to its end, and says what came out and what it took. */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include <stddef.h>
#include <stdint.h>

struct run {
    int status;        /* exit status; -1: killed, by a signal or because it took too long */
    uint64_t first_ns; /* from before the spawn to the first byte of output */
    uint64_t wall_ns;  /* from before the spawn to the end */
    uint64_t cpu_ns;   /* all threads, all of its life: rusage of wait4(2) */
    uint64_t peak_kib; /* VmHWM as of its last output but one, or so: see run.c */
    char output[16384];
};

/* Runs argv[0], without a shell, stderr to /dev/null; pinned to `cpu`, if that is not negative. 0,
 * or -errno if it could not be run. */
int run_program(struct run *run, const char *const *argv, int cpu);

/* A cpu that this process may be pinned to: the last of those it has, -1 if it has but one. */
int run_find_cpu(void);

#endif
