"""The short way past the rules of secrets: no text takes it that they would change."""

from __future__ import annotations

import subprocess
import sys
from string import ascii_letters

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakegemini.recordings.scrub.mask import mask_secrets
from fakegemini.recordings.scrub.patterns import SECRET_SHAPES
from fakegemini.recordings.scrub.remaining import find_secrets
from fakegemini.recordings.scrub.scrubber import Scrubber

ANNOUNCED = "Bearer Basic token apikey Digest Negotiate key password secret pwd login".split()
EXAMPLES = [example for shape in SECRET_SHAPES for example in shape.examples]
WORDS = (
    st.text(ascii_letters, min_size=1, max_size=20)
    | st.text(st.characters(categories=["L"]), min_size=1, max_size=8)
    | st.integers(0, 10**9).map(str)
    | st.sampled_from([*ANNOUNCED, *EXAMPLES, "don't", "/v1beta/interactions", "/v1/token"])
)
JOINTS = st.sampled_from([*5 * " ", ", ", ". ", "? ", "\n", "/", "=", ": ", "-", "_", ""])
TEXTS = st.lists(st.tuples(WORDS, JOINTS), min_size=2, max_size=8).map(
    lambda pairs: "".join(part for pair in pairs for part in pair)
)


@settings(max_examples=400)
@given(TEXTS)
def test_what_stays_as_it_is_holds_no_secret(text: str) -> None:
    """Words, numbers, what announces a secret, and secrets of every shape, joined anyhow."""
    if len(text) < 16 or mask_secrets(text) != text:
        return
    scrubber = Scrubber()
    scrubber.learn_body(text)
    assert scrubber.scrub_body(text) == text
    assert not find_secrets(text)


@pytest.mark.parametrize(
    ("text", "loads"),
    [
        ("Why are there tides in the North Sea? Question 17.", False),
        ("/v1beta/interactions", False),
        ("Warum gibt es Ebbe und Flut, und wie oft?", False),
        ("The key is Basic dXNlcjpwYXNz, isn't it?", True),
        ("api_key=abcdefghijklmnop", True),
    ],
)
def test_a_question_loads_no_rules(text: str, loads: bool) -> None:
    """What people ask goes into the log as it is."""
    code = (
        f"from fakegemini.recordings.scrub.mask import mask_secrets; mask_secrets({text!r})\n"
        "import sys; print('fakegemini.recordings.scrub.patterns' in sys.modules)"
    )

    printed = subprocess.check_output([sys.executable, "-c", code], text=True)

    assert printed.strip() == str(loads)
