"""A secret of any kind in any place is in no file; what is none stays."""

from __future__ import annotations

import base64
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
import yaml
from hypothesis import example, given, settings

from fakegemini.errors import BadRule
from fakegemini.record.modes import MODES
from fakegemini.record.writer import SaveResult, open_recording
from fakegemini.recordings.cassette import load_any_cassette
from fakegemini.recordings.exchange import Exchange, RecordedExchange
from fakegemini.recordings.read import read_any_contents
from fakegemini.recordings.scrub.edits import resize_chunks
from fakegemini.recordings.scrub.policy import ScrubRules
from fakegemini.recordings.scrub.remaining import find_secrets
from fakegemini.recordings.scrub.scrubber import Scrubber
from tests.record.planted import NAMED_PLACES, Planted, create, deltas, planted

SIGNATURE = base64.b64encode(bytes(range(256)) * 4).decode()


def save(path: Path, *recorded: RecordedExchange, rules: ScrubRules | None = None) -> SaveResult:
    """Record exchanges into a cassette."""
    with open_recording(path, MODES["rewrite"], rules=rules, say=lambda line: None) as made:
        for one in recorded:
            made.add(one)
        return made.save()


def spelled(text: str) -> list[str]:
    """A text in the readings in which a secret could be in it."""
    readings = [text, unquote_plus(text), text.replace("\\/", "/").replace('\\"', '"')]
    for _ in range(2):
        readings.append(readings[-1].replace("\\\\", "\\").replace('\\"', '"'))
    return readings


def in_files(folder: Path, secret: str) -> list[str]:
    """The files in which a secret can be read."""
    forms = {secret, *(json.dumps(secret, ensure_ascii=flag)[1:-1] for flag in (True, False))}
    forms |= {base64.b64encode(b"x" * n + secret.encode()).decode()[4:-4] for n in range(3)}
    return [
        file.name
        for file in folder.rglob("*")
        if file.is_file()
        for text in spelled(file.read_bytes().decode("utf-8", "replace"))
        if any(form in text for form in forms)
    ]


def said(recorded: Exchange) -> str:
    """All that the deltas of a stream say, joined."""
    events = [frame.json() for frame in recorded.frames[0] if not frame.is_done]
    return "".join(
        str(value) for event in events for key, value in event["delta"].items() if key != "type"
    )


@given(planted())
@settings(max_examples=200, deadline=None)
@example(Planted("password", 'Q9 "\\\n€😀<>z', NAMED_PLACES["password"]('Q9 "\\\n€😀<>z', 0)))
def test_a_planted_secret_is_in_no_file(
    tmp_path_factory: pytest.TempPathFactory, one: Planted
) -> None:
    """Neither while the recording goes on nor when it is saved."""
    folder = tmp_path_factory.mktemp("planted")
    path = folder / "a.yaml"
    with open_recording(path, say=lambda line: None) as made:
        made.add(one.recorded)
        assert len(list(folder.iterdir())) == 2  # the lock and what is kept
        assert in_files(folder, one.secret) == []
        made.save()
    assert in_files(folder, one.secret) == []
    (kept,) = read_any_contents(path).exchanges
    if kept.is_stream:
        assert one.secret not in said(kept)
        assert len(kept.frames[0]) == len(one.recorded.exchange.frames[0])
    else:
        assert isinstance(kept.response_json, dict)
    assert isinstance(kept.request_json, dict)
    assert kept.path_parts == ("v1", "interactions")
    shutil.rmtree(folder)


@given(planted())
@settings(max_examples=50, deadline=None)
def test_chunks_stay_those_of_the_body(one: Planted) -> None:
    """As many as came, and as long as the body."""
    scrubber = Scrubber()
    scrubber.learn(one.recorded)

    done = scrubber.scrub(one.recorded)

    assert len(done.chunks) == len(one.recorded.chunks)
    if done.chunks:
        assert sum(size for _, size in done.chunks) == len(done.exchange.response_body)
        assert min(size for _, size in done.chunks) >= 0


def test_what_is_no_secret_stays(tmp_path: Path) -> None:
    """Signatures, media, ids, tokens of the protocol, schemas, counts: not a byte changes."""
    body = {
        "tools": [
            {
                "type": "function",
                "name": "log_in",
                "parameters": {
                    "type": "object",
                    "properties": {
                        "password": {"type": "string", "description": "at least 8 characters"},
                        "env": {"type": "object", "properties": {"value": {"type": "string"}}},
                    },
                    "required": ["password"],
                },
            }
        ],
        "input": [
            {"type": "thought", "signature": SIGNATURE},
            {"type": "image", "data": SIGNATURE, "mime_type": "image/jpeg"},
            {"type": "text", "text": "Bearer tokens are a secret: the password is required."},
        ],
        "continuation_token": SIGNATURE,
        "previous_interaction_id": "v1_ChYyZWNCYXB4M2tMZi00dy1YeTQtd0FREhYyZWNCYXB4M2tMZi00dy1Z",
    }
    events = [
        *deltas("thought_signature", "signature", SIGNATURE[:600], SIGNATURE[600:]),
        *deltas("text", "text", "<b> & ", "é€😀"),
    ]
    one = create(body, events)
    save(tmp_path / "a.yaml", one)

    (kept,) = read_any_contents(tmp_path / "a.yaml").exchanges

    assert kept.request_json == one.exchange.request_json
    assert kept.response_body == one.exchange.response_body
    assert find_secrets(json.dumps(body)) == []
    assert yaml.safe_load((tmp_path / "a.yaml").read_text())["fakegemini"]["scrubbed"] == {}


def test_the_head_says_where_and_how_many_never_what(tmp_path: Path) -> None:
    """One placeholder a value, whatever the place."""
    key = "AIza" + "b" * 35
    tool = {
        "type": "mcp_server",
        "headers": {"Authorization": "Bearer mcp-secret-1", "X-Team": "b"},
    }
    body = {"tools": [tool], "input": f"{key} and mcp-secret-1"}
    one = create(body, {"error": {"message": f"{key}, {key}"}}, x_goog_api_key=key)
    save(tmp_path / "a.yaml", one, one)

    document = yaml.safe_load((tmp_path / "a.yaml").read_text())

    assert document["fakegemini"]["scrubbed"] == {
        "x-goog-api-key": 2,
        "body $.tools[0].headers.Authorization": 2,
        "body $.tools[0].headers.X-Team": 2,
        "body $.input": 4,
        "body $.error.message": 4,
    }
    asked = json.loads(document["interactions"][1]["request"]["body"])
    assert asked["tools"][0]["headers"] == {
        "Authorization": "Bearer SCRUBBED-2",
        "X-Team": "SCRUBBED-3",
    }
    assert asked["input"] == "SCRUBBED-1 and SCRUBBED-2"


def test_a_secret_that_is_learned_late_leaves_what_was_kept_before(tmp_path: Path) -> None:
    """The exchange before the one that gives it away is rewritten at once."""
    secret = "correct horse battery staple 7"
    with open_recording(tmp_path / "a.yaml", say=lambda line: None) as made:
        made.add(create({"input": f"I like {secret}"}, {}))
        assert in_files(tmp_path, secret) != []  # nobody can know
        made.add(create({"labels": {"password": secret}}, {}))
        assert in_files(tmp_path, secret) == []
        made.save()
    assert in_files(tmp_path, secret) == []


def answered(**headers: str) -> RecordedExchange:
    """A create whose answer has headers."""
    exchange = create({}, {}).exchange
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return RecordedExchange(replace(exchange, response_headers=names))


@pytest.mark.parametrize(
    "one",
    [
        create({}, {}, x_shop_auth="a8Fk30dKx92LmQ7z"),
        create({}, {}, idempotency_key="0d5a7f9c-3f0e-4b7a-9a51-2f1f5e0c7d11"),
        *(
            create({"labels": {name: "a8Fk30dKx92LmQ7z"}}, {})
            for name in ("sort_key", "primaryKey", "x-cache-key", "idempotency_key", "public_key")
        ),
    ],
)
def test_what_is_not_written_or_no_secret_stops_nothing(
    one: RecordedExchange, tmp_path: Path
) -> None:
    """A header that no cassette keeps, and keys that open nothing."""
    save(tmp_path / "a.yaml", one)
    assert (tmp_path / "a.yaml").exists()


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (create({"labels": {"machine_key": "a8Fk30dKx92LmQ7z"}}, {}), "machine_key"),
        (create({}, {"session_key": "a8Fk30dKx92LmQ7z"}), "session_key"),
        (create({"input": "a8Fk30dKx92LmQ7z"}, {"salt": "a8Fk30dKx92LmQ7z"}), "salt"),
        (answered(x_shop_auth="a8Fk30dKx92LmQ7z"), "x-shop-auth"),
    ],
)
def test_a_doubt_costs_a_value_and_no_recording(
    tmp_path: Path, one: RecordedExchange, name: str
) -> None:
    """What may be a secret is taken out everywhere and told; an option keeps it."""
    lines: list[str] = []
    for number, rules in enumerate((ScrubRules(), ScrubRules.from_options(allowed=["^a8F"]))):
        path = tmp_path / f"{number}.yaml"
        with open_recording(path, MODES["once"], rules=rules, say=lines.append) as made:
            made.add(create({"input": "other"}, {}))
            made.add(one)
            made.save()
        assert len(read_any_contents(path).exchanges) == 2
        assert ("a8Fk30dKx92LmQ7z" in path.read_text()) is bool(number)
    assert lines == [
        f"exchange 1: {name} looks like a secret and is taken out; --allow-secret REGEX keeps it"
    ]


def test_what_cannot_be_looked_into_costs_itself(tmp_path: Path) -> None:
    """The other exchanges are saved; the text names the place, and nothing of it is on the disk."""
    lines: list[str] = []
    path = tmp_path / "a.yaml"
    with open_recording(path, MODES["once"], say=lines.append) as made:
        made.add(create({"input": "first"}, {}))
        odd = create({"input": "odd"}, {}).exchange
        packed = {"content-encoding": "snappy"}
        odd = replace(odd, response_headers=packed, response_body=b"\xff")
        made.add(RecordedExchange(odd))
        made.add(create({"input": "last"}, {}))
        saved = made.save()

    assert (saved.new, saved.unkept, saved.total) == (2, 1, 2)
    assert [one.request_json["input"] for one in read_any_contents(path).exchanges] == [
        "first",
        "last",
    ]
    assert lines == [
        "exchange 1 is not kept (POST /v1/interactions): the response's body: it is packed as "
        "snappy, so it cannot be looked into"
    ]


PAIRS = ScrubRules.from_options(patterns=[r"\w+ \w+"])


@pytest.mark.parametrize(
    "answer",
    [
        {"error": {"message": "one two three four five"}},
        deltas("text", "text", "one two", " three", " four five"),
    ],
)
def test_what_cannot_be_taken_out_of_its_text_costs_that_text(tmp_path: Path, answer: Any) -> None:
    """A pattern that finds something again beside each placeholder: the text goes as a whole."""
    one = create({"input": "one two three four five", "labels": {"a": "b"}}, answer)
    lines: list[str] = []
    path = tmp_path / "a.yaml"
    with open_recording(path, rules=PAIRS, say=lines.append) as made:
        made.add(one)
        made.save()

    (kept,) = load_any_cassette(path).exchanges
    assert kept.exchange.request_json["labels"] == {"a": "b"}
    assert re.fullmatch(r"SCRUBBED-\d+", kept.exchange.request_json["input"])
    assert "three" not in path.read_text()
    if kept.exchange.is_stream:
        assert re.fullmatch(r"SCRUBBED-\d+", said(kept.exchange))
        assert sum(size for _, size in kept.chunks) == len(kept.exchange.response_body)
    assert lines == []


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        (ScrubRules.from_options(fields=["machineKey"]), "SCRUBBED-1"),
        (ScrubRules.from_options(patterns=["a8F[a-zA-Z0-9]+"]), "SCRUBBED-1"),
        (
            ScrubRules.from_options(patterns=["key (a8F[a-zA-Z0-9]+)"], allowed=["a8F"]),
            "a8Fk30dKx92LmQ7z",
        ),
    ],
)
def test_the_user_says_what_it_is(tmp_path: Path, rules: ScrubRules, kept: str) -> None:
    """Each option that the text names."""
    save(
        tmp_path / "a.yaml",
        create({"labels": {"machine_key": "a8Fk30dKx92LmQ7z"}}, {}),
        rules=rules,
    )

    asked = read_any_contents(tmp_path / "a.yaml").exchanges[0].request_json
    assert asked["labels"] == {"machine_key": kept}


def test_a_short_value_of_a_pattern_goes_everywhere(tmp_path: Path) -> None:
    """Who says what to take out is obeyed, however short it is."""
    one = create({"input": "Ann and Bob"}, {"error": {"message": "no Ann"}})
    save(tmp_path / "a.yaml", one, rules=ScrubRules.from_options(patterns=["Ann"]))

    assert "Ann" not in (tmp_path / "a.yaml").read_text()


@pytest.mark.parametrize("password", ["a", "pw", "input", "completed"])
def test_a_short_password_of_an_address_is_taken_out_there(tmp_path: Path, password: str) -> None:
    """Not everywhere: it may be a letter, or a word of the API."""
    text = f"postgres://me:{password}@db and {password} and a"
    save(tmp_path / "a.yaml", create({"input": text}, {"status": "completed"}))

    (kept,) = read_any_contents(tmp_path / "a.yaml").exchanges
    assert kept.request_json["input"] == f"postgres://me:SCRUBBED-1@db and {password} and a"
    assert kept.response_json == {"status": "completed"}


def test_a_pattern_that_is_none_is_one_sentence() -> None:
    """It names the option."""
    with pytest.raises(BadRule, match=r"--scrub-pattern '\[' is no regular expression: "):
        ScrubRules.from_options(patterns=["["])


def test_numbers_go_on_behind_those_of_the_old_file(tmp_path: Path) -> None:
    """Two secrets never share a placeholder."""
    path = tmp_path / "a.yaml"
    save(path, create({"labels": {"password": "the-first-1"}}, {}))
    with open_recording(path, MODES["new_episodes"], say=lambda line: None) as made:
        made.add(create({"labels": {"password": "the-second-2"}}, {}))
        made.save()

    assert [
        one.request_json["labels"]["password"] for one in read_any_contents(path).exchanges
    ] == [
        "SCRUBBED-1",
        "SCRUBBED-2",
    ]


def test_sizes_follow_their_bytes() -> None:
    """An edit inside a chunk, over a border, and one that grows."""
    assert resize_chunks((10, 10), [(2, 4, 1)]) == (7, 10)
    assert resize_chunks((10, 10), [(8, 4, 10)]) == (10, 16)
    assert resize_chunks((10, 10), [(8, 4, 1)]) == (9, 8)
    assert resize_chunks((), [(0, 1, 2)]) == ()
