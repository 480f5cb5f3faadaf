#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int program_begin(const char *name)
{
    static char line[512]; /* stdio's buffer, so that it need not ask malloc for one */

    if (fcntl(STDOUT_FILENO, F_GETFD) < 0)
        return program_complain(name, "standard output", -errno);
    setvbuf(stdout, line, _IOLBF, sizeof line);
    return STATUS_OK;
}

int program_complain(const char *name, const char *what, int error)
{
    fprintf(stderr, "%s: %s: %s\n", name, what, strerror(-error));
    return STATUS_FAILED;
}

/* A class would ask why everything else is late: because this task did not let go. */
void program_warn_slow(const char *task, uint64_t took_ns)
{
    fprintf(stderr, "warning: %s held the loop for %.1f ms\n", task, (double)took_ns / 1e6);
}

int program_end(const char *name, int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, "%s: standard output could not be written\n", name);
    return STATUS_FAILED;
}
