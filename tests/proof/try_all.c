/* SPDX-License-Identifier: MIT */
/* try_all.c - runs the proof PROOF of a harness with every combination of what its nondet_below and
 * nondet_bool may return, one after the other: for what does not end with CBMC, and has so few
 * states that they can be counted.
 *
 * The choices of a run are kept. The next run repeats all but the last that has a value left, which
 * gets it; a run whose assumption does not hold ends there, with all that would have followed. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "proof.h"

enum { CHOICES = 64 };

static struct {
    unsigned value, count;
} choices[CHOICES];
static unsigned made, kept; /* in this run; from the run before */
static jmp_buf end_of_run;
static unsigned long long runs, whole_runs;

void PROOF(void);

static void give_up(const char *text)
{
    printf("%s: FAILURE in run %llu, by the choices", text, runs);
    for (unsigned i = 0; i < made; i++)
        printf(" %u", choices[i].value);
    printf("\n");
    exit(10);
}

unsigned nondet_below(unsigned count)
{
    if (made == CHOICES)
        give_up("too many choices");
    if (made == kept) {
        choices[made].value = 0;
        choices[made].count = count;
        kept++;
    }
    return choices[made++].value;
}

bool nondet_bool(void)
{
    return nondet_below(2) != 0;
}

void assume(bool is_so)
{
    if (!is_so)
        longjmp(end_of_run, 1);
}

void always(bool is_so, const char *text)
{
    if (!is_so)
        give_up(text);
}

/* false: every combination has been tried. */
static bool go_on(void)
{
    kept = made;
    while (kept > 0 && choices[kept - 1].value + 1 == choices[kept - 1].count)
        kept--;
    if (kept > 0)
        choices[kept - 1].value++;
    return kept > 0;
}

int main(void)
{
    do {
        made = 0;
        runs++;
        if (setjmp(end_of_run) == 0) {
            PROOF();
            whole_runs++;
        }
    } while (go_on());
    printf("%llu runs, %llu to the end\n", runs, whole_runs);
    printf(whole_runs > 0 ? "VERIFICATION SUCCESSFUL\n" : "nothing was proved\n");
    return whole_runs > 0 ? 0 : 1;
}
