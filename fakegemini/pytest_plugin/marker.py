"""Read the marker `fakegemini` of a test: which cassette, which mode, which options.

An example is `@pytest.mark.fakegemini(cassette="weather", tolerate=["dates"], missing="script")`.
Without `cassette` the file is `cassettes/<module>/<test>.yaml` beside the test, where
pytest-recording keeps its own. A bare name is in `cassettes/`, one with a folder is relative to
the test's file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ..errors import BadScript
from ..fake.replay.play_options import PLAY_OPTIONS
from ..record.modes import MODES, Mode
from ..wire.http import Json
from ..wording import did_you_mean

_OPTIONS = ("cassette", "record", *PLAY_OPTIONS)
_FORBIDDEN_CHARACTERS = re.compile(r"[<>?%*:|\"'/\\\s]+")
"""What pytest-recording replaces in the names of files."""


@dataclass(frozen=True)
class MarkerOptions:
    """The options of a test's marker.

    cassettes: the files to play; the first is the one to record into
    play_options: the arguments of `Fake.play` that the marker has
    """

    cassettes: tuple[Path, ...]
    mode: Mode
    play_options: Json

    @classmethod
    def from_test(cls, test: pytest.Item, mode: str | None) -> MarkerOptions:
        """Read the markers of a test; what the nearest leaves open, those of its class and module
        say. `mode`, the name from the command line, goes before that of a marker.

        Raises `BadScript` for an option or a mode that does not exist, and for two markers at one
        place that differ.
        """
        marker_kwargs = _merge_marks(test)
        for name in marker_kwargs:
            if name not in _OPTIONS:
                raise BadScript(_unknown_text("marker", name, _OPTIONS))
        mode_name = str(mode or marker_kwargs.get("record", "none"))
        if mode_name not in MODES:
            raise BadScript(_unknown_text("record", mode_name, MODES))
        cassette = marker_kwargs.get("cassette")
        names = [cassette] if isinstance(cassette, str | Path) else list(cassette or ())
        paths = tuple(_resolve_cassette(test.path.parent, Path(name)) for name in names) or (
            default_cassette(test),
        )
        return cls(
            paths,
            MODES[mode_name],
            {name: marker_kwargs[name] for name in PLAY_OPTIONS if name in marker_kwargs},
        )

    @property
    def goes_live(self) -> bool:
        """Tell whether the test goes to the live API, to be recorded."""
        return self.mode.goes_live(exists=self.cassettes[0].exists())


def _merge_marks(test: pytest.Item) -> dict[str, Any]:
    """Return the options of all markers of a test, the nearest first."""
    merged: dict[str, Any] = {}
    places: dict[str, object] = {}
    for node, mark in test.iter_markers_with_node("fakegemini"):
        options = dict(mark.kwargs)
        if mark.args:
            options.setdefault("cassette", mark.args[0] if len(mark.args) == 1 else mark.args)
        for name, value in options.items():
            if places.setdefault(name, node) is node and merged.setdefault(name, value) != value:
                raise BadScript(
                    f"the marker fakegemini stands twice on {node.name}, with "
                    f"{name}={merged[name]!r} and {name}={value!r}; write one marker"
                )
    return merged


def default_cassette(test: pytest.Item) -> Path:
    """Return the path of the cassette of a test whose marker names none."""
    test_class = getattr(test, "cls", None)
    name = f"{test_class.__name__}.{test.name}" if test_class else test.name
    return (
        test.path.parent
        / "cassettes"
        / test.path.stem
        / f"{_FORBIDDEN_CHARACTERS.sub('-', name)}.yaml"
    )


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
