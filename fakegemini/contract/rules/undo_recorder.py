"""Undo what recorders do to the shape of an answer, so that the rest of it can be checked.

A dump of the SDK has a null for every unset member, times as the SDK writes them, and members that
the SDK adds; it is named by one finding. An event that was pretty-printed over several lines is
put on one line again; a report names it as a mark.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ...protocol.ask import without_nulls
from ...recordings.exchange import Exchange
from ...wire.http import Json
from ...wire.json_text import parse_json
from ...wording import count_of, spell_json
from ..findings import Kind, Problem
from .registry import ANY_ANSWER, Evidence, add_rule, problem

SDK_MEMBERS = frozenset(("output_text", "continuation_ids"))
"""What google-genai 3.6 adds to an interaction that it parsed."""
_FEWEST_NULLS = 3
"""So many members that are null are no accident: the server leaves unset ones out."""
_TIMES = ("created", "updated")
_FIELD = re.compile(r"(?:event|data|id|retry)?:")

add_rule(
    "sdk-dump",
    "an answer is what the server sent, and no dump of an SDK",
    kind=Kind.DRIFT,
    bears_on="answers",
    scope=ANY_ANSWER,
    evidence=(Evidence("S", "google-genai", "3.6.1"),),
    example="response.body: 3 members are null, such as agent: a dump of the SDK; expected the "
    "body as the server sent it",
)


def undo_dump(exchange: Exchange) -> tuple[Exchange, Problem | None]:
    """Take out what a dump of the SDK adds to an answer, and say so; else return it as it is.

    The members that a dump has to have are missing afterwards where they were null.
    """
    body = exchange.response_body
    if b"null" not in body and b'"output_text"' not in body:
        return exchange, None
    values = list(_values_of(exchange))
    nulls = [name for value in values for name in _null_members(value)]
    added = list(_added_members(exchange, values))
    if len(nulls) < _FEWEST_NULLS and not added:
        return exchange, None
    where = "events" if exchange.is_stream else "body"
    if added and len(nulls) < _FEWEST_NULLS:
        where, observed = added[0], f"{added[0].rpartition('.')[2]}, which the SDK adds"
    else:
        observed = f"{count_of(len(nulls), 'member')} are null, such as {nulls[0]}"
    expected = "the body as the server sent it"
    breach = problem("sdk-dump", f"response.{where}", f"{observed}: a dump of the SDK", expected)
    cleaned = [_clean(value, drops_nulls=len(nulls) >= _FEWEST_NULLS) for value in values]
    if not exchange.is_stream:
        payload = spell_json(cleaned[0]).encode()
        return replace(exchange, response_body=payload), breach
    events = iter(cleaned)
    frames, remaining = exchange.frames
    data = (frame.data if frame.is_done else spell_json(next(events)) for frame in frames)
    text = "".join(
        f"event: {frame.name}\ndata: {line}\n\n" for frame, line in zip(frames, data, strict=True)
    )
    return replace(exchange, response_body=text.encode() + remaining), breach


def undo_printing(exchange: Exchange) -> Exchange:
    """Put each event of a stream that was printed over several lines on one line again."""
    if not exchange.is_stream or b"\ndata: {\n" not in exchange.response_body:
        return exchange
    text = exchange.response_body.decode("utf-8", "replace")
    blocks = [_join_lines(block) for block in text.split("\n\n")]
    return replace(exchange, response_body="\n\n".join(blocks).encode())


def _join_lines(block: str) -> str:
    lines: list[str] = []
    for line in block.split("\n"):
        if lines and lines[-1].startswith("data: {") and not _FIELD.match(line):
            lines[-1] += line.strip()
        else:
            lines.append(line)
    return "\n".join(lines)


def _values_of(exchange: Exchange) -> Iterator[Any]:
    """Return the body, or the events; nothing where one of them cannot be read."""
    try:
        if not exchange.is_stream:
            yield exchange.response_json
            return
        yield from [parse_json(each.data) for each in exchange.frames[0] if not each.is_done]
    except ValueError:
        return


def _null_members(value: Any) -> Iterator[str]:
    """Name the members that are null, in order; what belongs to the user is left out."""
    if isinstance(value, dict):
        for key, member in value.items():
            if member is None:
                yield key
            elif key not in ("arguments", "result"):
                yield from _null_members(member)
    elif isinstance(value, list):
        for element in value:
            yield from _null_members(element)


def _added_members(exchange: Exchange, values: list[Any]) -> Iterator[str]:
    """Yield the path of each member that the SDK adds."""
    for number, value in enumerate(values):
        place = f"events[{number}].interaction" if exchange.is_stream else "body"
        for name in SDK_MEMBERS & _interaction_in(value).keys():
            yield f"{place}.{name}"


def _interaction_in(value: Any) -> Json:
    """Return the interaction that a body or an event is about, else an empty object."""
    inner = value.get("interaction", value) if isinstance(value, dict) else {}
    return inner if isinstance(inner, dict) else {}


def _clean(value: Any, *, drops_nulls: bool) -> Any:
    cleaned = without_nulls(value) if drops_nulls else copy.deepcopy(value)
    interaction = _interaction_in(cleaned)
    for name in SDK_MEMBERS & interaction.keys():
        del interaction[name]
    for name in _TIMES:
        if isinstance(interaction.get(name), str) and not interaction[name].endswith("Z"):
            interaction[name] = _spell_time(interaction[name])
    return cleaned


def _spell_time(text: str) -> str:
    """Write a time of the SDK as the server does; what is no time stays."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment.tzinfo else text
