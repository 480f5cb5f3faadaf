/* SPDX-License-Identifier: MIT */
/* edo_threads.c - what a second thread brings: an executor in each, and nothing shared.
 *
 *   one thread on the one cpu, two on both, one on the other cpu: 0.2 s each
 *
 * A thread does all of its own work, so that there is no client to take a cpu: of the echo, both
 * ends. All its threads listen at one port (SO_REUSEPORT), and a filter has the kernel choose the
 * listener of the cpu on which the client has connected, as one does whose loops have a cpu each;
 * the hash that is there without it would spread the pairs over both threads. What the machine can
 * give, less than two if two cpus are one core's, is seen from a loop that only counts. Usage:
 * edo_threads VARIANT two_threads|two_threads_sleeps N, for N pairs or tasks in each thread. */
#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "edo.h"
#include "measure.h"
#include "two_cpus.h"

enum { THREADS = 2, SIZE = 64, LOOK_EACH = 64 };

static size_t cpus[THREADS];

_Noreturn static void fail(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static void check(int error, const char *what)
{
    errno = -error;
    if (error)
        fail(what);
}

/* --- A thread --------------------------------------------------------------------------------- */

struct end;
struct sleeper;

/* Apart in memory, so that no line of the cache is both threads'. */
static struct worker {
    _Alignas(256) struct edo_executor executor;
    struct edo_timer_wheel wheel;
    size_t cpu;
    size_t n;
    pthread_t thread;

    uint64_t operations; /* all of them; after the warm-up those since then */
    uint64_t opened_ns, began_ns, began_cpu_ns;
    double per_s, cpu_ns; /* set when it is over */
    bool is_over;

    struct edo_io listener;
    struct edo_accept accept;
    struct edo_future acceptor;
    struct edo_task acceptor_task;
    struct end *ends;         /* 3 * n: clients, then servers, who may be twice as many */
    size_t end_count;         /* that are there */
    size_t clients;           /* that are */
    struct sleeper *sleepers; /* n */
} workers[THREADS];

static uint64_t cpu_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * EDO_NS_PER_S + (uint64_t)time.tv_nsec;
}

/* Counts one more. False: the time is over. The clock is not read each time. */
static bool count(struct worker *worker)
{
    uint64_t now_ns = 0;

    if (++worker->operations % LOOK_EACH != 0 || worker->is_over)
        return !worker->is_over;
    now_ns = measure_now();
    if (worker->began_ns == 0 && now_ns - worker->opened_ns > EDO_MS(50)) {
        worker->began_ns = now_ns;
        worker->began_cpu_ns = cpu_now();
        worker->operations = 0;
    }
    if (worker->began_ns == 0 || now_ns - worker->began_ns < EDO_MS(200))
        return true;
    worker->per_s = (double)worker->operations * 1e9 / (double)(now_ns - worker->began_ns);
    worker->cpu_ns = (double)(cpu_now() - worker->began_cpu_ns) / (double)worker->operations;
    worker->is_over = true;
    return false;
}

static void spawn(struct worker *worker, struct edo_task *task, const char *name,
                  struct edo_future *future)
{
    edo_task_init(task, name, future);
    check(edo_executor_spawn(&worker->executor, task), "edo_executor_spawn");
}

/* --- Echo ------------------------------------------------------------------------------------- */

/* One end of a connection: a client, who writes first, or the server's. */
struct end {
    struct edo_future future;
    struct edo_task task;
    struct worker *worker;
    struct edo_io io;
    bool is_client;
    struct edo_connect connect;
    struct edo_read read;
    struct edo_write write;
    unsigned char bytes[SIZE];
};

enum end_state { END_START = EDO_START, END_CONNECTS = EDO_FIRST_AWAIT, END_READS, END_WRITES };

static struct sockaddr_in port;

static void begin_read(struct end *end)
{
    edo_read_exactly_init(&end->read, &end->io, end->bytes, SIZE);
    edo_future_goto(&end->future, END_READS);
}

static void begin_write(struct end *end)
{
    edo_write_init(&end->write, &end->io, end->bytes, SIZE);
    edo_future_goto(&end->future, END_WRITES);
}

/* The last of the clients ends the listener's task, too. */
static enum edo_poll end_done(struct end *end)
{
    edo_io_close(&end->io);
    if (end->is_client && --end->worker->clients == 0)
        edo_task_cancel(&end->worker->acceptor_task);
    return edo_future_done(&end->future, NULL);
}

/* A client: connect().await?; loop { write().await?; read().await?; count() }
 * The server's end: loop { read().await?; write().await? } */
static enum edo_poll end_poll(struct edo_future *self, struct edo_context *cx)
{
    struct end *end = edo_container_of(self, struct end, future);

    for (;;) {
        switch ((enum end_state)self->state) {
        case END_START:
            if (end->is_client)
                edo_future_goto(self, END_CONNECTS);
            else
                begin_read(end);
            break;
        case END_CONNECTS:
            if (edo_future_await(self, &end->connect.operation.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            check(edo_future_error(&end->connect.operation.future), "connect");
            begin_write(end);
            break;
        case END_READS:
            if (edo_future_await(self, &end->read.operation.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            if (end->read.done < SIZE || (end->is_client && !count(end->worker)))
                return end_done(end);
            begin_write(end);
            break;
        case END_WRITES:
            if (edo_future_await(self, &end->write.operation.future, cx) == EDO_PENDING)
                return EDO_PENDING;
            if (edo_future_error(&end->write.operation.future))
                return end_done(end);
            begin_read(end);
            break;
        }
    }
}

static void spawn_end(struct worker *worker, int fd, bool is_client)
{
    static const struct edo_future_type type = {.name = "end", .poll = end_poll};
    struct end *end = &worker->ends[worker->end_count++];

    end->worker = worker;
    end->is_client = is_client;
    check(edo_io_open(&end->io, &worker->executor.reactor, fd), "edo_io_open");
    edo_connect_init(&end->connect, &end->io, (struct sockaddr *)&port, sizeof port);
    edo_future_init(&end->future, &type);
    spawn(worker, &end->task, "end", &end->future);
}

/* loop { spawn(end(accept().await?)) } */
static enum edo_poll acceptor_poll(struct edo_future *self, struct edo_context *cx)
{
    struct worker *worker = edo_container_of(self, struct worker, acceptor);

    edo_future_goto(self, EDO_FIRST_AWAIT);
    while (edo_future_await(self, &worker->accept.operation.future, cx) == EDO_READY) {
        check(edo_future_error(&worker->accept.operation.future), "accept");
        spawn_end(worker, worker->accept.fd, false);
        edo_accept_init(&worker->accept, &worker->listener);
    }
    return EDO_PENDING;
}

/* TCP_NODELAY is handed on to what is accepted. */
static int open_socket(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)) != 0)
        fail("socket");
    return fd;
}

/* The listeners are counted in the order in which they have begun to listen. */
static void attach_choice(int fd)
{
    struct sock_filter choice[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_CPU)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)cpus[1], 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog program = {sizeof choice / sizeof choice[0], choice};

    if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) != 0)
        exit(MEASURE_CANNOT);
}

/* In main's thread, one worker after another. */
static void echo_open(struct worker *worker, size_t threads)
{
    static const struct edo_future_type type = {.name = "acceptor", .poll = acceptor_poll};
    struct sockaddr *address = (struct sockaddr *)&port;
    socklen_t length = sizeof port;
    int fd = open_socket();

    if (worker == workers)
        port =
            (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int)) != 0 ||
        bind(fd, address, length) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, address, &length) != 0)
        fail("listen");
    if (threads > 1 && worker == workers)
        attach_choice(fd);
    check(edo_io_open(&worker->listener, &worker->executor.reactor, fd), "edo_io_open");
    edo_accept_init(&worker->accept, &worker->listener);
    edo_future_init(&worker->acceptor, &type);
    spawn(worker, &worker->acceptor_task, "acceptor", &worker->acceptor);
    worker->ends = calloc(3 * worker->n, sizeof *worker->ends);
    if (worker->ends == NULL)
        fail("calloc");
}

/* In the worker's own. */
static void echo_begin(struct worker *worker)
{
    worker->clients = worker->n;
    for (size_t i = 0; i < worker->n; i++)
        spawn_end(worker, open_socket(), true);
}

static void echo_close(struct worker *worker)
{
    edo_io_close(&worker->listener);
    free(worker->ends);
}

/* --- Sleeps ----------------------------------------------------------------------------------- */

struct sleeper {
    struct edo_future future;
    struct edo_task task;
    struct worker *worker;
    struct edo_sleep sleep;
};

/* while count() { sleep(1ns).await } */
static enum edo_poll sleeper_poll(struct edo_future *self, struct edo_context *cx)
{
    struct sleeper *sleeper = edo_container_of(self, struct sleeper, future);

    edo_future_goto(self, EDO_FIRST_AWAIT);
    while (edo_future_await(self, &sleeper->sleep.future, cx) == EDO_READY) {
        check(edo_future_error(&sleeper->sleep.future), "edo_sleep");
        if (!count(sleeper->worker))
            return edo_future_done(self, NULL);
        edo_sleep_init(&sleeper->sleep, 1);
    }
    return EDO_PENDING;
}

static void sleeps_open(struct worker *worker, size_t threads)
{
    static const struct edo_future_type type = {.name = "sleeper", .poll = sleeper_poll};

    (void)threads;
    worker->sleepers = calloc(worker->n, sizeof *worker->sleepers);
    if (worker->sleepers == NULL)
        fail("calloc");
    for (size_t i = 0; i < worker->n; i++) {
        struct sleeper *sleeper = &worker->sleepers[i];

        sleeper->worker = worker;
        edo_sleep_init(&sleeper->sleep, 1);
        edo_future_init(&sleeper->future, &type);
        spawn(worker, &sleeper->task, "sleeper", &sleeper->future);
    }
}

static void sleeps_close(struct worker *worker)
{
    free(worker->sleepers);
}

/* --- What the machine can give ---------------------------------------------------------------- */

static void spin_begin(struct worker *worker)
{
    uint64_t seed = worker->cpu;

    do
        for (volatile unsigned i = 0; i < 100; i++)
            seed = measure_random(&seed);
    while (count(worker));
}

/* --- One or two of them ----------------------------------------------------------------------- */

struct work {
    const char *name;
    void (*open)(struct worker *worker, size_t threads); /* all, before the first begins; or NULL */
    void (*begin)(struct worker *worker);                /* in the thread; or NULL */
    void (*close)(struct worker *worker);                /* or NULL */
};

static const struct work *work;
static pthread_barrier_t together;

static void *run_worker(void *data)
{
    struct worker *worker = data;

    two_cpus_pin(worker->cpu);
    pthread_barrier_wait(&together);
    worker->opened_ns = measure_now();
    if (work->begin != NULL)
        work->begin(worker);
    check(edo_executor_run(&worker->executor), "edo_executor_run");
    return NULL;
}

static void open_worker(struct worker *worker, size_t cpu, size_t n)
{
    struct edo_reactor_options options = {.timers = &edo_timer_wheel,
                                          .timer_state = &worker->wheel};

    memset(worker, 0, sizeof *worker);
    worker->cpu = cpu;
    worker->n = n;
    check(edo_executor_open(&worker->executor, &options), "edo_executor_open");
}

static void close_worker(struct worker *worker)
{
    pthread_join(worker->thread, NULL);
    if (work->close != NULL)
        work->close(worker);
    edo_executor_close(&worker->executor);
}

struct result {
    double per_s;  /* of all threads */
    double cpu_ns; /* for one operation */
};

static struct result run_threads(const size_t *those, size_t threads, size_t n)
{
    struct result result = {0};

    for (size_t i = 0; i < threads; i++)
        open_worker(&workers[i], those[i], n);
    for (size_t i = 0; work->open != NULL && i < threads; i++)
        work->open(&workers[i], threads);
    pthread_barrier_init(&together, NULL, (unsigned)threads);
    for (size_t i = 0; i < threads; i++)
        if (pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]) != 0)
            fail("pthread_create");
    for (size_t i = 0; i < threads; i++) {
        close_worker(&workers[i]);
        result.per_s += workers[i].per_s;
        result.cpu_ns += workers[i].cpu_ns / (double)threads;
    }
    pthread_barrier_destroy(&together);
    return result;
}

/* One thread: the mean of both cpus, measured before and after the two together. */
static void measure(const struct work *what, size_t n, struct result *one, struct result *two)
{
    struct result first, last;

    work = what;
    first = run_threads(&cpus[0], 1, n);
    *two = run_threads(cpus, THREADS, n);
    last = run_threads(&cpus[1], 1, n);
    one->per_s = (first.per_s + last.per_s) / 2;
    one->cpu_ns = (first.cpu_ns + last.cpu_ns) / 2;
}

int main(int argc, char **argv)
{
    static const struct work works[] = {{"two_threads", echo_open, echo_begin, echo_close},
                                        {"two_threads_sleeps", sleeps_open, NULL, sleeps_close}};
    static const struct work spin = {.name = "spin", .begin = spin_begin};
    struct result one, two, spin_one, spin_two;
    size_t i = 0;

    while (argc == 4 && i < 2 && strcmp(argv[2], works[i].name) != 0)
        i++;
    if (argc != 4 || i == 2) {
        fputs("usage: edo_threads VARIANT two_threads|two_threads_sleeps N\n", stderr);
        return EXIT_FAILURE;
    }
    two_cpus_find(cpus);
    measure(&works[i], strtoul(argv[3], NULL, 10), &one, &two);
    measure(&spin, 0, &spin_one, &spin_two);
    measure_print("one_per_s", one.per_s);
    measure_print("two_per_s", two.per_s);
    measure_print("one_cpu_ns", one.cpu_ns);
    measure_print("two_cpu_ns", two.cpu_ns);
    measure_print("times", two.per_s / one.per_s);
    measure_print("by_cpu", THREADS * one.cpu_ns / two.cpu_ns);
    measure_print("machine", spin_two.per_s / spin_one.per_s);
    return EXIT_SUCCESS;
}
