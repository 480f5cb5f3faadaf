/* SPDX-License-Identifier: MIT */
/* coroutines.cc - the coroutines of demo/lessons/coroutine in every way to end: coroutines DRIVER
 *
 * On the virtual clock. The driver is "fd" or "wheel". Silent if all is well; else it says which
 * line here is not true. A frame that is left over is for the sanitizers to find, where there are
 * any; `live` counts those that have locals. */
#define main main_of_the_lesson /* it is of one file, as a lesson is */
#include "../../demo/lessons/coroutine/coroutine.cc"
#undef main

#define EXPECT(true_here) \
    ((true_here) ? void() \
                 : (fprintf(stderr, "line %d: not true: " #true_here "\n", __LINE__), exit(1)))

static int live;        /* frames whose locals live */
static char order[8];   /* the names of those that went, in their order */
static uint64_t now_ns; /* when the last one went */

struct local {
    char name;
    const edo_executor *executor;

    local(char of, const edo_executor *on) : name(of), executor(on)
    {
        live++;
    }
    ~local()
    {
        order[strlen(order)] = name;
        now_ns = edo_clock_now(&executor->reactor.clock);
        live--;
    }
};

static coroutine inner(const edo_executor *executor, uint64_t duration_ns)
{
    local here('i', executor);
    edo_sleep sleep;

    edo_sleep_init(&sleep, duration_ns);
    co_return co_await sleep.future;
}

static coroutine outer(const edo_executor *executor)
{
    local here('o', executor);

    for (int i = 0; i < 2; i++) {
        coroutine child = inner(executor, EDO_MS(10));

        if (int error = co_await child.future)
            co_return error;
    }
    co_return 0;
}

static coroutine behind_a_shield(const edo_executor *executor)
{
    local here('s', executor);
    coroutine child = inner(executor, EDO_MS(30));
    edo_shield shield;

    edo_shield_init(&shield, &child.future);
    co_return co_await shield.future;
}

static coroutine limited(const edo_executor *executor)
{
    coroutine child = outer(executor);
    edo_timeout timeout;

    edo_timeout_init(&timeout, &child.future, EDO_MS(15));
    co_return co_await timeout.future;
}

/* Until it has ended. Returns its error. */
static int run(edo_executor *executor, edo_future *future)
{
    edo_task task;

    memset(order, 0, sizeof order);
    edo_task_init(&task, "task", future);
    EXPECT(edo_executor_block_on(executor, &task) == 0);
    EXPECT(live == 0 && edo_executor_next_task(executor, nullptr) == nullptr);
    return edo_future_error(future);
}

static void they_end_by_themselves(edo_executor *executor)
{
    coroutine all = outer(executor);
    uint64_t began_ns = edo_clock_now(&executor->reactor.clock);

    EXPECT(live == 0); /* nothing runs before the first poll */
    EXPECT(run(executor, &all.future) == 0 && all.future.state == EDO_DONE);
    EXPECT(strcmp(order, "iio") == 0 && now_ns - began_ns == EDO_MS(20) && !all.frame);
}

static void a_timeout_destroys_the_inner_frame_first(edo_executor *executor)
{
    coroutine all = limited(executor);

    EXPECT(run(executor, &all.future) == -ETIMEDOUT && all.future.state == EDO_FAILED);
    EXPECT(strcmp(order, "iio") == 0 && executor->reactor.pending == 0);
}

static void a_race_destroys_the_loser(edo_executor *executor)
{
    coroutine fast = inner(executor, EDO_MS(5)), slow = outer(executor);
    edo_branch branches[2] = {};
    edo_join race;

    branches[0].child = &slow.future;
    branches[1].child = &fast.future;
    edo_race_init(&race, branches, 2, 0);
    EXPECT(run(executor, &race.future) == 0);
    EXPECT(fast.future.state == EDO_DONE && slow.future.state == EDO_CANCELLED);
    EXPECT(strcmp(order, "iio") == 0 && executor->reactor.pending == 0);
}

/* A cancel that is pending leaves the frame, with what is under the shield in it. */
static void a_shield_keeps_the_frame(edo_executor *executor)
{
    coroutine all = behind_a_shield(executor);
    edo_timeout timeout;
    uint64_t began_ns = edo_clock_now(&executor->reactor.clock);

    edo_timeout_init(&timeout, &all.future, EDO_MS(10));
    EXPECT(run(executor, &timeout.future) == -ETIMEDOUT && all.future.state == EDO_CANCELLED);
    EXPECT(strcmp(order, "is") == 0 && now_ns - began_ns == EDO_MS(30));
}

static void closing_destroys_all_frames(const edo_reactor_options *options)
{
    edo_executor executor;
    edo_task task;

    memset(order, 0, sizeof order);
    EXPECT(edo_executor_open(&executor, options) == 0);
    coroutine all = outer(&executor);
    edo_task_init(&task, "task", &all.future);
    EXPECT(edo_executor_spawn(&executor, &task) == 0 && edo_executor_turn(&executor) == 0);
    EXPECT(live == 2 && edo_executor_close(&executor) == 0);
    EXPECT(live == 0 && strcmp(order, "io") == 0 && all.future.state == EDO_CANCELLED);
}

int main(int argc, char **argv)
{
    static struct edo_timer_wheel wheel;
    edo_reactor_options options = {};
    edo_executor executor;
    edo_clock clock = {true, 0};

    say_begin(&clock, true);
    options.is_virtual = true;
    options.timers = argc > 1 && strcmp(argv[1], "wheel") == 0 ? &edo_timer_wheel : nullptr;
    options.timer_state = &wheel;
    EXPECT(edo_executor_open(&executor, &options) == 0);
    they_end_by_themselves(&executor);
    a_timeout_destroys_the_inner_frame_first(&executor);
    a_race_destroys_the_loser(&executor);
    a_shield_keeps_the_frame(&executor);
    {
        coroutine never_polled = outer(&executor), no_memory(nullptr);

        EXPECT(run(&executor, &no_memory.future) == -ENOMEM);
    }
    EXPECT(edo_executor_close(&executor) == 0);
    closing_destroys_all_frames(&options);
    return 0;
}
