/* SPDX-License-Identifier: MIT */
/* sd_event.c - a runtime in systemd's loop: edo's fd as an io source, which also asks before each
 * wait, and a defer source while a task is ready.
 *
 * A defer source is always pending, since it was added. Of the priority of others that are ready it
 * would come first for ever, so it is idle: it has its turn when nobody else is ready. */
#include <sys/epoll.h>
#include <systemd/sd-event.h>

#include "scenario.h"

static sd_event *loop;
static sd_event_source *readable;
static sd_event_source *ready;
static sd_event_source *timer;

static int take_turn(struct edo_executor *executor)
{
    must(edo_executor_turn_now(executor) == 0, "edo_executor_turn_now");
    return 0;
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *executor)
{
    (void)source;
    (void)fd;
    (void)events;
    return take_turn(executor);
}

static int on_ready(sd_event_source *source, void *executor)
{
    (void)source;
    return take_turn(executor);
}

/* Before each wait. Where nothing that edo waits for can come, its fd means nothing; the source
 * stays enabled, or nobody would ask again. */
static int on_prepare(sd_event_source *source, void *executor)
{
    int is_ready = edo_executor_prepare(executor);

    sd_event_source_set_enabled(ready, is_ready == 1 ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
    return sd_event_source_set_io_events(source, is_ready < 0 ? 0 : EPOLLIN);
}

static int on_timer(sd_event_source *source, uint64_t us, void *data)
{
    (void)us;
    (void)data;
    if (!scenario_tick())
        return 0;
    must(sd_event_source_set_time_relative(source, TICK_MS * UINT64_C(1000)) >= 0 &&
             sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) >= 0,
         "sd_event_source_set_time_relative");
    return 0;
}

static void sd_open(struct edo_executor *executor)
{
    int fd = edo_reactor_fd(&executor->reactor);

    must(sd_event_new(&loop) >= 0, "sd_event_new");
    must(sd_event_add_io(loop, &readable, fd, EPOLLIN, on_readable, executor) >= 0 &&
             sd_event_source_set_prepare(readable, on_prepare) >= 0,
         "sd_event_add_io");
    must(sd_event_add_defer(loop, &ready, on_ready, executor) >= 0 &&
             sd_event_source_set_priority(ready, SD_EVENT_PRIORITY_IDLE) >= 0,
         "sd_event_add_defer");
    must(sd_event_add_time_relative(loop, &timer, CLOCK_MONOTONIC, TICK_MS * UINT64_C(1000), 1,
                                    on_timer, NULL) >= 0,
         "sd_event_add_time_relative");
}

static void sd_iterate(void)
{
    must(sd_event_run(loop, UINT64_MAX) >= 0, "sd_event_run");
}

static void sd_close(void)
{
    sd_event_source_unref(timer);
    sd_event_source_unref(ready);
    sd_event_source_unref(readable);
    sd_event_unref(loop);
}

int main(int argc, char **argv)
{
    static const struct host host = {"sd-event", sd_open, sd_iterate, sd_close};

    return scenario_main(argc, argv, &host);
}
