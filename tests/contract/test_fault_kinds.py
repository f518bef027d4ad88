"""More than 200 kinds of single faults in good exchanges: each is found where it is, or unknown."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from fakegemini import say, step, think
from fakegemini.contract.checker import check_exchanges
from fakegemini.contract.findings import Finding
from fakegemini.recordings.read import files_in, read_exchanges
from tests.beside import RECORDINGS
from tests.scenarios import CASSETTES, Client

from . import fault_kinds_streams as _  # noqa: F401  (its kinds are in the table)
from .fault_kinds import KINDS, UNKNOWN
from .mutants import Recording
from .test_mutations import own, recorded

LEAST = 0.99


@cache
def material() -> tuple[Recording, ...]:
    """The cassettes of the project, and what the fake answers in small programs."""
    client = Client()
    executed(client)
    return (*(read_exchanges(file) for file in files_in(CASSETTES)), *own(), client.exchanges)


def executed(client: Client) -> None:
    """A program that the server runs, as it was recorded."""
    code = {"code": "print(17 + 25)\n", "language": "python"}
    client.fake.replies(
        think(),
        step("code_execution_call", arguments=code),
        step("code_execution_result", result="42\n", is_error=False),
        say("It is 42."),
    )
    client.create(input="17 + 25?", tools=[{"type": "code_execution"}], store=False)


def is_found(findings: list[Finding], number: int, path: str) -> bool:
    """Whether a finding of that exchange stands at one of the paths, or inside it."""
    places = tuple(path.split("|"))
    return any(
        each.exchange == number
        and any(
            each.path == place or each.path.startswith((f"{place}.", f"{place}["))
            for place in places
        )
        for each in findings
    )


def outcome(name: str, recordings: tuple[Recording, ...]) -> tuple[int, list[str]]:
    """How many faults of a kind there are, and those that were not found."""
    count, missed = 0, []
    for recording in recordings:
        for at in range(len(recording)):
            for changed, path in KINDS[name](recording, at):
                spoilt = list(recording)
                spoilt[changed.number - recording[0].number] = changed
                count += 1
                findings = check_exchanges(spoilt)
                if not is_found(findings, changed.number, path):
                    missed.append(
                        f"{path}: {[f'{f.exchange} {f.path} {f.rule}' for f in findings]}"
                    )
    return count, missed


def test_there_are_enough_kinds() -> None:
    """Each has a name of its own."""
    assert len(KINDS) >= 200
    assert set(UNKNOWN) <= set(KINDS)


def test_the_material_is_good() -> None:
    """Nothing is wrong with it before."""
    for recording in material():
        assert check_exchanges(recording) == []


@pytest.mark.parametrize("name", [name for name in KINDS if name not in UNKNOWN])
def test_a_fault_is_found_at_its_path(name: str) -> None:
    """In every exchange of ours that can have it, and there is one."""
    count, missed = outcome(name, material())

    assert count
    assert missed == []


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_unknown_is_not_found(name: str) -> None:
    """Once it is found, it leaves the list."""
    count, missed = outcome(name, material())

    assert 0 < count == len(missed)


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside the project")
def test_faults_of_real_recordings_are_found() -> None:
    """At least 99 % of all, of the kinds that real recordings can have."""
    counts, lost = Counter[str](), dict[str, list[str]]()
    for name in KINDS:
        if name not in UNKNOWN:
            counts[name], lost[name] = outcome(name, tuple(recorded()))
    missed = {name: lines for name, lines in lost.items() if lines}
    total = sum(map(len, missed.values()))

    assert sum(count > 0 for count in counts.values()) >= 200
    assert total <= (1 - LEAST) * counts.total(), "\n".join(
        f"{name}: {len(lines)} of {counts[name]}, {lines[0]}" for name, lines in missed.items()
    )
