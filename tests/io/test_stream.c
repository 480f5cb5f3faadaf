/* SPDX-License-Identifier: MIT */
/* Registered fds and streams: bytes over socketpairs and pipes, in tasks. */
#include <fcntl.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../reactor/io/operation.h"
#include "helper.h"
#include "suites.h"
#include "wrap.h"

/* Two ends of a socketpair, registered. */
enum { LARGE = 1 << 20 };

struct pair {
    struct runtime runtime;
    struct edo_io a, b;
};

static void pair_open(struct pair *pair, int variant)
{
    int ends[2];

    runtime_open(&pair->runtime, variant);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ck_assert_int_eq(edo_io_open(&pair->a, &pair->runtime.executor.reactor, ends[0]), 0);
    ck_assert_int_eq(edo_io_open(&pair->b, &pair->runtime.executor.reactor, ends[1]), 0);
}

static void pair_close(struct pair *pair)
{
    edo_io_close(&pair->a);
    edo_io_close(&pair->b);
    runtime_close(&pair->runtime);
}

/* Past the runtime. */
static void put(const struct edo_io *io, const char *text)
{
    ck_assert_int_eq((int)write(edo_io_fd(io), text, strlen(text)), (int)strlen(text));
}

static struct edo_outcome await(struct pair *pair, struct edo_future *future)
{
    return runtime_await(&pair->runtime, future);
}

/* A task that waits until it is asked for its end. */
static void spawn_and_wait(struct pair *pair, struct edo_task *task, struct edo_future *future)
{
    edo_task_init(task, "waiter", future);
    ck_assert_int_eq(edo_executor_spawn(&pair->runtime.executor, task), 0);
    runtime_run_for(&pair->runtime, EDO_MS(1));
    ck_assert(edo_task_is_live(task));
}

START_TEST(a_read_gives_what_is_there)
{
    struct pair pair;
    struct edo_read read;
    char buffer[16];

    pair_open(&pair, _i);
    put(&pair.b, "hello");
    edo_read_init(&read, &pair.a, buffer, sizeof buffer);
    ck_assert_ptr_eq(await(&pair, &read.operation.future).value, &read.done);
    ck_assert_uint_eq(read.done, 5);
    ck_assert_mem_eq(buffer, "hello", 5);
    pair_close(&pair);
}
END_TEST

START_TEST(on_a_reactor_that_is_closed_a_read_can_not_wait)
{
    struct pair pair;
    struct edo_read read;
    struct edo_context cx;
    char byte;
    int fds = count_fds();

    pair_open(&pair, _i);
    cx = (struct edo_context){.reactor = &pair.runtime.executor.reactor};
    edo_executor_close(&pair.runtime.executor);
    edo_read_init(&read, &pair.a, &byte, 1);
    ck_assert_int_eq(edo_future_poll(&read.operation.future, &cx), EDO_READY);
    ck_assert_int_eq(edo_future_error(&read.operation.future), -EBADF);
    edo_io_close(&pair.a);
    edo_io_close(&pair.b);
    ck_assert_int_eq(count_fds(), fds);
}
END_TEST

/* More than a kernel moves at a time, where the count would begin anew. */
START_TEST(what_is_moved_is_counted_up_to_the_most_that_can_be)
{
    struct edo_io io = {.is_ending = true};

    edo_note_moved(&io, EDO_READ, (size_t)3 * EDO_BYTES_OF_ONE, SIZE_MAX);
    ck_assert_uint_eq(io.moved, 3);
    edo_note_moved(&io, EDO_READ, ((size_t)UINT16_MAX + 2) * EDO_BYTES_OF_ONE, SIZE_MAX);
    ck_assert_uint_eq(io.moved, UINT16_MAX);
}
END_TEST

/* That it is no TCP connection, in which a short read means that there is no more. */
START_TEST(what_a_pipe_is_is_asked_once)
{
    struct runtime runtime;
    struct edo_io io;
    struct edo_read read;
    char buffer[16];
    int ends[2];

    runtime_open(&runtime, _i);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(edo_io_open(&io, &runtime.executor.reactor, ends[0]), 0);
    wrap_begin_counting();
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(write(ends[1], "x", 1), 1);
        edo_read_init(&read, &io, buffer, sizeof buffer);
        runtime_await(&runtime, &read.operation.future);
        ck_assert_uint_eq(wrap_count(CALL_PROTOCOL), 2);
        ck_assert_uint_eq(wrap_count(CALL_RECV), 1);
    }
    wrap_end();
    edo_io_close(&io);
    close(ends[1]);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_read_waits_for_the_first_byte)
{
    struct pair pair;
    struct edo_read read;
    struct edo_task task;
    char buffer[16];

    pair_open(&pair, _i);
    edo_read_init(&read, &pair.a, buffer, sizeof buffer);
    spawn_and_wait(&pair, &task, &read.operation.future);
    put(&pair.b, "x");
    ck_assert_int_eq(edo_executor_block_on(&pair.runtime.executor, &task), 0);
    ck_assert_uint_eq(read.done, 1);
    pair_close(&pair);
}
END_TEST

/* As with a sleep: so a view can tell whose source it was. */
START_TEST(in_the_trace_a_read_arms_before_it_changes_its_state)
{
    static struct edo_trace_event events[64];
    struct edo_trace trace;
    struct runtime runtime;
    struct edo_io a;
    struct edo_read read;
    struct edo_task task;
    int ends[2];
    char buffer[16];
    size_t armed = 0;

    edo_trace_init(&trace, events, 64);
    runtime_open_traced(&runtime, _i, &trace);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ck_assert_int_eq(edo_io_open(&a, &runtime.executor.reactor, ends[0]), 0);
    edo_read_init(&read, &a, buffer, sizeof buffer);
    edo_task_init(&task, "reader", &read.operation.future);
    ck_assert_int_eq(edo_executor_spawn(&runtime.executor, &task), 0);
    ck_assert_int_eq(edo_executor_turn(&runtime.executor), 0);
    while (edo_trace_at(&trace, armed)->kind != EDO_TRACE_ARM)
        armed++;
    ck_assert_uint_eq(edo_trace_at(&trace, armed)->arg, 0); /* it has no deadline */
    ck_assert_int_eq(edo_trace_at(&trace, armed + 1)->kind, EDO_TRACE_STATE);
    ck_assert_str_eq(edo_trace_at(&trace, armed + 1)->to, "AWAITS_READY");
    close(ends[1]);
    edo_executor_block_on(&runtime.executor, &task);
    edo_io_close(&a);
    runtime_close(&runtime);
}
END_TEST

/* The other end has read. That is an event of the fd, but none for who waits for bytes. */
START_TEST(room_to_write_wakes_no_reader)
{
    struct pair pair;
    struct edo_read read_one;
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter)};
    char bytes[4096] = "";

    pair_open(&pair, _i);
    cx.executor = &pair.runtime.executor;
    cx.reactor = &cx.executor->reactor;
    while (write(edo_io_fd(&pair.a), bytes, sizeof bytes) > 0)
        ;
    edo_reactor_react(cx.reactor, EDO_NO_WAIT);
    edo_read_init(&read_one, &pair.a, bytes, 1);
    ck_assert_int_eq(edo_future_poll(&read_one.operation.future, &cx), EDO_PENDING);
    pair.a.is_ready[EDO_WRITE] = false;
    while (read(edo_io_fd(&pair.b), bytes, sizeof bytes) > 0)
        ;
    edo_reactor_react(cx.reactor, EDO_NO_WAIT);
    ck_assert(pair.a.is_ready[EDO_WRITE]);
    ck_assert_uint_eq(counter.wakes, 0);
    edo_future_cancel(&read_one.operation.future);
    pair_close(&pair);
}
END_TEST

START_TEST(the_end_of_a_stream_is_a_read_of_no_bytes)
{
    struct pair pair;
    struct edo_read read;
    char buffer[16];

    pair_open(&pair, _i);
    put(&pair.b, "last");
    edo_io_close(&pair.b);
    for (size_t expected = 4;; expected = 0) {
        edo_read_init(&read, &pair.a, buffer, sizeof buffer);
        ck_assert_int_eq(await(&pair, &read.operation.future).kind, EDO_OUTCOME_OK);
        ck_assert_uint_eq(read.done, expected);
        if (expected == 0)
            break;
    }
    pair_close(&pair);
}
END_TEST

/* Of a pipe that nobody writes any more epoll says EPOLLHUP and nothing else. */
START_TEST(the_end_of_a_pipe_ends_a_read_that_waits)
{
    struct pair pair;
    struct edo_io io;
    struct edo_read read;
    struct edo_task task;
    char buffer[16];
    int ends[2];

    pair_open(&pair, _i);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(edo_io_open(&io, &pair.runtime.executor.reactor, ends[0]), 0);
    edo_read_init(&read, &io, buffer, sizeof buffer);
    spawn_and_wait(&pair, &task, &read.operation.future);
    close(ends[1]);
    ck_assert_int_eq(edo_executor_block_on(&pair.runtime.executor, &task), 0);
    ck_assert_int_eq(read.operation.future.error, 0);
    ck_assert_uint_eq(read.done, 0);
    edo_io_close(&io);
    pair_close(&pair);
}
END_TEST

/* Of a full pipe that nobody reads any more, EPOLLERR and nothing else. */
START_TEST(the_end_of_a_pipe_ends_a_write_that_waits)
{
    static char bytes[1 << 20];
    struct pair pair;
    struct edo_io io;
    struct edo_write write;
    struct edo_task task;
    int ends[2];

    pair_open(&pair, _i);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(edo_io_open(&io, &pair.runtime.executor.reactor, ends[1]), 0);
    edo_write_init(&write, &io, bytes, sizeof bytes);
    spawn_and_wait(&pair, &task, &write.operation.future);
    close(ends[0]);
    ck_assert_int_eq(edo_executor_block_on(&pair.runtime.executor, &task), 0);
    ck_assert_int_eq(write.operation.future.error, -EPIPE);
    edo_io_close(&io);
    pair_close(&pair);
}
END_TEST

START_TEST(an_exact_read_takes_as_many_pieces_as_it_needs)
{
    struct pair pair;
    struct edo_read read;
    struct edo_task task;
    char buffer[6];

    pair_open(&pair, _i);
    edo_read_exactly_init(&read, &pair.a, buffer, sizeof buffer);
    put(&pair.b, "abc");
    spawn_and_wait(&pair, &task, &read.operation.future);
    ck_assert_uint_eq(read.done, 3);
    put(&pair.b, "defghi");
    ck_assert_int_eq(edo_executor_block_on(&pair.runtime.executor, &task), 0);
    ck_assert_mem_eq(buffer, "abcdef", 6);
    pair_close(&pair);
}
END_TEST

/* Only a call that has failed sets errno. */
START_TEST(an_errno_that_stood_there_before_is_not_that_of_a_read)
{
    struct pair pair;
    struct edo_read read;
    struct edo_context cx = {0};
    char byte;

    pair_open(&pair, _i);
    cx.reactor = &pair.runtime.executor.reactor;
    ck_assert_int_eq(shutdown(edo_io_fd(&pair.a), SHUT_WR), 0);
    edo_read_init(&read, &pair.b, &byte, 1);
    errno = ENOTSOCK;
    wrap_begin_counting();
    ck_assert_int_eq(edo_future_poll(&read.operation.future, &cx), EDO_READY);
    wrap_end();
    ck_assert_uint_eq(read.done, 0);
    ck_assert_uint_eq(wrap_count(CALL_READ), 1);
    pair_close(&pair);
}
END_TEST

START_TEST(an_exact_read_fails_at_the_end_and_says_how_much_came)
{
    struct pair pair;
    struct edo_read read;
    char buffer[6];

    pair_open(&pair, _i);
    put(&pair.b, "abc");
    edo_io_close(&pair.b);
    edo_read_exactly_init(&read, &pair.a, buffer, sizeof buffer);
    ck_assert_int_eq(await(&pair, &read.operation.future).error, -ENODATA);
    ck_assert_uint_eq(read.done, 3);
    pair_close(&pair);
}
END_TEST

START_TEST(lines_are_read_one_by_one_however_they_arrive)
{
    struct pair pair;
    struct edo_reader reader;
    struct edo_read_until until;
    struct edo_task task;
    unsigned char buffer[8];

    pair_open(&pair, _i);
    edo_reader_init(&reader, &pair.a, buffer, sizeof buffer);
    put(&pair.b, "one\ntw");
    edo_read_until_init(&until, &reader, '\n');
    await(&pair, &until.operation.future);
    ck_assert_uint_eq(until.length, 4);
    ck_assert_mem_eq(until.part, "one\n", 4);

    edo_read_until_init(&until, &reader, '\n');
    spawn_and_wait(&pair, &task, &until.operation.future);
    put(&pair.b, "o\n3\n");
    ck_assert_int_eq(edo_executor_block_on(&pair.runtime.executor, &task), 0);
    ck_assert_mem_eq(until.part, "two\n", 4);

    edo_read_until_init(&until, &reader, '\n');
    await(&pair, &until.operation.future);
    ck_assert_uint_eq(until.length, 2);
    ck_assert_mem_eq(until.part, "3\n", 2);
    pair_close(&pair);
}
END_TEST

/* With each piece of a long line only that piece is looked at. */
START_TEST(what_has_no_delimiter_is_not_searched_again)
{
    struct pair pair;
    struct edo_reader reader;
    struct edo_read_until until;
    struct edo_task task;
    unsigned char buffer[8];

    pair_open(&pair, _i);
    edo_reader_init(&reader, &pair.a, buffer, sizeof buffer);
    put(&pair.b, "ab");
    edo_read_until_init(&until, &reader, '\n');
    spawn_and_wait(&pair, &task, &until.operation.future);
    buffer[0] = '\n';
    put(&pair.b, "c\n");
    ck_assert_int_eq(edo_executor_block_on(&pair.runtime.executor, &task), 0);
    ck_assert_uint_eq(until.length, 4);
    pair_close(&pair);
}
END_TEST

START_TEST(a_line_that_does_not_fit_or_does_not_end_is_an_error)
{
    struct pair pair;
    struct edo_reader reader;
    struct edo_read_until until;
    unsigned char buffer[4];

    pair_open(&pair, _i);
    edo_reader_init(&reader, &pair.a, buffer, sizeof buffer);
    put(&pair.b, "too long\n");
    edo_read_until_init(&until, &reader, '\n');
    ck_assert_int_eq(await(&pair, &until.operation.future).error, -EMSGSIZE);
    edo_reader_init(&reader, &pair.a, buffer, sizeof buffer);
    edo_read_until_init(&until, &reader, '\n');
    ck_assert_int_eq(await(&pair, &until.operation.future).error, -EMSGSIZE);
    edo_io_close(&pair.b);
    edo_reader_init(&reader, &pair.a, buffer, sizeof buffer);
    edo_read_until_init(&until, &reader, '\0');
    ck_assert_int_eq(await(&pair, &until.operation.future).error, -ENODATA);
    ck_assert_uint_eq(reader.filled, 1); /* what is left: "\n" */
    pair_close(&pair);
}
END_TEST

/* However many lines came at once: it tells which is the next, and moves nothing to get it. */
START_TEST(lines_in_the_buffer_stay_where_they_are)
{
    struct pair pair;
    struct edo_reader reader;
    struct edo_read_until until;
    unsigned char buffer[13];

    pair_open(&pair, _i);
    edo_reader_init(&reader, &pair.a, buffer, sizeof buffer);
    put(&pair.b, "a\nbc\n\nd");
    for (size_t i = 0; i < 3; i++) {
        static const char *const parts[] = {"a\n", "bc\n", "\n"};
        static const size_t at[] = {0, 2, 5};

        edo_read_until_init(&until, &reader, '\n');
        ck_assert_int_eq(await(&pair, &until.operation.future).kind, EDO_OUTCOME_OK);
        ck_assert_ptr_eq(until.part, buffer + at[i]);
        ck_assert_uint_eq(until.length, strlen(parts[i]));
        ck_assert_mem_eq(until.part, parts[i], until.length);
    }
    edo_io_close(&pair.b);
    edo_read_until_init(&until, &reader, '\n');
    ck_assert_int_eq(await(&pair, &until.operation.future).error, -ENODATA);
    ck_assert_uint_eq(reader.filled - reader.used, 1);
    ck_assert_int_eq(buffer[reader.used], 'd');
    pair_close(&pair);
}
END_TEST

/* Whatever the fd has to give. */
START_TEST(a_buffer_that_is_full_is_an_error_at_once)
{
    struct pair pair;
    struct edo_reader reader;
    struct edo_read_until until;
    struct edo_context cx = {0};
    unsigned char buffer[4];

    pair_open(&pair, _i);
    cx.reactor = &pair.runtime.executor.reactor;
    edo_reader_init(&reader, &pair.a, buffer, sizeof buffer);
    reader.filled = sizeof buffer;
    memset(buffer, 'x', sizeof buffer);
    pair.a.is_ready[EDO_READ] = false; /* nothing more has come */
    edo_read_until_init(&until, &reader, '\n');
    ck_assert_int_eq(edo_future_poll(&until.operation.future, &cx), EDO_READY);
    ck_assert_int_eq(edo_future_error(&until.operation.future), -EMSGSIZE);
    pair_close(&pair);
}
END_TEST

/* IO8: another process may have cleared O_NONBLOCK, which belongs to what the two share. */
START_TEST(a_socket_that_blocks_for_others_does_not_block_a_read_or_write)
{
    struct pair pair;
    struct edo_read read;
    struct edo_write write;
    struct edo_context cx = {0};
    static unsigned char bytes[LARGE];

    pair_open(&pair, _i);
    cx.reactor = &pair.runtime.executor.reactor;
    fcntl(edo_io_fd(&pair.a), F_SETFL, 0);
    edo_read_init(&read, &pair.a, bytes, 1);
    edo_write_init(&write, &pair.a, bytes, sizeof bytes);
    ck_assert_int_eq(edo_future_poll(&read.operation.future, &cx), EDO_PENDING);
    ck_assert_int_eq(edo_future_poll(&write.operation.future, &cx), EDO_PENDING);
    edo_future_cancel(&read.operation.future);
    edo_future_cancel(&write.operation.future);
    pair_close(&pair);
}
END_TEST

/* --- Writing ---------------------------------------------------------------------------------- */

static unsigned char sent[LARGE], received[LARGE];

/* IO6: more than any buffer of the kernel's takes at once, from parts of all sizes. */
START_TEST(a_write_writes_all_of_all_parts_beside_its_reader)
{
    struct pair pair;
    struct edo_write write;
    struct edo_read read;
    struct edo_task writer;
    struct iovec parts[40];
    size_t at = 0;
    uint64_t random = 1;

    pair_open(&pair, _i);
    for (size_t i = 0; i < LARGE; i++)
        sent[i] = (unsigned char)draw(&random);
    for (size_t i = 0; i < 40; i++) {
        size_t size = i == 39 ? LARGE - at : i % 3 == 0 ? 0 : 100 * i;

        parts[i] = (struct iovec){sent + at, size};
        at += size;
    }
    edo_write_parts_init(&write, &pair.a, parts, 40);
    spawn_and_wait(&pair, &writer, &write.operation.future);
    edo_read_exactly_init(&read, &pair.b, received, LARGE);
    ck_assert_int_eq(await(&pair, &read.operation.future).kind, EDO_OUTCOME_OK);
    ck_assert_int_eq(edo_executor_block_on(&pair.runtime.executor, &writer), 0);
    ck_assert_uint_eq(write.done, LARGE);
    ck_assert(memcmp(sent, received, LARGE) == 0);
    pair_close(&pair);
}
END_TEST

START_TEST(a_write_of_nothing_is_done_at_once)
{
    struct pair pair;
    struct edo_write write;
    struct iovec none[2] = {{sent, 0}, {sent, 0}};

    pair_open(&pair, _i);
    edo_write_parts_init(&write, &pair.a, none, 2);
    ck_assert_int_eq(await(&pair, &write.operation.future).kind, EDO_OUTCOME_OK);
    edo_write_parts_init(&write, &pair.a, none, 0);
    ck_assert_int_eq(await(&pair, &write.operation.future).kind, EDO_OUTCOME_OK);
    pair_close(&pair);
}
END_TEST

/* IO5: where SIGPIPE came, the test would die of it. */
/* Which the kernel raises then, too. It takes a pipe whose O_NONBLOCK somebody else has cleared. */
START_TEST(a_reader_that_goes_amid_a_write_raises_no_signal)
{
    struct pair pair;
    struct edo_io pipe_end;
    struct edo_write write;
    int fds[2], status;
    pid_t child;

    pair_open(&pair, _i);
    ck_assert_int_eq(pipe(fds), 0);
    ck_assert_int_eq(edo_io_open(&pipe_end, &pair.runtime.executor.reactor, fds[1]), 0);
    child = fork();
    if (child == 0) {
        fcntl(fds[1], F_SETFL, 0);
        edo_io_close(&pipe_end);
        edo_io_close(&pair.a);
        edo_io_close(&pair.b);
        edo_executor_close(&pair.runtime.executor);
        for (int left = 20000; left > 0;) {
            ssize_t got = read(fds[0], received, (size_t)left);

            left -= got > 0 ? (int)got : left;
        }
        _exit(0);
    }
    close(fds[0]);
    while (fcntl(fds[1], F_GETFL) & O_NONBLOCK)
        sched_yield();
    edo_write_init(&write, &pipe_end, sent, LARGE);
    ck_assert_int_eq(await(&pair, &write.operation.future).error, -EPIPE);
    ck_assert_uint_lt(write.done, LARGE);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    edo_io_close(&pipe_end);
    pair_close(&pair);
}
END_TEST

START_TEST(writing_to_nobody_is_an_error_and_no_signal)
{
    struct pair pair;
    struct edo_write write;
    struct iovec part = {"x", 1}, two[2] = {{"x", 1}, {"y", 1}};
    struct edo_io pipe_end;
    sigset_t pending, blocked;
    int ends[2];

    pair_open(&pair, _i);
    edo_io_close(&pair.b);
    edo_write_parts_init(&write, &pair.a, &part, 1);
    ck_assert_int_eq(await(&pair, &write.operation.future).error, -EPIPE);
    edo_write_parts_init(&write, &pair.a, two, 2); /* by another system call */
    ck_assert_int_eq(await(&pair, &write.operation.future).error, -EPIPE);

    ck_assert_int_eq(pipe(ends), 0);
    close(ends[0]);
    ck_assert_int_eq(edo_io_open(&pipe_end, &pair.runtime.executor.reactor, ends[1]), 0);
    part = (struct iovec){"x", 1};
    edo_write_parts_init(&write, &pipe_end, &part, 1);
    ck_assert_int_eq(await(&pair, &write.operation.future).error, -EPIPE);
    sigpending(&pending);
    ck_assert(!sigismember(&pending, SIGPIPE));
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    ck_assert(!sigismember(&blocked, SIGPIPE)); /* only during the write */
    edo_io_close(&pipe_end);
    pair_close(&pair);
}
END_TEST

/* It is somebody else's, and not to be taken away with the one of the write. */
static void check_stays_pending(int variant, int signal)
{
    struct runtime runtime;
    struct edo_io io;
    struct edo_write write;
    struct iovec part = {"x", 1};
    sigset_t its, pending, before;
    int ends[2];

    sigemptyset(&its);
    sigaddset(&its, signal);
    sigprocmask(SIG_BLOCK, &its, &before);
    pthread_kill(pthread_self(), signal);
    runtime_open(&runtime, variant);
    ck_assert_int_eq(pipe(ends), 0);
    close(ends[0]);
    ck_assert_int_eq(edo_io_open(&io, &runtime.executor.reactor, ends[1]), 0);
    edo_write_parts_init(&write, &io, &part, 1);
    ck_assert_int_eq(runtime_await(&runtime, &write.operation.future).error, -EPIPE);
    sigpending(&pending);
    ck_assert(sigismember(&pending, signal));
    edo_io_close(&io);
    runtime_close(&runtime);
    sigwaitinfo(&its, NULL);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

START_TEST(a_signal_that_was_pending_before_a_write_to_nobody_stays_so)
{
    check_stays_pending(_i, SIGPIPE);
    check_stays_pending(_i, SIGUSR1);
}
END_TEST

START_TEST(after_a_half_close_the_other_direction_goes_on)
{
    struct pair pair;
    struct edo_read read;
    struct edo_write write;
    struct iovec part = {"answer", 6};
    char buffer[16];

    pair_open(&pair, _i);
    put(&pair.a, "question");
    ck_assert_int_eq(edo_io_shutdown(&pair.a), 0);
    edo_read_exactly_init(&read, &pair.b, buffer, 9);
    ck_assert_int_eq(await(&pair, &read.operation.future).error, -ENODATA);
    ck_assert_uint_eq(read.done, 8);
    edo_write_parts_init(&write, &pair.b, &part, 1);
    ck_assert_int_eq(await(&pair, &write.operation.future).kind, EDO_OUTCOME_OK);
    edo_read_exactly_init(&read, &pair.a, buffer, 6);
    ck_assert_int_eq(await(&pair, &read.operation.future).kind, EDO_OUTCOME_OK);
    pair_close(&pair);
}
END_TEST

/* --- Waiting ---------------------------------------------------------------------------------- */

/* IO7 */
START_TEST(a_second_reader_is_refused_and_the_first_goes_on)
{
    struct pair pair;
    struct edo_read first, second;
    struct edo_task task;
    char buffer[2];

    pair_open(&pair, _i);
    edo_read_init(&first, &pair.a, buffer, 1);
    edo_read_init(&second, &pair.a, buffer + 1, 1);
    spawn_and_wait(&pair, &task, &first.operation.future);
    ck_assert_int_eq(await(&pair, &second.operation.future).error, -EBUSY);
    put(&pair.b, "x");
    ck_assert_int_eq(edo_executor_block_on(&pair.runtime.executor, &task), 0);
    ck_assert_uint_eq(first.done, 1);
    pair_close(&pair);
}
END_TEST

/* A future may move to another task while it waits. */
START_TEST(who_polled_a_read_last_is_woken)
{
    struct pair pair;
    struct edo_reactor *reactor = &pair.runtime.executor.reactor;
    struct counter first = {0}, last = {0};
    struct edo_context cx = {.reactor = reactor, .waker = counting(&first)};
    struct edo_read read;
    char byte;

    pair_open(&pair, _i);
    runtime_run_for(&pair.runtime, EDO_MS(1)); /* past the news of being registered */
    edo_read_init(&read, &pair.a, &byte, 1);
    ck_assert_int_eq(edo_future_poll(&read.operation.future, &cx), EDO_PENDING);
    cx.waker = counting(&last);
    ck_assert_int_eq(edo_future_poll(&read.operation.future, &cx), EDO_PENDING);
    put(&pair.b, "x");
    runtime_run_for(&pair.runtime, EDO_MS(1));
    ck_assert_uint_eq(first.wakes, 0);
    ck_assert_uint_eq(last.wakes, 1);
    ck_assert_int_eq(edo_future_poll(&read.operation.future, &cx), EDO_READY);
    pair_close(&pair);
}
END_TEST

START_TEST(reader_and_writer_wait_independently)
{
    struct pair pair;
    struct edo_read read;
    struct edo_write write;
    struct iovec part = {sent, LARGE};
    struct edo_task reader, writer;
    char byte;

    pair_open(&pair, _i);
    edo_read_init(&read, &pair.a, &byte, 1);
    edo_write_parts_init(&write, &pair.a, &part, 1);
    spawn_and_wait(&pair, &reader, &read.operation.future);
    spawn_and_wait(&pair, &writer, &write.operation.future);
    wrap_begin_counting();
    put(&pair.b, "x");
    ck_assert_int_eq(edo_executor_block_on(&pair.runtime.executor, &reader), 0);
    ck_assert(edo_task_is_live(&writer));
    ck_assert_uint_eq(wrap_count(CALL_SENDMSG), 0); /* it does not even try */
    wrap_end();
    edo_task_cancel(&writer);
    ck_assert_uint_gt(write.done, 0); /* how much was written is known */
    ck_assert_uint_lt(write.done, LARGE);
    pair_close(&pair);
}
END_TEST

START_TEST(closing_ends_who_waits)
{
    struct pair pair;
    struct edo_read read;
    struct edo_write write;
    struct iovec part = {sent, LARGE};
    struct edo_task reader, writer;
    char byte;

    pair_open(&pair, _i);
    edo_read_init(&read, &pair.a, &byte, 1);
    edo_write_parts_init(&write, &pair.a, &part, 1);
    spawn_and_wait(&pair, &reader, &read.operation.future);
    spawn_and_wait(&pair, &writer, &write.operation.future);
    edo_io_close(&pair.a);
    ck_assert_int_eq(edo_executor_run(&pair.runtime.executor), 0);
    ck_assert_int_eq(edo_future_error(&read.operation.future), -EBADF);
    ck_assert_int_eq(edo_future_error(&write.operation.future), -EBADF);
    edo_read_init(&read, &pair.a, &byte, 1);
    ck_assert_int_eq(await(&pair, &read.operation.future).error, -EBADF);
    edo_io_close(&pair.a);
    pair_close(&pair);
}
END_TEST

START_TEST(a_cancelled_read_leaves_the_fd_to_the_next)
{
    struct pair pair;
    struct edo_read read;
    struct edo_timeout timeout;
    char buffer[4];

    pair_open(&pair, _i);
    put(&pair.b, "ab");
    edo_read_exactly_init(&read, &pair.a, buffer, 4);
    edo_timeout_init(&timeout, &read.operation.future, EDO_MS(1));
    ck_assert_int_eq(await(&pair, &timeout.future).error, -ETIMEDOUT);
    ck_assert_uint_eq(read.done, 2);
    put(&pair.b, "cd");
    edo_read_exactly_init(&read, &pair.a, buffer + 2, 2);
    ck_assert_int_eq(await(&pair, &read.operation.future).kind, EDO_OUTCOME_OK);
    ck_assert_mem_eq(buffer, "abcd", 4);
    pair_close(&pair);
}
END_TEST

/* IO3 and the story in strace: registered once, then reads and writes. */
START_TEST(an_fd_costs_two_epoll_ctl_in_its_life)
{
    struct pair pair;
    struct edo_read read;
    char byte;

    pair_open(&pair, FD_VIRTUAL);
    wrap_begin_counting();
    for (int i = 0; i < 100; i++) {
        put(&pair.b, "x");
        edo_read_init(&read, &pair.a, &byte, 1);
        ck_assert_int_eq(await(&pair, &read.operation.future).kind, EDO_OUTCOME_OK);
    }
    ck_assert_uint_eq(wrap_count(CALL_EPOLL_ADD) + wrap_count(CALL_EPOLL_DEL), 0);
    edo_io_close(&pair.a);
    ck_assert_uint_eq(wrap_count(CALL_EPOLL_DEL), 1);
    wrap_end();
    pair_close(&pair);
}
END_TEST

/* IO9 */
START_TEST(a_regular_file_is_refused)
{
    struct runtime runtime;
    struct edo_io io;
    int fd;

    runtime_open(&runtime, _i);
    fd = open("Makefile", O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(edo_io_open(&io, &runtime.executor.reactor, fd), -EPERM);
    ck_assert_int_eq(fcntl(fd, F_GETFL) & O_NONBLOCK, 0); /* it is as it was */
    edo_io_close(&io);
    ck_assert_int_eq(close(fd), 0);
    ck_assert_int_eq(edo_io_open(&io, &runtime.executor.reactor, fd), -EBADF);
    runtime_close(&runtime);
}
END_TEST

START_TEST(a_struct_of_zeros_is_closed)
{
    struct runtime runtime;
    struct edo_io io = {.moved = 0};
    struct edo_read read;
    char byte;

    runtime_open(&runtime, _i);
    ck_assert_int_eq(edo_io_fd(&io), -1);
    edo_read_init(&read, &io, &byte, 1);
    ck_assert_int_eq(runtime_await(&runtime, &read.operation.future).error, -EBADF);
    edo_io_close(&io); /* not stdin */
    ck_assert_int_ge(fcntl(0, F_GETFD), 0);
    runtime_close(&runtime);
}
END_TEST

START_TEST(an_fd_that_outlives_its_runtime_only_has_to_be_closed)
{
    struct runtime runtime, others;
    struct edo_io io;
    int ends[2];

    runtime_open(&runtime, _i);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(edo_io_open(&io, &runtime.executor.reactor, ends[0]), 0);
    ck_assert_int_eq(edo_executor_close(&runtime.executor), 0);
    memset(&runtime, 0xa5, sizeof runtime); /* somebody else's by now */
    memset(&others, 0xa5, sizeof others);
    edo_io_close(&io);
    ck_assert_mem_eq(&runtime, &others, sizeof runtime);
    ck_assert_int_eq(fcntl(ends[0], F_GETFD), -1);
    close(ends[1]);
}
END_TEST

/* On the virtual clock a deadline is not reached while the answer of another process is awaited. */
START_TEST(virtual_time_stands_still_for_what_is_outside)
{
    struct pair pair;
    struct edo_read read;
    struct edo_timeout timeout;
    char byte;
    pid_t child;

    pair_open(&pair, _i);
    edo_io_set_outside(&pair.a, true);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        usleep(1000);
        put(&pair.b, "x");
        edo_executor_close(&pair.runtime.executor);
        _exit(0);
    }
    edo_read_init(&read, &pair.a, &byte, 1);
    edo_timeout_init(&timeout, &read.operation.future, EDO_US(1));
    ck_assert_int_eq(await(&pair, &timeout.future).kind, EDO_OUTCOME_OK);
    ck_assert_uint_eq(runtime_now(&pair.runtime), 0);

    edo_read_init(&read, &pair.b, &byte, 1); /* that one is inside */
    edo_timeout_init(&timeout, &read.operation.future, EDO_US(1));
    ck_assert_int_eq(await(&pair, &timeout.future).error, -ETIMEDOUT);
    ck_assert_uint_eq(pair.runtime.executor.reactor.outside, 0);
    waitpid(child, NULL, 0);
    pair_close(&pair);
}
END_TEST

/* IO3: a short read has emptied a TCP connection, but not a terminal, which gives a line at a time.
 */
START_TEST(lines_that_wait_at_a_terminal_are_read_one_by_one)
{
    struct pair pair;
    struct edo_io terminal;
    struct edo_read read;
    char buffer[16];
    int ends[2];

    pair_open(&pair, _i);
    ck_assert_int_eq(openpty(&ends[0], &ends[1], NULL, NULL, NULL), 0);
    ck_assert_int_eq(edo_io_open(&terminal, &pair.runtime.executor.reactor, ends[1]), 0);
    ck_assert_int_eq((int)write(ends[0], "one\ntwo\n", 8), 8);
    runtime_run_for(&pair.runtime, EDO_MS(1)); /* its event has come, and there is no other */
    for (int i = 0; i < 2; i++) {
        edo_read_init(&read, &terminal, buffer, sizeof buffer);
        ck_assert_int_eq(await(&pair, &read.operation.future).kind, EDO_OUTCOME_OK);
        ck_assert_mem_eq(buffer, i == 0 ? "one\n" : "two\n", 4);
    }
    edo_io_close(&terminal);
    close(ends[0]);
    pair_close(&pair);
}
END_TEST

static void send_with_fd(int to, const char *text, int fd)
{
    union {
        struct cmsghdr header;
        char
            room[CMSG_SPACE(sizeof(int))]; /* cppcheck-suppress unusedStructMember ; for its size */
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
                            .cmsg_level = SOL_SOCKET,
                            .cmsg_type = SCM_RIGHTS}};
    char copy[16];
    struct iovec part = {copy, strlen(text)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof control};

    snprintf(copy, sizeof copy, "%s", text);
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
    ck_assert_int_eq((int)sendmsg(to, &message, 0), (int)strlen(text));
}

/* IO3: nor has it emptied a Unix socket: a read ends with the bytes that an fd came with. */
START_TEST(bytes_behind_those_that_an_fd_came_with_are_read)
{
    struct pair pair;
    struct edo_read read;
    char buffer[16];

    pair_open(&pair, _i);
    send_with_fd(edo_io_fd(&pair.b), "one", edo_io_fd(&pair.b));
    send_with_fd(edo_io_fd(&pair.b), "two", edo_io_fd(&pair.b));
    runtime_run_for(&pair.runtime, EDO_MS(1));
    edo_read_exactly_init(&read, &pair.a, buffer, 6);
    ck_assert_int_eq(await(&pair, &read.operation.future).kind, EDO_OUTCOME_OK);
    ck_assert_mem_eq(buffer, "onetwo", 6);
    pair_close(&pair);
}
END_TEST

/* IO6 */
START_TEST(who_asks_for_no_bytes_does_not_wait)
{
    struct pair pair;
    struct edo_read read;
    struct edo_write write;
    struct edo_timeout timeout;
    struct iovec part = {sent, LARGE}, none = {sent, 0};
    char byte;

    pair_open(&pair, _i);
    edo_read_init(&read, &pair.a, &byte, 1);
    edo_timeout_init(&timeout, &read.operation.future, EDO_MS(1));
    ck_assert_int_eq(await(&pair, &timeout.future).error, -ETIMEDOUT);
    edo_write_parts_init(&write, &pair.a, &part, 1);
    edo_timeout_init(&timeout, &write.operation.future, EDO_MS(1));
    ck_assert_int_eq(await(&pair, &timeout.future).error, -ETIMEDOUT);

    edo_read_init(&read, &pair.a, &byte, 0);
    ck_assert_int_eq(await(&pair, &read.operation.future).kind, EDO_OUTCOME_OK);
    edo_read_exactly_init(&read, &pair.a, &byte, 0);
    ck_assert_int_eq(await(&pair, &read.operation.future).kind, EDO_OUTCOME_OK);
    edo_write_parts_init(&write, &pair.a, &none, 1);
    ck_assert_int_eq(await(&pair, &write.operation.future).kind, EDO_OUTCOME_OK);
    pair_close(&pair);
}
END_TEST

/* IO7: nor does it take what the first has in its buffer. */
START_TEST(a_second_read_until_is_refused_whatever_is_in_the_buffer)
{
    struct pair pair;
    struct edo_reader reader;
    struct edo_read_until first, second;
    struct edo_task task;
    unsigned char buffer[16];

    pair_open(&pair, _i);
    edo_reader_init(&reader, &pair.a, buffer, sizeof buffer);
    edo_read_until_init(&first, &reader, '\n');
    put(&pair.b, "a b");
    spawn_and_wait(&pair, &task, &first.operation.future);
    edo_read_until_init(&second, &reader, ' ');
    ck_assert_int_eq(await(&pair, &second.operation.future).error, -EBUSY);
    put(&pair.b, "\n");
    ck_assert_int_eq(edo_executor_block_on(&pair.runtime.executor, &task), 0);
    ck_assert_uint_eq(first.length, 4);
    ck_assert_mem_eq(first.part, "a b\n", 4);
    pair_close(&pair);
}
END_TEST

/* IO10: a forked child closes what it does not need. */
START_TEST(what_a_forked_child_closes_stays_registered_for_its_parent)
{
    struct pair pair;
    struct edo_read read;
    struct edo_task task;
    char byte;
    pid_t child;
    int status;

    pair_open(&pair, _i);
    edo_read_init(&read, &pair.a, &byte, 1);
    spawn_and_wait(&pair, &task, &read.operation.future);
    child = fork();
    if (child == 0) {
        edo_io_close(&pair.a);
        edo_io_close(&pair.b);
        memset(&pair.b, 0xa5, sizeof pair.b); /* by now it is the caller's */
        _exit(edo_executor_close(&pair.runtime.executor) != 0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    put(&pair.b, "x");
    ck_assert_int_eq(edo_executor_block_on(&pair.runtime.executor, &task), 0);
    ck_assert_int_eq(edo_future_outcome(&read.operation.future).kind, EDO_OUTCOME_OK);
    pair_close(&pair);
}
END_TEST

/* --- The budget ------------------------------------------------------------------------------- */

/* async fn flooded() { loop { read(pipe).await; write(pipe).await } }: always ready. */
struct flooded {
    struct edo_future future;
    struct edo_io *in, *out;
    struct edo_read read;
    struct edo_write write;
    char byte;
    unsigned rounds;
};

enum flooded_state {
    FLOODED_START = EDO_START,
    FLOODED_AWAITS_READ = EDO_FIRST_AWAIT,
    FLOODED_AWAITS_WRITE,
};

static enum edo_poll flooded_poll(struct edo_future *self, struct edo_context *cx)
{
    struct flooded *flooded = edo_container_of(self, struct flooded, future);

    for (;;)
        switch ((enum flooded_state)self->state) {
        case FLOODED_START:
            edo_read_init(&flooded->read, flooded->in, &flooded->byte, 1);
            edo_future_goto(self, FLOODED_AWAITS_READ);
            /* fall through */
        case FLOODED_AWAITS_READ:
            if (edo_future_await(self, &flooded->read.operation.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            edo_write_init(&flooded->write, flooded->out, &flooded->byte, 1);
            edo_future_goto(self, FLOODED_AWAITS_WRITE);
            /* fall through */
        case FLOODED_AWAITS_WRITE:
            if (edo_future_await(self, &flooded->write.operation.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            flooded->rounds++;
            edo_future_goto(self, FLOODED_START);
        }
}

/* IO8, J5 */
START_TEST(a_task_that_is_always_ready_holds_nobody)
{
    static const struct edo_future_type type = {"flooded", flooded_poll, NULL, NULL, NULL, NULL};
    struct pair pair;
    struct flooded flooded = {.in = &pair.a, .out = &pair.b};
    struct edo_timeout timeout;

    pair_open(&pair, _i);
    put(&pair.b, "x");
    edo_future_init(&flooded.future, &type);
    edo_timeout_init(&timeout, &flooded.future, EDO_MS(1));
    if (_i < VIRTUAL_VARIANTS) {
        struct edo_task task;

        edo_task_init(&task, "flooded", &flooded.future);
        ck_assert_int_eq(edo_executor_spawn(&pair.runtime.executor, &task), 0);
        ck_assert_int_eq(edo_executor_turn(&pair.runtime.executor), 0);
        ck_assert_uint_eq(flooded.rounds, EDO_BUDGET / 2);
        edo_task_cancel(&task);
    } else {
        ck_assert_int_eq(await(&pair, &timeout.future).error, -ETIMEDOUT);
    }
    pair_close(&pair);
}
END_TEST

START_TEST(each_try_of_a_small_read_is_one_of_its_task_s_share)
{
    struct pair pair;
    struct edo_task polled;
    struct edo_read read;
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter)};
    char byte;

    pair_open(&pair, _i);
    cx.executor = &pair.runtime.executor;
    cx.reactor = &cx.executor->reactor;
    cx.executor->polled = &polled;
    cx.executor->budget = 10;
    edo_read_init(&read, &pair.a, &byte, 1);
    ck_assert_int_eq(edo_future_poll(&read.operation.future, &cx), EDO_PENDING);
    ck_assert_uint_eq(cx.executor->budget, 9);
    put(&pair.b, "x");
    edo_reactor_react(cx.reactor, EDO_NO_WAIT);
    ck_assert_int_eq(edo_future_poll(&read.operation.future, &cx), EDO_READY);
    ck_assert_uint_eq(cx.executor->budget, 8);
    pair_close(&pair);
}
END_TEST

/* A peer may send a great many lines at once. */
START_TEST(each_line_is_one_of_its_task_s_share)
{
    struct pair pair;
    struct edo_task polled;
    struct edo_reader reader;
    struct edo_read_until until, second;
    struct edo_operation writing;
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter)};
    unsigned char buffer[6]; /* which the three fill */

    pair_open(&pair, _i);
    cx.executor = &pair.runtime.executor;
    cx.reactor = &cx.executor->reactor;
    cx.executor->polled = &polled;
    cx.executor->budget = 2;
    edo_reader_init(&reader, &pair.a, buffer, sizeof buffer);
    put(&pair.b, "a\nb\nc\n");
    pair.a.pending[EDO_WRITE] = &writing; /* which stays */
    for (int i = 0; i < 2; i++) {
        edo_read_until_init(&until, &reader, '\n');
        ck_assert_int_eq(edo_future_poll(&until.operation.future, &cx), EDO_READY);
        ck_assert_uint_eq(cx.executor->budget, 1U - (unsigned)i);
        ck_assert_ptr_eq(pair.a.pending[EDO_WRITE], &writing);
    }
    edo_read_until_init(&until, &reader, '\n');
    ck_assert_int_eq(edo_future_poll(&until.operation.future, &cx), EDO_PENDING);
    ck_assert_uint_ge(counter.wakes, 1);
    edo_read_until_init(&second, &reader, '\n');
    ck_assert_int_eq(edo_future_poll(&second.operation.future, &cx), EDO_READY);
    ck_assert_int_eq(edo_future_error(&second.operation.future), -EBUSY);
    ck_assert_uint_eq(reader.used, 4);
    edo_io_close(&pair.a); /* which takes nothing away that has come */
    ck_assert_int_eq(edo_future_poll(&until.operation.future, &cx), EDO_PENDING);
    cx.executor->budget = 1;
    ck_assert_int_eq(edo_future_poll(&until.operation.future, &cx), EDO_READY);
    ck_assert_mem_eq(until.part, "c\n", 2);
    ck_assert_uint_eq(cx.reactor->pending, 0);
    ck_assert_ptr_null(pair.a.pending[EDO_READ]);
    cx.executor->polled = NULL;
    pair_close(&pair);
}
END_TEST

/* Two tries, of which the second finds nothing. */
START_TEST(what_a_read_has_moved_is_charged_once)
{
    struct pair pair;
    struct edo_task polled;
    struct edo_read read;
    struct counter counter = {0};
    struct edo_context cx = {.waker = counting(&counter)};

    pair_open(&pair, _i);
    cx.executor = &pair.runtime.executor;
    cx.reactor = &cx.executor->reactor;
    cx.executor->polled = &polled;
    cx.executor->budget = 20;
    ck_assert_int_gt((int)write(edo_io_fd(&pair.b), sent, (size_t)2 * EDO_BYTES_OF_ONE), 0);
    edo_read_exactly_init(&read, &pair.a, received, (size_t)3 * EDO_BYTES_OF_ONE);
    ck_assert_int_eq(edo_future_poll(&read.operation.future, &cx), EDO_PENDING);
    ck_assert_uint_eq(read.done, (size_t)2 * EDO_BYTES_OF_ONE);
    ck_assert_uint_eq(cx.executor->budget, 20 - 2 - 2);
    edo_future_cancel(&read.operation.future);
    pair_close(&pair);
}
END_TEST

/* 20 reads of 4 KB are few operations, but many bytes. */
START_TEST(large_reads_use_up_the_share_of_a_task)
{
    enum { READS = 20, SIZE = 8 * EDO_BYTES_OF_ONE };
    struct pair pair;
    struct edo_read reads[READS];
    struct edo_future *children[READS];
    struct sequence sequence;
    struct edo_task task;

    pair_open(&pair, _i);
    for (int i = 0; i < READS; i++) {
        ck_assert_int_eq((int)write(edo_io_fd(&pair.b), sent, SIZE), SIZE);
        edo_read_exactly_init(&reads[i], &pair.a, received, SIZE);
        children[i] = &reads[i].operation.future;
    }
    sequence_init(&sequence, children, READS);
    edo_task_init(&task, "reader", &sequence.future);
    ck_assert_int_eq(edo_executor_spawn(&pair.runtime.executor, &task), 0);
    ck_assert_int_eq(edo_executor_turn(&pair.runtime.executor), 0);
    ck_assert(edo_task_is_live(&task));
    ck_assert_uint_gt(sequence.next, 0);
    ck_assert_int_eq(edo_executor_block_on(&pair.runtime.executor, &task), 0);
    ck_assert_uint_eq(sequence.next, READS);
    pair_close(&pair);
}
END_TEST

Suite *stream_suite(void)
{
    Suite *suite = suite_create("stream");
    TCase *reading = tcase_create("reading");
    TCase *writing = tcase_create("writing");
    TCase *waiting = tcase_create("waiting");

    tcase_add_loop_test(reading, a_read_gives_what_is_there, 0, VARIANTS);
    tcase_add_loop_test(reading, on_a_reactor_that_is_closed_a_read_can_not_wait, 0, VARIANTS);
    tcase_add_test(reading, what_is_moved_is_counted_up_to_the_most_that_can_be);
    tcase_add_loop_test(reading, what_a_pipe_is_is_asked_once, 0, VARIANTS);
    tcase_add_loop_test(reading, a_read_waits_for_the_first_byte, 0, VARIANTS);
    tcase_add_loop_test(reading, in_the_trace_a_read_arms_before_it_changes_its_state, 0, VARIANTS);
    tcase_add_loop_test(reading, room_to_write_wakes_no_reader, 0, VARIANTS);
    tcase_add_loop_test(reading, the_end_of_a_stream_is_a_read_of_no_bytes, 0, VARIANTS);
    tcase_add_loop_test(reading, the_end_of_a_pipe_ends_a_read_that_waits, 0, VARIANTS);
    tcase_add_loop_test(reading, the_end_of_a_pipe_ends_a_write_that_waits, 0, VARIANTS);
    tcase_add_loop_test(reading, an_exact_read_takes_as_many_pieces_as_it_needs, 0, VARIANTS);
    tcase_add_loop_test(reading, an_errno_that_stood_there_before_is_not_that_of_a_read, 0,
                        VARIANTS);
    tcase_add_loop_test(reading, an_exact_read_fails_at_the_end_and_says_how_much_came, 0,
                        VARIANTS);
    tcase_add_loop_test(reading, lines_are_read_one_by_one_however_they_arrive, 0, VARIANTS);
    tcase_add_loop_test(reading, what_has_no_delimiter_is_not_searched_again, 0, VARIANTS);
    tcase_add_loop_test(reading, a_line_that_does_not_fit_or_does_not_end_is_an_error, 0, VARIANTS);
    tcase_add_loop_test(reading, lines_in_the_buffer_stay_where_they_are, 0, VARIANTS);
    tcase_add_loop_test(reading, a_buffer_that_is_full_is_an_error_at_once, 0, VARIANTS);
    suite_add_tcase(suite, reading);
    tcase_add_loop_test(writing, a_write_writes_all_of_all_parts_beside_its_reader, 0, VARIANTS);
    tcase_add_loop_test(writing, a_write_of_nothing_is_done_at_once, 0, VARIANTS);
    tcase_add_loop_test(writing, writing_to_nobody_is_an_error_and_no_signal, 0, VARIANTS);
    tcase_add_loop_test(writing, a_reader_that_goes_amid_a_write_raises_no_signal, 0, VARIANTS);
    tcase_add_loop_test(writing, a_signal_that_was_pending_before_a_write_to_nobody_stays_so, 0,
                        VARIANTS);
    tcase_add_loop_test(writing, after_a_half_close_the_other_direction_goes_on, 0, VARIANTS);
    suite_add_tcase(suite, writing);
    tcase_add_loop_test(waiting, lines_that_wait_at_a_terminal_are_read_one_by_one, 0, VARIANTS);
    tcase_add_loop_test(waiting, bytes_behind_those_that_an_fd_came_with_are_read, 0, VARIANTS);
    tcase_add_loop_test(waiting, who_asks_for_no_bytes_does_not_wait, 0, VARIANTS);
    tcase_add_loop_test(waiting, a_second_read_until_is_refused_whatever_is_in_the_buffer, 0,
                        VARIANTS);
    tcase_add_loop_test(waiting, what_a_forked_child_closes_stays_registered_for_its_parent, 0,
                        VARIANTS);
    tcase_add_loop_test(waiting, a_second_reader_is_refused_and_the_first_goes_on, 0, VARIANTS);
    tcase_add_loop_test(waiting, who_polled_a_read_last_is_woken, 0, VARIANTS);
    tcase_add_loop_test(waiting, reader_and_writer_wait_independently, 0, VARIANTS);
    tcase_add_loop_test(waiting, closing_ends_who_waits, 0, VARIANTS);
    tcase_add_loop_test(waiting, a_cancelled_read_leaves_the_fd_to_the_next, 0, VARIANTS);
    tcase_add_test(waiting, an_fd_costs_two_epoll_ctl_in_its_life);
    tcase_add_loop_test(waiting, a_regular_file_is_refused, 0, VARIANTS);
    tcase_add_loop_test(waiting, a_struct_of_zeros_is_closed, 0, VARIANTS);
    tcase_add_loop_test(waiting, an_fd_that_outlives_its_runtime_only_has_to_be_closed, 0,
                        VARIANTS);
    tcase_add_loop_test(waiting, virtual_time_stands_still_for_what_is_outside, 0,
                        VIRTUAL_VARIANTS);
    tcase_add_loop_test(waiting, a_task_that_is_always_ready_holds_nobody, 0, VARIANTS);
    tcase_add_loop_test(waiting, what_a_read_has_moved_is_charged_once, 0, VARIANTS);
    tcase_add_loop_test(waiting, large_reads_use_up_the_share_of_a_task, 0, VARIANTS);
    tcase_add_loop_test(waiting, each_try_of_a_small_read_is_one_of_its_task_s_share, 0, VARIANTS);
    tcase_add_loop_test(waiting, each_line_is_one_of_its_task_s_share, 0, VARIANTS);
    tcase_add_loop_test(waiting, a_socket_that_blocks_for_others_does_not_block_a_read_or_write, 0,
                        VARIANTS);
    suite_add_tcase(suite, waiting);
    return suite;
}
