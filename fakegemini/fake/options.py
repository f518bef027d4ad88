"""List the options of a fake, one row each, for all the places where people set them.

An argument of `Fake`, an attribute of the fixture, the marker, a line of the ini file, a variable
of the environment and an option of `fakegemini serve` are made of a row of `OPTIONS`. A new option
is a row, its types in `option_types.py`, and what it does: where `Settings` is asked for it.

Every run of pytest loads this file for its rows, so it imports next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    from ..protocol.eras import Era
    from ..protocol.known_models import Agent, Model

    Form: TypeAlias = Literal["text", "number", "switch", "list"]


class Option(NamedTuple):
    """What an option is where it is not set, what it does, and how it is written as a text.

    `choices` are all texts there are, `metavar` stands for the text in a help. `plays` says that it
    is about cassettes, and so an argument of `Fake.play` as well. `read` makes what the fake keeps
    of what people write in Python, and raises `BadScript`. Where `attribute` is False a method of
    that name sets it. `flag` is that of `fakegemini serve` and `run`; empty where they have none.
    """

    default: Any
    help: str
    form: Form = "text"
    choices: tuple[str, ...] = ()
    metavar: str | None = None
    plays: bool = False
    attribute: bool = True
    flag: str = ""
    read: Callable[[Any], Any] | None = None


def _read_era(value: Any) -> Era:
    from ..protocol.eras import find_era

    return find_era(value)


def _read_models(value: Any) -> dict[str, Model]:
    from ..protocol.known_models import MODELS, Model, read_names

    return MODELS | read_names("models", value or (), Model, MODELS)


def _read_agents(value: Any) -> dict[str, Agent]:
    from ..protocol.known_models import AGENTS, Agent, read_names

    return AGENTS | read_names("agents", value or (), Agent, AGENTS)


def _read_limit(value: Any) -> int | None:
    from ..errors import BadScript

    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise BadScript(f"decode_limit= takes a number of tokens from 1, not {value!r}")
    return value


def _read_kinds(value: Any) -> tuple[str, ...]:
    from .state.complaints import check_kinds

    return check_kinds(*([value] if isinstance(value, str) else value))


def _read_tolerated(value: Any) -> Any:
    if value != ():
        from ..recordings.tolerance import Tolerance

        Tolerance(value)
    return value


def _read_chunks(value: Any) -> str | int:
    if value == "recorded":
        return "recorded"
    from .replay.beats import ReplayPace

    return ReplayPace(int(value) if isinstance(value, str) and value.isdecimal() else value).chunks


def _read_pace(value: Any) -> bool | float:
    if value is False:
        return False
    from .replay.beats import ReplayPace

    return ReplayPace(real=value).real


def _read_texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _read_patterns(value: Any) -> tuple[str, ...]:
    patterns = _read_texts(value)
    if patterns:
        from ..recordings.scrub.policy import ScrubRules

        ScrubRules.from_options((), patterns, named="the pattern")
    return patterns


def _read_hook(value: Any) -> Any:
    if value is not None:
        from ..recordings.record_hooks import find_hook

        find_hook(value)
    return value


OPTIONS: dict[str, Option] = {
    "seed": Option(
        "0",
        "Makes ids and signatures; the same seed makes the same ones.",
        read=str,
        flag="--seed",
    ),
    "era": Option(
        "2026-10",
        "Answer as the live server did in that month, such as 2026-06.",
        metavar="MONTH",
        read=_read_era,
        flag="--era",
    ),
    "models": Option(
        (),
        "A model to know besides the built-in ones: NAME, or NAME=KNOWN for one like a known one.",
        "list",
        metavar="NAME",
        read=_read_models,
        flag="--models",
    ),
    "agents": Option(
        (),
        "An agent to know besides the built-in ones: NAME, or NAME=KNOWN.",
        "list",
        metavar="NAME",
        read=_read_agents,
        flag="--agents",
    ),
    "any_model": Option(
        False,
        "Take every model's name.",
        "switch",
        flag="--any-model",
    ),
    "decode_limit": Option(
        None,
        "The most tokens of one answer; a longer one has to be continued.",
        "number",
        metavar="TOKENS",
        read=_read_limit,
        flag="--decode-limit",
    ),
    "allow": Option(
        (),
        "What is no complaint, such as leftover; see docs/pytest.md.",
        "list",
        metavar="KIND",
        attribute=False,
        read=_read_kinds,
        flag="--allow-kind",
    ),
    "tolerate": Option(
        (),
        "What may differ from a cassette: dates, a path, …; see docs/replay.md.",
        "list",
        metavar="WHAT",
        plays=True,
        read=_read_tolerated,
        flag="--tolerate",
    ),
    "missing": Option(
        "error",
        "What becomes of a request that no cassette answers.",
        choices=("error", "script", "model"),
        plays=True,
        flag="--missing",
    ),
    "chunks": Option(
        "recorded",
        "How a recorded stream comes: recorded, events, or a number of bytes.",
        plays=True,
        read=_read_chunks,
        flag="--chunks",
    ),
    "real_pace": Option(
        False,
        "Streams as slow as they were recorded.",
        "switch",
        plays=True,
        read=_read_pace,
        flag="--real-pace",
    ),
    "repeats": Option(
        False,
        "Play a recording as often as it is asked for, as serve always does.",
        "switch",
        plays=True,
    ),
    "on_unplayed": Option(
        "report",
        "What becomes of a test that does not make every recorded request.",
        choices=("report", "fail"),
        plays=True,
    ),
    "scrub": Option(
        (),
        "Treat the values of this name as secrets, too.",
        "list",
        metavar="NAME",
        plays=True,
        read=_read_texts,
        flag="--scrub",
    ),
    "scrub_pattern": Option(
        (),
        "Treat what matches as a secret, too.",
        "list",
        metavar="REGEX",
        plays=True,
        read=_read_patterns,
        flag="--scrub-pattern",
    ),
    "allow_secret": Option(
        (),
        "What matches is no secret.",
        "list",
        metavar="REGEX",
        plays=True,
        read=_read_patterns,
        flag="--allow-secret",
    ),
    "before_record_request": Option(
        None,
        "A function, or module:function, that changes or drops what is recorded of a request.",
        plays=True,
        read=_read_hook,
    ),
    "before_record_response": Option(
        None,
        "A function, or module:function, that changes or drops what is recorded.",
        plays=True,
        read=_read_hook,
    ),
}
"""The options by name, in the order in which a help lists them."""

SCRUB_OPTIONS = ("scrub", "scrub_pattern", "allow_secret")
"""The options that say what is a secret; they add up, wherever they are given."""
