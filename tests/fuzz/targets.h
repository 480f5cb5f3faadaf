/* SPDX-License-Identifier: MIT */
/* targets.h - the fuzz targets. In a fuzzer, LLVMFuzzerTestOneInput is the one that libFuzzer
 * calls; in the test program each has the name fuzz_ and its file's (tests/fuzz/fuzz.mk). */
#ifndef FUZZ_TARGETS_H
#define FUZZ_TARGETS_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int fuzz_lines(const uint8_t *data, size_t size);
int fuzz_options(const uint8_t *data, size_t size);
int fuzz_trace(const uint8_t *data, size_t size);
int fuzz_trees(const uint8_t *data, size_t size);
int fuzz_wheel(const uint8_t *data, size_t size);

#endif
