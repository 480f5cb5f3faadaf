/* SPDX-License-Identifier: MIT */
/* bare.c - no library at all: epoll and timerfd, with nothing between them and the timers. What
 * this takes, the kernel takes.
 *
 *   each   a timerfd for each timer
 *   heap   one timerfd for all, armed at the earliest of a binary heap */
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"
#include "workload.h"

struct entry {
    uint64_t deadline_ns;
    size_t timer;
};

static bool has_heap;
static int epoll_fd;
static bool is_busy;
static bool is_stopped;

static int *fds; /* each: of timer i */

static struct entry *heap; /* the earliest first */
static size_t heap_count;
static size_t *place; /* in the heap, of timer i */
static int heap_fd;
static uint64_t armed_ns; /* what heap_fd is set to, 0 for nothing */

static int open_timerfd(void)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

    if (fd < 0)
        workload_fail("timerfd_create");
    return fd;
}

static void set_timerfd(int fd, int flags, uint64_t ns)
{
    struct itimerspec spec = {.it_value.tv_sec = (time_t)(ns / NS_PER_S),
                              .it_value.tv_nsec = (long)(ns % NS_PER_S)};

    if (timerfd_settime(fd, flags, &spec, NULL) != 0)
        workload_fail("timerfd_settime");
}

static void watch(int fd, size_t id)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = id};

    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        workload_fail("epoll_ctl");
}

static void fire(size_t i)
{
    if (workload_fired(i))
        is_stopped = true;
}

/* --- each ------------------------------------------------------------------------------------- */

static void each_arm(size_t i)
{
    uint64_t delay_ns = workload_delay(i);

    fds[i] = open_timerfd();
    set_timerfd(fds[i], 0, delay_ns);
    watch(fds[i], i);
}

static void each_collect(size_t i)
{
    uint64_t expirations = 0;

    if (read(fds[i], &expirations, sizeof expirations) != sizeof expirations)
        return;
    fire(i);
    close(fds[i]);
}

/* --- heap ------------------------------------------------------------------------------------- */

static void put(size_t at, struct entry entry)
{
    heap[at] = entry;
    place[entry.timer] = at;
}

static void sift_up(size_t at, struct entry entry)
{
    while (at > 0 && entry.deadline_ns < heap[(at - 1) / 2].deadline_ns) {
        put(at, heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    put(at, entry);
}

static void sift_down(size_t at, struct entry entry)
{
    size_t child = 2 * at + 1;

    while (child < heap_count) {
        if (child + 1 < heap_count && heap[child + 1].deadline_ns < heap[child].deadline_ns)
            child++;
        if (entry.deadline_ns <= heap[child].deadline_ns)
            break;
        put(at, heap[child]);
        at = child;
        child = 2 * at + 1;
    }
    put(at, entry);
}

/* Puts `entry` where it belongs, if `at` is free. */
static void settle(size_t at, struct entry entry)
{
    if (at > 0 && entry.deadline_ns < heap[(at - 1) / 2].deadline_ns)
        sift_up(at, entry);
    else
        sift_down(at, entry);
}

static void take_out(size_t at)
{
    struct entry last = heap[--heap_count];

    if (at < heap_count)
        settle(at, last);
}

static void arm_earliest(void)
{
    if (heap_count == 0 || (armed_ns != 0 && armed_ns <= heap[0].deadline_ns))
        return;
    armed_ns = heap[0].deadline_ns;
    set_timerfd(heap_fd, TFD_TIMER_ABSTIME, armed_ns);
}

static void heap_arm(size_t i)
{
    uint64_t delay_ns = workload_delay(i);

    sift_up(heap_count++, (struct entry){measure_now() + delay_ns, i});
    arm_earliest();
}

static void heap_collect(void)
{
    uint64_t expirations = 0, now_ns = 0;

    if (read(heap_fd, &expirations, sizeof expirations) != sizeof expirations)
        return;
    armed_ns = 0;
    now_ns = measure_now();
    while (heap_count > 0 && heap[0].deadline_ns <= now_ns) {
        size_t timer = heap[0].timer;

        take_out(0);
        fire(timer);
    }
    arm_earliest();
}

/* --- The peer --------------------------------------------------------------------------------- */

static bool bare_open(const char *variant)
{
    has_heap = strcmp(variant, "heap") == 0;
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0)
        workload_fail("epoll_create1");
    if (has_heap) {
        heap_fd = open_timerfd();
        watch(heap_fd, 0);
    }
    return has_heap || strcmp(variant, "each") == 0;
}

static void bare_take(size_t n)
{
    if (has_heap) {
        heap = workload_alloc(n, sizeof *heap);
        place = workload_alloc(n, sizeof *place);
    } else {
        workload_need_fds(n);
        fds = workload_alloc(n, sizeof *fds);
    }
}

static void bare_arm(size_t i)
{
    if (has_heap)
        heap_arm(i);
    else
        each_arm(i);
}

static void rearm_at(size_t i, uint64_t now_ns, uint64_t delay_ns)
{
    if (has_heap) {
        settle(place[i], (struct entry){now_ns + delay_ns, i});
        arm_earliest();
    } else {
        set_timerfd(fds[i], 0, delay_ns);
    }
}

static void bare_rearm(size_t i, uint64_t delay_ns)
{
    static uint64_t looked_ns; /* the time that a loop would have kept */

    if (looked_ns == 0)
        looked_ns = measure_now();
    rearm_at(i, looked_ns, delay_ns);
}

static void bare_rearm_now(size_t i, uint64_t delay_ns)
{
    rearm_at(i, has_heap ? measure_now() : 0, delay_ns);
}

static void bare_disarm(size_t i)
{
    if (has_heap)
        take_out(place[i]);
    else
        close(fds[i]);
}

static void bare_start_busy(void)
{
    is_busy = true;
}

static void bare_run(void)
{
    struct epoll_event events[256];

    for (is_stopped = false; !is_stopped;) {
        int count = epoll_wait(epoll_fd, events, 256, is_busy ? 0 : -1);

        for (int i = 0; i < count; i++) {
            if (has_heap)
                heap_collect();
            else
                each_collect(events[i].data.u64);
        }
        if (is_busy)
            workload_burn();
    }
}

const struct peer peer = {.open = bare_open,
                          .take = bare_take,
                          .arm = bare_arm,
                          .rearm = bare_rearm,
                          .rearm_now = bare_rearm_now,
                          .disarm = bare_disarm,
                          .start_busy = bare_start_busy,
                          .run = bare_run};
