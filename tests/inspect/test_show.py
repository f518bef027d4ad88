"""`fakegemini show`: a cassette as the conversation it is."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from fakegemini import call, say, step, think
from fakegemini.recordings.read import files_in
from tests import scenarios
from tests.beside import RECORDINGS
from tests.inspect.conftest import Tape, exchange, of, run, turn
from tests.scenarios import CASSETTES, MODEL, TIDE, Client


def shown(path: Path) -> str:
    """What it prints behind the line with the counts, without the last line break."""
    result = run("show", path)
    assert result.exit_code == 0
    name, _, _, *lines = result.output.splitlines()
    assert name == str(path)
    return "\n".join(lines[:-1])


def history_of_its_own(client: Client) -> None:
    """A client that keeps the history itself."""
    client.fake.replies(call("read_tide", harbour="Dover"))
    client.fake.replies(say("Rising."))
    asked = {"type": "user_input", "content": [{"type": "text", "text": "The tide?"}]}
    first = client.create(input=[asked], tools=[TIDE], store=False)
    found = first["steps"][-1]["id"]
    result = {"type": "function_result", "name": "read_tide", "call_id": found, "result": "up"}
    history = [asked, *first["steps"], result]
    client.create(input=history, tools=[TIDE], store=False, system_instruction="Be brief.")


def polled(client: Client) -> None:
    """A run that is polled to its end, and read once more as a stream."""
    client.fake.replies(say("A long report."))
    run = client.create(input="Report.", background=True)
    for _ in range(3):
        client.get(run["id"])
    client.get(run["id"], stream="true")


STORIES: dict[str, tuple[Callable[[Client], object], str]] = {
    "branches": (
        scenarios.chain,
        """
        #1 gemini-3.5-flash
          user     I have 2 dogs in my house.
          thought  (signed, no summary)
          model    Noted: two dogs.
          = completed, 51 tokens (7 in + 4 out + 40 thought)

        #2 after #1
          user     How many paws?
          thought  (signed, no summary)
          model    Eight paws.
          = completed, 58 tokens (15 in + 3 out + 40 thought)

        #3 after #1, a branch
          user     How many tails?
          thought  (signed, no summary)
          model    Two tails.
          = completed, 58 tokens (15 in + 3 out + 40 thought)
        """,
    ),
    "two calls, answered in the other order": (
        scenarios.parallel_calls,
        """
        #1 gemini-3.5-flash, stream
          tools    read_tide
          user     The tides in Cuxhaven and Dover?
          thought  (signed, no summary)
          call     read_tide(harbour="Cuxhaven")
          call     read_tide(harbour="Dover")
          = requires_action, 113 tokens (56 in + 17 out + 40 thought), 13 events

        #2 after #1
          result   read_tide(harbour="Dover") → falling
          result   read_tide(harbour="Cuxhaven") → rising
          thought  (signed, no summary)
          model    Rising in Cuxhaven, falling in Dover.
          = completed, 93 tokens (83 in + 10 out)
        """,
    ),
    "citations": (
        scenarios.search,
        """
        #1 gemini-3.5-flash
          tools    google_search
          user     When is high water in Dover?
          call     google_search(queries=["high water Dover"])
          result   google_search → [{"search_suggestions": "<div class=@chip@>hw</div>"}]
          thought  (signed, no summary)
          model    High water in Dover is at noon.
          cites    tides.example, https://tides.example/dover
          = completed, 62 tokens (14 in + 8 out + 40 thought)
        """,
    ),
    "polls": (
        polled,
        """
        #1 gemini-3.5-flash, background
          user     Report.
          = in_progress
          thought  (signed, no summary)
          model    A long report.
          = polled 3 times: in_progress, completed, completed, 46 tokens (2 in + 4 out + 40 thought)
          = streamed again: completed, 11 events
        """,
    ),
    "history": (
        history_of_its_own,
        """
        #1 gemini-3.5-flash, not stored
          tools    read_tide
          user     The tide?
          thought  (signed, no summary)
          call     read_tide(harbour="Dover")
          = requires_action, 99 tokens (51 in + 8 out + 40 thought)

        #2 gemini-3.5-flash, not stored
          tools    read_tide
          system   Be brief.
          user     The tide?
          thought  (signed, no summary)
          call     read_tide(harbour="Dover")
          result   read_tide → up
          thought  (signed, no summary)
          model    Rising.
          = completed, 68 tokens (66 in + 2 out)
        """,
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_a_story_is_told(name: str, tape: Tape) -> None:
    """Who said what, word for word."""
    scene, text = STORIES[name]

    assert (
        shown(tape(scene)).replace('\\"', "@").replace("high water Dover<", "hw<")
        == dedent(text).strip()
    )


PICTURE = base64.b64encode(b"\x89PNG" + b"0" * 400).decode()
FRAMES = of(scenarios.stream)[0]


def stream(*events: dict[str, Any]) -> bytes:
    """The events of a stream without its end."""
    made = [{"event_type": "interaction.created", "interaction": {"id": "v1_a", "status": "x"}}]
    return b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in (*made, *events))


TEXT = {"type": "text", "text": "Half a sen"}
STARTED = {"event_type": "step.start", "index": 1, "step": {"type": "model_output"}}
THOUGHT = {"event_type": "step.start", "index": 0, "step": {"type": "thought"}}
HALF = stream(
    THOUGHT,
    {"event_type": "step.stop", "index": 0},
    STARTED,
    {"event_type": "step.delta", "index": 1, "delta": TEXT},
)
PAGE = {"type": "url_citation", "title": "T", "url": "https://a.example", "end_index": 3}
BROKEN = {"event_type": "error", "error": {"code": "deadline", "message": "Too late."}}
MEDIA = [
    {"type": "text", "text": "What is it?"},
    {"type": "image", "mime_type": "image/png", "data": PICTURE},
    {"type": "document", "mime_type": "application/pdf", "uri": "https://a.example/b.pdf"},
]

LINES: dict[str, tuple[Any, list[str]]] = {
    "media": (
        exchange({"input": MEDIA}, turn(say("A square."))),
        [
            "  user     What is it?",
            "  image    image/png, 404 bytes, aside/",
            "  document application/pdf, https://a.example/b.pdf",
        ],
    ),
    "a small image": (
        exchange({"input": "x"}, turn(say({"type": "image", "data": "aGk="}))),
        ["  image    2 bytes"],
    ),
    "an image as a result": (
        exchange(
            {"input": "x"},
            turn(
                step("function_call", id="c", name="draw", arguments={}),
                step("function_result", call_id="c", result=[MEDIA[1]]),
            ),
        ),
        [
            "  call     draw()",
            "  result   draw → 1 block",
            "  image    image/png, 404 bytes, aside/",
        ],
    ),
    "a step that nobody knows": (
        exchange({"input": "x"}, turn(step("hologram", depth=3), step("warp_call", id="i"))),
        ['  hologram {"depth": 3}', "  call     warp()"],
    ),
    "a server's tool, failed": (
        exchange(
            {"input": "x"},
            turn(
                step("mcp_server_tool_call", id="1", name="f", server_name="s", arguments={"a": 1}),
                step("mcp_server_tool_result", call_id="1", result="no", is_error=True),
            ),
        ),
        ["  call     s.f(a=1)", "  result   s.f failed no"],
    ),
    "a thought": (
        exchange({"input": "x"}, turn(think("One.\n\n\n\nTwo.\n\n"))),
        ["  thought  One.", "", "           Two.", "  = completed"],
    ),
    "an error": (
        exchange({"input": "x"}, {"error": {"code": "no", "message": "Never."}}, status=429),
        ["  = 429 no: Never."],
    ),
    "errors of a turn": (
        exchange({"input": "x"}, turn(status="failed", errors=[{"code": "s", "message": "M"}])),
        ["  = failed s: M"],
    ),
    "a long text": (
        exchange({"input": "word " * 30}, turn()),
        [f"  user     {'word ' * 17}word", f"           {'word ' * 11}word"],
    ),
    "an escape sequence": (
        exchange({"input": "\x1b[31mred\x07"}, turn()),
        ["  user     \\x1b[31mred\\x07"],
    ),
    "settings": (
        exchange(
            {
                "input": "x",
                "generation_config": {"temperature": 0, "thinking_level": "low"},
                "tools": [{"type": "mcp_server", "name": "s"}, TIDE, {"type": "google_search"}],
            },
            turn(),
        ),
        [
            '  config   temperature=0, thinking_level="low"',
            "  tools    s, read_tide, google_search",
        ],
    ),
    "how it came": (
        replace(FRAMES, chunks=((0.1, 5), (2.26, len(FRAMES.exchange.response_body) - 5))),
        ["  = completed, 64 tokens (5 in + 19 out + 40 thought), 2.3 s, 14 events in 2 chunks"],
    ),
    "how long the server took": (
        replace(
            FRAMES,
            exchange=replace(
                exchange({"input": "x"}, turn()).exchange,
                response_headers={"server-timing": "gfet4t7; dur=1115"},
            ),
        ),
        ["  = completed, 1.1 s"],
    ),
    "a stream that was cut": (
        replace(exchange({"input": "x", "stream": True}, HALF), ending="cut"),
        ["  model    Half a sen", "  = x, 5 events, cut off"],
    ),
    "a body that was cut": (
        replace(exchange({"input": "x"}, b'{"id": "v1_'), ending="cut"),
        ['  body     {"id": "v1_', "  = 200, cut off"],
    ),
    "what the server took to begin a stream": (
        replace(
            FRAMES,
            exchange=replace(FRAMES.exchange, response_headers={"server-timing": "gfet4t7; dur=9"}),
        ),
        ["  = completed, 64 tokens (5 in + 19 out + 40 thought), 14 events"],
    ),
    "two citations of one page": (
        exchange(
            {"input": "x"}, turn(say({**TEXT, "annotations": [PAGE, PAGE | {"end_index": 9}]}))
        ),
        ["  model    Half a sen", "  cites    T, https://a.example", "  = completed"],
    ),
    "a stream without an end": (
        exchange({"input": "x", "stream": True}, HALF),
        ["  = x, 5 events, cut off"],
    ),
    "a stream that ends in an error": (
        exchange({"input": "x", "stream": True}, HALF + stream(BROKEN)),
        ["  = x deadline: Too late., 7 events"],
    ),
    "what is not JSON": (
        exchange(b"not JSON", b"<html>bad gateway</html>", status=502),
        ["#1", "  user     not JSON", "  body     <html>bad gateway</html>", "  = 502"],
    ),
    "a parent from before": (
        exchange({"input": "x", "previous_interaction_id": "v1_z"}, turn()),
        ["#1 after v1_z, which is not here: gemini-3.5-flash"],
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_is_told(name: str, tape: Tape) -> None:
    """What an exchange holds stands in these lines, one after the other."""
    recorded, lines = LINES[name]

    text = "\n".join(f"{line} " for line in shown(tape([recorded])).splitlines())

    assert text.count("  cites ") < 2
    at = 0
    for line in lines:
        found = text.find(line, at)
        assert found >= 0, f"{line!r} is not in\n{text}"
        at = found + len(line)


def test_the_file_beside_it_is_named(tape: Tape, tmp_path: Path) -> None:
    """The picture can be opened: its name is that of a file."""
    path = tape([exchange({"input": MEDIA}, turn())])
    (picture,) = (tmp_path / "aside").iterdir()

    assert f", aside/{picture.name}\n" in run("show", path).output


def test_the_head_is_told(tape: Tape) -> None:
    """When and with what it was recorded."""
    head = {"format": 1, "recorded": "2026-10-08", "client": "google-genai-sdk/3.4.0"}

    lines = run("show", tape(scenarios.text, head=head)).output.splitlines()

    assert lines[1] == (
        "1 exchange, 1 conversation, recorded 2026-10-08, client google-genai-sdk/3.4.0"
    )


def test_a_second_turn_without_a_parent_is_told_briefly(tape: Tape) -> None:
    """Inside a chain only what is new is shown: not the resent history, nor the same tools."""

    def chained(client: Client) -> None:
        client.fake.replies(call("read_tide", harbour="Dover"))
        client.fake.replies(say("Rising."))
        first = client.create(input="The tide?", tools=[TIDE])
        found = first["steps"][-1]
        result = {"type": "function_result", "name": "read_tide", "result": "up"}
        result["call_id"] = found["id"]
        history = [*first["steps"], result]
        client.create(input=history, previous_interaction_id=first["id"], tools=[TIDE])

    second = shown(tape(chained)).partition("#2")[2].splitlines()

    assert second[:3] == [
        " after #1",
        "  again    2 steps of the conversation so far",
        "  result   read_tide → up",
    ]


def test_an_id_is_read_as_json(tape: Tape) -> None:
    """However a recorder escaped it, the turn that continues it is found."""
    first = json.dumps(turn(say("a"))).replace("v1_a", "v1_\\u0061").encode()
    second = exchange({"input": "y", "previous_interaction_id": "v1_a"}, turn(id="v1_b"), 2)
    path = tape([exchange({"input": "x"}, b""), second])
    path.write_text(path.read_text().replace("string: ''", f"string: '{first.decode()}'", 1))

    assert "\n#2 after #1\n" in shown(path)


def test_other_resources_are_told(tape: Tape) -> None:
    """One line each, with what came of it."""
    recorded = of(scenarios.text)
    listed = replace(
        recorded[0].exchange,
        number=2,
        method="GET",
        uri="https://a.example/v1/models?key=x",
        request_body=b"",
        response_body=b'{"models": []}',
    )

    text = shown(tape([*recorded, replace(recorded[0], exchange=listed)]))

    assert text.endswith("\n\n#2 GET /v1/models\n  = 200")


def test_a_body_alone_is_told(tmp_path: Path) -> None:
    """An answer of which nobody kept the request."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps(turn(step("user_input", content="Hi"), say("Ho"))))

    assert shown(path) == f"#1 {MODEL}\n  user     Hi\n  model    Ho\n  = completed"


@pytest.mark.parametrize("folder", [CASSETTES, RECORDINGS], ids=["ours", "others"])
def test_every_recording_is_told(folder: Path) -> None:
    """All of them, with something behind every turn."""
    if not folder.is_dir():
        pytest.skip("the recordings are not beside the project")
    for path in files_in(folder):
        lines = shown(path).splitlines()
        turns = [number for number, line in enumerate(lines) if line.startswith("#")]
        assert turns
        assert all(lines[number + 1].startswith("  ") for number in turns)


def test_for_programs(tape: Tape) -> None:
    """The same as JSON: files, conversations, turns."""
    (made,) = json.loads(run("show", "--json", tape(scenarios.function_loop)).output)

    first, second = made["conversations"][0]
    assert (first["number"], second["after"], made["exchanges"]) == (1, 1, 2)
    assert first["answer"]["steps"][-1]["arguments"] == {"harbour": "Cuxhaven"}
    assert second["answer"]["status"] == "completed"


def test_colours_are_for_terminals(tape: Tape, monkeypatch: pytest.MonkeyPatch) -> None:
    """None on a pipe, and none where NO_COLOR says so."""
    path = tape(scenarios.text)
    monkeypatch.delenv("NO_COLOR", raising=False)

    coloured = run("show", path, color=True).output
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b[36muser\x1b[0m" in coloured
    assert "\x1b" not in run("show", path, color=True).output
    assert "\x1b" not in run("show", path).output


def test_what_cannot_be_read_is_one_line(tape: Tape, tmp_path: Path) -> None:
    """The others are shown; the exit status is 2."""
    bad = tmp_path / "bad.yaml"
    bad.write_text("version: 1\ninteractions: [\n")
    good = tape(scenarios.text)

    result = run("show", bad, good)

    assert result.exit_code == 2
    assert result.stdout.startswith(f"{good}\n")
    assert result.stderr.startswith(f"Error: {bad}:3: not a YAML that can be read")
    assert result.stderr.count("\n") == 1


def test_as_a_process(tape: Tape) -> None:
    """The real command, on a pipe."""
    done = subprocess.run(
        [sys.executable, "-m", "fakegemini", "show", str(tape(scenarios.text))],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=30,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "  model    Tides follow the moon.\n" in done.stdout
