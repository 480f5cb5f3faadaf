/* SPDX-License-Identifier: MIT */
/* trees.c - trees of futures (tests/model/trees.h) whose every choice is a byte of the input: as
 * many as the bytes are enough for, on both timer drivers. */
#include "model/trees.h"

#include "bytes.h"
#include "targets.h"

enum { EVENTS = 8192 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct edo_trace_event events[EVENTS];
    static struct tree tree;

    while (size > 0) {
        size_t used = tree_make_from(&tree, data, size);

        for (int variant = 0; variant < VIRTUAL_VARIANTS; variant++) {
            struct edo_trace trace;

            edo_trace_init(&trace, events, EVENTS);
            tree_run(&tree, variant, &trace);
            tree_expect(&tree);
            tree_check_seen(&tree, &trace);
        }
        data += used;
        size -= used;
    }
    return 0;
}
