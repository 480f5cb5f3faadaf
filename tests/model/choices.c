/* SPDX-License-Identifier: MIT */
#include "choices.h"

#include <stdio.h>
#include <stdlib.h>

#include "helper.h"
#include "must.h"

void choices_by_chance(struct choices *choices, uint64_t seed)
{
    *choices = (struct choices){.is_by_chance = true, .chance = seed};
}

void choices_of_bytes(struct choices *choices, const uint8_t *bytes, size_t size)
{
    *choices = (struct choices){.is_by_chance = true, .bytes = bytes, .bytes_left = size};
}

void choices_of_all(struct choices *choices)
{
    *choices = (struct choices){0};
}

void choices_of_text(struct choices *choices, const char *text)
{
    *choices = (struct choices){0};
    for (char *end; *text != '\0'; text = *end == '\0' ? end : end + 1) {
        ck_assert_uint_lt(choices->count, CHOICES_MAX);
        choices->answers[choices->count++] = (unsigned)strtoul(text, &end, 10);
        if (end == text)
            ck_abort_msg("not a sequence of choices: %s", text);
    }
}

static uint64_t next_by_chance(struct choices *choices)
{
    if (choices->bytes == NULL)
        return draw(&choices->chance);
    if (choices->bytes_left == 0)
        return 0;
    choices->bytes_left--;
    return *choices->bytes++;
}

unsigned choose(struct choices *choices, unsigned n)
{
    size_t at = choices->at++;

    if (choices->is_by_chance && schedule_is_on())
        return schedule_choose("tree", n);
    if (choices->is_by_chance)
        return (unsigned)(next_by_chance(choices) % n);
    must(at < CHOICES_MAX);
    if (at == choices->count)
        choices->answers[choices->count++] = 0;
    choices->bounds[at] = n;
    if (choices->answers[at] >= n)
        ck_abort_msg("choice %zu is %u, of %u that there are", at, choices->answers[at], n);
    return choices->answers[at];
}

uint64_t choose_apart(struct choices *choices, unsigned n)
{
    uint64_t most = n;

    if (!choices->is_by_chance)
        return choose(choices, n);
    if (choices->bytes != NULL) {
        choices->chance += next_by_chance(choices);
        most <<= 16;
    }
    return draw(&choices->chance) % most;
}

bool choices_next(struct choices *choices)
{
    choices->count = choices->at;
    choices->at = 0;
    while (choices->count > 0) {
        size_t last = choices->count - 1;

        if (++choices->answers[last] < choices->bounds[last]) {
            choices->changed = last;
            return true;
        }
        choices->count--;
    }
    return false;
}

bool choices_are_as_before(const struct choices *choices)
{
    return choices->at <= choices->changed;
}

void choices_print(const struct choices *choices, char text[CHOICES_TEXT])
{
    int length = 0;

    text[0] = '\0';
    for (size_t i = 0; i < choices->at && length < CHOICES_TEXT; i++)
        length += snprintf(text + length, (size_t)(CHOICES_TEXT - length), "%s%u", i > 0 ? "." : "",
                           choices->answers[i]);
}
