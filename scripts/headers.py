# SPDX-License-Identifier: MIT
# headers.py - the public headers, taken apart: for make-man and check-man
#
# Public is what edo.h includes, and what that includes. What is asked of the comments, so that a
# man page can be made of them:
#   - A comment stands above what it is about, with no blank line between, and holds for all that
#     follows without a blank line. That of a field or a constant may stand at its right. A constant
#     may be named in the comment above its enum instead, or in that of the header.
#   - What begins with "Returns" or "Result:" goes to RETURN VALUES, up to the end of the paragraph;
#     so does "Whether", "The", "How" or "READY:" of a function that returns something.
#   - In that, "-ENAME: why" begins an error, up to the next ";" or the end. "else as" names
#     functions whose errors are passed on.
#   - Lines with an indent of two or more stay as they are.
import os
import pathlib
import re

ERROR = r"-E[A-Z0-9]+"
ERRORS = rf"{ERROR}(?:(?:, | or ){ERROR})*"


def read(path):
    return pathlib.Path(path).read_text(encoding="utf-8")


def public_headers():
    """edo.h and all that it includes, in the order of the rooms."""
    found, new = set(), {pathlib.Path("reactor/edo.h")}
    while new:
        path = new.pop()
        found.add(path)
        for name in re.findall(r'(?m)^#include "(\S+)"', read(path)):
            new |= {pathlib.Path(os.path.normpath(path.parent / name))} - found
    rooms = ["reactor", "base", "kernel", "task", "futures", "io"]
    return sorted(found, key=lambda path: (rooms.index(path.parent.name), path.stem))


# --- Comments and declarations ------------------------------------------------------------------


class Item:
    """A declaration with its comment. Without a kind: a comment that stands alone."""

    def __init__(self, code, comment, kind="", name=""):
        self.code, self.comment, self.kind, self.name = code, comment, kind, name
        self.members = []


KINDS = {
    "macro": r"#define ((?:edo|EDO)_\w+)",
    "struct": r"(struct edo_\w+) \{",
    "enum": r"(enum(?: edo_\w+)?) \{",
    "type": r"typedef .*?(edo_\w+)\(",
    "variable": r"extern .*?(edo_\w+)(?:\[\])?;",
    "function": r"[^(#{]*?(edo_\w+)\(",
}


def text_of(comment):
    """The lines of a comment, as one reads them."""
    lines = re.sub(r"\n +(\*(?!/))?", lambda found: "\n" if found[1] else " ", comment[2:-2])
    return re.sub(r"(?m)^ | +$", "", lines).strip("\n")


class Source:
    """The text of a header, in which each comment is a mark, on one line."""

    def __init__(self, path):
        self.comments = []
        self.text = re.sub(r"/\*.*?\*/", self.mark, read(path), flags=re.DOTALL)

    def mark(self, found):
        self.comments.append(text_of(found.group()))
        return f"@{len(self.comments) - 1}@"

    def comment_of(self, mark):
        return self.comments[int(mark.strip("@"))] if mark else ""

    def pieces(self, text):
        """(code, comment) of each declaration; a comment that belongs to none has no code."""
        above, code, is_used = "", "", True
        for line in text.split("\n") + [""]:
            line, right = re.fullmatch(r"\s*(.*?)\s*(@\d+@)?", line).groups()
            if code == "" and line == "":
                if not is_used and right is None:
                    yield "", above
                above, is_used = self.comment_of(right), right is None
                continue
            code += f"{line}\n"
            is_closed = code.count("{") == code.count("}") and line[-1:] in (";", "}")
            if is_closed or (code[0] == "#" and line[-1:] != "\\"):
                yield code, self.comment_of(right) or above
                code, is_used = "", True
            elif right:
                code = f"{code[:-1]} {right}\n"

    def items(self):
        """All of the header but its first comment, which is comments[1]."""
        for code, comment in self.pieces(self.text):
            bare = " ".join(re.sub(r"@\d+@|\\\n", "", code).split())
            found = [(kind, re.match(form, bare)) for kind, form in KINDS.items()]
            kind, match = next((pair for pair in found if pair[1]), ("", None))
            if match is None and code:
                continue
            item = Item(bare, comment, kind, match.group(1) if match else "")
            if kind in ("struct", "enum"):
                body = code[code.index("{") + 1 : code.rindex("}")]
                item.members = list((self.fields if kind == "struct" else self.constants)(body))
            yield item

    def fields(self, body):
        for code, comment in self.pieces(re.sub(r"(?m)^ *(union \{|\};)$", "", body)):
            if code:
                code = " ".join(code.rstrip(";\n").split())
                name = re.search(r"\(\*(\w+)\)|(\w+)(?:\[.*| : \d+)?$", code)
                yield Item(code, comment, "field", name.group(1) or name.group(2))

    def constants(self, body):
        for name, mark in re.findall(r"(EDO_\w+)[^,@]*,?\s*(@\d+@)?", body):
            yield Item(name, self.comment_of(mark), "constant", name)


def blocks(text):
    """Its paragraphs, and between them what has an indent."""
    return re.findall(r"(?m)(?:^  .*\n?(?:\n(?=  ))?)+|(?:^(?!  ).+\n?)+", text)


# --- What a function or a future gives ----------------------------------------------------------

STARTS = r"(?:^|(?<=[.;:] ))(?=(?:Returns|Result(?: of \w+)?:|READY:|PENDING:)(?: |$))"
VALUE = r"^(?=The |How |Whether |What )"


class Contract:
    """A comment, taken apart: {description, returns, errors: [(names, why)], others}."""

    def __init__(self, comment, is_valued):
        self.description, self.returns, self.errors, self.others = [], [], [], []
        for block in blocks(comment):
            text = block if block.startswith("  ") else " ".join(block.split())
            start = re.search(STARTS, text) or (is_valued and re.search(VALUE, text))
            start = start.start() if start else len(text)
            returned, memory, rest = text[start:].partition("Memory:")
            description = text[:start] + memory + rest
            self.description += [description] if description.strip() else []
            self.add_returns(returned.strip())

    def add_returns(self, text):
        text, *others = re.split(r"(?:; else|(?<=-errno)) as ", text, maxsplit=1)
        self.others += others
        first, *errors = re.split(rf"(?:[;.]|^) ?(?={ERRORS}: )", text)
        self.returns += [first if first.endswith(".") else f"{first}."] if first else []
        for error in errors:
            names, why = error.split(": ", 1)
            self.errors.append((re.findall(r"E[A-Z0-9]+", names), why.rstrip(".")))


def is_valued(item):
    return item.kind == "function" and not re.match(r"(static inline )?void [^*]", item.code)


class Header:
    """Its first comment, and what it declares."""

    def __init__(self, path):
        self.path, self.name = path, f"edo_{path.stem}"
        source = Source(path)
        brief, self.intro = re.match(
            r".*? - (.*?)(?:\.(?=\s|$)|(?=\n\n))(.*)", source.comments[1], re.DOTALL
        ).groups()
        self.brief = " ".join(brief.split())
        self.items = list(source.items())

    def symbols(self):
        return [item for item in self.items if item.kind]

    def entries(self):
        """(items, contract) of each comment: the first is the header's, and of no item."""
        groups = []
        for item in self.symbols():
            if groups and item.comment is groups[-1][-1].comment and item.comment:
                groups[-1].append(item)
            else:
                groups.append([item])
        of_items = [(group, Contract(group[0].comment, is_valued(group[0]))) for group in groups]
        return [([], Contract(self.intro, False)), *of_items]

