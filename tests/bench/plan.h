/* SPDX-License-Identifier: MIT */
/* plan.h - who is measured at what: the contenders, the workloads, and the jobs, which are a
 * workload for one n. */
#ifndef BENCH_PLAN_H
#define BENCH_PLAN_H

#include <stdbool.h>
#include <stddef.h>

/* What a contender can be asked to do. */
enum plan_ability {
    PLAN_SLEEPS = 1,
    PLAN_REARMS = 2,
    PLAN_TASKS = 4,
    PLAN_DEMO = 8,
    PLAN_SERVERS = 16, /* as a server, of which `load` is the client */
    PLAN_REMOTE = 32,
    PLAN_OFFLOAD = 64,
    PLAN_YIELDS = 128,
    PLAN_THREADS = 256, /* two of them, each on a cpu of its own */
    PLAN_ACROSS = 512,
};

struct contender {
    const char *name;
    const char *program; /* below the folder of the bench */
    const char *variant; /* its first argument; NULL: it has no arguments (the demos) */
    const char *peer;    /* the package it stands for, as it is called when it is absent */
    unsigned abilities;
    size_t most;  /* sleeps at a time; its last limit, that of the fds, a program finds itself */
    size_t bytes; /* a sleep, roughly: to know beforehand what fits */
    const char *colour; /* one for whoever has several variants ... */
    const char *dashes; /* ... and these for each of them; NULL: none */
};

/* A column of the table. What is measured is divided by `scale`. */
struct column {
    const char *metric;
    const char *heading;
    double scale;
};

/* How many times as much one of ours takes as each of the others. */
struct comparison {
    const char *ours;
    const char *metric;
    const char *label;
};

struct workload {
    const char *name;
    const char *title; /* what is measured, and from which clock */
    enum plan_ability ability;
    struct column columns[8];         /* ends with a NULL */
    struct comparison comparisons[4]; /* ends with a NULL */
    const char *growth; /* the metric, for each of n, whose growth is looked at; NULL: none */
    const char *unit;   /* of that */
};

struct job {
    const char *workload;
    size_t n;
    unsigned rounds; /* at most; 0: as many as there is time for */
    bool is_quick;   /* in a quick run as well */
};

enum { PLAN_CONTENDERS = 37, PLAN_WORKLOADS = 23, PLAN_JOBS = 54 };

extern const struct contender plan_contenders[PLAN_CONTENDERS];
extern const struct workload plan_workloads[PLAN_WORKLOADS];
extern const struct job plan_jobs[PLAN_JOBS];

/* By their names; they must be there. */
size_t plan_find_contender(const char *name);
const struct workload *plan_find_workload(const char *name);
size_t plan_find_job(const char *workload, size_t n);

/* Whether it is one of edo's. */
bool plan_is_ours(const struct contender *contender);

#endif
