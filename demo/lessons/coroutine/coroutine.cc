/* SPDX-License-Identifier: MIT */
/* coroutine.cc - async and await by the compiler, and by hand: each awaits the other. */
#include <coroutine>
#include <cstdlib>

#include "edo.h"
extern "C" {
#include "../lesson.h"
}

static const char question[] = "what of an await does C++ do by itself, and what is left to do?";
static const char look[] = "150 ms, in round two: what becomes of the sleep and the frame?";
static const char answer[] = "C++ makes the switch and keeps the locals; poll and cancel are ours.";
const struct lesson lesson = {question, look, answer, {}, {}, {}, {}};

/* The future that resumes a coroutine. An error is what co_await returns, none is thrown. */
struct coroutine {
    struct promise_type;
    using handle = std::coroutine_handle<promise_type>;
    static const edo_future_type type;
    edo_future future;
    handle frame; /* null: there was no memory, or it is destroyed */
    coroutine(handle of) : frame(of) { edo_future_init(&future, &type); }
    coroutine(const coroutine &) = delete; /* a future must not move */
    ~coroutine() { destroy(); }
    void destroy()
    {
        if (frame)
            frame.destroy();
        frame = nullptr;
    }
};

struct awaiter {
    edo_future *self, *child;
    edo_context *cx; /* with the waker */
    bool await_ready() const { return edo_future_await(self, child, cx) == EDO_READY; }
    void await_suspend(std::coroutine_handle<> /*frame*/) {} /* coroutine_poll says PENDING */
    int await_resume() const { return edo_future_error(child); }
};

/* The part of the frame that is ours. The call of a coroutine allocates the frame, here. */
struct coroutine::promise_type {
    awaiter poll; /* of the poll that is going on; what it awaits comes with co_await */
    int error;
    static void *operator new(size_t size) noexcept { return malloc(size); }
    static void operator delete(void *frame) { say("frame", "is freed"), free(frame); }
    static handle get_return_object_on_allocation_failure() { return nullptr; }
    handle get_return_object() { return handle::from_promise(*this); }
    std::suspend_always initial_suspend() { return {}; } /* until the first poll */
    std::suspend_always final_suspend() noexcept { return {}; }
    awaiter await_transform(edo_future &child) { return {poll.self, &child, poll.cx}; }
    void return_value(int value) { error = value; }
    void unhandled_exception() { abort(); }
};

static edo_poll coroutine_poll(edo_future *self, edo_context *cx)
{
    coroutine *co = edo_container_of(self, coroutine, future);

    if (!co->frame)
        return edo_future_fail(self, -ENOMEM);
    if (self->state == EDO_START)
        edo_future_goto(self, EDO_FIRST_AWAIT);
    else if (edo_future_await(self, self->awaiting, cx) == EDO_PENDING)
        return EDO_PENDING;
    co->frame.promise().poll = {self, nullptr, cx};
    co->frame.resume();
    if (!co->frame.done())
        return EDO_PENDING;
    int error = co->frame.promise().error;
    co->destroy();
    return error ? edo_future_fail(self, error) : edo_future_done(self, nullptr);
}

static edo_poll coroutine_cancel(edo_future *self)
{
    if (edo_future_cancel(self->awaiting) == EDO_PENDING) /* the child first: it is in the frame */
        return EDO_PENDING;
    self->awaiting = nullptr;
    edo_container_of(self, coroutine, future)->destroy();
    return EDO_READY;
}

const edo_future_type coroutine::type = {"coroutine", coroutine_poll, coroutine_cancel, {}, {}, {}};

/* By the compiler: awaits a future of edo. */
static coroutine fetch_all(unsigned count)
{
    for (unsigned id = 1; id <= count; id++) {
        struct work latency;
        work_init(&latency, "latency", EDO_MS(100));
        if (int error = co_await latency.future)
            co_return error;
        say("fetch_all", "completed: Data_%u", id);
    }
    co_return 0;
}

/* By hand: awaits the coroutine. async fn main() { timeout(150ms, fetch_all(2)).await } */
static edo_poll main_poll(edo_future *self, edo_context *cx)
{
    static coroutine child = fetch_all(2);
    static edo_timeout timeout;

    if (self->state == EDO_START) {
        edo_timeout_init(&timeout, &child.future, EDO_MS(150));
        edo_future_goto(self, EDO_FIRST_AWAIT);
    }
    if (edo_future_await(self, &timeout.future, cx) == EDO_PENDING)
        return EDO_PENDING;
    say("main", "fetch_all(2): %s", errno_name(-edo_future_error(&timeout.future)));
    return edo_future_end_as(self, &timeout.future);
}

int main(int argc, char **argv)
{
    static const edo_future_type type = {"main", main_poll, {}, {}, {}, {}};
    static edo_future root;
    return lesson_main(argc, argv, &root, &type, -ETIMEDOUT);
}
