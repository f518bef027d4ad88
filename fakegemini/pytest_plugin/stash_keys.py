"""Name what the plugin keeps in pytest's stash of a session and of a test."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from ..fake.fake import Fake
    from .recorded_files import RecordedFiles
    from .report import CassetteReport

MAX_AGE: pytest.StashKey[int] = pytest.StashKey()
"""How old a cassette may be, in days."""

REPORT: pytest.StashKey[CassetteReport] = pytest.StashKey()
"""What the run did with its cassettes."""

RECORDED: pytest.StashKey[RecordedFiles] = pytest.StashKey()
"""The files that the run records."""

FIXTURES_SCRIPT: pytest.StashKey[contextlib.ExitStack] = pytest.StashKey()
"""What ends the level of fixtures in the script of a test."""

TURBO_NOTES: pytest.StashKey[list[str]] = pytest.StashKey()
"""The lines on a google-genai that turbo leaves as slow as it is."""

FAKE: pytest.StashKey[Fake] = pytest.StashKey()
"""The fake of a test that has one of its own."""

HAS_FAILED: pytest.StashKey[bool] = pytest.StashKey()
"""Whether a test has failed already."""


DROPPER = "fakegemini-drop-unplayed"
"""The name under which pytest knows what drops unplayed exchanges."""


def get_report(config: pytest.Config) -> CassetteReport:
    """Return the report of this run, made when it is first asked for."""
    from .report import CassetteReport

    return config.stash.setdefault(REPORT, CassetteReport())
