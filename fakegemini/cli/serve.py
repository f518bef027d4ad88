"""The command `serve`: the fake on a port, until Ctrl-C."""

from __future__ import annotations

import sys
from collections import deque
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

import click

from .. import __version__
from ..doors.access_log import LOG_FORMATS, log_requests
from ..doors.impatience import wait_for
from ..doors.listeners import bare_host, leads_here_alone, resolve
from ..doors.reachable import reachable_url
from ..doors.sdk_variables import KEY
from ..errors import CannotListen
from ..recordings.uncollected import uncollected
from ..wording import count_of, spell_json, spell_unsafe_json
from .fake_options import add_fake_options, list_complaints, make_fake
from .keeper import open_keeper
from .own_process import collect_seldom, take_turns_often
from .ready_file import ready_signal
from .safe_output import echo
from .shared_options import add_report_option, add_upstream_option
from .signals import leave, stop_event_on_signal

if TYPE_CHECKING:
    from ..fake.fake import Fake

_UPSTREAM = "upstream"


def _explain(context: click.Context, option: click.Parameter, is_set: bool) -> None:
    """Print what nobody has observed of the live server, and exit, where `--explain` is set."""
    if is_set:
        from ..protocol.refusals.unverified import unverified_lines

        echo("\n".join(unverified_lines()))
        context.exit()


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar="FAKEGEMINI_HOST",
    help="The address to listen on.",
)
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
    envvar="FAKEGEMINI_PORT",
    help="The port to listen on; 0 takes a free one.",
)
@click.option(
    "--ready-file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the address into this file once it answers, and take it away at the end.",
)
@click.option(
    "--log-format",
    default="text",
    show_default=True,
    type=click.Choice([*LOG_FORMATS]),
    help="How the log is written: a line for people, or a JSON object a line.",
)
@add_report_option
@add_upstream_option("Where `--missing upstream` leads, the live API if not given.")
@click.option(
    "--record",
    "cassette",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Record into this cassette what `--missing upstream` lets through.",
)
@click.option("--quiet", is_flag=True, help="Print no log, only the greeting and complaints.")
@partial(add_fake_options, further_choices={"missing": (_UPSTREAM,)})
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
    ready_file: Path | None,
    log_format: str,
    quiet: bool,
    report: Path | None,
    upstream: str | None,
    cassette: Path | None,
    **fake_options: Any,
) -> None:
    """Serve the fake until Ctrl-C."""
    with uncollected():
        from ..doors.live_page import check_report_path, serve_page, write_report
        from ..doors.live_transcript import Transcript
        from ..doors.log_writer import LogWriter
        from ..doors.loopback import serve as open_server
        from ..doors.slim_uvicorn import load_slim_uvicorn
        from ..errors import FakeGeminiError, NotWritten

        load_slim_uvicorn()
        _check_host(host, expose=expose)
        host = bare_host(host)
        try:
            check_report_path(report)
        except NotWritten as error:
            raise click.ClickException(str(error)) from None
        goes_on = _take_upstream(fake_options, upstream, cassette)
        write = LogWriter(sys.stdout)
        fake, handler = make_fake(fake_options, write)
    fake.open_control(hosts=(*control_hosts, host), token=control_token)
    is_json = log_format == "json"
    complaints: deque[str] = deque()
    fake.complaints.listener = complaints.append

    transcript = Transcript()
    watched = transcript.watch(fake, handler)

    def write_line(line: str) -> None:
        if not quiet:
            write(line)
        while complaints:  # what a test would fail with, behind the line of its request
            text = complaints.popleft()
            write(_spell_line("complaint", text) if is_json else indent(text, "    "))

    log_options: dict[str, Any] = {"log_format": log_format}
    if not sys.stdout.isatty():
        log_options["longest"] = 0  # whoever reads a file can search it, not ask again
    keeper = open_keeper(fake_options["script"])
    stop = stop_event_on_signal(saves=cassette is not None, keeper=keeper)
    collect_seldom()
    take_turns_often()
    try:
        served = serve_page(transcript, fake, log_requests(watched, write_line, **log_options))
        with ExitStack() as stack:
            if goes_on:
                from ..record.front import serve_before_upstream

                url = stack.enter_context(
                    serve_before_upstream(
                        *(fake, served, write),
                        host=host,
                        port=port,
                        upstream=upstream or "",
                        cassette=cassette,
                        ends_process=True,
                    )
                )
            else:
                url = stack.enter_context(
                    open_server(
                        served,
                        host=host,
                        port=port,
                        real_time=True,
                        takes_long=fake.takes_long,
                    )
                )
            lines = [*greeting(reachable_url(url)), *_cassette_lines(fake)]
            lines += _exposure_lines(host, control_token)
            if sys.stdout.isatty():
                lines.append(f"See it in a browser: {reachable_url(url)}/")
            write(_spell_line("url", reachable_url(url)) if is_json else "\n".join(lines))
            with ready_signal(ready_file, reachable_url(url)):
                wait_for(stop)
    except CannotListen as error:
        raise click.ClickException(f"{error} (try --port 0 for a free port)") from None
    except FakeGeminiError as error:
        raise click.ClickException(str(error)) from None
    if not is_json:
        write("\nstopped")
    write.finish()
    if report:
        try:
            write_report(report, transcript, "fakegemini serve", list_complaints(fake))
        except NotWritten as error:
            raise click.ClickException(f"--report: {error}") from None
    leave(0)


def _take_upstream(options: dict[str, Any], upstream: str | None, cassette: Path | None) -> bool:
    """Tell whether what is missing goes to the live API; the fake itself need not know."""
    if options["missing"] != _UPSTREAM:
        if upstream or cassette:
            option = "--upstream" if upstream else "--record"
            raise click.ClickException(f"{option} goes with --missing upstream")
        return False
    if options["cassettes"]:
        raise click.ClickException(
            "--missing upstream goes with --script; for a cassette, `fakegemini record --mode "
            "new_episodes` replays it and records the rest"
        )
    options["missing"] = "error"
    return True


def _spell_line(name: str, text: str) -> str:
    """Return a line of the log in JSON that is about no request."""
    return spell_unsafe_json(spell_json({name: text}, compact=True))


def _check_host(host: str, *, expose: bool) -> None:
    """Raise for an empty host, and for one that others reach where nobody said twice so."""
    if not host.strip():
        raise click.ClickException("--host is empty, which would be every address of this machine")
    try:
        resolve(host)
    except CannotListen as error:
        raise click.ClickException(f"--host: {error}") from None
    if not expose and not leads_here_alone(host):
        raise click.ClickException(
            f"--host {host} lets other machines in, which read and answer every prompt; if that is "
            "meant, add --expose"
        )


def _exposure_lines(host: str, control_token: str) -> list[str]:
    """Warn of a host that other machines reach."""
    if leads_here_alone(host):
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
        f"  export GEMINI_API_KEY={KEY}",
        "Stop it with Ctrl-C.",
    ]


def _cassette_lines(fake: Fake) -> list[str]:
    """Return what `serve` prints about its cassettes."""
    count = len(fake.recorded_on)
    if not count:
        return []
    return [f"Replaying {count_of(count, 'cassette')}."]
