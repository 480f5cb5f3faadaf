# SPDX-License-Identifier: MIT
# The runtime for other projects: installed, or as one file. Packagers set PREFIX, LIBDIR, DESTDIR,
# CC, AR, CFLAGS, CPPFLAGS and LDFLAGS.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=

# The one place that says the version is edo.h. While it is 0.x, each minor version has an ABI of its
# own, and so a name of its own for the loader.
version := $(shell sed -n 's/^.define EDO_VERSION "\(.*\)"/\1/p' reactor/edo.h)
abi := $(if $(filter 0.%,$(version)),$(basename $(version)),$(firstword $(subst ., ,$(version))))

# Built as users mean it to be, or else fast, without asserts, and with what a debugger needs.
ship := $(BUILD)/ship
shipped_cflags := $(if $(filter file,$(origin CFLAGS)),-O2 -g -DNDEBUG,$(CFLAGS))
shipped := libedo.a libedo.so edo.h edo.pc edoConfig.cmake edoConfigVersion.cmake

.PHONY: shipped install uninstall dist

shipped:
	@$(MAKE) --no-print-directory BUILD=$(ship) CFLAGS='$(shipped_cflags)' $(shipped:%=$(ship)/%)

# mode, file, and where it goes
define installed
644 $(ship)/edo.h $(PREFIX)/include/edo/edo.h
644 $(ship)/libedo.a $(LIBDIR)/libedo.a
755 $(ship)/libedo.so $(LIBDIR)/libedo.so.$(version)
644 $(ship)/edo.pc $(LIBDIR)/pkgconfig/edo.pc
644 $(ship)/edoConfig.cmake $(LIBDIR)/cmake/edo/edoConfig.cmake
644 $(ship)/edoConfigVersion.cmake $(LIBDIR)/cmake/edo/edoConfigVersion.cmake
644 scripts/edo-gdb.py $(PREFIX)/share/edo/edo-gdb.py
644 scripts/edo-gdb.py $(PREFIX)/share/gdb/auto-load$(LIBDIR)/libedo.so.$(version)-gdb.py
644 scripts/peek-tasks.py $(PREFIX)/share/edo/peek-tasks.py
755 scripts/peek $(PREFIX)/bin/edo-peek
755 scripts/strace-story $(PREFIX)/bin/edo-strace
endef
install uninstall: export installed := $(installed)

# The man pages are those that `make man` makes.
install: shipped ## Install the runtime (PREFIX=/usr/local LIBDIR=PREFIX/lib DESTDIR=)
	@! $(MAKE) -n man >/dev/null 2>&1 || $(MAKE) --no-print-directory man
	@set -e; { echo "$$installed" && for page in $(BUILD)/man/man[37]/*.[37]; do [ ! -e $$page ] || \
	    echo "644 $$page $(PREFIX)/share$${page#$(BUILD)}"; done; } | while read -r mode file place; do \
	    install -D -m $$mode $$file "$(DESTDIR)$$place"; done
	@ln -sf libedo.so.$(version) "$(DESTDIR)$(LIBDIR)/libedo.so.$(abi)"
	@ln -sf libedo.so.$(abi) "$(DESTDIR)$(LIBDIR)/libedo.so"
	@[ -n "$(DESTDIR)" ] || ldconfig 2>/dev/null || true
	@echo "  INSTALL	edo $(version) below $(DESTDIR)$(PREFIX)"

uninstall: ## Remove what `make install` of this version has put there
	@echo "$$installed" | while read -r mode file place; do rm -f "$(DESTDIR)$$place"; done
	@cd "$(DESTDIR)$(LIBDIR)" && rm -f libedo.so.$(abi) libedo.so
	@rm -f "$(DESTDIR)$(PREFIX)/share/man/man3/"edo*.3 "$(DESTDIR)$(PREFIX)/share/man/man7/edo.7"
	@rmdir "$(DESTDIR)$(PREFIX)/include/edo" "$(DESTDIR)$(PREFIX)/share/edo" \
	    "$(DESTDIR)$(LIBDIR)/cmake/edo" 2>/dev/null || true

shared := $(runtime:$(BUILD)/obj/%=$(BUILD)/shared/%)

# The node of the symbols has the ABI in its name, so that two versions can live in one process.
$(BUILD)/libedo.so: $(shared) $(BUILD)/flags
	@echo 'EDO_$(abi) { global: edo_*; local: *; };' >$(BUILD)/edo.map
	$(call quiet,LINK)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,libedo.so.$(abi) \
	    -Wl,--version-script=$(BUILD)/edo.map -o $@ $(shared)

$(BUILD)/shared/%.o: %.c Makefile $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(compile) -fPIC -c -o $@ $<

# Always anew, since PREFIX may be another one.
$(BUILD)/edo.pc $(BUILD)/edoConfig.cmake $(BUILD)/edoConfigVersion.cmake: $(BUILD)/%: reactor/install/%.in FORCE
	@sed 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(version)|; s|@ABI@|$(abi)|' $< >$@

$(BUILD)/edo.h: scripts/amalgamate $(wildcard reactor/*.h reactor/*/*) reactor/LICENSE
	@mkdir -p $(@D)
	$(call quiet,WRITE)scripts/amalgamate $(BUILD)

-include $(shared:.o=.d)
