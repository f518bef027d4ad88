"""The commands that record: `record`, `rerecord`, `scrub`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from ..fake.options import OPTIONS, SCRUB_OPTIONS
from ..record.modes import MODES, describe_modes
from .own_process import take_turns_often
from .safe_output import echo, echo_error, echo_json, to_stderr
from .shared_options import add_upstream_option
from .signals import clean_up_on_sigterm, stop_event_on_signal


def add_scrub_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what is a secret, as `fakegemini serve` has them."""
    parameters = ("scrub_fields", "scrub_patterns", "allowed")
    for name, parameter in reversed([*zip(SCRUB_OPTIONS, parameters, strict=True)]):
        row = OPTIONS[name]
        add = click.option(row.flag, parameter, multiple=True, metavar=row.metavar, help=row.help)
        command = add(command)
    return command


@click.command(context_settings={"allow_interspersed_args": False})
@click.option(
    "--cassette",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to record into: JSON if it ends in .json, else YAML.",
)
@add_upstream_option("Where the requests go; the live API if not given.")
@click.option(
    "--mode",
    default="once",
    show_default=True,
    type=click.Choice([*MODES]),
    help=f"What to record. {describe_modes()}.",
)
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    help="Where the proxy listens; 0, the default, takes a free port.",
)
@click.option("--strict", is_flag=True, help="Do not save a recording that violates the contract.")
@click.option(
    "--recover", is_flag=True, help="Save what an interrupted recording left behind, and exit."
)
@click.option(
    "--hooks",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A Python file with before_record_request or before_record_response, which change or drop "
    "what is recorded.",
)
@click.option(
    "--drop-unplayed",
    is_flag=True,
    help="After COMMAND replayed the cassette and went well, drop from it what was not asked for.",
)
@add_scrub_options
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def record(
    cassette: Path,
    upstream: str | None,
    mode: str,
    port: int,
    strict: bool,
    recover: bool,
    hooks: Path | None,
    drop_unplayed: bool,
    scrub_fields: tuple[str, ...],
    scrub_patterns: tuple[str, ...],
    allowed: tuple[str, ...],
    command: tuple[str, ...],
) -> None:
    """Record what COMMAND asks the live API and what it answers, without secrets.

    Without COMMAND, it prints the address of the proxy and records until Ctrl-C.

    Exit status: that of COMMAND; 1 where nothing could be saved.
    """
    from ..errors import FakeGeminiError
    from ..record.session import RecordSession, recover_and_report
    from ..recordings.record_hooks import RecordHooks
    from ..recordings.scrub.policy import ScrubRules

    say = to_stderr
    try:
        rules = ScrubRules.from_options(scrub_fields, scrub_patterns, allowed)
        if recover:
            recover_and_report(cassette, rules, say)
            return
        session = RecordSession(
            cassette,
            MODES[mode],
            rules,
            upstream=upstream,
            strict=strict,
            say=say,
            hooks=RecordHooks.from_file(hooks) if hooks else RecordHooks(),
            drops_unplayed=drop_unplayed,
        )
        take_turns_often()
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
    help="Ask only the conversation that exchange N belongs to; can be given several times.",
)
@add_upstream_option("Where the requests go; the live API if not given.")
@click.option(
    "--poll",
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="The pause between two polls of a background run.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing: say in what shape today's answers differ from those that are recorded.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be asked; send nothing.")
@click.option(
    "--format",
    "form",
    default="text",
    show_default=True,
    type=click.Choice(["text", "json"]),
    help="What --check writes its report in.",
)
@add_scrub_options
def rerecord(
    cassette: Path,
    only: tuple[int, ...],
    upstream: str | None,
    poll: float,
    check: bool,
    dry_run: bool,
    form: str,
    scrub_fields: tuple[str, ...],
    scrub_patterns: tuple[str, ...],
    allowed: tuple[str, ...],
) -> None:
    """Ask the live API again what a cassette asks, with your key, and store today's answers.

    Exit status: 0 it is recorded again, 1 the live API answered so that the recorded requests make
    no sense, or something else failed; then the cassette is as it was. With --check: 0 all answers
    have the recorded shape, 1 one differs, 2 something could not be asked.
    """
    from ..errors import FakeGeminiError
    from ..protocol.paths import LIVE_API_URL
    from ..record.check_live import check_live, plan_requests, render_check
    from ..record.rerecord import rerecord_cassette
    from ..recordings.scrub.policy import ScrubRules
    from ..wording import count_of, spell_json

    if form != "text" and not check:
        raise click.UsageError("--format is for the report of --check")
    clean_up_on_sigterm()
    try:
        if dry_run:
            lines = plan_requests(cassette, only)
            echo("\n".join([*lines, f"{count_of(len(lines), 'request')}; nothing was sent"]))
            return
        rules = ScrubRules.from_options(scrub_fields, scrub_patterns, allowed)
        ask = check_live if check else rerecord_cassette
        outcome = ask(
            cassette,
            only=only,
            upstream=upstream or LIVE_API_URL,
            rules=rules,
            poll=poll,
            say=to_stderr,
        )
    except FakeGeminiError as error:
        if check:
            sys.exit(echo_error(error))
        raise click.ClickException(str(error)) from None
    if outcome is None:
        return
    if form == "json":
        echo_json(spell_json(outcome.to_json(), indent=2))
    else:
        echo(render_check(outcome))
    sys.exit(outcome.exit_status)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--check", is_flag=True, help="Change nothing; exit status 1 where there is a secret."
)
@add_scrub_options
def scrub(
    paths: tuple[Path, ...],
    check: bool,
    scrub_fields: tuple[str, ...],
    scrub_patterns: tuple[str, ...],
    allowed: tuple[str, ...],
) -> None:
    """Take the secrets out of recordings, in place; the rest of each file stays as it is.

    Reads what `check` reads. Exit status: 0 done, 1 a secret is left (with --check: was found), 2 a
    file could not be read or written.
    """
    from ..errors import FakeGeminiError
    from ..recordings.scrub.policy import ScrubRules
    from ..recordings.scrub.scrub_file import scrub_paths

    try:
        rules = ScrubRules.from_options(scrub_fields, scrub_patterns, allowed)
    except FakeGeminiError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(scrub_paths(paths, rules, check=check, write_line=echo))
