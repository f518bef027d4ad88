"""What can be recorded is replayed by the same program, with secrets anywhere, through each door.

`FAKEGEMINI_EXAMPLES` is how many programs are drawn for a door in one process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import vcr as vcrpy
from hypothesis import HealthCheck, Phase, given, settings

from fakegemini import Fake
from fakegemini.doors.loopback import serve
from fakegemini.vcr import configure
from tests.record.ask_planted import ask_all
from tests.record.planted_programs import (
    PROGRAM,
    PlantedProgram,
    echoing_api,
    numbers_in,
    programs,
)
from tests.record.readings import holds
from tests.record.upstream import recorder
from tests.replay.test_serve import served

EXAMPLES = int(os.environ.get("FAKEGEMINI_EXAMPLES", "6"))
in_process = settings(max_examples=EXAMPLES, deadline=None)
in_processes = settings(
    max_examples=max(1, EXAMPLES // 6),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def shown(secrets: list[str], *texts: str) -> list[str]:
    """The secrets that can be read in texts."""
    return [secret for secret in secrets if any(holds(text, secret) for text in texts)]


def on_disk(folder: Path, secrets: list[str]) -> list[str]:
    """The secrets that can be read in files."""
    texts = [file.read_text("utf-8") for file in folder.rglob("*") if file.is_file()]
    return shown(secrets, *texts)


@in_process
@given(programs())
def test_the_recorder_and_a_replay(
    tmp_path_factory: pytest.TempPathFactory, program: PlantedProgram
) -> None:
    """In one process, for many programs; another program's miss shows no secret either."""
    folder, lines = tmp_path_factory.mktemp("recorded"), list[str]()
    with echoing_api() as api, recorder(folder / "a.yaml", api, said=lines) as (url, _):
        recorded = numbers_in("\n".join(ask_all(program.asks, url)))
    assert len(recorded) == len(program.asks)
    assert on_disk(folder, program.secrets) == []
    assert shown(program.secrets, *lines) == []

    fake = Fake()
    fake.play(folder / "a.yaml")
    with serve(fake.handle) as url:
        answers = ask_all(program.asks, url)
    assert numbers_in("\n".join(answers)) == recorded, answers
    assert fake.unplayed == []
    fake.reset()
    with serve(fake.handle) as url:
        missed = ask_all(program.other().asks, url)
    assert shown(program.secrets, *missed, str(vars(fake.complaints))) == []
    shutil.rmtree(folder)


@in_process
@given(programs())
def test_the_bridge_to_vcrpy(
    tmp_path_factory: pytest.TempPathFactory, program: PlantedProgram
) -> None:
    """vcrpy records and replays; what it says of a miss shows no secret."""
    folder = tmp_path_factory.mktemp("bridge")
    path = str(folder / "a.yaml")
    with echoing_api() as api:
        with configure(vcrpy.VCR()).use_cassette(path, record_mode="once"):
            recorded = numbers_in("\n".join(ask_all(program.asks, api)))
        with configure(vcrpy.VCR()).use_cassette(path, record_mode="none") as cassette:
            replayed = numbers_in("\n".join(ask_all(program.asks, api)))
        assert replayed == recorded
        assert cassette.all_played
    assert on_disk(folder, program.secrets) == []
    shutil.rmtree(folder)


@in_processes
@given(programs())
def test_the_commands(tmp_path_factory: pytest.TempPathFactory, program: PlantedProgram) -> None:
    """`record` and `serve`, processes of their own: nothing on the disk, in outputs, in the log."""
    folder = tmp_path_factory.mktemp("commands")
    other = program.other().write(tmp_path_factory.mktemp("asked") / "other.json")
    asked = program.write(other.parent / "asked.json")
    command = [sys.executable, str(PROGRAM), str(asked)]
    with echoing_api() as api:
        record = [sys.executable, "-m", "fakegemini", "record", "--upstream", api]
        recorded = subprocess.run(
            [*record, "--cassette", str(folder / "a.yaml"), "--", *command],
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert recorded.returncode == 0, recorded.stderr
    with served("--cassettes", str(folder)) as (door, log):
        replayed = subprocess.run([*command, door.url], capture_output=True, text=True, timeout=60)
        missed = subprocess.run(
            [*command[:-1], str(other), door.url], capture_output=True, text=True, timeout=60
        )
    assert numbers_in(replayed.stdout) == numbers_in(recorded.stdout), replayed.stdout
    assert on_disk(folder, program.secrets) == []
    assert shown(program.secrets, recorded.stderr, missed.stdout, *log) == []


MARKED = """
import json, os, pathlib, pytest
from tests.record.ask_planted import ask_all

@pytest.mark.fakegemini("tape")
def test_it():
    asks = json.loads(pathlib.Path(ASKED).read_text("utf-8"))
    for answer in ask_all(asks, os.environ["GOOGLE_GEMINI_BASE_URL"]):
        print(answer.partition("You sent")[0])
"""


@in_processes
@given(program=programs())
def test_the_marker(
    program: PlantedProgram, pytester: pytest.Pytester, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """pytest records, and replays without an upstream; a miss in a report shows no secret."""
    other = program.other().write(tmp_path_factory.mktemp("asked") / "other.json")
    asked = program.write(other.parent / "asked.json")
    pytester.makepyfile(MARKED.replace("ASKED", repr(str(asked))))
    options = ("-s", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
    with echoing_api() as api:
        to = ("--fakegemini-record=rewrite", f"--fakegemini-upstream={api}")
        recorded = pytester.runpytest_subprocess(*options, *to)
    replayed = pytester.runpytest_subprocess(*options)
    pytester.makepyfile(MARKED.replace("ASKED", repr(str(other))))
    missed = pytester.runpytest_subprocess(*options, "--fakegemini-report=page.html")

    recorded.assert_outcomes(passed=1)
    replayed.assert_outcomes(passed=1)
    assert numbers_in(str(replayed.stdout)) == numbers_in(str(recorded.stdout))
    assert on_disk(pytester.path / "cassettes", program.secrets) == []
    page = pytester.path / "page.html"
    texts = [page.read_text("utf-8")] if page.exists() else []
    assert shown(program.secrets, str(missed.stdout), str(recorded.stdout), *texts) == []
