"""Make texts that match a regular expression, for the `pattern` of a schema.

It understands what people write in schemas: literals, classes, groups, alternatives, repetition.
Look-around is passed over; the check that follows finds out whether that was right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MAX_LENGTH = 10_000
_MAX_PATTERN = 2_000  # characters of a pattern; a longer one has no samples
_CLASSES = {"d": "1234567890", "w": "abcdefgh12", "s": " \t", "D": "ab-", "W": "-. ", "S": "abc1"}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_PROPERTIES = {"Lu": "ABC", "L": "abc", "Ll": "abc", "N": "123", "Nd": "123", "P": "-.", "Z": " "}
_SAMPLE_CHARS = "abcABC123 -_.,:/@#%&+=!?*~^|<>()[]{}'\"\\;$`\n"
_COUNT = re.compile(r"\{(\d+)(,(\d*))?\}")
_LOOKAROUND = re.compile(r"\(\?(?:[=!]|<[=!])")
_OPENING = re.compile(r"\((?:\?(?::|P?<(\w+)>))?")
_BACK_REFERENCE = re.compile(r"\(\?P=(\w+)\)|\\k<(\w+)>")


def sample_texts(pattern: str, shortest: int = 0) -> Iterator[str]:
    """Yield texts that should match, simplest first; `shortest` is the length they should reach.

    A pattern that cannot be read has none.
    """
    if len(pattern) > _MAX_PATTERN:
        return
    for extra in dict.fromkeys((0, 1, 2, shortest)):
        for variant in range(10):
            try:
                yield _PatternWalk(pattern, variant, extra).make_text()
            except (ValueError, IndexError, AssertionError, RecursionError):
                return


class _PatternWalk:
    """One way through a pattern.

    `variant` chooses among alternatives and characters, `extra` is how much more often something
    is repeated than it must be.
    """

    def __init__(self, pattern: str, variant: int, extra: int) -> None:
        self._pattern = pattern
        self._variant = variant
        self._extra = extra
        self._position = 0
        self._groups: list[str] = []
        self._names: dict[str, int] = {}

    def make_text(self) -> str:
        """Return the text; raise ValueError or IndexError for a pattern that cannot be read."""
        text = self._walk_alternatives()
        if self._position < len(self._pattern):
            raise ValueError("unbalanced")
        return text

    def _walk_alternatives(self) -> str:
        branches = [self._walk_sequence()]
        while self._peek() == "|":
            self._position += 1
            branches.append(self._walk_sequence())
        return branches[self._variant % len(branches)]

    def _walk_sequence(self) -> str:
        text = ""
        while self._position < len(self._pattern) and self._peek() not in "|)":
            text += self._repeat(*self._read_atom())
            if len(text) > _MAX_LENGTH:
                raise ValueError("too long")
        return text

    def _peek(self) -> str:
        return self._pattern[self._position : self._position + 1]

    def _next_char(self) -> str:
        self._position += 1
        return self._pattern[self._position - 1]

    def _repeat(self, atom: str, is_set: bool) -> str:
        """Read the quantifier behind an atom, and return the atom as often as it says."""
        low, high = 1, 1
        count_match = _COUNT.match(self._pattern, self._position)
        if count_match:
            self._position = count_match.end()
            low = int(count_match[1])
            high = low if count_match[2] is None else int(count_match[3] or low + self._extra)
        elif self._peek() and self._peek() in "*+?":
            quantifier = self._next_char()
            low = 1 if quantifier == "+" else 0
            high = 1 if quantifier == "?" else low + self._extra
        else:
            return self._pick_char(atom, 0, 1) if is_set else atom
        if self._peek() and self._peek() in "?+":
            self._position += 1
        times = min(low + self._extra, high)
        if times * len(atom) > _MAX_LENGTH and (times > _MAX_LENGTH or not is_set):
            raise ValueError("too long")
        if is_set:
            return "".join(self._pick_char(atom, index, times) for index in range(times))
        return atom * times

    def _read_atom(self) -> tuple[str, bool]:
        """Read one atom: a text and False, or the characters to choose one of and True."""
        if _LOOKAROUND.match(self._pattern, self._position):
            self._read_group()
            return "", False
        if same := _BACK_REFERENCE.match(self._pattern, self._position):
            self._position = same.end()
            return self._groups[self._names.get(same[1] or same[2], len(self._groups))], False
        char = self._peek()
        if char == "(":
            return self._read_group(), False
        self._position += 1
        if char == "[":
            return self._read_set(), True
        if char == "\\":
            return self._read_escape()
        if char in "^$":
            return "", False
        return ("abc", True) if char == "." else (char, False)

    def _read_group(self) -> str:
        opening = _LOOKAROUND.match(self._pattern, self._position) or _OPENING.match(
            self._pattern, self._position
        )
        assert opening is not None
        self._position = opening.end()
        if opening[0].startswith("(?") and opening[0][2] in "=!":
            group_count = len(self._groups)
            self._walk_alternatives()
            del self._groups[group_count:]
            text = ""
        else:
            number = len(self._groups)
            captures = opening[0] != "(?:"
            self._groups += [""] if captures else []
            if captures and opening[1]:
                self._names[opening[1]] = number
            text = self._walk_alternatives()
            if captures:
                self._groups[number] = text
        if self._next_char() != ")":
            raise ValueError("unbalanced")
        return text

    def _pick_char(self, options: str, index: int, times: int) -> str:
        # Choices are spread over the options: a password needs a letter and a digit.
        position = self._variant + index * len(options) // times
        return options[position % len(options)] if options else ""

    def _read_escape(self) -> tuple[str, bool]:
        char = self._next_char()
        if char in _CLASSES:
            return _CLASSES[char], True
        if char in "bBAZz":
            return "", False
        if char in "xu":
            size = 2 if char == "x" else 4
            code = self._pattern[self._position : self._position + size]
            self._position += size
            return chr(int(code, 16)), False
        if char in "pP" and self._peek() == "{":
            end = self._pattern.index("}", self._position)
            name, self._position = self._pattern[self._position + 1 : end], end + 1
            return _PROPERTIES.get(name, "abc") if char == "p" else "-", True
        if char in "123456789":
            return self._groups[int(char) - 1], False
        return _CONTROLS.get(char, char), False

    def _read_set(self) -> str:
        """Read the rest of `[…]` and return its characters; of `[^…]`, some of the others."""
        is_negated = self._peek() == "^"
        self._position += is_negated
        members: list[str] = []
        while self._peek() != "]":
            first = self._next_char()
            options = self._read_escape()[0] if first == "\\" else first
            ahead = self._pattern[self._position : self._position + 2]
            if len(options) == 1 and len(ahead) == 2 and ahead[0] == "-" and ahead[1] != "]":
                self._position += 1
                last = self._next_char()
                last = self._read_escape()[0] if last == "\\" else last
                span = range(ord(options), ord(last) + 1)
                options = "".join(map(chr, span[:300]))
            members.append(options)
        self._position += 1
        if is_negated:
            excluded_chars = set("".join(members))
            return "".join(char for char in _SAMPLE_CHARS if char not in excluded_chars)
        return "".join(members)
