"""Read a regular expression, of ECMA 262 or of Python, as a term.

Raises `ValueError` for what no term is: back-references, and whatever is no pattern.
"""

from __future__ import annotations

import re

from .pattern_terms import (
    ANYTHING,
    EMPTY,
    END,
    START,
    Ahead,
    Boundary,
    Chain,
    CharSet,
    Term,
    both,
    chain,
    either,
    negate,
    repeat,
)

_CLASSES = {
    "d": (("0", "9"),),
    "w": (("a", "z"), ("A", "Z"), ("0", "9"), ("_", "_")),
    "s": ((" ", " "), ("\t", "\r"), ("\xa0", "\xa0"), ("\u2000", "\u200a"), ("\u2028", "\u2029")),
}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_COUNT = re.compile(r"\{(\d+)(,(\d*))?\}")
_FLAGS = re.compile(r"\(\?([a-zA-Z]+)(-[a-zA-Z]+)?(:|\))")
_OPENING = re.compile(r"\((?:\?(?::|P?<\w+>))?(?!\?)")
_AHEAD = re.compile(r"\(\?([=!])")
_BEHIND = re.compile(r"\(\?<([=!])")
_CODE = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|[uxU]\{([0-9a-fA-F]+)\}")
_MAX_COUNT = 5_000

_LINE_BREAKS = (("\n", "\n"), ("\r", "\r"), ("\u2028", "\u2029"))
_EVERY_CHARACTER = CharSet(negated=True)
START_SET, END_SET = CharSet(((START, START),)), CharSet(((END, END),))


def parse_pattern(pattern: str) -> Term:
    """Return the term of a pattern, as it stands: without what may come before and behind it."""
    parser = _Parser(pattern)
    term = parser.read_alternatives()
    if parser.position < len(pattern):
        raise ValueError(f"unbalanced: {pattern!r}")
    return term


class _Parser:
    def __init__(self, pattern: str) -> None:
        self.position = 0
        self._pattern = pattern
        self._any_case = False

    def read_alternatives(self) -> Term:
        any_case = self._any_case
        terms = [self._read_sequence()]
        while self._peek() == "|":
            self.position += 1
            terms.append(self._read_sequence())
        self._any_case = any_case
        return either(*terms)

    def _read_sequence(self) -> Term:
        terms: list[Term] = []
        while self.position < len(self._pattern) and self._peek() not in "|)":
            if behind := self._match(_BEHIND):
                ending = chain(ANYTHING, self._read_group())
                before = _in_order(terms) if terms else ANYTHING
                terms = [both(before, negate(ending) if behind[1] == "!" else ending)]
                continue
            terms.append(self._read_quantifier(self._read_atom()))
        return _in_order(terms)

    def _peek(self) -> str:
        return self._pattern[self.position : self.position + 1]

    def _next(self) -> str:
        if self.position >= len(self._pattern):
            raise ValueError("unfinished")
        self.position += 1
        return self._pattern[self.position - 1]

    def _match(self, expression: re.Pattern[str]) -> re.Match[str] | None:
        match = expression.match(self._pattern, self.position)
        self.position = match.end() if match else self.position
        return match

    def _read_quantifier(self, atom: Term) -> Term:
        if count := self._match(_COUNT):
            low = int(count[1])
            high = low if count[2] is None else int(count[3]) if count[3] else None
        elif self._peek() and self._peek() in "*+?":
            low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}[self._next()]
        else:
            return atom
        if max(low, high or 0) > _MAX_COUNT:
            raise ValueError("too many repetitions")
        if self._peek() and self._peek() in "?+":
            self.position += 1  # lazy or possessive: how a text is searched, not which
        return repeat(atom, low, high)

    def _read_atom(self) -> Term:
        if ahead := self._match(_AHEAD):
            return Ahead(self._read_group(), negated=ahead[1] == "!")
        if flags := self._match(_FLAGS):
            return self._read_flags(flags)
        if self._match(_OPENING):
            return self._read_group()
        char = self._next()
        if char in "(*+?":
            raise ValueError(f"not known: {self._pattern[self.position - 1 :]!r}")
        if char == "[":
            return self._read_set()
        if char == "\\":
            return self._read_escape()
        if char in "^$":
            return START_SET if char == "^" else END_SET
        if char == ".":
            return CharSet(_LINE_BREAKS, negated=True)
        return CharSet(((char, char),), any_case=self._any_case)

    def _read_group(self) -> Term:
        term = self.read_alternatives()
        if self._next() != ")":
            raise ValueError("unbalanced")
        return term

    def _read_flags(self, flags: re.Match[str]) -> Term:
        any_case = self._any_case
        self._any_case = "i" in flags[1]
        if flags[3] == ")":
            return EMPTY
        term = self._read_group()
        self._any_case = any_case
        return term

    def _read_escape(self) -> Term:
        char = self._next()
        if char in "bB":
            return Boundary(inside=char == "B")
        if char in "AZz":
            return START_SET if char == "A" else END_SET
        if char in "123456789k":
            raise ValueError("a back-reference")
        self.position -= 1
        return self._read_class()

    def _read_class(self) -> CharSet:
        """Read what stands behind a backslash, in a set or not."""
        if code := self._match(_CODE):
            char = chr(int(code[1] or code[2] or code[3], 16))
        else:
            char = self._next()
            if char.lower() in _CLASSES:
                return CharSet(_CLASSES[char.lower()], negated=char.isupper())
            if char in "pP" and self._peek() == "{":
                name = self._pattern[self.position + 1 : self._pattern.index("}", self.position)]
                self.position += len(name) + 2
                return CharSet(categories=(_category(name),), negated=char == "P")
            char = _CONTROLS.get(char, char)
        return CharSet(((char, char),), any_case=self._any_case)

    def _read_set(self) -> CharSet:
        negated = self._peek() == "^"
        self.position += negated
        ranges: list[tuple[str, str]] = []
        categories: list[str] = []
        without: list[str] = []
        is_first = True
        while self._peek() != "]" or is_first:
            is_first = False
            if self._peek() == "]":
                break
            member = self._read_member()
            ahead = self._pattern[self.position : self.position + 2]
            if _is_one(member) and ahead[:1] == "-" and ahead[1:] not in ("", "]"):
                self.position += 1
                last = self._read_member()
                if _is_one(last):
                    ranges.append((member.ranges[0][0], last.ranges[0][0]))
                    continue
                ranges += [*last.ranges, ("-", "-")]
            if member.negated and member.ranges:
                if (
                    len(self._pattern)
                    and member.ranges in _CLASSES.values()
                    and (set(member.ranges) <= {*ranges})
                ):
                    self._skip_to_end()
                    return _EVERY_CHARACTER
                ranges += _complement(member.ranges)
            else:
                ranges += member.ranges
            (without if member.negated else categories).extend(member.categories)
        self.position += 1
        return CharSet(tuple(ranges), tuple(categories), tuple(without), negated, self._any_case)

    def _skip_to_end(self) -> None:
        while self._next() != "]":
            pass

    def _read_member(self) -> CharSet:
        char = self._next()
        if char == "\\":
            if self._peek() == "b":
                self.position += 1
                return CharSet((("\b", "\b"),))
            return self._read_class()
        return CharSet(((char, char),))


def _in_order(terms: list[Term]) -> Term:
    sequence: Term = EMPTY
    for term in reversed(terms):
        # What an Ahead looks at ends behind the whole pattern: `chain` is told of that later.
        sequence = Chain(term, sequence) if isinstance(term, Ahead) else chain(term, sequence)
    return sequence


def _is_one(member: CharSet) -> bool:
    return len(member.ranges) == 1 and member.ranges[0][0] == member.ranges[0][1]


def _complement(ranges: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    remaining: list[tuple[str, str]] = []
    begin = 4  # behind START and END
    for first, last in sorted(ranges):
        if begin < ord(first):
            remaining.append((chr(begin), chr(ord(first) - 1)))
        begin = max(begin, ord(last) + 1)
    return [*remaining, (chr(begin), "\U0010ffff")]


_CATEGORIES = {
    "Letter": "L", "Lowercase_Letter": "Ll", "Uppercase_Letter": "Lu", "Number": "N",
    "Decimal_Number": "Nd", "Punctuation": "P", "Symbol": "S", "Separator": "Z", "Mark": "M",
    "Alphabetic": "L", "Lowercase": "Ll", "Uppercase": "Lu",
}  # fmt: skip


def _category(name: str) -> str:
    name = name.rpartition("=")[2].removeprefix("Is")
    category = _CATEGORIES.get(name, name)
    if len(category) > 2:
        raise ValueError(f"not a known category: {name}")
    return category


def search_term(pattern: str) -> Term:
    """Return the term of the texts, between START and END, in which a pattern is found."""
    return chain(ANYTHING, chain(parse_pattern(pattern), ANYTHING))
