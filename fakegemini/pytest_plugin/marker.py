"""Read the marker `fakegemini` of a test: which cassette, which mode, which options.

An example is `@pytest.mark.fakegemini(cassette="weather", tolerate=["dates"], missing="script")`.
Which file that is says `cassette_names`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ..errors import BadScript
from ..fake.options import OPTIONS, SCRUB_OPTIONS
from ..record.modes import MODES, Keeps, Mode
from ..wire.http import Json
from ..wording import did_you_mean
from .cassette_names import default_cassette, resolve_cassette
from .recorded_files import RecordedFiles, has_content

_OPTIONS = ("cassette", "record", "per_example", *OPTIONS)


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
        paths = tuple(resolve_cassette(test.path.parent, Path(name)) for name in names) or (
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


def records_nothing_here() -> bool:
    """Tell whether this is CI, where a marker alone records nothing."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no")


def _unknown_text(subject: str, name: str, known_names: Iterable[str]) -> str:
    hint = did_you_mean(name, known_names)
    text = "the marker fakegemini takes" if subject == "marker" else f"{subject} is"
    return f"{text} {', '.join(known_names)}, not {name!r}{hint}"
