/* SPDX-License-Identifier: MIT */
/* lines.c - a stream that is cut anywhere, read in lines, in what there is and in so many bytes, by
 * operations that are cancelled anywhere: no byte is lost, comes twice or is another, each part
 * ends where its delimiter is, and who can go on does.
 *
 * The bytes that are sent are the input's. They are kept, so that what is received can be held
 * against them. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bytes.h"
#include "edo.h"
#include "targets.h"

enum { SENT_MAX = 4096, BUFFER_MAX = 64, PARTS = 3, OPERATIONS_MAX = 256 };

enum reading { READS_NOTHING, READS_SOME, READS_EXACTLY, READS_UNTIL };

static struct {
    struct edo_executor executor;
    struct edo_io in, out;
    struct edo_reader reader;
    unsigned char ahead[BUFFER_MAX], buffer[BUFFER_MAX];
    uint8_t delimiter;

    enum reading reading; /* the operation that is under way */
    struct edo_task read_task, write_task;
    struct edo_read read;
    struct edo_read_until until;
    struct edo_write write;
    struct iovec parts[PARTS];
    bool is_writing, is_over; /* its end is closed */

    unsigned char sent[SENT_MAX];
    size_t sent_count, received;
} stream;

/* --- What was received ------------------------------------------------------------------------ */

static void receive(const unsigned char *bytes, size_t count)
{
    HOLDS(count <= stream.sent_count - stream.received);
    HOLDS(memcmp(bytes, stream.sent + stream.received, count) == 0);
    stream.received += count;
}

static bool has_delimiter(const unsigned char *bytes, size_t count)
{
    return memchr(bytes, stream.delimiter, count) != NULL;
}

/* What the reader keeps comes next in the stream. */
static void check_ahead(void)
{
    const struct edo_reader *reader = &stream.reader;
    size_t count = reader->filled - reader->used;

    HOLDS(reader->used <= reader->filled && reader->filled <= reader->size);
    HOLDS(count <= stream.sent_count - stream.received);
    HOLDS(memcmp(reader->buffer + reader->used, stream.sent + stream.received, count) == 0);
}

/* The part ends where `used` does. It is looked at before the next read_until. */
static void until_has_ended(int error)
{
    const struct edo_reader *reader = &stream.reader;

    if (error == 0) {
        HOLDS(stream.until.length > 0 &&
              stream.until.part + stream.until.length == reader->buffer + reader->used);
        HOLDS(stream.until.part[stream.until.length - 1] == stream.delimiter);
        HOLDS(!has_delimiter(stream.until.part, stream.until.length - 1));
        receive(stream.until.part, stream.until.length);
    } else if (error == -EMSGSIZE) {
        HOLDS(reader->used == 0 && reader->filled == reader->size);
        HOLDS(!has_delimiter(reader->buffer, reader->filled));
    } else if (error == -ENODATA) {
        HOLDS(stream.is_over && reader->filled == stream.sent_count - stream.received);
        HOLDS(!has_delimiter(reader->buffer, reader->filled));
    } else {
        HOLDS(error == -ECANCELED);
    }
    check_ahead();
}

static void read_has_ended(int error)
{
    bool is_exact = stream.reading == READS_EXACTLY;

    receive(stream.buffer, stream.read.done);
    if (error == 0 && is_exact)
        HOLDS(stream.read.done == stream.read.size);
    else if (error == -ENODATA || (error == 0 && stream.read.done == 0 && stream.read.size > 0))
        HOLDS(stream.is_over && stream.received == stream.sent_count);
    else
        HOLDS(error == 0 || error == -ECANCELED);
}

static void note_reading(void)
{
    const struct edo_future *future = stream.read_task.future;
    int error;

    if (stream.reading == READS_NOTHING || edo_task_is_live(&stream.read_task))
        return;
    error = edo_future_has_ended(future) ? edo_future_error(future) : -ECANCELED;
    if (stream.reading == READS_UNTIL)
        until_has_ended(error);
    else
        read_has_ended(error);
    stream.reading = READS_NOTHING;
}

/* Who still waits has reason to: nothing is on its way that he waits for. */
static void check_waiting(void)
{
    size_t ahead = stream.sent_count - stream.received;

    if (stream.reading == READS_NOTHING || stream.is_writing)
        return;
    HOLDS(!stream.is_over);
    if (stream.reading == READS_UNTIL) {
        HOLDS(ahead < stream.reader.size);
        HOLDS(!has_delimiter(stream.sent + stream.received, ahead));
    } else {
        HOLDS(ahead == stream.read.done && stream.read.done < stream.read.size);
        HOLDS(stream.reading == READS_EXACTLY || stream.read.done == 0);
    }
}

/* --- Operations ------------------------------------------------------------------------------- */

static void spawn(struct edo_task *task, const char *name, struct edo_future *future)
{
    edo_task_init(task, name, future);
    HOLDS(edo_executor_spawn(&stream.executor, task) == 0);
}

static void begin_until(void)
{
    stream.reading = READS_UNTIL;
    edo_read_until_init(&stream.until, &stream.reader, stream.delimiter);
    spawn(&stream.read_task, "until", &stream.until.operation.future);
}

/* Past the reader, so all that it has comes first. */
static void begin_read(size_t size, bool is_exact)
{
    const struct edo_reader *reader = &stream.reader;
    size_t room = reader->size;

    receive(reader->buffer + reader->used, reader->filled - reader->used);
    edo_reader_init(&stream.reader, &stream.in, stream.ahead, room);
    stream.reading = is_exact ? READS_EXACTLY : READS_SOME;
    if (is_exact)
        edo_read_exactly_init(&stream.read, &stream.in, stream.buffer, size);
    else
        edo_read_init(&stream.read, &stream.in, stream.buffer, size);
    spawn(&stream.read_task, "read", &stream.read.operation.future);
}

static void begin_write(struct bytes *bytes)
{
    unsigned char *at = stream.sent + stream.sent_count;

    for (int i = 0; i < PARTS; i++) {
        size_t count = take_byte(bytes) % BUFFER_MAX;

        count = count < bytes->left ? count : bytes->left;
        for (size_t k = 0; k < count; k++)
            at[k] = take_byte(bytes);
        stream.parts[i] = (struct iovec){at, count};
        at += count;
    }
    stream.sent_count = (size_t)(at - stream.sent);
    stream.is_writing = true;
    edo_write_parts_init(&stream.write, &stream.out, stream.parts, PARTS);
    spawn(&stream.write_task, "write", &stream.write.operation.future);
}

static void note_writing(void)
{
    if (!stream.is_writing || edo_task_is_live(&stream.write_task))
        return;
    HOLDS(edo_future_error(stream.write_task.future) == 0);
    stream.is_writing = false;
}

/* Until nothing is ready any more: two turns without news. */
static void turn(void)
{
    for (int i = 0; i < 6; i++)
        HOLDS(edo_executor_turn_now(&stream.executor) == 0);
    note_reading();
    note_writing();
    check_waiting();
}

static bool can_write(void)
{
    return !stream.is_writing && !stream.is_over &&
           stream.sent_count + (size_t)PARTS * BUFFER_MAX <= SENT_MAX;
}

static void operate(struct bytes *bytes)
{
    uint8_t op = take_byte(bytes);

    switch (op % 8) {
    case 0:
        if (stream.reading != READS_NOTHING && edo_task_cancel(&stream.read_task) == EDO_READY)
            note_reading();
        break;
    case 1:
    case 2:
        if (can_write())
            begin_write(bytes);
        break;
    case 3:
    case 4:
        if (stream.reading == READS_NOTHING)
            begin_until();
        break;
    case 5:
        if (stream.reading == READS_NOTHING)
            begin_read((size_t)op / 16 * 3, op / 8 % 2);
        break;
    case 6:
        if (op / 8 % 4 == 0 && !stream.is_writing) {
            stream.is_over = true;
            edo_io_close(&stream.out);
        }
        break;
    default:
        break;
    }
    if (op % 16 < 8)
        turn();
}

/* --- A program -------------------------------------------------------------------------------- */

static void open_stream(struct bytes *bytes)
{
    uint8_t how = take_byte(bytes);
    int fds[2];
    struct edo_reactor_options options = {.is_virtual = true};

    memset(&stream, 0, sizeof stream);
    stream.delimiter = take_byte(bytes);
    HOLDS(how % 2 ? pipe2(fds, O_CLOEXEC) == 0
                  : socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
    HOLDS(edo_executor_open(&stream.executor, &options) == 0);
    HOLDS(edo_io_open(&stream.in, &stream.executor.reactor, fds[0]) == 0);
    HOLDS(edo_io_open(&stream.out, &stream.executor.reactor, fds[1]) == 0);
    edo_reader_init(&stream.reader, &stream.in, stream.ahead, 1 + how / 2 % BUFFER_MAX);
}

/* All that was sent comes, in parts that are as long as they can be. */
static void drain(void)
{
    turn();
    if (stream.reading != READS_NOTHING)
        edo_task_cancel(&stream.read_task);
    note_reading();
    HOLDS(!stream.is_writing);
    stream.is_over = true;
    edo_io_close(&stream.out);
    do {
        begin_read(sizeof stream.buffer, false);
        turn();
        HOLDS(stream.reading == READS_NOTHING);
    } while (stream.read.done > 0);
    HOLDS(stream.received == stream.sent_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};

    open_stream(&bytes);
    for (int i = 0; bytes.left > 0 && i < OPERATIONS_MAX; i++)
        operate(&bytes);
    drain();
    edo_io_close(&stream.in);
    HOLDS(edo_executor_close(&stream.executor) == 0);
    return 0;
}
