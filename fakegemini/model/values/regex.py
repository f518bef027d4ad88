"""Texts that match a regular expression, for the `pattern` of a schema.

Understands what people write in schemas: literals, classes, groups, alternatives, repetition.
Look-around is passed over; the check that follows finds out whether that was right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LONGEST = 10_000
_CLASSES = {"d": "1234567890", "w": "abcdefgh12", "s": " \t", "D": "ab-", "W": "-. ", "S": "abc1"}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_PROPERTIES = {"Lu": "ABC", "L": "abc", "Ll": "abc", "N": "123", "Nd": "123", "P": "-.", "Z": " "}
_ANY = "abcABC123 -_.,:/@#%&+=!?*~^|<>()[]{}'\"\\;$`\n"
_COUNT = re.compile(r"\{(\d+)(,(\d*))?\}")
_SKIPPED = re.compile(r"\(\?(?:[=!]|<[=!])")
_OPENING = re.compile(r"\((?:\?(?::|P?<\w+>))?")


def samples(pattern: str, shortest: int = 0) -> Iterator[str]:
    """Texts that should match, simplest first; `shortest` is the length they should reach."""
    for extra in dict.fromkeys((0, 1, 2, shortest)):
        for variant in range(10):
            try:
                yield _Walk(pattern, variant, extra).text()
            except (ValueError, IndexError):
                return


class _Walk:
    """One way through a pattern: which alternative, which character, how often."""

    def __init__(self, pattern: str, variant: int, extra: int) -> None:
        self._pattern = pattern
        self._variant = variant
        self._extra = extra
        self._at = 0
        self._groups: list[str] = []

    def text(self) -> str:
        text = self._alternatives()
        if self._at < len(self._pattern):
            raise ValueError("unbalanced")
        return text

    def _alternatives(self) -> str:
        branches = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            branches.append(self._sequence())
        return branches[self._variant % len(branches)]

    def _sequence(self) -> str:
        out = ""
        while self._at < len(self._pattern) and self._peek() not in "|)":
            out += self._repeated(*self._atom())
            if len(out) > _LONGEST:
                raise ValueError("too long")
        return out

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1]

    def _repeated(self, atom: str, one_of: bool) -> str:
        low, high = 1, 1
        counted = _COUNT.match(self._pattern, self._at)
        if counted:
            self._at = counted.end()
            low = int(counted[1])
            high = low if counted[2] is None else int(counted[3] or low + self._extra)
        elif self._peek() and self._peek() in "*+?":
            mark = self._take()
            low = 1 if mark == "+" else 0
            high = 1 if mark == "?" else low + self._extra
        else:
            return self._pick(atom, 0, 1) if one_of else atom
        if self._peek() and self._peek() in "?+":
            self._at += 1
        times = min(low + self._extra, high)
        if times * len(atom) > _LONGEST and (times > _LONGEST or not one_of):
            raise ValueError("too long")
        if one_of:
            return "".join(self._pick(atom, turn, times) for turn in range(times))
        return atom * times

    def _atom(self) -> tuple[str, bool]:
        # A text, or the characters that one may be chosen of.
        if _SKIPPED.match(self._pattern, self._at):
            self._group()
            return "", False
        char = self._peek()
        if char == "(":
            return self._group(), False
        self._at += 1
        if char == "[":
            return self._set(), True
        if char == "\\":
            return self._escape()
        if char in "^$":
            return "", False
        return ("abc", True) if char == "." else (char, False)

    def _group(self) -> str:
        opening = _SKIPPED.match(self._pattern, self._at) or _OPENING.match(self._pattern, self._at)
        assert opening is not None
        self._at = opening.end()
        if opening[0].startswith("(?") and opening[0][2] in "=!":
            before = len(self._groups)
            self._alternatives()
            del self._groups[before:]
            text = ""
        else:
            number = len(self._groups)
            captures = opening[0] != "(?:"
            self._groups += [""] if captures else []
            text = self._alternatives()
            if captures:
                self._groups[number] = text
        if self._take() != ")":
            raise ValueError("unbalanced")
        return text

    def _pick(self, options: str, turn: int, times: int) -> str:
        # Spread over the options: a password needs a letter and a digit.
        at = self._variant + turn * len(options) // times
        return options[at % len(options)] if options else ""

    def _escape(self) -> tuple[str, bool]:
        char = self._take()
        if char in _CLASSES:
            return _CLASSES[char], True
        if char in "bBAZz":
            return "", False
        if char in "xu":
            size = 2 if char == "x" else 4
            code = self._pattern[self._at : self._at + size]
            self._at += size
            return chr(int(code, 16)), False
        if char in "pP" and self._peek() == "{":
            end = self._pattern.index("}", self._at)
            name, self._at = self._pattern[self._at + 1 : end], end + 1
            return _PROPERTIES.get(name, "abc") if char == "p" else "-", True
        if char in "123456789":
            return self._groups[int(char) - 1], False
        return _CONTROLS.get(char, char), False

    def _set(self) -> str:
        negated = self._peek() == "^"
        self._at += negated
        members: list[str] = []
        while self._peek() != "]":
            first = self._take()
            options = self._escape()[0] if first == "\\" else first
            ahead = self._pattern[self._at : self._at + 2]
            if len(options) == 1 and len(ahead) == 2 and ahead[0] == "-" and ahead[1] != "]":
                self._at += 1
                last = self._take()
                last = self._escape()[0] if last == "\\" else last
                span = range(ord(options), ord(last) + 1)
                options = "".join(map(chr, span[:300]))
            members.append(options)
        self._at += 1
        if negated:
            taken = set("".join(members))
            return "".join(char for char in _ANY if char not in taken)
        return "".join(members)
