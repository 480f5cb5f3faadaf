# SPDX-License-Identifier: MIT
# What a program is linked with to run under many schedules (tests/schedules/README.md), and the
# lessons so.

schedules := $(BUILD)/schedules
seam := $(patsubst %,$(BUILD)/obj/tests/%.o,schedules/start schedule wrap)
scheduled := $(lesson_names:%=$(schedules)/lessons/%)

.PHONY: schedules

schedules: $(schedules)/link ## Build what tests of yours are linked with for many schedules

# Not where the optimizer has the whole program: it leaves no call to get between.
check check-valgrind: $(if $(findstring -flto,$(CFLAGS)),,$(scheduled) $(schedules)/link)

# Options for the compiler: cc PROGRAM @build/schedules/link
$(schedules)/link: $(seam) $(schedules)/page.o $(BUILD)/libedo.a tests/schedules/schedules.mk
	$(call quiet,LIST)printf '%s\n' $(wrapped:%=-Wl,--wrap=%) \
	    $(patsubst %,'"%"',$(abspath $(filter %.o %.a,$^))) >$@

# The player, of whose names no program has to know.
$(schedules)/page.o: $(filter-out %/main.o,$(demo))
	@mkdir -p $(@D)
	@rm -f $(@D)/demo.a && $(AR) rcs $(@D)/demo.a $^
	$(call quiet,LINK)$(CC) $(CFLAGS) -r -nostdlib -Wl,-u,player_write -o $@ $(@D)/demo.a
	@objcopy --keep-global-symbol=player_write $@

$(scheduled): $(schedules)/%: $(BUILD)/obj/demo/%.o $(seam) \
    $(addprefix $(BUILD)/obj/demo/lessons/,lesson.o peer.o) $(filter-out %/main.o,$(demo)) $(BUILD)/libedo.a
	@mkdir -p $(@D)
	$(call quiet,LINK)$(CC) $(CFLAGS) $(LDFLAGS) $(wrapped:%=-Wl,--wrap=%) -o $@ $^

$(seam): private INCLUDE = -Itests

-include $(seam:.o=.d)
