/* SPDX-License-Identifier: MIT */
/* helper.h - what the suites share: fds counted, runtimes to test on, a future that counts. */
#ifndef TESTS_HELPER_H
#define TESTS_HELPER_H

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "edo.h"
#include "schedule.h" /* IWYU pragma: export */

/* How many fds this process has open. */
int count_fds(void);

/* A million, or few where every step is slow (EDO_SMALL in the environment: under valgrind). */
size_t a_million(void);

/* That variable of the environment. */
uint64_t number_from(const char *name, uint64_t otherwise);

/* `size`, or the smallest stack that a thread may have here, if that is more: 128 KB on aarch64. */
size_t stack_of(size_t size);

/* --- A runtime to test on -------------------------------------------------------------------- */

/* Loop tests run once on each of these. The virtual ones come first. */
enum variant {
    FD_VIRTUAL,
    WHEEL_VIRTUAL,
    VIRTUAL_VARIANTS,
    FD_REAL = VIRTUAL_VARIANTS,
    WHEEL_REAL,
    VARIANTS
};

struct runtime {
    struct edo_executor executor;
    struct edo_timer_wheel wheel; /* the state of that driver */
    int fds_before;
};

/* A schedule that has errors may refuse it: then once more, and no fd may be left. */
void runtime_open(struct runtime *runtime, int variant);
void runtime_open_traced(struct runtime *runtime, int variant, struct edo_trace *trace);

/* Closes it, and fails the test if an fd stayed open. */
void runtime_close(struct runtime *runtime);

uint64_t runtime_now(const struct runtime *runtime);

/* Runs `future` to its end, as a task. */
struct edo_outcome runtime_await(struct runtime *runtime, struct edo_future *future);

/* Lets a little time pass. */
void runtime_run_for(struct runtime *runtime, uint64_t duration_ns);

/* The live task of that name, NULL if there is none. */
struct edo_task *find_task(const struct edo_executor *executor, const char *name);

/* An executor that was not opened: it has queues, but no reactor. */
void executor_without_reactor(struct edo_executor *executor);

/* --- A future that counts -------------------------------------------------------------------- */

/* PENDING for `pending` polls, then done or failed. It keeps its waker for the test to call. */
struct fake {
    struct edo_future future;
    unsigned pending;
    bool wakes_itself; /* in each poll */
    int error;
    unsigned polls;
    unsigned cancels;
    struct edo_waker waker;
};

void fake_init(struct fake *fake, unsigned pending);

/* --- A future of several --------------------------------------------------------------------- */

/* async fn sequence(children) -> Result<(), Error> { for child in children { child.await?; } Ok(())
 * }
 */
struct sequence {
    struct edo_future future;
    struct edo_future **children;
    size_t count;
    size_t next;
};

void sequence_init(struct sequence *sequence, struct edo_future **children, size_t count);

/* --- A waker that counts --------------------------------------------------------------------- */

struct counter {
    unsigned wakes;
};

struct edo_waker counting(struct counter *counter);

/* --- A waker that cancels --------------------------------------------------------------------- */

/* As one of a program's own may, from inside anything. */
struct edo_waker cancelling(struct edo_future *future);

#endif
