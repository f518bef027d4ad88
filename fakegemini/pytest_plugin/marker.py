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

_PLAYING = ("tolerate", "missing", "chunks", "real_pace", "repeats")
_OPTIONS = ("cassette", "record", *_PLAYING)
_FORBIDDEN = re.compile(r"[<>?%*:|\"'/\\\s]+")
_AGE = re.compile(r"(\d+)\s*([dwmy]?)")
_DAYS = {"": 1, "d": 1, "w": 7, "m": 30, "y": 365}


@dataclass(frozen=True)
class Wish:
    """What a test's marker asks for. Raises `BadScript` for an option that is none."""

    cassettes: tuple[Path, ...]
    mode: str
    options: Json

    @classmethod
    def of(cls, item: pytest.Item, mark: pytest.Mark, mode: str | None) -> Wish:
        """The wish of a marked test; `mode` from the command line beats the marker's."""
        given = dict(mark.kwargs)
        if mark.args:
            given.setdefault("cassette", mark.args[0] if len(mark.args) == 1 else mark.args)
        for name in given:
            if name not in _OPTIONS:
                raise BadScript(_no_such("marker", name, _OPTIONS))
        mode = mode or given.get("record", "none")
        if mode not in MODES:
            raise BadScript(_no_such("record", str(mode), MODES))
        named = given.get("cassette")
        names = [named] if isinstance(named, str | Path) else list(named or ())
        paths = tuple(_path(item.path.parent, Path(name)) for name in names) or (default(item),)
        return cls(paths, mode, {name: given[name] for name in _PLAYING if name in given})


def default(item: pytest.Item) -> Path:
    """The cassette of a test that names none."""
    owner = getattr(item, "cls", None)
    name = f"{owner.__name__}.{item.name}" if owner else item.name
    return item.path.parent / "cassettes" / item.path.stem / f"{_FORBIDDEN.sub('-', name)}.yaml"


def play(fake: Fake, wish: Wish, item: pytest.Item, oldest: int | None) -> None:
    """Put the cassettes of a test into its fake; fails the test where one is missing or too old."""
    for path in wish.cassettes:
        if not path.exists():
            pytest.fail(_missing(path, item), pytrace=False)
    fake.play(*wish.cassettes, **wish.options)
    if oldest is None:
        return
    for name, recorded in fake.recorded_on.items():
        age = (dt.datetime.now(dt.UTC).date() - recorded).days if recorded else None
        if age is None or age > oldest:
            pytest.fail(_old(name, age, oldest, item), pytrace=False)


@contextmanager
def recorded(fake: Fake, wish: Wish, upstream: str | None, say: Say) -> Iterator[str]:
    """The address of a proxy that records what the test says, into the first of its cassettes.

    The fake logs the requests. Raises a `FakeGeminiError` where nothing can be recorded or saved.
    """
    from ..doors.loopback import cut, serve_app
    from ..record.proxy import LIVE, Recorder
    from ..record.session import tell
    from ..record.writer import Mode, recording

    path, mode = wish.cassettes[0], Mode(wish.mode)
    played = [tape for tape in wish.cassettes if tape.exists()]
    if mode is Mode.NEW_EPISODES and played:
        fake.play(*played, **wish.options)
    with recording(path, mode, say=say) as made:
        app = Recorder(made, upstream or LIVE, cut=cut, replay=fake.before_upstream(), say=say)
        with serve_app(app, lifespan=True) as url:
            yield url
        tell(path, made.save(), say)


def records(wish: Wish) -> bool:
    """Whether the test goes to the live API."""
    if wish.mode == "once":
        return not wish.cassettes[0].exists()
    return wish.mode != "none"


def days(text: str) -> int:
    """An age in days: `30`, `30d`, `4w`, `6m`, `1y`. Raises ValueError."""
    match = _AGE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"an age is a number of days, or such as 30d, 4w, 6m, 1y; not {text!r}")
    return int(match[1]) * _DAYS[match[2]]


@dataclass
class Report:
    """What a whole run did with its cassettes."""

    files: dict[str, list[str]] = field(default_factory=dict)
    """For each cassette that was played, the recorded requests that no test made."""
    wanted: set[str] = field(default_factory=set)
    """The cassettes that any collected test plays."""
    said: list[str] = field(default_factory=list)
    """What recordings had to say."""

    def played(self, fake: Fake) -> None:
        """A test is over."""
        unplayed: dict[str, list[str]] = {}
        for text in fake.unplayed:
            place, _, name = text.partition(" of ")
            unplayed.setdefault(name, []).append(place)
        for name in fake.recorded_on:
            left = unplayed.get(name, [])
            before = self.files.get(name, left)
            self.files[name] = [place for place in before if place in left]

    def add(self, told: Mapping[str, Any]) -> None:
        """What another process saw."""
        for name, left in told["files"].items():
            self.files[name] = [place for place in self.files.get(name, left) if place in left]
        self.wanted.update(told["wanted"])
        self.said += told["said"]

    def told(self) -> Json:
        """For another process."""
        return {"files": self.files, "wanted": sorted(self.wanted), "said": self.said}

    def lines(self, *, whole: bool) -> Iterator[str]:
        """What there is to say; orphans only where `whole` modules were collected."""
        yield from self.said
        for name, left in sorted(self.files.items()):
            if left:
                yield f"{name}: nobody asked for {', '.join(left)}"
        if whole:
            for path in self._orphans():
                yield f"{path}: no test plays it"

    def _orphans(self) -> list[str]:
        folders = {Path(name).parent for name in self.wanted}
        found = (path for folder in sorted(folders) if folder.is_dir() for path in folder.iterdir())
        tapes = (str(path) for path in found if path.suffix in (".yaml", ".yml", ".json"))
        return sorted(set(tapes) - self.wanted)


def _path(folder: Path, name: Path) -> Path:
    if not name.suffix and not (folder / name).is_dir():
        name = name.with_name(f"{name.name}.yaml")
    return (
        folder / name if len(name.parts) > 1 or name.is_absolute() else folder / "cassettes" / name
    )


def _missing(path: Path, item: pytest.Item) -> str:
    beside = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
    nearest = nearest_name(path.name, (file.name for file in beside))
    hint = f" The nearest in its folder is {nearest}." if nearest else ""
    return (
        f"{path}: there is no such cassette.{hint}\n"
        f'Record it with your key: pytest --fakegemini-record once "{item.nodeid}"'
    )


def _old(name: str, age: int | None, oldest: int, item: pytest.Item) -> str:
    what = "does not say when it was recorded" if age is None else f"is {age} days old"
    return (
        f"{name} {what}; --fakegemini-max-age is {oldest} days.\n"
        f'Record it again with your key: pytest --fakegemini-record rewrite "{item.nodeid}"'
    )


def _no_such(what: str, name: str, known: tuple[str, ...]) -> str:
    hint = did_you_mean(name, known)
    text = "the marker fakegemini takes" if what == "marker" else f"{what} is"
    return f"{text} {', '.join(known)}, not {name!r}{hint}"
