/* SPDX-License-Identifier: MIT */
#include "process_item.h"

#include <stdio.h>

#include "edo.h"
#include "errno_name.h"
#include "say.h"

/* async fn process_item(index: usize) {
 *     sleep(Duration::from_millis(50)).await;
 * } */

enum item_state { ITEM_START = EDO_START, ITEM_AWAITS_WORK = EDO_FIRST_AWAIT };

static const char *const state_names[] = {"ITEM_AWAITS_WORK"};

/* gdb: with `ignore 1 5` it stops at the last item's second poll. `p *(struct process_item *)self`.
 * The items never overlap: async_main makes the next one when this one is done. */
static enum edo_poll process_item_poll(struct edo_future *self, struct edo_context *cx)
{
    struct process_item *item = edo_container_of(self, struct process_item, future);

    switch ((enum item_state)self->state) {
    case ITEM_START:
        say(item->name, "started");
        edo_future_set_name(self, item->name);
        edo_sleep_init(&item->work, ITEM_WORK);
        edo_future_goto(self, ITEM_AWAITS_WORK);
        /* fall through */
    case ITEM_AWAITS_WORK:
        if (edo_future_await(self, &item->work.future, cx) == EDO_PENDING) {
            say_sleep(item->name, &item->work, ITEM_WORK);
            return EDO_PENDING;
        }
        break;
    }
    if (edo_future_error(&item->work.future)) {
        say(item->name, "failed: %s", errno_name(-edo_future_error(&item->work.future)));
        return edo_future_fail(self, edo_future_error(&item->work.future));
    }
    say(item->name, "completed");
    return edo_future_done(self, NULL);
}

static const struct edo_future_type process_item_type = {
    .name = "process_item", .poll = process_item_poll, .state_names = state_names};

void process_item_init(struct process_item *item, unsigned index)
{
    edo_future_init(&item->future, &process_item_type);
    snprintf(item->name, sizeof item->name, "process_item(%u)", index);
}
