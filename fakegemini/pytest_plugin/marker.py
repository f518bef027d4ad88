"""Cassettes of tests: which file a marked test plays, how old it may be, and what nobody played.

The marker: `@pytest.mark.fakegemini(cassette="weather", tolerate=["dates"], missing="script")`.
Without `cassette` the file is `cassettes/<module>/<test>.yaml` beside the test, where
pytest-recording keeps its own. A bare name is in `cassettes/`, one with a folder is relative to
the test's file.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from ..errors import BadScript
from ..wire.http import Json
from ..wording import did_you_mean, nearest_name

if TYPE_CHECKING:
    from ..fake.fake import Fake

Say: TypeAlias = Callable[[str], object]

MODES = ("none", "once", "new_episodes", "all", "rewrite")
"""When a test records, in the words of VCR; `rewrite` begins the cassette anew."""

_PLAY_OPTIONS = ("tolerate", "missing", "chunks", "real_pace", "repeats")
_OPTIONS = ("cassette", "record", *_PLAY_OPTIONS)
_FORBIDDEN_CHARACTERS = re.compile(r"[<>?%*:|\"'/\\\s]+")
_AGE_PATTERN = re.compile(r"(\d+)\s*([dwmy]?)")
_DAYS_PER_UNIT = {"": 1, "d": 1, "w": 7, "m": 30, "y": 365}


@dataclass(frozen=True)
class MarkerOptions:
    """What a test's marker asks for. Raises `BadScript` for an option that is none."""

    cassettes: tuple[Path, ...]
    mode: str
    play_options: Json

    @classmethod
    def from_mark(cls, test: pytest.Item, mark: pytest.Mark, mode: str | None) -> MarkerOptions:
        """The options of a marked test; `mode` from the command line beats the marker's."""
        marker_kwargs = dict(mark.kwargs)
        if mark.args:
            marker_kwargs.setdefault("cassette", mark.args[0] if len(mark.args) == 1 else mark.args)
        for name in marker_kwargs:
            if name not in _OPTIONS:
                raise BadScript(_unknown_text("marker", name, _OPTIONS))
        mode = mode or marker_kwargs.get("record", "none")
        if mode not in MODES:
            raise BadScript(_unknown_text("record", str(mode), MODES))
        cassette = marker_kwargs.get("cassette")
        names = [cassette] if isinstance(cassette, str | Path) else list(cassette or ())
        paths = tuple(_resolve_cassette(test.path.parent, Path(name)) for name in names) or (
            default_cassette(test),
        )
        return cls(
            paths,
            mode,
            {name: marker_kwargs[name] for name in _PLAY_OPTIONS if name in marker_kwargs},
        )


def default_cassette(test: pytest.Item) -> Path:
    """The cassette of a test that names none."""
    test_class = getattr(test, "cls", None)
    name = f"{test_class.__name__}.{test.name}" if test_class else test.name
    return (
        test.path.parent
        / "cassettes"
        / test.path.stem
        / f"{_FORBIDDEN_CHARACTERS.sub('-', name)}.yaml"
    )


def play_cassettes(
    fake: Fake, marker_options: MarkerOptions, test: pytest.Item, max_age: int | None
) -> None:
    """Put the cassettes of a test into its fake; fails the test where one is missing or too old."""
    for path in marker_options.cassettes:
        if not path.exists():
            pytest.fail(_missing_text(path, test), pytrace=False)
    fake.play(*marker_options.cassettes, **marker_options.play_options)
    if max_age is None:
        return
    for name, recorded_date in fake.recorded_on.items():
        age = (dt.datetime.now(dt.UTC).date() - recorded_date).days if recorded_date else None
        if age is None or age > max_age:
            pytest.fail(_too_old_text(name, age, max_age, test), pytrace=False)


@contextmanager
def record_cassette(
    fake: Fake, marker_options: MarkerOptions, upstream: str | None, say: Say
) -> Iterator[str]:
    """The address of a proxy that records what the test says, into the first of its cassettes.

    The fake logs the requests. Raises a `FakeGeminiError` where nothing can be recorded or saved.
    """
    from ..doors.loopback import cut, serve_app
    from ..protocol.paths import LIVE_API_URL
    from ..record.proxy import Recorder
    from ..record.session import report_saved
    from ..record.writer import Mode, open_recording

    path, mode = marker_options.cassettes[0], Mode(marker_options.mode)
    existing_cassettes = [cassette for cassette in marker_options.cassettes if cassette.exists()]
    if mode is Mode.NEW_EPISODES and existing_cassettes:
        fake.play(*existing_cassettes, **marker_options.play_options)
    with open_recording(path, mode, say=say) as new_recording:
        app = Recorder(
            new_recording, upstream or LIVE_API_URL, cut=cut, replay=fake.before_upstream(), say=say
        )
        with serve_app(app, lifespan=True) as url:
            yield url
        report_saved(path, new_recording.save(), say)


def goes_live(marker_options: MarkerOptions) -> bool:
    """Whether the test goes to the live API."""
    if marker_options.mode == "once":
        return not marker_options.cassettes[0].exists()
    return marker_options.mode != "none"


def parse_age(text: str) -> int:
    """An age in days: `30`, `30d`, `4w`, `6m`, `1y`. Raises ValueError."""
    match = _AGE_PATTERN.fullmatch(text.strip())
    if not match:
        raise ValueError(f"an age is a number of days, or such as 30d, 4w, 6m, 1y; not {text!r}")
    return int(match[1]) * _DAYS_PER_UNIT[match[2]]


@dataclass
class CassetteReport:
    """What a whole run did with its cassettes."""

    unplayed_requests: dict[str, list[str]] = field(default_factory=dict)
    """For each cassette that was played, the recorded requests that no test made."""
    used_cassettes: set[str] = field(default_factory=set)
    """The cassettes that any collected test plays."""
    messages: list[str] = field(default_factory=list)
    """What recordings had to say."""

    def add_fake(self, fake: Fake) -> None:
        """A test is over."""
        unplayed_by_name: dict[str, list[str]] = {}
        for text in fake.unplayed:
            place, _, name = text.partition(" of ")
            unplayed_by_name.setdefault(name, []).append(place)
        for name in fake.recorded_on:
            unplayed_places = unplayed_by_name.get(name, [])
            earlier_places = self.unplayed_requests.get(name, unplayed_places)
            self.unplayed_requests[name] = [
                place for place in earlier_places if place in unplayed_places
            ]

    def add_worker(self, worker_report: Mapping[str, Any]) -> None:
        """What another process saw."""
        for name, unplayed_places in worker_report["unplayed_requests"].items():
            self.unplayed_requests[name] = [
                place
                for place in self.unplayed_requests.get(name, unplayed_places)
                if place in unplayed_places
            ]
        self.used_cassettes.update(worker_report["used_cassettes"])
        self.messages += worker_report["messages"]

    def to_json(self) -> Json:
        """For another process."""
        return {
            "unplayed_requests": self.unplayed_requests,
            "used_cassettes": sorted(self.used_cassettes),
            "messages": self.messages,
        }

    def render_lines(self, *, whole_modules: bool) -> Iterator[str]:
        """What there is to say; orphans only where `whole` modules were collected."""
        yield from self.messages
        for name, unplayed_places in sorted(self.unplayed_requests.items()):
            if unplayed_places:
                yield f"{name}: nobody asked for {', '.join(unplayed_places)}"
        if whole_modules:
            for path in self._find_orphans():
                yield f"{path}: no test plays it"

    def _find_orphans(self) -> list[str]:
        folders = {Path(name).parent for name in self.used_cassettes}
        files = (path for folder in sorted(folders) if folder.is_dir() for path in folder.iterdir())
        cassettes = (str(path) for path in files if path.suffix in (".yaml", ".yml", ".json"))
        return sorted(set(cassettes) - self.used_cassettes)


def _resolve_cassette(folder: Path, name: Path) -> Path:
    if not name.suffix and not (folder / name).is_dir():
        name = name.with_name(f"{name.name}.yaml")
    return (
        folder / name if len(name.parts) > 1 or name.is_absolute() else folder / "cassettes" / name
    )


def _missing_text(path: Path, test: pytest.Item) -> str:
    neighbours = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
    nearest = nearest_name(path.name, (file.name for file in neighbours))
    hint = f" The nearest in its folder is {nearest}." if nearest else ""
    return (
        f"{path}: there is no such cassette.{hint}\n"
        f'Record it with your key: pytest --fakegemini-record once "{test.nodeid}"'
    )


def _too_old_text(name: str, age: int | None, max_age: int, test: pytest.Item) -> str:
    age_text = "does not say when it was recorded" if age is None else f"is {age} days old"
    return (
        f"{name} {age_text}; --fakegemini-max-age is {max_age} days.\n"
        f'Record it again with your key: pytest --fakegemini-record rewrite "{test.nodeid}"'
    )


def _unknown_text(subject: str, name: str, known_names: tuple[str, ...]) -> str:
    hint = did_you_mean(name, known_names)
    text = "the marker fakegemini takes" if subject == "marker" else f"{subject} is"
    return f"{text} {', '.join(known_names)}, not {name!r}{hint}"
