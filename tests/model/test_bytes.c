/* SPDX-License-Identifier: MIT */
/* Random programs of reads and writes, held against a model of bytes (bytes.h). */
#include <inttypes.h>
#include <stdio.h>

#include "bytes.h"
#include "helper.h"
#include "suites.h"

/* EDO_OPERATIONS says how many steps, EDO_SEED that it is to be this one program. */
START_TEST(no_byte_is_lost_or_comes_twice_whatever_is_cancelled)
{
    uint64_t most = number_from("EDO_OPERATIONS", getenv("EDO_SMALL") ? 2000 : 200000);
    uint64_t seed = number_from("EDO_SEED", 1);
    uint64_t steps = 0, programs = 0;

    for (; steps < most; seed++, programs++) {
        steps += bytes_run(seed, _i);
        if (getenv("EDO_SEED") != NULL)
            break;
    }
    printf("bytes: %" PRIu64 " steps in %" PRIu64 " programs\n", steps, programs);
}
END_TEST

Suite *bytes_suite(void)
{
    Suite *suite = suite_create("bytes");
    TCase *random = tcase_create("random");

    tcase_add_loop_test(random, no_byte_is_lost_or_comes_twice_whatever_is_cancelled, 0,
                        VIRTUAL_VARIANTS);
    tcase_set_timeout(random, 0);
    suite_add_tcase(suite, random);
    return suite;
}
