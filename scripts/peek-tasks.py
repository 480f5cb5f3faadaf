#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# peek-tasks.py - the tasks of a running program on edo, and who awaits whom; for scripts/peek PID
#
# Reads the program's memory through /proc/PID/mem, for which the kernel asks the same permission as
# a debugger needs; but the program is neither stopped nor attached to. An executor is found by its
# pointer to edo_layout (reactor/task/layout.h), which says where in the structs everything is. So
# neither symbols nor debug information are needed.
#
# The program goes on meanwhile. So everything is read until two readings in a row are the same; if
# none are, that is said. Every walk has a limit, since what is read may be half-way changed.
import contextlib
import errno
import os
import re
import signal
import struct
import sys
import time

NAME = b"edo layout 1\0"  # how edo_layout begins
LAYOUT = struct.Struct("=24sI")  # struct edo_layout
PAGE = os.sysconf("SC_PAGESIZE")
CHUNK = 256 * PAGE
MOST_SEARCHED = 2**30  # bytes, of code and of data
LARGEST = 2**36  # a mapping beyond that is no program's data, but a sanitizer's notes
MOST_READINGS = 20
MOST_TASKS = 1000
MOST_CHILDREN = 1000  # of one future
DEEPEST = 16
LONGEST = 48  # of a name
COLUMNS = 100
NEVER = 2**64 - 1

TASK_STATES = ("NEW", "READY", "POLLED", "WOKEN", "WAITING", "CANCELLING", "ENDED")
FUTURE_STATES = ("EDO_START", "EDO_DONE", "EDO_FAILED", "EDO_CANCELLED")
ENDED = range(1, 4)
FIRST_AWAIT = len(FUTURE_STATES)
FD, TIMER, NEVER_DUE = range(3)
ARMED, DUE = range(1, 3)
END, SOURCE, WAIT, FUTURE, POINTER, BRANCHES, TASKS, MEMBERS = range(8)

class Nothing(Exception):
    """There is nothing to tell, and why."""

class Changed(Exception):
    """What was read can't be true: it was changed meanwhile."""

# --- The program's memory -------------------------------------------------------------------------

class Program:
    def __init__(self, pid):
        self.proc = "/proc/%d/" % pid
        try:
            self.mem = os.open(self.proc + "mem", os.O_RDONLY)
            self.pid = self.pid_in_there()
            self.mappings = list(self.read_mappings())
        except OSError as error:
            raise Nothing("not permitted to read its memory" if error.errno in
                          (errno.EACCES, errno.EPERM) else "it has ended") from None

    def pid_in_there(self):
        """As the program itself knows it, in its namespace."""
        with open(self.proc + "status") as file:
            return int(re.search(r"^NSpid:.*\t(\d+)$", file.read(), re.MULTILINE).group(1))

    def read_mappings(self):
        with open(self.proc + "maps", errors="replace") as file:
            for line in file:
                addresses, access, _, _, inode, *name = line.split(None, 5)
                begin, end = (int(address, 16) for address in addresses.split("-"))
                is_data = end - begin <= LARGEST and not "".join(name).startswith("[v")
                if access[0] == "r" and is_data:
                    yield begin, end, access, inode != "0"

    def read(self, address, size):
        """Less than `size`, where it is not there."""
        try:
            return os.pread(self.mem, size, address)
        except (OSError, OverflowError):
            return b""

    def has_ended(self):
        """Or has become another program."""
        return not any(self.read(begin, 1) for begin, _, _, _ in self.mappings)

    def is_present(self, begin, count):
        """Of each of so many pages, whether there is anything in it."""
        with contextlib.suppress(OSError, OverflowError):
            with open(self.proc + "pagemap", "rb") as file:
                entries = os.pread(file.fileno(), 8 * count, begin // PAGE * 8)
            return [entry[7] & 0xc0 for entry in
                    (entries[at:at + 8] for at in range(0, len(entries), 8))]
        return [1] * count

    def chunks(self, wants):
        """(address, bytes) of all that is in the mappings that are wanted."""
        left = MOST_SEARCHED
        for begin, end, access, has_file in self.mappings:
            for at in range(begin, end, CHUNK) if wants(access, has_file) else ():
                count = (min(end, at + CHUNK) - at) // PAGE
                if left > 0 and (has_file or any(self.is_present(at, count))):
                    left -= count * PAGE
                    yield at, self.read(at, count * PAGE)

class Memory:
    """The program's memory at about one moment: no page is read twice."""

    def __init__(self, program, layout):
        self.program, self.layout, self.pages = program, layout, {}
        self.word = layout[NAME[:-1].decode()]

    def read(self, address, size):
        data = b""
        while len(data) < size:
            page, offset = divmod(address + len(data), PAGE)
            if page not in self.pages:
                self.pages[page] = self.program.read(page * PAGE, PAGE)
            if len(self.pages[page]) < PAGE:
                raise Changed()
            data += self.pages[page][offset:offset + size - len(data)]
        return data

    def number(self, address, size, signed=False):
        return int.from_bytes(self.read(address, size), sys.byteorder, signed=signed)

    def pointer(self, address):
        return self.number(address, self.word)

    def text(self, address):
        """A string, cut where it is longer than one line should hold."""
        data = b""
        while b"\0" not in data and len(data) <= LONGEST:
            data += self.read(address + len(data), 1)
        name = data.split(b"\0")[0].decode(errors="replace")
        name = "".join(c if c.isprintable() else "?" for c in name)
        return name if len(name) <= LONGEST else name[:LONGEST - 3] + "..."

    def at(self, address, member):
        return address + self.layout[member]

# --- Finding executors ----------------------------------------------------------------------------

def all_of(data, what, step):
    at = data.find(what)
    while at >= 0:
        if at % step == 0:
            yield at
        at = data.find(what, at + 1)

def read_layout(program, address):
    """{name: value}; None if it is none."""
    layout, data = {}, program.read(address, LAYOUT.size * 100)
    for name, value in LAYOUT.iter_unpack(data[:len(data) // LAYOUT.size * LAYOUT.size]):
        if not name[0]:
            return layout if "executor.layout" in layout else None
        layout[name.split(b"\0")[0].decode(errors="replace")] = value
    return None

def find_layouts(program):
    """{address: layout}: mostly one; a library of its own may bring another."""
    found = {}
    for begin, data in program.chunks(lambda access, has_file: has_file and access[1] != "w"):
        for at in all_of(data, NAME, 4):
            layout = read_layout(program, begin + at)
            if layout:
                found[begin + at] = layout
    return found

def is_executor(program, layout, executor):
    """One that this process has opened and not closed; not a copy of it. A list that is not closed
    may be half-way changed."""
    for _ in range(MOST_READINGS):
        memory = Memory(program, layout)
        live = memory.at(executor, "executor.live")
        with contextlib.suppress(Changed, OSError):
            if not is_open(memory, executor):
                return False
            if memory.pointer(memory.pointer(live) + memory.word) == live:
                return True
    return False

def is_open(memory, executor):
    epoll = memory.number(memory.at(executor, "executor.epoll_fd"), 4, True)
    return (memory.number(memory.at(executor, "executor.is_open"), 1) == 1 and
            memory.number(memory.at(executor, "executor.opener"), 4) == memory.program.pid and
            os.readlink(memory.program.proc + "fd/%d" % epoll) == "anon_inode:[eventpoll]")

def find_executors(program):
    """[(address, layout)]"""
    layouts, found = find_layouts(program), []
    if not layouts:
        raise Nothing("it does not run on edo, or on a version that this does not know")
    for begin, data in program.chunks(lambda access, has_file: access[:2] == "rw"):
        for address, layout in layouts.items():
            word = layout[NAME[:-1].decode()]
            for at in all_of(data, address.to_bytes(word, sys.byteorder), word):
                executor = begin + at - layout["executor.layout"]
                if is_executor(program, layout, executor):
                    found.append((executor, layout))
    if not found:
        raise Nothing("it runs on edo, but no executor is open")
    return found

# --- One reading ----------------------------------------------------------------------------------
#
# A future is (what it says, its source or None, its children), a child is ("future", address),
# ("task", address) or ("more", how many). An executor is {"tasks": {address: (name, state, future's
# address)}, "futures": {address: future}, "polls": a number, ...}. So two readings can be compared:
# if no task was polled between them and the kernel not looked at, they are the same.

def walk_list(memory, head):
    """The links of a list, up to a limit."""
    before, link = head, memory.pointer(head)
    for _ in range(MOST_TASKS + 1):
        if memory.pointer(link + memory.word) != before:
            raise Changed()
        if link == head:
            return
        yield link
        before, link = link, memory.pointer(link)

def read_source(memory, source):
    """(id, fd, state, kind, due_ns)"""
    return (memory.number(memory.at(source, "source.id"), 4),
            memory.number(memory.at(source, "source.fd"), 4, True),
            memory.number(memory.at(source, "source.state"), 1),
            memory.number(memory.at(source, "source.kind"), 1),
            memory.number(memory.at(source, "source.due_ns"), 8))

def read_array(memory, future, kind, part):
    array = memory.pointer(future + part["at"])
    count = memory.number(future + part["count_at"], memory.word)
    for i in range(min(count, MOST_CHILDREN)):
        inside = array + i * part["size"] + part["inside_at"]
        yield ("task", inside) if kind == TASKS else ("future", memory.pointer(inside))
    if count > MOST_CHILDREN:
        yield "more", count - MOST_CHILDREN

def read_members(memory, head, part):
    for i, link in enumerate(walk_list(memory, head)):
        if i == MOST_CHILDREN:
            yield "more", 0
            return
        yield "task", link + part["inside_at"]

def read_parts(memory, future, parts):
    """Its source, and its children."""
    source, children = None, []
    for i in range(DEEPEST):
        at = parts + i * memory.layout["part"]
        part = {name: memory.number(memory.at(at, "part." + name), 4, True)
                for name in ("kind", "at", "count_at", "size", "inside_at")}
        kind, inside = part["kind"], future + part["at"]
        if kind == END:
            break
        if kind == SOURCE:
            source = read_source(memory, inside)
        elif kind == WAIT:
            source = read_source(memory, memory.pointer(inside) + part["inside_at"])
        elif kind == FUTURE:
            children.append(("future", inside))
        elif kind == POINTER:
            children.append(("future", memory.pointer(inside)))
        elif kind in (BRANCHES, TASKS):
            children += read_array(memory, future, kind, part)
        elif kind == MEMBERS:
            children += read_members(memory, inside, part)
    return source, children

def say_future(memory, future, future_type, state):
    names = memory.pointer(memory.at(future_type, "type.state_names"))
    error = memory.number(memory.at(future, "future.error"), 2, True)
    words = [memory.text(memory.pointer(memory.at(future_type, "type.name")))]
    if state < FIRST_AWAIT:
        words.append(FUTURE_STATES[state])
    elif names:
        words.append(memory.text(memory.pointer(names + (state - FIRST_AWAIT) * memory.word)))
    else:
        words.append("AWAITS")
    if error and state in ENDED:
        words.append(errno.errorcode.get(-error, str(error)))
    elif memory.number(memory.at(future, "future.is_cancelled"), 1) and state not in ENDED:
        words[-1] += ", its cancel is pending"
    return " ".join(words)

def read_future(memory, future):
    future_type = memory.pointer(memory.at(future, "future.type"))
    state = memory.number(memory.at(future, "future.state"), 1)
    parts = memory.pointer(memory.at(future_type, "type.parts"))
    awaiting = memory.pointer(memory.at(future, "future.awaiting"))
    source, children = None, []
    if state >= FIRST_AWAIT and parts:
        source, children = read_parts(memory, future, parts)
    elif state >= FIRST_AWAIT and awaiting:
        children = [("future", awaiting)]
    return say_future(memory, future, future_type, state), source, children

def read_task(memory, task):
    state = memory.number(memory.at(task, "task.state"), 1)
    if state >= len(TASK_STATES):
        raise Changed()
    return (memory.text(memory.pointer(memory.at(task, "task.name"))), TASK_STATES[state],
            memory.pointer(memory.at(task, "task.future")))

def read_live_tasks(memory, executor):
    """In the order of edo_executor_dump: polled, ready, waiting."""
    polled = memory.pointer(memory.at(executor, "executor.polled"))
    tasks = {polled: read_task(memory, polled)} if polled else {}
    for queue, member in (("executor.urgent", "task.link"), ("executor.ready", "task.link"),
                          ("executor.live", "task.live")):
        for link in walk_list(memory, memory.at(executor, queue)):
            task = link - memory.layout[member]
            tasks.setdefault(task, None)
            tasks[task] = read_task(memory, task)
            if len(tasks) > MOST_TASKS:
                return tasks
    return tasks

def read_executor(memory, executor):
    driver = memory.pointer(memory.at(executor, "executor.timers"))
    is_virtual = memory.number(memory.at(executor, "executor.is_virtual"), 1)
    tasks, futures = read_live_tasks(memory, executor), {}
    new = [task[2] for task in tasks.values()]
    while new:  # and whatever they await
        future = new.pop()
        if future in futures or len(futures) > MOST_TASKS * DEEPEST:
            continue
        futures[future] = read_future(memory, future)
        for kind, child in futures[future][2]:
            if kind == "future":
                new.append(child)
            elif kind == "task" and child not in tasks:
                tasks[child] = read_task(memory, child)
    return {
        "tasks": tasks,
        "futures": futures,
        "polls": memory.number(memory.at(executor, "executor.polls"), 4),
        "driver": memory.text(memory.pointer(memory.at(driver, "driver.name"))),
        "now_ns": memory.number(memory.at(executor, "executor.now_ns"), 8),
        "is_asleep": bool(memory.number(memory.at(executor, "executor.is_asleep"), 1)),
        "virtual_ns": memory.number(memory.at(executor, "executor.virtual_ns"), 8)
                      if is_virtual else None,
    }

def read_steadily(program, executor, layout):
    """A reading, and whether it is of one moment. If none is, the one with the most tasks: a task
    that goes from one queue to another may be seen in neither."""
    last = most = None
    for i in range(MOST_READINGS):
        try:
            reading = read_executor(Memory(program, layout), executor)
        except Changed:
            continue
        if reading == last:
            return reading, True
        last = reading
        if most is None or len(reading["tasks"]) > len(most["tasks"]):
            most = reading
        time.sleep(i / 1e3)
    if not is_executor(program, layout, executor):
        raise Nothing("its executor was closed while it was read")
    return most, False

# --- What it says ---------------------------------------------------------------------------------

def say_time_left(due_ns, virtual_ns):
    if due_ns == NEVER:
        return "never due"
    left_ns = due_ns - (virtual_ns if virtual_ns is not None
                        else time.clock_gettime_ns(time.CLOCK_MONOTONIC))
    return "%.1f ms %s" % (abs(left_ns) / 1e6, "left" if left_ns >= 0 else "late")

def say_source(source, virtual_ns):
    number, fd, state, kind, due_ns = source
    if state not in (ARMED, DUE):
        return ""
    is_timer = kind in (TIMER, NEVER_DUE)
    words = ["%s id %d" % ("timer" if is_timer else "source", number)]
    if state == ARMED and fd >= 0:
        words.append("fd %d" % fd)
    if state == DUE:
        words.append("due")
    elif is_timer:
        words.append(say_time_left(due_ns, virtual_ns))
    return ", " + ", ".join(words)

def say(depth, text):
    line = "  " * depth + text
    print(line if len(line) <= COLUMNS else line[:COLUMNS - 3] + "...")

class Tree:
    """Prints each task once, below who awaits it."""

    def __init__(self, reading):
        self.reading, self.seen = reading, set()
        self.tasks, self.futures = reading["tasks"], reading["futures"]
        self.owners = {future: task for task, (_, state, future) in self.tasks.items()
                       if state not in ("NEW", "ENDED")}

    def children(self, future):
        for kind, child in self.futures[future][2] if future in self.futures else ():
            is_task = kind == "future" and child in self.owners
            yield ("task", self.owners[child]) if is_task else (kind, child)

    def roots(self):
        """The live tasks that no other awaits come first; then whoever awaits each other."""
        awaited = {child for future in self.futures for kind, child in self.children(future)
                   if kind == "task"}
        live = list(self.owners.values())
        return sorted(live, key=lambda task: task in awaited)

    def print_all(self):
        for task in self.roots():
            if task not in self.seen:
                self.print_task(task, 1)

    def print_task(self, task, depth):
        name, state, future = self.tasks[task]
        is_new = task not in self.seen
        self.seen.add(task)
        say(depth, "task %s %s%s" % (name, state, "" if is_new else ", see above"))
        if is_new and state not in ("NEW", "ENDED"):
            self.print_future(future, depth + 1)

    def print_future(self, future, depth):
        if future not in self.futures or depth > 2 * DEEPEST:
            return say(depth, "...")
        is_new = future not in self.seen
        self.seen.add(future)
        words, source, _ = self.futures[future]
        if source:
            words += say_source(source, self.reading["virtual_ns"])
        say(depth, words + ("" if is_new else ", see above"))
        for kind, child in self.children(future) if is_new else ():
            if kind == "more":
                say(depth + 1, "and %s more" % (child or "some"))
            elif kind == "task":
                self.print_task(child, depth + 1)
            else:
                self.print_future(child, depth + 1)

def say_count(count):
    if count > MOST_TASKS:
        return "the first %d tasks" % MOST_TASKS
    return "%d %s" % (count, "task" if count == 1 else "tasks")

def print_executor(address, reading, is_steady):
    if reading is None:
        return say(0, "executor at %#x: it changes faster than it can be read" % address)
    tree = Tree(reading)
    words = [say_count(len(tree.owners)), "timers by " + reading["driver"]]
    if reading["virtual_ns"] is not None:
        words.append("at %.1f ms of virtual time" % (reading["virtual_ns"] / 1e6))
    if reading["is_asleep"]:
        words.append("asleep in epoll_wait")
    say(0, "executor at %#x: %s" % (address, ", ".join(words)))
    if not is_steady:
        say(1, "(it ran while it was read: what follows is of several moments)")
    tree.print_all()

def main():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.stdout.reconfigure(errors="replace")
    usage = "usage: scripts/peek-tasks.py PID"
    if sys.argv[1:] == ["--help"]:
        return print(usage)
    if len(sys.argv) != 2 or not sys.argv[1].isdecimal():
        sys.exit("peek-tasks: " + usage)
    program = None
    try:
        program = Program(int(sys.argv[1]))
        for address, layout in find_executors(program):
            print_executor(address, *read_steadily(program, address, layout))
    except Nothing as reason:
        print("no tasks: %s" % ("it has ended" if program and program.has_ended() else reason))

main()
