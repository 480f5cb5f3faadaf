# SPDX-License-Identifier: MIT
# A program for each loop that is not edo's, with a runtime as its guest.

loops := $(BUILD)/loops
loop_names := sd_event glib libuv
package_sd_event := libsystemd
package_glib := glib-2.0
package_libuv := libuv
loop_compile = $(CC) -std=c11 -D_GNU_SOURCE -Ireactor $(WARNINGS) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS)

# For lint: not the programs whose headers aren't here.
loop_header_sd_event := systemd/sd-event.h
loop_header_glib := glib-2.0/glib.h
loop_header_libuv := uv.h
sources := $(filter-out $(foreach loop,$(loop_names),\
    $(if $(wildcard /usr/include/$(loop_header_$(loop))),,%/loops/$(loop).c)),$(sources))

.PHONY: check-loops

check-loops: $(loop_names:%=$(loops)/%) ## Run edo in the loops of sd-event, GLib and libuv, if they are here (MUST=1: they are to be)
	@status=0; for loop in $^; do \
	    [ -x $$loop ] || { echo "$${loop##*/}: its library is not here"; status=$(if $(MUST),1,$$status); continue; }; \
	    for driver in fd wheel; do $$loop $$driver || status=1; done; done; exit $$status

# One whose library is absent isn't there afterwards.
$(loop_names:%=$(loops)/%): $(loops)/%: tests/loops/%.c tests/loops/scenario.c $(BUILD)/libedo.a tests/loops/scenario.h tests/loops/loops.mk
	@mkdir -p $(@D) && rm -f $@
	$(call quiet,CC)! pkg-config --exists $(package_$*) || $(loop_compile) -o $@ $(filter %.c %.a,$^) \
	    $$(pkg-config --cflags --libs $(package_$*)) -pthread
