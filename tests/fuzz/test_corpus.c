/* SPDX-License-Identifier: MIT */
/* The fuzz targets with the inputs that are kept in tests/fuzz/corpus, in the test program itself:
 * without a fuzzer, and under whatever that is run under. */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "suites.h"
#include "targets.h"

enum { INPUT_MAX = 4096 };

static const struct {
    const char *name;
    int (*run)(const uint8_t *data, size_t size);
} targets[] = {
    {"lines", fuzz_lines}, {"options", fuzz_options}, {"trace", fuzz_trace},
    {"trees", fuzz_trees}, {"wheel", fuzz_wheel},
};

enum { TARGETS = sizeof targets / sizeof targets[0] };

static void run_file(int target, const char *name)
{
    uint8_t input[INPUT_MAX];
    char path[512];
    size_t size;
    FILE *file;

    snprintf(path, sizeof path, "tests/fuzz/corpus/%s/%s", targets[target].name, name);
    file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    size = fread(input, 1, sizeof input, file);
    fclose(file);
    targets[target].run(input, size);
}

START_TEST(every_input_that_was_kept_is_survived)
{
    char path[512];
    const struct dirent *entry;
    unsigned count = 0;
    DIR *folder;

    snprintf(path, sizeof path, "tests/fuzz/corpus/%s", targets[_i].name);
    folder = opendir(path);
    ck_assert_msg(folder != NULL, "%s", path);
    while ((entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.') {
            run_file(_i, entry->d_name);
            count++;
        }
    closedir(folder);
    ck_assert_uint_gt(count, 0);
}
END_TEST

Suite *corpus_suite(void)
{
    Suite *suite = suite_create("corpus");
    TCase *kept = tcase_create("kept");

    tcase_add_loop_test(kept, every_input_that_was_kept_is_survived, 0, TARGETS);
    suite_add_tcase(suite, kept);
    return suite;
}
