/* SPDX-License-Identifier: MIT */
/* Name lookups and reads of files, on the threads of a pool. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <unistd.h>

#include "helper.h"
#include "suites.h"
#include "wrap.h"

struct setup {
    struct runtime runtime;
    struct edo_remote remote;
    struct edo_pool pool;
    pthread_t thread;
    struct edo_slot slot;
    union {
        struct edo_lookup_request lookup;
        struct edo_file_part part; /* cppcheck-suppress unusedStructMember ; for its size */
    } request;
};

static void setup_open(struct setup *setup, int variant)
{
    const struct edo_pool_options options = {
        &setup->thread, 1, &setup->slot, 1, &setup->request, sizeof setup->request};

    runtime_open(&setup->runtime, variant);
    ck_assert_int_eq(edo_remote_open(&setup->remote, &setup->runtime.executor.reactor), 0);
    ck_assert_int_eq(edo_pool_open(&setup->pool, &setup->remote, &options), 0);
}

static void setup_close(struct setup *setup)
{
    edo_pool_close(&setup->pool);
    edo_remote_close(&setup->remote);
    runtime_close(&setup->runtime);
}

/* --- Names ------------------------------------------------------------------------------------ */

/* 0 or the error; the result stays in `lookup`. */
static int look_up(struct setup *setup, struct edo_lookup *lookup, const char *host,
                   const char *service)
{
    edo_lookup_init(lookup, &setup->pool, host, service);
    runtime_await(&setup->runtime, &lookup->offload.future);
    return edo_future_error(&lookup->offload.future);
}

START_TEST(a_numeric_address_is_looked_up_without_a_name_server)
{
    struct setup setup;
    struct edo_lookup lookup;
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;

    setup_open(&setup, _i);
    ck_assert_int_eq(look_up(&setup, &lookup, "127.0.0.1", "80"), 0);
    ck_assert_uint_eq(lookup.request.count, 1);
    ck_assert_uint_eq(lookup.request.addresses[0].length, sizeof ip4);
    memcpy(&ip4, &lookup.request.addresses[0].address, sizeof ip4);
    ck_assert_int_eq(ip4.sin_family, AF_INET);
    ck_assert_uint_eq(ip4.sin_port, htons(80));
    ck_assert_uint_eq(ip4.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    ck_assert_int_eq(look_up(&setup, &lookup, "::1", "81"), 0);
    memcpy(&ip6, &lookup.request.addresses[0].address, sizeof ip6);
    ck_assert_int_eq(ip6.sin6_family, AF_INET6);
    ck_assert_uint_eq(ip6.sin6_port, htons(81));
    setup_close(&setup);
}
END_TEST

START_TEST(of_many_addresses_the_first_eight_are_kept)
{
    struct setup setup;
    struct edo_lookup lookup;

    setup_open(&setup, _i);
    wrap_begin(CALL_GETADDRINFO, 1, 1, TWENTY_ADDRESSES);
    ck_assert_int_eq(look_up(&setup, &lookup, "many", "80"), 0);
    ck_assert_uint_eq(lookup.request.count, EDO_LOOKUP_MOST);
    ck_assert_int_eq(lookup.request.addresses[EDO_LOOKUP_MOST - 1].address.ss_family, AF_INET);
    wrap_end();
    setup_close(&setup);
}
END_TEST

START_TEST(each_code_of_getaddrinfo_is_an_errno)
{
    static const struct {
        int answer, error;
    } cases[] = {{EAI_NONAME, -ENOENT}, {EAI_SERVICE, -ENOENT}, {EAI_NODATA, -ENOENT},
                 {EAI_AGAIN, -EAGAIN},  {EAI_MEMORY, -ENOMEM},  {EAI_FAIL, -EIO},
                 {EMFILE, -EMFILE},     {EAI_SYSTEM, -EIO}};
    struct setup setup;
    struct edo_lookup lookup;

    setup_open(&setup, _i);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wrap_begin(CALL_GETADDRINFO, 1, 1, cases[i].answer);
        ck_assert_int_eq(look_up(&setup, &lookup, "host", "80"), cases[i].error);
        ck_assert_int_eq(lookup.request.code, cases[i].answer > 0 ? EAI_SYSTEM : cases[i].answer);
        wrap_end();
    }
    setup_close(&setup);
}
END_TEST

START_TEST(a_name_that_is_too_long_is_not_looked_up)
{
    struct setup setup;
    struct edo_lookup lookup;
    char name[EDO_NAME_SIZE + 1];

    setup_open(&setup, _i);
    memset(name, '1', EDO_NAME_SIZE);
    name[EDO_NAME_SIZE] = '\0';
    wrap_begin_counting();
    ck_assert_int_eq(look_up(&setup, &lookup, name, "80"), -ENAMETOOLONG);
    ck_assert_int_eq(look_up(&setup, &lookup, "127.0.0.1", name), -ENAMETOOLONG);
    ck_assert_uint_eq(wrap_count(CALL_GETADDRINFO), 0);
    name[EDO_NAME_SIZE - 1] = '\0';
    look_up(&setup, &lookup, name, "80");
    look_up(&setup, &lookup, "127.0.0.1", name);
    ck_assert_uint_eq(wrap_count(CALL_GETADDRINFO), 2);
    wrap_end();
    setup_close(&setup);
}
END_TEST

/* --- Files ------------------------------------------------------------------------------------ */

static int read_file(struct setup *setup, struct edo_file_read *read, int fd, uint64_t at)
{
    edo_file_read_init(read, &setup->pool, fd, at);
    runtime_await(&setup->runtime, &read->offload.future);
    return edo_future_error(&read->offload.future);
}

/* Four bytes more than a part has. */
static int open_file(void)
{
    char path[] = "/tmp/edo-file-XXXXXX";
    char bytes[EDO_FILE_PART_SIZE + 4];
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    unlink(path);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)('a' + i % 26);
    ck_assert_int_eq(write(fd, bytes, sizeof bytes), sizeof bytes);
    return fd;
}

START_TEST(a_file_is_read_part_by_part_to_its_end)
{
    struct setup setup;
    struct edo_file_read read;
    int fd;

    setup_open(&setup, _i);
    fd = open_file();
    wrap_begin_counting();
    ck_assert_int_eq(read_file(&setup, &read, fd, 0), 0);
    ck_assert_uint_eq(wrap_count(CALL_PREAD), 1); /* it is full */
    wrap_end();
    ck_assert_uint_eq(read.part.length, EDO_FILE_PART_SIZE);
    ck_assert_mem_eq(read.part.bytes, "abcdefgh", 8);
    ck_assert_int_eq(read_file(&setup, &read, fd, EDO_FILE_PART_SIZE), 0);
    ck_assert_uint_eq(read.part.length, 4);
    ck_assert_int_eq(read.part.bytes[0], 'a' + EDO_FILE_PART_SIZE % 26);
    ck_assert_int_eq(read_file(&setup, &read, fd, EDO_FILE_PART_SIZE + 3), 0);
    ck_assert_uint_eq(read.part.length, 1);
    ck_assert_int_eq(read_file(&setup, &read, fd, EDO_FILE_PART_SIZE + 4), 0);
    ck_assert_uint_eq(read.part.length, 0);
    ck_assert_int_eq(lseek(fd, 0, SEEK_CUR), EDO_FILE_PART_SIZE + 4); /* as the write left it */
    close(fd);
    setup_close(&setup);
}
END_TEST

/* Of /proc/self/smaps a read gives whole records, however large the buffer. */
START_TEST(a_file_that_gives_less_at_a_time_is_read_part_by_part_as_well)
{
    struct setup setup;
    struct edo_file_read read;
    int fd;

    setup_open(&setup, _i);
    fd = open("/proc/self/smaps", O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    memset(read.part.bytes, 0, sizeof read.part.bytes);
    ck_assert_int_eq(read_file(&setup, &read, fd, 0), 0);
    ck_assert_uint_eq(read.part.length, EDO_FILE_PART_SIZE);
    ck_assert_ptr_null(memchr(read.part.bytes, 0, EDO_FILE_PART_SIZE)); /* it is text */
    close(fd);
    fd = open_file();
    wrap_begin(CALL_PREAD, 2, 1, EIO);
    ck_assert_int_eq(read_file(&setup, &read, fd, 10), 0); /* the error is the next part's */
    wrap_end();
    ck_assert_uint_eq(read.part.length, EDO_FILE_PART_SIZE - 6);
    close(fd);
    setup_close(&setup);
}
END_TEST

START_TEST(what_can_not_be_read_is_an_error)
{
    struct setup setup;
    struct edo_file_read read;
    int fd, folder, ends[2];

    setup_open(&setup, _i);
    fd = open_file();
    folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(read_file(&setup, &read, -1, 0), -EBADF);
    ck_assert_uint_eq(read.part.length, 0);
    ck_assert_int_eq(read_file(&setup, &read, folder, 0), -EISDIR);
    ck_assert_int_eq(read_file(&setup, &read, ends[0], 0), -ESPIPE);
    ck_assert_int_eq(read_file(&setup, &read, fd, UINT64_MAX), -EOVERFLOW);
    wrap_begin(CALL_PREAD, 1, 1, EIO);
    ck_assert_int_eq(read_file(&setup, &read, fd, 0), -EIO);
    wrap_end();
    ck_assert_int_eq(read_file(&setup, &read, fd, EDO_FILE_PART_SIZE + 4), 0); /* the end is none */
    close(fd);
    close(folder);
    close(ends[0]);
    close(ends[1]);
    setup_close(&setup);
}
END_TEST

Suite *blocking_suite(void)
{
    Suite *suite = suite_create("blocking");
    TCase *names = tcase_create("names");
    TCase *files = tcase_create("files");

    tcase_add_loop_test(names, a_numeric_address_is_looked_up_without_a_name_server, 0, VARIANTS);
    tcase_add_loop_test(names, of_many_addresses_the_first_eight_are_kept, 0, VARIANTS);
    tcase_add_loop_test(names, each_code_of_getaddrinfo_is_an_errno, 0, VARIANTS);
    tcase_add_loop_test(names, a_name_that_is_too_long_is_not_looked_up, 0, VARIANTS);
    suite_add_tcase(suite, names);
    tcase_add_loop_test(files, a_file_is_read_part_by_part_to_its_end, 0, VARIANTS);
    tcase_add_loop_test(files, a_file_that_gives_less_at_a_time_is_read_part_by_part_as_well, 0,
                        VARIANTS);
    tcase_add_loop_test(files, what_can_not_be_read_is_an_error, 0, VARIANTS);
    suite_add_tcase(suite, files);
    return suite;
}
