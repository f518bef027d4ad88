"""Compare two answers to one request by their shape: not the words that a model chose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from ..recordings.answers import RecordedAnswer, read_answer, response_objects, response_values
from ..recordings.exchange import Exchange, RecordedExchange
from ..wire.http import Json
from ..wording import shorten

_OPAQUE = frozenset({"arguments", "result", "parameters", "schema", "metadata", "labels"})
"""The members below which anything may stand: what functions take and return."""

_MAX_WORDS = 200
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class ShapeDifference:
    """One thing in which two answers differ: where, as recorded, and as it is today."""

    place: str
    recorded: str
    live: str

    def __str__(self) -> str:
        return f"{self.place}: recorded {self.recorded}, live {self.live}"

    def to_json(self) -> Json:
        """Return it as JSON."""
        return asdict(self)


def compare_shapes(recorded: Exchange, live: Exchange) -> list[ShapeDifference]:
    """List how the shape of today's answer differs from that of the recorded one.

    Compared are the status, the kind of body, the words of errors, the status of the interaction,
    the types of its steps with the names of functions, the kinds of events in their order, and
    which members there are, with the kinds of their values.
    """
    return [
        difference
        for difference in _compare(recorded, live)
        if difference.recorded != difference.live
    ]


def _compare(recorded: Exchange, live: Exchange) -> Iterator[ShapeDifference]:
    old, new = (read_answer(RecordedExchange(one)) for one in (recorded, live))
    if recorded.status != live.status:
        texts = (f"{one.http}{_spell_error(one)}" for one in (old, new))
        yield ShapeDifference("status", *texts)
        return
    yield ShapeDifference("body", _body_kind(recorded), _body_kind(live))
    yield ShapeDifference("errors", *(_spell_error(one).strip() or "none" for one in (old, new)))
    yield ShapeDifference("interaction", *(one.status or "no status" for one in (old, new)))
    yield ShapeDifference("steps", *(_spell_steps(one) for one in (old, new)))
    if recorded.is_stream and live.is_stream:
        yield ShapeDifference("events", *map(_spell_events, (recorded, live)))
    yield from _compare_members(_shape_of(recorded), _shape_of(live))


def _body_kind(exchange: Exchange) -> str:
    if exchange.is_stream:
        return "a stream"
    if not exchange.response_body.strip():
        return "empty"
    try:
        return "JSON" if exchange.response_json is not None else "JSON null"
    except ValueError:
        return "no JSON"


def _spell_error(answer: RecordedAnswer) -> str:
    text = "; ".join(answer.errors) or (answer.text if (answer.http or 0) >= 400 else "")
    return f" {shorten(' '.join(text.split()), _MAX_WORDS)}" if text else ""


def _spell_steps(answer: RecordedAnswer) -> str:
    names = (f"{step.get('type')} {step.get('name') or ''}".strip() for step in answer.output_steps)
    return ", ".join(_count_runs(names)) or _NOTHING


def _spell_events(exchange: Exchange) -> str:
    kinds = map(_event_kind, response_objects(exchange))
    return ", ".join(kind for kind, _ in groupby(kinds)) or _NOTHING


def _count_runs(names: Iterator[str]) -> Iterator[str]:
    for name, run in groupby(names):
        count = len(list(run))
        yield name if count == 1 else f"{count} {name}"


def _event_kind(event: Json) -> str:
    """Name an event by its type and that of its delta or step."""
    parts = [event.get("event_type")]
    parts += [
        part.get("type") for name in ("delta", "step") if isinstance(part := event.get(name), dict)
    ]
    return " ".join(str(part) for part in parts if part)


def _shape_of(exchange: Exchange) -> dict[str, set[str]]:
    """Map the path of each member to the kinds of its values; elements stand under their types."""
    shape: defaultdict[str, set[str]] = defaultdict(set)
    for value in response_values(exchange):
        kind = _event_kind(value) if isinstance(value, dict) else ""
        _add_shape(value, f"event[{kind}]" if exchange.is_stream else "body", shape)
    return dict(shape)


def _add_shape(value: Any, path: str, shape: defaultdict[str, set[str]]) -> None:
    if value is None:  # a null is read as no member
        return
    shape[path].add(_kind_of(value))
    if isinstance(value, dict):
        for name, member in value.items():
            if name in _OPAQUE and member is not None:
                shape[f"{path}.{name}"].add("anything")
            else:
                _add_shape(member, f"{path}.{name}", shape)
    elif isinstance(value, list):
        for element in value:
            kind = element.get("type") if isinstance(element, dict) else None
            _add_shape(element, f"{path}[{kind or ''}]", shape)


def _kind_of(value: Any) -> str:
    kinds: tuple[tuple[Any, str], ...] = (
        (bool, "true or false"),
        (int | float, "a number"),
        (str, "a text"),
        (list, "a list"),
    )
    return next((kind for types, kind in kinds if isinstance(value, types)), "an object")


def _compare_members(
    old: dict[str, set[str]], new: dict[str, set[str]]
) -> Iterator[ShapeDifference]:
    """Compare the members of what both answers have; a step or an event alone is told before."""
    for path in sorted(old.keys() | new.keys()):
        if path in old and path in new:
            yield ShapeDifference(
                path, *(" or ".join(sorted(kinds)) for kinds in (old[path], new[path]))
            )
            continue
        holder = path[: path.rfind("[")] if path.endswith("]") else path.rpartition(".")[0]
        is_told = (path.startswith("event[") and "." not in path) or holder.endswith("steps")
        if not is_told and holder in old and holder in new:
            yield ShapeDifference(path, *_spell_kinds(path, old, new))


def _spell_kinds(path: str, *shapes: dict[str, set[str]]) -> Iterator[str]:
    for shape in shapes:
        yield " or ".join(sorted(shape.get(path, {_NOTHING})))
