"""The real @google/genai against the fake: small programs, two runs of Node."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from fakegemini import Fake, call, running_for, say
from fakegemini.doors.loopback import serve
from fakegemini.protocol.events import to_steps
from fakegemini.recordings.server_names import names_in, swap_names
from tests.every_fault import ALL as FAULTS
from tests.every_fault import asked, script
from tests.every_medium import ASKS as MEDIUM_ASKS
from tests.every_tool import ASKS, ENTERPRISE
from tests.every_type import STEPS, STRANGE, streamed, type_of
from tests.record.upstream import recorder

JS = Path(__file__).parent.parent / "js"
NODE = shutil.which("node")
STORY = "Once upon a time a lighthouse – an old one – spoke to the moon."
MISSING = "Requested entity was not found."

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="node is not installed"),
    pytest.mark.skipif(
        not (JS / "node_modules" / "@google" / "genai").is_dir(),
        reason="tests/js/node_modules is not installed: npm --prefix tests/js install",
    ),
]


def run(names: Iterable[str]) -> dict[str, Any]:
    """What the programs of these names saw; the environment is the fixture's."""
    command = [str(NODE), str(JS / "cases.mjs"), *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(line) for line in done.stdout.splitlines())


SCRIPTED: dict[str, Any] = {
    "text": {"status": "completed", "text": "Bonjour", "types": ["thought", "model_output"]},
    "chain": {
        "texts": ["turn 1: I have 2 dogs.", "turn 2: I have 2 dogs. | And a cat."],
        "fresh": True,
    },
    "stateless": {"texts": ["turn 1: one", "turn 2: one | two"], "id": None},
    "stream": {
        "text": STORY,
        "ends": ["interaction.created", "interaction.completed"],
        "status": "completed",
        "counted": True,
    },
    "functions": {
        "seen": ["requires_action", "completed"],
        "text": "18 °C in Oslo / 18 °C in Paris",
    },
    "statelessFunctions": {"hops": 2, "text": "18 °C in Rome"},
    "background": {
        "seen": ["in_progress"] * 3 + ["completed"],
        "text": "Done.",
        "types": ["user_input", "thought", "model_output"],
    },
    "continued": {"texts": ["one two three"] * 3, "hops": 3, "status": "completed"},
    "resume": {"texts": [STORY], "many": True},
}
"""What a program sees of what the test scripts."""

UNSCRIPTED: dict[str, Any] = {
    "structured": {"keys": ["minutes", "name"]},
    "agents": {
        "research": ["thought", "text", "image", "text", "text"],
        "sandbox": ["5\n", "4\n"],
        "same": True,
    },
    "cancel": {"statuses": ["cancelled", "cancelled"], "again": 400},
    "remove": {
        "gone": {"status": 404, "message": f"404 {MISSING}"},
        "malformed": {
            "status": 400,
            "message": "400 Invalid interaction name: interactions/v1_bogus",
        },
        "model": {"status": 404, "message": f"404 {MISSING}"},
    },
    "image": {"type": "image/jpeg", "start": "ffd8ff"},
}
"""What a program sees of the unscripted model."""


def test_scripted_programs(fakegemini: Fake, subtests: pytest.Subtests) -> None:
    """Text, chains, streams, functions and background runs are what the script says."""
    fakegemini.when(input="Say hello in French").replies(say("Bonjour"))
    fakegemini.when(input=re.compile("dogs|cat|one|two")).answers(
        lambda ask: f"turn {ask.turn}: {' | '.join(ask.said)}"
    )
    fakegemini.when(input="A story").replies(say(STORY))
    fakegemini.when(input="Count!").replies(say("one two three"), hops=3)
    fakegemini.when(input="Report").replies(say("Done."), background=running_for(2))
    fakegemini.when(where=lambda ask: ask.results).answers(
        lambda ask: " / ".join(step["result"] for step in ask.results)
    )
    fakegemini.when(input="Weather in Rome?").replies(call("get_weather", city="Rome"))
    fakegemini.when(input=re.compile("Paris")).replies(
        call("get_weather", city="Paris"), call("get_weather", city="Oslo")
    )

    seen = run(SCRIPTED)

    for name, expected in SCRIPTED.items():
        with subtests.test(name):
            assert seen[name] == expected
    assert fakegemini.requests.retries == []


def test_unscripted_programs(fakegemini: Fake, subtests: pytest.Subtests) -> None:
    """Structured output, refusals, cancels, images and citations need no script."""
    fakegemini.allow("refused")  # the programs show what they do with refusals
    seen = run([*UNSCRIPTED, "search"])

    for name, expected in UNSCRIPTED.items():
        with subtests.test(name):
            assert seen[name] == expected
    types, cited = seen["search"]["types"], seen["search"]["cited"]
    assert types[:2] == ["google_search_call", "google_search_result"]
    assert cited
    assert all(text.startswith("A page") and text.endswith(".") for text in cited)
    assert fakegemini.requests.retries == []


def test_every_step_type(
    fakegemini: Fake, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    """Each is as scripted: whole, folded from its stream, and got; so is what nobody knows."""
    cases = {name: step for name, step in STEPS.items() if type_of(name) != "user_input"}
    cases |= {f"strange {name}": step for name, step in STRANGE.items()}
    for name, whole in cases.items():
        fakegemini.when(input=f"step {name}").replies(whole)
    monkeypatch.setenv("STEP_CASES", ",".join(cases))

    seen = run(["types"])["types"]

    for name, whole in cases.items():
        with subtests.test(name):
            assert seen[name]["unary"] == seen[name]["got"] == [whole]
            assert to_steps(seen[name]["events"]) == [streamed(whole)]


def test_every_step_type_replays(
    fakegemini: Fake, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests, tmp_path: Path
) -> None:
    """What this SDK recorded it gets again, under other names."""
    cases = {name: step for name, step in STEPS.items() if type_of(name) != "user_input"}
    cases |= {f"strange {name}": step for name, step in STRANGE.items()}
    monkeypatch.setenv("STEP_CASES", ",".join(cases))
    upstream = Fake(seed="recorded")
    for name, whole in cases.items():
        upstream.when(input=f"step {name}").replies(whole)
    with serve(upstream.handle) as live, recorder(tmp_path / "tape.yaml", live) as (url, _):
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", url)
        recorded = run(["types"])["types"]
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", fakegemini.url)
    fakegemini.play(tmp_path / "tape.yaml", chunks=23)

    seen = run(["types"])["types"]

    for name in cases:
        with subtests.test(name):
            assert _unnamed(seen[name]) == _unnamed(recorded[name])
            assert set(names_in(recorded[name])).isdisjoint(names_in(seen[name]))


def _unnamed(value: Any) -> Any:
    return swap_names(value, lambda key, name: key)


def test_every_tool(
    fakegemini: Fake, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    """The unscripted model uses each of the server's tools; citations select whole sentences."""
    names = [name for name in ASKS if name not in ENTERPRISE]
    monkeypatch.setenv("TOOL_ASKS", json.dumps({name: ASKS[name] for name in names}))

    seen = run(["tools"])["tools"]

    for name in names:
        with subtests.test(name):
            told = seen[name]
            calls = [step for step in told["steps"] if step["type"].endswith("_call")]
            assert calls
            assert told["got"] == told["steps"]
            assert all(text.endswith(".") for text in told["cited"])
            waits = name in ("computer_use", "tool_search", "tool_search by the client")
            assert told["status"] == ("requires_action" if waits else "completed")


def test_every_medium(
    fakegemini: Fake, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    """Whole and folded from the stream alike, but for the file behind an address."""
    monkeypatch.setenv("MEDIUM_ASKS", json.dumps(MEDIUM_ASKS))

    seen = run(["media"])["media"]

    for name in MEDIUM_ASKS:
        with subtests.test(name):
            told, by_address = seen[name], name == "video by address"
            streamed_blocks = to_steps(told["events"])[-1]["content"]
            assert told["fetched"] == ("ftyp" if by_address else None)
            assert by_address or streamed_blocks == told["blocks"]


def test_every_fault(
    fakegemini: Fake, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    """Each comes to what the table says, which differs where this SDK retries a dropped request."""
    for name, case in FAULTS.items():
        script(fakegemini, name, case)
    monkeypatch.setenv("FAULT_CASES", json.dumps(list(FAULTS)))

    seen = run(["faults"])["faults"]

    for name, case in FAULTS.items():
        with subtests.test(name):
            streamed_as = (*seen[name]["streamed"], asked(fakegemini, f"stream {name}"))
            assert streamed_as == (case.streamed_js or case.streamed)
            whole = (seen[name]["whole"], asked(fakegemini, f"whole {name}"))
            assert whole == (case.whole_js or case.whole)


def test_every_case_is_run() -> None:
    """No program in the file is forgotten here."""
    source = (JS / "cases.mjs").read_text(encoding="utf-8")
    written = [line.split()[1].partition("(")[0] for line in source.splitlines() if _opens(line)]

    own = ["faults", "media", "search", "tools", "types"]
    assert sorted(written) == sorted([*SCRIPTED, *UNSCRIPTED, *own])


def _opens(line: str) -> bool:
    return line.startswith("  async ")
