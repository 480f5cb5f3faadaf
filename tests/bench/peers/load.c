/* SPDX-License-Identifier: MIT */
/* load.c - the client of every server that is measured: load PROGRAM VARIANT WORKLOAD N.
 *
 *   load, on the first cpu                         the server, on the last cpu
 *     listen, fork --------- exec ------------------> PROGRAM VARIANT WORKLOAD N
 *     connect N times                                 accepts from its fd 0
 *     64 B or 16 KB each, and each again   <------->  writes back what it reads
 *     when that has come back
 *     reads the server's clock and memory, kills it
 *
 * So it is one and the same for all, and no server counts for itself. A server's CPU time is its
 * CLOCK_PROCESS_CPUTIME_ID (clock_getcpuclockid(3)), its memory RssAnon of /proc/PID/status. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"

#define NS_PER_MS UINT64_C(1000000)

enum {
    WARM_UP_MS = 100,
    MEASURED_MS = 400,
    MOST_TIMES = 1 << 20, /* round trips whose time is kept */
    BLOCK = 16384,        /* a large message, and what the one who floods writes at once */
    FIRST_IDLE = 100,     /* connections that are open before the server's memory is looked at */
    FDS_LEFT = 32,        /* for all but connections */
    BACKLOG = 4096,
    BUFFER_SIZE = 4 * BLOCK, /* of a socket: a large message is written at once */
};

struct connection {
    int fd;
    size_t received; /* of the answer */
    uint64_t sent_ns;
};

static struct {
    const char *name;
    size_t size; /* of a message */
} workload;

static struct sockaddr_in address;
static pid_t server;
static clockid_t server_clock;
static int epoll_fd;
static struct connection *connections;
static size_t connection_count;
static unsigned char message[BLOCK], answer[4 * BLOCK];
static int64_t *times_ns;
static size_t time_count; /* round trips; beyond MOST_TIMES only counted */

/* A server that has ended by itself, since it can't do this, has the last word. */
_Noreturn static void fail(const char *what)
{
    int status = 0;

    perror(what);
    if (server > 0 && kill(server, SIGKILL) == 0 && waitpid(server, &status, 0) == server &&
        WIFEXITED(status))
        exit(WEXITSTATUS(status));
    exit(EXIT_FAILURE);
}

static bool is_workload(const char *name)
{
    return strcmp(workload.name, name) == 0;
}

/* --- The server ------------------------------------------------------------------------------- */

/* The first or the last cpu of those there are. With but one nobody is pinned. */
static void pin(bool is_to_first, const cpu_set_t *cpus)
{
    size_t cpu = is_to_first ? 0 : CPU_SETSIZE - 1;
    cpu_set_t one;

    if (CPU_COUNT(cpus) < 2)
        return;
    while (!CPU_ISSET(cpu, cpus))
        cpu += is_to_first ? 1 : (size_t)-1;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof one, &one);
}

static int open_listener(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    socklen_t length = sizeof address;
    int one = 1;

    address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0 ||
        listen(fd, BACKLOG) != 0 || getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        fail("listen");
    return fd;
}

/* A server that fails ends its connections, which ends this. */
static void start_server(char **argv)
{
    int listener = open_listener();
    cpu_set_t cpus;

    CPU_ZERO(&cpus);
    sched_getaffinity(0, sizeof cpus, &cpus);
    server = fork();
    if (server < 0)
        fail("fork");
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        pin(false, &cpus);
        if (dup2(listener, STDIN_FILENO) == STDIN_FILENO)
            execv(argv[0], argv);
        _exit(EXIT_FAILURE);
    }
    close(listener);
    pin(true, &cpus);
    if (clock_getcpuclockid(server, &server_clock) != 0)
        fail("clock_getcpuclockid");
}

static void stop_server(void)
{
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
}

static uint64_t server_cpu_ns(void)
{
    struct timespec time;

    if (clock_gettime(server_clock, &time) != 0)
        fail("clock_gettime");
    return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}

static uint64_t server_bytes(void)
{
    char path[64], line[128];
    unsigned long kib = 0;
    FILE *status = NULL;

    snprintf(path, sizeof path, "/proc/%d/status", server);
    status = fopen(path, "re");
    if (status == NULL)
        fail(path);
    while (fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "RssAnon: %lu kB", &kib) == 1)
            break;
    fclose(status);
    return (uint64_t)kib * 1024;
}

/* --- A connection ----------------------------------------------------------------------------- */

static int open_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int one = 1, size = BUFFER_SIZE;

    if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size) != 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        fail("connect");
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
        fail("fcntl");
    return fd;
}

static void watch(int fd, uint32_t events, size_t id)
{
    struct epoll_event event = {.events = events, .data.u64 = id};

    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        fail("epoll_ctl");
}

static void open_connection(size_t i)
{
    connections[i] = (struct connection){.fd = open_socket()};
    watch(connections[i].fd, EPOLLIN, i);
}

/* The socket's buffer has room for a message, so it hardly ever waits. */
static void send_message(struct connection *connection, uint64_t now_ns)
{
    struct pollfd room = {.fd = connection->fd, .events = POLLOUT};
    size_t sent = 0;

    connection->sent_ns = now_ns;
    while (sent < workload.size) {
        ssize_t count = write(connection->fd, message + sent, workload.size - sent);

        if (count < 0 && errno != EAGAIN)
            fail("write");
        if (count < 0)
            poll(&room, 1, -1);
        else
            sent += (size_t)count;
    }
}

/* Whether the answer is whole. */
static bool receive(struct connection *connection)
{
    ssize_t count = read(connection->fd, answer, sizeof answer);

    if (count < 0 && errno == EAGAIN)
        return false;
    if (count <= 0)
        fail("the server has closed a connection");
    connection->received += (size_t)count;
    return connection->received >= workload.size;
}

/* --- Round trips ------------------------------------------------------------------------------ */

/* From before a message is written until its answer is whole; of `connect` from before the
 * connection is made. */
static void take_answer(size_t i)
{
    struct connection *connection = &connections[i];
    uint64_t now_ns = 0;

    if (!receive(connection))
        return;
    now_ns = measure_now();
    if (time_count < MOST_TIMES)
        times_ns[time_count] = (int64_t)(now_ns - connection->sent_ns);
    time_count++;
    connection->received = 0;
    if (is_workload("connect")) {
        close(connection->fd);
        now_ns = measure_now();
        open_connection(i);
    }
    send_message(connection, now_ns);
}

static int flood_fd = -1;
static uint64_t flood_bytes; /* that came back */

/* Writes and reads what it can, up to some blocks: then the others get their turn. */
static void flood(void)
{
    for (int block = 0; block < 4; block++) {
        ssize_t count = write(flood_fd, message, BLOCK);

        if (count < 0 && errno != EAGAIN)
            fail("write");
        count = read(flood_fd, answer, sizeof answer);
        if (count == 0 || (count < 0 && errno != EAGAIN))
            fail("the server has closed a connection");
        flood_bytes += count > 0 ? (uint64_t)count : 0;
    }
}

/* Until then. The one who floods comes after the others. */
static void exchange_until(uint64_t end_ns)
{
    struct epoll_event events[256];

    while (measure_now() < end_ns) {
        int count = epoll_wait(epoll_fd, events, 256, 100);
        bool is_flooding = false;

        for (int i = 0; i < count; i++) {
            if (events[i].data.u64 < connection_count)
                take_answer(events[i].data.u64);
            else
                is_flooding = true;
        }
        if (is_flooding)
            flood();
    }
}

static void start_all(size_t n)
{
    connection_count = n;
    for (size_t i = 0; i < n; i++)
        open_connection(i);
    for (size_t i = 0; i < n; i++)
        send_message(&connections[i], measure_now());
    if (!is_workload("flood"))
        return;
    flood_fd = open_socket();
    watch(flood_fd, EPOLLIN | EPOLLOUT, n);
}

static void measure_exchange(size_t n)
{
    uint64_t cpu_ns = 0, began_ns = 0;
    double took_s = 0;

    times_ns = calloc(MOST_TIMES, sizeof *times_ns);
    if (times_ns == NULL)
        fail("calloc");
    start_all(n);
    exchange_until(measure_now() + WARM_UP_MS * NS_PER_MS);
    time_count = 0;
    flood_bytes = 0;
    cpu_ns = server_cpu_ns();
    began_ns = measure_now();
    exchange_until(began_ns + MEASURED_MS * NS_PER_MS);
    cpu_ns = server_cpu_ns() - cpu_ns;
    took_s = (double)(measure_now() - began_ns) / 1e9;
    if (time_count == 0)
        fail("no answer");
    measure_print("cpu_ns", (double)cpu_ns / (double)time_count);
    measure_print("per_s", (double)time_count / took_s);
    measure_print_times(times_ns, time_count < MOST_TIMES ? time_count : MOST_TIMES);
    if (flood_fd >= 0)
        measure_print("flood_mb_s", (double)flood_bytes / 1e6 / took_s);
}

/* --- idle ------------------------------------------------------------------------------------- */

/* Each has got an answer once, so the server waits for it anew, with its timeout. */
static void open_idle(size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        struct pollfd ready = {.events = POLLIN};

        connections[i] = (struct connection){.fd = open_socket()};
        ready.fd = connections[i].fd;
        send_message(&connections[i], 0);
        do
            poll(&ready, 1, -1);
        while (!receive(&connections[i]));
    }
}

static void measure_idle(size_t n)
{
    uint64_t bytes = 0;

    if (n <= FIRST_IDLE)
        fail("so few connections say nothing");
    open_idle(0, FIRST_IDLE);
    bytes = server_bytes();
    open_idle(FIRST_IDLE, n);
    measure_print("bytes", (double)(server_bytes() - bytes) / (double)(n - FIRST_IDLE));
    measure_print("held", (double)n);
}

/* --- Both ------------------------------------------------------------------------------------- */

/* How many connections this process and the server may have each. */
static size_t raise_fds(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail("getrlimit");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        fail("setrlimit");
    return limit.rlim_cur > FDS_LEFT ? limit.rlim_cur - FDS_LEFT : 0;
}

/* As many as there can be of idle ones; of others all or none. */
static size_t limit_connections(size_t n)
{
    size_t most = raise_fds();

    if (n <= most)
        return n;
    if (!is_workload("idle") || most <= FIRST_IDLE)
        exit(MEASURE_CANNOT);
    return most;
}

int main(int argc, char **argv)
{
    size_t n = argc == 5 ? strtoull(argv[4], NULL, 10) : 0;

    if (n == 0) {
        fputs("usage: load PROGRAM VARIANT echo|echo_16k|connect|idle|flood N\n", stderr);
        return EXIT_FAILURE;
    }
    signal(SIGPIPE, SIG_IGN);
    workload.name = argv[3];
    workload.size = is_workload("echo_16k") ? BLOCK : 64;
    n = limit_connections(n);
    connections = calloc(n, sizeof *connections);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (connections == NULL || epoll_fd < 0)
        fail("epoll_create1");
    start_server(argv + 1);
    if (is_workload("idle"))
        measure_idle(n);
    else
        measure_exchange(n);
    stop_server();
    return EXIT_SUCCESS;
}
