"""The command `serve`: the fake on a port, until Ctrl-C."""

from __future__ import annotations

from collections import deque
from textwrap import indent
from typing import TYPE_CHECKING, Any

import click

from .. import __version__
from ..wording import count_of
from .fake_options import add_fake_options, make_fake
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
@add_fake_options
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
    **fake_options: Any,
) -> None:
    """Serve the fake until Ctrl-C."""
    from ..doors.access_log import log_requests
    from ..doors.loopback import serve as open_server
    from ..errors import CannotListen

    fake, handler = make_fake(fake_options, click.echo)
    complaints: deque[str] = deque()
    fake.complaints.listener = complaints.append

    def write_line(line: str) -> None:
        click.echo(line)
        while complaints:  # what a test would fail with, behind the line of its request
            click.echo(indent(complaints.popleft(), "    "))

    stop = stop_event_on_signal()
    try:
        with open_server(
            log_requests(handler, write_line), host=host, port=port, real_time=True
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
