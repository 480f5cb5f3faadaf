# SPDX-License-Identifier: MIT
"""What the page should show of a step, told from what model_steps says of it."""

MOST_SHOWN = 24  # as in player.js


def ms(ns):
    """As toFixed(1) rounds: halves away from 0."""
    return "%d.%d ms" % divmod((ns + 50000) // 100000, 10)


def rows(lines):
    more = ["and %d more" % (len(lines) - MOST_SHOWN)] if len(lines) > MOST_SHOWN else []
    return "\n".join(lines[:MOST_SHOWN] + more) if lines else "-"


class Expected:
    """Of a run."""

    def __init__(self, whole, steps):
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
        return " ".join([*words, "(%s)" % self.names[task]])

    def machine(self, step):
        """The rows of the machine."""
        fds = [str(fd) for _, fd, *_ in step["armed"] if fd >= 0]
        return {
            "polled": self.names[step["polled"]] if step["polled"] else "-",
            "run queue": rows([self.names[task] for task in step["ready"]]),
            "waiting": rows([self.names[task] for task in step["waiting"]]),
            "due": rows([self.source(source, step["t"]) for source in step["due"]]),
            "armed, in the wheel" if self.is_wheel else "armed":
                rows([self.source(source, step["t"]) for source in step["armed"]]),
            "epoll waits for": "fds " + ", ".join(fds) if fds else
                "the wheel's timerfd" if self.is_wheel and step["armed"] else "-",
            "the thread": "sleeps in epoll_wait" if step["isAsleep"] else "is awake",
        }

    def tasks(self, step):
        """A line for each task, and below it one for each of its futures that has begun and not ended."""
        states = {task: "READY" for task in step["ready"]}
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
                lines += self.below(0, task, step["futures"], "  ")
        if len(shown) > MOST_SHOWN:
            lines.append("and %d more" % (len(shown) - MOST_SHOWN))
        return lines

    def below(self, parent, task, states, indent):
        """The futures of the task that this one awaits, and what they await."""
        lines = []
        for number, state in states:
            whose, awaited_by, name = self.futures[number]
            if whose == task and awaited_by == parent:
                lines.append("%s%s %s" % (indent, name, state))
                lines += self.below(number, task, states, indent + "  ")
        return lines
