/* SPDX-License-Identifier: MIT */
/* glib.c - a runtime in GLib's main loop: a GSource of its own, which has edo's fd.
 *
 *   prepare   edo_executor_prepare: ready at once, or wait for the fd
 *   check     is the fd readable?
 *   dispatch  edo_executor_turn_now
 *
 * The source has the default priority, as fds and timeouts have. While a task is always ready,
 * sources of lower priority, as those of g_idle_add, get no turn. */
#include <glib.h>

#include "scenario.h"

struct guest {
    GSource source; /* comes first: GLib allocates the whole and knows this */
    struct edo_executor *executor;
    gpointer tag; /* of edo's fd */
    GIOCondition condition;
};

static struct guest *guest;
static GSource *timer;
static GMainContext *context;

/* Where nothing that edo waits for can come, its fd means nothing. To change what is waited for
 * wakes the loop, so the condition is only set when it is another. */
static gboolean guest_prepare(GSource *source, gint *timeout_ms)
{
    struct guest *self = (struct guest *)source;
    int ready = edo_executor_prepare(self->executor);
    /* NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange) GLib's flags are an enum */
    GIOCondition condition = ready < 0 ? 0 : G_IO_IN;

    if (condition != self->condition)
        g_source_modify_unix_fd(source, self->tag, condition);
    self->condition = condition;
    *timeout_ms = -1;
    return ready == 1;
}

static gboolean guest_check(GSource *source)
{
    return g_source_query_unix_fd(source, ((struct guest *)source)->tag) != 0;
}

static gboolean guest_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)callback;
    (void)data;
    must(edo_executor_turn_now(((struct guest *)source)->executor) == 0, "edo_executor_turn_now");
    return G_SOURCE_CONTINUE;
}

static gboolean on_timer(gpointer data)
{
    (void)data;
    return scenario_tick() ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void glib_open(struct edo_executor *executor)
{
    static GSourceFuncs functions = {
        .prepare = guest_prepare, .check = guest_check, .dispatch = guest_dispatch};

    context = g_main_context_new();
    guest = (struct guest *)g_source_new(&functions, sizeof *guest);
    guest->executor = executor;
    guest->condition = G_IO_IN;
    guest->tag = g_source_add_unix_fd(&guest->source, edo_reactor_fd(&executor->reactor), G_IO_IN);
    g_source_attach(&guest->source, context);

    timer = g_timeout_source_new(TICK_MS);
    g_source_set_callback(timer, on_timer, NULL, NULL);
    g_source_attach(timer, context);
}

static void glib_iterate(void)
{
    g_main_context_iteration(context, TRUE);
}

static void glib_close(void)
{
    g_source_destroy(&guest->source);
    g_source_unref(&guest->source);
    g_source_unref(timer);
    g_main_context_unref(context);
}

int main(int argc, char **argv)
{
    static const struct host host = {"GLib", glib_open, glib_iterate, glib_close};

    return scenario_main(argc, argv, &host);
}
