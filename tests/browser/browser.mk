# SPDX-License-Identifier: MIT
# The player in a real browser.

browser := $(BUILD)/browser

axe := $(browser)/node_modules/axe-core/axe.min.js

.PHONY: check-browser

check-browser: $(BUILD)/demo $(lessons) $(browser)/model_steps $(browser)/runs $(axe) ## Run the tests of the player in chromium
	@BUILD=$(BUILD) PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/browser/test_player.py $(ARGS)

# In no package of Debian's. Absent, where npm or its registry is.
$(axe): tests/browser/browser.mk
	@mkdir -p $(browser)
	$(call quiet,NPM)! command -v npm >/dev/null || npm install --prefix $(browser) --no-save --ignore-scripts \
	    --no-audit --no-fund --loglevel=error axe-core@4.14.1 >/dev/null || true
	@[ ! -e $@ ] || touch $@

$(browser)/%: tests/browser/%.c $(filter-out %/main.o,$(demo)) $(BUILD)/libedo.a tests/browser/browser.mk
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) -std=c11 -D_GNU_SOURCE -Ireactor -Idemo $(WARNINGS) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) \
	    -o $@ $(filter %.c %.o %.a,$^)
