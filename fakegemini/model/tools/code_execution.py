"""Code that the model writes, and what Python really prints for it: nothing is executed."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import TypeAlias

from .job import Statement, ToolJob, ToolUse

Number: TypeAlias = int | float

_SUM = re.compile(r"[\d(][\d\s().,+\-*/\u00d7\u00f7^%]*[\d)]")
_TO_PYTHON = str.maketrans({"\u00d7": "*", "\u00f7": "/", "^": "~", ",": None})
_MAX_VALUE = 10**12  # what a sum may come to on its way
_OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


def use_code_execution(job: ToolJob) -> ToolUse:
    """The sum that the prompt holds, or else how many words the prompt has."""
    code, output, failed = _write_program(job.situation.question)
    steps = job.make_steps(
        "code_execution",
        {"arguments": {"language": "python", "code": code}},
        {"result": output, "is_error": failed},
    )
    verb = "failed with" if failed else "printed"
    return ToolUse(steps, (Statement(f"The code {verb} {output.strip()}."),))


def _write_program(text: str) -> tuple[str, str, bool]:
    for hit in _SUM.finditer(text[:2000]):
        expression = hit[0].translate(_TO_PYTHON).replace("~", "**").strip()
        try:
            tree = ast.parse(expression, mode="eval").body
            if isinstance(tree, ast.BinOp):
                return f"print({expression})", f"{_evaluate(tree)}\n", False
        except ZeroDivisionError as error:
            return f"print({expression})", f"ZeroDivisionError: {error}\n", True
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    words = text.split()[:50]
    return f"print(len({words!r}))", f"{len(words)}\n", False


def _evaluate(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=int() | float() as value):
            return _check_magnitude(value)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_evaluate(inner)
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _evaluate(inner)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, power = _evaluate(left), _evaluate(right)
            if abs(base) > 1000 or not 0 <= power <= 12:
                raise ValueError(f"{base} to the {power}")
            return _check_magnitude(
                float(base) ** power if isinstance(power, float) else base**power
            )
        case ast.BinOp(left=left, op=symbol, right=right) if type(symbol) in _OPERATORS:
            return _check_magnitude(_OPERATORS[type(symbol)](_evaluate(left), _evaluate(right)))
    raise ValueError("no sum")


def _check_magnitude(value: Number) -> Number:
    if abs(value) > _MAX_VALUE:
        raise ValueError(f"{value} is too much")
    return value
