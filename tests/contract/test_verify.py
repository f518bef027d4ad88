"""The fake against recordings, and the comparison against faults of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fakegemini import Fake
from fakegemini.cli import main
from fakegemini.inspect.verify import verify, verify_paths
from fakegemini.protocol.eras import ERAS, Era
from fakegemini.recordings.exchange import Exchange
from tests.beside import RECORDINGS
from tests.scenarios import (
    CASSETTES,
    SCENARIOS,
    Client,
    chain,
    errors,
    function_loop,
    history,
    legacy,
    stream,
    unstored,
)


def recording(scenario: Callable[[Client], None]) -> list[Exchange]:
    """A scenario's exchanges."""
    client = Client()
    scenario(client)
    return client.exchanges


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside the project")
def test_the_fake_is_what_was_recorded() -> None:
    """At least 99.9 % of the points, and 95 % of the exchanges wholly."""
    outcome = verify_paths([RECORDINGS])
    exchanges = sum(file.exchanges for file in outcome.files)
    wholly_equal = sum(file.equal_exchanges for file in outcome.files)

    assert outcome.unreadable == []
    assert (outcome.points > 9000, exchanges >= 79) == (True, True)
    assert outcome.equal >= 0.999 * outcome.points, str(outcome)
    assert wholly_equal >= 0.95 * exchanges, str(outcome)
    assert outcome.exit_status(99.0) == 0


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
        '#1 interaction.status_update (event): recorded "no event", fake '
        '"interaction.status_update"'
    ]
    assert comparison.points > 100


def test_the_command_ends_with_the_figure() -> None:
    """`fakegemini verify` ends with the figure and says 0."""
    outcome = CliRunner().invoke(main, ["verify", str(CASSETTES)])

    assert outcome.exit_code == 0, outcome.output
    last = outcome.output.splitlines()[-1]
    assert last.startswith("verify: 100.0 % of ")
    assert last.endswith(" wholly equal (100.0 %)")


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


def test_the_status_is_not_handed_over() -> None:
    """A recording that completes although a call waits is another server than the fake."""
    exchange = recording(function_loop)[0]
    odd = edited(exchange, lambda body: body.update(status="completed"))

    differences = verify([odd]).comparison.differences

    assert differences == ['#1 body.status: recorded "completed", fake "requires_action"']


VALUES: dict[str, tuple[Callable[[Any], object], str]] = {
    "a name": (lambda step: step.update(name="other"), ""),
    "an argument": (lambda step: step["arguments"].update(harbour="Rome"), ""),
    "another id": (lambda step: step.update(id=""), "steps[1].id"),
}


@pytest.mark.parametrize("name", VALUES)
def test_what_is_the_models_is_handed_over(name: str) -> None:
    """The fake says it as it was recorded; ids and signatures it has by itself."""
    change, path = VALUES[name]
    exchange = edited(recording(function_loop)[0], lambda body: change(body["steps"][1]))

    differences = verify([exchange]).comparison.differences

    assert [line for line in differences if path and path in line] == differences
    assert bool(differences) is bool(path)


@pytest.mark.parametrize("name", ["chain", "stream"])
def test_each_body_decides_about_its_order(name: str) -> None:
    """A recorder that sorts one body hides no order that another one has."""
    exchanges = recording(chain if name == "chain" else stream)
    body = exchanges[0].response_body
    if name == "chain":
        rows = [edited(exchanges[0], lambda body: reorder(body, sorted)), *exchanges[1:]]
        moved = [*rows[:2], edited(exchanges[2], lambda body: body.update(id=body.pop("id")))]
        told = ["#3 body (order)"]
    else:
        rows = exchanges
        frames = body.split(b"\n\n")
        event = json.loads(frames[0].split(b"data: ")[1])
        event["event_type"] = event.pop("event_type")
        event["interaction"]["id"] = event["interaction"].pop("id")
        frames[0] = (
            b"event: interaction.created\ndata: "
            + json.dumps(event, separators=(",", ":")).encode()
        )
        moved = [replace(exchanges[0], response_body=b"\n\n".join(frames))]
        told = ["#1 interaction.created.interaction (order)"]

    assert verify(rows).comparison.differences == []
    assert [line.split(":")[0] for line in verify(moved).comparison.differences] == told


def reorder(value: Any, order: Callable[[Any], Any]) -> None:
    """The members of every object of a value in another order."""
    children = [*value.values()] if isinstance(value, dict) else value
    if isinstance(value, dict):
        members = {key: value[key] for key in order(value)}
        value.clear()
        value.update(members)
    for child in children:
        if isinstance(child, dict | list):
            reorder(child, order)


@pytest.mark.parametrize("era", ERAS.values(), ids=list(ERAS))
@pytest.mark.parametrize("scenario", [stream, chain, function_loop, unstored, history])
def test_an_era_is_known_by_what_it_does(era: Era, scenario: Callable[[Client], None]) -> None:
    """Where no date tells it; and each era is equal in every point."""
    client = Client()
    client.fake = Fake(era=era)
    scenario(client)

    assert verify(client.exchanges).comparison.differences == []


def written(folder: Path, exchanges: list[Exchange], *, with_requests: bool) -> int:
    """Answers as files of their own, with their requests beside them; how many there are."""
    count = 0
    for exchange in exchanges:
        value = exchange.response_json if not exchange.is_stream else None
        if exchange.status != 200 or value == {}:
            continue
        if exchange.operation != "create" and with_requests:
            continue
        suffix = "sse" if exchange.is_stream else "json"
        (folder / f"{exchange.number}.{suffix}").write_bytes(exchange.response_body)
        if with_requests:
            file = folder / f"{exchange.number}.request.json"
            file.write_bytes(exchange.request_body)
        count += 1
    return count


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("with_requests", [False, True], ids=["alone", "with its request"])
def test_a_file_of_one_answer(
    scenario: Callable[[Client], None], with_requests: bool, tmp_path: Path
) -> None:
    """Its request is beside it, or one that asks for it; what was before it is made up."""
    count = written(tmp_path, recording(scenario), with_requests=with_requests)
    outcome = verify_paths([tmp_path]) if count else None

    if outcome:
        assert [file.comparison.differences for file in outcome.files] == [[]] * count
        assert outcome.unreadable == []
        assert all(file.exchanges for file in outcome.files)


def research(client: Client) -> None:
    """An agent that only runs in the background, asked until it is done."""
    turn = client.create(
        model=None, agent="deep-research-pro-preview-12-2025", input="Tides?", background=True
    )
    while turn["status"] == "in_progress":
        turn = client.get(turn["id"])


@pytest.mark.parametrize("placeholder", ["", "XXXX", "[id]", "interaction-1", "v1_REDACTED_1"])
def test_a_run_of_an_agent_alone(placeholder: str, tmp_path: Path) -> None:
    """Its create is made up, and runs in the background; ids may be a recorder's."""
    exchanges = recording(research)
    identifier = exchanges[0].response_json["id"]
    for exchange in exchanges:
        text = exchange.response_body.decode().replace(identifier, placeholder or identifier)
        (tmp_path / f"{exchange.number}.json").write_text(text, encoding="utf-8")

    outcome = verify_paths([tmp_path])

    assert [file.comparison.differences for file in outcome.files] == [[]] * len(exchanges)


def test_a_list_of_refusals(tmp_path: Path) -> None:
    """Each is asked for by a request that earns it, or handed over; a stream's has its frame."""
    refusals = [
        (exchange.status, exchange.response_json)
        for scenario in (errors, legacy)
        for exchange in recording(scenario)
        if not exchange.is_stream
    ]
    refusals += [
        (400, {"error": refusals[-1][1]["error"], "event_type": "error"}),
        (503, {"error": {"message": "Later.", "code": "service_unavailable"}}),
        (400, [{"error": {"code": 400, "message": "No key.", "status": "INVALID_ARGUMENT"}}]),
    ]
    lines = [json.dumps({"http_status": status, "body": body}) for status, body in refusals]
    (tmp_path / "refusals.jsonl").write_text("\n".join(lines), encoding="utf-8")

    (file,) = verify_paths([tmp_path]).files

    assert (file.comparison.differences, file.exchanges) == ([], len(refusals))


@pytest.mark.parametrize(
    ("message", "path"),
    [
        ("Model 'gemini-3.8-flash' does not support background interactions.", "#1 status"),
        ("Corrupted thought signature", "#1 status"),
        ("'minimal' is not a supported thinking level for this model.", "#1 body.error.message"),
    ],
)
def test_a_refusal_in_other_words_is_told(message: str, path: str, tmp_path: Path) -> None:
    """What the fake grants, or refuses in other words."""
    error = {"error": {"message": message, "code": "invalid_request"}}
    text = json.dumps({"http_status": 400, "body": error})
    (tmp_path / "refusals.jsonl").write_text(text, encoding="utf-8")

    (file,) = verify_paths([tmp_path]).files

    if "Corrupted" in message:  # no request of ours earns it, so it is handed over
        assert file.comparison.differences == []
    else:
        assert file.comparison.differences[0].startswith(path)
