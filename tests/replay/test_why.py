"""`fakegemini why`: which recording a request gets, and by which rules."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from fakegemini import Fake, Handler, NotOnTape, Request, call, say
from fakegemini.cli import main
from fakegemini.recordings.conversations import RecordedConversations
from fakegemini.recordings.exchange import Exchange, RecordedExchange
from fakegemini.recordings.scrub.last_resort import scrub_all
from fakegemini.strategies import requests
from tests.http.door import Door
from tests.replay.conftest import Played, board, played, plug, taped
from tests.replay.pairs import labelled
from tests.replay.test_conversations import chain, function_loop
from tests.replay.test_equal import turned
from tests.scenarios import Client, dump

__all__ = ["board", "played", "plug", "taped"]

Tape = Callable[..., Path]
MODEL = "gemini-3.5-flash"


def why(tape: Path, *asked: Any, options: tuple[str, ...] = (), stdin: str = "") -> Result:
    """The command, asked these bodies, or texts as they are."""
    files = []
    for number, one in enumerate(asked):
        file = tape.parent / f"asked{number}.json"
        file.write_text(one if isinstance(one, str) else json.dumps(one), encoding="utf-8")
        files += ["--request", str(file)]
    return CliRunner().invoke(main, ["why", str(tape), *files, *options], input=stdin)


def explained(tape: Path, *asked: Any, options: tuple[str, ...] = ()) -> list[Any]:
    """What the command says as JSON."""
    outcome = why(tape, *asked, options=("--format", "json", *options))
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit)
    answer: list[Any] = json.loads(outcome.output)
    return answer


def bodies_of(client: Client) -> list[Any]:
    """What a client asked."""
    return [json.loads(one.request_body) for one in client.exchanges if one.request_body]


def record(scene: Callable[[Client], object], tmp_path: Path) -> tuple[Path, Client]:
    """A cassette, and who was recorded."""
    client = Client()
    scene(client)
    tape = tmp_path / "tape.yaml"
    tape.write_text(dump(client.exchanges), encoding="utf-8")
    return tape, client


@pytest.mark.parametrize("scene", [chain, function_loop], ids=lambda scene: scene.__name__)
def test_the_ids_of_the_recording_are_understood(
    scene: Callable[[Client], object], tmp_path: Path
) -> None:
    """Each recorded request is played by its own exchange, in any order and alone."""
    tape, client = record(scene, tmp_path)
    bodies = bodies_of(client)

    for number, body in enumerate(bodies, start=1):
        (explanation,) = explained(tape, body)
        assert explanation["plays"] == {"file": str(tape), "exchange": number}
    assert [one["plays"]["exchange"] for one in explained(tape, *reversed(bodies))] == [
        *range(len(bodies), 0, -1)
    ]


def test_a_list_is_asked_in_its_order_until_nothing_is_left(tmp_path: Path) -> None:
    """The third time nothing is left of two recordings; with --repeats there is."""

    def twice(client: Client) -> None:
        client.fake.replies(say("Yes."), times=2)
        client.create(input="Again?")
        client.create(input="Again?")

    tape, client = record(twice, tmp_path)
    body = bodies_of(client)[0]
    first, second, third = explained(tape, [body] * 3)

    assert [one["plays"] and one["plays"]["exchange"] for one in (first, second, third)] == [
        1,
        2,
        None,
    ]
    assert [one["verdict"] for one in first["candidates"]] == ["plays", "later"]
    assert [one["verdict"] for one in second["candidates"]] == ["plays", "used up"]
    assert [one["verdict"] for one in third["candidates"]] == ["used up", "used up"]
    text = why(tape, [body] * 3).output
    assert "used up: it was played already, and each recording is played once" in text
    assert "repeats=True" in text
    assert explained(tape, [body] * 3, options=("--repeats",))[2]["plays"]["exchange"] == 1


def test_another_branch(tmp_path: Path) -> None:
    """What was said to a twin whose call was another is not for this one."""

    def twins(client: Client) -> None:
        turned(client, "left", "You went left.")
        client.fake.replies(call("right"))
        client.create(input="Where?", tools=TOOLS_OF_TURN)

    from tests.replay.test_equal import TOOLS as TOOLS_OF_TURN

    tape, client = record(twins, tmp_path)
    left, _, right = (json.loads(one.response_body) for one in client.exchanges)
    (step,) = (step for step in right["steps"] if step["type"] == "function_call")
    body = bodies_of(client)[1] | {"previous_interaction_id": right["id"]}
    body["input"] = [body["input"][0] | {"call_id": step["id"]}]
    (explanation,) = explained(tape, body)

    assert explanation["plays"] is None
    nearest = explanation["candidates"][0]
    assert (nearest["exchange"], nearest["verdict"]) == (2, "another branch")
    assert {
        "rule": "branch",
        "says": "what was said before counts, and there the model answered with other calls",
        "path": "previous_interaction_id",
        "settles": False,
        "recorded": f"continues exchange 1 of {tape}",
        "asked": f"continues exchange 3 of {tape}",
    } in nearest["rules"]
    assert left["id"] != right["id"]


def test_a_bare_call_id_is_named(played: Played) -> None:
    """The miss says that nobody gave the client this id."""
    names: list[str] = []

    def scene(client: Client) -> None:
        turned(client, "left", "You went left.")
        body = json.loads(client.exchanges[0].response_body)
        names.extend(step["id"] for step in body["steps"] if step["type"] == "function_call")

    from tests.replay.test_equal import TOOLS as TOOLS_OF_TURN

    fake, door = played(scene)
    fake.allow("unrecorded")
    turn = door.create("Where?", tools=TOOLS_OF_TURN).json
    answered = {"type": "function_result", "name": "f", "call_id": names[0], "result": "ok"}
    text = door.create([answered], previous_interaction_id=turn["id"]).json["error"]["message"]

    assert "rule:     call: an id counts by its place, here 'call 1'" in text
    assert "no id that this conversation was given" in text


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("GET /v1beta/interactions/{id}", "exchange 1 is played: nobody recorded it"),
        ("DELETE /v1/interactions/{id} HTTP/1.1\nhost: x\n\n", "it is answered: nobody recorded"),
        ("GET /v1beta/interactions/v1_bogus", "no interaction of that id was replayed"),
        ("GET /v1beta/models", "no other resource was recorded"),
        ('POST /v1beta/interactions HTTP/1.1\r\nhost: x\r\n\r\n{"model": "m", "input": "x"}',
         "a miss: no recording answers it"),
        ('POST /v1beta/interactions\n{"model": "m", "input": "x"}', "a miss"),
        ('{"method": "get", "url": "https://example.com/v1beta/interactions/{id}"}', "is played"),
        ('{"path": "/v1beta/interactions", "body": {"input": "x"}}', "a miss"),
        ('{"path": "/v1beta/interactions", "body": "{}", "headers": {"a": "b"}}', "a miss"),
        ('{"method": "GET", "path": "/v1/interactions/{id}", "query": {"stream": "true"}}',
         "No recording answers this request."),
    ],
)  # fmt: skip
def test_any_form_of_a_request(asked: str, told: str, tmp_path: Path) -> None:
    """As HTTP writes it, as JSON with an address, with the log's own members."""
    tape, client = record(chain, tmp_path)
    identifier = json.loads(client.exchanges[0].response_body)["id"]

    assert told in why(tape, asked.replace("{id}", identifier)).output


def test_the_standard_input(tmp_path: Path) -> None:
    """A dash."""
    tape, client = record(chain, tmp_path)
    body = json.dumps(bodies_of(client)[0])

    outcome = why(tape, options=("--request", "-"), stdin=body)

    assert outcome.exit_code == 0
    assert f"exchange 1 of {tape} is played" in outcome.output
    assert "it is the same as recorded" in outcome.output


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "it is empty; it has to hold a request"),
        ("{", ":1: not JSON: "),
        ('{"a": 1, "a": 2}', "the key 'a' comes twice"),
        ("[]", "the list holds no request"),
        ("[3]", "[0]: a request is an object with method and path, or the body of a create, not 3"),
        ('{"method": 3, "path": "/"}', "method is 3, not a text"),
        ('{"method": "GET"}', "path is null, not a text"),
        ('{"path": "/", "headers": 3}', "headers is 3, not an object of texts"),
        ("[" * 100_000, "not JSON: "),
    ],
)
def test_a_file_that_is_no_request(text: str, told: str, tmp_path: Path) -> None:
    """One sentence with the file and the place, and status 2."""
    tape, _ = record(chain, tmp_path)

    outcome = why(tape, text)

    assert outcome.exit_code == 2
    assert outcome.output.startswith("Error: ")
    assert f"{tmp_path / 'asked0.json'}" in outcome.output
    assert told in outcome.output
    assert len(outcome.output.splitlines()) == 1


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The request, and the cassette."""
    tape, _ = record(chain, tmp_path)
    (tmp_path / "asked.json").write_text("{}", encoding="utf-8")
    for command in (
        ["why", str(tape), "--request", str(tmp_path / "none.json")],
        ["why", str(tmp_path / "none.yaml"), "--request", str(tmp_path / "asked.json")],
    ):
        outcome = CliRunner().invoke(main, command)
        assert outcome.exit_code == 2
        assert "none." in outcome.output
        assert len(outcome.output.splitlines()) == 1


def test_no_secret_is_shown(tmp_path: Path) -> None:
    """A scrubbed recording is played for whoever sends the secret, which stands nowhere."""
    secret = "sk-ant-" + "q7Rt5Zw2Lp9Xc4Vb8Nm1" * 2
    other = "ghp_" + "Ab3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6"

    def scene(client: Client) -> None:
        client.fake.replies(say("Fine."), times=2)
        client.create(input=f"Use {secret} here.")

    tape, client = record(scene, tmp_path)
    clean, _, _ = scrub_all([RecordedExchange(one) for one in client.exchanges])
    tape.write_text(dump([one.exchange for one in clean]), encoding="utf-8")
    body = bodies_of(client)[0]
    changed = body | {"input": f"Use {secret} there, and {other}."}

    for options in ((), ("--format", "json")):
        outcome = why(tape, [body, changed], options=options)
        assert outcome.exit_code == 1
        assert secret not in outcome.output
        assert other not in outcome.output
    first, second = explained(tape, [body, changed])
    assert first["plays"]["exchange"] == 1
    assert [one["rule"] for one in first["candidates"][0]["rules"]] == ["secrets"]
    assert second["plays"] is None


def test_a_hook_changes_what_is_asked(tmp_path: Path) -> None:
    """As it did when it was recorded; what it drops is never there."""
    tape, client = record(chain, tmp_path)
    hooks = tmp_path / "hooks.py"
    hooks.write_text(
        "from dataclasses import replace\n"
        "def before_record_request(exchange):\n"
        "    if b'drop me' in exchange.request_body:\n"
        "        return None\n"
        "    body = exchange.request_body.replace(b'TODAY ', b'')\n"
        "    return replace(exchange, request_body=body)\n",
        encoding="utf-8",
    )
    body = bodies_of(client)[0]
    hooked, dropped = explained(
        tape,
        [body | {"input": f"TODAY {body['input']}"}, body | {"input": "drop me"}],
        options=("--hooks", str(hooks)),
    )

    assert hooked["plays"]["exchange"] == 1
    assert "before_record_request drops" in dropped["miss"]


def test_a_recording_that_goes_on_names_the_rule(
    taped: Tape, plug: Callable[[Handler], Door], tmp_path: Path
) -> None:
    """`record --mode new_episodes` says of each new request what the nearest recording has."""
    tape = taped(chain)
    asked = {"model": MODEL, "input": "I am Ida."}
    program = (
        "import json, os, urllib.request as u;"
        "u.urlopen(u.Request(os.environ['GOOGLE_GEMINI_BASE_URL'] + '/v1/interactions',"
        f"{json.dumps(asked)!r}.encode(), {{'content-type': 'application/json'}})).read()"
    )
    import subprocess
    import sys

    options = ("--mode", "new_episodes", "--upstream", plug(Fake().handle).url)
    outcome = subprocess.run(
        [sys.executable, "-m", "fakegemini", "record", "--cassette", str(tape), *options,
         "--", sys.executable, "-c", program],
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip

    assert outcome.returncode == 0, outcome.stderr
    assert (
        "POST /v1/interactions is recorded: no recording means the same; the nearest is exchange "
        f'1 of {tape}, which has at input[0].content[0].text "I am Ada." where '
        '"I am Ida." was asked (text: texts count letter by letter)'
    ) in outcome.stderr


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "a", "A", " a", "é", "e\u0301", "1", "null", "2026-11-28"]),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from("abc"), children, max_size=2)
    ),
    max_leaves=6,
)


def is_equal(one: Any, other: Any) -> bool:
    """What JSON values are the same: numbers by value, all else by kind and content."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_equal, one, other))
    return (type(one) is type(other) and one == other) or (_is_number(one, other) and one == other)


def _is_number(*values: Any) -> bool:
    return all(isinstance(value, int | float) for value in values)


@settings(deadline=None)
@given(JSON_VALUES, JSON_VALUES)
def test_any_two_values(one: Any, other: Any) -> None:
    """They are the same or a miss, and a miss shows two texts that differ, and a rule."""
    from fakegemini.fake.replay.player import Player

    def body(value: Any) -> bytes:
        return json.dumps({"model": MODEL, **labelled(value)}).encode()

    conversations = RecordedConversations()
    exchange = Exchange(1, "POST", "http://h/v1/interactions", {}, body(one), 200, {}, b"{}")
    conversations.add_cassette("", [RecordedExchange(exchange)])
    try:
        Player(conversations).handle(Request("POST", "/v1/interactions", body=body(other)))
    except NotOnTape as error:
        assert not is_equal(one, other)
        lines = str(error).partition("Difference:")[2].partition("\n\nFix:")[0].splitlines()
        recorded = [line.partition("recorded:")[2] for line in lines if "  recorded:" in line]
        asked = [line.partition("asked: ")[2] for line in lines if "  asked: " in line]
        assert recorded
        assert all(old.strip() != new.strip() for old, new in zip(recorded, asked, strict=True))
        assert sum("  rule:  " in line for line in lines) == len(recorded)
    else:
        assert is_equal(one, other)


def test_the_nearest_is_the_one_most_alike(tmp_path: Path) -> None:
    """Of a hundred prompts in one place each."""
    words = [f"{chr(97 + number % 26) * 5} question {number}" for number in range(100)]

    def scene(client: Client) -> None:
        for word in words:
            client.fake.replies(say("Yes."))
            client.create(input=word)

    tape, _ = record(scene, tmp_path)
    (explanation,) = explained(tape, {"model": MODEL, "input": "zzzzz question 77!"})
    (other,) = explained(tape, {"model": MODEL, "input": words[77] + "!"})

    assert explanation["candidates"][0]["exchange"] == 78
    assert other["candidates"][0]["exchange"] == 78


def test_what_was_tolerated_shows_no_secret(played: Played) -> None:
    """A request that came once more is shown without its secrets, too."""

    def scene(client: Client) -> None:
        client.fake.replies(say("Fine."))
        client.create(input="Use nothing.")

    secret = "ghp_" + "Ab3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6"
    fake, door = played(scene, tolerate="input[*].content[*].text")
    fake.allow("unrecorded")
    assert door.create(f"Use {secret}").status == 200
    text = door.create(f"Use {secret}").json["error"]["message"]

    assert "No recording is left for this request" in text
    assert secret not in text


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of everything that is no object and no list."""
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    places = [place for key, member in pairs for place in leaves(member, (*path, key))]
    return places if isinstance(value, dict | list) else [path]


def changed(value: Any, path: tuple[Any, ...], leaf: Any) -> Any:
    """A value with another leaf at a place."""
    if not path:
        return leaf
    copy = value.copy()
    copy[path[0]] = changed(value[path[0]], path[1:], leaf)
    return copy


@settings(deadline=None)
@given(requests(), st.data())
def test_any_request_with_another_leaf(recorded: Any, data: st.DataObject) -> None:
    """It is answered, or the miss says where, shows both and names the rule."""
    asked = data.draw(
        requests()
        | st.builds(
            lambda path, leaf: changed(recorded, path, leaf),
            st.sampled_from(leaves(recorded)),
            st.sampled_from([None, True, 0, 1, 1.5, "", "a", "call 1", [], {}, ["a"], {"type": 3}]),
        )
    )
    tape = RecordedConversations()
    exchange = Exchange(
        1, "POST", "http://h/v1/interactions", {}, json.dumps(recorded).encode(), 200, {}, b"{}"
    )
    tape.add_cassette("", [RecordedExchange(exchange)])

    shown = miss_of(tape, json.dumps(asked).encode())

    assert miss_of(tape, json.dumps(recorded).encode()) is None
    assert shown is None or shown
    assert all(old != new and rule for old, new, rule in shown or ())


def miss_of(tape: RecordedConversations, body: bytes) -> list[tuple[str, str, str]] | None:
    """What a miss shows at each place: recorded, asked and the rule; None for an answer."""
    from fakegemini.fake.replay.player import Player

    try:
        Player(tape).handle(Request("POST", "/v1/interactions", body=body))
    except NotOnTape as error:
        difference = str(error).partition("Difference:")[2].partition("\n\nFix:")[0]
        return re.findall(
            r"^ +recorded: (.*)\n +asked: +(.*)\n +rule: +(.*)$", difference, re.MULTILINE
        )
    return None


def test_an_id_of_nobody_is_told(tmp_path: Path) -> None:
    """Such as that of an earlier replay, from a failing test's text."""
    tape, client = record(chain, tmp_path)
    body = bodies_of(client)[1] | {"previous_interaction_id": "v1_of_another_run"}

    text = why(tape, body).output

    assert '"continues v1_of_another_run, which this replay does not know"' in text
    assert f'recorded: "continues exchange 1 of {tape}"' in text


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        ({"input": "Good evening"}, "tolerate it by name, e.g. tolerate=['input[0].content[0]."),
        ({"previous_interaction_id": "v1_x"}, "no tolerance helps: parent always counts"),
        ({"input": "Hello", "previous_interaction_id": "v1_x"}, "no tolerance helps: parent"),
    ],
)
def test_the_fix_names_a_tolerance_only_where_there_is_a_way(
    change: dict[str, str], advice: str, tmp_path: Path
) -> None:
    tape, client = record(chain, tmp_path)

    assert advice in why(tape, bodies_of(client)[0] | change).output
