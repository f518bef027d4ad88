"""Make the fake of a command: which options say what it answers, and what comes of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click

from ..fake.replay.play_options import PLAY_OPTIONS
from ..protocol.clock import Clock

if TYPE_CHECKING:
    from ..fake.fake import Fake
    from ..wire.http import Handler

_wall_clock: Clock = time.time
_Command = TypeVar("_Command", bound=Callable[..., Any])
_Decorator: TypeAlias = Callable[[Any], Any]


def _play_options() -> Iterator[_Decorator]:
    """Yield the options with which cassettes are played."""
    for name, option in PLAY_OPTIONS.items():
        if not option.help:
            continue
        flag, kind = f"--{name.replace('_', '-')}", type(option.default)
        if kind is bool:
            yield click.option(flag, is_flag=True, help=option.help)
        elif kind is tuple:
            yield click.option(flag, metavar=option.metavar, multiple=True, help=option.help)
        else:
            choices = click.Choice(option.choices) if option.choices else None
            yield click.option(
                flag, default=option.default, show_default=True, type=choices, help=option.help
            )


def _read_play_options(texts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `Fake.play` for the values of the command line."""
    return {
        name: PLAY_OPTIONS[name].read(value) if isinstance(value, str) else value
        for name, value in texts.items()
    }


_OPTIONS: tuple[_Decorator, ...] = (
    click.option(
        "--seed",
        default="0",
        show_default=True,
        help="Makes ids and signatures; the same seed makes the same ones.",
    ),
    click.option(
        "--script",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="What the model answers, in YAML, JSON or Python; read again when it changes.",
    ),
    click.option(
        "--cassettes",
        metavar="PATH",
        multiple=True,
        type=click.Path(path_type=Path),
        help="Replay a recording, or a folder of them, as often as it is asked for.",
    ),
    *_play_options(),
    click.option(
        "--first-token",
        metavar="SECONDS",
        default=0.0,
        type=click.FloatRange(min=0),
        help="How long a stream takes until its first step.",
    ),
    click.option(
        "--tokens-per-second",
        metavar="N",
        type=click.FloatRange(min=0, min_open=True),
        help="How fast a stream comes; at once if not given.",
    ),
    click.option(
        "--decode-limit",
        metavar="TOKENS",
        type=click.IntRange(min=1),
        help="The most tokens of one answer; a longer one has to be continued.",
    ),
    click.option(
        "--era",
        metavar="MONTH",
        help="Answer as the live server did in that month, such as 2026-06.",
    ),
)


def add_fake_options(command: _Command) -> _Command:
    """Give a command the options that say what the fake answers."""
    for option in reversed(_OPTIONS):
        option(command)
    return command


def make_fake(
    options: Mapping[str, Any], write_line: Callable[[str], object]
) -> tuple[Fake, Handler]:
    """Make the fake that these options ask for, and the handler to serve it by.

    `write_line` gets what becomes of a script file. Raises a `ClickException` for a value that
    cannot be.
    """
    from ..errors import BadScript, Unreadable
    from ..fake.fake import Fake
    from ..faults import pace
    from ..protocol.clock import OffsetClock

    rest = dict(options)
    fake = Fake(
        seed=rest.pop("seed"),
        clock=OffsetClock(_wall_clock),
        decode_limit=rest.pop("decode_limit"),
    )
    era, script, cassettes = rest.pop("era"), rest.pop("script"), rest.pop("cassettes")
    handler = pace(rest.pop("first_token"), rest.pop("tokens_per_second"))(fake.handle)
    try:
        if era:
            fake.era = era
        if script:
            from ..fake.control.script_file import ScriptFile

            handler = ScriptFile(script, fake).wrap(handler, write_line)
        if cassettes:
            fake.play(*cassettes, **_read_play_options(rest), repeats=True)
    except (BadScript, Unreadable) as error:
        raise click.ClickException(str(error)) from None
    return fake, handler
