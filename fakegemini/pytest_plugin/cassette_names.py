"""Name the cassette of a test: the file that its marker means, or one of its own.

Without a name in the marker the file is `cassettes/<module>/<test>.yaml` beside the test, where
pytest-recording keeps its own. A bare name is in `cassettes/`, one with a folder is relative to
the test's file. No two tests have one file by accident, also where a disk ignores case or the form
of accents, and no file has the name of a device of Windows.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

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
_OTHER_SUFFIXES = (".yml", ".json", ".yaml.gz", ".yml.gz", ".json.gz")
"""How a cassette may end where none ends in `.yaml`."""

_MAX_BYTES_OF_PYTEST_RECORDING = 255 - len(".yaml")


def resolve_cassette(folder: Path, name: Path) -> Path:
    """Return the path that a marker means by `name`; `folder` is that of the test's file."""
    is_path = len(name.parts) > 1 or name.is_absolute()
    path = folder / name if is_path else folder / "cassettes" / name
    return path if name.suffix or (folder / name).is_dir() else _with_suffix(path)


def _with_suffix(path: Path) -> Path:
    """Return the file that a path without suffix means: YAML, or what is there in its place."""
    own_path = path.with_name(f"{path.name}.yaml")
    if own_path.exists():
        return own_path
    others = (path.with_name(f"{path.name}{suffix}") for suffix in _OTHER_SUFFIXES)
    return next((other for other in others if other.is_file()), own_path)


def default_cassette(test: pytest.Item | pytest.Collector, *, is_new: bool = False) -> Path:
    """Return the path of the cassette of a test whose marker names none.

    No other test has it, also where disks ignore case: a name that cannot be that of a file
    everywhere, is too long, or is that of another test but for the case, has a hash of it. A file
    in another form, or as pytest-recording or an earlier version named it, is found, unless
    `is_new`.
    """
    folder = test.path.parent / "cassettes" / test.path.stem
    existing = _names_in(folder)
    own_path = folder / f"{_own_stem(test, existing)}.yaml"
    if is_new or own_path.name in existing:
        return own_path
    for suffix in _OTHER_SUFFIXES:
        if (name := f"{own_path.stem}{suffix}") in existing:
            return folder / name
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
