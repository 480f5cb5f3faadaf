# SPDX-License-Identifier: MIT
# The pool under helgrind, which knows locks: who holds which, and in which order.

told := edo_notice_post edo_remote_take edo_remote_set_awaited

.PHONY: check-helgrind

# Check forks for each test; one with a race exits with 99, which is a failure of it.
check-helgrind: $(BUILD)/helgrind ## Run the tests of the pool under helgrind
	@for suite in offload blocking; do EDO_SMALL=1 EDO_SANITIZED=1 CK_RUN_SUITE=$$suite \
	    valgrind -q --tool=helgrind --fair-sched=try --error-exitcode=99 \
	    --suppressions=tests/helgrind/helgrind.supp $< || exit; done

$(BUILD)/helgrind: $(tests) $(filter-out %/main.o,$(demo)) tests/helgrind/helgrind.c $(BUILD)/libedo.a
	$(call quiet,LINK)$(CC) -std=c11 -D_GNU_SOURCE -Ireactor $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) \
	    $(wrapped:%=-Wl,--wrap=%) $(told:%=-Wl,--wrap=%) -o $@ $^ $(check_libraries)
