"""A cassette as text for people: who said what, turn by turn."""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from ..protocol.ask import CONTENT_TYPES
from ..recordings.answers import Answer
from ..recordings.attachments import FOLDER
from ..wire.http import Json
from ..wording import count_of, times_of
from .step_lines import Line, Paint, Speaker, named, plain, safe, short
from .turns import Later, Told, Turn

_WIDE = 100
_COLUMN = 9
_BLANKS = re.compile(r"\n\s*\n\s*\n")
_SHORT = {"generation_config": "config", "response_format": "format"}
_FLAGS = ("stream", "background")


def show(told: Told, paint: Paint = lambda text, _: text) -> str:
    """The whole cassette; control characters of recorded texts do not reach the terminal."""
    return "\n".join(line.rstrip() for line in _lines(told, paint))


def _lines(told: Told, paint: Paint) -> Iterator[str]:
    yield paint(told.file, "head")
    count = len(told.conversations)
    parts = [
        count_of(told.exchanges, "exchange", grouped=True),
        count_of(count, "conversation", grouped=True),
        *_head(told.head),
    ]
    yield paint(safe(", ".join(parts)), "dim")
    kept = _keeper(Path(told.file).parent / FOLDER)
    chains = count > 1 and any(len(turns) > 1 for turns in told.conversations)
    for number, turns in enumerate(told.conversations, start=1):
        if chains:
            yield ""
            yield paint(f"Conversation {number}", "head")
        speaker, shown = Speaker(kept), set[Line]()
        before: dict[int | str | None, Json] = {}
        for turn in turns:
            yield ""
            yield from _turn(turn, before.get(turn.after, {}), speaker, shown, paint)
            before[turn.number] = turn.settings
    for other in told.others:
        yield ""
        yield f"{paint(f'#{other.number}', 'head')} {safe(other.asked)}"
        yield from _end(_outcome(other.answer), other.answer, paint)


def _head(head: Json) -> Iterator[str]:
    for key, value in head.items():
        if key != "format" and (isinstance(value, str | int) or hasattr(value, "isoformat")):
            yield f"{key.replace('_', ' ')} {value}"


def _turn(
    turn: Turn, before: Json, speaker: Speaker, shown: set[Line], paint: Paint
) -> Iterator[str]:
    yield paint(f"#{turn.number}", "head") + safe(_title(turn, before))
    for label, text in _settings(turn.settings, before):
        yield from _said(label, text, paint)
    history, fresh = _split(turn, speaker, shown)
    if history:
        yield from _said(
            "again", f"{count_of(history, 'step', grouped=True)} of the conversation so far", paint
        )
    made = [line for step in turn.answer.made for line in speaker.lines(step)]
    for label, text in (*fresh, *made):
        yield from _said(label, text, paint)
    if turn.answer.text:
        yield from _said("body", short(turn.answer.text), paint)
    shown.update((*fresh, *made))
    if turn.answer.http is not None:
        yield from _end(_outcome(turn.answer), turn.answer, paint)
    told, usage = turn.answer.made, turn.answer.usage
    for what, group in groupby(turn.later, _kind):
        later = list(group)
        news = later[-1].answer.made
        if news and news != told:
            for line in (line for step in news for line in speaker.lines(step)):
                shown.add(line)
                yield from _said(*line, paint)
            told = news
        last = later[-1].answer
        yield from _end(_after(what, later), last, paint, counted=last.usage == usage)
        usage = last.usage or usage


def _title(turn: Turn, before: Json) -> str:
    settings = turn.settings
    asked = settings.get("agent") or settings.get("model") or ""
    same = asked in (before.get("agent"), before.get("model"))
    parts = [] if not asked or same else [str(asked)]
    parts += [flag for flag in _FLAGS if settings.get(flag)]
    parts += ["not stored"] if settings.get("store") is False else []
    parts += ["legacy schema"] if turn.legacy else []
    parts = parts or ([] if turn.settings or not turn.later else [turn.id])
    after = f" after #{turn.after}" if isinstance(turn.after, int) else ""
    after = after or (f" after {turn.after}, which is not here" if turn.after else "")
    after += ", a branch" if turn.branch else ""
    return f"{after}{':' if after and parts else ''} {', '.join(parts)}"


def _settings(settings: Json, before: Json) -> Iterator[Line]:
    """The members of a request that are not the same as in the turn before."""
    for key, value in settings.items():
        if key in ("model", "agent", "store", *_FLAGS) or before.get(key) == value:
            continue
        if key == "system_instruction" and isinstance(value, str):
            yield "system", value
        elif key == "tools" and isinstance(value, list):
            yield "tools", ", ".join(_tool(tool) for tool in value)
        else:
            name = _SHORT.get(key, key)
            flat = isinstance(value, dict) and not any(isinstance(v, dict) for v in value.values())
            pairs = ", ".join(f"{k}={plain(v)}" for k, v in value.items()) if flat else ""
            yield name, pairs or plain(value)


def _tool(tool: Any) -> str:
    return named(tool, str(tool.get("type", "?"))) if isinstance(tool, dict) else plain(tool)


def _split(turn: Turn, speaker: Speaker, shown: set[Line]) -> tuple[int, list[Line]]:
    """How many steps of the input were shown before, and the lines of the others.

    Clients that keep the history themselves send all of it each time.
    """
    said = [list(speaker.lines(step)) for step in turn.asked]
    last = max((n for n, step in enumerate(turn.asked) if _resent(step)), default=-1)
    again = [number <= last and set(lines) <= shown for number, lines in enumerate(said)]
    fresh = [line for lines, old in zip(said, again, strict=True) if not old for line in lines]
    return sum(again), fresh


def _resent(step: Json) -> bool:
    kind = str(step.get("type", ""))
    return kind in ("model_output", "thought") or kind.endswith("_call")


def _said(label: str, text: str, paint: Paint) -> Iterator[str]:
    """A label with its text beside it, long lines broken."""
    paragraphs = _BLANKS.sub("\n\n", safe(text).strip("\n")).split("\n")
    whole = label in CONTENT_TYPES  # the name of a file is not broken
    lines = paragraphs if whole else [piece for line in paragraphs for piece in _wrapped(line)]
    indent = " " * (_COLUMN + 2)
    first, *rest = lines or [""]
    if len(label) > _COLUMN:
        yield f"  {paint(label, label)} {first}"
    else:
        yield f"  {paint(label, label)}{' ' * (_COLUMN - len(label))}{first}"
    yield from (f"{indent}{line}" for line in rest)


def _wrapped(line: str) -> list[str]:
    inner = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(
        line,
        _WIDE - _COLUMN - 2,
        subsequent_indent=inner,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def _outcome(answer: Answer) -> str:
    """The status, or the error; of both each."""
    http = answer.http
    parts = [answer.status] if answer.status else []
    if http is not None and (http >= 400 or not parts):
        parts.insert(0, str(http))
    parts += answer.errors
    return " ".join(parts[:2]) + "".join(f"; {part}" for part in parts[2:])


def _end(outcome: str, answer: Answer, paint: Paint, *, counted: bool = False) -> Iterator[str]:
    """What became of it, with the tokens, unless they were told before, the time and the events."""
    bad = (answer.http or 200) >= 400 or answer.cut or bool(answer.errors)
    facts = [*(() if counted else _tokens(answer.usage)), *_course(answer)]
    tail = paint(f", {', '.join(facts)}", "dim") if facts else ""
    first, *rest = [paint(line, "bad" if bad else "good") for line in _wrapped(safe(outcome))]
    yield "\n    ".join([f"  = {first}", *rest]) + tail


def _tokens(usage: Json | None) -> Iterator[str]:
    if not usage or not isinstance(usage.get("total_tokens"), int):
        return
    names = {"input": "in", "output": "out", "thought": "thought", "tool_use": "tools"}
    parts = [
        f"{usage[f'total_{key}_tokens']:,} {name}"
        for key, name in names.items()
        if isinstance(usage.get(f"total_{key}_tokens"), int) and usage[f"total_{key}_tokens"]
    ]
    yield f"{usage['total_tokens']:,} tokens" + (f" ({' + '.join(parts)})" if parts else "")


def _course(answer: Answer) -> Iterator[str]:
    if answer.seconds is not None:
        yield f"{answer.seconds:.1f} s"
    if answer.events is not None:
        chunks = f" in {count_of(answer.chunks, 'chunk', grouped=True)}" if answer.chunks else ""
        yield f"{count_of(answer.events, 'event', grouped=True)}{chunks}"
    if answer.cut:
        yield "cut off"


def _kind(later: Later) -> tuple[str, str]:
    streamed = later.answer.events is not None
    return later.what, (f"stream {later.from_event}" if streamed else "")


def _after(what: tuple[str, str], later: list[Later]) -> str:
    """What was asked about an interaction afterwards, and what came of it."""
    outcomes = ", ".join(_outcome(item.answer) for item in later)
    if what[0] != "get":
        verb = {"cancel": "cancel", "delete": "delete"}.get(what[0], what[0])
        return f"{verb}: {outcomes}"
    if what[1]:
        start = later[0].from_event
        return f"streamed {f'from behind event {start}' if start else 'again'}: {outcomes}"
    return f"polled {times_of(len(later))}: {outcomes}"


def _keeper(folder: Path) -> Callable[[str], str]:
    @cache
    def names() -> dict[str, str]:
        files = folder.iterdir() if folder.is_dir() else ()
        return {path.stem: f"{FOLDER}/{path.name}" for path in files}

    return lambda data: names().get(hashlib.sha256(data.encode()).hexdigest(), "")
