"""Code that the model writes, and what Python really prints for it: nothing is executed."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import TypeAlias

from .job import Finding, Job, Use

Number: TypeAlias = int | float

_SUM = re.compile(r"[\d(][\d\s().,+\-*/\u00d7\u00f7^%]*[\d)]")
_SPOKEN = str.maketrans({"\u00d7": "*", "\u00f7": "/", "^": "~", ",": None})
_MOST = 10**12  # what a sum may come to on its way
_OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


def code_execution(job: Job) -> Use:
    """The sum that the prompt holds, or else how many words the prompt has."""
    code, printed, failed = _program(job.scene.question)
    steps = job.pair(
        "code_execution",
        {"arguments": {"language": "python", "code": code}},
        {"result": printed, "is_error": failed},
    )
    verb = "failed with" if failed else "printed"
    return Use(steps, (Finding(f"The code {verb} {printed.strip()}."),))


def _program(text: str) -> tuple[str, str, bool]:
    for hit in _SUM.finditer(text[:2000]):
        written = hit[0].translate(_SPOKEN).replace("~", "**").strip()
        try:
            tree = ast.parse(written, mode="eval").body
            if isinstance(tree, ast.BinOp):
                return f"print({written})", f"{_value(tree)}\n", False
        except ZeroDivisionError as error:
            return f"print({written})", f"ZeroDivisionError: {error}\n", True
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    words = text.split()[:50]
    return f"print(len({words!r}))", f"{len(words)}\n", False


def _value(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=int() | float() as value):
            return _small(value)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_value(inner)
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _value(inner)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, power = _value(left), _value(right)
            if abs(base) > 1000 or not 0 <= power <= 12:
                raise ValueError(f"{base} to the {power}")
            return _small(float(base) ** power if isinstance(power, float) else base**power)
        case ast.BinOp(left=left, op=symbol, right=right) if type(symbol) in _OPERATORS:
            return _small(_OPERATORS[type(symbol)](_value(left), _value(right)))
    raise ValueError("no sum")


def _small(value: Number) -> Number:
    if abs(value) > _MOST:
        raise ValueError(f"{value} is too much")
    return value
