"""The canary finds what moved: a fake of another era is the live server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from fakegemini import Fake
from fakegemini.doors.loopback import serve
from fakegemini.protocol.eras import CHANGES, CURRENT_ERA, ERAS
from fakegemini.protocol.refusals.registry import all_refusals
from fakegemini.record.canary.asker import Asker
from fakegemini.record.canary.probes import PROBES
from fakegemini.record.canary.run_canary import plan_probes, rehearse, run_canary, send_to

KEY = "AIza" + "canary-no-real-key-0123456789abcdef"[:35]


def run(*arguments: str, folder: Path, key: str = KEY) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, with a key in its environment."""
    environment = {name: value for name, value in os.environ.items() if "API_KEY" not in name}
    return subprocess.run(
        [sys.executable, "-m", "fakegemini", "canary", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        env=environment | ({"GEMINI_API_KEY": key} if key else {}),
    )


@pytest.mark.parametrize("era", ERAS)
def test_every_row_of_the_eras_is_found(
    era: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By itself, and no row that holds as it does today."""
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    with serve(Fake(era=ERAS[era]).handle) as url:
        result = run_canary(
            tmp_path / "canary.yaml", budget=100, upstream=url, say=lambda line: None
        )

    rows = {change.name for change in CHANGES}
    moved = {row.fact for row in result.differences} & rows
    assert moved == {
        change.name
        for change in CHANGES
        if ERAS[era].does(change.name) is not CURRENT_ERA.does(change.name)
    }
    assert {row.fact for row in result.comparisons} >= rows
    assert result.eras == [era]
    assert result.not_measured == []
    assert (era == CURRENT_ERA.name) is not bool(result.differences)


def test_the_command_says_what_differs_and_records_it(tmp_path: Path) -> None:
    """Exit status 1 where something differs; the cassette is scrubbed and has every request."""
    with serve(Fake(era="2026-08").handle) as url:
        done = run("--upstream", url, "--cassette", "live.yaml", folder=tmp_path)

    assert done.returncode == 1, done.stderr
    assert "differs  calls are signed: no\n         the fake: yes" in done.stdout
    assert "eras that fit: 2026-08\n" in done.stdout
    recorded = (tmp_path / "live.yaml").read_text("utf-8")
    assert KEY not in recorded + done.stdout + done.stderr
    most = sum(row.requests for row in PROBES.values())
    assert len(yaml.safe_load(recorded)["interactions"]) == most


def test_a_server_that_did_not_move_agrees(tmp_path: Path) -> None:
    """Exit status 0."""
    with serve(Fake().handle) as url:
        done = run("--upstream", url, folder=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "differs" not in done.stdout.replace(", 0 differ", "")
    assert len(list(tmp_path.glob("canary-*.yaml"))) == 1


def test_a_dry_run_sends_nothing(tmp_path: Path) -> None:
    """It shows each request with its cost; neither a key nor a server is needed."""
    done = run("--dry-run", "--upstream", "http://127.0.0.1:9", folder=tmp_path, key="")

    assert done.returncode == 0, done.stderr
    requests = [line for line in done.stdout.splitlines() if line.startswith("  ")]
    assert len(requests) == sum(row.requests for row in PROBES.values())
    assert done.stdout.endswith(f"{len(requests)} requests; nothing was sent\n")
    assert "search (search): Search with a 2.5 model." in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("budget", [1, 8, 11, 20])
def test_the_budget_is_kept(budget: int, tmp_path: Path) -> None:
    """No request more; what was left out is named, and exit status 2 says so."""
    fake = Fake()
    with serve(fake.handle) as url:
        done = run("--requests", str(budget), "--upstream", url, folder=tmp_path)

    assert 0 < len(fake.requests) <= budget
    assert done.returncode == 2, done.stdout
    left_out = [row.name for row, fits in plan_probes(budget) if not fits]
    assert all(f"unknown  {name}: it needs" in done.stdout for name in left_out)


@pytest.mark.parametrize("name", PROBES)
def test_a_probe_makes_as_many_requests_as_it_says(name: str) -> None:
    """The budget is counted before."""
    facts, asked = rehearse(PROBES[name])
    assert facts
    assert len(asked) == PROBES[name].requests


NOT_PROBED = {
    "misplaced signature": "the signatures of another conversation are needed first",
    "parent running": "a run in the background is needed first",
    "agent lacks feature": "it would start a costly run if it were granted",
    "no route": "the words are ours",
    "large body": "it would send 100 MB",
}
"""Refusals that nobody has observed and no probe shows, with the reason."""


def test_every_refusal_that_nobody_observed_is_probed() -> None:
    """But for those that are named with a reason."""
    shown = set()
    for row in PROBES.values():
        fake = Fake()
        row.run(Asker(send_to(fake)))
        shown |= {entry.refusal.name for entry in fake.requests if entry.refusal}

    unobserved = {row.name for row in all_refusals() if row.evidence == "X"}
    assert unobserved - shown == set(NOT_PROBED)


def test_a_key_that_is_refused_ends_it(tmp_path: Path) -> None:
    """One request, and no verdict about the others."""
    fake = Fake()
    fake.faults("no_permission")
    with serve(fake.handle) as url:
        done = run("--upstream", url, folder=tmp_path)

    assert done.returncode == 2
    assert len(fake.requests) == 1
    assert done.stdout.count("was answered with HTTP 403") == len(PROBES)
    assert "differs" not in done.stdout.replace(", 0 differ", "")


def test_what_is_out_of_quota_is_unknown(tmp_path: Path) -> None:
    """A 429 says nothing about the API: the probe is named, the others are measured."""
    fake = Fake()
    fake.faults("too_many_requests", times=1)
    with serve(fake.handle) as url:
        done = run("--upstream", url, folder=tmp_path)

    assert done.returncode == 2
    assert done.stdout.count("unknown  ") == 1
    assert "HTTP 429" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "key", "words"),
    [
        ([], "", "there is no key"),
        (["--upstream", "no address"], KEY, "no address"),
        (["--upstream", "http://127.0.0.1:9"], KEY, "cannot reach http://127.0.0.1:9"),
    ],
)
def test_what_cannot_be_measured_is_one_sentence(
    arguments: list[str], key: str, words: str, tmp_path: Path
) -> None:
    """Without a traceback, with exit status 2."""
    done = run(*arguments, folder=tmp_path, key=key)

    assert done.returncode == 2, done.stdout + done.stderr
    assert words in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
