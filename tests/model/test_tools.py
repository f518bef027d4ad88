"""The server's own tools: order, links, signatures, and citations to the byte."""

from __future__ import annotations

import contextlib
import io
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakegemini.protocol.status import Status
from fakegemini.protocol.turn import Turn
from fakegemini.wire.http import Json
from tests.every_tool import ASKS, FILM, LOOK_UP

from .asks import answer, blocks, called, kinds, text

CODE = "code_execution"
PAIRS = {
    "google_search": ["google_search"],
    "google_search, two kinds": ["google_search", "google_search"],
    "code_execution": ["code_execution"],
    "url_context": ["url_context"],
    "google_maps": ["google_maps"],
    "file_search": ["file_search"],
    "retrieval": ["retrieval", "retrieval"],
    "mcp_server": ["mcp_server_tool", "mcp_server_tool"],
    "processing": ["processing"],
    "many": ["code_execution", "google_maps", "url_context", "google_search"],
}
"""Which pairs of call and result the turn has before its thought and output."""

CITES = {
    "google_search": "url_citation",
    "url_context": "url_citation",
    "google_maps": "place_citation",
    "file_search": "file_citation",
}


def asked(name: str) -> Turn:
    """The turn of a case."""
    body = dict(ASKS[name])
    return answer(body.pop("input"), **body)


@pytest.mark.parametrize("name", PAIRS)
def test_the_recorded_order(name: str) -> None:
    """Call and result in pairs, before code a thought, then the thought, then the output."""
    turn = asked(name)
    pairs = [
        kind
        for tool in PAIRS[name]
        for kind in (*["thought"] * (tool == CODE), f"{tool}_call", f"{tool}_result")
    ]

    assert kinds(turn) == [*pairs, "thought", "model_output"]
    assert turn.outcome is Status.COMPLETED
    assert "does not run" not in text(turn)


@pytest.mark.parametrize("name", PAIRS)
def test_links_and_signatures(name: str) -> None:
    """A result names its call, ids and signatures are used once; MCP and results of code have none.

    The call of code has that of the thought before it.
    """
    steps = [step for step in asked(name).steps if step["type"].endswith(("_call", "_result"))]

    for call, result in list(pairwise(steps))[::2]:
        assert call["id"] == result["call_id"]
    ids = [step["id"] for step in steps if "id" in step]
    assert len(set(ids)) == len(ids)
    signed = [step["signature"] for step in steps if "signature" in step]
    bare = [step for step in steps if step["type"] == f"{CODE}_result"]
    assert not any("signature" in step for step in bare)
    assert len(set(signed)) == len(signed)
    assert len(signed) == (0 if name == "mcp_server" else len(steps) - len(bare))
    for thought, call in pairwise(asked(name).steps):
        if call["type"] == f"{CODE}_call":
            assert call["signature"] == thought["signature"]
            assert re.fullmatch(r"call_\d{6}", call["id"])


@pytest.mark.parametrize("name", PAIRS)
def test_an_annotation_selects_its_sentence(name: str) -> None:
    """Offsets are bytes: each selects one whole sentence that names its source."""
    [block] = blocks(asked(name))
    raw = block["text"].encode()
    notes = block.get("annotations", [])

    assert len(raw) > len(block["text"])  # the prompt has characters of several bytes
    for note in notes:
        sentence = raw[note["start_index"] : note["end_index"]].decode()
        source = note.get("name") or note.get("file_name") or note["title"]
        assert sentence.endswith(".")
        assert ". " not in sentence.removesuffix(".").replace('. "', "")
        assert source in sentence or "fakegemini invented" in sentence
    assert {note["type"] for note in notes} >= {CITES[name]} if name in CITES else True


@settings(deadline=None)
@given(st.text(max_size=120))
def test_offsets_are_right_whatever_is_asked(prompt: str) -> None:
    """Every annotation of every tool selects whole characters, in order, without overlap."""
    for name in CITES:
        turn = answer(prompt + " https://example.com/a", tools=ASKS[name]["tools"])
        [block] = blocks(turn)
        raw, end = block["text"].encode(), 0
        for note in block["annotations"]:
            assert end <= note["start_index"] < note["end_index"] <= len(raw)
            assert raw[note["start_index"] : note["end_index"]].decode().endswith(".")
            end = note["end_index"]


@pytest.mark.parametrize(
    ("prompt", "printed"),
    [
        ("What is 6 * 7?", "42"),
        ("1,000 + 2.5 please", "1002.5"),
        ("2 ^ 10 + 1", "1025"),
        ("9 \u00f7 2 \u00d7 4", "18.0"),
        ("(1 + 2) * (3 - 5)", "-6"),
        ("No sum in here", "4"),
        ("On 2026-10-05 alone", "3"),
        ("9 ** 9 ** 9", "5"),
        ("10 ** 12 * 10 ** 12 ", "7"),
        ("10 / 0", "division by zero"),
        ("", "0"),
    ],
)
def test_the_code_prints_what_python_prints(prompt: str, printed: str) -> None:
    """Run for real, the code gives the result; a division by zero is an error."""
    turn = answer(prompt, tools=[{"type": "code_execution"}])
    _, call, result = turn.steps[:3]

    assert printed in result["result"]
    assert call["arguments"]["language"] == "python"
    assert result["is_error"] is ("zero" in printed)
    if not result["is_error"]:
        assert ran(call["arguments"]["code"]) == result["result"]


@settings(deadline=None)
@given(st.text(alphabet="0123456789+-*/^%(). ", max_size=30) | st.text(max_size=60))
def test_any_prompt_has_code_that_runs(prompt: str) -> None:
    """Whatever is asked, the code is Python and prints the result."""
    _, call, result = answer(prompt, tools=[{"type": "code_execution"}]).steps[:3]
    if not result["is_error"]:
        assert ran(call["arguments"]["code"]) == result["result"]


def ran(code: str) -> str:
    """What a piece of Python prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(code, {})
    return out.getvalue()


def test_pages_have_the_status_their_address_says() -> None:
    """Read, but for the words of the other statuses; only what was read is cited."""
    pages = ["https://a.example/", "https://b.example/paywall", "https://unsafe.example/c"]
    turn = answer(f"Read {', '.join(pages)}.", tools=[{"type": "url_context"}])

    assert turn.steps[0]["arguments"] == {"urls": pages}
    assert [(one["url"], one["status"]) for one in turn.steps[1]["result"]] == list(
        zip(pages, ["success", "paywall", "unsafe"], strict=True)
    )
    assert [note["url"] for note in blocks(turn)[0]["annotations"]] == pages[:1]


def test_without_a_page_nothing_is_read() -> None:
    """URL context without a URL is a plain answer."""
    assert kinds(answer("Read it", tools=[{"type": "url_context"}])) == ["thought", "model_output"]


def test_maps_give_a_widget_on_request() -> None:
    """A token with `enable_widget`, none without; each place is cited with its reviews."""
    [found] = asked("google_maps").steps[1]["result"]
    [bare] = answer("Kaffee", tools=[{"type": "google_maps"}]).steps[1]["result"]
    notes = blocks(asked("google_maps"))[0]["annotations"]

    assert found["widget_context_token"]
    assert "widget_context_token" not in bare
    for place, note in zip(found["places"], notes, strict=True):
        assert {key: note[key] for key in place} == place


def test_a_file_is_cited_with_its_store_and_metadata() -> None:
    """Each store has a citation; the steps show neither query nor findings."""
    turn = asked("file_search")
    notes = blocks(turn)[0]["annotations"]

    assert [set(step) for step in turn.steps[:2]] == [
        {"id", "signature", "type"},
        {"call_id", "signature", "type"},
    ]
    assert [note["document_uri"].rpartition("/documents")[0] for note in notes] == [
        "fileSearchStores/kai",
        "fileSearchStores/mole",
    ]
    assert [note["custom_metadata"] for note in notes] == [{"author": "Ada"}] * 2


def test_an_mcp_server_is_called_without_its_secrets() -> None:
    """The allowed tool, the server's name; no header is ever repeated."""
    turn = asked("mcp_server")
    first, second = turn.steps[0], turn.steps[2]

    assert (first["name"], first["server_name"]) == ("next_tide", "tides")
    assert second["server_name"] == "winds"
    assert "secret" not in str(turn.steps)


@pytest.mark.parametrize(
    ("tool", "prompt", "name"),
    [
        ({}, "See https://example.com/a.", "navigate"),
        ({"environment": "desktop"}, "See https://example.com/a.", "click"),
        ({"environment": "mobile"}, "Go", "click"),
        ({"excluded_predefined_functions": ["navigate", "click"]}, "Go", "take_screenshot"),
    ],
)
def test_computer_use_is_a_function_call(tool: Json, prompt: str, name: str) -> None:
    """One move, with its intent; the client carries it out; the next turn answers."""
    tools = [{"type": "computer_use", **tool}]
    turn = answer(prompt, tools=tools)
    [(move, arguments)] = called(turn)

    assert kinds(turn) == ["thought", "function_call"]
    assert (move, turn.outcome) == (name, Status.REQUIRES_ACTION)
    assert prompt in arguments["intent"]
    result = {"type": "function_result", "call_id": turn.steps[1]["id"], "name": move}
    after = answer([{**result, "result": "done"}], turn.steps, tools=tools)
    assert f"{name} returned done." in text(after)


@pytest.mark.parametrize(
    "more",
    [
        {"tools": [{"type": "computer_use", "excluded_predefined_functions": ["click"]}]},
        {
            "tools": [{"type": "computer_use"}],
            "generation_config": {"tool_choice": "none"},
        },
    ],
)
def test_computer_use_can_be_left_out(more: Json) -> None:
    """Without a move that is left, or forbidden, the turn is an answer."""
    more["tools"][0].setdefault("excluded_predefined_functions", []).append("take_screenshot")
    assert kinds(answer("Go", **more)) == ["thought", "model_output"]


def test_a_tool_search_loads_what_is_called() -> None:
    """Search, what it found, thought, call; a function that is loaded needs no search."""
    turn = asked("tool_search")

    assert kinds(turn) == ["tool_search_call", "tool_search_result", "thought", "function_call"]
    assert turn.steps[0]["arguments"] == {"function_names": ["look_up"]}
    [loaded] = turn.steps[1]["result"]
    assert loaded == {
        key: value
        for key, value in LOOK_UP.items()
        if key not in ("defer_loading", "short_description")
    }
    assert called(turn) == [("look_up", {"word": "tide"})]
    awake = {**LOOK_UP, "defer_loading": False}
    turn = answer('Look up the word "tide"', tools=[{"type": "tool_search"}, awake])
    assert kinds(turn) == ["thought", "function_call"]


def test_a_tool_search_by_the_client_waits_for_it() -> None:
    """The call stands alone; when its result comes, the function is called."""
    body = ASKS["tool_search by the client"]
    turn = asked("tool_search by the client")
    assert (kinds(turn), turn.outcome) == (
        ["thought", "tool_search_call"],
        Status.REQUIRES_ACTION,
    )
    said = {"type": "user_input", "content": [{"type": "text", "text": body["input"]}]}
    result = {
        "type": "tool_search_result",
        "call_id": turn.steps[1]["id"],
        "result": [{**LOOK_UP, "defer_loading": False}],
    }

    after = answer([result], [said, *turn.steps], tools=body["tools"])

    assert called(after) == [("look_up", {"word": "tide"})]
    nothing = answer([{**result, "result": []}], [said, *turn.steps], tools=body["tools"])
    assert kinds(nothing) == ["thought", "model_output"]


@pytest.mark.parametrize("mode", ["agentic", {"type": "agentic"}, "static", None])
def test_only_agentic_media_are_processed(mode: Any) -> None:
    """`processing` of the block decides; in the turn after it, nothing is left to process."""
    block = {**FILM, "processing": mode} if mode else FILM
    said = {"type": "user_input", "content": [block]}
    turn = answer([said])
    wanted = ["processing_call", "processing_result"] if "agentic" in str(mode) else []

    assert kinds(turn) == [*wanted, "thought", "model_output"]
    assert kinds(answer("And then?", [said, *turn.steps])) == ["thought", "model_output"]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("google_search, two kinds", ("google_search", 2)),
        ("google_maps", ("google_maps", 1)),
        ("retrieval", ("retrieval", 2)),
        ("code_execution", None),
    ],
)
def test_grounding_is_counted(name: str, count: tuple[str, int] | None) -> None:
    """Each call of search, maps and retrieval counts, by its type; others do not."""
    expected = ({"type": count[0], "count": count[1]},) if count else ()
    assert asked(name).grounding == expected
    # Recorded: a search costs no tokens of tool use.
    assert (asked(name).tool_use_tokens > 0) is not name.startswith("google_search")


def test_json_is_not_cited() -> None:
    """The tools run; the document they lead to stays JSON."""
    form = {"type": "text", "mime_type": "application/json"}
    turn = answer("Wer?", tools=[{"type": "google_search"}], response_format=form)

    assert kinds(turn)[:2] == ["google_search_call", "google_search_result"]
    assert text(turn).startswith("{")
    assert "annotations" not in blocks(turn)[0]


@pytest.mark.parametrize(
    ("tool", "place"),
    [
        ({}, "invented/invented"),
        ({"rag_store_config": {"rag_resources": [{"rag_file_ids": ["1"]}]}}, "invented/invented"),
        ({"rag_store_config": {"rag_resources": [{"rag_corpus": "c/1"}]}}, "c/1/invented"),
        ({"vertex_ai_search_config": {"datastores": ["d/1"]}}, "d/1/invented"),
    ],
)
def test_retrieval_follows_its_configuration(tool: Json, place: str) -> None:
    """The type is that of the configuration, the document lies in its first store."""
    turn = answer("Höhe?", tools=[{"type": "retrieval", **tool}])
    [note] = blocks(turn)[0]["annotations"]
    kind = next(iter(tool), "vertex_ai_search_config").removesuffix("_config")

    assert turn.steps[0]["retrieval_type"] == kind
    assert note["document_uri"] == place


BARE: list[Json] = [
    {"type": "mcp_server"},
    {"type": "mcp_server", "allowed_tools": [{}]},
    {"type": "file_search", "file_search_store_names": []},
    {"type": "google_maps", "latitude": 1.5},
    {"type": "google_search", "search_types": []},
    {"type": "computer_use", "environment": "console"},
    {"type": "tool_search"},
    {"type": "retrieval", "retrieval_types": ["of_tomorrow"]},
]


@pytest.mark.parametrize("tool", BARE, ids=str)
def test_a_bare_declaration_is_enough(tool: Json) -> None:
    """Whatever a declaration leaves out, there is a turn."""
    assert answer("", tools=[tool]).steps
