# SPDX-License-Identifier: MIT
# The runtime broken in every small way, one at a time: do the tests notice?

# What nobody has written to is full of dirt, so that an init that forgets a field is seen.
mutants: export CFLAGS = -O0 -g -ftrivial-auto-var-init=pattern

.PHONY: mutants

mutants: ## Break reactor/ in every small way and see which test notices (SAMPLE=60 SEED=1; PIECE=60 minutes; AGAIN=1)
	@scripts/deps --missing python3 pkg-config check
	@BUILD=$(BUILD) COMPILE='$(compile)' LINK='$(CC) $(CFLAGS) $(LDFLAGS) $(wrapped:%=-Wl,--wrap=%)' \
	    OBJECTS='$(patsubst $(BUILD)/%,build/%,$(tests) $(filter-out %/main.o,$(demo)))' \
	    SAMPLE='$(SAMPLE)' SEED='$(SEED)' PIECE='$(PIECE)' AGAIN='$(AGAIN)' scripts/mutants $(ARGS)
