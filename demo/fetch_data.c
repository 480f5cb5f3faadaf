/* SPDX-License-Identifier: MIT */
#include "fetch_data.h"

#include <stdio.h>

#include "edo.h"
#include "errno_name.h"
#include "say.h"

/* async fn fetch_data(id: u32) -> String {
 *     sleep(Duration::from_millis(100)).await;
 *     format!("Data_{id}")
 * } */

enum fetch_state { FETCH_START = EDO_START, FETCH_AWAITS_LATENCY = EDO_FIRST_AWAIT };

static const char *const state_names[] = {"FETCH_AWAITS_LATENCY"};

/* gdb: stops here twice. `p (enum fetch_state)self->state`: first FETCH_START, then
 * FETCH_AWAITS_LATENCY. `p *(struct fetch_data *)self`: all that the function remembers. */
static enum edo_poll fetch_data_poll(struct edo_future *self, struct edo_context *cx)
{
    struct fetch_data *fetch = edo_container_of(self, struct fetch_data, future);

    switch ((enum fetch_state)self->state) {
    case FETCH_START:
        say(fetch->name, "started");
        edo_future_set_name(self, fetch->name);
        edo_sleep_init(&fetch->latency, FETCH_LATENCY);
        edo_future_goto(self, FETCH_AWAITS_LATENCY);
        /* fall through */
    case FETCH_AWAITS_LATENCY:
        if (edo_future_await(self, &fetch->latency.future, cx) == EDO_PENDING) {
            say_sleep(fetch->name, &fetch->latency, FETCH_LATENCY);
            return EDO_PENDING;
        }
        break;
    }
    if (edo_future_error(&fetch->latency.future)) {
        say(fetch->name, "failed: %s", errno_name(-edo_future_error(&fetch->latency.future)));
        return edo_future_fail(self, edo_future_error(&fetch->latency.future));
    }
    snprintf(fetch->data, sizeof fetch->data, "Data_%u", fetch->id);
    say(fetch->name, "completed: %s", fetch->data);
    return edo_future_done(self, fetch->data);
}

static const struct edo_future_type fetch_data_type = {
    .name = "fetch_data", .poll = fetch_data_poll, .state_names = state_names};

void fetch_data_init(struct fetch_data *fetch, unsigned id)
{
    edo_future_init(&fetch->future, &fetch_data_type);
    fetch->id = id;
    snprintf(fetch->name, sizeof fetch->name, "fetch_data(%u)", id);
}
