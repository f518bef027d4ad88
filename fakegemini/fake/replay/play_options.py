"""List the options with which cassettes are played, one row each, for all who take them.

`Fake.play`, the marker of the pytest plugin and `fakegemini serve` read them here. A new option is
a row, and its use in `cassettes.py` or behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypedDict, get_type_hints

from ...errors import BadScript
from ...wording import did_you_mean

if TYPE_CHECKING:
    from ...recordings.record_hooks import RecordHooks
    from ...recordings.scrub.policy import ScrubRules
    from ...recordings.tolerance import Tolerated
else:  # its patterns take long to compile, and every run of pytest loads this file
    Tolerated = Any


class PlayOption(NamedTuple):
    """What an option is where it is not given, and how `fakegemini serve` takes it.

    `help` is its line in `serve --help`; empty where `serve` has no such option. `choices` are all
    values there are, `metavar` stands for the value in the help. `read` makes the value of the
    text of a command line.
    """

    default: Any
    help: str = ""
    choices: tuple[str, ...] = ()
    metavar: str | None = None
    read: Callable[[str], Any] = str


def _read_chunks(text: str) -> str | int:
    return int(text) if text.isdigit() else text


class PlayOptions(TypedDict, total=False):
    """How cassettes are played; see `Fake.play` for what each option does."""

    tolerate: Annotated[
        Iterable[Tolerated] | Tolerated,
        PlayOption(
            (), help="What may differ: dates, a path, …; see docs/replay.md.", metavar="WHAT"
        ),
    ]
    missing: Annotated[
        str,
        PlayOption(
            "error",
            help="What becomes of a request that no cassette answers.",
            choices=("error", "script", "model"),
        ),
    ]
    chunks: Annotated[
        str | int,
        PlayOption("recorded", help="recorded, events, or bytes.", read=_read_chunks),
    ]
    real_pace: Annotated[
        bool | float, PlayOption(False, help="Streams as slow as they were recorded.")
    ]
    repeats: Annotated[bool, PlayOption(False)]
    on_unplayed: Annotated[str, PlayOption("report", choices=("report", "fail"))]
    scrub: Annotated[
        Iterable[str] | str,
        PlayOption((), help="Treat the values of this name as secrets, too.", metavar="NAME"),
    ]
    scrub_pattern: Annotated[
        Iterable[str] | str,
        PlayOption((), help="Treat what matches as a secret, too.", metavar="REGEX"),
    ]
    allow_secret: Annotated[
        Iterable[str] | str,
        PlayOption((), help="What matches is no secret.", metavar="REGEX"),
    ]
    before_record_request: Annotated[Callable[..., Any] | None, PlayOption(None)]
    before_record_response: Annotated[Callable[..., Any] | None, PlayOption(None)]


SCRUB_OPTIONS = ("scrub", "scrub_pattern", "allow_secret")
"""The options that say what is a secret, which hold together, wherever they are given."""

PLAY_OPTIONS: dict[str, PlayOption] = {
    name: hint.__metadata__[0]
    for name, hint in get_type_hints(PlayOptions, include_extras=True).items()
}
"""The options by name, in the order in which a help lists them."""


def complete_play_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Add the defaults; raises `BadScript` for a value that is not among the choices.

    Raises `TypeError` for an unknown name, as Python does for an unknown argument.
    """
    for name, value in options.items():
        if name not in PLAY_OPTIONS:
            hint = did_you_mean(name, PLAY_OPTIONS)
            raise TypeError(f"play() got an unexpected keyword argument {name!r}{hint}")
        choices = PLAY_OPTIONS[name].choices
        if choices and value not in choices:
            known = ", ".join(map(repr, choices))
            hint = did_you_mean(value, choices)
            raise BadScript(f"{name} is {known}, not {value!r}{hint}")
    return {name: options.get(name, option.default) for name, option in PLAY_OPTIONS.items()}


def scrub_rules_of(options: Mapping[str, Any]) -> ScrubRules:
    """Build the rules of what is a secret; raises `BadRule` for what is no regular expression."""
    from ...recordings.scrub.policy import ScrubRules

    values = [options.get(name) or () for name in SCRUB_OPTIONS]
    fields, patterns, allowed = (
        (value,) if isinstance(value, str) else tuple(value) for value in values
    )
    return ScrubRules.from_options(fields, patterns, allowed, named="{}")


def record_hooks_of(options: Mapping[str, Any]) -> RecordHooks:
    """Return the functions that change what is recorded; raises `BadScript` for what is none."""
    from ...recordings.record_hooks import HOOK_NAMES, RecordHooks

    return RecordHooks(*(options.get(name) for name in HOOK_NAMES))
