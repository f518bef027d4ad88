"""The same seed and the same requests give the bytes that they gave when the hashes were written.

What makes the fake faster leaves all of them as they are. Where an answer is meant to change,
`python -m tests.same_bytes` writes them anew.
"""

from __future__ import annotations

import json

from .. import same_bytes


def test_answers_are_byte_for_byte_those_that_were_written_down() -> None:
    """Every kind of answer: status, head and body."""
    written = json.loads(same_bytes.HASHES.read_text("utf-8"))
    hashes = dict(same_bytes.groups())

    changed = [name for name in written | hashes if written.get(name) != hashes.get(name)]
    assert not changed, "where this is meant: python -m tests.same_bytes"
