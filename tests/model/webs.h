/* SPDX-License-Identifier: MIT */
/* webs.h - random webs of tasks that wait for each other, also in circles, and what holds whatever
 * the web is.
 *
 *   each task: a join or a race of what it waits for: time, time under a shield, another task or
 *   itself, a permit, room or a message in a channel, a notify, members; some with a timeout around
 *   it; some a group, whose members are tasks behind it
 *
 * Tasks and wakers cancel others, cancel the members of a group, notify, close the channel, spawn.
 * The executor may be closed at any time. Then: no cancel stays pending for ever, no member
 * outlives its group, a close ends all, and no permit and no message is lost or there twice. */
#ifndef TESTS_WEBS_H
#define TESTS_WEBS_H

/* Makes one as the schedule (schedule.h) chooses, runs it on the virtual clock, and fails the test
 * if it is not so. What never returns is killed by a signal when it has had its share of the CPU.
 */
void web_run(int variant);

#endif
