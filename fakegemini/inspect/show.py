"""Write a cassette as text for people: who says what, turn by turn."""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from ..protocol.step_reading import CONTENT_TYPES
from ..recordings.answers import RecordedAnswer
from ..recordings.attachments import ATTACHMENT_FOLDER
from ..wire.http import Json
from ..wording import count_of, spell_unsafe, times_of
from .step_lines import (
    Line,
    Paint,
    StepFormatter,
    compact_json,
    shorten_text,
    tool_name,
)
from .turns import CassetteView, FollowUpView, TurnView

_WIDTH = 100
_LABEL_WIDTH = 9
_BLANK_LINES = re.compile(r"\n\s*\n\s*\n")
_SHORT_NAMES = {"generation_config": "config", "response_format": "format"}
_FLAGS = ("stream", "background")


def render_view(view: CassetteView, paint: Paint = lambda text, _: text) -> str:
    """Return a whole cassette as text, without the control characters of what was recorded."""
    return "\n".join(line.rstrip() for line in _cassette_lines(view, paint))


def _cassette_lines(view: CassetteView, paint: Paint) -> Iterator[str]:
    yield paint(view.file, "head")
    count = len(view.conversations)
    parts = [
        count_of(view.exchanges, "exchange", grouped=True),
        count_of(count, "conversation", grouped=True),
        *_head_facts(view.head),
    ]
    yield paint(spell_unsafe(", ".join(parts)), "dim")
    find_attachment = _attachment_finder(Path(view.file).parent / ATTACHMENT_FOLDER)
    has_chains = count > 1 and any(len(turns) > 1 for turns in view.conversations)
    for number, turns in enumerate(view.conversations, start=1):
        if has_chains:
            yield ""
            yield paint(f"Conversation {number}", "head")
        formatter, shown_lines = StepFormatter(find_attachment), set[Line]()
        settings_by_number: dict[int | str | None, Json] = {}
        for turn in turns:
            yield ""
            yield from _turn_lines(
                turn, settings_by_number.get(turn.after, {}), formatter, shown_lines, paint
            )
            settings_by_number[turn.number] = turn.settings
    for exchange in view.others:
        yield ""
        yield f"{paint(f'#{exchange.number}', 'head')} {spell_unsafe(exchange.asked)}"
        yield from _end_line(_outcome(exchange.answer), exchange.answer, paint)


def _head_facts(head: Json) -> Iterator[str]:
    for key, value in head.items():
        if key != "format" and (isinstance(value, str | int) or hasattr(value, "isoformat")):
            yield f"{key.replace('_', ' ')} {value}"


def _turn_lines(
    turn: TurnView,
    previous_settings: Json,
    formatter: StepFormatter,
    shown_lines: set[Line],
    paint: Paint,
) -> Iterator[str]:
    yield paint(f"#{turn.number}", "head") + spell_unsafe(_title(turn, previous_settings))
    for label, text in _setting_lines(turn.settings, previous_settings):
        yield from _labelled_lines(label, text, paint)
    repeat_count, fresh_lines = _split_input(turn, formatter, shown_lines)
    if repeat_count:
        yield from _labelled_lines(
            "again",
            f"{count_of(repeat_count, 'step', grouped=True)} of the conversation so far",
            paint,
        )
    output_lines = [
        line for step in turn.answer.output_steps for line in formatter.format_step(step)
    ]
    for label, text in (*fresh_lines, *output_lines):
        yield from _labelled_lines(label, text, paint)
    if turn.answer.text:
        yield from _labelled_lines("body", shorten_text(turn.answer.text), paint)
    shown_lines.update((*fresh_lines, *output_lines))
    if turn.answer.http is not None:
        yield from _end_line(_outcome(turn.answer), turn.answer, paint)
    latest_steps, usage = turn.answer.output_steps, turn.answer.usage
    for kind, group in groupby(turn.later, _follow_up_kind):
        follow_ups = list(group)
        new_steps = follow_ups[-1].answer.output_steps
        if new_steps and new_steps != latest_steps:
            for line in (line for step in new_steps for line in formatter.format_step(step)):
                shown_lines.add(line)
                yield from _labelled_lines(*line, paint)
            latest_steps = new_steps
        last_answer = follow_ups[-1].answer
        yield from _end_line(
            _follow_up_text(kind, follow_ups),
            last_answer,
            paint,
            usage_shown=last_answer.usage == usage,
        )
        usage = last_answer.usage or usage


def _title(turn: TurnView, previous_settings: Json) -> str:
    """Return what stands behind the number of a turn: what it continues, its model, its flags."""
    settings = turn.settings
    agent_or_model = settings.get("agent") or settings.get("model") or ""
    unchanged = agent_or_model in (previous_settings.get("agent"), previous_settings.get("model"))
    parts = [] if not agent_or_model or unchanged else [str(agent_or_model)]
    parts += [flag for flag in _FLAGS if settings.get(flag)]
    parts += ["not stored"] if settings.get("store") is False else []
    parts += ["legacy schema"] if turn.legacy else []
    parts = parts or ([] if turn.settings or not turn.later else [turn.id])
    position = f" after #{turn.after}" if isinstance(turn.after, int) else ""
    position = position or (f" after {turn.after}, which is not here" if turn.after else "")
    position += ", a branch" if turn.branch else ""
    return f"{position}{':' if position and parts else ''} {', '.join(parts)}"


def _setting_lines(settings: Json, previous_settings: Json) -> Iterator[Line]:
    """Yield the members of a request that differ from those of the turn before."""
    for key, value in settings.items():
        if key in ("model", "agent", "store", *_FLAGS) or previous_settings.get(key) == value:
            continue
        if key == "system_instruction" and isinstance(value, str):
            yield "system", value
        elif key == "tools" and isinstance(value, list):
            yield "tools", ", ".join(_tool_text(tool) for tool in value)
        else:
            name = _SHORT_NAMES.get(key, key)
            is_flat = isinstance(value, dict) and not any(
                isinstance(v, dict) for v in value.values()
            )
            pairs = ", ".join(f"{k}={compact_json(v)}" for k, v in value.items()) if is_flat else ""
            yield name, pairs or compact_json(value)


def _tool_text(tool: Any) -> str:
    return (
        tool_name(tool, str(tool.get("type", "?")))
        if isinstance(tool, dict)
        else compact_json(tool)
    )


def _split_input(
    turn: TurnView, formatter: StepFormatter, shown_lines: set[Line]
) -> tuple[int, list[Line]]:
    """Return how many steps of the input were shown before, and the lines of the others.

    Clients that keep the history themselves send all of it each time.
    """
    lines_by_step = [list(formatter.format_step(step)) for step in turn.asked]
    last_resent = max((n for n, step in enumerate(turn.asked) if _is_model_step(step)), default=-1)
    repeats = [
        number <= last_resent and set(lines) <= shown_lines
        for number, lines in enumerate(lines_by_step)
    ]
    fresh_lines = [
        line
        for lines, is_repeat in zip(lines_by_step, repeats, strict=True)
        if not is_repeat
        for line in lines
    ]
    return sum(repeats), fresh_lines


def _is_model_step(step: Json) -> bool:
    kind = str(step.get("type", ""))
    return kind in ("model_output", "thought") or kind.endswith("_call")


def _labelled_lines(label: str, text: str, paint: Paint) -> Iterator[str]:
    """Yield a label with its text beside it, in lines that fit the width."""
    paragraphs = _BLANK_LINES.sub("\n\n", spell_unsafe(text).strip("\n")).split("\n")
    unbroken = label in CONTENT_TYPES  # these texts are the names of files
    lines = paragraphs if unbroken else [part for line in paragraphs for part in _wrap(line)]
    indent = " " * (_LABEL_WIDTH + 2)
    first, *further_lines = lines or [""]
    if len(label) > _LABEL_WIDTH:
        yield f"  {paint(label, label)} {first}"
    else:
        yield f"  {paint(label, label)}{' ' * (_LABEL_WIDTH - len(label))}{first}"
    yield from (f"{indent}{line}" for line in further_lines)


def _wrap(line: str) -> list[str]:
    """Break a line at spaces where it is too wide, keeping its indent."""
    indent = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(
        line,
        _WIDTH - _LABEL_WIDTH - 2,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def _outcome(answer: RecordedAnswer) -> str:
    """Return the status of an interaction, the HTTP status of a failure, and the errors."""
    http = answer.http
    parts = [answer.status] if answer.status else []
    if http is not None and (http >= 400 or not parts):
        parts.insert(0, str(http))
    parts += answer.errors
    return " ".join(parts[:2]) + "".join(f"; {part}" for part in parts[2:])


def _end_line(
    outcome: str, answer: RecordedAnswer, paint: Paint, *, usage_shown: bool = False
) -> Iterator[str]:
    """Yield the line that ends a turn: its outcome, tokens, seconds and events.

    `usage_shown`: an earlier line of the turn has the same tokens.
    """
    failed = (answer.http or 200) >= 400 or answer.cut or bool(answer.errors)
    facts = [*(() if usage_shown else _token_facts(answer.usage)), *_transfer_facts(answer)]
    tail = paint(f", {', '.join(facts)}", "dim") if facts else ""
    first, *further_lines = [
        paint(line, "bad" if failed else "good") for line in _wrap(spell_unsafe(outcome))
    ]
    yield "\n    ".join([f"  = {first}", *further_lines]) + tail


def _token_facts(usage: Json | None) -> Iterator[str]:
    """Yield the total of the tokens, with its parts."""
    if not usage or not isinstance(usage.get("total_tokens"), int):
        return
    names = {"input": "in", "output": "out", "thought": "thought", "tool_use": "tools"}
    parts = [
        f"{usage[f'total_{key}_tokens']:,} {name}"
        for key, name in names.items()
        if isinstance(usage.get(f"total_{key}_tokens"), int) and usage[f"total_{key}_tokens"]
    ]
    yield f"{usage['total_tokens']:,} tokens" + (f" ({' + '.join(parts)})" if parts else "")


def _transfer_facts(answer: RecordedAnswer) -> Iterator[str]:
    """Yield how an answer came: its seconds, its events and chunks, and whether it was cut."""
    if answer.seconds is not None:
        yield f"{answer.seconds:.1f} s"
    if answer.events is not None:
        chunks = f" in {count_of(answer.chunks, 'chunk', grouped=True)}" if answer.chunks else ""
        yield f"{count_of(answer.events, 'event', grouped=True)}{chunks}"
    if answer.cut:
        yield "cut off"


def _follow_up_kind(follow_up: FollowUpView) -> tuple[str, str]:
    """Return what follow-ups are grouped by: the operation, and where a stream was resumed."""
    streamed = follow_up.answer.events is not None
    return follow_up.what, (f"stream {follow_up.from_event}" if streamed else "")


def _follow_up_text(kind: tuple[str, str], follow_ups: list[FollowUpView]) -> str:
    """Return what was asked about an interaction afterwards, and the outcomes."""
    outcomes = ", ".join(_outcome(follow_up.answer) for follow_up in follow_ups)
    if kind[0] != "get":
        verb = {"cancel": "cancel", "delete": "delete"}.get(kind[0], kind[0])
        return f"{verb}: {outcomes}"
    if kind[1]:
        start = follow_ups[0].from_event
        return f"streamed {f'from behind event {start}' if start else 'again'}: {outcomes}"
    return f"polled {times_of(len(follow_ups))}: {outcomes}"


def _attachment_finder(folder: Path) -> Callable[[str], str]:
    """Return a function from a base64 text to the attachment that holds it, or to ``."""

    @cache
    def attachment_names() -> dict[str, str]:
        files = folder.iterdir() if folder.is_dir() else ()
        return {path.stem: f"{ATTACHMENT_FOLDER}/{path.name}" for path in files}

    return lambda data: attachment_names().get(hashlib.sha256(data.encode()).hexdigest(), "")
