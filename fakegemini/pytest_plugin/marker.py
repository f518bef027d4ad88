"""Read the marker `fakegemini` of a test: which cassette, which mode, which options.

An example is `@pytest.mark.fakegemini(cassette="weather", tolerate=["dates"], missing="script")`.
Without `cassette` the file is `cassettes/<module>/<test>.yaml` beside the test, where
pytest-recording keeps its own. A bare name is in `cassettes/`, one with a folder is relative to
the test's file.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ..errors import BadScript
from ..fake.options import OPTIONS, SCRUB_OPTIONS
from ..record.modes import MODES, Keeps, Mode
from ..wire.http import Json
from ..wording import did_you_mean

_OPTIONS = ("cassette", "record", "per_example", *OPTIONS)
_FORBIDDEN_CHARACTERS = re.compile(r"[<>?%*:|\"'/\\\x00-\x1f\x7f]")
"""What pytest-recording replaces in the names of files, and what no file name should have."""

_DEVICES = frozenset(
    [
        "CON",
        "PRN",
        "AUX",
        "NUL",
        *(f"{port}{number}" for port in ("COM", "LPT") for number in range(10)),
    ]
)
"""What no file of Windows is called, whatever its suffix."""

_FIRST_NAMES = pytest.StashKey[tuple[int, dict[tuple[Path, str], str]]]()
_FORMERLY_FORBIDDEN = re.compile(r"[<>?%*:|\"'/\\\s]+")
_MAX_BYTES = 160
_HASH_DIGITS = 8
_MAX_BYTES_OF_PYTEST_RECORDING = 255 - len(".yaml")


class RecordedFiles:
    """The cassettes that a run of pytest has recorded, by whichever of its workers."""

    def __init__(self, run_name: str) -> None:
        self._folder = Path(tempfile.gettempdir()) / f"fakegemini-{run_name}"

    def __contains__(self, path: Path) -> bool:
        return self._note_of(path).exists()

    def add(self, path: Path) -> None:
        """Note that a cassette was recorded; other workers see it."""
        self._folder.mkdir(exist_ok=True)
        self._note_of(path).touch()

    def remove(self) -> None:
        """Forget all; at the end of the run."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _note_of(self, path: Path) -> Path:
        return self._folder / hashlib.sha256(str(path.resolve()).encode()).hexdigest()


def has_content(path: Path) -> bool:
    """Tell whether a file is there and not empty, as one is that a full disk left."""
    return path.exists() and path.stat().st_size > 0


@dataclass(frozen=True)
class MarkerOptions:
    """The options of a test's marker.

    cassettes: the files to play; the first is the one to record into. None where the marker only
    tells the fake what to be
    per_example: whether each example of Hypothesis begins anew; None where no marker says it
    fake_options: what the fake is told to be
    is_named: whether the marker names the files; else they have the name of the test
    """

    cassettes: tuple[Path, ...]
    mode: Mode
    fake_options: Json
    per_example: bool | None = None
    is_named: bool = False

    @classmethod
    def from_test(
        cls, test: pytest.Item | pytest.Collector, mode: str | None, project_mode: str = "none"
    ) -> MarkerOptions:
        """Read the markers of a test; what the nearest leaves open, those of its class and module
        say, but what is a secret adds up. `mode`, the name from the command line, goes before that
        of a marker, and that before the one of the project.

        Raises `BadScript` for an option or a mode that does not exist, and for two markers at one
        place that differ.
        """
        marker_kwargs = _merge_marks(test)
        for name in marker_kwargs:
            if name not in _OPTIONS:
                raise BadScript(_unknown_text("marker", name, _OPTIONS))
        mode_name = str(mode or marker_kwargs.get("record", project_mode))
        if mode_name not in MODES:
            raise BadScript(_unknown_text("record", mode_name, MODES))
        if mode is None and records_nothing_here():
            mode_name = "none"
        fake_options = {name: marker_kwargs[name] for name in OPTIONS if name in marker_kwargs}
        if not _is_about_cassettes(test):
            return cls((), MODES["none"], fake_options, marker_kwargs.get("per_example"))
        cassette = marker_kwargs.get("cassette")
        names = [cassette] if isinstance(cassette, str | Path) else list(cassette or ())
        paths = tuple(_resolve_cassette(test.path.parent, Path(name)) for name in names) or (
            default_cassette(test, is_new=MODES[mode_name].keeps is Keeps.NOTHING),
        )
        per_example = marker_kwargs.get("per_example")
        return cls(paths, MODES[mode_name], fake_options, per_example, is_named=bool(names))

    def goes_live(self, recorded: RecordedFiles) -> bool:
        """Tell whether the test goes to the live API, to be recorded.

        `recorded` are the files that this run has recorded: a test that shares one goes on with it.
        """
        if not self.cassettes:
            return False
        path = self.cassettes[0]
        return self.mode.goes_live(exists=has_content(path) and path not in recorded)


def as_list(value: Any) -> list[Any]:
    """Return the values of an option that may be given as one or as several."""
    return [value] if isinstance(value, str) else list(value or ())


def _is_about_cassettes(test: pytest.Item | pytest.Collector) -> bool:
    """Tell whether a marker is there for a cassette: a bare one, or one with a word about it."""
    return any(
        mark.args or not mark.kwargs or not mark.kwargs.keys() <= _TELLS_FAKE
        for mark in test.iter_markers("fakegemini")
    )


_TELLS_FAKE = {name for name, option in OPTIONS.items() if not option.plays} | {"per_example"}
"""The options that are not about cassettes."""


def _merge_marks(test: pytest.Item | pytest.Collector) -> dict[str, Any]:
    """Return the options of all markers of a test, the nearest first."""
    merged: dict[str, Any] = {}
    places: dict[str, object] = {}
    for node, mark in test.iter_markers_with_node("fakegemini"):
        options = dict(mark.kwargs)
        if mark.args:
            options.setdefault("cassette", mark.args[0] if len(mark.args) == 1 else mark.args)
        for name in SCRUB_OPTIONS:
            if name in options and name in merged:
                options[name] = merged[name] = [*as_list(merged[name]), *as_list(options[name])]
                places[name] = node
        for name, value in options.items():
            if places.setdefault(name, node) is node and merged.setdefault(name, value) != value:
                raise BadScript(
                    f"the marker fakegemini stands twice on {node.name}, with "
                    f"{name}={merged[name]!r} and {name}={value!r}; write one marker"
                )
    return merged


def default_cassette(test: pytest.Item | pytest.Collector, *, is_new: bool = False) -> Path:
    """Return the path of the cassette of a test whose marker names none.

    No other test has it, also where disks ignore case: a name that cannot be that of a file
    everywhere, is too long, or is that of another test but for the case, has a hash of it. A file
    as pytest-recording or an earlier version named it is found, unless `is_new`.
    """
    folder = test.path.parent / "cassettes" / test.path.stem
    existing = _names_in(folder)
    own_path = folder / f"{_own_stem(test, existing)}.yaml"
    if is_new or own_path.name in existing:
        return own_path
    for stem in _former_stems(_full_name(test)):
        path = folder / f"{stem}.yaml"
        if (
            path != own_path
            and unicodedata.normalize("NFC", path.name) in existing
            and not _belongs_to_other(stem, test)
        ):
            return path
    return own_path


def _names_in(folder: Path) -> set[str]:
    """List the names in a folder as they are written, accents composed; none if it is missing."""
    try:
        return {unicodedata.normalize("NFC", name) for name in os.listdir(folder)}
    except OSError:
        return set()


def _own_stem(test: pytest.Item | pytest.Collector, existing: set[str]) -> str:
    """Return the name of a test's file: that of the test, or with a hash where another is alike.

    The test whose file is there keeps the plain name; of several new ones the first by name has it.
    """
    name = _full_name(test)
    plain, hashed = _file_stem(name), _hashed_stem(name)
    if f"{plain}.yaml" in existing:
        return plain
    is_first = _first_names(test.session).get((test.path, name.casefold()), name) == name
    is_taken = f"{plain}.yaml".casefold() in {other.casefold() for other in existing}
    if f"{hashed}.yaml" in existing or is_taken or not is_first:
        return hashed
    return plain


def _first_names(session: pytest.Session) -> dict[tuple[Path, str], str]:
    """Return of names that are alike but for the case the first one, by module; worked out once."""
    items = getattr(session, "items", [])
    count, first_names = session.stash.get(_FIRST_NAMES, (-1, {}))
    if count != len(items):
        first_names = {}
        for name, path in sorted((_full_name(item), item.path) for item in items):
            first_names.setdefault((path, name.casefold()), name)
        session.stash[_FIRST_NAMES] = (len(items), first_names)
    return first_names


def _full_name(test: pytest.Item | pytest.Collector) -> str:
    """Return the name of a test with its class and its parameters."""
    test_class = getattr(test, "cls", None)
    return f"{test_class.__name__}.{test.name}" if test_class else test.name


def _file_stem(name: str) -> str:
    """Return a name as that of a file; one that has to be changed ends with a hash of it."""
    is_plain = name.isascii() and not _FORBIDDEN_CHARACTERS.search(name)
    is_plain = is_plain and name.partition(".")[0].upper() not in _DEVICES
    return name if is_plain and len(name) <= _MAX_BYTES else _hashed_stem(name)


def _hashed_stem(name: str) -> str:
    """Return a name as that of a file with a hash, which tells apart what disks do not."""
    stem = _FORBIDDEN_CHARACTERS.sub("-", unicodedata.normalize("NFC", name))
    if stem.partition(".")[0].upper() in _DEVICES:
        stem = f"-{stem}"
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_DIGITS]
    room = _MAX_BYTES - _HASH_DIGITS - 1
    return f"{stem.encode('utf-8', 'replace')[:room].decode('utf-8', 'ignore')}.{digest}"


def _former_stems(name: str) -> Iterator[str]:
    """Yield how pytest-recording and earlier versions name the file of a test."""
    stem = _FORBIDDEN_CHARACTERS.sub("-", name)
    if len(stem) > _MAX_BYTES_OF_PYTEST_RECORDING:
        digest = hashlib.md5(stem.encode(), usedforsecurity=False).hexdigest()
        stem = f"{stem[: _MAX_BYTES_OF_PYTEST_RECORDING - len(digest) - 3]}...{digest}"
    for former_stem in (stem, _FORMERLY_FORBIDDEN.sub("-", name)):
        if len(former_stem.encode()) <= _MAX_BYTES_OF_PYTEST_RECORDING:
            yield former_stem


def _belongs_to_other(stem: str, test: pytest.Item | pytest.Collector) -> bool:
    """Tell whether a file is that of another test of the module, by that one's own name."""
    return any(
        _file_stem(_full_name(item)) == stem
        for item in test.session.items
        if item is not test and item.path == test.path
    )


def records_nothing_here() -> bool:
    """Tell whether this is CI, where a marker alone records nothing."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no")


def _resolve_cassette(folder: Path, name: Path) -> Path:
    """Return the path that a marker means by `name`; `folder` is that of the test's file."""
    if not name.suffix and not (folder / name).is_dir():
        name = name.with_name(f"{name.name}.yaml")
    return (
        folder / name if len(name.parts) > 1 or name.is_absolute() else folder / "cassettes" / name
    )


def _unknown_text(subject: str, name: str, known_names: Iterable[str]) -> str:
    hint = did_you_mean(name, known_names)
    text = "the marker fakegemini takes" if subject == "marker" else f"{subject} is"
    return f"{text} {', '.join(known_names)}, not {name!r}{hint}"
