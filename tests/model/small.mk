# SPDX-License-Identifier: MIT
# All small programs, to a bound that takes minutes.

.PHONY: check-small

check-small: $(BUILD)/check-edo ## All trees of 4 nodes, 5 where two interact, and 6 operations (EDO_SMALL_NODES=4)
	@EDO_SMALL_NODES=$(or $(EDO_SMALL_NODES),4) CK_RUN_SUITE=small $(BUILD)/check-edo
