/* SPDX-License-Identifier: MIT */
/* company.h - random companies of producers and consumers, and what holds whatever the order is.
 *
 *   producers --send--> a channel --receive--> consumers, of which so many at a time may work
 *
 * Sends and receives are cancelled by timeouts, and tried again. The last producer to end, or
 * rather a task that is notified of each end, closes the channel. Then: each message was received
 * once, those of one producer in their order; there were never more at work than permits; all have
 * ended, and nothing is left. */
#ifndef TESTS_COMPANY_H
#define TESTS_COMPANY_H

/* Makes one as the schedule (schedule.h) chooses, runs it on the virtual clock, and fails the test
 * if it is not so. */
void company_run(int variant);

#endif
