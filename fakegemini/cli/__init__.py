"""The commands. Each prints the next thing to type."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import __version__
from ..protocol.clock import Clock
from ..wording import count_of
from . import record, view
from .record import stop_event_on_signal

if TYPE_CHECKING:
    from ..fake.fake import Fake

_KEY = "fake-key"
_MANY_FILES = 20


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def main() -> None:
    """The Gemini Interactions API on your own machine."""


def _explain(context: click.Context, option: click.Parameter, is_set: bool) -> None:
    if is_set:
        from ..protocol.refusals.unverified import unverified_lines

        click.echo("\n".join(unverified_lines()))
        context.exit()


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8787, show_default=True, type=click.IntRange(0, 65535), help="0 = a free one."
)
@click.option("--seed", default="0", show_default=True, help="Decides ids and signatures.")
@click.option(
    "--script",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="What it says: YAML, JSON or Python; read again when it changes.",
)
@click.option(
    "--cassettes",
    metavar="PATH",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Replay these recordings, or folders of them, as often as asked.",
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
    help="How long a stream takes to its first step.",
)
@click.option(
    "--tokens-per-second",
    metavar="N",
    type=click.FloatRange(min=0, min_open=True),
    help="How fast a stream goes on; at once if not given.",
)
@click.option(
    "--decode-limit",
    metavar="TOKENS",
    type=click.IntRange(min=1),
    help="The most tokens of one answer: longer ones need continuation.",
)
@click.option("--era", metavar="MONTH", help="Answer as the live server of that time did.")
@click.option(
    "--explain",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_explain,
    help="List what it does that nobody has observed, and exit.",
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
    from ..doors.loopback import serve as listening
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
        with listening(
            log_requests(handler, click.echo), host=host, port=port, real_time=True
        ) as url:
            click.echo("\n".join([*greeting(url), *_cassette_lines(fake)]))
            stop.wait()
    except CannotListen as error:
        raise click.ClickException(f"{error} (try --port 0 for a free port)") from None
    click.echo("\nstopped")


@main.command()
def demo() -> None:
    """Run four short programs against the fake and show each exchange."""
    from ..doors.loopback import serve as listening
    from ..errors import DemoFailed
    from ..fake.fake import Fake
    from .demo import run_demo

    with listening(Fake().handle) as url:
        click.echo(f"fakegemini {__version__} answers on {url}; no key, no network.")
        try:
            run_demo(url, click.echo)
        except DemoFailed as error:
            raise click.ClickException(str(error)) from None
    click.echo("\nNext: fakegemini serve, or the fixture `fakegemini` in a pytest test.")


def _explain_rule(context: click.Context, option: click.Parameter, name: str | None) -> None:
    """Print what a rule says, and exit: before anything asks for paths."""
    if name is None:
        return
    from ..contract.explain import explain_rule

    try:
        click.echo(explain_rule(name))
    except LookupError as error:
        raise click.UsageError(error.args[0]) from None
    context.exit()


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--explain",
    metavar="RULE",
    is_eager=True,
    expose_value=False,
    callback=_explain_rule,
    help="Print what a rule says and how it is known; `all` lists the rules.",
)
@click.option(
    "--format",
    "form",
    default="text",
    show_default=True,
    type=click.Choice(["text", "json", "junit", "github", "html"]),
)
@click.option("--strict", is_flag=True, help="Drift fails too.")
@click.option("--requests-only", is_flag=True, help="Check only what was asked.")
@click.option("--responses-only", is_flag=True, help="Check only what was answered.")
def check(
    paths: tuple[Path, ...], form: str, strict: bool, requests_only: bool, responses_only: bool
) -> None:
    """Check recordings against what the live server was recorded to do.

    Reads VCR YAML and JSON, HAR, interaction JSON, event streams, JSONL, and folders of these.
    Exit status: 0 no violation, 1 violations, 2 something could not be checked.
    """
    from ..contract.checker import SIDES, check_paths
    from ..contract.report import FORMATS

    if requests_only and responses_only:
        raise click.UsageError("--requests-only and --responses-only leave nothing to check")
    sides = SIDES
    if requests_only or responses_only:
        sides = frozenset({"request" if requests_only else "response"})
    report = check_paths(paths, sides=sides, progress=_show_progress)
    click.echo(FORMATS[form](report))
    sys.exit(report.exit_status(strict=strict))


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--least", default=99.0, show_default=True, help="The share in percent to reach.")
def verify(paths: tuple[Path, ...], least: float) -> None:
    """Verify the fake against recordings: the same requests, the answers compared in shape.

    Exit status: 0 the share is reached, 1 it is not, 2 something could not be compared.
    """
    from ..inspect.verify import format_percent, verify_paths

    outcome = verify_paths(list(paths))
    for file in outcome.files:
        points = file.comparison.points
        note = f" ({file.legacy} legacy left out)" if file.legacy else ""
        note = note if file.exchanges or note else " (no requests to replay)"
        click.echo(
            f"{format_percent(file.equal, points):>7} {file.equal}/{points}  {file.file}{note}"
        )
        for difference in file.comparison.differences:
            click.echo(f"          {difference}")
    for reason in outcome.unreadable:
        click.echo(f"could not compare {reason}")
    click.echo(str(outcome))
    sys.exit(outcome.exit_status(least))


@main.command()
@click.option("--fail-on", type=click.Choice(["new", "any"]), help="What makes the exit status 1.")
@click.option("--write", is_flag=True, help="For maintainers: write stub schemas of what is new.")
@click.option("--all", "show_all", is_flag=True, help="Show what schemas/README.md explains, too.")
def drift(fail_on: str | None, write: bool, show_all: bool) -> None:
    """Compare the schemas with the installed google-genai (2.x or 3.x), in both directions.

    Exit status: 0 fine, 1 what --fail-on names was found, 2 google-genai cannot be read.
    """
    from ..contract.drift.differences import find_drift, format_drift
    from ..errors import NoSdk

    try:
        differences = find_drift(write=write)
    except (NoSdk, OSError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    click.echo(format_drift(differences, show_all=show_all))
    failing = {"new": ("new",), "any": ("new", "gone")}.get(fail_on or "", ())
    sys.exit(1 if failing and differences.unexplained(*failing) else 0)


for command in (
    *(record.record, record.rerecord, record.scrub),
    *(view.show, view.diff, view.convert),
):
    main.add_command(command)


def _show_progress(files: list[Path]) -> Iterator[Path]:
    """The files, with a bar on a terminal where they are many."""
    if len(files) < _MANY_FILES or not sys.stderr.isatty():
        yield from files
        return
    with click.progressbar(files, label="checking", file=sys.stderr) as bar:
        yield from bar


def greeting(url: str) -> list[str]:
    """What `serve` prints first: where it answers, and what to type next."""
    return [
        f"fakegemini {__version__} answers on {url}",
        "Point an SDK at it:",
        f"  export GOOGLE_GEMINI_BASE_URL={url}",
        f"  export GEMINI_API_KEY={_KEY}",
        "Stop it with Ctrl-C.",
    ]


def _cassette_lines(fake: Fake) -> list[str]:
    """What `serve` says of its cassettes."""
    count = len(fake.recorded_on)
    if not count:
        return []
    return [f"Replaying {count_of(count, 'cassette')}."]


_wall_clock: Clock = time.time
