# SPDX-License-Identifier: MIT
# Debian's packages.

.PHONY: deb

deb: dist ## Make Debian's packages, and have lintian look at them: build/deb (scripts/deps debhelper dpkg-dev lintian)
	@scripts/make-deb $(tarball) $(BUILD)/deb
