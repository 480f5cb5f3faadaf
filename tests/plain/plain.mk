# SPDX-License-Identifier: MIT
# The test program without Check: make PLAIN=1 check. For MemorySanitizer, which takes all that a
# library writes for not written, if that was built without it.

ifdef PLAIN
check_include = -Itests/plain
check_libraries = -pthread
$(BUILD)/check-edo: $(BUILD)/obj/tests/plain/check.o
endif

# Not those that look at a program from outside, by gdb, strace or make.
memory := $(BUILD)/memory
memory_suites := $(filter-out build cplusplus gdb labs lessons peek readme seam story strace views,\
    $(shell sed -n 's/^Suite \*\(.*\)_suite(void);/\1/p' tests/suites.h))

.PHONY: check-memory check-memory-built

check-memory: ## Run the tests under MemorySanitizer (clang)
	@$(MAKE) --no-print-directory PLAIN=1 BUILD=$(memory) CC=clang \
	    CFLAGS='-O1 -g -fsanitize=memory -fsanitize-memory-track-origins' check-memory-built

check-memory-built: $(BUILD)/demo $(lessons) $(BUILD)/check-edo
	@printf '%s\n' $(memory_suites) | EDO_DEMO=$(BUILD)/demo EDO_SMALL=1 EDO_SANITIZED=1 \
	    xargs -P $$(nproc) -I @ env CK_RUN_SUITE=@ $(BUILD)/check-edo

# Nothing is to depend on what was in a struct before its init or open: with DIRTY=1, each of these is
# a macro in the tests, the demo and the lessons that fills it first. An argument that is read out of
# the struct itself is filled by then.
ifdef DIRTY
check_include += -include $(BUILD)/dirty.h
DEMO_CFLAGS += -Itests -include $(BUILD)/dirty.h
WARNINGS = -Wall -Wextra
$(tests) $(demo) $(lesson_names:%=$(BUILD)/obj/demo/lessons/%.o) $(BUILD)/obj/demo/lessons/lesson.o: | $(BUILD)/dirty.h
endif

.PHONY: check-dirty

check-dirty: ## Run all tests with every struct filled with 0xA5 before its init or open
	@EDO_SANITIZED=1 $(MAKE) --no-print-directory check DIRTY=1 BUILD=$(BUILD)/dirty

$(BUILD)/dirty.h: $(wildcard reactor/*/*.h) tests/plain/filled.h tests/plain/plain.mk
	@mkdir -p $(@D)
	@{ printf '#include "%s"\n' $(patsubst reactor/%,%,$(filter reactor/%,$^)) plain/filled.h; \
	    grep -ohE '\<edo_[a-z_]+_(init|open)\(struct edo_[a-z_]+ \*' $(filter %.h,$^) | sort -u | \
	    sed 's/\(.*\)(.*/#define \1(...) EDO_FILLED(\1, __VA_ARGS__)/'; } >$@
