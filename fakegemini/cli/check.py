"""The commands that compare: `check`, `verify`, `drift`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from ..contract.report import FORMATS
from ..recordings.uncollected import uncollected
from .safe_output import echo, echo_error, echo_report

_MANY_FILES = 20
"""From how many files on a terminal shows a bar."""


def _explain_rule(context: click.Context, option: click.Parameter, name: str | None) -> None:
    """Print what a rule says, and exit: before anything asks for paths."""
    if name is None:
        return
    from ..contract.explain import explain_rule

    try:
        echo(explain_rule(name))
    except LookupError as error:
        raise click.UsageError(error.args[0]) from None
    context.exit()


@click.command()
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
    type=click.Choice([*FORMATS]),
    help="What the report is written in; `github` makes annotations.",
)
@click.option("--strict", is_flag=True, help="Let drift fail the check, too.")
@click.option("--requests-only", is_flag=True, help="Check the requests only.")
@click.option("--responses-only", is_flag=True, help="Check the answers only.")
def check(
    paths: tuple[Path, ...], form: str, strict: bool, requests_only: bool, responses_only: bool
) -> None:
    """Check recordings against the contract of the live server.

    Reads VCR YAML and JSON, HAR, interaction JSON, event streams, JSONL, and folders of these.
    Exit status: 0 no violation, 1 violations, 2 something could not be checked.
    """
    with uncollected():
        from ..contract.checker import SIDES, check_paths

    if requests_only and responses_only:
        raise click.UsageError("--requests-only and --responses-only leave nothing to check")
    sides = SIDES
    if requests_only or responses_only:
        sides = frozenset({"request" if requests_only else "response"})
    report = check_paths(paths, sides=sides, progress=_show_progress)
    echo_report(FORMATS[form](report))
    sys.exit(report.exit_status(strict=strict))


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--least",
    default=99.0,
    show_default=True,
    help="How many percent of the points have to be equal, of all and of those about each thing.",
)
def verify(paths: tuple[Path, ...], least: float) -> None:
    """Verify the fake against recordings: ask it the same, compare its answers.

    Its script is what the model said, and no more. Exit status: 0 enough is equal (--least), 1 it
    is not, 2 something could not be compared.
    """
    from ..inspect.verify import format_percent, verify_paths

    outcome = verify_paths(list(paths))
    for file in outcome.files:
        points = file.comparison.points
        note = f" ({file.legacy} legacy left out)" if file.legacy else ""
        note = note if file.exchanges or note else " (nothing to ask for)"
        echo(f"{format_percent(file.equal, points):>7} {file.equal}/{points}  {file.file}{note}")
        for difference in file.comparison.differences:
            echo(f"          {difference}")
    for reason in outcome.unreadable:
        echo(f"could not compare {reason}")
    for kind, tally in outcome.broken_kinds(least):
        echo(f"broken: {kind}: {tally.equal} of {tally.points} points equal")
    echo(str(outcome))
    sys.exit(outcome.exit_status(least))


@click.command()
@click.option(
    "--fail-on", type=click.Choice(["new", "any"]), help="Which differences make the exit status 1."
)
@click.option("--write", is_flag=True, help="Write a first schema for each new type.")
@click.option(
    "--all",
    "show_all",
    is_flag=True,
    help="Show the differences that schemas/README.md explains, too.",
)
def drift(fail_on: str | None, write: bool, show_all: bool) -> None:
    """Compare the schemas with the installed google-genai (2.x or 3.x), both ways.

    Exit status: 0 fine, 1 there is what --fail-on names, 2 google-genai cannot be read.
    """
    from ..contract.drift.differences import find_drift, format_drift
    from ..errors import NoSdk

    try:
        differences = find_drift(write=write)
    except (NoSdk, OSError) as error:
        sys.exit(echo_error(error))
    echo(format_drift(differences, show_all=show_all))
    failing = {"new": ("new",), "any": ("new", "gone")}.get(fail_on or "", ())
    sys.exit(1 if failing and differences.unexplained(*failing) else 0)


def _show_progress(files: list[Path]) -> Iterator[Path]:
    """Yield the files, with a bar on a terminal where there are many."""
    if len(files) < _MANY_FILES or not sys.stderr.isatty():
        yield from files
        return
    with click.progressbar(files, label="checking", file=sys.stderr) as bar:
        yield from bar
