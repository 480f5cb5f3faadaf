# SPDX-License-Identifier: MIT
# What the tests of reactor/ cover: branches and MC/DC, by clang. LLVM= is the suffix of its commands.

LLVM ?= -19
coverage := $(BUILD)/coverage
coverage_flags = -O0 -g -fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc
coverage_build = $(MAKE) --no-print-directory CC=clang$(LLVM) CPPFLAGS=-Werror LDFLAGS='-Wl,--wrap=_exit $(coverage)/at_exit.o'

# Not those that draw at random, since what is covered is to be the same each time; nor those behind
# the faults, which run programs from outside.
coverage_suites = $(filter-out trees bytes connections,\
    $(shell sed -n 's/^Suite \*\(.*\)_suite(void);/\1/p' tests/suites.h | sed '/^faults$$/q'))

.PHONY: check-coverage

# What the asserts forbid is tested without them, too.
check-coverage: ## Measure what the tests of reactor/ cover: all branches and MC/DC, or it is listed why not
	@scripts/deps clang$(LLVM) llvm-cov$(LLVM)
	@rm -rf $(coverage)/data && mkdir -p $(coverage)/data
	@clang$(LLVM) -std=c11 -Itests $(WARNINGS) -c -o $(coverage)/at_exit.o tests/coverage/at_exit.c
	@$(coverage_build) BUILD=$(coverage) CFLAGS='$(coverage_flags)' $(coverage)/check-edo
	@$(coverage_build) BUILD=$(coverage)/release CFLAGS='$(coverage_flags) -DNDEBUG' $(coverage)/release/check-edo
	@echo $(foreach program,check-edo release/check-edo,$(coverage_suites:%=$(program)/%)) | LLVM_PROFILE_FILE=$(coverage)/data/%m.profraw \
	    xargs -n 1 -P $$(($$(nproc) * 3)) sh -c 'log=$(coverage)/data/$${1##*/}.log; \
	    CK_TIMEOUT_MULTIPLIER=20 CK_RUN_SUITE=$${1##*/} $(coverage)/$${1%/*} >$$log 2>&1 || { cat $$log; exit 1; }' sh
	@llvm-profdata$(LLVM) merge -sparse -o $(coverage)/data/all.profdata $(coverage)/data/*.profraw
	@for program in check-edo release/check-edo; do \
	    llvm-cov$(LLVM) export -skip-expansions -instr-profile=$(coverage)/data/all.profdata \
	        $(coverage)/$$program >$(coverage)/data/$${program%%[/-]*}.export || exit; done
	@tests/coverage/judge.py tests/coverage/unreachable.txt $(coverage)/data/*.export
