# SPDX-License-Identifier: MIT
# The runtime for other projects: installed, or as one file. Packagers set PREFIX, LIBDIR, DESTDIR,
# CC, AR, CFLAGS, CPPFLAGS and LDFLAGS.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=

# What is installed names these folders to others, whose own folder is another one.
absolute = $(if $(filter /%,$(firstword $(1))),$(1),$(if $(strip $(1)),$(shell realpath -ms -- "$(1)")))
override PREFIX := $(call absolute,$(PREFIX))
override LIBDIR := $(call absolute,$(LIBDIR))

# Only edo.h says the version. While it is 0.x, each minor version has an ABI of its own, and so a
# name of its own for the loader.
version := $(shell sed -n 's/^.define EDO_VERSION "\(.*\)"/\1/p' reactor/edo.h)
abi := $(if $(filter 0.%,$(version)),$(basename $(version)),$(firstword $(subst ., ,$(version))))

# Built as users mean it to be, or else fast, hardened where that costs little, without asserts, and
# with what a debugger needs, except where it was built: that would not be the same bytes everywhere.
ship := $(BUILD)/ship
shipped_cflags := $(if $(filter file,$(origin CFLAGS)),-O2 -g -DNDEBUG $(fortify) -ffile-prefix-map="$$$$PWD"=.,$(CFLAGS))
shipped_ldflags := $(or $(LDFLAGS),$(relro))
shipped := libedo.a libedo.so edo.h edo.pc edoConfig.cmake edoConfigVersion.cmake

.PHONY: shipped install uninstall dist check-ways check-one-file check-abi

shipped:
	@$(MAKE) --no-print-directory BUILD=$(ship) CFLAGS='$(shipped_cflags)' \
	    LDFLAGS='$(shipped_ldflags)' $(shipped:%=$(ship)/%)

# A mode, the file, and where it goes; or what a link points to.
define installed
644 $(ship)/edo.h $(PREFIX)/include/edo/edo.h
644 $(ship)/libedo.a $(LIBDIR)/libedo.a
755 $(ship)/libedo.so $(LIBDIR)/libedo.so.$(version)
link libedo.so.$(version) $(LIBDIR)/libedo.so.$(abi)
link libedo.so.$(abi) $(LIBDIR)/libedo.so
644 $(ship)/edo.pc $(LIBDIR)/pkgconfig/edo.pc
644 $(ship)/edoConfig.cmake $(LIBDIR)/cmake/edo/edoConfig.cmake
644 $(ship)/edoConfigVersion.cmake $(LIBDIR)/cmake/edo/edoConfigVersion.cmake
644 scripts/edo-gdb.py $(PREFIX)/share/edo/edo-gdb.py
644 scripts/edo-gdb.py $(PREFIX)/share/gdb/auto-load$(LIBDIR)/libedo.so.$(version)-gdb.py
644 scripts/peek-tasks.py $(PREFIX)/share/edo/peek-tasks.py
755 scripts/peek $(PREFIX)/bin/edo-peek
755 scripts/strace-story $(PREFIX)/bin/edo-strace
644 reactor/LICENSE $(PREFIX)/share/doc/edo/LICENSE
644 $(ship)/installed $(PREFIX)/share/edo/installed
endef
install: export installed := $(installed)

# With the man pages, where there is a `make man` that can make them.
install: shipped ## Install the runtime (PREFIX=/usr/local LIBDIR=PREFIX/lib DESTDIR=)
	@! $(MAKE) -n man >/dev/null 2>&1 || $(MAKE) --no-print-directory man || echo '  no man pages'
	@echo "$$installed" >$(ship)/installed
	@for page in $(BUILD)/man/man[137]/*.[137]; do [ ! -e $$page ] || \
	    echo "644 $$page $(PREFIX)/share$${page#$(BUILD)}"; done >>$(ship)/installed
	@set -e; while read -r mode file place; do case $$mode in \
	    link) ln -sf $$file "$(DESTDIR)$$place" ;; \
	    *) install -D -m $$mode $$file "$(DESTDIR)$$place" ;; esac; done <$(ship)/installed
	@[ -n "$(DESTDIR)" ] || PATH="$$PATH:/usr/sbin:/sbin" ldconfig 2>/dev/null || true
	@echo "  INSTALL	edo $(version) below $(DESTDIR)$(PREFIX)"

# The list of what is there goes last: if something can't be removed, this can be done again.
uninstall: ## Remove what the last `make install` has put there (PREFIX=, DESTDIR=)
	@[ -r "$(DESTDIR)$(PREFIX)/share/edo/installed" ] || \
	    { echo "uninstall: no edo is installed below $(DESTDIR)$(PREFIX)" >&2; exit 1; }
	@set -e; list="$(DESTDIR)$(PREFIX)/share/edo/installed"; while read -r mode file place; do \
	    place="$(DESTDIR)$$place"; [ "$$place" -ef "$$list" ] || rm -f "$$place"; folder=$${place%/*}; \
	    [ "$${folder##*/}" != edo ] || rmdir "$$folder" 2>/dev/null || true; done <"$$list"; \
	    rm "$$list"; rmdir "$${list%/*}" 2>/dev/null || true
	@echo "  REMOVE	edo below $(DESTDIR)$(PREFIX)"

shared := $(runtime:$(BUILD)/obj/%=$(BUILD)/shared/%)

# The node of the symbols has the ABI in its name, so that two versions can live in one process.
$(BUILD)/libedo.so: $(shared) $(BUILD)/flags
	@echo 'EDO_$(abi) { global: edo_*; local: *; };' >$(BUILD)/edo.map
	$(call quiet,LINK)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,libedo.so.$(abi) \
	    -Wl,--version-script=$(BUILD)/edo.map -o $@ $(shared)

$(BUILD)/shared/%.o: %.c Makefile reactor/install/install.mk $(BUILD)/flags
	@mkdir -p $(@D)
	$(call quiet,CC)$(compile) -fPIC -fvisibility=hidden -include $(BUILD)/public.h -c -o $@ $<

# What edo.h declares can be seen from outside, and nothing else.
$(shared): | $(BUILD)/public.h
$(BUILD)/public.h:
	@mkdir -p $(@D)
	@printf '%s\n' '#pragma GCC visibility push(default)' '#include <edo.h>' \
	    '#pragma GCC visibility pop' >$@

# Always anew, since PREFIX may be another one.
templates := edo.pc edoConfig.cmake edoConfigVersion.cmake
$(templates:%=$(BUILD)/%): $(BUILD)/%: reactor/install/%.in FORCE
	@sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|' \
	    -e 's|@VERSION@|$(version)|; s|@ABI@|$(abi)|' $< >$@

$(BUILD)/edo.h: scripts/amalgamate $(wildcard reactor/*.h reactor/*/*) reactor/LICENSE
	@mkdir -p $(@D)
	$(call quiet,WRITE)scripts/amalgamate $(BUILD)

-include $(shared:.o=.d)

# What the project is, without what is made of it; with meson.build at the root, where a wrap needs
# it. The same files make the same bytes, whenever and by whom.
dist := $(BUILD)/dist
tarball := $(dist)/edo-$(version).tar.gz
tarball_files := .ci .clang-format .clang-tidy .editorconfig .gitignore Makefile README.md \
    reactor demo scripts tests

dist: ## Write build/dist/: edo.h and edo.c, a tarball, a wrap for Meson (URL=where it will be)
	@rm -rf $(dist) && mkdir -p $(dist) && scripts/amalgamate $(dist)
	@tar -c --format=ustar --sort=name --owner=0 --group=0 --numeric-owner --mode=u+w,go=rX \
	    --mtime=@$(or $(SOURCE_DATE_EPOCH),946684800) --hard-dereference --exclude=__pycache__ \
	    --transform='flags=r;s|^|edo-$(version)/|' -f $(dist)/edo.tar $(tarball_files) -C reactor meson.build
	@gzip -9n <$(dist)/edo.tar >$(tarball) && rm $(dist)/edo.tar
	@sed "s|@VERSION@|$(version)|; s|@HASH@|$$(sha256sum <$(tarball) | cut -d' ' -f1)|; \
	    s|@URL@|$(or $(URL),file://$(abspath $(dist)))|" reactor/install/edo.wrap.in >$(dist)/edo.wrap

# The suites of the runtime, without those of the demo and the scripts; and not that of schedules,
# since in one file nothing gets between executor and task.
runtime_suites = $(filter-out schedules,$(shell sed -n 's/.* = suite_create("\(.*\)");/\1/p' \
    $(patsubst %,tests/%/*.c,$(filter-out e2e,$(suites)))))
one_file := $(BUILD)/one-file

check-one-file: $(one_file)/check-edo ## Run the runtime's tests, but those under schedules, on edo.c instead of the library
	@printf '%s\n' $(runtime_suites) | xargs -P $$(nproc) -I @ sh -c \
	    'said=$$(CK_RUN_SUITE=@ $< 2>&1); status=$$?; echo "$$said"; exit $$status'

$(one_file)/check-edo: $(tests) $(filter-out %/main.o,$(demo)) $(one_file)/edo.o
	$(call quiet,LINK)$(CC) $(CFLAGS) $(LDFLAGS) $(wrapped:%=-Wl,--wrap=%) -o $@ $^ \
	    $$(pkg-config --libs check)

# Alone, so without the folder of the headers.
$(one_file)/edo.o: $(BUILD)/edo.h
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) -std=c11 $(WARNINGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $(BUILD)/edo.c

check-ways: ## Check each way to use edo in another project (ARGS='cmake meson', MUST=1)
	@MUST=$(MUST) scripts/check-ways $(ARGS)

check-abi: ## Has the version moved, if the ABI has? Beside the last release (ARGS=COMMIT, MUST=1)
	@MUST=$(MUST) scripts/check-abi $(ARGS)
