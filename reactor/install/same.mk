# SPDX-License-Identifier: MIT

.PHONY: check-same

check-same: ## Build what is shipped in two folders, and compare every byte
	@scripts/check-same
