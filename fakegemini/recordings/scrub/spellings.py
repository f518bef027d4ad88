"""A value in every spelling that a recording may give it: escaped, percent-encoded, in base64."""

from __future__ import annotations

import base64
import re

PLACEHOLDER = re.compile(r"SCRUBBED-\d+")
_WORD = "SCRUBBED"
_ESCAPED = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}


def spellings(value: str) -> re.Pattern[str]:
    """A pattern that finds `value` plainly (group 1), or inside base64 text (no group)."""
    encoded = value.encode("utf-8", "surrogateescape")
    cores = {_core(encoded, before) for before in range(3)}
    hidden = "|".join("".join(map(_in_base64, core)) for core in sorted(cores))
    return re.compile(f"({''.join(map(_char, value))})|{hidden}")


def replacement(found: re.Match[str], placeholder: str) -> str:
    """What takes the place of a spelling; base64 stays base64, of the same length."""
    if found[1] is not None:
        return placeholder
    length = len(found[0])
    return (_WORD * (length // len(_WORD) + 1))[:length]


def _char(char: str) -> str:
    if char.isascii() and (char.isalnum() or char == "_"):
        return char
    percent = "".join(f"%{_hex(byte, 2)}" for byte in char.encode("utf-8", "surrogateescape"))
    units = char.encode("utf-16-be", "surrogatepass")
    escape = "".join(
        rf"\\+u{_hex(int.from_bytes(units[at : at + 2]), 4)}" for at in range(0, len(units), 2)
    )
    ways = [rf"\\*{re.escape(char)}", percent, escape]
    if char in _ESCAPED:
        ways.append(rf"\\+{_ESCAPED[char]}")
    if char == " ":
        ways.append(r"\+")
    return f"(?:{'|'.join(ways)})"


def _hex(number: int, digits: int) -> str:
    return "".join(
        f"[{digit}{digit.upper()}]" if digit.isalpha() else digit
        for digit in f"{number:0{digits}x}"
    )


def _core(value: bytes, before: int) -> str:
    """The base64 characters that `value` alone decides, behind `before` bytes of something else."""
    text = base64.b64encode(bytes(before) + value + b"\0\0").decode()
    return text[-(-8 * before // 6) : 8 * (before + len(value)) // 6]


def _in_base64(char: str) -> str:
    if char == "+":
        return "(?:[+-]|%2[bB]|\\\\+u002[bB])"
    if char == "/":
        return r"(?:\\*/|_|%2[fF])"
    return char
