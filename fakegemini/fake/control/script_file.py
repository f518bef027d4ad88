"""A script in a file: YAML or JSON in our forms, or Python; read again when it changes.

Nobody watches the file. Whoever asks something next finds what it says by then.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from ...errors import BadScript, Misplaced
from ...wire.http import Handler, Reply, Request
from ...wording import nearest_name
from . import PREFIX

if TYPE_CHECKING:
    from ...faults.in_force import Spell
    from ..fake import Fake
    from ..script.rules import Rule

Play: TypeAlias = "Callable[[Fake], object]"
"""Puts what a script says into a fake."""

_MODULE = "fakegemini_script"
_RESET = f"{PREFIX}/reset"


class ScriptFile:
    """A file whose script is in a fake, and is replaced there when the file changes.

    Raises `BadScript`, in one line with the file and the place, for a file that is none.
    """

    def __init__(self, path: Path, fake: Fake) -> None:
        self._path = path
        self._fake = fake
        self._rules: list[Rule] = []
        self._spells: list[Spell] = []
        self._seen = self._state()
        self._play = read(path)
        self._put(self._play)

    def over(self, handler: Handler, write: Callable[[str], object]) -> Handler:
        """`handler`, with a look at the file before each request; `write` gets a line of news.

        A new version that has a mistake leaves the last good one in place. After a reset the
        script begins anew.
        """

        def answer(request: Request) -> Reply:
            self._look(write)
            reply = handler(request)
            if request.path.rstrip("/") == _RESET and reply.status == 200:
                self._put(self._play)
            return reply

        return answer

    def _look(self, write: Callable[[str], object]) -> None:
        state = self._state()
        if state == self._seen:
            return
        self._seen = state
        try:
            play = read(self._path)
            self._put(play)
        except BadScript as error:
            write(f"{error} (the last good version stays)")
            return
        self._play = play
        write(f"{self._path} is read again")

    def _state(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def _put(self, play: Play) -> None:
        # The file's own rules go, and come back in front of those that somebody posted.
        control = self._fake.control
        rules, spells = control.script.rules, control.weather.spells
        before, weather = rules[:], spells[:]
        rules.clear()
        spells.clear()
        try:
            play(self._fake)
        except BaseException:
            rules[:], spells[:] = before, weather
            raise
        ours, theirs = rules[:], [rule for rule in before if not _among(rule, self._rules)]
        clouds, others = spells[:], [one for one in weather if not _among(one, self._spells)]
        rules[:], spells[:] = [*ours, *theirs], [*clouds, *others]
        self._rules, self._spells = ours, clouds


def _among(one: object, many: list[Any]) -> bool:
    return any(one is other for other in many)


def read(path: Path) -> Play:
    """What a file says; raises `BadScript` in one line for one that cannot be read."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise BadScript(f"{path}: a script is one of {', '.join(READERS)}")
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise BadScript(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BadScript(f"{path}: is not UTF-8: {error.reason}") from None
    return reader(path, text)


def _read_python(path: Path, text: str) -> Play:
    module = ModuleType(_MODULE)
    module.__file__ = str(path)
    sys.modules[_MODULE] = module  # dataclasses look their module up by its name
    try:
        exec(compile(text, str(path), "exec"), module.__dict__)
    except Exception as error:
        raise BadScript(_told(path, error)) from None
    script = getattr(module, "script", None)
    if not callable(script):
        names = [name for name, value in vars(module).items() if callable(value)]
        nearest = nearest_name("script", names)
        hint = f'; did you mean "{nearest}"?' if nearest else ""
        raise BadScript(f"{path}: defines no function script(fake){hint}")

    def play(fake: Fake) -> None:
        try:
            script(fake)
        except Exception as error:
            raise BadScript(_told(path, error)) from None

    return play


def _told(path: Path, error: Exception) -> str:
    """What went wrong in a Python script, in one line, with the last line of it that ran."""
    line = error.lineno if isinstance(error, SyntaxError) else None
    if line is None:
        frames = traceback.extract_tb(error.__traceback__)
        line = next((one.lineno for one in reversed(frames) if one.filename == str(path)), None)
    text = error.msg if isinstance(error, SyntaxError) else " ".join(str(error).split())
    kind = "" if isinstance(error, BadScript) else f"{type(error).__name__}: "
    return f"{path}:{line or 1}: {kind}{text}"


def _read_json(path: Path, text: str) -> Play:
    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in members]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise BadScript(f'{path}: "{twice}" stands twice in one object')
        return dict(members)

    try:
        form = json.loads(text, object_pairs_hook=pairs)
    except json.JSONDecodeError as error:
        raise BadScript(f"{path}:{error.lineno}: is not JSON: {error.msg}") from None
    except RecursionError:
        raise BadScript(f"{path}: is nested too deep") from None
    return _playing(path, text, form)


def _read_yaml(path: Path, text: str) -> Play:
    from .yaml_text import load

    return _playing(path, text, load(path, text))


def _playing(path: Path, text: str, form: Any) -> Play:
    try:
        json.dumps(form, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        raise BadScript(f"{path}: holds something that JSON cannot say") from None

    def play(fake: Fake) -> None:
        try:
            fake.control.load(form)
        except Misplaced as error:
            # JSON is YAML, so one reader finds the lines of both.
            from .yaml_text import line_of

            raise BadScript(f"{path}:{line_of(text, error.path)}: {error}") from None

    return play


READERS: dict[str, Callable[[Path, str], Play]] = {
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
    ".json": _read_json,
    ".py": _read_python,
}
"""How each kind of file is read. A new kind is a row here."""
