# SPDX-License-Identifier: MIT
"""mutate - every small way to break a C file that is laid out by .clang-format.

Comparisons, arithmetic, logic, bits, numbers, true and false are swapped or moved by one;
conditions are negated or fixed; statements, else branches, negations and signs are left out; a
return gives 0; break and continue change places. Not touched: comments, texts, includes, what
asserts hold, cases and, in headers, what is outside of functions."""
import re

TOKEN = re.compile(r"""(?P<skip>\s+|/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'
    |^\#[ ]*(?!define)(?:\\\n|[^\n])*)|(?P<define>^\#[ ]*define[ ]+\w+(?:\([^)]*\))?)
    |(?P<id>[A-Za-z_]\w*)|(?P<num>\.?\d[\w.]*)
    |(?P<op>->|\+\+|--|<<=|>>=|<<|>>|[<>=!+\-*/%&|^]=|&&|\|\||\.\.\.|.)""", re.X | re.S | re.M)
SWAPS = {"<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"], "==": ["!="],
         "!=": ["=="], "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["*"], "&&": ["||"],
         "||": ["&&"], "&": ["|"], "|": ["&"], "^": ["&"], "<<": [">>"], ">>": ["<<"]}
ALONE = {"++": "--", "--": "++", "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "|=": "&=",
         "&=": "|=", "^=": "&=", "<<=": ">>=", ">>=": "<<=", "true": "false", "false": "true"}
WORDS = {"if", "else", "for", "while", "do", "switch", "case", "default", "return", "break",
         "continue", "goto", "const", "static", "struct", "enum", "union", "assert",
         "static_assert", "sizeof"}
BEFORE_CONDITION = {"=", "return", ",", "(", "[", "{", ";", "?", ":", "+=", "-=", "|="}


class Source:
    """The tokens of one file, and every mutant of it."""

    def __init__(self, path):
        self.path, self.text = path, open(path).read()
        self.tokens = [m for m in TOKEN.finditer(self.text) if m.lastgroup != "skip"]
        self.words = [m.group() for m in self.tokens]
        self.match, self.within, self.function, stack = {}, [], {}, []
        for i, word in enumerate(self.words):
            self.within.append(self.words[stack[-1]] if stack else "")
            if word in "([{":
                stack.append(i)
            elif word in ")]}" and stack:
                self.match[stack[-1]], self.match[i] = i, stack[-1]
                stack.pop()
        self.found = []

    def put(self, first, last, new):
        """Replaces the tokens from `first` to `last`."""
        start, end = self.tokens[first].start(), self.tokens[last].end()
        self.found.append((start, end, new, self.function.get(first, "-")))

    def statement_end(self, i):
        """The last token of the statement that begins at `i`."""
        word = self.words[i]
        if word == "{":
            return self.match[i]
        if word in ("if", "for", "while", "switch"):
            end = self.statement_end(self.match[i + 1] + 1)
            if word == "if" and self.words[end + 1] == "else":
                return self.statement_end(end + 2)
            return end
        while self.words[i] not in (";", ":", "}"):
            i = self.match[i] + 1 if self.words[i] in "([{" else i + 1
        return i

    def is_binary(self, i):
        text, token = self.text, self.tokens[i]
        return text[token.start() - 1].isspace() and text[token.end()].isspace()

    def conditions(self, i):
        word = self.words[i]
        if word in ("if", "while") and self.words[i + 1] == "(":
            first, last = i + 2, self.match[i + 1] - 1
        elif word == "for":
            first = self.statement_end(i + 2) + 1
            last = self.statement_end(first) - 1
        elif word == "?":
            first = last = i - 1
            while self.words[first - 1] not in BEFORE_CONDITION:
                first = self.match[first - 1] if self.words[first - 1] in ")]" else first - 1
        else:
            return
        if last >= first:
            whole = self.text[self.tokens[first].start():self.tokens[last].end()]
            for new in ["!(%s)" % whole, "false"] + (["true"] if word in ("if", "?") else []):
                self.put(first, last, new)

    def at(self, i):
        word = self.words[i]
        if self.tokens[i].lastgroup == "num" and re.fullmatch(r"(0x)?[0-9a-fA-F]+[uUlL]*", word):
            digits = re.match(r"0x[0-9a-fA-F]+|\d+", word).group()
            number, suffix = int(digits, 0 if digits[:2] == "0x" else 10), word[len(digits):]
            for other in (number + 1, number - 1):
                if other >= 0:
                    self.put(i, i, "%d%s" % (other, suffix))
        if word in ("true", "false"):
            self.put(i, i, ALONE[word])
        if i not in self.function:
            return
        self.conditions(i)
        if word in SWAPS and self.is_binary(i):
            for new in SWAPS[word]:
                self.put(i, i, new)
        elif word in ALONE and word not in ("true", "false"):
            self.put(i, i, ALONE[word])
        elif word in ("!", "~", "-") and not self.is_binary(i):
            self.put(i, i, "")
        elif word == "else":
            self.put(i, self.statement_end(i + 1), "")
        elif word in ("break", "continue"):
            self.put(i, i, "continue" if word == "break" else "break")
            self.put(i, i, "")
        elif word == "return":
            end = self.statement_end(i)
            if self.words[i + 1:end] not in (["0"], ["false"], ["NULL"], ["true"]):
                self.put(i, end, "return 0;" if end > i + 1 else ";")
        elif word not in WORDS and self.begins_statement(i):
            self.put(i, self.statement_end(i), ";")

    def begins_statement(self, i):
        """Of an expression: not a declaration, an initialiser or the rest of a condition."""
        word, before, after = self.words[i], self.words[i - 1], self.words[i + 1]
        opener = self.words[self.match[i - 1] - 1] if before in ")}" else ""
        if before not in (";", "{", "}", ")", "else", ":"):
            return False
        if self.within[i] != "{" or before == ")" and opener not in ("if", "for", "while"):
            return False
        if word == "." or self.words[i - 1] == ":" and "?" in self.words[max(0, i - 12):i]:
            return False
        if word in ("++", "--", "*", "("):
            return before != ")" or opener in ("if", "for", "while")
        if not re.match(r"[A-Za-z_]", word) or re.match(r"[A-Za-z_]", after) or after == ":":
            return False
        return not (after == "*" and not self.is_binary(i + 1))

    def mutants(self):
        """[(key, text)], the key being (file, function, line with the mutation in it)."""
        mutable, i, is_header = [], 0, self.path.endswith(".h")
        while i < len(self.words):
            word = self.words[i]
            if word == "{" and self.words[i - 1] == ")":    # a function
                name = self.words[self.match[i - 1] - 1]
                self.function.update((j, name) for j in range(i + 1, self.match[i]))
                mutable += range(i + 1, self.match[i])
            elif word in ("struct", "union") and self.words[i + 2] == "{":
                i += 2
            elif not is_header and not (word == "static_assert"):
                mutable.append(i)
                i += 1
                continue
            i = self.match.get(i, i) + 1 if word in "({" or self.words[i] == "{" else i + 1
        skipped = set()
        for i in mutable:
            if self.words[i] in ("assert", "static_assert"):
                skipped.update(range(i, self.match[i + 1] + 2))
            if self.words[i] == "case":
                skipped.update(range(i, self.words.index(":", i)))
        for i in mutable:
            if i not in skipped:
                self.at(i)
        return [self.finished(*found) for found in self.found]

    def finished(self, start, end, new, function):
        text, old = self.text, self.text[start:end]
        left, right = text.rfind("\n", 0, start) + 1, text.find("\n", end)
        flat = "%s[[%s => %s]]%s" % (text[left:start], old, new, text[end:right])
        key = (self.path, function, " ".join(flat.split()))
        # Lines stay where they are: an assert knows its own.
        return key, text[:start] + new + "\n" * (old.count("\n") - new.count("\n")) + text[end:]
