#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""judge.py - what the tests of reactor/ have not covered: judge.py UNREACHABLE.txt EXPORT.json...

An export is of `llvm-cov export`, one for each build; what one of them has covered is covered.
UNREACHABLE.txt says what can't be, and why. Fails where anything else is uncovered, and where what
is listed there is covered or gone. A finding names no line, so that the list stays true when lines
move:

    reactor/kernel/spin.c measure_once: never true: errno == EINTR

Not judged are asserts, and the side of a switch over an enum that no value of the enum takes.
"""
import collections
import json
import os
import re
import sys

CONDITION = 6  # a branch that is part of a decision with && or ||; other branches stand alone


class Source:
    """A file of reactor/."""

    def __init__(self, path):
        self.name = os.path.relpath(path)
        with open(path, encoding="utf-8") as file:
            self.text = file.read()
        self.starts = [0] + [match.end() for match in re.finditer("\n", self.text)]
        self.asserts = [self.up_to_closing(*match.span())
                        for match in re.finditer(r"\bassert\(", self.text)]

    def up_to_closing(self, start, end):
        """From `start` to the parenthesis that closes the one before `end`."""
        depth = 1
        while depth > 0:
            depth += {"(": 1, ")": -1}.get(self.text[end], 0)
            end += 1
        return range(start, end)

    def span(self, region):
        return [self.starts[region[i] - 1] + region[i + 1] - 1 for i in (0, 2)]

    def excerpt(self, region):
        start, end = self.span(region)
        return " ".join(self.text[start:end].split())

    def is_judged(self, region):
        start = self.span(region)[0]
        is_enum = self.text[:start].endswith("switch (") and self.text[start:].startswith("(enum ")
        return not is_enum and not any(start in place for place in self.asserts)

    def is_condition(self, region):
        """Whether it stands beside && or ||."""
        start, end = self.span(region)
        return bool(re.search(r"(&&|\|\|)\s*$", self.text[:start]) or
                    re.match(r"\s*(&&|\|\|)", self.text[end:]))


class Function:
    """One of reactor/, or one of a header's, which some files have each for themselves."""

    def __init__(self):
        self.calls = 0
        self.branches = {}
        self.decisions = {}

    def add(self, record):
        self.calls += record["count"]
        for *place, yes, no, file, _, kind in record["branches"]:
            if file == 0:  # else of a macro
                sides = self.branches.setdefault((*place, kind), [0, 0])
                sides[0] += yes
                sides[1] += no
        for *place, _, _, conditions in record["mcdc_records"]:
            known = self.decisions.setdefault(tuple(place), [False] * len(conditions))
            self.decisions[tuple(place)] = [old or new for old, new in zip(known, conditions)]

    def judged(self, source):
        """Those of its branches and, with their outcome, of its conditions."""
        branches = {region: sides for region, sides in self.branches.items()
                    if source.is_judged(region)}
        conditions = {}
        for decision, outcomes in self.decisions.items():
            inside = sorted(region for region in branches if region[4] == CONDITION
                            and decision[:2] <= region[:2] and region[2:4] <= decision[2:4])
            if source.is_judged(decision):
                conditions.update(zip(inside, outcomes, strict=True))
        return branches, conditions


def lacks(branches, conditions, source):
    """What lies behind a side that was never taken is not told again."""
    for region, (yes, no) in sorted(branches.items()):
        if (yes == 0) != (no == 0):
            yield region, f"never {'true' if yes == 0 else 'false'}"
        elif yes > 0 and region in conditions and not conditions[region]:
            yield region, "never decides alone"
        elif region not in conditions and source.is_condition(region):
            yield region, "not measured by clang, which wants fewer operators around it"


def find(functions, totals):
    """The findings, each with its line."""
    sources = {}
    for (path, name), function in sorted(functions.items()):
        source = sources.setdefault(path, Source(path))
        branches, conditions = function.judged(source)
        totals["branches"] += 2 * len(branches)
        totals["branches covered"] += sum((yes > 0) + (no > 0) for yes, no in branches.values())
        totals["conditions"] += len(conditions)
        totals["conditions covered"] += sum(conditions.values())
        if function.calls == 0:
            yield f"{source.name} {name}: never called", "-"
            continue
        for region, lack in lacks(branches, conditions, source):
            yield f"{source.name} {name}: {lack}: {source.excerpt(region)}", region[0]


def read_list(path):
    """All that is listed; and of it what may be covered."""
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if line.strip() and not line.startswith("#")]
    findings = [re.fullmatch(r"(.+?) // (by chance: )?\w.*", line) for line in lines]
    if None in findings:
        sys.exit(f"{path}: no reason: {lines[findings.index(None)]}")
    return (collections.Counter(match[1] for match in findings),
            collections.Counter(match[1] for match in findings if match[2]))


def read_functions(paths):
    functions = collections.defaultdict(Function)
    top = os.path.abspath("reactor") + "/"
    for path in paths:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)["data"][0]
        for record in data["functions"]:
            if record["filenames"][0].startswith(top):
                functions[record["filenames"][0], record["name"].split(":")[-1]].add(record)
    return functions


def main():
    listed, may_be_covered = read_list(sys.argv[1])
    found, totals = collections.Counter(), collections.Counter()
    status = 0
    for finding, line in find(read_functions(sys.argv[2:]), totals):
        found[finding] += 1
        if found[finding] > listed[finding]:
            print(f"{finding} (line {line})")
            status = 1
    for finding in (listed - may_be_covered - found).elements():
        print(f"listed, but covered or not there: {finding}")
        status = 1
    for what in "branches", "conditions":
        covered, count = totals[f"{what} covered"], totals[what]
        print(f"check-coverage: {covered} of {count} {what}, {100 * covered / count:.2f} %")
    print(f"check-coverage: {sum(listed.values())} listed as out of reach")
    return status


if __name__ == "__main__":
    sys.exit(main())
