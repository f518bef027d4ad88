"""The command `serve`: the fake on a port, until Ctrl-C."""

from __future__ import annotations

import sys
from collections import deque
from textwrap import indent
from typing import TYPE_CHECKING, Any

import click

from .. import __version__
from ..doors.reachable import is_loopback_host, reachable_url
from ..wording import count_of
from .fake_options import add_fake_options, make_fake
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
    expose: bool,
    control_hosts: tuple[str, ...],
    control_token: str,
    port: int,
    **fake_options: Any,
) -> None:
    """Serve the fake until Ctrl-C."""
    from ..doors.access_log import log_requests
    from ..doors.log_writer import LogWriter
    from ..doors.loopback import serve as open_server
    from ..errors import CannotListen

    _check_host(host, expose=expose)
    write = LogWriter(sys.stdout)
    fake, handler = make_fake(fake_options, write)
    fake.open_control(hosts=(*control_hosts, host), token=control_token)
    complaints: deque[str] = deque()
    fake.complaints.listener = complaints.append

    def write_line(line: str) -> None:
        write(line)
        while complaints:  # what a test would fail with, behind the line of its request
            write(indent(complaints.popleft(), "    "))

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
