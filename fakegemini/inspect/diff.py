"""Two cassettes compared by what they mean: requests, answers, and what became of both.

Ids and signatures are other in every recording; so are times, and usage unless it is asked for.
How a stream was cut into events and chunks is not compared, only what it makes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias

from ..protocol.ask import text_of
from ..recordings.answers import Answer, answer_of
from ..recordings.cassette import Cassette, load
from ..recordings.conversations import Take, Takes, parent_of
from ..recordings.exchange import Recorded
from ..recordings.server_names import constant, swapped
from ..wire.http import Json
from ..wire.json_paths import ABSENT, differences, join
from .pairing import matched, paired

Difference: TypeAlias = tuple[str, Any, Any]
"""A JSON path from `request` or `answer`, and what stands there; `ABSENT` for nothing."""

_VOLATILE = frozenset({"id", "created", "updated", "event_type", "event_id", "input"})
"""Members of an interaction that no two recordings share, or that repeat the request."""


@dataclass(frozen=True)
class Compared:
    """Two turns; one is None where a turn stands alone. Each side is its exchange's number."""

    left: int | None
    right: int | None
    asked: str
    differences: tuple[Difference, ...] = ()

    @property
    def same(self) -> bool:
        """Whether both are there and mean the same."""
        return self.left is not None and self.right is not None and not self.differences


def diff(left: Path, right: Path, *, usage: bool = False) -> list[Compared]:
    """Every turn of two cassettes, in the order of the first; raises `Unreadable`.

    With `usage` the counts of tokens are compared too.
    """
    sides = [load(path) for path in (left, right)]
    takes = [_takes(side) for side in sides]
    roots = [[take for take in side.all if take.parent is None] for side in takes]
    made = [_turns(one, other, usage=usage) for one, other in paired(*roots)]
    others = [_loose(side, its) for side, its in zip(sides, takes, strict=True)]
    loose = matched(others[0], others[1], _said)
    made += [_others(one, other, usage=usage) for one, other in loose]
    return sorted(made, key=lambda each: (each.left is None, each.left or each.right or 0))


def _takes(cassette: Cassette) -> Takes:
    takes = Takes()
    takes.add("", (item for item in cassette.recorded if item.exchange.uri))
    return takes


def _loose(cassette: Cassette, takes: Takes) -> list[Recorded]:
    """What is no part of a conversation: other resources, and answers without their requests."""
    others = {id(item) for items in takes.others.values() for item in items}
    return [item for item in cassette.recorded if not item.exchange.uri or id(item) in others]


def _turns(one: Take | None, other: Take | None, *, usage: bool) -> Compared:
    if one is None or other is None:
        return Compared(_number(one), _number(other), _question(one or other))
    found = [(join("request", path), a, b) for path, a, b in differences(one.means, other.means)]
    if not one.parent and not other.parent:
        found += _parents(one, other)
    answers = [answer_of(take.create) if take.create else Answer(None) for take in (one, other)]
    found += _answers(answers[0], answers[1], one, other, usage=usage)
    found += _later(one, other, answers, usage=usage)
    return Compared(_number(one), _number(other), _question(one), tuple(found))


def _parents(one: Take, other: Take) -> Iterator[Difference]:
    """Parents that were not recorded are told apart only by whether there is one."""
    names = [parent_of(take.create.exchange.asked) if take.create else "" for take in (one, other)]
    if bool(names[0]) != bool(names[1]):
        place = "request.previous_interaction_id"
        yield place, names[0] or ABSENT, names[1] or ABSENT


def _answers(
    left: Answer, right: Answer, one: Take | None, other: Take | None, *, usage: bool
) -> Iterator[Difference]:
    pairs: list[Difference] = [("http", left.http, right.http)]
    pairs.append(("status", left.status, right.status))
    pairs.append(("text", left.text, right.text))
    pairs.append(("errors", list(left.errors), list(right.errors)))
    pairs.append(("ends", "cut" if left.cut else "whole", "cut" if right.cut else "whole"))
    for name, a, b in pairs:
        for path, old, new in differences(_unnamed(a, one), _unnamed(b, other)):
            yield f"answer.{name}{path}", old, new
    yield from _steps(left, right)
    yield from (
        (f"answer.{path}", old, new) for path, old, new in differences(_rest(left), _rest(right))
    )
    if usage:
        for path, old, new in differences(left.usage, right.usage):
            yield join("answer.usage", path), old, new


def _unnamed(value: Any, take: Take | None) -> Any:
    """Texts of errors speak of the interaction by its id."""
    if isinstance(value, list):
        return [_unnamed(item, take) for item in value]
    return value.replace(take.id, "⟨id⟩") if isinstance(value, str) and take and take.id else value


def _rest(answer: Answer) -> Json:
    """What an answer says besides status and steps, without what differs every time."""
    known = _VOLATILE | {"status", "error", "errors"}
    kept = {key: item for key, item in answer.rest.items() if key not in known}
    return {key: _aligned(item) for key, item in _aligned(kept).items()}


def _steps(left: Answer, right: Answer) -> Iterator[Difference]:
    """Steps side by side by their type and name; one more or less does not shift the others."""
    sides = [[_aligned(step) for step in answer.made] for answer in (left, right)]
    keys = [[(step.get("type"), step.get("name")) for step in side] for side in sides]
    ids = [_calls(answer) for answer in (left, right)]
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, keys[0], keys[1], False).get_opcodes():
        both = min(i2 - i1, j2 - j1) if tag == "equal" else 0
        for at in range(both):
            yield from _located(f"answer.steps[{i1 + at}]", sides[0][i1 + at], sides[1][j1 + at])
            if (links := (ids[0][i1 + at], ids[1][j1 + at]))[0] != links[1]:
                yield f"answer.steps[{i1 + at}].call_id", *links
        for at in range(i1 + both, i2):
            yield f"answer.steps[{at}]", sides[0][at], ABSENT
        for at in range(j1 + both, j2):
            yield f"answer.steps[{at}]", ABSENT, sides[1][at]


def _located(place: str, old: Any, new: Any) -> Iterator[Difference]:
    found = [(join(place, path), a, b) for path, a, b in differences(old, new)]
    if any(path.endswith(".text") for path, _, _ in found):
        # Where a citation stands in another text follows from the text.
        found = [each for each in found if not each[0].endswith(("start_index", "end_index"))]
    return iter(sorted(found, key=lambda each: not each[0].endswith(".text")))


def _calls(answer: Answer) -> list[str]:
    """For each step the call that it answers, by name and number."""
    names: dict[str, str] = {}
    counts: Counter[str] = Counter()
    found = []
    for step in answer.made:
        if step.get("id"):
            name = str(step.get("name") or step.get("type"))
            counts[name] += 1
            names[str(step["id"])] = f"{name} {counts[name]}"
        found.append(names.get(str(step.get("call_id", "")), ""))
    return found


def _aligned(value: Any) -> Any:
    """A value whose names are all the same, for each recording has its own."""
    return swapped(value, lambda key, name: name if constant(name) else f"⟨{key}⟩")


def _later(one: Take, other: Take, answers: list[Answer], *, usage: bool) -> Iterator[Difference]:
    """What was asked afterwards, and the end; how often was polled does not count."""
    lives = [_life(take, answer) for take, answer in zip((one, other), answers, strict=True)]
    if lives[0] != lives[1]:
        old, new = (", ".join(life) or ABSENT for life in lives)
        yield "answer.later", old, new
    ends = [_end(take, answer) for take, answer in zip((one, other), answers, strict=True)]
    if any(ends) and lives[0] == lives[1]:
        blank = Answer(None)
        for path, old, new in _answers(ends[0] or blank, ends[1] or blank, one, other, usage=usage):
            yield f"{path.replace('answer', 'answer.end', 1)}", old, new


def _life(take: Take, answer: Answer) -> list[str]:
    """The operations and statuses after the create, without those that only come again."""
    first = answer.status or str(answer.http or "")
    told = [("get", first)]
    for item in take.later:
        later, exchange = answer_of(item), item.exchange
        refused = exchange.status if (exchange.status or 0) >= 400 else ""
        told.append((str(exchange.operation), str(refused or later.status or exchange.status)))
    runs = [key for key, _ in groupby(told)][1:]
    return [status if what == "get" else f"{what}: {status}" for what, status in runs]


def _end(take: Take, answer: Answer) -> Answer | None:
    """The last whole state of an interaction, where that is another than its create told."""
    for item in reversed(take.later):
        later = answer_of(item)
        if item.exchange.operation == "get" and later.http == 200:
            return later if later.made and later.made != answer.made else None
    return None


def _others(one: Recorded | None, other: Recorded | None, *, usage: bool) -> Compared:
    numbers = [each.exchange.number if each else None for each in (one, other)]
    told = one or other
    asked = told.exchange if told else None
    text = f"{asked.method} /{'/'.join(asked.parts)}" if asked and asked.uri else "a body"
    if one is None or other is None:
        return Compared(numbers[0], numbers[1], text)
    found = _answers(answer_of(one), answer_of(other), None, None, usage=usage)
    return Compared(numbers[0], numbers[1], text, tuple(found))


def _said(item: Recorded) -> str:
    exchange = item.exchange
    path = "/".join(exchange.parts[1:])
    return f"{exchange.method} {path} {exchange.request_body.decode('utf-8', 'replace')}"


def _number(take: Take | None) -> int | None:
    if take is None:
        return None
    first = take.create or take.later[0]
    return first.exchange.number


def _question(take: Take | None) -> str:
    """The text of the user, to know a turn by."""
    steps = take.means.get("input") if take else None
    found = steps if isinstance(steps, list) else []
    texts = [text_of(step) for step in found if isinstance(step, dict)]
    return next((text for text in reversed(texts) if text), "")
