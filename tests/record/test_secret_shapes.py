"""The table of secrets that are known by their shapes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from fakegemini.cli import main
from fakegemini.recordings.scrub.patterns import SECRET_SHAPES, SecretShape
from fakegemini.recordings.scrub.remaining import find_secrets

EXAMPLES = [
    pytest.param(shape.kind, example, id=f"{shape.kind}-{number}")
    for shape in SECRET_SHAPES
    for number, example in enumerate(shape.examples)
]


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_each_example_is_found(kind: str, example: str) -> None:
    """In a text, as the kind that the row says."""
    assert f"{kind} at $.input" in find_secrets(json.dumps({"input": f"It is {example} here"}))


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_each_example_is_taken_out(kind: str, example: str, tmp_path: Path) -> None:
    """`fakegemini scrub` leaves nothing that looks like it."""
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"model": "m", "input": f"It is {example} here"}))

    result = CliRunner().invoke(main, ["scrub", str(file)])

    assert result.exit_code == 0, result.output
    assert "SCRUBBED-1" in file.read_text()
    assert find_secrets(file.read_text()) == []


@pytest.mark.parametrize("shape", SECRET_SHAPES, ids=lambda shape: shape.kind)
def test_each_needle_has_an_example(shape: SecretShape) -> None:
    """A text is searched only if it holds a needle, so each has to be one that secrets have."""
    texts = [example.lower() for example in shape.examples]

    for needle in shape.needles:
        assert any(needle in text for text in texts), needle


def test_no_two_rows_have_one_name() -> None:
    """A report that names a kind names one row."""
    kinds = [shape.kind for shape in SECRET_SHAPES]

    assert len(set(kinds)) == len(kinds)
