"""What supports the rules: counted again, printed, and the limit of what is a violation."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from fakegemini.contract.checker import check_exchanges
from fakegemini.contract.explain import explain_rule, sorted_rules
from fakegemini.contract.findings import Kind
from fakegemini.contract.rules.registry import RULES, Rule
from fakegemini.contract.support.answer_kinds import DIMENSIONS, family_of, kinds_of
from fakegemini.contract.support.answer_parts import read_parts
from fakegemini.contract.support.bearings import BEARINGS
from fakegemini.contract.support.counting import count_support
from fakegemini.contract.support.rule_support import support_of
from fakegemini.recordings.exchange import Exchange
from fakegemini.wire.http import Json
from tests.beside import RECORDINGS

from .recount import COUNTS, recounted
from .test_check import CALL, SAID, THOUGHT, URI, USAGE, body, ending, opening, streamed, whole
from .test_mutations import own

VERTEX = "https://aiplatform.googleapis.com/v1beta1/projects/harbour/locations/global/interactions"


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside the project")
def test_the_support_is_what_the_recordings_say() -> None:
    """Counted anew, with every kind of every answer, and without a contradiction."""
    counts = json.loads(COUNTS.read_text("utf-8"))

    assert recounted() == counts
    assert counts["contradictions"] == {}


@pytest.mark.parametrize("row", sorted_rules(), ids=lambda row: str(row.name))
def test_a_rule_bears_on_something_that_can_be_counted(row: Rule) -> None:
    """Each row names a bearing and dimensions that there are."""
    assert row.bears_on in BEARINGS
    assert set(row.scope) <= set(DIMENSIONS)


def test_every_bearing_is_of_some_rule() -> None:
    """No row of the table without use."""
    assert set(BEARINGS) == {row.bears_on for row in RULES.values()}


def test_a_violation_is_supported() -> None:
    """Where no exchange supports a rule, a breach is drift; if not, measurements say otherwise."""
    measured = {
        row.name
        for row in RULES.values()
        if row.kind is Kind.VIOLATION and not support_of(row).exchanges
    }

    assert all(RULES[name].evidence[0].grade in "CL" for name in measured)
    assert measured <= {"deleted-id", "event-id"}


def test_the_counts_of_our_own_answers() -> None:
    """What the fake answers is counted by the same functions."""
    recordings = own()
    counts = count_support(recordings)["bearings"]

    assert counts["exchanges"]["exchanges"] == sum(map(len, recordings))
    assert counts["streams"]["maker"]["models"] == counts["streams"]["exchanges"]
    assert counts["polls"]["exchanges"] >= 1
    assert counts["refusals"]["exchanges"] >= 1
    assert counts["function results"]["family"].keys() == {"gemini 3"}


IMAGE = {"type": "image", "data": "/9j/AAAA", "mime_type": "image/jpeg"}
WRONG_SUM = {**USAGE, "total_tokens": 62}
LATE = [opening(status="completed"), ending()]


def wrong(**members: Any) -> Exchange:
    """An answer whose token counts do not add up."""
    return whole(response_body=json.dumps(body(usage=WRONG_SUM, **members)).encode())


def asked(exchange: Exchange, **members: Any) -> Exchange:
    """The exchange with another request."""
    request = {"model": "gemini-3.8-flash", "input": "x", **members}
    request = {key: value for key, value in request.items() if value is not None}
    return replace(exchange, request_body=json.dumps(request).encode())


WAITING = whole(
    response_body=json.dumps(
        body(model=None, agent="antigravity-preview-09-2026", status="requires_action")
    ).encode()
)
MAPS = {"type": "google_maps_call", "id": "k3v9q2zt", "arguments": {}}
PLACES = {"type": "google_maps_result", "call_id": "k3v9q2zt", "result": []}
REACH: list[tuple[str, Exchange, str, str]] = [
    ("text", wrong(), "usage-sum", ""),
    ("a function call", wrong(status="requires_action", steps=[THOUGHT, CALL]), "usage-sum", ""),
    ("a picture, recorded by others", wrong(steps=[{**SAID, "content": [IMAGE]}]), "usage-sum", ""),
    ("omni, recorded by others", wrong(model="gemini-omni-1.2-flash"), "usage-sum", ""),
    ("the next generation", wrong(model="gemini-4-argon"), "usage-sum", "gemini 4"),
    ("music", wrong(model="lyria-3.5"), "usage-sum", "models of music"),
    ("a model whose name says nothing", wrong(model="m"), "usage-sum", ""),
    (
        "an agent",
        asked(WAITING, model=None, agent="antigravity-preview-09-2026"),
        "status-steps",
        "agents, antigravity",
    ),
    ("a tool that was not recorded", wrong(steps=[MAPS, PLACES, SAID]), "usage-sum", "google_maps"),
    ("the background", asked(wrong(), background=True), "usage-sum", "background"),
    ("the other edition", replace(wrong(), uri=VERTEX), "usage-sum", "Enterprise platform"),
    ("the form of an answer", replace(wrong(model="lyria-3.5"), status=202), "http-status", ""),
    ("a stream", streamed(LATE), "first-status", ""),
    ("a stream of the other edition", replace(streamed(LATE), uri=VERTEX), "first-status", "Ent"),
]


@pytest.mark.parametrize(
    ("exchange", "rule", "outside"), [case[1:] for case in REACH], ids=[case[0] for case in REACH]
)
def test_a_breach_is_a_violation_where_support_covers_the_answer(
    exchange: Exchange, rule: str, outside: str
) -> None:
    """Elsewhere it is drift, and says for which kind of answer nothing is known."""
    (finding,) = [each for each in check_exchanges([exchange]) if each.rule == rule]

    assert finding.kind is (Kind.DRIFT if outside else Kind.VIOLATION)
    assert (f"; none of {outside}" in finding.evidence) is bool(outside)


FAMILIES = {
    "gemini-2.5-flash": "gemini 2.5",
    "gemini-2.5-flash-image": "models of images",
    "gemini-3-flash-preview": "gemini 3",
    "gemini-3.8-flash": "gemini 3",
    "gemini-3.8-flash-tts": "models of speech",
    "gemini-4-neon": "gemini 4",
    "gemini-2.0-flash": "gemini 2",
    "gemini-flash-latest": "",
    "gemma-4-31b-it": "gemma",
    "m": "",
}


@pytest.mark.parametrize(("model", "family"), FAMILIES.items())
def test_a_family_is_read_off_the_name(model: str, family: str) -> None:
    """A name that says nothing is of no family."""
    assert family_of(model) == family


def test_an_answer_that_cannot_be_read_has_no_kinds() -> None:
    """Counting judges nothing."""
    for payload in (b"{", b"[]", b'"x"', b"data: {\n\n", b'data: {"step":1}\n\n', b""):
        parts = read_parts(Exchange(1, "GET", f"{URI}/v1_x", status=200, response_body=payload))
        kinds = kinds_of(parts)
        assert not any(kinds[name] for name in ("maker", "media", "tools", "family", "month"))


def kinds(**members: Any) -> Json:
    """The kinds of an answer with these members."""
    answer = whole(response_body=json.dumps(body(**members)).encode())
    return {name: set(values) for name, values in kinds_of(read_parts(answer)).items() if values}


def test_the_kinds_of_an_answer() -> None:
    """A dimension each, in the words of the table."""
    assert kinds(steps=[THOUGHT, MAPS, PLACES, SAID]) == {
        "maker": {"models"},
        "run": {"foreground"},
        "media": {"text"},
        "tools": {"google_maps"},
        "store": {"stored"},
        "form": {"whole bodies"},
        "family": {"gemini 3"},
        "edition": {"Gemini API"},
        "month": {"2026-10"},
    }


def test_a_rule_is_explained_with_its_support() -> None:
    """How many exchanges, of which kinds, and where a breach is drift."""
    text = explain_rule("usage-sum")
    support = support_of(RULES["usage-sum"])

    assert f"Support: {support.exchanges} genuine exchanges (token counts), 0 contra" in text
    assert f"  maker: models ({support.exchanges})\n" in text
    assert "  recorded by others: audio, image, " in text
    assert "Drift outside of that: for another maker, run, media, tools, family, edition" in text
    assert "Drift outside" not in explain_rule("not-json")
