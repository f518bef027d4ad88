"""What holds of the steps of a stream: one is open at a time, and its deltas make a sound step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...protocol.schemas import schema_names
from ...protocol.steps import delta_fits, fold
from ...wire.http import Json
from ...wire.json_paths import join_path
from ...wording import brief_json
from ..findings import Kind, Problem
from .call_pairs import are_well_formed
from .registry import STREAMS, add_rule, problem
from .schema_fit import ABSENT, find_schema_problems
from .step_places import StepPlace

UNSURE = "drift for agents, background runs and streams of a GET, which were hardly recorded"
"""When a breach of a rule about the order of a stream is drift."""

add_rule(
    "step-index",
    "steps are numbered from 0, without a gap",
    otherwise=UNSURE,
    bears_on="streams",
    evidence=(STREAMS,),
    example="response.events[2].index: 1; expected 0",
)
add_rule(
    "start-empty",
    "a step begins without content: deltas bring it",
    kind=Kind.DRIFT,
    bears_on="streams",
    evidence=(STREAMS,),
    example='response.events[2].step.arguments: {"at": "Dover"}; expected it in a delta',
)
add_rule(
    "step-open",
    "one step is open at a time, and all are stopped at the end",
    otherwise=UNSURE,
    bears_on="streams",
    evidence=(STREAMS,),
    example="response.events[4].event_type: step 0 is still open; expected every step stopped",
)
add_rule(
    "step-closed",
    "deltas and stops belong to an open step",
    otherwise=UNSURE,
    bears_on="streams",
    evidence=(STREAMS,),
    example="response.events[2].index: step 0, which is not open; expected an open step",
)
add_rule(
    "delta-fit",
    "a delta is one of its step's",
    otherwise=f"{UNSURE}, and for the signature of a call",
    bears_on="streams",
    evidence=(STREAMS,),
    example='response.events[3].delta.type: "thought_signature" in a model_output step; '
    "expected a delta of that step",
)
add_rule(
    "step-fold",
    "the deltas of a step make a sound step",
    otherwise=f"{UNSURE}, and where only types speak",
    bears_on="streams",
    evidence=(STREAMS,),
    example="response.events[3].delta.arguments: deltas that do not make a function_call "
    "step (Expecting property name enclosed in double quotes: line 1 column 2 (char "
    "1)); expected deltas that make the step",
)


_DELTA_MEMBERS = frozenset(("arguments", "content", "result", "signature", "summary"))
"""What steps have from their deltas; in the event that starts one they are empty, or not there."""


@dataclass(slots=True)
class _OpenStep:
    """A step that was started and not stopped: its deltas, and where all of them stood."""

    index: int
    step: Json
    place: str
    deltas: list[Json] = field(default_factory=list)
    delta_places: list[str] = field(default_factory=list)
    has_skipped_delta: bool = False

    @property
    def last_place(self) -> str:
        """The place of the last delta; of the step where it has none."""
        if self.delta_places:
            return join_path(self.delta_places[-1], "delta")
        return join_path(self.place, "step")


class StepsCheck:
    """Follows the steps of one stream. `steps` are those that were stopped, `places` theirs.

    `resumed`: the stream begins after some event, so that its first step may be open already.
    `kind` is what a breach is: violation, or drift where the stream is of a kind hardly recorded.
    """

    def __init__(self, *, resumed: bool, kind: Kind) -> None:
        self.kind = kind
        self.steps: list[Json] = []
        self.places: list[StepPlace] = []
        self._resumed = resumed
        self._open_step: _OpenStep | None = None
        self._next_index = 0

    @property
    def open_index(self) -> int | None:
        """The index of the step that is open, or None."""
        return self._open_step.index if self._open_step else None

    def take_delta(self, event: Json, path: str) -> bool:
        """Take a sound delta that fits the open step; False, and nothing is taken, if it is not."""
        open_step = self._open_step
        if open_step is None or event.get("index") != open_step.index:
            return False
        if not delta_fits(str(open_step.step.get("type")), event["delta"]["type"]):
            return False
        open_step.deltas.append(event["delta"])
        open_step.delta_places.append(path)
        return True

    def check_start(self, event: Json, path: str) -> Iterator[Problem]:
        """Open a step."""
        index, place = event["index"], join_path(path, "index")
        if self._open_step:
            observed = f"step {index} while step {self._open_step.index} is open"
            yield problem("step-open", place, observed, "the open step stopped", kind=self.kind)
        if index != self._next_index and not (self._resumed and not self._next_index):
            expected = f"{self._next_index}"
            yield problem("step-index", place, brief_json(index), expected, kind=self.kind)
        self._next_index = index + 1
        self._open_step = _OpenStep(index, event["step"], path)
        for name in _DELTA_MEMBERS & event["step"].keys():
            value = event["step"][name]
            if value:
                place = join_path(path, f"step.{name}")
                yield problem("start-empty", place, brief_json(value), "it in a delta")
        if event["step"].get("type") == "function_call" and "arguments" not in event["step"]:
            place = join_path(path, "step.arguments")
            yield problem("missing-member", place, ABSENT, "{}", kind=Kind.DRIFT, evidence=STREAMS)

    def check_delta(self, event: Json, path: str) -> Iterator[Problem]:
        """Add a delta to the open step, where it is one of that step's."""
        open_step = self._open_step
        if not open_step or open_step.index != event["index"]:
            yield from self._check_unopened_step(event, path)
            return
        if self.take_delta(event, path):
            return
        step_type, delta_type = str(open_step.step.get("type")), str(event["delta"].get("type"))
        open_step.has_skipped_delta = True
        if not (_has_schema("step", step_type) and _has_schema("delta", delta_type)):
            return  # a type nobody knows, which is reported as such
        # Since October 2026 a call has a signature; how one would be streamed nobody has seen.
        is_signed_call = (step_type, delta_type) == ("function_call", "thought_signature")
        kind = Kind.DRIFT if is_signed_call else self.kind
        observed = f"{brief_json(delta_type)} in a {step_type} step"
        place = join_path(path, "delta.type")
        yield problem("delta-fit", place, observed, "a delta of that step", kind=kind)

    def check_stop(self, event: Json, path: str) -> Iterator[Problem]:
        """Close the open step, and hold what its deltas make against the schema of steps."""
        open_step = self._open_step
        if not open_step or open_step.index != event["index"]:
            yield from self._check_unopened_step(event, path)
            return
        self._open_step = None
        try:
            folded_step = fold(open_step.step, open_step.deltas)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            place = open_step.last_place
            if isinstance(error, json.JSONDecodeError):
                place = join_path(place, "arguments")
            kind = Kind.DRIFT if isinstance(error, KeyError) else self.kind
            observed = f"deltas that do not make a {open_step.step.get('type')} step ({error})"
            yield problem("step-fold", place, observed, "deltas that make the step", kind=kind)
            return
        if not are_well_formed([folded_step]):
            return
        self.steps.append(folded_step)
        deltas = tuple(zip(open_step.delta_places, open_step.deltas, strict=True))
        self.places.append(StepPlace(join_path(open_step.place, "step"), deltas))
        yield from self._check_folded_step(open_step, folded_step)

    def check_all_stopped(self, path: str) -> Iterator[Problem]:
        """Find a step that is open at the end."""
        if self._open_step:
            observed = f"step {self._open_step.index} is still open"
            yield problem("step-open", path, observed, "every step stopped", kind=self.kind)

    def _check_folded_step(self, open_step: _OpenStep, folded_step: Json) -> Iterator[Problem]:
        for breach in find_schema_problems(folded_step, "interactions/step"):
            if breach.kind is Kind.DRIFT and breach.rule != "missing-member":
                continue  # reported for the event already
            place = join_path(open_step.place, "step")
            if breach.rule == "missing-member" and "." not in breach.path:
                place = join_path(place, breach.path)
            elif open_step.delta_places:
                place = open_step.last_place
                if breach.path == "arguments":
                    place = join_path(place, breach.path)
            kind = self.kind if breach.kind is Kind.VIOLATION else Kind.DRIFT
            kind = Kind.DRIFT if open_step.has_skipped_delta else kind
            observed = f"the deltas make a step whose {breach.path} is wrong: {breach.found}"
            yield problem(
                "step-fold", place, observed, breach.expected, kind=kind, evidence=breach.evidence
            )

    def _check_unopened_step(self, event: Json, path: str) -> Iterator[Problem]:
        """Hold a delta or a stop that is not of the open step against where the stream stands."""
        index, place = event["index"], join_path(path, "index")
        if not self._open_step and self._resumed and not self._next_index:
            self._next_index = index + (event["event_type"] == "step.stop")
        elif not self._open_step and not (
            self._resumed and index == self._next_index and not self.steps
        ):
            observed = f"step {index}, which is not open"
            yield problem("step-closed", place, observed, "an open step", kind=self.kind)
        elif self._open_step and self._open_step.index != index:
            expected = f"{self._open_step.index}, the open one"
            yield problem("step-index", place, brief_json(index), expected, kind=self.kind)


def _has_schema(family: str, tag: str) -> bool:
    return f"interactions/{family}/{tag}" in schema_names()
