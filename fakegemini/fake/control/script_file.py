"""Read a script from a file: YAML or JSON in our forms, or Python; read again when it changes.

The file is looked at before each request, not watched: the next request gets what it says by then.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, TypeAlias

from ...errors import BadScript, FormMistake
from ...recordings.plain_files import read_plain_file
from ...wire.http import Handler, Reply, Request
from ...wording import nearest_name
from ..routes import CONTROL_PREFIX
from .control_routes import Control


class ScriptedFake(Protocol):
    """What a script file needs of a fake; a Python script gets the fake itself."""

    @property
    def control(self) -> Control:
        """Its control routes, and all that it remembers."""


ApplyScript: TypeAlias = Callable[[ScriptedFake], object]
"""Puts what a script says into a fake."""

_MODULE = "fakegemini_script"
_RESET = f"{CONTROL_PREFIX}/reset"


class ScriptFile:
    """A file whose script is in a fake, and is replaced there when the file changes.

    Raises `BadScript`, in one line with the file and the place, for a file that is no script.
    """

    def __init__(self, path: Path, fake: ScriptedFake) -> None:
        self._path = path
        self._fake = fake
        self._last_version = self._file_version()
        self._apply_script = read_script(path)
        self._replace_script(self._apply_script)

    def wrap(self, handler: Handler, write: Callable[[str], object]) -> Handler:
        """Look at the file before each request to `handler`; `write` gets a line of news.

        A new version that has a mistake leaves the last good one in place. After a reset the
        script begins anew.
        """

        def answer(request: Request) -> Reply:
            self._reread_if_changed(write)
            reply = handler(request)
            if request.path.rstrip("/") == _RESET and reply.status == 200:
                self._replace_script(self._apply_script)
            return reply

        return answer

    def _reread_if_changed(self, write: Callable[[str], object]) -> None:
        version = self._file_version()
        if version == self._last_version:
            return
        self._last_version = version
        try:
            apply_script = read_script(self._path)
            self._replace_script(apply_script)
        except BadScript as error:
            write(f"{error} (the last good version stays)")
            return
        self._apply_script = apply_script
        write(f"{self._path} is read again")

    def _file_version(self) -> tuple[int, int] | None:
        try:
            file_stat = self._path.stat()
        except OSError:
            return None
        return file_stat.st_mtime_ns, file_stat.st_size

    def _replace_script(self, apply_script: ApplyScript) -> None:
        # The file's own rules go, and come back in front of those that somebody posted.
        state = self._fake.control.state
        state.replace_script(str(self._path), lambda: apply_script(self._fake))


def read_script(path: Path) -> ApplyScript:
    """Read a script; raises `BadScript` in one line for a file that is no script."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise BadScript(f"{path}: a script is one of {', '.join(READERS)}")
    try:
        text = read_plain_file(path).decode("utf-8-sig")
    except OSError as error:
        raise BadScript(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise BadScript(f"{path}: is not UTF-8: {error.reason}") from None
    return reader(path, text)


def _read_python(path: Path, text: str) -> ApplyScript:
    module = ModuleType(_MODULE)
    module.__file__ = str(path)
    sys.modules[_MODULE] = module  # dataclasses look their module up by its name
    try:
        exec(compile(text, str(path), "exec"), module.__dict__)
    except Exception as error:
        raise BadScript(_describe_error(path, error)) from None
    script = getattr(module, "script", None)
    if not callable(script):
        names = [name for name, value in vars(module).items() if callable(value)]
        nearest = nearest_name("script", names)
        hint = f'; did you mean "{nearest}"?' if nearest else ""
        raise BadScript(f"{path}: defines no function script(fake){hint}")

    def apply_script(fake: ScriptedFake) -> None:
        try:
            script(fake)
        except Exception as error:
            raise BadScript(_describe_error(path, error)) from None

    return apply_script


def _describe_error(path: Path, error: Exception) -> str:
    """Say in one line what went wrong in a Python script, with the last line of it that ran."""
    line = error.lineno if isinstance(error, SyntaxError) else None
    if line is None:
        frames = traceback.extract_tb(error.__traceback__)
        line = next(
            (frame.lineno for frame in reversed(frames) if frame.filename == str(path)), None
        )
    text = error.msg if isinstance(error, SyntaxError) else " ".join(str(error).split())
    kind = "" if isinstance(error, BadScript) else f"{type(error).__name__}: "
    return f"{path}:{line or 1}: {kind}{text}"


def _read_json(path: Path, text: str) -> ApplyScript:
    def unique_members(members: list[tuple[str, Any]]) -> dict[str, Any]:
        counts = Counter(name for name, _ in members)
        duplicate = next((name for name, count in counts.items() if count > 1), None)
        if duplicate is not None:
            raise BadScript(f'{path}: "{duplicate}" stands twice in one object')
        return dict(members)

    try:
        form = json.loads(text, object_pairs_hook=unique_members)
    except json.JSONDecodeError as error:
        raise BadScript(f"{path}:{error.lineno}: is not JSON: {error.msg}") from None
    except RecursionError:
        raise BadScript(f"{path}: is nested too deep") from None
    except ValueError as error:  # a number of thousands of digits
        raise BadScript(f"{path}: is not JSON: {error}") from None
    return _script_from_form(path, text, form)


def _read_yaml(path: Path, text: str) -> ApplyScript:
    from .yaml_text import load_yaml

    return _script_from_form(path, text, load_yaml(path, text))


def _script_from_form(path: Path, text: str, form: Any) -> ApplyScript:
    try:
        json.dumps(form, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        raise BadScript(f"{path}: holds something that JSON cannot say") from None

    def apply_script(fake: ScriptedFake) -> None:
        try:
            fake.control.load(form)
        except FormMistake as error:
            # JSON is YAML, so one reader finds the lines of both.
            from .yaml_text import line_of

            raise BadScript(f"{path}:{line_of(text, error.path)}: {error}") from None

    return apply_script


READERS: dict[str, Callable[[Path, str], ApplyScript]] = {
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
    ".json": _read_json,
    ".py": _read_python,
}
"""How each kind of file is read. A new kind is a row here."""
