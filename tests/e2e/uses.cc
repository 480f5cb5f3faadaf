/* SPDX-License-Identifier: MIT */
/* uses.cc - what edo.h offers besides functions, as C++17: constants, macros, and structs that the
 * caller fills. Built and run by scripts/check-cplusplus. */
#include "edo.h"

static_assert(EDO_US(7) == 7000 && EDO_MS(7) == 7000000 && EDO_S(7) == 7000000000, "in ns");
static_assert(EDO_S(UINT64_MAX) == EDO_NEVER && EDO_MS(-1) == EDO_NEVER, "saturates");
static_assert(sizeof EDO_VERSION > 5 && sizeof EDO_LAYOUT_NAME > 5, "texts");
static_assert(EDO_SPIN_MEASURED == EDO_NEVER && EDO_REACTOR_BUCKETS > 0, "numbers");

/* A future of its own, ready when it was woken. */
struct bell {
    edo_future future;
    edo_waker waker;
    bool has_rung;
};

enum bell_state { BELL_AWAITS_RING = EDO_FIRST_AWAIT };

static edo_poll bell_poll(edo_future *self, edo_context *cx)
{
    /* cppcheck-suppress cstyleCast; the macro is of C */
    bell *bell = edo_container_of(self, struct bell, future);

    if (bell->has_rung)
        return edo_future_done(self, bell);
    bell->waker = cx->waker;
    edo_future_goto(self, BELL_AWAITS_RING);
    return EDO_PENDING;
}

static edo_poll bell_cancel(edo_future * /*self*/)
{
    return EDO_READY;
}

static const char *const bell_states[] = {"BELL_AWAITS_RING"};
static const edo_part bell_parts[] = {{EDO_PART_END, 0, 0, 0, 0}};
static const edo_future_type bell_type = {"bell",  bell_poll,   bell_cancel,
                                          nullptr, bell_states, bell_parts};

static bell the_bell;

/* Another one: rings it. */
static edo_poll ring_poll(edo_future *self, edo_context * /*cx*/)
{
    const edo_waker waker = the_bell.waker;

    the_bell.has_rung = true;
    edo_wake(waker);
    return edo_future_done(self, nullptr);
}

static const edo_future_type ring_type = {"ring", ring_poll, nullptr, nullptr, nullptr, nullptr};

static int run(const edo_reactor_options *options)
{
    edo_executor executor;
    edo_sleep sleeps[2];
    edo_future ring;
    edo_branch branches[4] = {};
    edo_join join;
    edo_task task;
    edo_outcome outcome;

    if (edo_executor_open(&executor, options) < 0)
        return 1;
    edo_future_init(&the_bell.future, &bell_type);
    the_bell.has_rung = false;
    edo_future_init(&ring, &ring_type);
    edo_sleep_init(&sleeps[0], EDO_MS(3));
    edo_sleep_until_init(&sleeps[1], EDO_US(2));
    branches[0].child = &the_bell.future;
    branches[1].child = &sleeps[0].future;
    branches[2].child = &sleeps[1].future;
    branches[3].child = &ring;
    edo_join_init(&join, branches, 4);
    edo_task_init(&task, "user", &join.future);
    if (edo_executor_block_on(&executor, &task) < 0 || edo_executor_close(&executor) < 0)
        return 2;
    outcome = edo_future_outcome(&the_bell.future);
    switch (outcome.kind) {
    case EDO_OUTCOME_OK:
        return outcome.value == &the_bell ? 0 : 3;
    case EDO_OUTCOME_FAILED:
        return outcome.error;
    case EDO_OUTCOME_CANCELLED:
        break;
    }
    return 4;
}

int main()
{
    static struct edo_timer_wheel wheel; /* a variable has the same name */
    edo_reactor_options options = {};    /* all zeros are the defaults */

    options.is_virtual = true;
    options.timers = &edo_timer_wheel;
    options.timer_state = &wheel;
    return run(nullptr) || run(&options);
}
