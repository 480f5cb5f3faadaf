# SPDX-License-Identifier: MIT
# What CBMC and Spin prove (tests/proof/README.md).

# For lint: clang-tidy knows nothing of what CBMC brings.
sources := $(filter-out tests/proof/%,$(sources))

.PHONY: prove

prove: ## Prove what can be proved, with CBMC 6 (FAST=1: what ends soon; ARGS=wheel)
	@BUILD=$(BUILD) scripts/prove $(if $(FAST),--fast) $(ARGS)
