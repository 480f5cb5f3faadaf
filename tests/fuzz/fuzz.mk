# SPDX-License-Identifier: MIT
# The fuzz targets, with clang's libFuzzer. What a run has found is kept below $(BUILD)/fuzz, so the
# next one goes on from there; an input that fails lies beside it.

fuzz := $(BUILD)/fuzz
fuzzers := lines options trace trees wheel
fuzzed = $(or $(filter $(fuzzers),$(NAME)),$(fuzzers))
FUZZ_SECONDS ?= 60
fuzz_flags = -max_total_time=$(FUZZ_SECONDS) -timeout=60 -rss_limit_mb=2048 -max_len=2048 -close_fd_mask=1 $(FUZZ)
fuzz_compile = clang -std=c11 -D_GNU_SOURCE -Ireactor -Idemo -Itests -Itests/plain $(WARNINGS) $(CPPFLAGS) -O1 -g \
    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -MMD -MP
fuzz_libraries = $$(pkg-config --libs expat jansson)

.PHONY: fuzz fuzz-keep fuzz-tools

fuzz-tools:
	@scripts/deps --missing clang pkg-config expat jansson

fuzz: $(fuzzed:%=$(fuzz)/%/fuzzer) ## Fuzz each target for FUZZ_SECONDS=60, from where it ended before (NAME=trace: that one)
	$(if $(filter-out $(fuzzers),$(NAME)),$(error no fuzz target has the NAME '$(NAME)': $(fuzzers)))
	@for name in $(fuzzed); do folder=$(fuzz)/$$name; mkdir -p $$folder/corpus; \
	    $$folder/fuzzer $(fuzz_flags) -artifact_prefix=$$folder/ $$folder/corpus tests/fuzz/corpus/$$name \
	        >$$folder/log 2>&1 || { tail -n 60 $$folder/log; exit 1; }; \
	    echo "$$name: $$(grep -a 'DONE  ' $$folder/log)"; \
	done

# Short ones, by size.
fuzz-keep: $(fuzzed:%=$(fuzz)/%/fuzzer) ## Keep in tests/fuzz/corpus as few inputs as take all edges that make fuzz has found
	@set -e; for name in $(fuzzed); do folder=$(fuzz)/$$name; corpus=tests/fuzz/corpus/$$name; \
	    rm -rf $$folder/kept; mkdir -p $$folder/kept $$folder/corpus; \
	    $$folder/fuzzer -set_cover_merge=1 -use_counters=0 -max_len=512 -close_fd_mask=1 \
	        $$folder/kept $$folder/corpus $$corpus >$$folder/log 2>&1 || { tail -n 60 $$folder/log; exit 1; }; \
	    rm $$corpus/*; number=0; for input in $$(ls -rS $$folder/kept); do number=$$((number + 1)); \
	        mv $$folder/kept/$$input $$corpus/$$(printf %02d $$number).input; done; \
	    echo "$$name: $$number inputs"; \
	done

$(fuzzers:%=$(fuzz)/%/fuzzer): $(fuzz)/%/fuzzer: $(fuzz)/obj/tests/fuzz/%.o $(patsubst %.c,$(fuzz)/obj/%.o,tests/helper.c \
    tests/schedule.c tests/wrap.c tests/model/wheel_fuzz.c tests/model/choices.c tests/model/trees.c \
    tests/model/trees_check.c tests/model/trees_model.c $(wildcard reactor/*/*.c) \
    $(filter-out demo/main.c,$(wildcard demo/*.c demo/views/*.c demo/player/*.c demo/scale/*.c)))
	@mkdir -p $(@D)
	$(call quiet,LINK)$(fuzz_compile) $(wrapped:%=-Wl,--wrap=%) -o $@ $^ -pthread $(fuzz_libraries)

$(fuzz)/obj/%.o: %.c tests/fuzz/fuzz.mk | fuzz-tools
	@mkdir -p $(@D)
	$(call quiet,FUZZ)$(fuzz_compile) -DWELL_FORMED $$(pkg-config --cflags expat jansson) -c -o $@ $<

# In the test program, each by a name of its own.
$(fuzzers:%=$(BUILD)/obj/tests/fuzz/%.o): private MORE_CFLAGS = -DLLVMFuzzerTestOneInput=fuzz_$(*F)

$(fuzz)/obj/demo/player/texts.o: $(wildcard demo/player/player.*)
-include $(wildcard $(fuzz)/obj/*/*.d $(fuzz)/obj/*/*/*.d)
