# SPDX-License-Identifier: MIT
# The bench: a small program for each peer, and the driver that runs them (tests/bench/README.md).
# All of it goes to $(BUILD)/bench: the programs, edo's release, Tokio's target folder, results.

bench := $(BUILD)/bench
bench_compile = $(CC) -std=c11 -D_GNU_SOURCE -Ireactor $(WARNINGS) $(CPPFLAGS) -O2
bench_compile_cc = $(CXX) -std=c++20 $(WARNINGS) $(CPPFLAGS) -O2

# What each peer needs to be built, and what goes into it.
bench_peers := bare libuv libev libevent sd_event edo_timers edo_sleeps edo_tasks \
    uring asio load bare_io uring_io libuv_io libevent_io asio_io edo_io \
    edo_threads bare_across libuv_across edo_across
header_libuv := uv.h
header_libev := ev.h
header_libevent := event2/event.h
header_libuv_io := $(header_libuv)
header_libevent_io := event2/thread.h
header_uring := liburing.h
header_uring_io := $(header_uring)
header_asio := asio.hpp
header_asio_io := $(header_asio)
header_sd_event := systemd/sd-event.h
flags_libuv := -luv
flags_libev := -I/usr/include/libev -lev
flags_libevent := -levent_core
flags_sd_event := -lsystemd
flags_uring := -luring
flags_uring_io := -luring -pthread
flags_asio := -lstdc++ -lm -pthread
flags_asio_io := $(flags_asio)
flags_bare_io := -pthread
flags_libuv_io := -luv -pthread
flags_libevent_io := -levent_core -levent_pthreads -pthread
# As the release has them, in which a $@ is left for another make.
as_released = $(subst $$@,$@,$(RELEASE_CFLAGS))
$(foreach peer,edo_timers edo_sleeps edo_tasks edo_io edo_paths,$(eval flags_$(peer) = $$(as_released)))
parts_timers := workload.c measure.c
parts_edo_timers := $(parts_timers) edo_variant.c
parts_edo_sleeps := $(parts_edo_timers)
parts_edo_tasks := measure.c edo_variant.c
parts_load := measure.c
parts_edo_paths := edo_variant.c
$(foreach peer,bare_io uring_io libuv_io libevent_io asio_io,$(eval parts_$(peer) := io_workload.c measure.c))
parts_edo_io := io_workload.c measure.c edo_variant.c
# Two threads, each with a loop of its own.
header_libuv_across := $(header_libuv)
flags_libuv_across := -luv -pthread
flags_bare_across := -pthread
flags_edo_across = $(as_released)
flags_edo_threads = $(as_released)
parts_edo_threads := measure.c two_cpus.c
$(foreach peer,bare_across libuv_across edo_across,$(eval parts_$(peer) := across.c measure.c two_cpus.c))
header_language = $(if $(filter %.hpp,$(header_$*)),c++,c)
# Not \# in a function: a make older than 4.3 takes the backslash away, a newer one leaves it.
hash := \#
has_header = $(if $(header_$*),echo '$(hash)include <$(header_$*)>' | \
    $(CC) -x $(header_language) -E $(filter -I%,$(flags_$*)) - >/dev/null 2>&1,true)

# For lint: not the peers whose headers aren't here.
bench_is_here = $(if $(header_$1),$(wildcard /usr/include/$(header_$1)),yes)
bench_absent := $(foreach peer,$(bench_peers),$(if $(call bench_is_here,$(peer)),,%/$(peer).c %/$(peer).cc))
sources += $(filter-out $(bench_absent),$(wildcard tests/bench/*.[ch] tests/bench/peers/*.[ch] tests/bench/peers/*.cc))

# Where Debian has the source of Tokio and smol.
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
bench-deps: ## Install what edo is measured beside
	@for tool in gcc strace libuv libev libevent libsystemd liburing asio tokio smol; do scripts/deps $$tool || true; done

bench-build: $(bench)/bench $(bench_peers:%=$(bench)/%) $(bench)/tokio/release/tokio-bench $(bench)/smol/release/smol-bench

$(bench)/bench: $(wildcard tests/bench/*.[ch]) tests/bench/bench.mk
	@mkdir -p $(@D)
	$(call quiet,CC)$(bench_compile) -o $@ $(filter %.c,$^) -lm

# One whose header is absent isn't there afterwards, and the bench says so.
$(bench_peers:%=$(bench)/%): $(bench)/%: $(wildcard tests/bench/peers/*.[ch]) tests/bench/bench.mk
	@mkdir -p $(@D)
	$(call quiet,CC)! $(has_header) || $(bench_compile) -o $@ \
	    $(or $(filter %.o,$^),tests/bench/peers/$*.c) $(addprefix tests/bench/peers/,$(or $(parts_$*),$(parts_timers))) $(filter %.a,$^) $(flags_$*)

$(filter $(bench)/edo_%,$(bench_peers:%=$(bench)/%)): $(bench)/edo/libedo.a

# Those in C++ are an object first, so that what they share is built as for all. Empty: no header.
$(bench)/asio $(bench)/asio_io: $(bench)/%: $(bench)/%.o
$(bench)/%.o: tests/bench/peers/%.cc $(wildcard tests/bench/peers/*.h) tests/bench/bench.mk
	@mkdir -p $(@D)
	$(call quiet,CXX)if $(has_header); then $(bench_compile_cc) -c -o $@ $<; else : >$@; fi

# The same programs once more, on a clock that stands still.
$(bench)/counted/%: $(wildcard tests/bench/peers/*.[ch]) tests/bench/bench.mk $(bench)/edo/libedo.a
	@mkdir -p $(@D)
	$(call quiet,CC)$(bench_compile) -o $@ $(flags_$*) -Wl,--wrap=clock_gettime,--wrap=epoll_wait \
	    $(addprefix tests/bench/peers/,$*.c still_clock.c $(parts_$*)) $(filter %.a,$^)

$(bench)/edo/libedo.a: FORCE
	@$(MAKE) --no-print-directory $(release) BUILD=$(bench)/edo all
	@strip -o $(@D)/demo.stripped $(@D)/demo

# Offline, and from a copy: cargo leaves a lock file beside its source.
cargo_build = cargo build --quiet --release --offline --target-dir $(bench)/$(1) \
    --manifest-path $(bench)/$(1)/source/$(1)/Cargo.toml \
    --config 'source.crates-io.replace-with="distribution"' \
    --config 'source.distribution.directory="$(CRATES)"'
has_crate = { command -v cargo && ls -d $(CRATES)/$(1)-1*; } >/dev/null 2>&1
copy_rust = rm -rf $(bench)/$(1)/source && mkdir -p $(bench)/$(1)/source && \
    cp -r tests/bench/tokio tests/bench/smol $(bench)/$(1)/source
rust := $(wildcard $(foreach crate,tokio smol, \
    $(addprefix tests/bench/$(crate)/,Cargo.toml src/*.rs src/bin/*.rs)))

$(bench)/tokio/release/tokio-bench: $(rust)
	@$(call copy_rust,tokio)
	$(call quiet,CARGO)! $(call has_crate,tokio) || \
	    { $(call cargo_build,tokio) && $(call cargo_build,tokio) --features io --bin tokio-io && touch $@ && \
	      for name in demo demo_current_thread; do strip -o $(@D)/$$name.stripped $(@D)/$$name; done; }

$(bench)/smol/release/smol-bench: $(rust)
	@$(call copy_rust,smol)
	$(call quiet,CARGO)! $(call has_crate,smol) || { $(call cargo_build,smol) && touch $@; }
