"""Make the ids of a create, from what is asked and how often it was."""

from __future__ import annotations

import hashlib

from ..protocol.ask import Ask
from ..protocol.ids import IdSource
from ..wording import dumper

dump_sorted = dumper(sort_keys=True)


def digest_of(sorted_body: str) -> str:
    """Return what tells a body from others, of its JSON with sorted members."""
    return hashlib.sha256(sorted_body.encode()).hexdigest()


def make_ids(seed: str, digest: str, number: int, ask: Ask) -> IdSource:
    """Make the ids of the `number`-th create of a body.

    They depend on nothing else, so requests that race do not change others' ids.
    """
    model = None if ask.store else ask.capability
    return IdSource(
        f"{seed} {digest} {number}", call_digits=model.unstored_call_digits if model else 0
    )
