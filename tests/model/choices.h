/* SPDX-License-Identifier: MIT */
/* choices.h - where a maker of test programs takes its decisions from: chance, bytes, or all.
 *
 * A maker asks for one bounded choice after the other, and may ask for others after each answer.
 * By chance, a seed answers, or bytes do, of which a fuzzer makes up new ones. To have all, the
 * sequence of answers is an odometer: the first program is made of zeroes, and each next one
 * differs in the last answer that has a next value; what comes after it begins with zeroes anew. So
 * a maker that is run until there is no next sequence has made every program that it can make, each
 * once. A sequence, written down, makes its program again. */
#ifndef TESTS_CHOICES_H
#define TESTS_CHOICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CHOICES_MAX = 128, CHOICES_TEXT = 4 * CHOICES_MAX };

struct choices {
    bool is_by_chance;
    uint64_t chance;      /* the generator */
    const uint8_t *bytes; /* by these instead, and zeroes behind their end; NULL: none */
    size_t bytes_left;

    unsigned answers[CHOICES_MAX], bounds[CHOICES_MAX];
    size_t count;   /* of the answers that stand */
    size_t at;      /* so many were asked for */
    size_t changed; /* the first that is not as in the sequence before */
};

void choices_by_chance(struct choices *choices, uint64_t seed);

void choices_of_bytes(struct choices *choices, const uint8_t *bytes, size_t size);

/* Before the first of all sequences. */
void choices_of_all(struct choices *choices);

/* Before the one sequence that is written in `text`, as choices_print does: "2.0.1". */
void choices_of_text(struct choices *choices, const char *text);

/* The next answer: less than `n`, which is not 0. */
unsigned choose(struct choices *choices, unsigned n);

/* The same for a time of which no two are to be alike: under a schedule (schedule.h), where what
 * chance answers are choices that can be made smaller, it stays as it is. By bytes, which are few,
 * it is less than 65536 times `n`, so that millions of programs don't meet two alike. */
uint64_t choose_apart(struct choices *choices, unsigned n);

/* Goes to the next sequence; false: that was the last. */
bool choices_next(struct choices *choices);

/* Whether what was asked for up to now is as it was in the sequence before. */
bool choices_are_as_before(const struct choices *choices);

/* Writes down what was asked for. */
void choices_print(const struct choices *choices, char text[CHOICES_TEXT]);

#endif
