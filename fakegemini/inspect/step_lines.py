"""Write a step as lines for people: a label, and a text beside it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from ..wire.http import Json
from ..wording import count_characters, count_of, spell_json

Line: TypeAlias = tuple[str, str]
"""A label such as `user`, and the text beside it."""

Paint: TypeAlias = Callable[[str, str], str]
"""Colours a text by what it is: a label, `head`, `dim`, `good`, `bad`, `old` or `new`."""

_MAX_TEXT = 400
_POSITION_MEMBERS = ("type", "start_index", "end_index")
_LABELS = {"user_input": "user", "model_output": "model"}


class StepFormatter:
    """Writes steps as lines; it remembers the calls, to show which of them a result answers.

    find_attachment: returns the file that holds a base64 text, or an empty string
    """

    def __init__(self, find_attachment: Callable[[str], str] = lambda _: "") -> None:
        self._find_attachment = find_attachment
        self._calls: dict[str, tuple[str, str]] = {}

    def format_step(self, step: Json) -> Iterator[Line]:
        """Yield the lines of a step of any type, known or not."""
        kind = str(step.get("type", "step"))
        content = step.get("content")
        if kind.endswith("_call"):
            yield "call", self._call_text(step, kind.removesuffix("_call"))
        elif kind.endswith("_result"):
            yield from self._result_lines(step, kind.removesuffix("_result"))
        elif isinstance(content, list | str) and "summary" not in step:
            label = _LABELS.get(kind) or str(step.get("role", kind))
            yield from self._content_lines(label, content)
        elif kind == "thought":
            yield from self._thought_lines(step)
        else:
            members = {key: value for key, value in step.items() if key != "type"}
            yield kind, compact_json(members) if members else ""
        if isinstance(step.get("error"), dict):
            yield "error", compact_json(step["error"])

    def _call_text(self, step: Json, kind: str) -> str:
        """Return a call as `name(key=value)`, and remember it by its id."""
        name = tool_name(step, kind)
        raw_arguments = step.get("arguments")
        arguments = (
            raw_arguments
            if isinstance(raw_arguments, Mapping)
            else {"": raw_arguments}
            if raw_arguments
            else {}
        )
        argument_text = ", ".join(
            f"{key}={compact_json(value)}" if key else compact_json(value)
            for key, value in arguments.items()
        )
        call_text = f"{name}({argument_text})"
        self._calls[str(step.get("id", ""))] = name, call_text
        return call_text

    def _result_lines(self, step: Json, kind: str) -> Iterator[Line]:
        name, call_text = self._calls.get(str(step.get("call_id", "")), ("", ""))
        name = name or tool_name(step, kind)
        same_name_count = sum(call_name == name for call_name, _ in self._calls.values())
        value = step.get("result", step.get("content"))
        verb = "failed" if step.get("is_error") else "→"
        subject = call_text if call_text and same_name_count > 1 else name
        media = value if isinstance(value, list) and any(map(_is_medium, value)) else []
        if media:
            yield "result", f"{subject} {verb} {count_of(len(media), 'block')}"
            yield from self._content_lines("", media)
        else:
            yield "result", f"{subject} {verb} {_result_text(value)}"

    def _thought_lines(self, step: Json) -> Iterator[Line]:
        summary = step.get("summary")
        blocks = summary if isinstance(summary, list) else []
        texts = [str(b.get("text", "")) for b in blocks if isinstance(b, Mapping)]
        signed = "signed" if step.get("signature") else "unsigned"
        yield "thought", "\n".join(texts) if any(texts) else f"({signed}, no summary)"

    def _content_lines(self, label: str, content: list[Any] | str) -> Iterator[Line]:
        """Yield the texts of a content under one label, and each other block under its own."""
        blocks: list[Any] = [content] if isinstance(content, str) else content
        texts: list[str] = []
        citations: list[str] = []
        for block in blocks:
            if isinstance(block, str) or _is_text_block(block):
                texts.append(block if isinstance(block, str) else str(block["text"]))
                citations += _citation_texts(block)
                continue
            if texts:
                yield label, "\n".join(texts)
                texts = []
            yield from (
                self._block_lines(block)
                if isinstance(block, dict)
                else [("block", compact_json(block))]
            )
        if texts or not blocks:
            yield label, "\n".join(texts)
        yield from (("cites", text) for text in dict.fromkeys(citations))

    def _block_lines(self, block: Json) -> Iterator[Line]:
        """Yield the lines of a block that is no text."""
        kind = str(block.get("type", "block"))
        if "role" in block:  # a turn of the schema before 2026-05-20
            yield from self._content_lines(str(block["role"]), block.get("content") or "")
            return
        if not _is_medium(block):
            yield from self.format_step(block)
            return
        parts = [str(block.get("mime_type", "")), str(block.get("resolution", ""))]
        data = block.get("data")
        if isinstance(data, str):
            parts += [f"{_decoded_size(data):,} bytes", self._find_attachment(data)]
        parts.append(str(block.get("uri", "")))
        yield kind, ", ".join(part for part in parts if part)


def _is_text_block(block: Any) -> bool:
    return isinstance(block, dict) and "text" in block and "role" not in block


def tool_name(step: Json, kind: str) -> str:
    """Return the name of a function, with its MCP server, or that of the tool."""
    parts = [str(step[key]) for key in ("server_name", "name") if step.get(key)]
    return ".".join(parts) or kind


def compact_json(value: Any) -> str:
    """Write a value as JSON on one line, shortened where it is long."""
    return shorten_text(spell_json(value))


def shorten_text(text: str) -> str:
    """Return a text, or the half of a paragraph and the length where it is longer than that."""
    return count_characters(text, _MAX_TEXT, grouped=True)


def _result_text(value: Any) -> str:
    """Return the text of a result; JSON where it is neither a text nor blocks of text."""
    if isinstance(value, str):
        return shorten_text(value)
    if isinstance(value, list) and value:
        texts = [block.get("text") for block in value if isinstance(block, Mapping)]
        if all(isinstance(text, str) for text in texts) and len(texts) == len(value):
            return shorten_text("\n".join(map(str, texts)))
    return compact_json(value) if value is not None else "nothing"


def _is_medium(block: Any) -> bool:
    """Tell whether a block is a picture, a sound or a file, in itself or by its address."""
    return isinstance(block, Mapping) and ("data" in block or "uri" in block)


def _decoded_size(data: str) -> int:
    """Return how many bytes a base64 text holds, about as many where it is broken."""
    try:
        return len(base64.b64decode(data))
    except (binascii.Error, ValueError):
        return len(data) * 3 // 4


def _citation_texts(block: Any) -> list[str]:
    """Return what each citation of a text block names."""
    annotations = block.get("annotations") if isinstance(block, Mapping) else None
    return [
        ", ".join(
            str(value)
            for key, value in annotation.items()
            if key not in _POSITION_MEMBERS and value
        )
        for annotation in (annotations if isinstance(annotations, list) else ())
        if isinstance(annotation, Mapping)
    ]
