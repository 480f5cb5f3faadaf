# SPDX-License-Identifier: MIT
# All small programs, to a bound that takes minutes.

.PHONY: check-small

check-small: ## Run all small programs: trees of 4 nodes, 5 where two interact, and 6 operations (EDO_SMALL_NODES=4)
	@$(MAKE) --no-print-directory $(BUILD)/small/check-edo BUILD=$(BUILD)/small CFLAGS='-O2 -g'
	@EDO_SMALL_NODES=$(or $(EDO_SMALL_NODES),4) CK_RUN_SUITE=small $(BUILD)/small/check-edo
