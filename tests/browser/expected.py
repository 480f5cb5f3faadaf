# SPDX-License-Identifier: MIT
"""What the page should show of a step, told from what model_steps says of it, and from the notes of
the run, which tests/e2e holds against strace."""

MOST_SHOWN = 24  # as in player.js


def ms(ns):
    """As toFixed(1) rounds: halves away from 0."""
    return "%d.%d ms" % divmod((ns + 50000) // 100000, 10)


def call(name, fd, how, arg, result):
    asked = {
        "timerfd_settime": lambda: "%d, %s" % (
            fd, "0" if arg is None else "ABSTIME, " * how + ms(arg)),
        "epoll_ctl": lambda: "ADD, %d, id %d" % (fd, arg) if how == 1 else "DEL, %d" % fd,
        "epoll_wait": lambda: "timeout 0" if how == 0 else "no timeout",
        "read": lambda: str(fd),
        "close": lambda: str(fd),
    }.get(name, lambda: "...")()
    answer = " = %d" % result if result > 0 or name == "epoll_wait" else ""
    return "%s(%s)%s" % (name, asked, " = -1, errno %d" % -result if result < 0 else answer)


def rows(lines):
    more = ["and %d more" % (len(lines) - MOST_SHOWN)] if len(lines) > MOST_SHOWN else []
    return "\n".join(lines[:MOST_SHOWN] + more) if lines else "-"


class Expected:
    """Of a run; `record` is what the page has of it."""

    def __init__(self, whole, steps, record):
        self.record = record
        self.kinds = [event[1] for event in record["events"]]
        self.notes = [(self.step_of(event), *note) for event, *note in record["notes"] or []]
        self.names = dict(whole["tasks"])
        self.names[0] = "the program"
        self.futures = {number: (task, parent, name)
                        for number, task, parent, name in whole["futures"]}
        armed = [(fd, deadline) for step in steps for _, fd, deadline, _, is_timer in step["armed"]
                 if is_timer and deadline != step["t"]]
        self.is_wheel = armed != [] and all(fd < 0 for fd, _ in armed)

    def source(self, source, t):
        number, fd, deadline, task, is_timer = source
        words = ["id %d" % number]
        if fd >= 0:
            words.append("fd %d" % fd)
        if is_timer:
            words.append("never due" if deadline is None else "in " + ms(deadline - t)
                         if deadline >= t else ms(t - deadline) + " late")
        return " ".join([*words, "(%s)" % self.names.get(task, "?")])

    def step_of(self, event):
        """At which step what was done before that event is shown."""
        is_shown_before = event <= 0 or event == len(self.kinds) or self.kinds[event - 1] == "enter"
        return max(0, event) if is_shown_before else event + 1

    def kernel(self, step):
        """The epoll set, by fd, and to which time the wheel's timerfd is set."""
        ids, alarm = {}, None
        for at, name, fd, how, arg, result in self.notes:
            if at > step:
                break
            if name == "epoll_ctl":
                ids.pop(fd, None)
                if how == 1 and result == 0:
                    ids[fd] = arg
            if name == "timerfd_settime" and result == 0 and ids.get(fd) == 0:
                alarm = arg
        return ids, alarm

    def epoll_set(self, step):
        if self.record["notes"] is None:
            return "not recorded"
        ids, alarm = self.kernel(step)
        wheels = ": the wheel's timerfd, " + ("not set" if alarm is None else "set to " + ms(alarm))
        return rows(["fd %d id %d%s" % (fd, ids[fd], "" if ids[fd] else wheels)
                     for fd in sorted(ids)])

    def calls(self, step):
        if self.record["notes"] is None:
            return "not recorded"
        calls = [note for at, *note in self.notes
                 if at == step and note[0] not in ("wheel", "stays")]
        kind = self.kinds[step - 1] if step > 0 else ""
        if kind == "leave":
            calls = [note for at, *note in self.notes
                     if at == step - 1 and note[0] == "epoll_wait"] + calls
        if kind != "enter":
            return rows([call(*note) for note in calls])
        lines = [call(*note) for note in calls if note[0] != "epoll_wait"]
        if len(lines) == len(calls):
            jumps = ": the virtual clock jumps" if self.record["isVirtual"] else ""
            return rows([*lines, "no epoll_wait" + jumps])
        alarm = self.kernel(step)[1]
        if alarm is not None and lines == []:
            lines = ["no timerfd_settime: it is set to %s already" % ms(alarm)]
        return rows([*lines, "epoll_wait(no timeout) sleeps"])

    def machine(self, step):
        """The rows of the machine."""
        return {
            "polled": self.names[step["polled"]] if step["polled"] else "-",
            "run queue": rows([self.names[task] for task in step["ready"]]),
            "waiting": rows([self.names[task] for task in step["waiting"]]),
            "due": rows([self.source(source, step["t"]) for source in step["due"]]),
            "armed, in the wheel" if self.is_wheel else "armed":
                rows([self.source(source, step["t"]) for source in step["armed"]]),
            "epoll set": self.epoll_set(step["step"]),
            "the thread": "sleeps in epoll_wait" if step["isAsleep"] else "is awake",
            "system calls": self.calls(step["step"]),
        }

    def tasks(self, step):
        """A line for each task, and below it one for each of its futures that has begun and has not
        ended."""
        states = {task: "UNKNOWN" for task in step["unknown"]}
        states.update({task: "READY" for task in step["ready"]})
        states.update({task: "WAITING" for task in step["waiting"]})
        states.update({task: "ENDED" for task in step["ended"]})
        if step["polled"] and step["polled"] not in states:
            states[step["polled"]] = "POLLED"
        shown = sorted(states) if len(states) <= MOST_SHOWN else [
            task for task in sorted(states) if states[task] != "ENDED"]
        lines = []
        for task in shown[:MOST_SHOWN]:
            lines.append("%s %s" % (self.names[task], states[task]))
            if states[task] != "ENDED":
                lines += self.below(None, task, step["futures"], "  ")
        if len(shown) > MOST_SHOWN:
            lines.append("and %d more" % (len(shown) - MOST_SHOWN))
        return lines

    def below(self, parent, task, states, indent):
        """
        The futures of the task that this one awaits, and what they await. None: those of which is
        not known what awaits them.
        """
        lines = []
        there = dict(states)
        for number, state in states:
            whose, awaited_by, name = self.futures[number]
            if whose == task and (awaited_by if awaited_by in there else None) == parent:
                lines.append("%s%s %s" % (indent, name, state))
                lines += self.below(number, task, states, indent + "  ")
        return lines
