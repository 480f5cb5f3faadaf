/* SPDX-License-Identifier: MIT */
#include "lateness.h"

/* Up to 64 ns a bucket for each; from then on 32 for each doubling. */
static unsigned bucket_of(uint64_t ns)
{
    unsigned power = 0;

    while (ns >> power >= LATENESS_STEPS)
        power++;
    if (power == 0)
        return (unsigned)ns;
    return power * (LATENESS_STEPS / 2) + (unsigned)(ns >> power);
}

/* The largest that falls into it. */
static uint64_t end_of(unsigned bucket)
{
    unsigned power = bucket < LATENESS_STEPS ? 0 : bucket / (LATENESS_STEPS / 2) - 1;
    uint64_t step = bucket - power * (LATENESS_STEPS / 2);

    return ((step + 1) << power) - 1;
}

void lateness_note(struct lateness *lateness, uint64_t now_ns, uint64_t due_ns)
{
    uint64_t late_ns = now_ns > due_ns ? now_ns - due_ns : 0;

    lateness->count++;
    lateness->early += now_ns < due_ns;
    lateness->buckets[bucket_of(late_ns)]++;
    if (late_ns > lateness->most_ns)
        lateness->most_ns = late_ns;
}

uint64_t lateness_percentile(const struct lateness *lateness, unsigned percent)
{
    uint64_t wanted = (lateness->count * percent + 99) / 100;
    uint64_t seen = 0;

    for (unsigned bucket = 0; bucket < LATENESS_BUCKETS && wanted > 0; bucket++) {
        seen += lateness->buckets[bucket];
        if (seen >= wanted)
            return end_of(bucket) < lateness->most_ns ? end_of(bucket) : lateness->most_ns;
    }
    return 0;
}
