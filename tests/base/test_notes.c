/* SPDX-License-Identifier: MIT */
/* The notes of a trace: each system call of the reactor, as it was made and as it ended. */
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../../reactor/base/record.h"
#include "../../reactor/kernel/timer_driver.h"
#include "helper.h"
#include "suites.h"
#include "wrap.h"

enum { CAPACITY = 64 };

/* A reactor whose calls are noted. Its first fd is the lowest that is free; here that one is 0, and
 * so on: the text of the notes doesn't depend on what else is open. */
struct noted {
    struct edo_trace_event events[CAPACITY];
    struct edo_trace_note notes[CAPACITY];
    struct edo_trace trace;
    struct edo_timer_wheel wheel;
    struct edo_reactor reactor;
    struct edo_reactor_options options;
    int first_fd;
    char text[2048];
};

static void noted_init(struct noted *noted, const struct edo_timer_driver *timers, bool is_virtual)
{
    edo_trace_init(&noted->trace, noted->events, CAPACITY);
    edo_trace_keep_notes(&noted->trace, noted->notes, CAPACITY);
    noted->options = (struct edo_reactor_options){.timers = timers,
                                                  .timer_state = &noted->wheel,
                                                  .is_virtual = is_virtual,
                                                  .trace = &noted->trace};
    noted->first_fd = dup(STDERR_FILENO);
    close(noted->first_fd);
}

static void noted_open(struct noted *noted, const struct edo_timer_driver *timers, bool is_virtual)
{
    noted_init(noted, timers, is_virtual);
    ck_assert_int_eq(edo_reactor_open(&noted->reactor, &noted->options), 0);
}

static bool makes_fd(const struct edo_trace_note *note)
{
    return strstr("epoll_create1 eventfd timerfd_create", note->name) != NULL;
}

/* "name(fd, how, arg) = result" for each note since the last time, "-" where there is no fd. */
static const char *notes_of(struct noted *noted)
{
    char *at = noted->text;

    *at = '\0';
    for (size_t i = 0; i < edo_trace_note_count(&noted->trace); i++) {
        const struct edo_trace_note *note = edo_trace_note_at(&noted->trace, i);
        bool is_fd = makes_fd(note) && note->result >= 0;
        char fd[16] = "-";

        if (note->fd != -1)
            sprintf(fd, "%d", note->fd - noted->first_fd);
        at += sprintf(at, "%s(%s, %d, %llu) = %d\n", note->name, fd, note->how,
                      (unsigned long long)note->arg,
                      is_fd ? note->result - noted->first_fd : note->result);
    }
    noted->trace.noted = 0;
    return noted->text;
}

static void ignore(void *data, struct edo_cause cause)
{
    (void)data;
    (void)cause;
}

static const struct edo_waker ignoring = {ignore, NULL};

START_TEST(a_timerfd_is_made_set_added_read_removed_and_closed)
{
    struct noted noted;
    struct edo_source source;
    char expected[512];

    noted_open(&noted, &edo_timer_fd, false);
    ck_assert_str_eq(notes_of(&noted), "epoll_create1(-, 0, 0) = 0\n");
    edo_source_init(&source);
    edo_reactor_arm_for(&noted.reactor, &source, EDO_MS(1), ignoring);
    ck_assert_str_eq(notes_of(&noted), "timerfd_create(-, 0, 0) = 1\n"
                                       "timerfd_settime(1, 0, 1000000) = 0\n"
                                       "epoll_ctl(1, 1, 1) = 0\n");
    ck_assert_int_eq(edo_reactor_react(&noted.reactor, EDO_WAIT), 1);
    ck_assert_str_eq(notes_of(&noted), "epoll_wait(-, -1, 0) = 1\n"
                                       "read(1, 0, 0) = 8\n"
                                       "epoll_ctl(1, 2, 0) = 0\n"
                                       "close(1, 0, 0) = 0\n");
    edo_reactor_arm_until(&noted.reactor, &source, EDO_NEVER - 1, ignoring);
    sprintf(expected,
            "timerfd_create(-, 0, 0) = 1\n"
            "timerfd_settime(1, %d, %llu) = 0\n"
            "epoll_ctl(1, 1, 2) = 0\n",
            TFD_TIMER_ABSTIME, (unsigned long long)(EDO_NEVER - 1));
    ck_assert_str_eq(notes_of(&noted), expected);
    edo_source_disarm(&source);
    ck_assert_str_eq(notes_of(&noted), "epoll_ctl(1, 2, 0) = 0\n"
                                       "close(1, 0, 0) = 0\n");
    ck_assert_int_eq(edo_reactor_react(&noted.reactor, EDO_NO_WAIT), 0);
    ck_assert_str_eq(notes_of(&noted), "epoll_wait(-, 0, 0) = 0\n");
    edo_reactor_close(&noted.reactor);
    ck_assert_str_eq(notes_of(&noted), "close(0, 0, 0) = 0\n");
}
END_TEST

/* Also one that was armed with a duration: it was given a deadline since. */
START_TEST(a_timer_that_is_moved_has_its_timerfd_set_to_a_deadline)
{
    struct noted noted;
    struct edo_source source;
    char expected[256];

    noted_open(&noted, &edo_timer_fd, false);
    edo_source_init(&source);
    edo_reactor_arm_for(&noted.reactor, &source, EDO_S(60), ignoring);
    notes_of(&noted);
    edo_source_rearm_until(&source, EDO_NEVER - 1);
    sprintf(expected,
            "epoll_ctl(1, 2, 0) = 0\n"
            "close(1, 0, 0) = 0\n"
            "timerfd_create(-, 0, 0) = 1\n"
            "timerfd_settime(1, %d, %llu) = 0\n"
            "epoll_ctl(1, 1, 2) = 0\n",
            TFD_TIMER_ABSTIME, (unsigned long long)(EDO_NEVER - 1));
    ck_assert_str_eq(notes_of(&noted), expected);
    edo_reactor_close(&noted.reactor);
}
END_TEST

START_TEST(on_a_virtual_clock_no_timerfd_is_set_or_read)
{
    struct noted noted;
    struct edo_source source;

    noted_open(&noted, &edo_timer_fd, true);
    notes_of(&noted);
    edo_source_init(&source);
    edo_reactor_arm_for(&noted.reactor, &source, EDO_MS(1), ignoring);
    ck_assert_str_eq(notes_of(&noted), "timerfd_create(-, 0, 0) = 1\n"
                                       "epoll_ctl(1, 1, 1) = 0\n");
    ck_assert_int_eq(edo_reactor_react(&noted.reactor, EDO_WAIT), 1);
    ck_assert_str_eq(notes_of(&noted), "epoll_ctl(1, 2, 0) = 0\n"
                                       "close(1, 0, 0) = 0\n");
    edo_reactor_close(&noted.reactor);
}
END_TEST

/* What was made is closed again; of the failed call the error is noted, and no later call. */
START_TEST(an_arming_that_fails_is_noted_up_to_there)
{
    static const enum wrapped calls[] = {CALL_TIMERFD_CREATE, CALL_TIMERFD_SETTIME, CALL_EPOLL_ADD};
    static const char *const expected[] = {"timerfd_create(-, 0, 0) = -12\n",
                                           "timerfd_create(-, 0, 0) = 1\n"
                                           "timerfd_settime(1, 0, 1000000) = -12\n"
                                           "close(1, 0, 0) = 0\n",
                                           "timerfd_create(-, 0, 0) = 1\n"
                                           "timerfd_settime(1, 0, 1000000) = 0\n"
                                           "epoll_ctl(1, 1, 1) = -12\n"
                                           "close(1, 0, 0) = 0\n"};
    struct noted noted;
    struct edo_source source;

    noted_open(&noted, &edo_timer_fd, false);
    notes_of(&noted);
    edo_source_init(&source);
    wrap_begin(calls[_i], 1, 1, ENOMEM);
    ck_assert_int_eq(edo_reactor_arm_for(&noted.reactor, &source, EDO_MS(1), ignoring), -ENOMEM);
    wrap_end();
    ck_assert_str_eq(notes_of(&noted), expected[_i]);
    edo_reactor_close(&noted.reactor);
}
END_TEST

/* The wheel's time goes on; a timer that gets a later deadline stays in its slot. */
START_TEST(of_a_wheel_the_time_is_noted_and_who_stays)
{
    struct noted noted;
    struct edo_source source;

    noted_open(&noted, &edo_timer_wheel, true);
    ck_assert_str_eq(notes_of(&noted), "epoll_create1(-, 0, 0) = 0\n"
                                       "wheel(-, 0, 0) = 0\n"
                                       "timerfd_create(-, 0, 0) = 1\n"
                                       "epoll_ctl(1, 1, 0) = 0\n");
    edo_source_init(&source);
    edo_reactor_arm_for(&noted.reactor, &source, 100, ignoring);
    edo_source_rearm_until(&source, 130);
    ck_assert_str_eq(notes_of(&noted), "stays(-, 0, 64) = 0\n");
    edo_source_rearm_until(&source, 1); /* to another slot */
    ck_assert_str_eq(notes_of(&noted), "");
    ck_assert_int_eq(edo_reactor_react(&noted.reactor, EDO_WAIT), 1);
    ck_assert_str_eq(notes_of(&noted), "wheel(-, 0, 1) = 0\n"
                                       "wheel(-, 0, 1) = 0\n");
    edo_reactor_close(&noted.reactor);
    ck_assert_str_eq(notes_of(&noted), "epoll_ctl(1, 2, 0) = 0\n"
                                       "close(1, 0, 0) = 0\n"
                                       "close(0, 0, 0) = 0\n");
}
END_TEST

static const struct edo_trace_note *find_note(const struct noted *noted, const char *name)
{
    for (size_t i = 0; i < edo_trace_note_count(&noted->trace); i++)
        if (strcmp(edo_trace_note_at(&noted->trace, i)->name, name) == 0)
            return edo_trace_note_at(&noted->trace, i);
    ck_abort_msg("no note of %s", name);
    return NULL;
}

START_TEST(the_wheel_s_timerfd_is_set_to_a_deadline_or_to_nothing)
{
    struct noted noted;
    struct edo_source source;
    const struct edo_trace_note *note;

    noted_open(&noted, &edo_timer_wheel, false);
    edo_source_init(&source);
    edo_reactor_arm_for(&noted.reactor, &source, EDO_MS(100), ignoring);
    notes_of(&noted);
    ck_assert_int_eq(edo_reactor_react(&noted.reactor, EDO_WAIT), 1);
    note = find_note(&noted, "timerfd_settime");
    ck_assert_int_eq(note->fd - noted.first_fd, 1);
    ck_assert_int_eq(note->how, TFD_TIMER_ABSTIME);
    ck_assert_uint_eq(note->arg, source.due_ns);
    ck_assert_int_eq(note->result, 0);
    notes_of(&noted);
    edo_source_init(&source);
    edo_reactor_wait(&noted.reactor, &source, -1, ignoring);
    edo_reactor_prepare(&noted.reactor); /* the thread would sleep, and for no timer */
    note = find_note(&noted, "timerfd_settime");
    ck_assert_int_eq(note->how, TFD_TIMER_ABSTIME);
    ck_assert_uint_eq(note->arg, 0);
    edo_reactor_close(&noted.reactor);
}
END_TEST

START_TEST(an_opening_that_fails_is_noted_up_to_there)
{
    static const enum wrapped calls[] = {CALL_EPOLL_CREATE, CALL_TIMERFD_CREATE, CALL_EPOLL_ADD};
    static const char *const expected[] = {"epoll_create1(-, 0, 0) = -12\n",
                                           "epoll_create1(-, 0, 0) = 0\n"
                                           "wheel(-, 0, 0) = 0\n"
                                           "timerfd_create(-, 0, 0) = -12\n"
                                           "close(0, 0, 0) = 0\n",
                                           "epoll_create1(-, 0, 0) = 0\n"
                                           "wheel(-, 0, 0) = 0\n"
                                           "timerfd_create(-, 0, 0) = 1\n"
                                           "epoll_ctl(1, 1, 0) = -12\n"
                                           "close(1, 0, 0) = 0\n"
                                           "close(0, 0, 0) = 0\n"};
    struct noted noted;

    noted_init(&noted, &edo_timer_wheel, true);
    wrap_begin(calls[_i], 1, 1, ENOMEM);
    ck_assert_int_eq(edo_reactor_open(&noted.reactor, &noted.options), -ENOMEM);
    wrap_end();
    ck_assert_str_eq(notes_of(&noted), expected[_i]);
}
END_TEST

START_TEST(a_watched_fd_is_added_and_removed_under_its_id)
{
    struct noted noted;
    struct edo_source source;
    int fd;

    noted_open(&noted, &edo_timer_fd, false);
    notes_of(&noted);
    fd = eventfd(1, EFD_CLOEXEC);
    edo_source_init(&source);
    edo_reactor_watch(&noted.reactor, &source, fd, EPOLLIN, ignoring);
    ck_assert_str_eq(notes_of(&noted), "epoll_ctl(1, 1, 1) = 0\n");
    ck_assert_int_eq(edo_reactor_react(&noted.reactor, EDO_WAIT), 1);
    ck_assert_str_eq(notes_of(&noted), "epoll_wait(-, -1, 0) = 1\n"
                                       "epoll_ctl(1, 2, 0) = 0\n");
    edo_reactor_watch(&noted.reactor, &source, fd, EPOLLIN, ignoring);
    close(fd);
    notes_of(&noted);
    edo_source_disarm(&source);
    ck_assert_str_eq(notes_of(&noted), "epoll_ctl(1, 2, 0) = -9\n");
    ck_assert_int_eq(edo_reactor_watch(&noted.reactor, &source, fd, EPOLLIN, ignoring), -EBADF);
    ck_assert_str_eq(notes_of(&noted), "epoll_ctl(1, 1, 3) = -9\n");
    edo_reactor_close(&noted.reactor);
}
END_TEST

START_TEST(a_read_and_a_wait_that_fail_are_noted_with_the_error)
{
    struct noted noted;
    struct edo_source source;

    noted_open(&noted, &edo_timer_fd, false);
    edo_source_init(&source);
    edo_reactor_arm_for(&noted.reactor, &source, EDO_US(1), ignoring);
    notes_of(&noted);
    wrap_begin(CALL_EPOLL_WAIT, 1, 1, EINTR);
    edo_reactor_react(&noted.reactor, EDO_WAIT);
    wrap_end();
    ck_assert_str_eq(notes_of(&noted), "epoll_wait(-, -1, 0) = -4\n"
                                       "epoll_wait(-, -1, 0) = 1\n"
                                       "read(1, 0, 0) = 8\n"
                                       "epoll_ctl(1, 2, 0) = 0\n"
                                       "close(1, 0, 0) = 0\n");
    edo_reactor_arm_for(&noted.reactor, &source, EDO_US(1), ignoring);
    notes_of(&noted);
    wrap_begin(CALL_READ, 1, 1, EIO);
    ck_assert_int_eq(edo_reactor_react(&noted.reactor, EDO_WAIT), 1);
    wrap_end();
    ck_assert_int_eq(source.result, -EIO);
    ck_assert_str_eq(notes_of(&noted), "epoll_wait(-, -1, 0) = 1\n"
                                       "read(1, 0, 0) = -5\n"
                                       "epoll_ctl(1, 2, 0) = 0\n"
                                       "close(1, 0, 0) = 0\n");
    edo_reactor_close(&noted.reactor);
}
END_TEST

START_TEST(of_a_remote_its_eventfd_is_noted)
{
    struct noted noted;
    struct edo_remote remote;

    noted_open(&noted, &edo_timer_fd, false);
    notes_of(&noted);
    ck_assert_int_eq(edo_remote_open(&remote, &noted.reactor), 0);
    edo_remote_close(&remote);
    ck_assert_str_eq(notes_of(&noted), "eventfd(-, 0, 0) = 1\n"
                                       "epoll_ctl(1, 1, 1) = 0\n"
                                       "epoll_ctl(1, 2, 0) = 0\n"
                                       "close(1, 0, 0) = 0\n");
    wrap_begin(CALL_EVENTFD, 1, 1, ENOMEM);
    ck_assert_int_eq(edo_remote_open(&remote, &noted.reactor), -ENOMEM);
    wrap_begin(CALL_EPOLL_ADD, 1, 1, ENOMEM);
    ck_assert_int_eq(edo_remote_open(&remote, &noted.reactor), -ENOMEM);
    wrap_end();
    ck_assert_str_eq(notes_of(&noted), "eventfd(-, 0, 0) = -12\n"
                                       "eventfd(-, 0, 0) = 1\n"
                                       "epoll_ctl(1, 1, 2) = -12\n"
                                       "close(1, 0, 0) = 0\n");
    edo_reactor_close(&noted.reactor);
}
END_TEST

/* As an executor closes: its tasks let go of what they hold while the epoll set is still open. */
START_TEST(a_timerfd_is_taken_out_of_the_epoll_set_before_that_is_closed)
{
    struct noted noted;

    noted_open(&noted, &edo_timer_wheel, false);
    notes_of(&noted);
    edo_reactor_detach(&noted.reactor);
    edo_reactor_close(&noted.reactor);
    ck_assert_str_eq(notes_of(&noted), "epoll_ctl(1, 2, 0) = 0\n"
                                       "close(1, 0, 0) = 0\n"
                                       "close(0, 0, 0) = 0\n");
}
END_TEST

/* IO11: in a program that was started without stdin. */
START_TEST(the_epoll_set_may_be_fd_0)
{
    struct noted noted;

    close(STDIN_FILENO);
    noted_init(&noted, &edo_timer_fd, false);
    ck_assert_int_eq(noted.first_fd, 0);
    errno = EIO; /* of something before */
    ck_assert_int_eq(edo_reactor_open(&noted.reactor, &noted.options), 0);
    ck_assert_str_eq(notes_of(&noted), "epoll_create1(-, 0, 0) = 0\n");
    edo_reactor_close(&noted.reactor);
    ck_assert_int_eq(close(STDIN_FILENO), -1);
}
END_TEST

/* IO11: a program that was started without stdin has its timerfd as fd 0. */
START_TEST(fd_0_is_an_fd_like_any_other)
{
    struct noted noted;
    struct edo_source source;
    struct edo_remote remote;
    int fds;

    noted_open(&noted, &edo_timer_fd, false);
    close(STDIN_FILENO);
    edo_source_init(&source);
    edo_reactor_arm_for(&noted.reactor, &source, EDO_MS(1), ignoring);
    ck_assert_int_eq(source.fd, 0);
    ck_assert_int_eq(find_note(&noted, "timerfd_settime")->fd, 0);
    ck_assert_int_eq(edo_reactor_react(&noted.reactor, EDO_WAIT), 1);
    ck_assert_int_eq(source.result, 0);
    edo_reactor_watch(&noted.reactor, &source, eventfd(1, EFD_CLOEXEC), EPOLLIN, ignoring);
    ck_assert_int_eq(source.fd, 0);
    ck_assert_int_eq(edo_reactor_react(&noted.reactor, EDO_WAIT), 1);
    ck_assert_int_eq(source.result, EPOLLIN);
    close(STDIN_FILENO);
    errno = EIO; /* of something before */
    ck_assert_int_eq(edo_remote_open(&remote, &noted.reactor), 0);
    ck_assert_int_eq(find_note(&noted, "eventfd")->result, 0);
    edo_remote_close(&remote);
    ck_assert_int_eq(dup(STDERR_FILENO), 0);
    fds = count_fds();
    edo_remote_close(&remote); /* again: by now it is somebody else's */
    ck_assert_int_eq(count_fds(), fds);
    edo_reactor_close(&noted.reactor);
}
END_TEST

/* A note says how many events came before it, and the ring of notes drops the oldest. */
START_TEST(notes_stand_between_events_in_a_ring_of_their_own)
{
    struct edo_trace_event events[4];
    struct edo_trace_note notes[2];
    struct edo_trace trace;

    edo_trace_init(&trace, events, 4);
    edo_record_note(&trace, "nowhere", 1, 2, 3, 4); /* none are kept */
    edo_trace_keep_notes(&trace, notes, 2);
    ck_assert_uint_eq(edo_trace_note_count(&trace), 0);
    for (int i = 0; i < 3; i++) {
        edo_trace_phase(&trace, "phase");
        edo_record_note(&trace, "call", i, i + 10, (uint64_t)i + 20, i + 30);
        ck_assert_uint_eq(edo_trace_notes_dropped(&trace), i < 2 ? 0 : 1);
        ck_assert_uint_eq(edo_trace_note_count(&trace), i < 2 ? (size_t)i + 1 : 2);
    }
    for (size_t i = 0; i < 2; i++) {
        const struct edo_trace_note *note = edo_trace_note_at(&trace, i);

        ck_assert_uint_eq(note->event, i + 2);
        ck_assert_str_eq(note->name, "call");
        ck_assert_int_eq(note->fd, (int)i + 1);
        ck_assert_int_eq(note->how, (int)i + 11);
        ck_assert_uint_eq(note->arg, i + 21);
        ck_assert_int_eq(note->result, (int)i + 31);
    }
}
END_TEST

Suite *notes_suite(void)
{
    Suite *suite = suite_create("notes");
    TCase *timers = tcase_create("timers");
    TCase *others = tcase_create("others");

    tcase_add_test(timers, a_timerfd_is_made_set_added_read_removed_and_closed);
    tcase_add_test(timers, a_timer_that_is_moved_has_its_timerfd_set_to_a_deadline);
    tcase_add_test(timers, on_a_virtual_clock_no_timerfd_is_set_or_read);
    tcase_add_loop_test(timers, an_arming_that_fails_is_noted_up_to_there, 0, 3);
    tcase_add_test(timers, of_a_wheel_the_time_is_noted_and_who_stays);
    tcase_add_test(timers, the_wheel_s_timerfd_is_set_to_a_deadline_or_to_nothing);
    suite_add_tcase(suite, timers);

    tcase_add_loop_test(others, an_opening_that_fails_is_noted_up_to_there, 0, 3);
    tcase_add_test(others, a_watched_fd_is_added_and_removed_under_its_id);
    tcase_add_test(others, a_read_and_a_wait_that_fail_are_noted_with_the_error);
    tcase_add_test(others, of_a_remote_its_eventfd_is_noted);
    tcase_add_test(others, a_timerfd_is_taken_out_of_the_epoll_set_before_that_is_closed);
    tcase_add_test(others, the_epoll_set_may_be_fd_0);
    tcase_add_test(others, fd_0_is_an_fd_like_any_other);
    tcase_add_test(others, notes_stand_between_events_in_a_ring_of_their_own);
    suite_add_tcase(suite, others);
    return suite;
}
