"""The commands that read cassettes: `show`, `diff`, `convert`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from .safe_output import echo, echo_error, echo_json, echo_painted, paint


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def show(paths: tuple[Path, ...], as_json: bool) -> None:
    """Show recordings as conversations, turn by turn.

    Reads what `check` reads. Exit status: 0 all is shown, 2 something could not be read.
    """
    import json
    from dataclasses import asdict

    from ..errors import Unreadable
    from ..inspect.show import render_view
    from ..inspect.turns import view_cassette
    from ..recordings.read import files_in
    from ..wording import spell_json

    views: list[dict[str, Any]] = []
    exit_status = 0
    for path in paths:
        try:
            for file in files_in(path):
                view = view_cassette(file)
                if as_json:
                    views.append(asdict(view))
                else:
                    echo_painted(render_view(view, paint) + "\n")
        except Unreadable as error:
            exit_status = echo_error(error)
        except RecursionError:
            exit_status = echo_error(f"{path}: it is nested too deeply to be shown")
    if as_json:
        echo_json(spell_json(json.loads(json.dumps(views, default=str)), indent=2))
    sys.exit(exit_status)


@click.command()
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
@click.option("--usage", is_flag=True, help="Compare the token counts, too.")
def diff(first: Path, second: Path, usage: bool) -> None:
    """Compare two recordings by what they mean, turn by turn.

    Ids, signatures, times and chunks are not compared. Exit status: 0 the same, 1 different,
    2 something could not be read.
    """
    from ..errors import Unreadable
    from ..inspect.diff import diff_cassettes
    from ..inspect.diff_text import render_comparison

    try:
        comparisons = diff_cassettes(first, second, usage=usage)
    except Unreadable as error:
        sys.exit(echo_error(error))
    except RecursionError:
        sys.exit(echo_error(f"{first} or {second} is nested too deeply to be compared"))
    echo_painted(render_comparison(comparisons, str(first), str(second), paint))
    sys.exit(0 if all(comparison.is_same for comparison in comparisons) else 1)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="IN…", type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    metavar="FILE|FOLDER",
    help="Where to write; a folder for several recordings.",
)
@click.option(
    "--form",
    type=click.Choice(["yaml", "json"]),
    help="What to write; if not given JSON for a FILE that ends in .json, else YAML.",
)
@click.option("--force", is_flag=True, help="Overwrite existing files.")
def convert(paths: tuple[Path, ...], out: str, form: str | None, force: bool) -> None:
    """Convert recordings to cassettes: HAR, vcrpy, JSON bodies, event streams, JSONL.

    Nothing is written unless everything can be read. API keys in headers and addresses are left
    out. Exit status: 0 all is written, 2 something could not be read or written.
    """
    from ..errors import CannotConvert, NotWritten, Unreadable
    from ..inspect.convert import convert_recording, plan_jobs, write_cassette

    try:
        jobs = plan_jobs(paths, out, form, force=force)
        conversions = [(job, convert_recording(job)) for job in jobs]
        for job, cassette in conversions:
            write_cassette(job, cassette)
            echo(f"{job.source} → {job.target}: {cassette.summary}")
    except (Unreadable, CannotConvert, NotWritten) as error:
        sys.exit(echo_error(error))
    except RecursionError:
        names = ", ".join(map(str, paths))
        sys.exit(echo_error(f"{names}: it is nested too deeply to be converted"))
