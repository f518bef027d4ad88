"""Find a value in every spelling that a recording may have: escaped, percent-encoded, in base64."""

from __future__ import annotations

import base64
import binascii
import re

MASKED = "SCRUBBED"
"""What every placeholder begins with."""

MASKED_BASE64 = re.compile(rf"(?:{MASKED})+(?!-)[{MASKED}]*")
"""Find what stands for a secret inside of base64, which keeps its length."""

SCRUBBED_VALUE = re.compile(rf"{MASKED}-\d+")
"""Find what we put in place of secrets; what other recorders do is `server_names.REDACTED`."""

_LONG = 4_000
_ESCAPE_LETTERS = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}


def placeholder(number: int) -> str:
    """Spell what takes the place of the secret of a number."""
    return f"{MASKED}-{number}"


def spellings_pattern(value: str) -> re.Pattern[str]:
    """Build a pattern that finds `value` in any spelling (group 1), or in base64 (no group).

    A long one is a block of its own, and not looked for in base64.
    """
    if len(value) > _LONG:
        return re.compile(f"({''.join(map(_char_pattern, value))})")
    encoded = _utf8(value)
    cores = {_base64_core(encoded, offset) for offset in range(3)}
    hidden = "|".join("".join(map(_base64_char_pattern, core)) for core in sorted(cores))
    return re.compile(f"({''.join(map(_char_pattern, value))})|{hidden}")


def replacement_for(match: re.Match[str], number: int) -> str:
    """Spell what takes the place of a match; base64 stays base64 of the same length."""
    if match[1] is not None:
        return placeholder(number)
    length = len(match[0])
    return (MASKED * (length // len(MASKED) + 1))[:length]


def _char_pattern(char: str) -> str:
    """Build the pattern of one character: plain, escaped in JSON, or percent-encoded."""
    if char.isascii() and (char.isalnum() or char == "_"):
        return char
    percent = "".join(f"%{_hex_pattern(byte, 2)}" for byte in _utf8(char))
    units = char.encode("utf-16-be", "surrogatepass")
    escape = "".join(
        rf"\\+u{_hex_pattern(int.from_bytes(units[index : index + 2]), 4)}"
        for index in range(0, len(units), 2)
    )
    alternatives = [rf"\\*{re.escape(char)}", percent, escape]
    if char in _ESCAPE_LETTERS:
        alternatives.append(rf"\\+{_ESCAPE_LETTERS[char]}")
    if char == " ":
        alternatives.append(r"\+")
    return f"(?:{'|'.join(alternatives)})"


def _utf8(text: str) -> bytes:
    """Encode a text, bytes that were no UTF-8 as they were; lone surrogates are no hindrance."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _hex_pattern(number: int, digits: int) -> str:
    """Build the pattern of a number in hexadecimal, in either case."""
    return "".join(
        f"[{digit}{digit.upper()}]" if digit.isalpha() else digit
        for digit in f"{number:0{digits}x}"
    )


def _base64_core(value: bytes, offset: int) -> str:
    """Return the base64 characters that depend on `value` alone if `offset` bytes are before it."""
    text = base64.b64encode(bytes(offset) + value + b"\0\0").decode()
    return text[-(-8 * offset // 6) : 8 * (offset + len(value)) // 6]


def _base64_char_pattern(char: str) -> str:
    """Build the pattern of a base64 character in both alphabets, escaped or percent-encoded."""
    if char == "+":
        return "(?:[+-]|%2[bB]|\\\\+u002[bB])"
    if char == "/":
        return r"(?:\\*/|_|%2[fF])"
    return char


def decode_base64_text(value: str) -> str | None:
    """Decode base64, URL-safe or not, to readable text; None where it holds anything else."""
    plain = value.translate(_FROM_URL_SAFE).rstrip("=")
    try:
        raw = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        text = raw.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return text if all(char.isprintable() or char.isspace() for char in text) else None


_FROM_URL_SAFE = str.maketrans("-_", "+/")
