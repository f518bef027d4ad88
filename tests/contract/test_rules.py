"""The table of rules: a row for every finding, an example for every row, and one that is added."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fakegemini.cli import main
from fakegemini.contract import Finding, check
from fakegemini.contract.checker import check_exchanges
from fakegemini.contract.explain import explain_rule, sorted_rules, spell_support
from fakegemini.contract.findings import Kind, Problem
from fakegemini.contract.rules import registry
from fakegemini.contract.rules.registry import (
    FINDERS,
    GRADES,
    OF_THE_SCHEMA,
    RESOURCE,
    RULES,
    Evidence,
    InteractionView,
    add_rule,
    problem,
    rule,
)
from fakegemini.protocol.ids import InteractionId
from fakegemini.recordings.exchange import Exchange
from fakegemini.wire.sse import DONE_FRAME, encode_frame
from tests.docs.printed import the_rules

from .mutants import LAST
from .test_check import (
    CALL,
    HEAD,
    HTML,
    ID,
    OTHER,
    OWN,
    SAID,
    SPEECH,
    THOUGHT,
    URI,
    USAGE,
    body,
    delta,
    ending,
    opening,
    refused,
    start,
    stop,
    streamed,
    update,
    whole,
)

RULES_FOLDER = Path(registry.__file__).parent
TALK = [*HEAD, *SPEECH, ending()]
STREAM = b"".join(map(encode_frame, TALK))
GET = {"method": "GET", "uri": f"{URI}/{ID}", "request_body": b""}
DELETE = {**GET, "method": "DELETE", "response_body": b"{}"}
PARENT = b'{"model":"gemini-3.8-flash","input":"x","previous_interaction_id":"%s"}' % OTHER.encode()
RESULT = '{"type":"function_result","name":"read_tide","call_id":"k3v9q2zt","result":"x"}'
WAITING = body(status="requires_action", steps=[THOUGHT, CALL])


def answering(answer: Any, **about: Any) -> Exchange:
    """A create with that answer, or what else is asked for."""
    return whole(response_body=json.dumps(answer).encode(), **about)


def asking(members: str) -> bytes:
    """The body of a create with these members more."""
    return f'{{"model":"gemini-3.8-flash",{members}}}'.encode()


def image(tokens: int) -> dict[str, Any]:
    """Usage that counts an image."""
    return {**USAGE, "output_tokens_by_modality": [{"modality": "image", "tokens": tokens}]}


def nested(depth: int) -> Any:
    """Lists in lists."""
    return [nested(depth - 1)] if depth else []


DEEP = nested(400)
UNSTORED = {
    "interaction": {"object": "interaction", "model": "gemini-3.8-flash"},
    "event_type": "interaction.created",
}
TIDES = {"type": "function", "name": "read_tide"}
HARBOURS = {"type": "object", "required": ["harbour"], "properties": {"harbour": {}}}
SEARCH = {"type": "google_search_call", "id": "k3v9q2zt", "arguments": {"queries": ["x"]}}
SIGNED = {**CALL, "signature": "EjRpbnZlbnRlZCBjYWxsIHNpZ25hdHVyZSBvbmU="}
RESENT = {**SIGNED, "signature": "EjRpbnZlbnRlZCBjYWxsIHNpZ25hdHVyZSB0d28="}
PICTURE = {"type": "image", "data": "iVBORw0KGgoAAAAN", "mime_type": "image/jpeg"}
CITED = {"type": "url_citation", "start_index": 0, "end_index": 99, "url": "https://x.example"}
DATED = {"content-type": "application/json", "date": "Mon, 26 Oct 2026 08:50:00 GMT"}


def about(**members: Any) -> dict[str, Any]:
    """A create with these members."""
    request = {"model": "gemini-3.8-flash", "input": "x", **members}
    return {"request_body": json.dumps(request).encode()}


def calling(*tools: Any, **config: Any) -> list[Exchange]:
    """A create with these tools, answered by a call of `read_tide`."""
    request = about(tools=list(tools), generation_config=config)
    return [answering(body(status="requires_action", steps=[THOUGHT, CALL]), **request)]


def numbered(text: str, event_id: str = "b") -> dict[str, Any]:
    """A delta with an id."""
    return {**delta(0, text=text, type="text"), "event_id": event_id}


OTHER_TURN = str(InteractionId(OWN[:-1] + "B", OWN[:-1] + "B"))
BACKGROUND_STREAM = asking('"input":"x","background":true,"stream":true')
BEGUN = [*HEAD, {**SPEECH[0], "event_id": "a"}]
BACKGROUND = asking('"input":"x","background":true')
CASES: dict[str, Any] = {
    "answer-moved": [whole(), answering(body(model="gemini-2.5-flash"), **GET)],
    "call-answered": body(steps=[SEARCH, SAID]),
    "call-arguments": calling({**TIDES, "parameters": HARBOURS}),
    "call-choice": calling(TIDES, tool_choice="none"),
    "call-declared": calling({**TIDES, "name": "read_moon"}),
    "citation-range": body(
        steps=[
            THOUGHT,
            {
                "type": "model_output",
                "content": [{"type": "text", "text": "At noon.", "annotations": [CITED]}],
            },
        ]
    ),
    "created-date": [whole(response_headers=DATED)],
    "error-text": [
        whole(
            status=404,
            response_body=b'{"error":{"message":"previous_interaction_id not found",'
            b'"code":"not_found"}}',
        )
    ],
    "event-id-foreground": [streamed([*BEGUN, *SPEECH[1:], ending()])],
    "json-asked": [
        answering(body(), **about(response_format={"type": "object", "properties": {}}))
    ],
    "media-bytes": body(steps=[THOUGHT, {"type": "model_output", "content": [PICTURE]}]),
    "output-limit": [answering(body(), **about(generation_config={"max_output_tokens": 50}))],
    "raw-prompt": body(model="gemini-2.5-flash", usage={**USAGE, "raw_prompt_token": 9}),
    "reply-echo": [answering(body(tools=[]))],
    "reply-model": [answering(body(model="gemini-2.5-flash"))],
    "request-refused": [whole(**about(response_mime_type="application/json"))],
    "resumed-events": [
        streamed([*BEGUN, numbered("At noon."), stop(0), ending()], request_body=BACKGROUND_STREAM),
        streamed(
            [numbered("At"), stop(0), ending()],
            method="GET",
            uri=f"{URI}/{ID}?stream=true&last_event_id=a",
            request_body=b"",
        ),
    ],
    "signature-altered": [
        answering(body(status="requires_action", steps=[THOUGHT, SIGNED])),
        answering(
            body(id=OTHER_TURN),
            **about(input=[{"type": "text", "text": "x"}, RESENT, json.loads(RESULT)]),
        ),
    ],
    "signature-base64": body(steps=[{**THOUGHT, "signature": "?"}, SAID]),
    "start-empty": [
        *HEAD,
        start(0, id="k3v9q2zt", type="function_call", name="f", arguments={"at": "Dover"}),
        stop(0),
        ending(status="requires_action"),
    ],
    "summary-asked": [
        answering(body(steps=[{**THOUGHT, "summary": [{"type": "text", "text": "Hm."}]}, SAID]))
    ],
    "time-fraction": body(created="2026-10-26T08:53:20.5Z", updated="2026-10-26T08:53:20Z"),
    "tool-declared": [
        answering(
            body(
                steps=[
                    SEARCH,
                    {"type": "google_search_result", "call_id": "k3v9q2zt", "result": []},
                    SAID,
                ]
            )
        )
    ],
    "update-once": [streamed([*HEAD, update(), *SPEECH, ending()])],
    "updated-foreground": [answering(body(updated="2026-10-26T08:53:40Z"))],
    "after-done": [streamed([], response_body=STREAM + DONE_FRAME + encode_frame(stop(0)))],
    "after-terminal": [*TALK, stop(0)],
    "bare-error": [
        streamed([], response_body=b"".join(map(encode_frame, HEAD)) + b'{"error":{"code":"x"}}')
    ],
    "call-id": body(status="requires_action", steps=[THOUGHT, CALL, CALL]),
    "call-signature": body(
        status="requires_action", steps=[THOUGHT, {**CALL, "signature": "BBBB"}]
    ),
    "call-twice": [
        answering(WAITING),
        whole(
            number=2,
            request_body=asking(f'"previous_interaction_id":"{ID}","input":[{RESULT},{RESULT}]'),
        ),
    ],
    "call-unknown": body(steps=[{"type": "google_search_result", "call_id": "x", "result": []}]),
    "cancel-status": [whole(method="POST", uri=f"{URI}/{ID}/cancel", request_body=b"")],
    "chain-parent": [whole(request_body=PARENT)],
    "completed-steps": [*TALK[:-1], {"interaction": body(), "event_type": "interaction.completed"}],
    "content-charset": [
        whole(response_headers={"content-type": "application/json; charset=utf-8"})
    ],
    "content-type": [whole(response_headers={"content-type": "text/plain"})],
    "create-steps": [answering(body(steps=[{**SAID, "type": "user_input"}, SAID]))],
    "created-moved": [
        answering(body(status="in_progress", usage=None, steps=None), request_body=BACKGROUND),
        answering(body(created="2026-10-26T08:53:40Z", updated="2026-10-26T08:53:40Z"), **GET),
    ],
    "delete-body": [whole(**{**DELETE, "response_body": b'{"x":1}'})],
    "deleted-id": [whole(), whole(**DELETE), whole(**GET)],
    "delta-fit": [
        *HEAD,
        SPEECH[0],
        delta(0, signature="AAAA", type="thought_signature"),
        *TALK[4:],
    ],
    "duplicate-key": [whole(response_body=b'{"a":1,"a":2}')],
    "error-code": [refused(404, "invalid_request")],
    "event-id": [
        *HEAD,
        {**SPEECH[0], "event_id": "a"},
        {**SPEECH[1], "event_id": "a"},
        *TALK[4:],
    ],
    "event-name": [
        streamed([], response_body=STREAM.replace(b"event: step.stop", b"event: x") + DONE_FRAME)
    ],
    "first-members": [opening(usage=USAGE), *TALK[1:]],
    "first-status": [opening(status="completed"), *TALK[1:]],
    "gateway-error": [whole(status=502, response_headers=HTML, response_body=b"<html>")],
    "http-status": [whole(status=202)],
    "id-clock": body(id=OTHER),
    "id-form": body(id="int_1"),
    "id-path": [whole(method="GET", uri=f"{URI}/v1_x", request_body=b"")],
    "id-root": [answering(body(id=str(InteractionId(LAST.root, OWN))))],
    "id-stream": [UNSTORED, update("x"), *TALK[2:]],
    "id-twice": [whole(), whole()],
    "id-unstored": [whole(request_body=asking('"input":"x","store":false'))],
    "last-status": [*TALK[:-1], ending(status="in_progress")],
    "legacy": body(outputs=[], steps=None),
    "missing-body": [whole(request_body=b"")],
    "missing-member": body(usage=None),
    "model-or-agent": [whole(request_body=b'{"input":"x"}')],
    "no-done": [streamed([], response_body=STREAM)],
    "no-terminal": TALK[:-1],
    "not-json": [whole(response_body=b"{")],
    "readable": {"event_type": "interaction.created", "interaction": DEEP},
    "running-steps": [
        answering(body(status="in_progress", usage=None), request_body=BACKGROUND),
    ],
    "running-usage": [
        answering(body(status="in_progress", steps=None), request_body=BACKGROUND),
    ],
    "sdk-dump": {**body(), "agent": None, "input": None, "errors": None},
    "status-body": body(status="failed"),
    "status-move": [whole(), answering(body(status="incomplete"), **GET)],
    "status-running": [answering(body(status="in_progress", usage=None, steps=None))],
    "status-steps": body(steps=[THOUGHT, CALL]),
    "step-closed": [*HEAD, stop(0), ending()],
    "step-fold": [
        *HEAD,
        start(0, id="k3v9q2zt", type="function_call", name="read_tide", arguments={}),
        delta(0, arguments="{", type="arguments_delta"),
        *TALK[4:],
    ],
    "step-index": [*HEAD, start(1, type="thought"), stop(1), ending()],
    "step-open": [*HEAD, *SPEECH[:2], ending()],
    "steps-moved": [whole(), answering(body(steps=[SAID]), **GET)],
    "stream-asked": [streamed(TALK, request_body=b'{"model":"gemini-3.8-flash","input":"x"}')],
    "stream-cut": [streamed([], response_body=STREAM[:-9])],
    "stream-order": [*SPEECH, ending()],
    "time": body(created="yesterday"),
    "unknown-member": body(mood="fine"),
    "unknown-value": [whole(request_body=asking('"input":"x","service_tier":"luxury"'))],
    "usage-media": body(usage=image(9)),
    "usage-sum": body(usage={**USAGE, "total_tokens": 62}),
    "wrong-shape": body(
        steps=[
            {
                "type": "model_output",
                "content": [{"type": "image", "data": "%%", "mime_type": "image/png"}],
            }
        ]
    ),
    "wrong-type": body(status=3),
    "wrong-value": body(object="thing"),
}
"""For each rule something that breaks it: a body, events, or the exchanges of a recording."""


def findings_in(subject: Any) -> list[Finding]:
    """What a check finds in a body, in events, or in exchanges."""
    is_recording = isinstance(subject, list) and isinstance(subject[0], Exchange)
    if not is_recording:
        return check(subject)
    return check_exchanges(replace(each, number=at) for at, each in enumerate(subject, 1))


def names_in_code() -> set[str]:
    """The rules that the code makes findings of: the first argument of every `problem(…)`."""
    return {
        str(node.args[0].value)
        for path in RULES_FOLDER.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "problem"
        and isinstance(node.args[0], ast.Constant)
    }


def test_every_finding_has_a_row_and_every_row_is_used() -> None:
    """No name stands in the code alone, none in the table alone, and each has a case here."""
    computed = {"unknown-member", "unknown-value", "wrong-value"}  # by what the validator says
    assert names_in_code() | computed == set(RULES) == set(CASES)


def test_no_file_makes_findings_beside_the_table() -> None:
    """`Problem` is made by `problem` alone."""
    makers = [
        path.name
        for path in RULES_FOLDER.parent.rglob("*.py")
        if any(
            isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem"
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
        )
    ]

    assert makers == ["registry.py"]


@pytest.mark.parametrize("name", CASES)
def test_a_rule_is_found_as_its_example_says(name: str) -> None:
    """The example of each row is a finding of that rule, word for word."""
    texts = [
        f"{one.path}: {one.found}; expected {one.expected}"
        for one in findings_in(CASES[name])
        if one.rule == name
    ]

    assert RULES[name].example in texts


@pytest.mark.parametrize(
    "block",
    [PICTURE, {"type": "text", "text": "At noon.", "annotations": [CITED]}],
    ids=["media", "citations"],
)
def test_what_the_client_sent_is_not_judged_as_the_servers(block: Any) -> None:
    """A get repeats the input: its citations and media are whatever the client wrote."""
    sent = {"type": "user_input", "content": [block]}

    assert findings_in([answering(body(steps=[sent, THOUGHT, SAID]), **GET)]) == []


@pytest.mark.parametrize("name", CASES)
def test_a_finding_is_of_the_kind_and_evidence_of_its_row(name: str) -> None:
    """Whatever a case finds: the other kind only where the row says when, no other evidence."""
    for one in findings_in(CASES[name]):
        row = RULES[one.rule]
        known_by, _, unsupported = one.evidence.partition("; none of ")
        assert one.kind is row.kind or row.otherwise or unsupported
        by_schema = any(evidence is OF_THE_SCHEMA for evidence in row.evidence)
        known = {str(evidence) for evidence in row.evidence}
        assert known_by in known or by_schema or one.rule == "step-fold"
        assert one.evidence[0] in GRADES


@pytest.mark.parametrize("row", sorted_rules(), ids=lambda row: str(row.name))
def test_a_row_is_complete(row: registry.Rule) -> None:
    """A sentence without a full stop, evidence with grade and source, a path in the example."""
    assert row.sentence
    assert not row.sentence.endswith(".")
    assert row.evidence
    assert all(one.source and (one.grade in GRADES or not one.grade) for one in row.evidence)
    assert row.example.startswith(("request.", "response."))


def test_two_rules_of_one_name_are_refused() -> None:
    """The name is the key."""
    with pytest.raises(ValueError, match="usage-sum"):
        add_rule("usage-sum", "x", evidence=(), example="", bears_on="answers")


def test_a_rule_without_a_row_makes_no_finding() -> None:
    """A misspelt name is an error of ours."""
    with pytest.raises(KeyError):
        problem("usage-summ", "usage", "1", "2")


@pytest.fixture
def shy_rule() -> Iterator[str]:
    """A rule that is added as the contributing page says: one decorated function."""

    @rule(
        "shy-model",
        "a model says which one it is",
        looks_at=(RESOURCE,),
        kind=Kind.DRIFT,
        bears_on="answers",
        evidence=(Evidence("X", "invented for this test", "2026-11"),),
        example='response.body.model: "m"; expected a whole name',
    )
    def check_shy_model(view: InteractionView) -> Iterator[Problem]:
        """Find a name of one letter."""
        if len(view.body.get("model", "")) == 1:
            yield problem("shy-model", "model", f'"{view.body["model"]}"', "a whole name")

    yield "shy-model"
    del RULES["shy-model"], FINDERS[RESOURCE]["shy-model"]


def test_one_decorated_function_is_a_rule(shy_rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found by check, listed and explained by the command, and in the table of the page."""
    monkeypatch.setitem(GRADES, "X", "a guess")
    (finding,) = check(body(model="m"))

    assert str(finding) == (
        'drift #1 response.body.model: "m"; expected a whole name '
        "[shy-model; X: invented for this test, 2026-11]"
    )
    assert "shy-model" in explained("all").output
    assert "Evidence: X: invented for this test, 2026-11 (a guess)" in explained(shy_rule).output
    assert "| `shy-model` | a model says which one it is | drift | X: " in the_rules()


def test_a_rule_that_is_gone_is_gone() -> None:
    """Without its row nothing of it is left."""
    assert check(body(model="m")) == []
    assert "shy-model" not in explained("all").output
    assert "shy-model" not in the_rules()


def explained(*names: str) -> Result:
    """`fakegemini check --explain`."""
    return CliRunner().invoke(main, ["check", "--explain", *names])


def test_the_command_explains_a_rule() -> None:
    """What it says, when it is drift, how it is known and since when, and a finding; no paths."""
    result = explained("id-clock")
    support = "\n".join(spell_support(RULES["id-clock"]))

    assert result.exit_code == 0
    assert result.output == (
        "id-clock: the clock in an id agrees with `created`, within two minutes\n"
        "\n"
        "Kind: violation\n"
        "Evidence: C: recorded replies, 2026-05 to 2026-10 (recorded bytes)\n"
        f"{support}\n"
        "Checked: in recordings only, not by the guard of the fixture\n"
        "Example: response.body.id: an id whose clock is -1793004800 s from `created`; "
        "expected the same time, within seconds\n"
    )


def test_the_command_explains_a_rule_of_the_schemas() -> None:
    """Its findings carry the evidence of the schema that they break."""
    text = explain_rule("unknown-member")

    assert "Kind: drift; violation in a request, and where a schema forbids it" in text
    assert "Evidence: of the schema that is broken, as its finding says" in text


def test_the_command_lists_all_rules() -> None:
    """A line each, sorted by name."""
    lines = explained("all").output.splitlines()

    assert [line.split()[0] for line in lines] == sorted(RULES)
    assert lines[0].split(maxsplit=1) == ["after-done", "nothing follows `[DONE]`"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("usage-summ", "there is no rule called 'usage-summ', did you mean 'usage-sum'?"),
        ("qqq", "there is no rule called 'qqq'; `--explain all` lists them"),
    ],
)
def test_an_unknown_rule_exits_2_and_names_a_near_one(name: str, hint: str) -> None:
    """As any wrong use of a command."""
    result = explained(name)

    assert result.exit_code == 2
    assert hint in result.output


def test_paths_are_needed_without_explain() -> None:
    """As before."""
    assert CliRunner().invoke(main, ["check"]).exit_code == 2


def test_the_guard_leaves_out_the_rules_of_recordings() -> None:
    """A column of the table says which."""
    assert {row.name for row in sorted_rules() if row.recordings_only} == {
        *("id-clock", "id-twice", "updated-foreground", "created-date"),
        *("call-declared", "call-arguments", "call-choice", "tool-declared", "json-asked"),
        *("summary-asked", "output-limit", "request-refused"),
    }
