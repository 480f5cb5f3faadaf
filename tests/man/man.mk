# SPDX-License-Identifier: MIT
# The man pages, and the programs that are their examples.

man_examples := $(patsubst tests/man/%.c,$(BUILD)/examples/%,$(wildcard tests/man/*.c))

.PHONY: man check-man

man: ## Make the man pages, of the headers and of reactor/README.md: build/man
	@scripts/deps --missing python3
	@scripts/make-man $(BUILD)/man

check-man: man $(man_examples) ## Hold the man pages to all that is public, run their examples, lint them by mandoc (MUST=1: it is to be here)
	@MUST=$(MUST) scripts/check-man $(BUILD)/man $(BUILD)/examples

$(man_examples): $(BUILD)/examples/%: tests/man/%.c $(BUILD)/libedo.a $(wildcard reactor/*.h reactor/*/*.h) tests/man/man.mk
	@mkdir -p $(@D)
	$(call quiet,CC)$(CC) -std=c11 -D_GNU_SOURCE -Ireactor $(WARNINGS) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ \
	    $< $(BUILD)/libedo.a -pthread
