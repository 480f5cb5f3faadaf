// SPDX-License-Identifier: MIT
// asio_io.cc - async_read_some and async_write, as Asio's own example of an echo server; post from
// another thread; a thread_pool.
#include <asio.hpp>
#include <chrono>
#include <memory>
#include <vector>

#define _Noreturn [[noreturn]]
extern "C" {
#include "io_workload.h"
}

namespace
{

using asio::ip::tcp;

// --- The server ----------------------------------------------------------------------------------

class session : public std::enable_shared_from_this<session>
{
  public:
    session(tcp::socket accepted, const io_service &service)
        : socket(std::move(accepted)), timer(socket.get_executor()),
          timeout(std::chrono::nanoseconds(service.timeout_ns)), buffer(service.buffer_size)
    {
    }

    void read()
    {
        start_timer();
        socket.async_read_some(
            asio::buffer(buffer),
            [self = shared_from_this()](asio::error_code error, std::size_t length) {
                if (error)
                    self->timer.cancel();
                else
                    self->write(length);
            });
    }

  private:
    void write(std::size_t length)
    {
        asio::async_write(socket, asio::buffer(buffer, length),
                          [self = shared_from_this()](asio::error_code error, std::size_t) {
                              if (error)
                                  self->timer.cancel();
                              else
                                  self->read();
                          });
    }

    // Starting it anew aborts the wait before, which is no timeout.
    void start_timer()
    {
        if (timeout.count() == 0)
            return;
        timer.expires_after(timeout);
        timer.async_wait([self = shared_from_this()](asio::error_code error) {
            if (!error)
                self->socket.close();
        });
    }

    tcp::socket socket;
    asio::steady_timer timer;
    std::chrono::nanoseconds timeout;
    std::vector<unsigned char> buffer;
};

void accept(tcp::acceptor &acceptor, const io_service &service)
{
    acceptor.async_accept([&](asio::error_code error, tcp::socket socket) {
        if (!error)
            std::make_shared<session>(std::move(socket), service)->read();
        accept(acceptor, service);
    });
}

void serve(const io_service *service)
{
    asio::io_context context{ASIO_CONCURRENCY_HINT_UNSAFE};
    tcp::acceptor acceptor(context, tcp::v4(), IO_LISTENER);

    accept(acceptor, *service);
    context.run();
}

// --- Another thread, and the pool. The hint: one thread runs the context -------------------------

asio::io_context shared{1};

void open_remote()
{
}

void answer()
{
    if (!io_answer())
        shared.stop();
}

void post()
{
    asio::post(shared, answer);
}

void run_remote()
{
    auto guard = asio::make_work_guard(shared);

    shared.run();
}

void offload(asio::thread_pool &pool)
{
    asio::post(pool, [&pool] {
        io_blocking();
        asio::post(shared, [&pool] {
            if (io_returned())
                offload(pool);
            else
                shared.stop();
        });
    });
}

void run_offload()
{
    asio::thread_pool pool(4);

    offload(pool);
    run_remote();
}

} // namespace

extern "C" const struct io_peer io_peer = {.serve = serve,
                                           .open_remote = open_remote,
                                           .post = post,
                                           .run_remote = run_remote,
                                           .run_offload = run_offload};
