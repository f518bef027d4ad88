"""The fake against recordings, and the comparison against faults of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fakegemini.cli import main
from fakegemini.inspect.verify import verify, verify_paths
from fakegemini.recordings.exchange import Exchange
from tests.beside import RECORDINGS
from tests.scenarios import CASSETTES, Client, chain, stream


def recording(scenario: Callable[[Client], None]) -> list[Exchange]:
    """A scenario's exchanges."""
    client = Client()
    scenario(client)
    return client.exchanges


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside the project")
def test_the_fake_is_what_was_recorded() -> None:
    """At least 99 % of the points of all current recordings are equal."""
    outcome = verify_paths([RECORDINGS])
    points = sum(file.comparison.points for file in outcome.files)
    equal = sum(file.equal for file in outcome.files)

    assert outcome.unreadable == []
    assert points > 5000
    assert equal >= 0.99 * points, str(outcome)


def edited(exchange: Exchange, change: Callable[[Any], object]) -> Exchange:
    """The exchange with its JSON answer changed."""
    body = json.loads(exchange.response_body)
    change(body)
    return replace(exchange, response_body=json.dumps(body).encode())


CHANGES: dict[str, tuple[Callable[[Any], object], str]] = {
    "member": (lambda body: body.update(output_text="x"), "#1 body.output_text (present)"),
    "order": (lambda body: body.update(id=body.pop("id")), "#1 body (order)"),
    "type": (lambda body: body.update(created=1), "#1 body.created (type)"),
    "tag": (lambda body: body.update(object="thing"), "#1 body.object"),
    "length": (lambda body: body.update(steps=[]), "#1 body.steps"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_difference_is_told_with_its_path(name: str) -> None:
    """A recording that says something else than the fake gives a difference at that path."""
    change, path = CHANGES[name]
    exchanges = recording(chain)
    first = edited(exchanges[0], change)

    differences = verify([first, *exchanges[1:]]).comparison.differences

    assert any(difference.startswith(path) for difference in differences), differences


def test_a_refusal_where_the_recording_has_an_answer_is_a_difference() -> None:
    """A recorded request that the fake refuses counts against the fake."""
    exchange = recording(chain)[0]
    odd = replace(exchange, request_body=b'{"model": "gemini-3.5-flash", "input": "x", "odd": 1}')

    assert verify([odd]).comparison.differences == ["#1 status: recorded 200, fake 400"]


def test_a_missing_event_is_one_difference() -> None:
    """An event that only one side has is told, and the rest is still compared."""
    exchange = recording(stream)[0]
    frames = exchange.response_body.split(b"\n\n")
    without = replace(exchange, response_body=b"\n\n".join([*frames[:1], *frames[2:]]))

    comparison = verify([without]).comparison

    assert comparison.differences == [
        '#1 event 1: recorded "no event", fake "interaction.status_update"'
    ]
    assert comparison.points > 100


def test_the_command_ends_with_the_figure() -> None:
    """`fakegemini verify` ends with the figure and says 0."""
    outcome = CliRunner().invoke(main, ["verify", str(CASSETTES)])

    assert outcome.exit_code == 0, outcome.output
    last = outcome.output.splitlines()[-1]
    assert last.startswith("verify: 100.0 % of ")
    assert last.endswith(" exchanges")


def test_the_command_fails_below_the_share(tmp_path: Path) -> None:
    """A recording that the fake does not match makes the command say 1, an unreadable one 2."""
    text = (CASSETTES / "text.yaml").read_text(encoding="utf-8")
    (tmp_path / "odd.yaml").write_text(text.replace("service_tier", "tier"), encoding="utf-8")
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")

    odd = CliRunner().invoke(main, ["verify", str(tmp_path / "odd.yaml")])
    broken = CliRunner().invoke(main, ["verify", str(tmp_path / "broken.json")])

    assert (odd.exit_code, broken.exit_code) == (1, 2)
    assert "broken.json:1: not JSON" in broken.output


def test_a_stream_that_is_spoiled_is_compared() -> None:
    """Its steps do not fit together: that is a difference, and no traceback."""
    (exchange,) = recording(stream)
    lines = exchange.response_body.split(b"\n\n")
    spoiled = b"\n\n".join(line for line in lines if b"event: step.start" not in line)

    outcome = verify([replace(exchange, response_body=spoiled)])

    assert outcome.exchanges == 1
    assert any("step.delta" in difference for difference in outcome.comparison.differences)
