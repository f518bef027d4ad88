"""Use code execution: code that the model writes, and what Python really prints for it.

Nothing is executed: a sum is worked out over its syntax tree.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from ...wire.http import Json
from ..citations import Statement
from ..step_builders import call_and_result
from ..task import Task
from ..thought import make_thought
from .tool_use import ToolUse

Number: TypeAlias = int | float

_SUM = re.compile(r"[\d(][\d\s().,+\-*/\u00d7\u00f7^%]*[\d)]")
_TO_PYTHON = str.maketrans({"\u00d7": "*", "\u00f7": "/", "^": "~", ",": None})
_SEARCHED_LENGTH = 2000  # characters of a prompt that are searched for a sum
_MAX_WORDS = 50  # words that the other program counts
_MAX_VALUE = 10**12  # what a sum may come to on its way
_MAX_BASE, _MAX_POWER = 1000, 12  # so that no power takes long to work out
_OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


def use_code_execution(task: Task, _: Sequence[Json]) -> ToolUse:
    """Print the sum that the prompt holds, or else how many words the prompt has."""
    code, output, failed = _write_program(task.situation.question)
    steps = run_code(task, code, output, failed=failed)
    verb = "failed with" if failed else "printed"
    return ToolUse(steps, (Statement(f"The code {verb} {output.strip()}."),))


def run_code(task: Task, code: str, output: str, *, failed: bool = False) -> tuple[Json, ...]:
    """Return the steps of one program: a thought, the call with its signature, the bare result.

    Recorded in 2026-10.
    """
    call, result = call_and_result(
        task.ids,
        "code_execution",
        {"arguments": {"code": code, "language": "python"}},
        {"is_error": failed, "result": output},
        signed=False,
    )
    thought, _ = make_thought(task, "The next step is to run code.", only_results=False)
    signed_call = {"id": call["id"], **({"signature": thought[0]["signature"]} if thought else {})}
    return *thought, {**signed_call, **call}, result


def _write_program(text: str) -> tuple[str, str, bool]:
    """Return a program, what it prints, and whether it fails."""
    for hit in _SUM.finditer(text[:_SEARCHED_LENGTH]):
        expression = hit[0].translate(_TO_PYTHON).replace("~", "**").strip()
        try:
            tree = ast.parse(expression, mode="eval").body
            if isinstance(tree, ast.BinOp):
                return f"print({expression})", f"{_evaluate(tree)}\n", False
        except ZeroDivisionError as error:
            return f"print({expression})", f"ZeroDivisionError: {error}\n", True
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    words = text.split()[:_MAX_WORDS]
    return f"print(len({words!r}))", f"{len(words)}\n", False


def _evaluate(node: ast.expr) -> Number:
    """Return the value of a sum; raise ValueError for anything else, and for what is too large."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return _check_magnitude(value)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_evaluate(inner)
        case ast.UnaryOp(op=ast.UAdd(), operand=inner):
            return _evaluate(inner)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, power = _evaluate(left), _evaluate(right)
            if abs(base) > _MAX_BASE or not 0 <= power <= _MAX_POWER:
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
