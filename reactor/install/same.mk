# SPDX-License-Identifier: MIT

.PHONY: check-same

check-same: ## Build what is shipped in two folders: the same bytes
	@scripts/check-same
