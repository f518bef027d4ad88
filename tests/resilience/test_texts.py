"""What a result shows of a text that was cut, or that came twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from fakegemini.resilience.text_loss import is_doubled, is_shortened


@dataclass
class Told:
    """A result with more than a text."""

    text: str
    whole: bool


TEXT = "Answer: High water at noon, low at six."
RESULTS: list[tuple[Any, Any, bool, bool]] = [
    (TEXT, TEXT, False, False),
    (TEXT, "Answer: High water", True, False),
    (TEXT, "Answer: High water low at six.", True, False),
    (TEXT, "Answer: ", False, False),
    (TEXT, "", False, False),
    (TEXT, None, False, False),
    (TEXT, "Answer: High water… (cut off)", False, False),
    (TEXT, "Answer: High waterHigh water at noon, low at six.", False, True),
    (TEXT, "Answer: High water" + TEXT, False, True),
    (TEXT, TEXT + TEXT, False, True),
    (TEXT, TEXT.upper(), False, False),
    (["High ", "water ", "today"], ["High ", "water "], True, False),
    ({"text": TEXT, "n": 1}, {"text": "Answer: High water", "n": 1}, True, False),
    ({"text": TEXT, "n": 1}, {"text": "Answer: High water", "n": 2}, False, False),
    (Told(TEXT, True), Told("Answer: High water", True), True, False),
    (Told(TEXT, True), Told("Answer: High water", False), False, False),
    ((TEXT, 3), (TEXT + TEXT, 3), False, True),
    (3, 4, False, False),
]


@pytest.mark.parametrize(("good", "got", "short", "double"), RESULTS)
def test_two_results(good: Any, got: Any, short: bool, double: bool) -> None:
    """Only text that is missing, or there twice, with all else equal, is held against a client."""
    assert (is_shortened(good, got, "High water"), is_doubled(good, got)) == (short, double)
