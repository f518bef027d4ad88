"""A fake that is broken is told so by `verify`: what broke, and that it is below the threshold."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakegemini.inspect.verify import Verification, verify_paths
from tests.beside import RECORDINGS
from tests.scenarios import CASSETTES, Client, dump, legacy

from .sabotage import BREAKS

LEAST = 99.0
"""The default of `--least`."""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Our own cassettes, and the refusals of old clients."""
    client = Client()
    legacy(client)
    file = tmp_path_factory.mktemp("legacy") / "legacy.yaml"
    file.write_text(dump(client.exchanges), encoding="utf-8")
    return [CASSETTES, file]


def told(outcome: Verification) -> list[str]:
    """What is told to be broken."""
    return [kind for kind, _ in outcome.broken_kinds(LEAST)]


def test_there_are_many_breaks() -> None:
    """At least sixty, as was asked for."""
    assert len(BREAKS) >= 100


def test_the_fake_as_it_is(corpus: list[Path]) -> None:
    """Nothing is broken, and every exchange is wholly equal."""
    outcome = verify_paths(corpus)

    assert [file.comparison.differences for file in outcome.files if file.exchanges] == [[]] * len(
        outcome.files
    )
    assert (told(outcome), outcome.exit_status(LEAST)) == ([], 0)
    assert str(outcome).endswith("wholly equal (100.0 %)")


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_told(name: str, corpus: list[Path]) -> None:
    """With the name of what broke; the figure is below the threshold, the exit status 1."""
    outcome = verify_paths(corpus, BREAKS[name].wrapper)

    assert any(BREAKS[name].told in kind for kind in told(outcome)), told(outcome)
    assert outcome.exit_status(LEAST) == 1


SEEN_BY_OTHERS = [name for number, name in enumerate(BREAKS) if number % 8 == 0]


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside the project")
@pytest.mark.parametrize("name", SEEN_BY_OTHERS)
def test_a_break_is_told_by_recordings_of_others(name: str) -> None:
    """Some of the breaks: every recording takes part in each."""
    outcome = verify_paths([RECORDINGS], BREAKS[name].wrapper)

    assert any(BREAKS[name].told in kind for kind in told(outcome)), told(outcome)
    assert outcome.exit_status(LEAST) == 1
