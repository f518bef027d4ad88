"""`fakegemini rerecord --check`: what today's answers have in another shape; nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fakegemini import Fake, Handler, Reply, Request, call, faults, running_for, say
from fakegemini.cli import main
from fakegemini.record.answer_shape import compare_shapes
from fakegemini.recordings.cassette import load_any_cassette
from tests.http.door import Door
from tests.replay.conftest import board, plug, taped
from tests.replay.test_conversations import background, chain, function_loop
from tests.replay.test_rerecord import key, scrubbed_tape
from tests.scenarios import Client

__all__ = ["board", "key", "plug", "taped"]

Tape = Callable[..., Path]
Plug = Callable[[Handler], Door]


def check(path: Path, upstream: str, *options: str) -> Result:
    """The command; it leaves everything as it was."""
    before = {file: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()}
    outcome = CliRunner().invoke(
        main,
        ["rerecord", "--check", str(path), "--upstream", upstream, "--poll", "0", *options],
    )
    after = {file: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()}
    assert before == after
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit)
    return outcome


def one_turn(client: Client) -> None:
    """A question with its answer."""
    client.fake.replies(say("Tides follow the moon."))
    client.create(input="Why are there tides?")


def one_stream(client: Client) -> None:
    """The same as a stream."""
    client.fake.replies(say("Tides follow the moon."))
    client.create(input="Why are there tides?", stream=True)


def changed(change: Callable[[Any], Any]) -> Handler:
    """A server whose answers are changed."""
    fake = Fake()
    fake.answers(lambda ask: say("The moon does it, mostly."))

    def handle(request: Request) -> Reply:
        reply = fake.handle(request)
        raw = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
        body = json.dumps(change(json.loads(raw))).encode()
        headers = [pair for pair in reply.headers if pair[0].lower() != "content-length"]
        return replace(reply, headers=tuple(headers), beats=(body,))

    return handle


@pytest.mark.parametrize("scene", [chain, one_turn, one_stream], ids=lambda scene: scene.__name__)
def test_other_words_are_no_difference(scene: Any, taped: Tape, plug: Plug) -> None:
    """Nor are ids, times, counts and the pace."""
    path = taped(scene)
    upstream = Fake(seed="today")
    upstream.answers(lambda ask: say("Something else, and much longer than it was. " * 20))

    outcome = check(path, plug(upstream.handle).url)

    assert outcome.exit_code == 0, outcome.output
    assert " different, 0 skipped, 0 not asked; nothing was written" in outcome.output
    assert " 0 different" in outcome.output


@pytest.mark.parametrize("polls", [0, 1, 6])
def test_the_pace_of_a_run_is_no_difference(polls: int, taped: Tape, plug: Plug) -> None:
    """It is polled until it ends, as often as that takes today."""
    upstream = Fake()
    upstream.replies(say("Done today."), background=running_for(polls=polls))
    upstream.replies(say("More today."))

    outcome = check(taped(background), plug(upstream.handle).url)

    assert outcome.exit_code == 0, outcome.output


def renamed(value: Any, old: str, new: str) -> Any:
    """A value with a member under another name."""
    return {new if name == old else name: member for name, member in value.items()}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda body: body | {"novel": 1}, "body.novel: recorded nothing, live a number"),
        (lambda body: renamed(body, "usage", "consumption"),
         "body.usage: recorded an object, live nothing"),
        (lambda body: body | {"created": 3}, "body.created: recorded a text, live a number"),
        (lambda body: body | {"usage": body["usage"] | {"total_tokens": "9"}},
         "body.usage.total_tokens: recorded a number, live a text"),
        (lambda body: body | {"status": "incomplete"},
         "interaction: recorded completed, live incomplete"),
        (lambda body: body | {"steps": []},
         "steps: recorded thought, model_output, live nothing"),
        (lambda body: body | {"steps": [*body["steps"], *body["steps"][-1:]]},
         "steps: recorded thought, model_output, live thought, 2 model_output"),
        (lambda body: [body], "body: recorded an object, live a list"),
    ],
)  # fmt: skip
def test_another_shape(change: Any, told: str, taped: Tape, plug: Plug) -> None:
    """A member more or less, of another kind, another status, other steps."""
    outcome = check(taped(one_turn), plug(changed(change)).url)

    assert outcome.exit_code == 1, outcome.output
    assert "exchange 1: different\n" in outcome.output
    assert f"\n  {told}\n" in outcome.output


EXCHANGES = [
    recorded.exchange
    for path in sorted(Path("cassettes/interactions").glob("*.yaml"))
    for recorded in load_any_cassette(path).exchanges
]


def test_every_member_counts() -> None:
    """An answer has its own shape; without any one of its members it has not."""
    assert len(EXCHANGES) > 20
    for exchange in EXCHANGES:
        assert compare_shapes(exchange, exchange) == []
        body = {} if exchange.is_stream else exchange.response_json
        for name in body:
            rest = json.dumps({key: body[key] for key in body if key != name}).encode()
            assert compare_shapes(exchange, replace(exchange, response_body=rest)), name


def test_nulls_are_no_members(taped: Tape, plug: Plug) -> None:
    """As everywhere."""
    outcome = check(taped(one_turn), plug(changed(lambda body: body | {"novel": None})).url)
    assert outcome.exit_code == 0, outcome.output


def test_other_events(taped: Tape, plug: Plug) -> None:
    """Kinds in their order; how often each comes is the pace."""
    upstream = Fake()
    upstream.answers(lambda ask: call("moon"))

    outcome = check(taped(one_stream), plug(upstream.handle).url, "--format", "json")

    (exchange,) = json.loads(outcome.output)["exchanges"]
    differences = {one["place"]: one["live"] for one in exchange["differences"]}
    assert outcome.exit_code == 1
    assert "step.start function_call" in differences["events"]
    assert differences["steps"].endswith("function_call moon")
    assert differences["interaction"] == "requires_action"


def test_a_stream_that_is_none(taped: Tape, plug: Plug) -> None:
    """Named by the kind of body."""

    def handle(request: Request) -> Reply:
        body = json.loads(request.body) | {"stream": False}
        return Fake().handle(replace(request, body=json.dumps(body).encode()))

    outcome = check(taped(one_stream), plug(handle).url)

    assert outcome.exit_code == 1
    assert "body: recorded a stream, live JSON" in outcome.output


def test_a_model_that_calls_something_else(taped: Tape, plug: Plug) -> None:
    """What cannot be asked any more says why; the exchange before says what differs."""
    upstream = Fake()
    upstream.replies(say("I know the time."))

    outcome = check(taped(function_loop), plug(upstream.handle).url)

    assert outcome.exit_code == 1
    assert "live thought, model_output" in outcome.output
    assert "exchange 2: not asked: exchange 2 of" in outcome.output
    assert "the model answered otherwise" in outcome.output


def test_a_refusal_of_today(taped: Tape, plug: Plug) -> None:
    """With the words of the API; what continues it is not asked, another conversation is."""

    def two(client: Client) -> None:
        chain(client)
        one_turn(client)

    upstream = Fake()
    upstream.when(input="I am Ada.").replies(say("x"), fault=faults.refuse(400, "No Adas."))
    upstream.answers(lambda ask: say("The moon."))

    outcome = check(taped(two), plug(upstream.handle).url)

    assert outcome.exit_code == 1, outcome.output
    assert "exchange 1: different\n  status: recorded 200, live 400 " in outcome.output
    assert "No Adas." in outcome.output
    assert "exchange 2: not asked: the API refuses exchange 1 today" in outcome.output
    assert "exchange 3: as recorded" in outcome.output


@pytest.mark.parametrize(("status", "requests"), [(401, 1), (403, 1), (429, 1), (503, 2)])
def test_what_is_no_answer_is_no_difference(
    status: int, requests: int, taped: Tape, plug: Plug
) -> None:
    """A bad key or no quota ends the asking, an outage that conversation."""

    def two(client: Client) -> None:
        one_turn(client)
        client.fake.replies(say("Other."))
        client.create(input="Other")

    upstream = Fake()
    upstream.faults(faults.refuse(status, "No."))

    outcome = check(taped(two), plug(upstream.handle).url)

    assert outcome.exit_code == 2
    assert f"exchange 1: not asked: the API answered {status} to exchange 1" in outcome.output
    assert "0 as recorded, 0 different, 0 skipped, 2 not asked" in outcome.output
    assert len(upstream.requests) == requests


def test_no_secret_is_sent_as_a_placeholder_or_printed(
    tmp_path: Path, plug: Plug, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """It asks for the value, sends it, and prints neither it nor the key."""
    token = "s3cr3t-t0ken-of-the-mcp-server"
    path = scrubbed_tape(tmp_path, token)
    asked: list[bytes] = []

    def handle(request: Request) -> Reply:
        asked.append(request.body)
        error = {"error": {"code": "invalid_request", "message": f"{token} and {key} are bad"}}
        return Reply(400, (("content-type", "application/json"),), (json.dumps(error).encode(),))

    url = plug(handle).url
    unset = check(path, url)
    assert unset.exit_code == 2
    assert "set SCRUBBED_" in unset.output
    assert not asked
    name = unset.output.partition("Fix: set ")[2].split()[0]
    monkeypatch.setenv(name, token)
    outcome = check(path, url)

    assert outcome.exit_code == 1, outcome.output
    assert token.encode() in asked[0]
    assert b"SCRUBBED" not in asked[0]
    assert token not in outcome.output
    assert key not in outcome.output


def test_a_dry_run_sends_nothing(
    taped: Tape, plug: Plug, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each request, what it needs, how many; no key is asked for."""
    monkeypatch.delenv("GEMINI_API_KEY")
    upstream = Fake()
    url = plug(upstream.handle).url

    outcome = check(taped(function_loop), url, "--dry-run")

    assert outcome.exit_code == 0
    assert 'exchange 1: POST /v1/interactions {"model": "gemini-3.5-flash"' in outcome.output
    assert outcome.output.endswith("2 requests; nothing was sent\n")
    scrubbed = check(scrubbed_tape(tmp_path, "s3cr3t-t0ken-of-the-mcp-server"), url, "--dry-run")
    assert ", needs SCRUBBED_" in scrubbed.output
    assert not upstream.requests


def test_the_report_for_programs(taped: Tape, plug: Plug) -> None:
    """Each exchange with its verdict."""
    upstream = Fake()
    upstream.replies(call("other"))
    url = plug(upstream.handle).url

    outcome = check(taped(function_loop), url, "--format", "json")

    report = json.loads(outcome.output)
    assert report["upstream"] == url
    assert [one["verdict"] for one in report["exchanges"]] == ["differs", "unknown"]
    assert report["exchanges"][0]["differences"][0].keys() == {"place", "recorded", "live"}
    assert (
        "--format is for the report of --check"
        in CliRunner().invoke(main, ["rerecord", "x.yaml", "--format", "json"]).output
    )


def test_without_a_key_or_a_cassette(
    taped: Tape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence, and status 2."""
    path = taped(chain)
    nothing = check(tmp_path / "none.yaml", "http://127.0.0.1:1")
    unreachable = check(path, "http://127.0.0.1:1")
    monkeypatch.delenv("GEMINI_API_KEY")
    keyless = check(path, "http://127.0.0.1:1")

    assert (nothing.exit_code, keyless.exit_code) == (2, 2)
    assert "there is no such cassette" in nothing.output
    assert "set GEMINI_API_KEY" in keyless.output
    assert unreachable.exit_code != 0
