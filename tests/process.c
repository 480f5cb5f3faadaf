/* SPDX-License-Identifier: MIT */
#include "process.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

bool process_is_plain_build(void)
{
    const char *demo = getenv("EDO_DEMO");

    return demo == NULL || strcmp(demo, "build/demo") == 0;
}

void process_start(struct process *process, const char *command)
{
    const char *demo = getenv("EDO_DEMO");

    process->stdout_file = tmpfile();
    process->stderr_file = tmpfile();
    ck_assert(process->stdout_file != NULL && process->stderr_file != NULL);
    fflush(NULL);
    process->pid = fork();
    ck_assert_int_ge(process->pid, 0);
    if (process->pid == 0) {
        setenv("DEMO", demo ? demo : "build/demo", 1);
        dup2(fileno(process->stdout_file), STDOUT_FILENO);
        dup2(fileno(process->stderr_file), STDERR_FILENO);
        closefrom(STDERR_FILENO + 1); /* a command that counts its fds starts with three */
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
}

static void read_back(FILE *file, char *text, size_t size)
{
    size_t length;

    ck_assert_int_eq(fseek(file, 0, SEEK_SET), 0);
    length = fread(text, 1, size, file);
    ck_assert_uint_lt(length, size);
    text[length] = '\0';
    fclose(file);
}

void process_finish(struct process *process)
{
    int status;

    ck_assert_int_eq(waitpid(process->pid, &status, 0), process->pid);
    process->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    read_back(process->stdout_file, process->out, sizeof process->out);
    read_back(process->stderr_file, process->err, sizeof process->err);
}

void process_check_refused(const struct process *process, const char *text)
{
    ck_assert_int_eq(process->status, 1);
    ck_assert_str_eq(process->out, "");
    ck_assert_msg(strstr(process->err, text) != NULL, "%s", process->err);
    ck_assert_uint_eq(occurrences(process->err, "\n"), 1);
}

unsigned occurrences(const char *text, const char *what)
{
    unsigned found = 0;

    for (text = strstr(text, what); text != NULL; text = strstr(text + 1, what))
        found++;
    return found;
}
