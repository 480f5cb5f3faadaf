# SPDX-License-Identifier: MIT
# edo: a small async runtime, and a demo of what happens under .await. `make help` lists the targets.

CFLAGS ?= -O0 -g
RELEASE_CFLAGS ?= -O2 $(lto) $(fortify) -fno-asynchronous-unwind-tables -DNDEBUG
RELEASE_DEMO_CFLAGS ?= -Os -fstack-protector-strong
RELEASE_LDFLAGS ?= -s -Wl,-z,noseparate-code $(relro)
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wconversion
V ?= 0
BUILD ?= build
ARGS ?=

# Only where the library can still be linked with by those who do without. Not -o /dev/null: some
# compilers put a file in its place. For the same bytes everywhere it has a seed that is not drawn, and
# names of sources that look absolute: beside relative ones gcc writes down in which folder they are.
lto = $(shell flags='-flto=auto -ffat-lto-objects -frandom-seed=$$@ -fdebug-prefix-map=reactor/=/edo/reactor/'; \
    folder=$$(mktemp -d); \
    $(CC) -Werror $$flags -x c -c -o $$folder/probe.o /dev/null 2>/dev/null && echo $$flags; rm -r $$folder)

# What hardens and costs less than 3 % on each hot path: reactor/SECURITY.md has the figures. The
# third level is not known everywhere; a compiler that sets a level of its own is told to forget it.
fortify = -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(shell folder=$$(mktemp -d); \
    $(CC) -Werror -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -include stdio.h -x c -c \
    -o $$folder/probe.o /dev/null 2>/dev/null && echo 3 || echo 2; rm -r $$folder)
relro = -Wl,-z,relro,-z,now

# Where the tests have Check from.
check_include = $$(pkg-config --cflags check)
check_libraries = $$(pkg-config --libs check)

# What the project needs stands apart from CFLAGS, CPPFLAGS and LDFLAGS, which are the user's.
compile = $(CC) -std=c11 -D_GNU_SOURCE -Ireactor $(INCLUDE) $(WARNINGS) $(CPPFLAGS) $(CFLAGS) $(MORE_CFLAGS) -MMD -MP
ifeq ($(V),0)
quiet = @echo "  $(1)	$@";
endif

runtime := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard reactor/*/*.c))
demo := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard demo/*.c demo/views/*.c demo/player/*.c demo/scale/*.c))
# In teaching order.
lesson_names := who-calls-the-waker await-macro callbacks-vs-futures spawn-vs-join-vs-loop race timeout \
    timeout-in-a-loop interval-vs-drifting-loop retry failing-task cancel-a-tree producer-consumer \
    blocked-loop starvation lost-wakeup late-rescued-wake buffered-futures your-own-future \
    echo-server bytes-lost-on-cancel lines backpressure blocking-offload child-process signals two-loops \
    fetch-over-tcp chat reactor-per-thread rate-limiter supervisor protocol-test
lessons := $(lesson_names:%=$(BUILD)/lessons/%)
suites := base kernel task futures io model fuzz e2e
tests := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/*.c $(suites:%=tests/%/*.c)))
sources := $(wildcard $(foreach folder,reactor demo tests,$(folder)/*.[ch] $(folder)/[a-z]*/*.[ch]))

# All suites, or what Check's own variables choose. Many of them mostly wait, so there are three at a
# time for each cpu, from the last of the list, which take longest; each is printed when it has ended.
chosen = $(CK_RUN_SUITE)$(CK_RUN_CASE)$(CK_INCLUDE_TAGS)$(CK_EXCLUDE_TAGS)$(CK_TAP_LOG_FILE_NAME)$(CK_XML_LOG_FILE_NAME)
check_all = tac tests/suites.h | sed -n 's/^Suite \*\(.*\)_suite(void);/\1/p' | \
    xargs -P $$(($$(nproc) * 3)) -I @ sh -c 'said=$$(CK_RUN_SUITE=@ $(BUILD)/check-edo 2>&1); status=$$?; \
    echo "$$said"; exit $$status'

# The system calls of the runtime, which the tests make fail one by one; and where schedules get in.
wrapped = edo_task_poll edo_reactor_open edo_reactor_close epoll_create1 epoll_ctl epoll_wait timerfd_create timerfd_settime __timerfd_settime64 read __read_chk close \
    fcntl __fcntl_time64 sendmsg __sendmsg64 writev accept4 connect getsockopt __getsockopt64 recv recvfrom send sendto \
    shutdown eventfd signalfd pipe2 syscall posix_spawnp posix_spawn_file_actions_adddup2 waitid pthread_create pread pread64 getaddrinfo

.PHONY: all release run lesson lessons book check-book solved check check-asan check-threads check-valgrind check-release check-soak check-again check-platforms has-check strace gdb deps lint format clean help
.DEFAULT_GOAL := all

all: $(BUILD)/demo $(BUILD)/libedo.a ## Build the demo and the runtime as a library

# The runtime is to be fast, the demo around it small.
release = BUILD=$(BUILD)/release CFLAGS='$(RELEASE_CFLAGS)' DEMO_CFLAGS='$(RELEASE_DEMO_CFLAGS)' \
    LDFLAGS='$(RELEASE_LDFLAGS)'

release: ## The same to ship: optimised as a whole, small, without asserts (build/release)
	@$(MAKE) --no-print-directory $(release) all

run: $(BUILD)/demo ## Build and run the demo (options in ARGS='--fail 2')
	@$(BUILD)/demo $(ARGS)

lessons: ## List the lessons, in teaching order, and the question that each answers
	@awk -F '"' '/[.]question = "/ { split(FILENAME, path, "[/.]"); \
	    printf "%2d %-25s %s\n", ++number, path[3], $$2 }' $(lesson_names:%=demo/lessons/%.c)

# By its name or its number.
lesson_number = $(firstword $(filter $(shell seq $(words $(lesson_names))),$(NAME)))
lesson_named = $(or $(filter $(lesson_names),$(NAME)),$(if $(lesson_number),$(word $(lesson_number),$(lesson_names))))

lesson: $(lesson_named:%=$(BUILD)/lessons/%) ## Build and run one of them (NAME=race ARGS=--virtual, NAME=1)
	$(if $<,,$(error no lesson has the NAME '$(NAME)'; make lessons lists them))
	@$< $(ARGS)

# The demo is the first; what most of the others lead to comes last.
last_chapters := your-own-future echo-server
chapters := demo $(filter-out $(last_chapters),$(lesson_names)) $(last_chapters)

book: $(BUILD)/demo $(lessons) solved man ## Make the lessons a course, to be read in a browser: build/book/index.html
	@scripts/make-book $(BUILD) $(BUILD)/book $(chapters)

check-book: book ## Hold the book to its promises: links, search, two builds the same
	@scripts/make-book $(BUILD) $(BUILD)/book-again $(chapters) >/dev/null
	@scripts/check-book $(BUILD)/book $(BUILD)/book-again

# A copy of the project in which every exercise is solved. What is built in it stays.
solved:
	@scripts/deps --missing patch
	@mkdir -p $(BUILD)/solved && cd $(BUILD)/solved && rm -rf Makefile reactor demo scripts tests
	@cp -Rp Makefile reactor demo scripts tests $(BUILD)/solved
	@cd $(BUILD)/solved && cat demo/lessons/exercises/*.patch | patch -p1 -s
	@$(MAKE) --no-print-directory -C $(BUILD)/solved BUILD=build build/demo $(lesson_names:%=build/lessons/%)

check: $(BUILD)/demo $(lessons) $(BUILD)/check-edo ## Run all tests (CK_RUN_SUITE=join picks one)
	@scripts/check-layers $(BUILD)/libedo.a
	@export EDO_DEMO=$(BUILD)/demo; $(or $(if $(chosen),$(BUILD)/check-edo),$(check_all))

check-asan: ## Run all tests under AddressSanitizer and UBSan, and 200 connections for half a minute
	@EDO_SANITIZED=1 $(MAKE) --no-print-directory check BUILD=$(BUILD)/asan \
	    CFLAGS='-Og -g -ftrivial-auto-var-init=pattern -fsanitize=address,undefined -fno-sanitize-recover=all'
	@$(if $(chosen),,EDO_SANITIZED=1 EDO_SOAK=15 CK_RUN_SUITE=connections CK_RUN_CASE=soak $(BUILD)/asan/check-edo)

# What only looks at threads: a sanitizer slows down the rest for nothing.
check-threads: ## Run the tests of threads under ThreadSanitizer
	@$(MAKE) --no-print-directory $(BUILD)/threads/check-edo BUILD=$(BUILD)/threads \
	    CFLAGS='-O1 -g -fsanitize=thread'
	@for suite in notice offload blocking foreign; do EDO_SMALL=1 EDO_SANITIZED=1 TSAN_OPTIONS=exitcode=66 \
	    CK_RUN_SUITE=$$suite $(BUILD)/threads/check-edo || exit; done

# These only run programs, into which valgrind does not look.
only_exec = demo player scale strace story labs peek gdb build seam cplusplus readme interrupt output lessons views

check-valgrind: $(BUILD)/demo $(lessons) $(BUILD)/check-edo ## Run the tests under valgrind, fds tracked
	@EDO_DEMO=$(BUILD)/demo scripts/check-valgrind $(BUILD)/check-edo \
	    $(filter-out $(only_exec),$(shell sed -n 's/^Suite \*\(.*\)_suite(void);/\1/p' tests/suites.h | tac))

# Linked as a whole it has no seam between executor and task.
check-release: ## Run all tests on the release, but those in gdb and under schedules
	@CK_EXCLUDE_TAGS='gdb schedules' $(MAKE) --no-print-directory $(release) check

check-soak: $(BUILD)/check-edo ## Two million timers on the real clock, none early; 200 connections of all kinds for EDO_SOAK=10 seconds
	@EDO_SOAK=$(or $(EDO_SOAK),10) CK_RUN_CASE=soak $(BUILD)/check-edo

check-again: ## Run all tests TIMES=10 times, with BUSY=0 loops for each CPU beside
	@BUILD=$(BUILD) scripts/check-again $(or $(TIMES),10) $(or $(BUSY),0)

check-platforms: ## Run the tests on other systems, as root, in chroots (ARGS=--quick, ARGS=--list)
	@BUILD=$(BUILD) scripts/check-platforms $(ARGS)

strace: $(BUILD)/demo ## The demo's system calls, told as a story
	@scripts/strace-story $(BUILD)/demo $(ARGS)

gdb: $(BUILD)/demo ## Run the demo in gdb with the edo commands loaded
	@scripts/deps --missing gdb
	@gdb -x scripts/edo-gdb.py --args $(BUILD)/demo $(ARGS)

deps: ## Install what the tests need
	@scripts/deps gcc make pkg-config check strace gdb jq python3

lint: ## Look at the code: clang-tidy, cppcheck and others
	@scripts/lint $(filter %.c %.cc,$(sources))

format: ## Lay the code out by .clang-format
	@scripts/deps --missing clang-format
	clang-format -i $(sources)

clean: ## Remove what make has made
	rm -rf $(BUILD)

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { line = sprintf("  make %-18s", $$1); words = split($$2, word, " "); \
	    for (i = 1; i <= words; i++) { \
	        if (length(line " " word[i]) > 80) { print line; line = sprintf("%25s", "") } \
	        line = line " " word[i] } \
	    print line }' Makefile */*/*.mk */*/*/*.mk

# gdb loads demo-gdb.py by itself, where its auto-load safe-path permits.
$(BUILD)/demo: $(demo) $(BUILD)/libedo.a
	$(call quiet,LINK)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^
	@ln -sf "$$PWD/scripts/edo-gdb.py" $(BUILD)/demo-gdb.py

$(BUILD)/libedo.a: $(runtime)
	$(call quiet,AR)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/check-edo: $(tests) $(filter-out %/main.o,$(demo)) $(BUILD)/libedo.a
	$(call quiet,LINK)$(CC) $(CFLAGS) $(LDFLAGS) $(wrapped:%=-Wl,--wrap=%) -o $@ $^ $(check_libraries)

$(lessons): $(BUILD)/%: $(BUILD)/obj/demo/%.o $(BUILD)/obj/demo/lessons/lesson.o $(BUILD)/obj/demo/lessons/peer.o $(filter-out %/main.o,$(demo)) $(BUILD)/libedo.a
	@mkdir -p $(@D)
	$(call quiet,LINK)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(demo): private INCLUDE = -Idemo
$(demo): private MORE_CFLAGS = $(DEMO_CFLAGS)
$(BUILD)/obj/demo/lessons/%.o: private INCLUDE = -Idemo
$(BUILD)/obj/demo/player/texts.o: $(wildcard demo/player/player.*)

# Those whose text the player shows are in the program (demo/player/source.h).
shown := $(filter %/async_main.o %/async_task.o %/fetch_data.o %/process_item.o,$(demo)) \
    $(lesson_names:%=$(BUILD)/obj/demo/lessons/%.o) $(BUILD)/obj/demo/lessons/lesson.o $(BUILD)/obj/demo/lessons/peer.o
$(shown): private MORE_CFLAGS = $(DEMO_CFLAGS) -include demo/player/source.h -DPLAYER_SOURCE='"$<"'
$(tests): private INCLUDE = -Idemo -Itests $(check_include)
$(tests): | $(filter deps,$(MAKECMDGOALS))

# Said before the compiler misses a header. The seam (tests/schedules/) has no use for it.
$(filter-out %/schedule.o %/wrap.o,$(tests)): | has-check

has-check: | $(filter deps,$(MAKECMDGOALS))
	@$(if $(PLAIN),,scripts/deps --missing pkg-config check)

$(BUILD)/obj/%.o: %.c Makefile $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(compile) -c -o $@ $<

# The flags and files of the last build. When they change, everything is built again: what was made of
# a source that is gone must not stay in the library.
built_of = $(compile) $(DEMO_CFLAGS) $(LDFLAGS) $(if $(PLAIN),PLAIN) $(runtime) $(demo) $(tests)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(built_of)' | cmp -s - $@ || echo '$(built_of)' >$@
FORCE:

include $(sort $(wildcard reactor/*/*.mk scripts/*.mk tests/*/*.mk demo/*/*/*.mk))
-include $(runtime:.o=.d) $(demo:.o=.d) $(tests:.o=.d) $(wildcard $(BUILD)/obj/demo/lessons/*.d)
