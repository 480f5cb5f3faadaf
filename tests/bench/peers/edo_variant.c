/* edo_variant.c - the runtime's variants by name. */
#include "edo_variant.h"

#include <string.h>

#include "edo.h"
#include "workload.h"

bool edo_variant_find(const char *name, struct edo_reactor_options *options)
{
    static struct edo_timer_wheel wheel;

    *options = (struct edo_reactor_options){.timers = &edo_timer_fd};
    if (strcmp(name, "fd") == 0)
        return true;
    *options = (struct edo_reactor_options){.timers = &edo_timer_wheel, .timer_state = &wheel};
    if (strcmp(name, "wheel-1ms") == 0)
        options->slack_ns = EDO_MS(1);
    return options->slack_ns != 0 || strcmp(name, "wheel") == 0;
}

void edo_variant_need_fds(const struct edo_reactor_options *options, size_t n)
{
    if (options->timers == &edo_timer_fd)
        workload_need_fds(n);
}
