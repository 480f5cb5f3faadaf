/* SPDX-License-Identifier: MIT */
/* lateness.h - how late many timers were: counted, not kept, so that a million need no more memory
 * than one. Percentiles are exact to 3 % (buckets of 1/32 of a power of two). */
#ifndef DEMO_LATENESS_H
#define DEMO_LATENESS_H

#include <stdint.h>

enum { LATENESS_STEPS = 64, LATENESS_BUCKETS = 30 * LATENESS_STEPS };

/* All zero: none yet. */
struct lateness {
    uint64_t buckets[LATENESS_BUCKETS];
    uint64_t count;
    uint64_t early; /* of these; they count as 0 late */
    uint64_t most_ns;
};

void lateness_note(struct lateness *lateness, uint64_t now_ns, uint64_t due_ns);

/* By how much `percent` of 100 were late at most, rounded up to a bucket's end. Of none: 0. */
uint64_t lateness_percentile(const struct lateness *lateness, unsigned percent);

#endif
