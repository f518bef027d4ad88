"""Call the functions of a test: what goes wrong in one is told with its file and line."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import AsyncGeneratorType, CoroutineType
from typing import Any

from ..errors import BadScript, FakeGeminiError


def call_own_function(
    function: Callable[..., Any], read_result: Callable[[Any], Any], *arguments: Any
) -> Any:
    """Call a function of the test, and read what it gives inside of the same guard.

    Raises `BadScript` that names the function, and the file and line where it failed or, where it
    gave what cannot be, where it is defined.
    """
    name = function_name(function)
    try:
        result = function(*arguments)
        _refuse_async(result)
        return read_result(result)
    except BadScript as error:
        raise BadScript(f"the function {name}{_definition_place(function)}: {error}") from error
    except FakeGeminiError:
        raise
    except Exception as error:  # whatever the test's own function raises is the test's to know
        raise BadScript(
            f"the function {name} failed on a request: {type(error).__name__}: {error}"
            f"{_error_place(error, function)}"
        ) from error


def _refuse_async(result: Any) -> None:
    """Raise `BadScript` for what an `async def` gives, which is true whatever it would say."""
    if isinstance(result, CoroutineType):
        result.close()
        raise BadScript("it is async, and nobody awaits it. Fix: a plain `def`")
    if isinstance(result, AsyncGeneratorType):
        raise BadScript("it is an async generator, and nobody awaits it. Fix: a plain `def`")


def describe_own_error(error: BaseException) -> str:
    """Say where in a user's file an error arose, with its text; empty where it arose elsewhere.

    For what calls the user's code in many places, such as a fault, a clock or a store.
    """
    traceback, own_lines = error.__traceback__, list[tuple[str, int]]()
    while traceback:
        file = traceback.tb_frame.f_code.co_filename
        if not file.startswith(("<", *_foreign_folders())):
            own_lines.append((file, traceback.tb_lineno))
        traceback = traceback.tb_next
    if not own_lines:
        return ""
    return f"{type(error).__name__}: {error}{_spell_place(*own_lines[-1])}"


@cache
def _foreign_folders() -> tuple[str, ...]:
    """Return the folders whose code is no test's: ours, and those of libraries."""
    import sysconfig

    libraries = map(sysconfig.get_path, ("stdlib", "platstdlib", "purelib", "platlib"))
    return (str(Path(__file__).parents[1]), *libraries)


def function_name(function: Any) -> str:
    """Return the name of a function as a text quotes it; that of its class where it has none."""
    return getattr(function, "__name__", None) or type(function).__name__


def _error_place(error: BaseException, function: Any) -> str:
    """Say where an error came from: the deepest line of the file that has the function."""
    traceback, lines = error.__traceback__, list[tuple[str, int]]()
    while traceback:
        lines.append((traceback.tb_frame.f_code.co_filename, traceback.tb_lineno))
        traceback = traceback.tb_next
    code = _code_of(function)
    own_lines = [line for line in lines if code and line[0] == code.co_filename]
    if not own_lines:  # built in, or called with the wrong arguments
        return _definition_place(function)
    return _spell_place(*own_lines[-1])


def _definition_place(function: Any) -> str:
    code = _code_of(function)
    return _spell_place(code.co_filename, code.co_firstlineno) if code else ""


def _code_of(function: Any) -> Any:
    target = getattr(function, "func", function)  # of a `partial`
    target = getattr(target, "__func__", target)  # of a method
    if not hasattr(target, "__code__"):  # an object that can be called
        target = vars(type(target)).get("__call__")
    return getattr(target, "__code__", None)


def _spell_place(file: str, line: int) -> str:
    path = Path(file)
    try:
        short_path = path.relative_to(os.getcwd())
    except ValueError:
        short_path = path
    return f" ({short_path}:{line})"
