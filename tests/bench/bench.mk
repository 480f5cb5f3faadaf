# SPDX-License-Identifier: MIT
# The bench: a small program for each peer, and the driver that runs them (tests/bench/README.md).
# All of it goes to $(BUILD)/bench: the programs, edo's release, Tokio's target folder, results.

bench := $(BUILD)/bench
bench_compile = $(CC) -std=c11 -D_GNU_SOURCE -Ireactor $(WARNINGS) $(CPPFLAGS) -O2

# What each peer needs to be built, and what goes into it.
bench_peers := bare libuv libev libevent sd_event edo_timers edo_sleeps edo_tasks \
    load bare_io libuv_io libevent_io edo_io
header_libuv := uv.h
header_libev := ev.h
header_libevent := event2/event.h
header_libuv_io := $(header_libuv)
header_libevent_io := event2/thread.h
header_sd_event := systemd/sd-event.h
flags_libuv := -luv
flags_libev := -I/usr/include/libev -lev
flags_libevent := -levent_core
flags_sd_event := -lsystemd
flags_bare_io := -pthread
flags_libuv_io := -luv -pthread
flags_libevent_io := -levent_core -levent_pthreads -pthread
$(foreach peer,edo_timers edo_sleeps edo_tasks edo_io edo_paths,$(eval flags_$(peer) = $$(RELEASE_CFLAGS)))
parts_timers := workload.c measure.c
parts_edo_timers := $(parts_timers) edo_variant.c
parts_edo_sleeps := $(parts_edo_timers)
parts_edo_tasks := measure.c edo_variant.c
parts_load := measure.c
parts_edo_paths := edo_variant.c
$(foreach peer,bare_io libuv_io libevent_io,$(eval parts_$(peer) := io_workload.c measure.c))
parts_edo_io := io_workload.c measure.c edo_variant.c
# Not \# in a function: a make older than 4.3 takes the backslash away, a newer one leaves it.
hash := \#
has_header = $(if $(header_$*),echo '$(hash)include <$(header_$*)>' | $(CC) -E $(filter -I%,$(flags_$*)) - >/dev/null 2>&1,true)

# For lint: not the peers whose headers aren't here.
bench_is_here = $(if $(header_$1),$(wildcard /usr/include/$(header_$1)),yes)
bench_absent := $(foreach peer,$(bench_peers),$(if $(call bench_is_here,$(peer)),,%/$(peer).c))
sources += $(filter-out $(bench_absent),$(wildcard tests/bench/*.[ch] tests/bench/peers/*.[ch]))

# Where Debian has Tokio's source.
CRATES ?= /usr/share/cargo/registry

.PHONY: bench bench-quick bench-instructions bench-deps bench-build

bench: bench-build ## Measure edo and its peers side by side
	@$(bench)/bench $(ARGS) $(bench)
	@echo && echo 'written: $(bench)/results.json, $(bench)/*.svg'

bench-quick: ## The same in a minute
	@$(MAKE) --no-print-directory bench ARGS='--quick $(ARGS)'

bench-instructions: $(addprefix $(bench)/counted/,edo_tasks edo_timers edo_paths) ## Count the instructions of each hot path; fail where one grew (KEEP=1)
	@CC='$(CC)' scripts/count-instructions $(if $(KEEP),--keep) $(bench)/counted tests/bench/instructions.txt

# A peer that can't be had is left out of the bench.
bench-deps: ## Install the peers
	@for tool in gcc strace libuv libev libevent libsystemd tokio; do scripts/deps $$tool || true; done

bench-build: $(bench)/bench $(bench_peers:%=$(bench)/%) $(bench)/tokio/release/tokio-bench

$(bench)/bench: $(wildcard tests/bench/*.[ch]) tests/bench/bench.mk
	@mkdir -p $(@D)
	$(call quiet,CC)$(bench_compile) -o $@ $(filter %.c,$^) -lm

# One whose header is absent isn't there afterwards, and the bench says so.
$(bench_peers:%=$(bench)/%): $(bench)/%: $(wildcard tests/bench/peers/*.[ch]) tests/bench/bench.mk
	@mkdir -p $(@D)
	$(call quiet,CC)! $(has_header) || $(bench_compile) -o $@ tests/bench/peers/$*.c \
	    $(addprefix tests/bench/peers/,$(or $(parts_$*),$(parts_timers))) $(filter %.a,$^) $(flags_$*)

$(filter $(bench)/edo_%,$(bench_peers:%=$(bench)/%)): $(bench)/edo/libedo.a

# The same programs once more, on a clock that stands still.
$(bench)/counted/%: $(wildcard tests/bench/peers/*.[ch]) tests/bench/bench.mk $(bench)/edo/libedo.a
	@mkdir -p $(@D)
	$(call quiet,CC)$(bench_compile) -o $@ $(flags_$*) -Wl,--wrap=clock_gettime,--wrap=epoll_wait \
	    $(addprefix tests/bench/peers/,$*.c still_clock.c $(parts_$*)) $(filter %.a,$^)

$(bench)/edo/libedo.a: FORCE
	@$(MAKE) --no-print-directory $(release) BUILD=$(bench)/edo all
	@strip -o $(@D)/demo.stripped $(@D)/demo

# Offline, and from a copy: cargo leaves a lock file beside its source.
cargo_build = cargo build --quiet --release --offline --target-dir $(bench)/tokio \
    --manifest-path $(bench)/tokio/source/Cargo.toml \
    --config 'source.crates-io.replace-with="distribution"' \
    --config 'source.distribution.directory="$(CRATES)"'

$(bench)/tokio/release/tokio-bench: $(wildcard tests/bench/tokio/Cargo.toml tests/bench/tokio/src/*.rs tests/bench/tokio/src/bin/*.rs)
	@rm -rf $(bench)/tokio/source && mkdir -p $(bench)/tokio && cp -r tests/bench/tokio $(bench)/tokio/source
	$(call quiet,CARGO)! { command -v cargo && ls -d $(CRATES)/tokio-1*; } >/dev/null 2>&1 || \
	    { $(cargo_build) && $(cargo_build) --features io --bin tokio-io && touch $@ && \
	      for name in demo demo_current_thread; do strip -o $(@D)/$$name.stripped $(@D)/$$name; done; }
