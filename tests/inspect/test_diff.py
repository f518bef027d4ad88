"""`fakegemini diff`: two cassettes by what they mean."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakegemini import Fake, call, say, step, think
from fakegemini.inspect.word_diff import diff_words
from fakegemini.recordings.exchange import RecordedExchange
from fakegemini.recordings.read import files_in
from tests import scenarios
from tests.beside import RECORDINGS
from tests.inspect.conftest import Tape, exchange, run, turn
from tests.scenarios import CASSETTES, MODEL, SCENARIOS, TIDE, Client

Scene = Callable[[Client], object]


def again(scene: Scene) -> Scene:
    """The same on another day: other ids, other signatures, another clock."""

    def other(client: Client) -> None:
        client.fake = Fake(seed="another", clock=lambda: 1_800_000_000.0)
        scene(client)

    return other


def one(*said: Any, asked: str = "Why?", reply: Any = None, **body: Any) -> Scene:
    """One question, and what the model makes of it."""

    def scene(client: Client) -> None:
        client.fake.replies(*said, **reply or {})
        client.create(input=asked, **body)

    return scene


def two(first: str, second: str, *answers: str) -> Scene:
    """A chain of two questions."""

    def scene(client: Client) -> None:
        for answer in answers or ("One.", "Two."):
            client.fake.replies(say(answer))
        turn = client.create(input=first)
        client.create(input=second, previous_interaction_id=turn["id"])

    return scene


def run_of(polls: int, words: str = "Done.", *, cancel: bool = False) -> Scene:
    """A background run that is polled."""

    def scene(client: Client) -> None:
        client.fake.replies(say(words))
        run = client.create(input="Go.", background=True)
        for _ in range(polls):
            client.get(run["id"])
        if cancel:
            client.cancel(run["id"])

    return scene


@pytest.mark.parametrize("scene", SCENARIOS, ids=lambda scene: scene.__name__)
def test_the_same_on_another_day_is_the_same(scene: Scene, tape: Tape) -> None:
    """Ids, signatures and times are not what a cassette means."""
    left, right = tape(scene, "a.yaml"), tape(again(scene), "b.yaml")

    result = run("diff", left, right, "--usage")

    assert left.read_text() != right.read_text() or scene is scenarios.errors
    assert (result.exit_code, result.output.count("\n")) == (0, 1)
    assert result.output.endswith("compared, all the same\n")


def reordered(client: Client) -> None:
    """The branches of the chain in the other order."""
    for answer in ("Noted: two dogs.", "Two tails.", "Eight paws."):
        client.fake.replies(say(answer))
    first = client.create(input="I have 2 dogs in my house.")
    client.create(input="How many tails?", previous_interaction_id=first["id"])
    client.create(input="How many paws?", previous_interaction_id=first["id"])


def test_the_order_of_branches_is_no_difference(tape: Tape) -> None:
    """Conversations are compared, not lines of a file."""
    result = run("diff", tape(scenarios.chain, "a.yaml"), tape(reordered, "b.yaml"))

    assert (result.exit_code, result.output) == (0, "diff: 3 turns compared, all the same\n")


def test_how_often_was_polled_is_no_difference(tape: Tape) -> None:
    """The states a run went through are compared, and its end."""
    result = run("diff", tape(run_of(3), "a.yaml"), tape(run_of(5), "b.yaml"))

    assert (result.exit_code, result.output) == (0, "diff: 1 turn compared, all the same\n")


def test_chunks_are_no_difference(tape: Tape) -> None:
    """How a stream came does not change what it says."""
    text = "Tides follow the moon, and a little the sun."
    left = tape(one(say(text), stream=True), "a.yaml")
    (item,) = _recorded(one(say(text), stream=True))
    right = tape([replace(item, chunks=((1.0, len(item.exchange.response_body)),))], "b.yaml")

    assert run("diff", left, right).exit_code == 0


def _recorded(scene: Scene) -> list[RecordedExchange]:
    client = Client()
    scene(client)
    return [RecordedExchange(exchange) for exchange in client.exchanges]


CALLS = (call("f", x=1), call("f", x=2), call("g"))
FAR = {"type": "url_citation", "start_index": 0, "end_index": 3, "url": "https://a.example"}


def cited(text: str, url: str = "https://a.example") -> Any:
    """A text with its citation."""
    note = {**FAR, "end_index": len(text), "url": url}
    return say({"type": "text", "text": text, "annotations": [note]})


DIFFERENT: dict[str, tuple[Scene, Scene, str]] = {
    "a word of the answer": (
        one(say("Tides follow the moon.")),
        one(say("Tides follow the sun.")),
        """
        #1 Why?
          answer.steps[1].content[0].text
            Tides follow the [-moon-]{+sun+}.
        """,
    ),
    "a streamed answer": (
        one(say("Tides follow the moon."), stream=True),
        one(say("Tides follow the sun."), stream=True),
        """
        #1 Why?
          answer.steps[1].content[0].text
            Tides follow the [-moon-]{+sun+}.
        """,
    ),
    "a word of the question, in a chain": (
        two("One?", "And two paws?"),
        two("One?", "And two tails?"),
        """
        #2 And two paws?
          request.input[0].content[0].text
            And two [-paws-]{+tails+}?
        """,
    ),
    "the first question: what follows is still compared": (
        two("First one?", "Two?", "One.", "Two."),
        two("First?", "Two?", "One.", "Three."),
        """
        #1 First one?
          request.input[0].content[0].text
            First[- one-]?

        #2 Two?
          answer.steps[1].content[0].text
            [-Two-]{+Three+}.
        """,
    ),
    "config": (
        one(say("x"), generation_config={"temperature": 0.5}),
        one(say("x"), generation_config={"temperature": 1}, store=False),
        """
        #1 Why?
          request.generation_config.temperature
            - 0.5
            + 1
          request.store
            + false
        """,
    ),
    "arguments of a call": (
        one(call("f", x=1), tools=[TIDE]),
        one(call("f", x=2), tools=[TIDE]),
        """
        #1 Why?
          answer.steps[1].arguments.x
            - 1
            + 2
        """,
    ),
    "one call less: the others keep their place": (
        one(*CALLS, tools=[TIDE]),
        one(CALLS[0], CALLS[2], tools=[TIDE]),
        """
        #1 Why?
          answer.steps[2]
            - {"id": "⟨id⟩", "type": "function_call", "name": "f", "arguments": {"x": 2}}
        """,
    ),
    "a thought": (
        one(think("Hm."), say("x")),
        one(think("Hm, hm."), say("x")),
        """
        #1 Why?
          answer.steps[0].summary[0].text
            Hm{+, hm+}.
        """,
    ),
    "a status": (
        one(say("x")),
        one(say("x"), reply={"status": "incomplete"}),
        """
        #1 Why?
          answer.status
            [-completed-]{+incomplete+}
        """,
    ),
    "a citation": (
        one(cited("One.")),
        one(cited("Another one.", "https://b.example")),
        """
        #1 Why?
          answer.steps[1].content[0].text
            [-One-]{+Another one+}.
          answer.steps[1].content[0].annotations[0].url
            https://[-a-]{+b+}.example
        """,
    ),
    "the end of a run": (
        run_of(3, "A long report."),
        run_of(3, "A short report."),
        """
        #1 Go.
          answer.end.steps[1].content[0].text
            A [-long-]{+short+} report.
        """,
    ),
    "what became of a run": (
        run_of(3),
        run_of(1, cancel=True),
        """
        #1 Go.
          answer.later
            [-completed-]{+cancel: cancelled+}
        """,
    ),
    "alone on one side": (
        lambda client: [one(say("x"))(client), one(say("y"), asked="And?")(client)],
        one(say("x")),
        """
        #2 And? only in a.yaml
        """,
    ),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_difference_is_told(
    name: str, tape: Tape, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place, and both sides of it; the exit status is 1, and the other way round too."""
    monkeypatch.chdir(tmp_path)
    left, right, text = DIFFERENT[name]
    tape(left, "a.yaml")
    tape(again(right), "b.yaml")

    result = run("diff", "a.yaml", "b.yaml")

    head, _, rest = result.output.partition("\n\n")
    told, _, count = rest.rpartition("\n\n")
    assert head == "- a.yaml\n+ b.yaml"
    assert told == dedent(text).strip()
    assert count.startswith("diff: ")
    assert result.exit_code == 1
    assert run("diff", "b.yaml", "a.yaml").exit_code == 1


def test_usage_is_compared_on_request(tape: Tape) -> None:
    """The counts of tokens differ from run to run, so they are asked for."""
    counts = [{"total_tokens": number} for number in (5, 7)]
    paths = [
        tape([exchange({"input": "x"}, turn(say("a"), usage=usage))], f"{n}.yaml")
        for n, usage in enumerate(counts)
    ]

    assert run("diff", *paths).exit_code == 0
    told = run("diff", *paths, "--usage")
    assert "  answer.usage.total_tokens\n    - 5\n    + 7\n" in told.output
    assert told.exit_code == 1


HTTP: dict[str, tuple[RecordedExchange, RecordedExchange, str]] = {
    "an error": (
        exchange({"input": "x"}, {"error": {"code": "busy", "message": "No."}}, status=503),
        exchange({"input": "x"}, {"error": {"code": "slow", "message": "No."}}, status=429),
        "  answer.http\n    - 503\n    + 429\n  answer.errors[0]\n    [-busy-]{+slow+}: No.\n",
    ),
    "a cut": (
        exchange({"input": "x"}, b"data: {}\n\n"),
        exchange({"input": "x"}, b'data: {"event_type": "interaction.completed"}\n\n'),
        "  answer.ends\n    [-cut-]{+whole+}\n",
    ),
    "a call that a result answers": (
        exchange(
            {"input": "x"},
            turn(*(step("s_call", id=i) for i in "ab"), step("s_result", call_id="a")),
        ),
        exchange(
            {"input": "x"},
            turn(*(step("s_call", id=i) for i in "ab"), step("s_result", call_id="b")),
        ),
        "  answer.steps[2].call_id\n    s_call [-1-]{+2+}\n",
    ),
    "what is not JSON": (
        exchange({"input": "x"}, b"<p>bad gateway</p>", status=502),
        exchange({"input": "x"}, b"<p>bad luck</p>", status=502),
        "  answer.text\n    <p>bad [-gateway-]{+luck+}</p>\n",
    ),
    "another member": (
        exchange({"input": "x"}, turn(say("a"), environment_id="e")),
        exchange({"input": "x"}, turn(say("a"), service_tier="flex")),
        '  answer.environment_id\n    - "⟨environment_id⟩"\n  answer.service_tier\n    + "flex"\n',
    ),
    "a parent that was not recorded": (
        exchange({"input": "x", "previous_interaction_id": "v1_p"}, turn(say("a"))),
        exchange({"input": "x"}, turn(say("a"))),
        '  request.previous_interaction_id\n    - "v1_p"\n',
    ),
    "an escape sequence": (
        exchange({"input": "x"}, turn(say("a \x1b[2J b"))),
        exchange({"input": "x"}, turn(say("a \x1b[2J c"))),
        "    a \\x1b[2J [-b-]{+c+}\n",
    ),
}


@pytest.mark.parametrize("name", HTTP)
def test_what_a_fake_does_not_say_is_compared_too(name: str, tape: Tape) -> None:
    """The members, ends and errors of any answer."""
    left, right, text = HTTP[name]

    result = run("diff", tape([left], "a.yaml"), tape([right], "b.yaml"))

    assert text in result.output
    assert result.exit_code == 1


def test_other_resources_and_bodies_are_compared(tape: Tape, tmp_path: Path) -> None:
    """A list of models, and answers whose requests nobody kept."""
    models = [
        replace(
            exchange({}, {"models": [name]}),
            exchange=replace(
                exchange(b"", {"models": [name]}).exchange,
                number=2,
                method="GET",
                uri="https://a.example/v1/models",
            ),
        )
        for name in "ab"
    ]
    turns = exchange({"input": "x"}, turn(say("a")))
    paths = [tape([turns, each], f"{n}.yaml") for n, each in enumerate(models)]
    bodies = [tmp_path / f"{name}.json" for name in "ab"]
    for path in bodies:
        path.write_text(json.dumps(turn(say(path.stem))))

    assert "#2 GET /v1/models\n  answer.models[0]\n    [-a-]{+b+}\n" in run("diff", *paths).output
    assert "#1 a body\n" in run("diff", *bodies).output
    assert run("diff", bodies[0], bodies[0]).exit_code == 0


def test_many_differences_are_counted(tape: Tape) -> None:
    """A turn shows twenty of them."""
    sides = [
        tape([exchange({"input": "x", "labels": {str(n): n + at for n in range(30)}}, turn())], f)
        for at, f in enumerate(("a.yaml", "b.yaml"))
    ]

    assert "\n  and 10 more places\n" in run("diff", *sides).output


def test_a_long_chain_and_many_conversations(tape: Tape) -> None:
    """Neither the depth of a chain nor the number of turns that differ matters."""
    chain = [
        exchange(
            {"input": f"{n}", "previous_interaction_id": f"v1_{n - 1}" if n else None},
            turn(say("a"), id=f"v1_{n}"),
            n + 1,
        )
        for n in range(1_100)
    ]
    asked = [[exchange({"input": f"{s} {n}"}, turn(), n + 1) for n in range(60)] for s in "ab"]

    assert run("diff", path := tape(chain, "chain.yaml"), path).exit_code == 0
    many = run("diff", tape(asked[0], "a.yaml"), tape(asked[1], "b.yaml")).output
    assert many.endswith("diff: 60 turns compared, 60 different\n")


@pytest.mark.parametrize("folder", [CASSETTES, RECORDINGS], ids=["ours", "others"])
def test_every_recording_is_the_same_as_itself(folder: Path) -> None:
    """All of them, usage included."""
    if not folder.is_dir():
        pytest.skip("the recordings are not beside the project")
    for path in files_in(folder):
        assert run("diff", path, path, "--usage").exit_code == 0, path


@pytest.mark.parametrize("order", [1, -1])
def test_what_cannot_be_read_is_one_line(order: int, tape: Tape, tmp_path: Path) -> None:
    """Whichever side it is on; the exit status is 2."""
    bad = tmp_path / "bad.json"
    bad.write_text('{"version": 1,\n "interactions": [')

    result = run("diff", *[bad, tape(scenarios.text)][::order])

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: {bad}:2: not JSON: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [["diff"], ["show", "--json"], ["show"]])
@pytest.mark.parametrize("depth", [400, 700, 900, 970])
def test_what_is_nested_deeply_is_told_or_refused(
    depth: int, command: list[str], tape: Tape
) -> None:
    """One line at most, and no traceback."""
    paths = []
    for leaf in "12":
        arguments = f'{{"a": {"[" * depth}{leaf}{"]" * depth}}}'
        step = f'{{"type": "function_call", "id": "c", "name": "f", "arguments": {arguments}}}'
        body = f'{{"id": "v1_a", "status": "completed", "steps": [{step}]}}'
        paths.append(tape([exchange({"input": "x"}, body.encode())], f"{leaf}.yaml"))

    result = run(*command, *paths)

    assert result.exit_code in ((1, 2) if command == ["diff"] else (0, 2))
    if result.exit_code == 2:
        assert "nested too deeply" in result.stderr


@given(st.text(max_size=80), st.text(max_size=80))
def test_both_texts_are_in_the_pieces(old: str, new: str) -> None:
    """Short texts are told whole: without the new words the old text is left, and the reverse."""
    pieces = diff_words(old, new)

    assert "".join(said for kind, said in pieces if kind != "new") == old or "…" in str(pieces)
    assert "".join(said for kind, said in pieces if kind != "old") == new or "…" in str(pieces)


def test_words_that_differ_stay_together() -> None:
    """A space between two of them is no common ground."""
    assert diff_words("so b c d x", "so q r d x") == [
        ("same", "so "),
        ("old", "b c"),
        ("new", "q r"),
        ("same", " d x"),
    ]


def test_the_nearest_is_found(tape: Tape) -> None:
    """Not the first: the other one says almost the same."""
    left = tape([exchange({"input": "What are the tides in Dover today?"}, turn())], "a.yaml")
    asked = ("And who are you, by the way?", "What are the tides in Dover tomorrow?")
    right = tape(
        [exchange({"input": text}, turn(), n + 1) for n, text in enumerate(asked)], "b.yaml"
    )

    told = run("diff", left, right).output

    assert "#1 ↔ #2 What are the tides in Dover today?\n" in told
    assert "#1 And who are you, by the way? only in " in told


def test_long_texts_are_shortened() -> None:
    """What is the same is kept at its ends, what differs at its beginning."""
    same = " ".join(map(str, range(100)))

    assert diff_words(f"{same} a {same} b", f"{same} c {same} b") == [
        ("same", "… 94 95 96 97 98 99 "),
        ("old", "a"),
        ("new", "c"),
        ("same", " 0 1 2 3 4 5 …"),
    ]
    assert diff_words("x" * 999, MODEL) == [
        ("old", f"{'x' * 300}… (999 characters)"),
        ("new", MODEL),
    ]
