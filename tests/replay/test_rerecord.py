"""`fakegemini rerecord`: the same words to another server, today's answers in the cassette."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fakegemini import Fake, Handler, call, running_for, say
from fakegemini.cli import main
from fakegemini.recordings.cassette import dump_cassette, load_any_cassette
from fakegemini.recordings.exchange import RecordedExchange
from fakegemini.recordings.scrub.last_resort import scrub_all
from tests.http.door import Door
from tests.replay.conftest import Scene
from tests.replay.test_conversations import TOOLS, background, chain, function_loop, twins
from tests.scenarios import Client, dump

Tape = Callable[..., Path]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    """The key in the environment."""
    monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
    monkeypatch.setenv("GEMINI_API_KEY", "the-key-of-nobody")
    return "the-key-of-nobody"


def run(path: Path, upstream: str, *options: str) -> Result:
    """The command."""
    command = ["rerecord", str(path), "--upstream", upstream, "--poll", "0", *options]
    return CliRunner().invoke(main, command)


def texts(path: Path) -> list[str]:
    """What the model said last in each create of a cassette."""
    return [
        one.exchange.response_json["steps"][-1]["content"][0]["text"]
        for one in load_any_cassette(path).exchanges
        if one.exchange.operation == "create" and "steps" in one.exchange.response_json
    ]


@pytest.mark.parametrize("scene", [chain, twins], ids=lambda scene: scene.__name__)
def test_the_same_words_get_todays_answers(
    scene: Scene, taped: Tape, plug: Callable[[Handler], Door], key: str
) -> None:
    """Every request anew under today's ids; the fake model answers instead of the script."""
    path = taped(scene)
    before = load_any_cassette(path).exchanges
    upstream = Fake(seed="today")
    upstream.answers(lambda ask: say(f"Today: {ask.text}"))

    outcome = run(path, plug(upstream.handle).url)

    after = load_any_cassette(path).exchanges
    assert outcome.exit_code == 0, outcome.output
    assert texts(path) == [f"Today: {asked.json()['input']}" for asked in upstream.requests]
    assert len(after) == len(before)
    old = {one.exchange.response_json["id"] for one in before}
    assert old.isdisjoint(one.exchange.response_json["id"] for one in after)
    assert key not in path.read_text(encoding="utf-8")
    assert {asked.header("x-goog-api-key") for asked in upstream.requests} == {key}


def test_only_one_conversation(taped: Tape, plug: Callable[[Handler], Door]) -> None:
    """The one that the exchange belongs to, from its beginning; the others stay."""

    def two(client: Client) -> None:
        chain(client)
        client.fake.replies(say("Other."))
        client.create(input="Other")

    path = taped(two)
    upstream = Fake()
    upstream.answers(lambda ask: say("Today."))

    outcome = run(path, plug(upstream.handle).url, "--only", "2")

    assert outcome.exit_code == 0, outcome.output
    assert texts(path) == ["Today.", "Today.", "Other."]


def test_results_go_to_todays_calls(taped: Tape, plug: Callable[[Handler], Door]) -> None:
    """The recorded results under the ids of the new calls."""
    path = taped(function_loop)
    upstream = Fake(seed="today")
    upstream.replies(call("get_time", zone="UTC"), call("get_time", zone="CET"))
    upstream.replies(say("Still noon."))

    outcome = run(path, plug(upstream.handle).url)

    assert outcome.exit_code == 0, outcome.output
    made = [step["id"] for step in upstream.requests[0].interaction.steps if "name" in step]  # type: ignore[union-attr]
    results = upstream.requests[1].json()["input"]
    assert [result["call_id"] for result in results] == made
    assert upstream.requests[1].json()["tools"] == TOOLS


def test_a_model_that_answers_otherwise(taped: Tape, plug: Callable[[Handler], Door]) -> None:
    """Results without a call cannot be sent: one text, and the old cassette."""
    path = taped(function_loop)
    before = path.read_bytes()
    upstream = Fake()
    upstream.replies(say("I know the time."))

    outcome = run(path, plug(upstream.handle).url)

    assert outcome.exit_code == 1
    assert "exchange 2 of" in outcome.output
    assert "the model answered otherwise" in outcome.output
    assert path.read_bytes() == before


@pytest.mark.parametrize("polls", [0, 1, 6])
def test_a_run_is_polled_until_it_ends(
    polls: int, taped: Tape, plug: Callable[[Handler], Door]
) -> None:
    """As often as it needs today, not as often as it did."""
    path = taped(background)
    upstream = Fake()
    upstream.replies(say("Done today."), background=running_for(polls=polls))
    upstream.replies(say("More today."))

    outcome = run(path, plug(upstream.handle).url)

    recorded = [one.exchange for one in load_any_cassette(path).exchanges]
    statuses = [each.response_json["status"] for each in recorded if each.operation == "get"]
    assert outcome.exit_code == 0, outcome.output
    assert statuses[-1] == "completed"
    assert statuses == sorted(statuses, reverse=True)  # in_progress first


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--only", "9"], "exchange 9 is no create that could be asked again; these are: 1, 2"),
        (["--scrub-pattern", "("], "--scrub-pattern"),
    ],
)
def test_what_cannot_be_asked(options: list[str], text: str, taped: Tape) -> None:
    """One line; nothing is asked."""
    path = taped(chain)
    before = path.read_bytes()

    outcome = run(path, "http://127.0.0.1:1", *options)

    assert outcome.exit_code == 1
    assert text in outcome.output
    assert path.read_bytes() == before


def test_without_a_key_or_a_cassette(
    taped: Tape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each says what is missing."""
    path = taped(chain)

    nothing = run(tmp_path / "none.yaml", "http://127.0.0.1:1")
    monkeypatch.delenv("GEMINI_API_KEY")
    keyless = run(path, "http://127.0.0.1:1")

    assert "there is no such cassette" in nothing.output
    assert "set GEMINI_API_KEY" in keyless.output


def test_an_upstream_that_refuses(taped: Tape, plug: Callable[[Handler], Door]) -> None:
    """The refusal is told, and the old cassette stays."""
    path = taped(chain)
    before = path.read_bytes()
    upstream = Fake()
    upstream.faults("rate_limited")

    outcome = run(path, plug(upstream.handle).url)

    assert outcome.exit_code == 1
    assert path.read_bytes() == before


def scrubbed_tape(tmp_path: Path, token: str) -> Path:
    """A cassette whose request has the header of an MCP server, which was taken out."""
    server = {
        "type": "mcp_server",
        "url": "https://mcp.example",
        "headers": {"Authorization": f"Bearer {token}"},
    }
    client = Client()
    client.create(input="Hi", tools=[server])
    path = tmp_path / "scrubbed.yaml"
    exchanges = scrub_all(load_vcr_text(dump(client.exchanges), tmp_path))[0]
    path.write_text(dump_cassette(exchanges)[0], encoding="utf-8")
    assert token not in path.read_text("utf-8")
    return path


def load_vcr_text(text: str, folder: Path) -> list[RecordedExchange]:
    """The exchanges of a cassette's text."""
    file = folder / "plain.yaml"
    file.write_text(text, encoding="utf-8")
    return list(load_any_cassette(file).exchanges)


def test_a_placeholder_is_never_sent(tmp_path: Path, plug: Callable[[Handler], Door]) -> None:
    """The sentence names the exchange, the placeholder and the variable; nothing is asked."""
    path = scrubbed_tape(tmp_path, "tok-" + "7" * 20)
    before, upstream = path.read_bytes(), Fake()

    outcome = run(path, plug(upstream.handle).url)

    assert outcome.exit_code == 1
    assert "exchange 1 sends SCRUBBED-1" in outcome.output
    assert "set SCRUBBED_1 to its value" in outcome.output
    assert (path.read_bytes(), len(upstream.requests)) == (before, 0)


@pytest.mark.parametrize("value", ["tok-" + "9" * 20, 'plain "words" \\ é'])
def test_the_value_of_a_placeholder_is_sent_and_taken_out_again(
    value: str, tmp_path: Path, plug: Callable[[Handler], Door], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes from the environment, and the new cassette has it no more than the old one."""
    path, upstream = scrubbed_tape(tmp_path, "tok-" + "7" * 20), Fake()
    monkeypatch.setenv("SCRUBBED_1", value)

    outcome = run(path, plug(upstream.handle).url)

    assert outcome.exit_code == 0, outcome.output
    sent = upstream.requests[0].json()["tools"][0]["headers"]["Authorization"]
    assert sent == f"Bearer {value}"
    assert value.split()[-1] not in path.read_text("utf-8").replace("\\\\", "\\")
    assert len(load_any_cassette(path).exchanges) == 1
