/* SPDX-License-Identifier: MIT */
/* wheel.c - the way into tests/model/wheel_fuzz.c. */
#include "model/wheel_fuzz.h"

#include "targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wheel_fuzz(data, size);
    return 0;
}
