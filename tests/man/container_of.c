/* SPDX-License-Identifier: MIT */
/* From the future that the runtime knows to the struct around it. It
 * prints
 *
 *   job 7 */
#include <stdio.h>

#include "edo.h"

struct job {
    int number;
    struct edo_future future;
};

static void tell(struct edo_future *future)
{
    const struct job *job = edo_container_of(future, struct job, future);

    printf("job %d\n", job->number);
}

int main(void)
{
    struct job job = {.number = 7};

    tell(&job.future);
    return 0;
}
