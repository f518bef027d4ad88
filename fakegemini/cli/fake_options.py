"""Make the fake of a command: which options say what it answers, and what comes of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import click

from ..fake.option_values import parse_option, variable_of
from ..fake.options import OPTIONS
from ..protocol.clock import Clock

if TYPE_CHECKING:
    from ..fake.fake import Fake
    from ..wire.http import Handler

_wall_clock: Clock = time.time
_Command = TypeVar("_Command", bound=Callable[..., Any])
_Decorator: TypeAlias = Callable[[Any], Any]


def _options_with_flags(further_choices: Mapping[str, tuple[str, ...]]) -> Iterator[_Decorator]:
    """Yield the options of a fake that have a flag of their own, as options of click."""
    for name, option in OPTIONS.items():
        if not option.flag:
            continue
        add = partial(click.option, option.flag, name, help=option.help, envvar=variable_of(name))
        if option.form == "switch":
            yield add(is_flag=True)
        elif option.form == "list":
            yield add(metavar=option.metavar, multiple=True)
        else:
            choices = (*option.choices, *further_choices.get(name, ()))
            yield add(
                default=None if option.default is None else str(option.default),
                show_default=option.default is not None,
                metavar=option.metavar,
                type=click.Choice(choices) if choices else None,
            )


_FILE_OPTIONS: tuple[_Decorator, ...] = (
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
)
_PACE_OPTIONS: tuple[_Decorator, ...] = (
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
)


def add_fake_options(
    command: _Command, *, further_choices: Mapping[str, tuple[str, ...]] = {}
) -> _Command:
    """Give a command the options that say what the fake answers.

    further_choices: what an option may be in this command alone, by the option's name
    """
    options = (*_FILE_OPTIONS, *_options_with_flags(further_choices), *_PACE_OPTIONS)
    for option in reversed(options):
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

    try:
        fake_options: dict[str, Any] = {
            name: parse_option(name, options[name])
            if isinstance(options[name], str)
            else options[name]
            for name in OPTIONS
            if options.get(name) is not None
        }
        fake = Fake(clock=OffsetClock(_wall_clock), **fake_options)
        handler = pace(options["first_token"], options["tokens_per_second"])(fake.handle)
        if options["script"]:
            from ..fake.control.script_file import ScriptFile

            handler = ScriptFile(options["script"], fake).wrap(handler, write_line)
        if options["cassettes"]:
            fake.play(*options["cassettes"], repeats=True)
    except (BadScript, Unreadable) as error:
        raise click.ClickException(str(error)) from None
    return fake, handler


def list_complaints(fake: Fake) -> list[str]:
    """Return the texts of what would fail a test."""
    from ..wire.http import Request

    reply = fake.handle(Request("GET", "/__fakegemini__/complaints"))
    body = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
    return [complaint["text"] for complaint in json.loads(body)]
