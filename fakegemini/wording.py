"""Word what people read: nearest names, plurals, shortened texts, JSON, the five-part report.

Pure functions from values to text, shared by every room, so that the same thing is said in the
same way everywhere.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

_SURROGATES = re.compile("[\ud800-\udfff]")
_HUGE = "\ue000fakegemini huge\ue000"
LONG_TEXT = 400
"""How many characters of a text inside JSON a report shows."""


def nearest_name(name: object, names: Iterable[object], *, cutoff: float = 0.6) -> str:
    """Find the one of `names` most like `name`; empty where none is at least `cutoff` alike."""
    from difflib import get_close_matches

    close = get_close_matches(str(name), [str(each) for each in names], n=1, cutoff=cutoff)
    return close[0] if close else ""


def did_you_mean(name: object, names: Iterable[object], otherwise: str = "") -> str:
    """End a sentence about a wrong name with the nearest right one, or with `otherwise`."""
    nearest = nearest_name(name, names)
    return f", did you mean {nearest!r}?" if nearest else otherwise


def count_of(number: int, noun: str, plural: str = "", *, grouped: bool = False) -> str:
    """Write a number with its noun: `1 reply`, `2 replies`; the plural ends in s if not given.

    `grouped` puts commas between thousands, for people rather than for programs that read it.
    """
    digits = f"{number:,}" if grouped else str(number)
    return f"{digits} {noun if number == 1 else plural or noun + 's'}"


def times_of(number: int) -> str:
    """Write how often: `once`, `3 times`."""
    return "once" if number == 1 else f"{number} times"


_HARMLESS = {*" \u00a0\u1680\u202f\u205f\u3000\u200c\u200d", *map(chr, range(0x2000, 0x200B))}
"""Characters that Python does not call printable, and that steer nothing."""

_CI_COMMANDS = re.compile(
    r"^([^\S\n]*):(?=:[a-z])|#(?=#(?:vso|teamcity)?\[)", re.MULTILINE | re.IGNORECASE
)
"""How commands to CI begin: `::error`, at the start of a line, and `##[`, `##vso[`, `##teamcity[`.

So the runners of GitHub, Azure Pipelines and TeamCity read what a build prints.
"""


def spell_unsafe(text: str, *, keep: str = "\n\t") -> str:
    """Spell out what would steer whoever shows a text: a terminal, or the log of a CI.

    Escape sequences, bells, marks that turn the direction of text around, surrogates, and the
    first character of commands to CI. Line breaks and tabs stay, but for those not in `keep`.
    Whatever we print, log or raise goes through here. What was spelt out stays as it is.
    """
    if not text.isprintable():
        text = "".join(
            char if char.isprintable() or char in _HARMLESS or char in keep else _spell_char(char)
            for char in text
        )
    if "::" in text or "##" in text:
        text = _CI_COMMANDS.sub(lambda match: f"{match[1] or ''}{_spell_char(match[0][-1])}", text)
    return text


def spell_unsafe_json(text: str) -> str:
    """Do the same to JSON text, which stays the same JSON: inside strings anything is an escape."""
    if not text.isprintable():
        text = "".join(
            char if char.isprintable() or char in _HARMLESS or char == "\n" else _escape_char(char)
            for char in text
        )
    return re.sub("#(?=#)", r"\\u0023", text)


def _escape_char(char: str) -> str:
    return json.dumps(char)[1:-1] if ord(char) != 0x7F else "\\u007f"


def _spell_char(char: str) -> str:
    code = ord(char)
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )


def spell_json(value: Any, *, indent: int | None = None, compact: bool = False) -> str:
    """Write JSON that can be sent, kept and printed, whatever JSON can hold.

    Characters stay as they are, but for lone surrogates, which UTF-8 cannot say: they are escaped.
    A number beyond those of Python, such as 1e400, is written as `1e999`.
    """
    separators = (",", ":") if compact else None
    text = (
        _dump_compact(value)
        if compact and indent is None
        else json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    )
    if "Infinity" in text:
        marked = json.dumps(
            _mark_huge(value), ensure_ascii=False, indent=indent, separators=separators
        )
        text = marked.replace(f'"-{_HUGE}"', "-1e999").replace(f'"{_HUGE}"', "1e999")
    return text if text.isascii() else escape_surrogates(text)


def dumper(**options: Any) -> Callable[[Any], str]:
    """Return a function that writes JSON as `json.dumps` does with these options, only faster.

    `json.dumps` sets up its encoder in every call, which takes longer than writing a short value.
    """
    encoder = json.JSONEncoder(**options)
    make_fast = getattr(json.encoder, "c_make_encoder", None)
    if make_fast is None:  # a Python whose encoder is written in Python
        return encoder.encode
    spell_text = getattr(
        json.encoder, "encode_basestring_ascii" if encoder.ensure_ascii else "encode_basestring"
    )
    separators = encoder.key_separator, encoder.item_separator
    switches = encoder.sort_keys, encoder.skipkeys, encoder.allow_nan
    encode = make_fast(None, encoder.default, spell_text, None, *separators, *switches)

    def dump(value: Any) -> str:
        try:
            return "".join(encode(value, 0))
        except RecursionError:  # nested too deep, or inside itself: the slow one tells which
            return encoder.encode(value)

    return dump


_dump_compact = dumper(ensure_ascii=False, separators=(",", ":"))


def escape_surrogates(text: str) -> str:
    r"""Write lone surrogates as JSON does, such as `\ud83d`; a text without them is the same."""
    return _SURROGATES.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _mark_huge(value: Any) -> Any:
    """Put a mark for each number that is infinite."""
    if isinstance(value, dict):
        return {key: _mark_huge(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_mark_huge(member) for member in value]
    if isinstance(value, float) and math.isinf(value):
        return _HUGE if value > 0 else f"-{_HUGE}"
    return value


def cut_pieces(text: str) -> Iterator[str]:
    """Yield a text by pieces of a million characters: between two of them others have a turn."""
    for start in range(0, len(text), _PIECE):
        yield text[start : start + _PIECE]


_PIECE = 1_000_000


def shorten(text: str, longest: int) -> str:
    """Cut a text to `longest` characters, the last one an ellipsis where something is cut."""
    return text if len(text) <= longest else f"{text[: max(longest - 1, 0)]}…"


def spell_json_path(parts: Sequence[str | int]) -> str:
    """Write a JSON path as people do: `rules[0].when.input`; empty for the whole value."""
    spelled = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return "".join(spelled).removeprefix(".")


def readable_json(value: Any, *, longest: int | None = LONG_TEXT) -> str:
    """Write JSON as people read it; texts beyond `longest` characters show half of that."""
    try:
        return spell_json(_with_short_texts(value, longest), indent=2)
    except RecursionError:
        return "(nested too deep to show)"


def _with_short_texts(value: Any, longest: int | None) -> Any:
    if isinstance(value, dict):
        return {key: _with_short_texts(member, longest) for key, member in value.items()}
    if isinstance(value, list):
        return [_with_short_texts(member, longest) for member in value]
    return count_characters(value, longest) if isinstance(value, str) and longest else value


def count_characters(text: str, longest: int = LONG_TEXT, *, grouped: bool = False) -> str:
    """Show the first half of `longest` characters of a text that is longer, and its length.

    `grouped` puts commas between the thousands of the length.
    """
    if len(text) <= longest:
        return text
    return f"{text[: longest // 2]}… ({len(text):{',' if grouped else ''}} characters)"


def five_parts(what: str, *, asked: str, nearest: str, difference: str, fix: str) -> str:
    """Build a failure report: what happened, then four parts in their order under their heads."""
    parts = (("Asked", asked), ("Nearest", nearest), ("Difference", difference), ("Fix", fix))
    return "\n\n".join([what, *(f"{head}:\n{_indent(text)}" for head, text in parts)])


def _indent(text: str) -> str:
    lines = text.rstrip("\n").split("\n") if text else []  # other breaks stand inside of values
    return "\n".join(f"  {line}" for line in lines)


_MAX_CHARS = 80


def brief_json(value: Any) -> str:
    """Write a value as a finding quotes it: JSON where it can be, at most 80 characters."""
    if isinstance(value, str) and len(value) > _MAX_CHARS:
        value = f"{value[:_MAX_CHARS]}…"
    try:
        text = spell_json(value)
    except (TypeError, ValueError):
        text = repr(value)
    return shorten(text, _MAX_CHARS)
