"""A value in every spelling that a recording may give it: escaped, percent-encoded, in base64."""

from __future__ import annotations

import base64
import re

PLACEHOLDER = re.compile(r"SCRUBBED-\d+")
_FILLER = "SCRUBBED"
_ESCAPE_LETTERS = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}


def spellings_pattern(value: str) -> re.Pattern[str]:
    """A pattern that finds `value` plainly (group 1), or inside base64 text (no group)."""
    encoded = value.encode("utf-8", "surrogateescape")
    cores = {_base64_core(encoded, offset) for offset in range(3)}
    hidden = "|".join("".join(map(_base64_char_pattern, core)) for core in sorted(cores))
    return re.compile(f"({''.join(map(_char_pattern, value))})|{hidden}")


def replacement_for(match: re.Match[str], placeholder: str) -> str:
    """What takes the place of a spelling; base64 stays base64, of the same length."""
    if match[1] is not None:
        return placeholder
    length = len(match[0])
    return (_FILLER * (length // len(_FILLER) + 1))[:length]


def _char_pattern(char: str) -> str:
    if char.isascii() and (char.isalnum() or char == "_"):
        return char
    percent = "".join(
        f"%{_hex_pattern(byte, 2)}" for byte in char.encode("utf-8", "surrogateescape")
    )
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


def _hex_pattern(number: int, digits: int) -> str:
    return "".join(
        f"[{digit}{digit.upper()}]" if digit.isalpha() else digit
        for digit in f"{number:0{digits}x}"
    )


def _base64_core(value: bytes, offset: int) -> str:
    """The base64 characters that `value` alone decides, behind `offset` bytes of something else."""
    text = base64.b64encode(bytes(offset) + value + b"\0\0").decode()
    return text[-(-8 * offset // 6) : 8 * (offset + len(value)) // 6]


def _base64_char_pattern(char: str) -> str:
    if char == "+":
        return "(?:[+-]|%2[bB]|\\\\+u002[bB])"
    if char == "/":
        return r"(?:\\*/|_|%2[fF])"
    return char
