/* SPDX-License-Identifier: MIT */
/* check.c - runs suites as Check does: each test in a process of its own. Of Check's variables it
 * knows CK_RUN_SUITE, CK_RUN_CASE and CK_EXCLUDE_TAGS. */
#include "check.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SUITES_MAX = 100, CASES_MAX = 400, TESTS_MAX = 2000 };

struct plain_case {
    const char *name, *tags;
    const Suite *suite;
    void (*checked)(void);
    void (*unchecked)(void);
};

struct plain_suite {
    const char *name;
};

struct plain_runner {
    const Suite *suites[SUITES_MAX];
    size_t count;
    int run, failed;
};

struct test {
    const TCase *tcase;
    const TTest *itself;
    int signal, begin, end;
};

static Suite suites[SUITES_MAX];
static TCase cases[CASES_MAX];
static struct test tests[TESTS_MAX];
static size_t suite_count, case_count, test_count;

Suite *suite_create(const char *name)
{
    ck_assert(suite_count < SUITES_MAX);
    suites[suite_count] = (Suite){.name = name};
    return &suites[suite_count++];
}

TCase *tcase_create(const char *name)
{
    ck_assert(case_count < CASES_MAX);
    cases[case_count] = (TCase){.name = name, .tags = ""};
    return &cases[case_count++];
}

void suite_add_tcase(Suite *suite, TCase *tcase)
{
    tcase->suite = suite;
}

/* A test may take as long as it likes. */
void tcase_set_timeout(TCase *tcase, double seconds)
{
    (void)tcase;
    (void)seconds;
}

void tcase_set_tags(TCase *tcase, const char *tags)
{
    tcase->tags = tags;
}

/* What is torn down ends with the process. */
void tcase_add_checked_fixture(TCase *tcase, void (*setup)(void), void (*teardown)(void))
{
    (void)teardown;
    tcase->checked = setup;
}

void tcase_add_unchecked_fixture(TCase *tcase, void (*setup)(void), void (*teardown)(void))
{
    (void)teardown;
    tcase->unchecked = setup;
}

void plain_add(TCase *tcase, const TTest *test, int signal, int begin, int end)
{
    ck_assert(test_count < TESTS_MAX);
    tests[test_count++] = (struct test){tcase, test, signal, begin, end};
}

SRunner *srunner_create(Suite *suite)
{
    static SRunner runner;

    if (suite != NULL)
        srunner_add_suite(&runner, suite);
    return &runner;
}

void srunner_add_suite(SRunner *runner, Suite *suite)
{
    ck_assert(runner->count < SUITES_MAX);
    runner->suites[runner->count++] = suite;
}

int srunner_ntests_run(const SRunner *runner)
{
    return runner->run;
}

int srunner_ntests_failed(const SRunner *runner)
{
    return runner->failed;
}

void srunner_free(SRunner *runner)
{
    *runner = (SRunner){.count = 0};
}

/* --- Running ---------------------------------------------------------------------------------- */

static bool is_chosen(const char *variable, const char *name)
{
    const char *chosen = getenv(variable);

    return chosen == NULL || *chosen == '\0' || strcmp(chosen, name) == 0;
}

/* The words of a text in the environment are names of tags. */
static bool is_excluded(const TCase *tcase)
{
    const char *excluded = getenv("CK_EXCLUDE_TAGS");

    return excluded != NULL && *tcase->tags != '\0' && strstr(excluded, tcase->tags) != NULL;
}

static bool run_once(const struct test *test, int i)
{
    int status = 0;
    pid_t pid;

    fflush(NULL);
    pid = fork();
    ck_assert(pid >= 0);
    if (pid == 0) {
        setpgid(0, 0);
        if (test->tcase->checked != NULL)
            test->tcase->checked();
        test->itself->run(i);
        exit(EXIT_SUCCESS);
    }
    ck_assert(waitpid(pid, &status, 0) == pid);
    kill(-pid, SIGKILL); /* what it has left behind */
    if (test->signal != 0 ? WIFSIGNALED(status) && WTERMSIG(status) == test->signal
                          : WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    fprintf(stderr, "%s:%s:%s:%d: ended with status %#x\n", test->tcase->suite->name,
            test->tcase->name, test->itself->name, i, (unsigned)status);
    return false;
}

static void run_tests(SRunner *runner, const TCase *tcase)
{
    if (tcase->unchecked != NULL)
        tcase->unchecked();
    for (const struct test *test = tests; test < tests + test_count; test++)
        for (int i = test->begin; test->tcase == tcase && i < test->end; i++) {
            runner->run++;
            runner->failed += !run_once(test, i);
        }
}

void srunner_run_all(SRunner *runner, enum print_output how)
{
    (void)how;
    for (size_t i = 0; i < runner->count; i++) {
        int run = runner->run, failed = runner->failed;

        if (!is_chosen("CK_RUN_SUITE", runner->suites[i]->name))
            continue;
        for (const TCase *tcase = cases; tcase < cases + case_count; tcase++)
            if (tcase->suite == runner->suites[i] && is_chosen("CK_RUN_CASE", tcase->name) &&
                !is_excluded(tcase))
                run_tests(runner, tcase);
        printf("%s: Checks: %d, Failures: %d\n", runner->suites[i]->name, runner->run - run,
               runner->failed - failed);
    }
}
