# SPDX-License-Identifier: MIT
# edo-gdb.py - a gdb extension: the tasks and awaits of a program that runs on edo.
#
#   edo tasks [EXECUTOR]             a line for each live task, of up to 100 columns
#   edo tree [EXECUTOR]              each task, below who awaits it, and all its futures
#   edo bt TASK [in EXECUTOR]        the awaits of one task, by name or number; then gdb's bt
#   edo watch NAME [in EXECUTOR]     stops at each step of a type's futures, or in a task's polls
#
# EXECUTOR is an expression (&executor); without one it is every `executor` on the stacks. Futures,
# tasks, sources and wakers are printed in one line each.
#
# Loaded by `gdb -x scripts/edo-gdb.py PROGRAM`, or inside gdb by `source scripts/edo-gdb.py`. It
# only reads memory and calls no function, so a core file does as well as a process.
import contextlib
import errno
import os
import time

import gdb
import gdb.printing
import gdb.types

NEVER = 2**64 - 1
MOST_TASKS = 100000  # a queue longer than this is taken for a broken one
COLUMNS = 100
DEEPEST = 32

# --- Values ---------------------------------------------------------------------------------------

def text(pointer):
    return pointer.string(errors="replace") if int(pointer) else "(no name)"

def enumerators(enum):
    return gdb.types.make_enum_dict(gdb.lookup_type("enum " + enum))

def enum_name(enum, value, prefix=""):
    for name, number in enumerators(enum).items():
        if number == int(value):
            return name[len(prefix):]
    return str(int(value))

def struct_at(pointer, name, member=None):
    """The struct that begins at `pointer`, or that has its `member` there."""
    struct = gdb.lookup_type("struct " + name)
    offset = struct[member].bitpos // 8 if member else 0
    return gdb.Value(int(pointer) - offset).cast(struct.pointer()).dereference()

def word_at(address):
    word = gdb.lookup_type("unsigned long")  # as large as a pointer
    return int(gdb.Value(address).cast(word.pointer()).dereference())

def cut(words, room):
    return words if len(words) <= room else words[:max(room - 3, 0)] + "..."

def function_at(pointer):
    block = gdb.block_for_pc(int(pointer)) if int(pointer) else None
    return block.function if block else None

def is_function(pointer, name, file):
    """A static function's name may be in several files, so the file has to fit too."""
    symbol = function_at(pointer)
    return bool(symbol) and symbol.name == name and os.path.basename(symbol.symtab.filename) == file

# --- Futures and sources --------------------------------------------------------------------------

def is_at_await(future):
    return int(future["state"]) >= enumerators("edo_future_state")["EDO_FIRST_AWAIT"]

def has_ended(future):
    return enum_name("edo_future_state", future["state"]) in ("EDO_DONE", "EDO_FAILED",
                                                              "EDO_CANCELLED")

def state_name(future, state):
    """As edo_future_state_name has it."""
    first, names = enumerators("edo_future_state")["EDO_FIRST_AWAIT"], future["type"]["state_names"]
    if state < first:
        return enum_name("edo_future_state", state)
    return text(names[state - first]) if int(names) else "AWAITS"

def elements_of(future, part, struct):
    """The structs of an array, or those that they point at."""
    array = word_at(int(future.address) + int(part["at"]))
    count = word_at(int(future.address) + int(part["count_at"]))
    for i in range(min(count, MOST_TASKS)):
        at = array + i * int(part["size"]) + int(part["inside_at"])
        yield struct_at(at if struct == "edo_task" else word_at(at), struct)

def members_of(head, part):
    """The tasks whose links are in a list."""
    link = head["next"]
    for _ in range(MOST_TASKS):
        if int(link) == int(head.address):
            return
        yield struct_at(int(link) + int(part["inside_at"]), "edo_task")
        link = link["next"]

def parts_of(future):
    """What its type says is in it, at an await: sources, futures, tasks."""
    part = future["type"]["parts"]
    while is_at_await(future) and int(part):
        kind = enum_name("edo_part_kind", part["kind"], "EDO_PART_")
        at = int(future.address) + int(part["at"])
        if kind == "SOURCE":
            yield struct_at(at, "edo_source")
        elif kind == "WAIT":
            yield struct_at(word_at(at) + int(part["inside_at"]), "edo_source")
        elif kind in ("FUTURE", "POINTER"):
            yield struct_at(at if kind == "FUTURE" else word_at(at), "edo_future")
        elif kind in ("BRANCHES", "TASKS"):
            yield from elements_of(future, part, "edo_future" if kind == "BRANCHES" else "edo_task")
        elif kind == "MEMBERS":
            yield from members_of(struct_at(at, "edo_list"), part)
        else:
            return
        part = part + 1

def is_a(value, struct):
    return value.type.unqualified().tag == struct

def awaited(future):
    """The futures and tasks that it awaits, also those that have ended already."""
    if not is_at_await(future):  # elsewhere the union holds a value
        return []
    if int(future["type"]["parts"]):
        return [part for part in parts_of(future) if not is_a(part, "edo_source")]
    return [future["awaiting"].dereference()] if int(future["awaiting"]) else []

def say_future(future):
    error = int(future["error"])
    words = text(future["type"]["name"]) + " " + state_name(future, int(future["state"]))
    if error and enum_name("edo_future_state", future["state"]) == "EDO_FAILED":
        words += " " + errno.errorcode.get(-error, str(error))
    if future["is_cancelled"] and is_at_await(future):
        words += ", its cancel is pending"
    return words

def say_awaited(value):
    """A task or a future."""
    if is_a(value, "edo_task"):
        return "task %s %s" % (text(value["name"]), say_state(value))
    return say_future(value)

def now(clock):
    """None where nobody can tell: a core file has no clock, a remote process has another."""
    if clock["is_virtual"]:
        return int(clock["virtual_ns"])
    connection = getattr(gdb.selected_inferior(), "connection", None)  # from gdb 12 on
    is_here = connection is not None and connection.type == "native"
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) if is_here else None

def say_time_left(source):
    if int(source["due_ns"]) == NEVER:
        return "never due"
    now_ns = now(source["reactor"]["clock"])
    if now_ns is None:
        return "? ms left"
    left_ns = int(source["due_ns"]) - now_ns
    return "%.1f ms %s" % (abs(left_ns) / 1e6, "left" if left_ns >= 0 else "late")

def say_source(source):
    state = enum_name("edo_source_state", source["state"], "EDO_SOURCE_")
    if state not in ("ARMED", "DUE"):
        return state
    is_timer = enum_name("edo_source_kind", source["kind"], "EDO_SOURCE_") in ("TIMER", "NEVER")
    words = ["%s id %d" % ("timer" if is_timer else "source", source["id"])]
    if state == "ARMED" and int(source["fd"]) >= 0:
        words.append("fd %d" % source["fd"])
    if state == "DUE":
        words.append("DUE")
    elif is_timer:
        words.append(say_time_left(source))
    return ", ".join(words)

def say_leaf(future):
    """What a leaf at its await has the reactor wait for; nothing of other futures."""
    return "".join(", " + say_source(part) for part in parts_of(future) if is_a(part, "edo_source"))

def say_waker(waker):
    wake, data = waker["wake"], waker["data"]
    if not int(wake):
        return "wakes nobody"
    if is_function(wake, "wake_task", "task.c"):
        return "wakes " + text(struct_at(data, "edo_task")["name"])
    if is_function(wake, "branch_wake", "join.c"):
        return "wakes " + say_future(struct_at(data, "edo_branch")["child"]) + " in its branch"
    return "wakes by %s(%#x)" % (function_at(wake) or hex(int(wake)), int(data))

# --- Executors and their tasks --------------------------------------------------------------------

def executor_of(value):
    """Of a struct edo_executor or a pointer to one. None if it is not open: its lists are no lists,
    neither of them, for one may be caught half-way."""
    try:
        value = value.dereference() if value.type.code == gdb.TYPE_CODE_PTR else value
        lists = [value["ready"], value["live"]]
        is_open = any(at["next"]["prev"] == at.address == at["prev"]["next"] for at in lists)
        return value if value.type.unqualified().tag == "edo_executor" and is_open else None
    except gdb.error:
        return None

def executors_from(frame):
    while frame is not None:
        with contextlib.suppress(gdb.error, ValueError, RuntimeError):  # has none
            executor = executor_of(frame.read_var("executor"))
            if executor is not None:
                yield executor
        frame = frame.older()

@contextlib.contextmanager
def selection_kept():
    thread = gdb.selected_thread()
    frame = gdb.selected_frame() if thread else None
    yield
    if thread:
        thread.switch()
        frame.select()

def find_executors(expression):
    """[(executor, thread)]: the one that was named, or each that is on a stack."""
    if expression:
        executor = executor_of(gdb.parse_and_eval(expression))
        if executor is None:
            raise gdb.GdbError("edo: not an open executor: " + expression)
        return [(executor, gdb.selected_thread())]
    found = {}
    with selection_kept():
        for thread in reversed(gdb.selected_inferior().threads()):
            thread.switch()
            for executor in executors_from(gdb.newest_frame()):
                found.setdefault(int(executor.address), (executor, thread))
    if not found:
        raise gdb.GdbError("edo: no open executor is on a stack; name one: edo tasks &executor")
    return list(found.values())

def tasks_of(executor):
    """The live ones in the order of edo_executor_dump: polled, ready, waiting."""
    queues = [(executor["urgent"], "link"), (executor["ready"], "link"), (executor["live"], "live")]
    ends = {int(head.address) for head, _ in queues}  # caught half-way, a list may end in another
    tasks = {}
    if int(executor["polled"]):
        tasks[int(executor["polled"])] = executor["polled"].dereference()
    for head, member in queues:
        link = head["next"]
        while int(link) not in ends and len(tasks) < MOST_TASKS:
            task = struct_at(link, "edo_task", member)
            tasks.setdefault(int(task.address), task)
            link = link["next"]
            ends.add(int(task[member].address))
    return list(tasks.values())

def find_tasks(expression):
    """[(task, thread)] and {its future: the task}. A task's number is its place, from 1."""
    tasks = [(task, thread) for executor, thread in find_executors(expression)
             for task in tasks_of(executor)]
    return tasks, {int(task["future"]): task for task, _ in tasks}

def children_of(future, owners):
    """What it awaits; for the future of a task, that task."""
    return [owners.get(int(value.address), value) for value in awaited(future)]

def chain_of(task, owners):
    """Its futures, the outermost first, as far as each awaits one other; and what the last does."""
    chain, seen = [task["future"].dereference()], set()
    while True:
        seen.add(int(chain[-1].address))
        following = children_of(chain[-1], owners)
        if len(following) != 1 or is_a(following[0], "edo_task") or \
                int(following[0].address) in seen:
            return chain, following
        chain.append(following[0])

def say_state(task):
    return enum_name("edo_task_state", task["state"], "EDO_TASK_")

def say_count(values):
    """How many futures and tasks they are, and how many of these have not ended. Of a group in
    which only members are left, its owner is not told."""
    words = []
    for struct in "edo_future", "edo_task":
        of_kind = [value for value in values if is_a(value, struct)]
        live = [value for value in of_kind if not has_ended(
            value if struct == "edo_future" else value["future"])]
        if live or (of_kind and len(of_kind) == len(values)):
            words.append("%s%d %s%s" % (
                "%d of " % len(live) if len(live) < len(of_kind) else "", len(of_kind),
                struct[len("edo_"):], "s" if len(of_kind) > 1 else ""))
    return " and ".join(words)

def say_end(chain, following):
    """What a task's awaits come down to."""
    words = text(chain[-1]["type"]["name"]) if len(chain) > 1 else ""
    if len(following) == 1 and is_a(following[0], "edo_task"):
        return words + " awaits task " + text(following[0]["name"])
    if following:
        return words + " awaits " + say_count(following)
    return words + say_leaf(chain[-1])

def print_task(number, task, owners):
    chain, following = chain_of(task, owners)
    place = "%2d  %-14s %-8s " % (number, cut(text(task["name"]), 14), say_state(task))
    end = say_end(chain, following).lstrip(", ")
    end = ": " + end if end else ""
    room = COLUMNS - len(place)
    state = cut(state_name(chain[0], int(chain[0]["state"])), max(room - len(end), 16))
    print(cut(place + state + end, COLUMNS))

class Tree:
    """Prints each task once, below who awaits it."""

    def __init__(self, tasks, owners):
        self.tasks, self.owners, self.seen = tasks, owners, set()

    def awaited_tasks(self):
        """The addresses of all tasks that others await."""
        futures, seen, tasks = [task["future"].dereference() for task in self.tasks], set(), set()
        while futures:
            future = futures.pop()
            is_new = int(future.address) not in seen
            seen.add(int(future.address))
            for child in children_of(future, self.owners) if is_new else []:
                if is_a(child, "edo_task"):
                    tasks.add(int(child.address))
                else:
                    futures.append(child)
        return tasks

    def print_all(self):
        """Those that no other awaits come first; then whoever awaits each other, or is too deep."""
        below = self.awaited_tasks()
        for task in sorted(self.tasks, key=lambda task: int(task.address) in below):
            if int(task.address) not in self.seen:
                self.print(task, 0)

    def print(self, value, depth):
        """A task or a future, and what is below it."""
        if depth == DEEPEST:
            return print("  " * depth + "...")
        is_new, is_task = int(value.address) not in self.seen, is_a(value, "edo_task")
        self.seen.add(int(value.address))
        print("  " * depth + say_awaited(value) + ("" if is_task or not is_new else say_leaf(value))
              + ("" if is_new else ", see above"))
        if is_task and is_new and say_state(value) not in ("NEW", "ENDED"):
            self.print(value["future"].dereference(), depth + 1)
        for child in children_of(value, self.owners) if is_new and not is_task else []:
            self.print(child, depth + 1)

def print_awaits(task, owners):
    chain, following = chain_of(task, owners)
    for number, future in enumerate(chain):
        poll = function_at(future["type"]["poll"])
        place = "%s at %s:%d" % (poll, poll.symtab.filename, poll.line) if poll else "?"
        print("#%-2d %-34s %s%s" % (number, say_future(future), place, say_leaf(future)))
    for value in following:
        print("    awaits " + say_awaited(value))

# --- Commands -------------------------------------------------------------------------------------

def name_and_executor(argument):
    """Names may have spaces in them, so EXECUTOR comes after the last " in "."""
    name, _, expression = argument.rpartition(" in ")
    if not argument.strip():
        raise gdb.GdbError("edo: of which? See help edo")
    return (name.strip(), expression) if name else (argument.strip(), "")

def edo_tasks(argument):
    """A line for each live task: edo tasks [EXECUTOR]"""
    tasks, owners = find_tasks(argument)
    print(" #  task           state    at" if tasks else "no live task")
    for number, (task, _) in enumerate(tasks, 1):
        print_task(number, task, owners)

def edo_tree(argument):
    """Who awaits whom: edo tree [EXECUTOR]"""
    tasks, owners = find_tasks(argument)
    Tree([task for task, _ in tasks], owners).print_all()

def edo_bt(argument):
    """The awaits of a task, by name or number, then gdb's bt: edo bt TASK [in EXECUTOR]"""
    wanted, expression = name_and_executor(argument)
    tasks, owners = find_tasks(expression)
    for number, (task, thread) in enumerate(tasks, 1):
        if wanted in (str(number), text(task["name"])):
            break
    else:
        raise gdb.GdbError("edo: no live task " + wanted)
    print_awaits(task, owners)
    if thread:
        shows_it = say_state(task) in ("POLLED", "WOKEN")
        print("the C stack, which %s:" % ("goes on from there" if shows_it else "does not show it"))
        with selection_kept():
            thread.switch()
            gdb.execute("bt")

def edo_watch(argument):
    """Stops at each step of a type's futures, or in a task's polls: edo watch NAME [in EXECUTOR]"""
    name, expression = name_and_executor(argument)
    Steps(name, [find_executors(expression)[0][0]] if expression else None)

class Steps(gdb.Breakpoint):
    """Every change of state, of every future, comes through edo_future_goto."""

    def __init__(self, name, executors):
        super().__init__("edo_future_goto")
        self.name, self.executors = name, executors

    def stop(self):
        frame = gdb.selected_frame()
        polled = [executor["polled"] for executor in self.executors or executors_from(frame)]
        task = next((text(task["name"]) for task in polled if int(task)), None)
        try:
            future, state = frame.read_var("self").dereference(), int(frame.read_var("state"))
            steps = [state_name(future, to) for to in (int(future["state"]), state)]
        except gdb.error:
            return False  # optimized out
        type_name = text(future["type"]["name"])
        if self.name in (type_name, task):
            print("%s: %s -> %s%s" % (type_name, *steps, " (task %s)" % task if task else ""))
        return self.name in (type_name, task)

def add_command(name, kind, function=None):
    """A gdb command; without a function, a prefix of others."""
    def invoke(self, argument, from_tty):
        try:
            function(argument)
        except gdb.error as error:
            raise gdb.GdbError("edo: %s" % error)

    members = {"__doc__": function.__doc__ if function else "The tasks of a program on edo."}
    if function:
        members["invoke"] = invoke
    type(name, (gdb.Command,), members)(name, kind, prefix=not function)

add_command("edo", gdb.COMMAND_DATA)
add_command("edo tasks", gdb.COMMAND_DATA, edo_tasks)
add_command("edo tree", gdb.COMMAND_DATA, edo_tree)
add_command("edo bt", gdb.COMMAND_STACK, edo_bt)
add_command("edo watch", gdb.COMMAND_BREAKPOINTS, edo_watch)

# --- Printers -------------------------------------------------------------------------------------

def show_future(future):
    values = awaited(future)
    children = ", ".join(map(say_awaited, values)) if len(values) <= 8 else say_count(values)
    return say_future(future) + say_leaf(future) + (", awaits " + children if children else "")

def show_task(task):
    return "%s %s, %s" % (text(task["name"]), say_state(task), say_future(task["future"]))

def show_source(source):
    words = say_source(source)
    return words if words in ("IDLE", "FIRED") else words + ", " + say_waker(source["waker"])

class Printer:
    def __init__(self, say, value):
        self.say, self.value = say, value

    def to_string(self):
        try:
            return "{" + self.say(self.value) + "}"
        except gdb.error as error:
            return "{%s}" % error  # not initialised, most likely

printers = gdb.printing.RegexpCollectionPrettyPrinter("edo")
for struct, show in dict(future=show_future, task=show_task, source=show_source,
                         waker=say_waker).items():
    printers.add_printer("edo_" + struct, "^edo_%s$" % struct,
                         lambda value, show=show: Printer(show, value))
gdb.printing.register_pretty_printer(None, printers, replace=True)
