/* SPDX-License-Identifier: MIT */
/* edo_variant.c - the runtime's variants by name. */
#include "edo_variant.h"

#include <string.h>

#include "edo.h"

static struct edo_trace *open_trace(void)
{
    static struct edo_trace_event events[4096];
    static struct edo_trace trace;

    edo_trace_init(&trace, events, sizeof events / sizeof events[0]);
    return &trace;
}

bool edo_variant_find(const char *name, struct edo_reactor_options *options)
{
    static struct edo_timer_wheel wheel;

    *options = (struct edo_reactor_options){.timers = &edo_timer_fd};
    if (strcmp(name, "fd-traced") == 0)
        options->trace = open_trace();
    if (options->trace != NULL || strcmp(name, "fd") == 0)
        return true;
    *options = (struct edo_reactor_options){.timers = &edo_timer_wheel, .timer_state = &wheel};
    if (strcmp(name, "wheel-1ms") == 0)
        options->slack_ns = EDO_MS(1);
    if (strcmp(name, "wheel-spin") == 0)
        options->spin_ns = EDO_SPIN_MEASURED;
    return options->slack_ns + options->spin_ns != 0 || strcmp(name, "wheel") == 0;
}

bool edo_variant_takes_fds(const struct edo_reactor_options *options)
{
    return options->timers == &edo_timer_fd;
}
