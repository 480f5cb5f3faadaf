/* SPDX-License-Identifier: MIT */
#include "bytes.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "helper.h"
#include "wrap.h"

enum { PARTS = 5, PART_MAX = 3000, AHEAD = 200, DELIMITER = 0, BYTES_MAX = 60000 };

enum op { OP_NAP, OP_READ, OP_READ_EXACTLY, OP_READ_UNTIL, OP_WRITE };

/* One end of a flow: the operation that is under way, as a task of its own. */
struct side {
    struct edo_io *io;
    bool is_over; /* no operation follows */
    enum op op;
    struct edo_task task; /* live: the operation */
    bool is_begun;
    struct edo_future *future; /* the operation, perhaps within `timeout` */
    struct edo_timeout timeout;
    struct edo_sleep nap;
    struct edo_read read;
    struct edo_read_until until;
    struct edo_write write;
    struct iovec parts[PARTS];
    unsigned char buffer[PARTS * PART_MAX];
    size_t asked;
};

struct flow {
    struct side writer, reader;
    struct edo_reader ahead;
    unsigned char ahead_buffer[AHEAD];
    uint64_t written, received;
    uint64_t goal;       /* how many to write */
    bool is_read_to_end; /* the reader has seen the end */
};

struct program {
    uint64_t seed, random;
    struct runtime runtime;
    struct edo_io ios[2];
    struct flow flows[2];
    int flow_count;
    uint64_t steps;
    unsigned turns, last_turn; /* before that one the runtime is closed; 0: it is not */
};

static void check(const struct program *program, bool is_so, const char *what)
{
    if (!is_so)
        ck_abort_msg("EDO_SEED=%" PRIu64 ": %s", program->seed, what);
}

static size_t draw_below(struct program *program, size_t end)
{
    if (schedule_is_on())
        return schedule_choose("program", (unsigned)end);
    return (size_t)(draw(&program->random) % end);
}

static bool one_in(struct program *program, unsigned n)
{
    return schedule_is_on() ? schedule_rarely("program", n) : draw_below(program, n) == 0;
}

/* Under a schedule most bytes are what it does without choices: a program made small still ends. */
static size_t draw_size(struct program *program, size_t end)
{
    size_t size = draw_below(program, end);

    return schedule_is_on() ? end - 1 - size : size;
}

static unsigned char byte_at(uint64_t offset)
{
    uint64_t state = offset;

    return (unsigned char)(draw(&state) % 100);
}

/* One inside a timeout that was cancelled before its first poll has not begun. */
static int error_of(const struct edo_future *future)
{
    return edo_future_has_ended(future) ? edo_future_error(future) : -ECANCELED;
}

/* --- The reader ------------------------------------------------------------------------------- */

static void receive(struct program *program, struct flow *flow, const unsigned char *bytes,
                    size_t count)
{
    for (size_t i = 0; i < count; i++)
        check(program, bytes[i] == byte_at(flow->received + i), "a byte is not the next one");
    flow->received += count;
    program->steps += 1 + count / 64;
}

/* All that the reader has in its buffer. */
static void receive_ahead(struct program *program, struct flow *flow)
{
    struct edo_reader *ahead = &flow->ahead;

    receive(program, flow, ahead->buffer + ahead->used, ahead->filled - ahead->used);
    edo_reader_init(ahead, flow->reader.io, flow->ahead_buffer, 1 + draw_below(program, AHEAD));
}

static void read_until_has_ended(struct program *program, struct flow *flow, int error)
{
    const struct edo_read_until *until = &flow->reader.until;

    if (error == -ECANCELED)
        return;
    if (error) {
        receive_ahead(program, flow);
        return;
    }
    check(program, memchr(until->part, DELIMITER, until->length) == until->part + until->length - 1,
          "a part ends with its delimiter and has no other");
    receive(program, flow, until->part, until->length);
}

static void read_has_ended(struct program *program, struct flow *flow, int error)
{
    struct side *reader = &flow->reader;
    size_t done = reader->read.done;

    receive(program, flow, reader->buffer, done);
    if (error)
        check(program, done < reader->asked, "a read failed that had all");
    else if (reader->op == OP_READ_EXACTLY)
        check(program, done == reader->asked, "an exact read is done with less");
    else if (done == 0)
        reader->is_over = flow->is_read_to_end = true;
}

static void reader_has_ended(struct program *program, struct flow *flow)
{
    struct side *reader = &flow->reader;
    int error = error_of(reader->future);

    switch (reader->op) {
    case OP_NAP:
    case OP_WRITE:
        return;
    case OP_READ:
    case OP_READ_EXACTLY:
        read_has_ended(program, flow, error);
        break;
    case OP_READ_UNTIL:
        read_until_has_ended(program, flow, error);
        break;
    }
    if (error == 0 || error == -ECANCELED || error == -EMSGSIZE)
        return;
    check(program, error == -ENODATA || error == -ECONNRESET || error == -EBADF,
          "a read failed in a way of its own");
    reader->is_over = true;
    flow->is_read_to_end =
        error != -EBADF && (error != -ECONNRESET || !schedule_has(SCHEDULE_RESET));
}

/* --- The writer ------------------------------------------------------------------------------- */

static void writer_has_ended(struct program *program, struct flow *flow)
{
    struct side *writer = &flow->writer;
    int error = error_of(writer->future);

    if (writer->op == OP_NAP)
        return;
    flow->written += writer->write.done;
    program->steps += 1 + writer->write.done / 64;
    if (error == 0)
        check(program, writer->write.done == writer->asked, "a write is done with less");
    if (error == 0 || error == -ECANCELED)
        return;
    check(program, error == -EPIPE || error == -ECONNRESET || error == -EBADF,
          "a write failed in a way of its own");
    writer->is_over = true;
}

/* Says that it was all: one direction of a socket, or the pipe. */
static void end_writing(struct flow *flow)
{
    flow->writer.is_over = true;
    if (edo_io_shutdown(flow->writer.io) < 0)
        edo_io_close(flow->writer.io);
}

/* --- Beginning -------------------------------------------------------------------------------- */

static struct edo_future *begin_write(struct program *program, struct flow *flow)
{
    struct side *writer = &flow->writer;
    size_t count = draw_below(program, PARTS) + 1, size = 0;

    for (size_t i = 0; i < count; i++) {
        size_t part = draw_size(program, one_in(program, 4) ? PART_MAX : 20);

        writer->parts[i] = (struct iovec){writer->buffer + size, part};
        size += part;
    }
    for (size_t i = 0; i < size; i++)
        writer->buffer[i] = byte_at(flow->written + i);
    writer->asked = size;
    edo_write_parts_init(&writer->write, writer->io, writer->parts, count);
    return &writer->write.operation.future;
}

static struct edo_future *begin_read(struct program *program, struct flow *flow, enum op op)
{
    struct side *reader = &flow->reader;

    if (op == OP_READ_UNTIL) {
        edo_read_until_init(&reader->until, &flow->ahead, DELIMITER);
        return &reader->until.operation.future;
    }
    receive_ahead(program, flow);
    reader->asked = 1 + draw_below(program, one_in(program, 4) ? PART_MAX : 20);
    if (op == OP_READ)
        edo_read_init(&reader->read, reader->io, reader->buffer, reader->asked);
    else
        edo_read_exactly_init(&reader->read, reader->io, reader->buffer, reader->asked);
    return &reader->read.operation.future;
}

static struct edo_future *begin_nap(struct program *program, struct side *side)
{
    edo_sleep_init(&side->nap, EDO_US(draw_below(program, 300)));
    return &side->nap.future;
}

static void begin(struct program *program, struct flow *flow, struct side *side)
{
    bool is_reader = side == &flow->reader;

    side->op = OP_NAP;
    if (!one_in(program, 4))
        side->op = is_reader ? (enum op)(OP_READ + (int)draw_below(program, 3)) : OP_WRITE;
    if (side->op == OP_NAP)
        side->future = begin_nap(program, side);
    else
        side->future = is_reader ? begin_read(program, flow, side->op) : begin_write(program, flow);
    edo_timeout_init(&side->timeout, side->future, EDO_US(draw_below(program, 300)));
    edo_task_init(&side->task, is_reader ? "reader" : "writer",
                  one_in(program, 3) ? &side->timeout.future : side->future);
    ck_assert_int_eq(edo_executor_spawn(&program->runtime.executor, &side->task), 0);
    side->is_begun = true;
}

/* --- A program -------------------------------------------------------------------------------- */

/* Looks at an operation that has ended, and begins the next. */
static void step_side(struct program *program, struct flow *flow, struct side *side)
{
    if (side->is_begun && edo_task_is_live(&side->task) &&
        (!one_in(program, 16) || edo_task_cancel(&side->task) == EDO_PENDING))
        return;
    if (side->is_begun && side == &flow->reader)
        reader_has_ended(program, flow);
    else if (side->is_begun)
        writer_has_ended(program, flow);
    side->is_begun = false;
    if (side == &flow->writer && !side->is_over && flow->written >= flow->goal)
        end_writing(flow);
    if (!side->is_over)
        begin(program, flow, side);
}

/* Whether any operation is under way or follows. */
static bool step(struct program *program)
{
    bool is_going_on = false;

    for (int i = 0; i < program->flow_count; i++) {
        struct flow *flow = &program->flows[i];

        step_side(program, flow, &flow->writer);
        step_side(program, flow, &flow->reader);
        is_going_on |= flow->writer.is_begun || flow->reader.is_begun;
    }
    if (one_in(program, 4000))
        edo_io_close(&program->ios[draw_below(program, 2)]);
    return is_going_on;
}

/* Refused, it leaves the fd as it was, to be opened once more. */
static void open_io(struct program *program, struct edo_io *io, int fd)
{
    int error;

    while ((error = edo_io_open(io, &program->runtime.executor.reactor, fd)) < 0) {
        check(program, error == -ENOMEM && schedule_has(SCHEDULE_ERRORS), "an fd is refused");
        check(program, edo_io_fd(io) < 0 && !(fcntl(fd, F_GETFL) & O_NONBLOCK),
              "an fd that was refused is not as it was");
    }
}

static void open_fds(struct program *program, int *fds, bool is_pipe)
{
    int small = 4096;

    if (is_pipe) {
        ck_assert_int_eq(pipe(fds), 0);
        fcntl(fds[1], F_SETPIPE_SZ, small);
    } else {
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
        for (int i = 0; i < 2; i++)
            setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    }
    for (int i = 0; i < 2; i++)
        open_io(program, &program->ios[i], fds[i]);
}

static void make_program(struct program *program, uint64_t seed, int variant)
{
    int fds[2];

    memset(program, 0, sizeof *program);
    program->seed = program->random = seed;
    runtime_open(&program->runtime, variant);
    wrap_begin_moving_randomly(seed);
    if (one_in(program, 3))
        program->last_turn = 1 + (unsigned)draw_below(program, 2000);
    program->flow_count = seed % 2 == 0 ? 1 : 2;
    open_fds(program, fds, program->flow_count == 1);
    for (int i = 0; i < program->flow_count; i++) {
        struct flow *flow = &program->flows[i];

        flow->writer.io = &program->ios[1 - i];
        flow->reader.io = &program->ios[i];
        flow->goal = draw_below(program, BYTES_MAX);
        edo_reader_init(&flow->ahead, flow->reader.io, flow->ahead_buffer, AHEAD);
    }
}

/* What was written and not received is there, for who reads it past the runtime. */
static void check_rest(struct program *program, struct flow *flow)
{
    ssize_t size;

    receive_ahead(program, flow);
    while ((size = read(edo_io_fd(flow->reader.io), flow->reader.buffer, PART_MAX)) > 0)
        receive(program, flow, flow->reader.buffer, (size_t)size);
    if (edo_io_fd(flow->reader.io) >= 0)
        check(program, flow->received == flow->written, "bytes that were written are not there");
}

/* Every operation is cancelled, wherever it is. */
static void close_early(struct program *program)
{
    ck_assert_int_eq(edo_executor_close(&program->runtime.executor), 0);
    wrap_end();
    for (int i = 0; i < program->flow_count; i++) {
        struct flow *flow = &program->flows[i];

        if (flow->writer.is_begun)
            writer_has_ended(program, flow);
        if (flow->reader.is_begun)
            reader_has_ended(program, flow);
    }
    schedule_end(); /* the rest is read by us */
    for (int i = 0; i < program->flow_count; i++)
        check_rest(program, &program->flows[i]);
}

/* On the virtual clock: time that passes without anything to do means that everybody waits, unless
 * the kernel may be late; so late it never is. */
struct watchdog {
    struct edo_sleep sleep;
    struct edo_task task;
    uint64_t steps; /* of the program, when it was begun */
    unsigned alarms;
};

enum { MOST_ALARMS = 50 };

static void begin_watchdog(struct watchdog *watchdog, struct program *program)
{
    watchdog->steps = program->steps;
    edo_sleep_init(&watchdog->sleep, EDO_S(1000));
    edo_task_init(&watchdog->task, "watchdog", &watchdog->sleep.future);
    ck_assert_int_eq(edo_executor_spawn(&program->runtime.executor, &watchdog->task), 0);
}

/* Without a timer it can't sleep: then it is no alarm. */
static void check_watchdog(struct watchdog *watchdog, struct program *program)
{
    if (edo_task_is_live(&watchdog->task))
        return;
    if (edo_future_error(&watchdog->sleep.future) == 0) {
        watchdog->alarms = program->steps == watchdog->steps ? watchdog->alarms + 1 : 1;
        check(program, schedule_has(SCHEDULE_LATE) && watchdog->alarms < MOST_ALARMS,
              "everybody waits");
    }
    begin_watchdog(watchdog, program);
}

uint64_t bytes_run(uint64_t seed, int variant)
{
    static struct program program_of_test;
    struct program *program = &program_of_test;
    struct watchdog watchdog = {.alarms = 0};

    make_program(program, seed, variant);
    begin_watchdog(&watchdog, program);
    while (step(program) && ++program->turns != program->last_turn) {
        ck_assert_int_eq(edo_executor_turn(&program->runtime.executor), 0);
        check_watchdog(&watchdog, program);
    }
    if (program->turns == program->last_turn)
        close_early(program);
    for (int i = 0; i < program->flow_count; i++) {
        const struct flow *flow = &program->flows[i];

        check(program, flow->received <= flow->written, "more came than was written");
        check(program, !flow->is_read_to_end || flow->received == flow->written,
              "the end came before the last byte");
    }
    edo_task_cancel(&watchdog.task);
    edo_io_close(&program->ios[0]);
    edo_io_close(&program->ios[1]);
    wrap_end();
    check(program, program->runtime.executor.reactor.pending == 0, "a source is left");
    runtime_close(&program->runtime);
    return program->steps;
}
