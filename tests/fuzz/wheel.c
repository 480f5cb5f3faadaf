/* wheel.c - libFuzzer's way into tests/wheel_fuzz.c. */
#include "wheel_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wheel_fuzz(data, size);
    return 0;
}
