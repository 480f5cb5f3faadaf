# SPDX-License-Identifier: MIT
# What the tests of reactor/ cover: branches and MC/DC, by clang 18 or newer.

LLVM ?= -19
coverage := $(BUILD)/coverage
covered := $(coverage)/data
coverage_flags = -O0 -g -fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc
coverage_build = $(MAKE) --no-print-directory CC=clang$(LLVM) CPPFLAGS=-Werror \
    LDFLAGS='-Wl,--wrap=_exit $(coverage)/at_exit.o'

# Not those that draw at random, since what is covered is to be the same each time; nor those behind
# the faults, which run programs from outside.
coverage_suites = $(filter-out trees bytes connections,\
    $(shell sed -n 's/^Suite \*\(.*\)_suite(void);/\1/p' tests/suites.h | sed '/^faults$$/q'))

.PHONY: check-coverage judge-coverage

# Twice, since what an assert forbids goes on without it.
check-coverage: ## Find the branches and conditions (MC/DC) of reactor/ that no test covers (LLVM=-19: whose tools)
	@for tool in clang llvm-profdata llvm-cov; do command -v $$tool$(LLVM) >/dev/null || \
	    { echo "$@: $$tool$(LLVM) is not here (scripts/deps clang-19 llvm-cov-19)" >&2; exit 1; }; done
	@rm -rf $(covered) && mkdir -p $(covered)
	@clang$(LLVM) -std=c11 -Itests $(WARNINGS) -c -o $(coverage)/at_exit.o tests/coverage/at_exit.c
	@$(coverage_build) BUILD=$(coverage) CFLAGS='$(coverage_flags)' $(coverage)/check-edo
	@$(coverage_build) BUILD=$(coverage)/release CFLAGS='$(coverage_flags) -DNDEBUG' \
	    $(coverage)/release/check-edo
	@$(MAKE) --no-print-directory judge-coverage || { echo '$@: once more' && $(MAKE) --no-print-directory judge-coverage; }

# What a process had covered is lost if it is killed while it writes that down, so what is missing
# gets a second chance: what was covered before stays.
judge-coverage:
	@for suite in $(coverage_suites); do echo check-edo $$suite; echo release/check-edo $$suite; done | \
	    LLVM_PROFILE_FILE=$(covered)/%m.profraw xargs -n 2 -P $$(($$(nproc) * 3)) sh -c \
	    'said=$$(CK_RUN_SUITE=$$2 $(coverage)/$$1 2>&1) || { echo "$$said"; exit 1; }' sh
	@llvm-profdata$(LLVM) merge -sparse -o $(covered)/all.profdata $(covered)/*.profraw
	@for program in check-edo release/check-edo; do \
	    llvm-cov$(LLVM) export -skip-expansions -instr-profile=$(covered)/all.profdata \
	        $(coverage)/$$program >$(covered)/$${program%%[/-]*}.json || exit; done
	@tests/coverage/judge.py tests/coverage/unreachable.txt $(covered)/*.json
