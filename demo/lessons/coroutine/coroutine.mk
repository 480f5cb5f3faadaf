# SPDX-License-Identifier: MIT
# The lesson in C++20, the test of its coroutines, and the same by hand in C. Where no compiler of
# C++20 is here, or none that suits what $(CC) has made, that is said, and only the last is built.

coroutines := $(BUILD)/lessons/coroutine $(BUILD)/coroutines
by_hand := $(BUILD)/lessons/by-hand
cc_suits := $(BUILD)/coroutine.by-$(notdir $(lastword $(CXX)))
compile_cc = $(CXX) -std=c++20 -fno-exceptions -D_GNU_SOURCE -Ireactor -Idemo \
    $(WARNINGS) $(CPPFLAGS) $(CFLAGS) $(DEMO_CFLAGS) $(LDFLAGS)
as_lesson := $(BUILD)/obj/demo/lessons/lesson.o $(filter-out %/main.o,$(demo)) $(BUILD)/libedo.a

# For lint. Not the coroutines: clang-tidy 14 takes one for a function that its call runs.
sources += demo/lessons/coroutine/by-hand.c tests/e2e/uses.cc

.PHONY: coroutine

coroutine: $(BUILD)/lessons/coroutine ## Build and run the lesson in C++20 (ARGS=--virtual)
	@[ ! -x $< ] || $< $(ARGS)

check: $(coroutines) $(by_hand)

$(by_hand): $(BUILD)/obj/demo/lessons/coroutine/by-hand.o $(as_lesson)
	@mkdir -p $(@D)
	$(call quiet,LINK)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

# The player shows their text (demo/player/source.h).
$(BUILD)/obj/demo/lessons/coroutine/%.o: private INCLUDE = -Idemo
$(BUILD)/obj/demo/lessons/coroutine/%.o: private MORE_CFLAGS = $(DEMO_CFLAGS) \
    -include demo/player/source.h -DPLAYER_SOURCE='"$<"'

$(BUILD)/coroutines: tests/e2e/coroutines.cc
$(coroutines): demo/lessons/coroutine/coroutine.cc $(cc_suits) $(as_lesson) \
    $(wildcard reactor/*.h reactor/*/*.h demo/*.h demo/lessons/*.h)
	@mkdir -p $(@D) && rm -f $@
	$(call quiet,CXX)[ ! -e $(cc_suits) ] || $(compile_cc) -include demo/player/source.h \
	    -DPLAYER_SOURCE='"$<"' -o $@ $(firstword $(filter tests/%,$^) $<) $(filter %.o %.a,$^)

# Not there, if it does not suit.
$(cc_suits): demo/lessons/coroutine/coroutine.mk $(BUILD)/libedo.a
	@printf '%s\n' '#include <coroutine>' '#include <edo.h>' 'static edo_clock a_clock;' \
	    'int main() { return edo_clock_now(&a_clock) == 0 || std::coroutine_handle<>(); }' >$@.cc
	@rm -f $@; $(compile_cc) -o $@.probe $@.cc $(BUILD)/libedo.a >$@.log 2>&1 && : >$@ || \
	    echo "  coroutine is left out: $(CXX) is missing, not of C++20, or does not suit $(CC)"
	@rm -f $@.*

-include $(BUILD)/obj/demo/lessons/coroutine/by-hand.d
