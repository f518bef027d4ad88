"""The command `serve`: the fake on a port, until Ctrl-C."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import __version__
from ..doors.reachable import is_loopback_host, reachable_url
from ..fake.replay.play_options import PLAY_OPTIONS
from ..protocol.clock import Clock
from ..wording import count_of
from .safe_output import echo
from .signals import leave, stop_event_on_signal, wait_for

if TYPE_CHECKING:
    from ..fake.fake import Fake

_KEY = "fake-key"


def _explain(context: click.Context, option: click.Parameter, is_set: bool) -> None:
    """Print what nobody has observed of the live server, and exit, where `--explain` is set."""
    if is_set:
        from ..protocol.refusals.unverified import unverified_lines

        echo("\n".join(unverified_lines()))
        context.exit()


_Command = TypeVar("_Command", bound=Callable[..., Any])


def _add_play_options(command: _Command) -> _Command:
    """Give a command the options with which cassettes are played."""
    for name, option in reversed(PLAY_OPTIONS.items()):
        if not option.help:
            continue
        flag, kind = f"--{name.replace('_', '-')}", type(option.default)
        if kind is bool:
            click.option(flag, is_flag=True, help=option.help)(command)
        elif kind is tuple:
            click.option(flag, metavar=option.metavar, multiple=True, help=option.help)(command)
        else:
            choices = click.Choice(option.choices) if option.choices else None
            click.option(
                flag, default=option.default, show_default=True, type=choices, help=option.help
            )(command)
    return command


def _read_play_options(texts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `Fake.play` for the values of the command line."""
    return {
        name: PLAY_OPTIONS[name].read(value) if isinstance(value, str) else value
        for name, value in texts.items()
    }


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--expose", is_flag=True, help="Do listen on a --host that other machines reach.")
@click.option(
    "--control-host",
    "control_hosts",
    metavar="NAME",
    multiple=True,
    help="A further name under which programs on this machine may use the control routes.",
)
@click.option(
    "--control-token",
    metavar="TOKEN",
    envvar="FAKEGEMINI_CONTROL_TOKEN",
    default="",
    help="Let callers elsewhere use the control routes, who send it as X-Fakegemini-Token.",
)
@click.option(
    "--port",
    default=8787,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port to listen on; 0 takes a free one.",
)
@click.option(
    "--seed",
    default="0",
    show_default=True,
    help="Makes ids and signatures; the same seed makes the same ones.",
)
@click.option(
    "--script",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="What the model answers, in YAML, JSON or Python; read again when it changes.",
)
@click.option(
    "--cassettes",
    metavar="PATH",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Replay a recording, or a folder of them, as often as it is asked for.",
)
@_add_play_options
@click.option(
    "--first-token",
    metavar="SECONDS",
    default=0.0,
    type=click.FloatRange(min=0),
    help="How long a stream takes until its first step.",
)
@click.option(
    "--tokens-per-second",
    metavar="N",
    type=click.FloatRange(min=0, min_open=True),
    help="How fast a stream comes; at once if not given.",
)
@click.option(
    "--decode-limit",
    metavar="TOKENS",
    type=click.IntRange(min=1),
    help="The most tokens of one answer; a longer one has to be continued.",
)
@click.option(
    "--era", metavar="MONTH", help="Answer as the live server did in that month, such as 2026-06."
)
@click.option(
    "--explain",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_explain,
    help="List what the fake does although nobody has observed it, and exit.",
)
def serve(
    host: str,
    expose: bool,
    control_hosts: tuple[str, ...],
    control_token: str,
    port: int,
    seed: str,
    script: Path | None,
    cassettes: tuple[Path, ...],
    first_token: float,
    tokens_per_second: float | None,
    decode_limit: int | None,
    era: str | None,
    **play_options: Any,
) -> None:
    """Serve the fake until Ctrl-C."""
    from ..doors.access_log import log_requests
    from ..doors.log_writer import LogWriter
    from ..doors.loopback import serve as open_server
    from ..errors import BadScript, CannotListen, Unreadable
    from ..fake.fake import Fake
    from ..faults import pace
    from ..protocol.clock import OffsetClock

    _check_host(host, expose=expose)
    write = LogWriter(sys.stdout)
    fake = Fake(seed=seed, clock=OffsetClock(_wall_clock), decode_limit=decode_limit)
    fake.open_control(hosts=(*control_hosts, host), token=control_token)
    if era:
        try:
            fake.era = era
        except BadScript as error:
            raise click.ClickException(str(error)) from None
    complaints: deque[str] = deque()
    fake.complaints.listener = complaints.append

    def write_line(line: str) -> None:
        write(line)
        while complaints:  # what a test would fail with, behind the line of its request
            write(indent(complaints.popleft(), "    "))

    handler = pace(first_token, tokens_per_second)(fake.handle)
    try:
        if script:
            from ..fake.control.script_file import ScriptFile

            handler = ScriptFile(script, fake).wrap(handler, write)
        if cassettes:
            fake.play(*cassettes, **_read_play_options(play_options), repeats=True)
    except (BadScript, Unreadable) as error:
        raise click.ClickException(str(error)) from None
    stop = stop_event_on_signal()
    try:
        with open_server(
            log_requests(handler, write_line),
            host=host,
            port=port,
            real_time=True,
            takes_long=fake.takes_long,
        ) as url:
            lines = [*greeting(reachable_url(url)), *_cassette_lines(fake)]
            write("\n".join([*lines, *_exposure_lines(host, control_token)]))
            wait_for(stop)
    except CannotListen as error:
        raise click.ClickException(f"{error} (try --port 0 for a free port)") from None
    write("\nstopped")
    write.finish()
    leave(0)


def _check_host(host: str, *, expose: bool) -> None:
    """Raise for an empty host, and for one that others reach where nobody said twice so."""
    if not host.strip():
        raise click.ClickException("--host is empty, which would be every address of this machine")
    if not is_loopback_host(host) and not expose:
        raise click.ClickException(
            f"--host {host} lets other machines in, which read and answer every prompt; if that is "
            "meant, add --expose"
        )


def _exposure_lines(host: str, control_token: str) -> list[str]:
    """Warn of a host that other machines reach."""
    if is_loopback_host(host):
        return []
    control = "with the token" if control_token else "not, without --control-token"
    return [
        f"Warning: other machines reach it on {host}, and no key is checked. They may script it "
        f"{control}."
    ]


def greeting(url: str) -> list[str]:
    """Return the lines that `serve` prints first: where it answers, and what to type next."""
    return [
        f"fakegemini {__version__} answers on {url}",
        "Point an SDK at it:",
        f"  export GOOGLE_GEMINI_BASE_URL={url}",
        f"  export GEMINI_API_KEY={_KEY}",
        "Stop it with Ctrl-C.",
    ]


def _cassette_lines(fake: Fake) -> list[str]:
    """Return what `serve` prints about its cassettes."""
    count = len(fake.recorded_on)
    if not count:
        return []
    return [f"Replaying {count_of(count, 'cassette')}."]


_wall_clock: Clock = time.time
