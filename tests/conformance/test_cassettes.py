"""The cassettes are what the fake says today, and what the contract allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakegemini.contract.checker import check_paths
from fakegemini.inspect.verify import verify_paths
from tests.scenarios import CASSETTES, cassettes

WRITTEN = dict(cassettes())


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_a_cassette_is_current(path: Path) -> None:
    """A cassette's text is what its scenario gives today."""
    assert path.read_text(encoding="utf-8") == WRITTEN[path], "run: python -m tests.scenarios"


def test_no_cassette_is_an_orphan() -> None:
    """Every file beside the cassettes belongs to a scenario."""
    assert set(CASSETTES.iterdir()) == set(WRITTEN)


def test_the_cassettes_pass_the_check() -> None:
    """Neither a violation nor drift is in them."""
    report = check_paths([CASSETTES])

    assert (report.findings, report.unreadable) == ([], [])
    assert report.files == len(WRITTEN)


def test_the_fake_replays_its_own_cassettes() -> None:
    """Verified against its own recordings, the fake is equal in every point."""
    outcome = verify_paths([CASSETTES])

    assert [file.comparison.differences for file in outcome.files] == [[]] * len(WRITTEN)


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_stock_vcrpy_reads_a_cassette(path: Path) -> None:
    """vcrpy itself loads each cassette, with all its exchanges."""
    pytest.importorskip("vcr")
    from vcr.persisters.filesystem import FilesystemPersister
    from vcr.serializers import yamlserializer

    requests, responses = FilesystemPersister.load_cassette(path, yamlserializer)

    assert len(requests) == len(responses) == WRITTEN[path].count("- request:")
