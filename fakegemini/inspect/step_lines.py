"""One step in words: a label, and a text beside it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from ..wire.http import Json

Line: TypeAlias = tuple[str, str]
"""A label such as `user`, and what stands beside it."""

Paint: TypeAlias = Callable[[str, str], str]
"""Takes a text and what it is (a label, `head`, `dim`, `good`, `bad`), gives it coloured or not."""

_LONG = 400
_CONTROLS = {n: "�" for n in (*range(9), *range(11, 32), *range(127, 160))}
_WHERE = ("type", "start_index", "end_index")
_WHO = {"user_input": "user", "model_output": "model"}


class Speaker:
    """Says steps; it remembers the calls, to say which of them a result answers.

    `kept` tells the file in which a base64 text is kept, or nothing.
    """

    def __init__(self, kept: Callable[[str], str] = lambda _: "") -> None:
        self._kept = kept
        self._calls: dict[str, tuple[str, str]] = {}

    def lines(self, step: Json) -> Iterator[Line]:
        """The lines of a step of any type, known to us or not."""
        kind = str(step.get("type", "step"))
        content = step.get("content")
        if kind.endswith("_call"):
            yield "call", self._call(step, kind.removesuffix("_call"))
        elif kind.endswith("_result"):
            yield from self._result(step, kind.removesuffix("_result"))
        elif isinstance(content, list | str) and "summary" not in step:
            who = _WHO.get(kind) or str(step.get("role", kind))
            yield from self._content(who, content)
        elif kind == "thought":
            yield from self._thought(step)
        else:
            rest = {key: item for key, item in step.items() if key != "type"}
            yield kind, plain(rest) if rest else ""
        if isinstance(step.get("error"), dict):
            yield "error", plain(step["error"])

    def _call(self, step: Json, kind: str) -> str:
        name = named(step, kind)
        given = step.get("arguments")
        arguments = given if isinstance(given, Mapping) else {"": given} if given else {}
        shown = ", ".join(
            f"{key}={plain(value)}" if key else plain(value) for key, value in arguments.items()
        )
        whole = f"{name}({shown})"
        self._calls[str(step.get("id", ""))] = name, whole
        return whole

    def _result(self, step: Json, kind: str) -> Iterator[Line]:
        name, whole = self._calls.get(str(step.get("call_id", "")), ("", ""))
        name = name or named(step, kind)
        twins = sum(other == name for other, _ in self._calls.values())
        value = step.get("result", step.get("content"))
        verb = "failed" if step.get("is_error") else "→"
        head = whole if whole and twins > 1 else name
        media = value if isinstance(value, list) and any(map(_medium, value)) else []
        if media:
            yield "result", f"{head} {verb} {len(media)} block{'s' * (len(media) > 1)}"
            yield from self._content("", media)
        else:
            yield "result", f"{head} {verb} {_said(value)}"

    def _thought(self, step: Json) -> Iterator[Line]:
        blocks = step.get("summary")
        texts = [str(b.get("text", "")) for b in blocks or () if isinstance(b, Mapping)]
        signed = "signed" if step.get("signature") else "unsigned"
        yield "thought", "\n".join(texts) if any(texts) else f"({signed}, no summary)"

    def _content(self, who: str, content: list[Any] | str) -> Iterator[Line]:
        blocks: list[Any] = [content] if isinstance(content, str) else content
        texts: list[str] = []
        cited: list[str] = []
        for block in blocks:
            if isinstance(block, str) or ("text" in block and "role" not in block):
                texts.append(block if isinstance(block, str) else str(block["text"]))
                cited += _cited(block)
                continue
            if texts:
                yield who, "\n".join(texts)
                texts = []
            yield from self._block(block)
        if texts or not blocks:
            yield who, "\n".join(texts)
        yield from (("cites", text) for text in dict.fromkeys(cited))

    def _block(self, block: Json) -> Iterator[Line]:
        kind = str(block.get("type", "block"))
        if "role" in block:  # a turn of the schema before 2026-05-20
            yield from self._content(str(block["role"]), block.get("content") or "")
            return
        if not _medium(block):
            yield from self.lines(block)
            return
        parts = [str(block.get("mime_type", "")), str(block.get("resolution", ""))]
        data = block.get("data")
        if isinstance(data, str):
            parts += [f"{_size(data):,} bytes", self._kept(data)]
        parts.append(str(block.get("uri", "")))
        yield kind, ", ".join(part for part in parts if part)


def named(step: Json, kind: str) -> str:
    """The name of what is called: the function's, with its server's, or that of the tool."""
    parts = [str(step[key]) for key in ("server_name", "name") if step.get(key)]
    return ".".join(parts) or kind


def plain(value: Any) -> str:
    """JSON on one line, shortened where it is long."""
    return short(json.dumps(value, ensure_ascii=False))


def safe(text: str) -> str:
    """A recorded text without what moves a terminal's cursor or colours it."""
    return text.translate(_CONTROLS)


def short(text: str) -> str:
    """A text that is not much longer than a paragraph."""
    return text if len(text) <= _LONG else f"{text[: _LONG // 2]}… ({len(text):,} characters)"


def _said(value: Any) -> str:
    """A result: the text, where it is one or blocks of it."""
    if isinstance(value, str):
        return short(value)
    if isinstance(value, list) and value:
        texts = [item.get("text") for item in value if isinstance(item, Mapping)]
        if all(isinstance(text, str) for text in texts) and len(texts) == len(value):
            return short("\n".join(map(str, texts)))
    return plain(value) if value is not None else "nothing"


def _medium(block: Any) -> bool:
    return isinstance(block, Mapping) and ("data" in block or "uri" in block)


def _size(data: str) -> int:
    try:
        return len(base64.b64decode(data))
    except (binascii.Error, ValueError):
        return len(data) * 3 // 4


def _cited(block: Any) -> list[str]:
    notes = block.get("annotations") if isinstance(block, Mapping) else None
    return [
        ", ".join(str(item) for key, item in note.items() if key not in _WHERE and item)
        for note in notes or ()
        if isinstance(note, Mapping)
    ]
