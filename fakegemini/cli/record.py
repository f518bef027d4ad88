"""The commands that record: `record`, `rerecord`, `scrub`."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click


def _add_scrub_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say what is a secret."""
    options = (
        ("--scrub", "scrub_fields", "NAME", "Take out what goes by that name, besides."),
        ("--scrub-pattern", "scrub_patterns", "REGEX", "Take out what looks like that, besides."),
        ("--allow-secret", "allowed", "REGEX", "What looks like that is no secret."),
    )
    for flag, name, metavar, text in reversed(options):
        command = click.option(flag, name, multiple=True, metavar=metavar, help=text)(command)
    return command


@click.command(context_settings={"allow_interspersed_args": False})
@click.option(
    "--cassette", required=True, metavar="FILE", type=click.Path(path_type=Path, dir_okay=False)
)
@click.option("--upstream", metavar="URL", help="Where the requests go; by default the live API.")
@click.option(
    "--mode",
    default="once",
    show_default=True,
    type=click.Choice(["none", "once", "new_episodes", "all", "rewrite"]),
    help="What becomes of a cassette that is there; as in VCR.",
)
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="0 = a free one.")
@click.option("--strict", is_flag=True, help="Violations of the contract are not saved.")
@click.option("--recover", is_flag=True, help="Save what an interrupted recording has left.")
@_add_scrub_options
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def record(
    cassette: Path,
    upstream: str | None,
    mode: str,
    port: int,
    strict: bool,
    recover: bool,
    scrub_fields: tuple[str, ...],
    scrub_patterns: tuple[str, ...],
    allowed: tuple[str, ...],
    command: tuple[str, ...],
) -> None:
    """Record what COMMAND (or, without one, anybody) says to the live API, without secrets.

    Exit status: that of COMMAND; 1 where nothing could be saved.
    """
    from ..errors import FakeGeminiError
    from ..record.session import RecordSession, recover_and_report
    from ..record.writer import Mode
    from ..recordings.scrub.policy import ScrubRules

    say = to_stderr
    try:
        rules = ScrubRules.from_options(scrub_fields, scrub_patterns, allowed)
        if recover:
            recover_and_report(cassette, rules, say)
            return
        session = RecordSession(
            cassette, Mode(mode), rules, upstream=upstream, strict=strict, say=say
        )
        status = session.run(command, port, stop_event_on_signal)
    except FakeGeminiError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(status)


@click.command()
@click.argument("cassette", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--only",
    multiple=True,
    type=click.IntRange(1),
    metavar="N",
    help="Only the conversation that exchange N belongs to.",
)
@click.option("--upstream", metavar="URL", default=None, help="Where the requests go.")
@click.option(
    "--poll", default=1.0, show_default=True, metavar="SECONDS", help="Between two polls."
)
@_add_scrub_options
def rerecord(
    cassette: Path,
    only: tuple[int, ...],
    upstream: str | None,
    poll: float,
    scrub_fields: tuple[str, ...],
    scrub_patterns: tuple[str, ...],
    allowed: tuple[str, ...],
) -> None:
    """Ask the live API again what a cassette asks, with your key, and keep today's answers.

    Exit status: 1 where the conversation went otherwise; then the cassette is as it was.
    """
    from ..errors import FakeGeminiError
    from ..protocol.paths import LIVE_API_URL
    from ..record.rerecord import rerecord_cassette
    from ..recordings.scrub.policy import ScrubRules

    try:
        rules = ScrubRules.from_options(scrub_fields, scrub_patterns, allowed)
        rerecord_cassette(
            cassette,
            only=only,
            upstream=upstream or LIVE_API_URL,
            rules=rules,
            poll=poll,
            say=to_stderr,
        )
    except FakeGeminiError as error:
        raise click.ClickException(str(error)) from None


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Change nothing; exit status 1 where there is one.")
@_add_scrub_options
def scrub(
    paths: tuple[Path, ...],
    check: bool,
    scrub_fields: tuple[str, ...],
    scrub_patterns: tuple[str, ...],
    allowed: tuple[str, ...],
) -> None:
    """Take the secrets out of recordings, in place; all else of a file stays as it is.

    Reads what `check` reads. Exit status: 0 done, 1 something is left (with --check: was found),
    2 a file could not be read or written.
    """
    from ..errors import FakeGeminiError
    from ..recordings.scrub.policy import ScrubRules
    from ..recordings.scrub.scrub_file import scrub_paths

    try:
        rules = ScrubRules.from_options(scrub_fields, scrub_patterns, allowed)
    except FakeGeminiError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(scrub_paths(paths, rules, check=check, write_line=click.echo))


def to_stderr(line: str) -> None:
    """Say something that is no output of the command."""
    click.echo(line, err=True)


def stop_event_on_signal() -> threading.Event:
    """An event that is set by Ctrl-C and by SIGTERM."""
    stop = threading.Event()

    def set_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, set_stop)
    signal.signal(signal.SIGTERM, set_stop)
    return stop
