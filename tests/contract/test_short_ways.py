"""What is looked for on a short way is the same as what the long way finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fakegemini.recordings.server_names import REDACTED, holds_redaction

WORDS = st.just("\u017fcrub") | st.sampled_from(
    "REDACT scrub Filtered masked SANITIS sanitiz anonym hidden dummy < > { } * .. ... …".split()
)
PIECES = st.lists(WORDS | st.text(max_size=4), max_size=6).map("".join)


@given(PIECES | st.text(st.characters(codec="ascii"), max_size=40))
def test_what_recorders_put_in_place_of_names(text: str) -> None:
    """In letters of any case, beside anything, in any alphabet."""
    assert holds_redaction(text) == bool(REDACTED.search(text))
