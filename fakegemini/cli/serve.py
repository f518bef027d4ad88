"""The command `serve`: the fake on a port, until Ctrl-C."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import __version__
from ..protocol.clock import Clock
from ..wording import count_of
from .signals import stop_event_on_signal

if TYPE_CHECKING:
    from ..fake.fake import Fake

_KEY = "fake-key"


def _explain(context: click.Context, option: click.Parameter, is_set: bool) -> None:
    """Print what nobody has observed of the live server, and exit, where `--explain` is set."""
    if is_set:
        from ..protocol.refusals.unverified import unverified_lines

        click.echo("\n".join(unverified_lines()))
        context.exit()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
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
@click.option(
    "--missing",
    default="error",
    show_default=True,
    type=click.Choice(["error", "script", "model"]),
    help="What becomes of a request that no cassette answers.",
)
@click.option(
    "--tolerate",
    metavar="WHAT",
    multiple=True,
    help="What may differ: dates, a path, …; see docs/replay.md.",
)
@click.option("--chunks", default="recorded", show_default=True, help="recorded, events, or bytes.")
@click.option("--real-pace", is_flag=True, help="Streams as slow as they were recorded.")
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
    port: int,
    seed: str,
    script: Path | None,
    cassettes: tuple[Path, ...],
    missing: str,
    tolerate: tuple[str, ...],
    chunks: str,
    real_pace: bool,
    first_token: float,
    tokens_per_second: float | None,
    decode_limit: int | None,
    era: str | None,
) -> None:
    """Serve the fake until Ctrl-C."""
    from ..doors.access_log import log_requests
    from ..doors.loopback import serve as open_server
    from ..errors import BadScript, CannotListen, Unreadable
    from ..fake.fake import Fake
    from ..faults import pace
    from ..protocol.clock import OffsetClock

    fake = Fake(seed=seed, clock=OffsetClock(_wall_clock), decode_limit=decode_limit)
    if era:
        try:
            fake.era = era
        except BadScript as error:
            raise click.ClickException(str(error)) from None
    handler = pace(first_token, tokens_per_second)(fake.handle)
    try:
        if script:
            from ..fake.control.script_file import ScriptFile

            handler = ScriptFile(script, fake).wrap(handler, click.echo)
        if cassettes:
            fake.play(
                *cassettes,
                tolerate=tolerate,
                missing=missing,
                chunks=int(chunks) if chunks.isdigit() else chunks,
                real_pace=real_pace,
                repeats=True,
            )
    except (BadScript, Unreadable) as error:
        raise click.ClickException(str(error)) from None
    stop = stop_event_on_signal()
    try:
        with open_server(
            log_requests(handler, click.echo), host=host, port=port, real_time=True
        ) as url:
            click.echo("\n".join([*greeting(url), *_cassette_lines(fake)]))
            stop.wait()
    except CannotListen as error:
        raise click.ClickException(f"{error} (try --port 0 for a free port)") from None
    click.echo("\nstopped")


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
