"""Turn a text that was made of probes into a pattern that is filled with values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

INPUT_TOKENS, OUTPUT_TOKENS, THOUGHT_TOKENS = 10**9, 10**11, 10**13
"""Counts that no request has, so far apart that a sum of them tells of which it is the sum."""

_LARGE_NUMBER = re.compile(r"(?<=:)\d{10,16}(?=[,}\]])")


class Sum(NamedTuple):
    """How often each of the three counts is in a number, and what is added to them."""

    inputs: int
    outputs: int
    thoughts: int
    constant: int

    @classmethod
    def of_probe(cls, number: int) -> Sum:
        """Read it off a number that was made of the counts above."""
        thoughts, remainder = divmod(number, THOUGHT_TOKENS)
        outputs, remainder = divmod(remainder, OUTPUT_TOKENS)
        return cls(*divmod(remainder, INPUT_TOKENS)[:1], outputs, thoughts, number % INPUT_TOKENS)

    @property
    def name(self) -> str:
        """Return the name of the slot for it."""
        return "n" + "_".join(map(str, self))


def make_pattern(text: str, probes: Mapping[str, str]) -> tuple[str, frozenset[Sum]]:
    """Return the text as a pattern for `%`, and the sums that it needs, each by its name.

    `probes` are the texts that stand for what differs, by the names of their slots.
    """
    sums: set[Sum] = set()

    def name_slot(match: re.Match[str]) -> str:
        needed_sum = Sum.of_probe(int(match[0]))
        sums.add(needed_sum)
        return f"%({needed_sum.name})d"

    pattern = text.replace("%", "%%")
    for name, probe in probes.items():
        pattern = pattern.replace(probe, f"%({name})s")
    return _LARGE_NUMBER.sub(name_slot, pattern), frozenset(sums)


def count_sums(
    sums: Iterable[tuple[str, Sum]], inputs: int, outputs: int, thoughts: int
) -> dict[str, int]:
    """Return the number of each sum, by the name of its slot."""
    return {
        name: of_inputs * inputs + of_outputs * outputs + of_thoughts * thoughts + constant
        for name, (of_inputs, of_outputs, of_thoughts, constant) in sums
    }
