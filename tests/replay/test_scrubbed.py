"""What was recorded with a secret in it is replayed to the same program, which has the secret."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings

from fakegemini import Fake, NotOnTape, Request
from fakegemini.fake.replay.player import Player
from fakegemini.record.merge import replace_conversations
from fakegemini.recordings.cassette import dump_cassette
from fakegemini.recordings.conversations import RecordedConversations
from fakegemini.recordings.exchange import RecordedExchange
from fakegemini.recordings.scrub.last_resort import scrub_all
from fakegemini.recordings.scrub.policy import ScrubRules
from fakegemini.recordings.scrub.stand_ins import match_stand_ins
from tests.record.planted import HOST, Planted, create, planted
from tests.replay.conftest import board, plug

__all__ = ["board", "plug"]

TOKEN = "tok-" + "7" * 20
OTHER = "tok-" + "8" * 20


def request_of(recorded: RecordedExchange) -> Request:
    """The request of an exchange as the program sent it."""
    address = urlsplit(recorded.exchange.uri)
    query = tuple(parse_qsl(address.query, keep_blank_values=True))
    headers = tuple(recorded.exchange.request_headers.items())
    return Request("POST", address.path, query, headers, recorded.exchange.request_body)


def player_of(*exchanges: RecordedExchange, rules: ScrubRules | None = None) -> Player:
    """A replay of what stays of exchanges when their secrets are taken out."""
    conversations = RecordedConversations()
    conversations.add_cassette("tape.yaml", scrub_all(exchanges, rules)[0])
    return Player(conversations)


def text_of(player: Player, recorded: RecordedExchange) -> str:
    """The answer to a request."""
    beats = player.handle(request_of(recorded)).beats
    return b"".join(beat for beat in beats if isinstance(beat, bytes)).decode()


def said(text: str) -> dict[str, Any]:
    """An answer."""
    return {"status": "completed", "steps": [{"content": [{"type": "text", "text": text}]}]}


def mcp(token: str, text: str = "", **more: Any) -> RecordedExchange:
    """A create with the header of an MCP server."""
    server = {"type": "mcp_server", "headers": {"Authorization": f"Bearer {token}"}}
    return create({"tools": [server]} | more, said(text))


@settings(max_examples=150, deadline=None)
@given(planted())
def test_whatever_was_scrubbed_replays(one: Planted) -> None:
    """A secret of any kind in any place: the program that was recorded gets its answer."""
    player_of(one.recorded).handle(request_of(one.recorded))


PLACES: dict[str, Any] = {
    "a prompt": {"input": f"My key is sk-{'4' * 24}."},
    "arguments": {
        "input": [
            {
                "type": "function_call",
                "name": "f",
                "id": "c",
                "arguments": {"api_key": TOKEN, "pin": 4711},
            },
            {"type": "function_result", "name": "f", "call_id": "c", "result": {"token": TOKEN}},
        ]
    },
    "a member's name": {"labels": {f"sk-{'4' * 24}": "x", "z": f"sk-{'4' * 24}"}},
    "a number": {"labels": {"password": 47114711}},
    "two": {"labels": {"password": TOKEN, "client_secret": OTHER}, "input": f"{OTHER} {TOKEN}"},
}


@pytest.mark.parametrize("body", PLACES.values(), ids=PLACES)
def test_each_place(body: dict[str, Any]) -> None:
    """Prompts, arguments, results, names of members, numbers."""
    recorded = create(body, said("Yes."))
    assert "SCRUBBED-" in str(scrub_all([recorded])[0][0].exchange.request_body)
    assert "Yes." in text_of(player_of(recorded), recorded)


def test_by_a_rule_of_the_recording_alone() -> None:
    """The replay does not know the pattern: the placeholder stands for one word, not for more."""
    recorded = create({"input": "I am Ada77, hello"}, said("Hello."))
    player = player_of(recorded, rules=ScrubRules.from_options((), ("Ada77",)))

    with pytest.raises(NotOnTape):
        player.handle(request_of(create({"input": "I am not here, hello"}, {})))
    with pytest.raises(NotOnTape):
        player.handle(request_of(create({"input": "I am Ada77, hello!"}, {})))
    assert "Hello." in text_of(player, recorded)


def test_a_text_that_went_as_a_whole() -> None:
    """It has white space, which no single value has; the replay has the same rule."""
    rules = ScrubRules.from_options((), (r"\w+ \w+",))
    recorded = create({"input": "one two three four five"}, said("Five."))
    conversations = RecordedConversations()
    conversations.add_cassette("tape.yaml", scrub_all([recorded], rules)[0])
    assert "Five." in text_of(Player(conversations, rules=rules), recorded)


def test_known_only_from_a_later_exchange() -> None:
    """A value that a later request shows to be a secret stands in an earlier prompt too."""
    first, second = create({"input": f"Use {TOKEN}"}, said("Used.")), mcp(TOKEN, "Asked.")
    player = player_of(first, second)
    assert "Used." in text_of(player, first)
    assert "Asked." in text_of(player, second)


def test_another_key_in_the_environment() -> None:
    """The key of the replay may be any; one that is a word of the prompt does no harm."""
    recorded = mcp(TOKEN, "Yes.", input="Hi")
    again = create({}, {}, x_goog_api_key="function-name").exchange.request_headers
    request = request_of(recorded)
    player = player_of(recorded, create({"input": "the function-name"}, said("No.")))
    player.handle(Request("POST", request.path, (), tuple(again.items()), request.body))
    body = create({"input": "the function-name"}, {}).exchange.request_body
    player.handle(Request("POST", request.path, (), tuple(again.items()), body))


def test_two_secrets_are_told_apart() -> None:
    """Two users ask the same with their own tokens: in any order each one goes on as it began."""
    exchanges = [
        mcp(TOKEN, "Ada 1", input="1"),
        mcp(OTHER, "Bob 1", input="1"),
        mcp(TOKEN, "Ada 2", input="2"),
        mcp(OTHER, "Bob 2", input="2"),
    ]
    player = player_of(*exchanges)
    assert "Ada 1" in text_of(player, exchanges[0])
    for recorded, text in ((exchanges[3], "Bob 2"), (exchanges[1], "Bob 1")):
        assert text in text_of(player, recorded)
    assert "Ada 2" in text_of(player, exchanges[2])


def test_other_resources_are_told_apart_by_their_secrets() -> None:
    """A secret in a path or a query: each has its own answers, in any order, and again."""

    def listed(secret: str, text: str, path: str = "files/{}/b") -> RecordedExchange:
        exchange = create({}, said(text)).exchange
        uri = f"{HOST}/v1beta/{path.format(secret)}"
        return RecordedExchange(replace(exchange, method="GET", uri=uri, request_body=b""))

    def get(player: Player, recorded: RecordedExchange) -> str:
        address = urlsplit(recorded.exchange.uri)
        query = tuple(parse_qsl(address.query, keep_blank_values=True))
        beats = player.handle(Request("GET", address.path, query)).beats
        return b"".join(beat for beat in beats if isinstance(beat, bytes)).decode()

    keys = [f"sk-{digit * 24}" for digit in "123"]
    for path in ("files/{}/b", "files/{}", "files?q={}"):
        first, other = listed(keys[0], "Ada 1", path), listed(keys[1], "Bob 1", path)
        again = listed(keys[0], "Ada 2", path)
        player = player_of(first, other, again)
        texts = [get(player, one) for one in (first, first, other, first, other)]
        assert [re.findall(r"\w+ \d", text) for text in texts] == [
            *(["Ada 1"], ["Ada 2"], ["Bob 1"], ["Ada 2"], ["Bob 1"])
        ]


def test_what_is_another_request_stays_one() -> None:
    """Two equal secrets where two were recorded, a missing header, another name beside it."""
    recorded = create({"labels": {"password": TOKEN, "client_secret": OTHER}}, said("Yes."))
    for labels in (
        {"password": TOKEN, "client_secret": TOKEN},
        {"password": TOKEN},
        {"password": TOKEN, "client_secret": OTHER, "x": "y"},
    ):
        with pytest.raises(NotOnTape):
            player_of(recorded).handle(request_of(create({"labels": labels}, {})))


def test_a_miss_shows_no_secret(tmp_path: Path, plug: Any) -> None:
    """Neither body, nor difference, nor query, nor what the fake tells at the end."""
    tape = tmp_path / "tape.yaml"
    tape.write_text(dump_cassette(scrub_all([mcp(TOKEN, "Yes.")])[0])[0], "utf-8")
    fake = Fake()
    fake.play(tape)
    asked = request_of(mcp(OTHER, "", input=f"Other, with sk-{'5' * 24}"))

    with pytest.raises(NotOnTape) as missed:
        fake.handle(asked)
    with pytest.raises(NotOnTape) as other:
        fake.handle(Request("GET", "/v1beta/x", (("token", OTHER), ("key", TOKEN))))

    for text in (str(missed.value), str(other.value)):
        assert not re.search("7{9}|8{9}|5{9}", text), text
    assert "tools" not in str(missed.value).partition("Difference:")[2].partition("Fix:")[0]


def test_what_is_recorded_again_takes_the_place_of_the_old() -> None:
    """The numbers of placeholders do not count, so `all` and `rerecord` find the old exchange."""
    old = scrub_all([create({"input": f"sk-{'1' * 24}"}, {}), mcp(TOKEN, "old")])[0]
    new = scrub_all([mcp(TOKEN, "new")])[0]
    merged = replace_conversations(old, new)
    assert [b"new" in one.exchange.response_body for one in merged] == [False, True]


@pytest.mark.parametrize(
    ("recorded", "asked", "values"),
    [
        ("SCRUBBED-1", "a", {"SCRUBBED-1": "a"}),
        ("SCRUBBED-1", "a b", None),
        ("SCRUBBED-1", "", None),
        ("SCRUBBED-1", 7, {"SCRUBBED-1": "7"}),
        ("SCRUBBED-1", True, None),
        ("SCRUBBED-1", None, None),
        ("x SCRUBBED-1 y SCRUBBED-2", "x a y b", {"SCRUBBED-1": "a", "SCRUBBED-2": "b"}),
        ("SCRUBBED-1 SCRUBBED-1", "a b", None),
        ("SCRUBBED-1 SCRUBBED-1", 'a"b a\\"b', {"SCRUBBED-1": 'a"b'}),
        ("eCBTCRUBBEDSCRUB", "eCBTCRUBBEDSCRUX", None),
        ("eCSCRUBBEDSCRUBx", "eC0123456789ABCx", {}),
        ({"SCRUBBED-1": 1, "b": 2}, {"k": 1, "b": 2}, {"SCRUBBED-1": "k"}),
        ({"SCRUBBED-1": 1, "b": 2}, {"k": 1, "c": 2}, None),
        (["SCRUBBED-1", 1], ["a", True], None),
        (["SCRUBBED-1"], ["a", "b"], None),
    ],
)
def test_what_a_placeholder_may_stand_for(recorded: Any, asked: Any, values: Any) -> None:
    """One word; the same in each place, in any spelling."""
    assert match_stand_ins(recorded, asked) == values
