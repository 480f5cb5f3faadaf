/* SPDX-License-Identifier: MIT */
/* uring.c - io_uring, and no library but liburing: a timeout request for each timer.
 *
 *   arm, rearm, disarm --> a request in the submission queue --> the kernel, when the queue is full
 *                                                                or the loop waits
 *
 * Deadlines are absolute: the kernel counts a duration only from when it gets the request. */
#include <errno.h>
#include <liburing.h>
#include <string.h>

#include "measure.h"
#include "workload.h"

enum {
    REQUESTS = 256,       /* in the submission queue */
    COMPLETIONS = 16384,  /* io_uring_queue_init(3): the queue of completions must not overflow */
    MOST_CHANGED = 20000, /* pending; to find one the kernel walks a list: ms, of 100,000 */
};

static struct io_uring ring;
static struct __kernel_timespec deadlines[REQUESTS]; /* of requests that are not yet submitted */
static size_t taken;
static size_t requests; /* so far */
static size_t disarmed; /* since completions were last collected */
static bool is_busy;
static bool is_stopped;

static void check(int result, const char *what)
{
    if (result >= 0 || result == -EINTR)
        return;
    errno = -result;
    workload_fail(what);
}

/* One thread, which processes completions when it waits: the manual's flags for such a ring. */
static bool uring_open(const char *variant)
{
    struct io_uring_params params = {.flags = IORING_SETUP_SINGLE_ISSUER |
                                              IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
                                     .cq_entries = COMPLETIONS};

    (void)variant;
    if (io_uring_queue_init_params(REQUESTS, &ring, &params) != 0)
        workload_absent("the kernel is older than Linux 6.1, or forbids io_uring");
    return true;
}

static void uring_take(size_t n)
{
    taken = n; /* that is all: a timer is in the kernel */
}

static struct io_uring_sqe *next_request(void)
{
    struct io_uring_sqe *request = io_uring_get_sqe(&ring);

    if (request == NULL) {
        check(io_uring_submit(&ring), "io_uring_submit");
        request = io_uring_get_sqe(&ring);
    }
    requests++;
    return request;
}

/* Where the deadline of the latest request stays until the kernel has it. */
static struct __kernel_timespec *put_deadline(uint64_t deadline_ns)
{
    struct __kernel_timespec *deadline = &deadlines[requests % REQUESTS];

    deadline->tv_sec = (long long)(deadline_ns / NS_PER_S);
    deadline->tv_nsec = (long long)(deadline_ns % NS_PER_S);
    return deadline;
}

static struct io_uring_sqe *next_change(void)
{
    if (taken > MOST_CHANGED)
        workload_cannot("a thousand of these take seconds");
    return next_request();
}

static void uring_arm(size_t i)
{
    uint64_t deadline_ns = workload_delay(i) + measure_now();
    struct io_uring_sqe *request = next_request();

    io_uring_prep_timeout(request, put_deadline(deadline_ns), 0, IORING_TIMEOUT_ABS);
    io_uring_sqe_set_data64(request, i);
}

static void rearm_at(size_t i, uint64_t now_ns, uint64_t delay_ns)
{
    struct io_uring_sqe *request = next_change();

    io_uring_prep_timeout_update(request, put_deadline(now_ns + delay_ns), i, IORING_TIMEOUT_ABS);
    io_uring_sqe_set_flags(request, IOSQE_CQE_SKIP_SUCCESS);
}

static void uring_rearm(size_t i, uint64_t delay_ns)
{
    static uint64_t looked_ns; /* the time that a loop would have kept */

    if (looked_ns == 0)
        looked_ns = measure_now();
    rearm_at(i, looked_ns, delay_ns);
}

static void uring_rearm_now(size_t i, uint64_t delay_ns)
{
    rearm_at(i, measure_now(), delay_ns);
}

static void collect(void)
{
    struct io_uring_cqe *completion = NULL;
    unsigned head = 0, count = 0;

    io_uring_for_each_cqe(&ring, head, completion)
    {
        count++;
        if (completion->res == -ETIME && workload_fired(io_uring_cqe_get_data64(completion)))
            is_stopped = true;
        else if (completion->res != -ETIME && completion->res != -ECANCELED)
            check(completion->res, "timeout");
    }
    io_uring_cq_advance(&ring, count);
}

/* A timeout that was removed completes, too. */
static void uring_disarm(size_t i)
{
    struct io_uring_sqe *request = next_change();

    io_uring_prep_timeout_remove(request, i, 0);
    io_uring_sqe_set_flags(request, IOSQE_CQE_SKIP_SUCCESS);
    if (++disarmed % (REQUESTS / 2) != 0)
        return;
    check(io_uring_submit_and_get_events(&ring), "io_uring_submit_and_get_events");
    collect();
}

static void uring_start_busy(void)
{
    is_busy = true;
}

static void uring_run(void)
{
    for (is_stopped = false; !is_stopped;) {
        check(is_busy ? io_uring_submit_and_get_events(&ring) : io_uring_submit_and_wait(&ring, 1),
              "io_uring_submit_and_wait");
        collect();
        if (is_busy)
            workload_burn();
    }
}

const struct peer peer = {.open = uring_open,
                          .take = uring_take,
                          .arm = uring_arm,
                          .rearm = uring_rearm,
                          .rearm_now = uring_rearm_now,
                          .disarm = uring_disarm,
                          .start_busy = uring_start_busy,
                          .run = uring_run};
