"""Documents that break the schema of their name, whoever reads it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fakegemini.protocol import schemas


def spoil(name: str) -> Iterator[tuple[str, Any]]:
    """Each example of a schema without a demanded member, and with a member of another type."""
    for example in schemas.examples(name):
        if not isinstance(example, dict):
            continue
        for member in example:
            for changed in (
                {key: value for key, value in example.items() if key != member},
                {**example, member: [[None]]},
            ):
                if not schemas.validator(name, closed=False).is_valid(changed):
                    yield name, changed


SPOILT = [row for name in schemas.schema_names() for row in spoil(name)]
"""By fakegemini's own validator; `name, document`."""
