# SPDX-License-Identifier: MIT
# The player and the book in a real browser.

browser := $(BUILD)/browser
axe := $(browser)/node_modules/axe-core/axe.min.js
page_scripts := demo/player/player.js demo/book/book.js demo/book/inside.js
# Programs that tell where their timers are in the wheel.
placed := $(patsubst %,$(browser)/placed/%,demo race timeout timeout-in-a-loop interval-vs-drifting-loop \
    blocked-loop cancel-a-tree echo-server)

.PHONY: check-browser lint-js

check-browser: lint-js book $(browser)/model_steps $(browser)/last $(browser)/runs $(placed) $(axe) ## Run the tests of the player and the book in chromium (MUST=1: with all that it needs)
	@BUILD=$(BUILD) MUST=$(MUST) PYTHONDONTWRITEBYTECODE=1 \
	    /usr/bin/python3 -m unittest discover -s tests/browser $(ARGS)

# Each script alone, as in its page. Debian's eslint finds its modules by itself only with Debian's node.
lint-js: ## Look at the scripts of player and book: tsc --checkJs, eslint, if they are here (MUST=1: they are to be)
	@for tool in tsc eslint; do command -v $$tool >/dev/null || \
	    { echo "lint-js: $$tool is not here"; exit $(if $(MUST),1,0); }; done; \
	for script in $(page_scripts); do \
	    tsc --allowJs --checkJs --noEmit --strict --noUnusedLocals --noUnusedParameters --noImplicitReturns \
	        --noFallthroughCasesInSwitch --target es2022 $$script || exit; \
	done; \
	NODE_PATH=/usr/share/nodejs:/usr/lib/nodejs eslint --format unix --no-eslintrc \
	    --config tests/browser/eslint.json $(page_scripts) tests/browser/*.js

# In no package of Debian's. Absent, where npm or its registry is.
$(axe): tests/browser/browser.mk
	@mkdir -p $(browser)
	$(call quiet,NPM)! command -v npm >/dev/null || npm install --prefix $(browser) --no-save --ignore-scripts \
	    --no-audit --no-fund --loglevel=error axe-core@4.14.1 >/dev/null || true
	@[ ! -e $@ ] || touch $@

$(placed): $(browser)/placed/%: $(BUILD)/obj/tests/browser/places.o $(filter-out %/main.o,$(demo)) $(BUILD)/libedo.a
	@mkdir -p $(@D)
	$(call quiet,LINK)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--wrap=edo_record -o $@ $(filter-out %.a,$^) $(BUILD)/libedo.a

$(browser)/placed/demo: $(BUILD)/obj/demo/main.o
$(filter-out %/demo,$(placed)): $(browser)/placed/%: $(BUILD)/obj/demo/lessons/%.o \
    $(BUILD)/obj/demo/lessons/lesson.o $(BUILD)/obj/demo/lessons/peer.o

$(browser)/model_steps $(browser)/last: tests/browser/read_trace.c tests/browser/read_trace.h
$(browser)/%: tests/browser/%.c $(filter-out %/main.o,$(demo)) $(BUILD)/libedo.a tests/browser/browser.mk
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) -std=c11 -D_GNU_SOURCE -Ireactor -Idemo $(WARNINGS) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) \
	    -o $@ $(filter %.c %.o %.a,$^)
