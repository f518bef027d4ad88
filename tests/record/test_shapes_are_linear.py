"""No text makes the shapes of secrets slow: whoever is recorded may have written it."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import resource
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
from fakegemini.recordings.scrub.generic_shapes import GENERIC_SHAPES
from fakegemini.recordings.scrub.patterns import SECRET_SHAPES

SEEDS = {
    example[:length]
    for shape in GENERIC_SHAPES
    for example in shape.examples
    for length in (3, 6, 11, 27)
} | {"a.", "a-", "-----BEGIN ", "-----END A", "A_", "x://a:", "/key/", "key: "}
for seed in sorted(SEEDS):
    text = seed * (60_000 // len(seed))
    lower_text = text.lower()
    for shape in SECRET_SHAPES:
        if any(needle in lower_text for needle in shape.needles):
            print(shape.kind, repr(seed), flush=True)
            for _ in shape.pattern.finditer(text):
                pass
print("done")
"""
"""Looks for each shape in long texts of what each shape begins with; ends by force when slow."""


def test_beginnings_of_secrets_again_and_again() -> None:
    """A shape that looks to the end of the text at each of them takes minutes here."""
    pytest.importorskip("resource")
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)

    assert done.stdout.endswith("done\n"), [*done.stdout.splitlines()[-1:], done.stderr]
