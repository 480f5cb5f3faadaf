// SPDX-License-Identifier: MIT
// asio.cc - asio::steady_timer: a binary heap, ns, one timerfd; and asio::post.
//
// One thread, and a context that locks nothing. A wait whose timer gets another deadline, or is
// cancelled, completes too, with operation_aborted: the loop calls back for these after each 256.
#include <asio.hpp>
#include <chrono>
#include <cstddef>
#include <deque>

#define _Noreturn [[noreturn]]
extern "C" {
#include "workload.h"
}

namespace
{

using std::chrono::nanoseconds;

constexpr std::size_t abortions = 256;

asio::io_context context{ASIO_CONCURRENCY_HINT_UNSAFE};
std::deque<asio::steady_timer> timers;
std::size_t aborted;

bool open([[maybe_unused]] const char *variant)
{
    return true;
}

void take(std::size_t n)
{
    for (std::size_t i = 0; i < n; i++)
        timers.emplace_back(context);
}

void wait(std::size_t i)
{
    timers[i].async_wait([i](const asio::error_code &error) {
        if (!error && workload_fired(i))
            context.stop();
    });
}

void arm(std::size_t i)
{
    timers[i].expires_after(nanoseconds(workload_delay(i)));
    wait(i);
}

void call_aborted()
{
    if (++aborted % abortions == 0)
        context.poll();
}

void rearm(std::size_t i, std::uint64_t delay_ns)
{
    static const auto looked = std::chrono::steady_clock::now(); // the time a loop would have kept

    timers[i].expires_at(looked + nanoseconds(delay_ns));
    wait(i);
    call_aborted();
}

void rearm_now(std::size_t i, std::uint64_t delay_ns)
{
    timers[i].expires_after(nanoseconds(delay_ns));
    wait(i);
    call_aborted();
}

void disarm(std::size_t i)
{
    timers[i].cancel();
    call_aborted();
}

void again(std::size_t left)
{
    if (left > 0)
        asio::post(context, [left] { again(left - 1); });
}

void yield(std::size_t n)
{
    again(n);
    context.run();
    context.restart();
}

void burn_again()
{
    workload_burn();
    asio::post(context, burn_again);
}

void start_busy()
{
    asio::post(context, burn_again);
}

void run()
{
    context.run();
    context.restart();
}

} // namespace

extern "C" const struct peer peer = {.open = open,
                                     .take = take,
                                     .look = nullptr,
                                     .inside = nullptr,
                                     .arm = arm,
                                     .rearm = rearm,
                                     .rearm_now = rearm_now,
                                     .disarm = disarm,
                                     .yield = yield,
                                     .start_busy = start_busy,
                                     .run = run};
