"""The command `run`: a program with everything pointed at the fake."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..wording import count_of
from .fake_options import add_fake_options, list_complaints, make_fake
from .keeper import open_keeper
from .own_process import take_turns_often
from .safe_output import to_stderr
from .shared_options import add_report_option

if TYPE_CHECKING:
    from ..doors.intercept import Interception
    from ..fake.fake import Fake


@click.command(context_settings={"allow_interspersed_args": False})
@click.option(
    "--allow",
    "allowed",
    metavar="HOST",
    multiple=True,
    help="Let the program reach this host; *.example.com is every host below example.com.",
)
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    help="Where the fake listens; 0, the default, takes a free port.",
)
@click.option("--log", is_flag=True, help="Write a line for each request.")
@add_report_option
@click.option("--strict", is_flag=True, help="Exit with 1 where there are complaints.")
@add_fake_options
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(
    allowed: tuple[str, ...],
    port: int,
    log: bool,
    strict: bool,
    report: Path | None,
    command: tuple[str, ...],
    **fake_options: Any,
) -> None:
    """Run COMMAND with everything pointed at the fake, also what has the API's host written in.

    The SDKs find the fake by their variables. Requests to the hosts of the API and of Vertex are
    caught by a proxy on this machine, whose certificates only COMMAND trusts. Other hosts are
    refused.

    Exit status: that of COMMAND, or its signal; 1 where it could not be run.
    """
    from ..doors.access_log import log_requests
    from ..doors.catch_program import catching
    from ..doors.live_page import check_report_path, serve_page, write_report
    from ..doors.live_transcript import Transcript
    from ..doors.log_writer import LogWriter
    from ..doors.loopback import serve
    from ..doors.reach import Reach
    from ..doors.run_command import CommandRunner, leave_as
    from ..doors.sdk_variables import sdk_variables, with_variables
    from ..errors import FakeGeminiError

    write = LogWriter(sys.stderr)  # whoever does not read what it says holds no request up

    def say(text: str) -> None:
        write(_name_lines(text))

    fake, handler = make_fake(fake_options, say)
    fake.watch()
    transcript = Transcript()
    handler = transcript.watch(fake, handler)
    if log:
        handler = log_requests(handler, say)
    handler = serve_page(transcript, fake, handler)
    keeper = open_keeper(fake_options["script"])
    take_turns_often()
    try:
        check_report_path(report)
        with (
            CommandRunner(say, on_signal=keeper.dismiss if keeper else _ignore) as runner,
            serve(handler, port=port, real_time=True, takes_long=fake.takes_long) as url,
            catching(url, Reach(allowed), say) as (interception, variables),
        ):
            fake.url = url
            if sys.stderr.isatty():
                say(f"see it in a browser: {url}/")
            status = runner.run(command, with_variables(os.environ, sdk_variables(url), variables))
        write.finish()
        complaints = list_complaints(fake)
        if report:
            write_report(report, transcript, " ".join(command), complaints)
    except FakeGeminiError as error:
        raise click.ClickException(str(error)) from None
    for text in complaints:
        _say(text)
    _say(_summarize(fake, interception, len(complaints), command[0]))
    sys.exit(leave_as(status) or int(strict and bool(complaints)))


def _ignore() -> None:
    """Do nothing: no keeper is to be dismissed."""


def _say(text: str) -> None:
    """Print a text for the user."""
    to_stderr(_name_lines(text))


def _name_lines(text: str) -> str:
    """Return a text whose first line names us, beside the output of the command."""
    first, *others = text.splitlines()
    return "\n".join([f"fakegemini run: {first}", *(f"    {line}" for line in others)])


def _summarize(fake: Fake, interception: Interception, complaints: int, program: str) -> str:
    """Say what reached the fake by which way, or why nothing did."""
    from ..protocol.paths import API_HOST

    total = len(fake.requests)
    if not total:
        return _explain_silence(interception, program)
    caught = sum(
        bool(API_HOST.fullmatch((request.header("host") or "").partition(":")[0]))
        for request in fake.requests
    )
    ways = [f"{caught} caught on the way to the API's hosts"] if caught else []
    ways += [f"{total - caught} by the variables"] if total > caught else []
    counts = f"{count_of(total, 'request')} ({', '.join(ways)})"
    return f"{counts}, {count_of(complaints, 'complaint')}"


def _explain_silence(interception: Interception, program: str) -> str:
    """Say why nothing reached the fake, as far as that can be seen."""
    if interception.caught.total() > interception.trusted:
        hosts = ", ".join(sorted(interception.caught))
        return (
            f"no request arrived: {program} was caught on its way to {hosts} and did not trust the "
            "certificate. Fix: let it take the authorities that SSL_CERT_FILE names, or the "
            "address in GOOGLE_GEMINI_BASE_URL"
        )
    if interception.refused:
        hosts = ", ".join(sorted(interception.refused))
        return f"no request arrived: {program} asked only for {hosts}, which was refused"
    return (
        f"no request arrived: {program} used neither the address in GOOGLE_GEMINI_BASE_URL nor the "
        "proxy in HTTPS_PROXY. If it did ask the API, it asked the live one. Fix: let its client "
        "take the proxy of the environment (aiohttp: trust_env=True), or give it the address"
    )
