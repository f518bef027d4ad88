"""The table of rules: what each says, how it is known, and the functions that find breaches.

A rule is a row, made by `add_rule` beside the code that looks for it, or by the decorator `rule`
on a function of its own. `problem` makes a finding of a row, so that name, kind and evidence stand
in one place. `check --explain`, the guard and the table in docs/check.md read the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...recordings.exchange import Exchange
from ...wire.http import Json
from ..findings import Kind, Problem
from .step_places import StepPlace

GRADES = {
    "C": "recorded bytes",
    "L": "a dated live measurement",
    "I": "an issue report",
    "D": "the documentation",
    "S": "the SDK's types",
}
"""What the letter of an evidence means, the surest first."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How a rule is known: a grade of `GRADES`, the source, and the dates of it."""

    grade: str
    source: str
    dates: str = ""

    def __str__(self) -> str:
        return f"{self.grade}: {', '.join(filter(None, (self.source, self.dates)))}"


EXCHANGES = Evidence("C", "recorded exchanges", "2026-05 to 2026-10")
REPLIES = Evidence("C", "recorded replies", "2026-05 to 2026-10")
STREAMS = Evidence("C", "recorded streams", "2026-05 to 2026-10")
CHAINS = Evidence("C", "recorded chains", "2026-05 to 2026-10")
MEASURED_DELETE = Evidence("L", "measured", "2026-08")
API_DOCS = Evidence("D", "API reference")
OVERVIEW_DOCS = Evidence("D", "interactions overview", "2026-09")
STREAMING_DOCS = Evidence("D", "streaming", "2026-09-24")
OF_THE_SCHEMA = Evidence("", "its schema")
"""Stands in a row whose findings carry the evidence of the schema that they break."""


ANSWER_SCOPE = ("maker", "run", "media", "tools", "family", "edition")
"""What a rule about answers has to be supported in, so that a breach is a violation."""
IDENTITY_SCOPE = ("maker", "edition")
"""The scope of a rule about one interaction in several exchanges, whatever it holds."""
ANY_ANSWER: tuple[str, ...] = ()
"""The scope of a rule that holds whatever the answer is, such as the form of JSON."""
RECORDED_MEDIA = frozenset(
    (
        *("image", "audio", "video"),
        *("models of images", "models of speech", "models of transcription", "omni models"),
    )
)
"""Kinds whose bodies others recorded (2026-05 to 2026-10), as the evidence says."""
RECORDED_IDS = RECORDED_MEDIA | {"gemini 3"}
"""The same for ids and times, which the recorder of the present ones of Gemini 3 replaces."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the contract.

    sentence: what it says, in plain English
    evidence: every evidence that a finding of it may carry, the usual one first
    kind: what a finding of it is, unless the case is one of `otherwise`
    otherwise: when a finding is of the other kind; empty where that never happens
    example: path, what is there, and what was expected, as a finding prints it
    bears_on: which exchanges could break it, a name of `support.bearings.BEARINGS`
    scope: in which dimensions of `support.answer_kinds` its support has to cover an answer, for a
        breach to be a violation
    recorded_elsewhere: kinds of answers that recordings show which are not beside the project
    recordings_only: it holds for recordings and not for live traffic, so a guard skips it
    weighs: where the texts and counts stand that it looks at, beyond the shape of an exchange; None
        where nobody said, see `known_shapes.py`
    """

    name: str
    sentence: str
    evidence: tuple[Evidence, ...]
    kind: Kind
    otherwise: str
    example: str
    bears_on: str
    scope: tuple[str, ...]
    recorded_elsewhere: frozenset[str]
    recordings_only: bool
    weighs: tuple[str, ...] | None

    @property
    def kind_in_words(self) -> str:
        """The kind, and when it is the other one: `violation; drift in an answer`."""
        return "; ".join(filter(None, (self.kind, self.otherwise)))

    @property
    def evidence_in_words(self) -> str:
        """Every evidence with its dates, as findings print it."""
        return "; ".join(
            "of the schema" if evidence is OF_THE_SCHEMA else str(evidence)
            for evidence in self.evidence
        )


class AnswerView(NamedTuple):
    """What a rule about an answered exchange is given.

    request_body: the body of a create as JSON, None for any other request
    wants_stream: whether the request asked for a stream, None where nobody knows
    """

    exchange: Exchange
    request_body: Any
    wants_stream: bool | None


class RequestView(NamedTuple):
    """What a rule about a granted create is given: its body without nulls, of a good shape.

    The paths that the function gives begin below `request`.
    """

    exchange: Exchange
    body: Json


class InteractionView(NamedTuple):
    """What a rule about an interaction is given.

    body: the resource, or what the last event of a stream says of it
    steps: the steps it made, None where there are none or their shape is wrong
    stored: whether it must have an id, None where nobody knows
    operation: `create`, `get` or `cancel`; empty where that is not known
    background: whether a create asked for it to run in the background
    sure: whether recordings show this case; if not, a wrong sum is drift
    """

    body: Json
    steps: list[Json] | None
    stored: bool | None
    operation: str = ""
    background: bool = False
    sure: bool = True


class TurnView(NamedTuple):
    """What a rule about a turn is given: an answer that is whole, and the request for it.

    request: the body of a create without nulls; empty for others, and where it is unknown
    body: the interaction, of a stream that of its last event; `body_path` is its place
    heads: every statement of the interaction with its place; a stream makes one at each end
    steps: the steps of the answer, of a stream as its deltas make them; `places` are theirs

    All paths begin below `response`.
    """

    exchange: Exchange
    request: Json
    body: Json
    body_path: str
    heads: tuple[tuple[str, Json], ...]
    steps: list[Json]
    places: list[StepPlace]

    @property
    def config(self) -> Json:
        """Return `generation_config` of the request, or an empty object."""
        config = self.request.get("generation_config")
        return config if isinstance(config, dict) else {}

    @property
    def tools(self) -> list[Json]:
        """Return the tools that the request declares."""
        tools = self.request.get("tools")
        return [each for each in tools if isinstance(each, dict)] if isinstance(tools, list) else []


ANSWER = "answer"
"""An answered exchange: the function of a rule is given an `AnswerView`."""
REQUEST = "request"
"""A create that was granted: the function of a rule is given a `RequestView`."""
TURN = "turn"
"""An answer that is whole, beside its request: the function of a rule is given a `TurnView`."""
RESOURCE, RUNNING, STREAM_END = "resource", "running", "stream end"
"""Where an `InteractionView` is from: an interaction as create, get and cancel answer it; one whose
status runs; the last event of a stream."""

Finder = Callable[[Any], Iterable[Problem]]
"""The function of a rule: takes a view and gives the breaches."""

RULES: dict[str, Rule] = {}
"""Every rule by its name."""

FINDERS: dict[str, dict[str, Finder]] = {
    view: {} for view in (REQUEST, ANSWER, TURN, RESOURCE, RUNNING, STREAM_END)
}
"""The functions of rules by what they look at and by the name of their rule."""


def add_rule(
    name: str,
    sentence: str,
    *,
    evidence: tuple[Evidence, ...],
    example: str,
    bears_on: str,
    scope: tuple[str, ...] = ANSWER_SCOPE,
    recorded_elsewhere: frozenset[str] = frozenset(),
    kind: Kind = Kind.VIOLATION,
    otherwise: str = "",
    recordings_only: bool = False,
    weighs: tuple[str, ...] | None = None,
) -> None:
    """Add the row of a rule whose breaches are found by code that looks for several at once.

    Raises `ValueError` where there is a rule of that name.
    """
    if name in RULES:
        raise ValueError(f"there are two rules called {name!r}")
    RULES[name] = Rule(
        name,
        sentence,
        evidence,
        kind,
        otherwise,
        example,
        bears_on,
        scope,
        recorded_elsewhere,
        recordings_only,
        weighs,
    )


def rule(
    name: str,
    sentence: str,
    *,
    looks_at: tuple[str, ...],
    evidence: tuple[Evidence, ...],
    example: str,
    bears_on: str,
    scope: tuple[str, ...] = ANSWER_SCOPE,
    recorded_elsewhere: frozenset[str] = frozenset(),
    kind: Kind = Kind.VIOLATION,
    otherwise: str = "",
    recordings_only: bool = False,
    weighs: tuple[str, ...] | None = None,
) -> Callable[[Finder], Finder]:
    """Decorate the function of a rule: adds the row, and has it called for each such view.

    The paths that the function gives are those in the body it looks at; for an `AnswerView` they
    begin below `response`. Where `weighs` is given, it is not called for a shape that it found
    nothing in before and that has none of these members.
    """
    add_rule(
        name,
        sentence,
        evidence=evidence,
        example=example,
        bears_on=bears_on,
        scope=scope,
        recorded_elsewhere=recorded_elsewhere,
        kind=kind,
        otherwise=otherwise,
        recordings_only=recordings_only,
        weighs=weighs,
    )

    def register(finder: Finder) -> Finder:
        for view in looks_at:
            FINDERS[view][name] = finder
        return finder

    return register


def problem(
    rule_name: str,
    path: str,
    found: str,
    expected: str,
    *,
    kind: Kind | None = None,
    evidence: Evidence | str | None = None,
) -> Problem:
    """Make a finding of a rule; kind and evidence are the usual ones of its row if not given.

    Raises `KeyError` for a rule that has no row.
    """
    row = RULES[rule_name]
    known_by = str(evidence or row.evidence[0])
    return Problem(path, rule_name, found, expected, known_by, kind or row.kind)
