#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whether the system calls in a page of --html are those that strace has seen in the same run:

    tests/e2e/calls.py PAGE STRACE

Call by call, with fds, ids, flags, times to the ns, and results. Of read and close, only those of
the reactor's own fds. Prints where the two part, with exit status 1."""
import errno
import json
import re
import sys

RENAMED = {"epoll_pwait": "epoll_wait", "eventfd2": "eventfd",
           "timerfd_settime64": "timerfd_settime"}
MAKES_FD = {"epoll_create1", "timerfd_create", "eventfd"}


def run_in(page):
    with open(page, encoding="utf-8") as file:
        text = file.read()
    script = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.S)
    return json.loads(script[1])


def noted(run):
    """(name, what it was asked, result) of each call in the page."""
    first = int(run["first"])
    for _, name, fd, how, arg, result in run["notes"]:
        if name in ("wheel", "stays"):
            continue
        asked = {
            "timerfd_settime": (fd, how, 0 if arg is None else arg + first * (how == 1)),
            "epoll_ctl": (fd, "ADD %s" % arg if how == 1 else "DEL"),
            "epoll_wait": (how,), "read": (fd,), "close": (fd,)}
        yield name, asked.get(name, ()), result


def number_after(key, text):
    return int(re.search(key + "(-?(?:0x)?[0-9a-f]+)", text)[1], 0)


def asked_of(name, arguments):
    """The same of a line of strace's."""
    if name == "timerfd_settime":
        time = arguments[arguments.index("it_value"):]
        return (int(arguments.split(",")[0]), int("TFD_TIMER_ABSTIME" in arguments),
                number_after("tv_sec=", time) * 10 ** 9 + number_after("tv_nsec=", time))
    if name == "epoll_ctl":
        fd = number_after("EPOLL_CTL_..., ", arguments)
        is_add = "EPOLL_CTL_ADD" in arguments
        return fd, "ADD %d" % number_after("(?:u64|data)=", arguments) if is_add else "DEL"
    if name == "epoll_wait":
        return (int(re.search(r"128, (-?\d+)", arguments)[1]),)
    return () if name in MAKES_FD else (int(arguments.split(",")[0]),)


def seen(path):
    """(name, what it was asked, result) of each call of the reactor's that strace has seen."""
    kinds = {}  # of the reactor's fds: the call that made it
    with open(path, encoding="latin-1") as file:
        for line in file:
            call = re.match(r"(\w+)\((.*)\)\s+= (-?\d+)(?: (E\w+))?", line)
            if call is None:
                continue
            name = RENAMED.get(call[1], call[1])
            result = -getattr(errno, call[4]) if call[4] else int(call[3])
            asked = asked_of(name, call[2])
            if name in MAKES_FD:
                kinds[result] = name
            if name == "read" and kinds.get(asked[0]) != "timerfd_create":
                continue
            if name == "close" and kinds.pop(asked[0], None) is None:
                continue
            yield name, asked, result


def main(page, strace):
    run = run_in(page)
    ours, theirs = list(noted(run)), list(seen(strace))
    if ours == theirs and ours and run["notesDropped"] == 0:
        return 0
    part = next((i for i, (one, other) in enumerate(zip(ours, theirs)) if one != other),
                min(len(ours), len(theirs)))
    print("%d calls in the page, %d in strace; they part at call %d:"
          % (len(ours), len(theirs), part))
    print("page:  ", *ours[max(0, part - 2):part + 3], sep="\n  ")
    print("strace:", *theirs[max(0, part - 2):part + 3], sep="\n  ")
    return 1


sys.exit(main(*sys.argv[1:]))
