"""The command that measures the live API again: `canary`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from .safe_output import echo, echo_error, to_stderr
from .shared_options import add_upstream_option
from .signals import clean_up_on_sigterm


@click.command()
@click.option(
    "--requests",
    "budget",
    default=40,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="The most requests to make; probes that need more are left out, and named.",
)
@click.option("--dry-run", is_flag=True, help="Show each request and what it costs; send nothing.")
@click.option(
    "--cassette",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to record it; canary-DATE.yaml if not given.",
)
@add_upstream_option("Whom to ask; the live API if not given.")
def canary(budget: int, dry_run: bool, cassette: Path | None, upstream: str | None) -> None:
    """Measure again, with your key, what may have moved and what nobody has observed.

    Each probe asks the live API and the fake the same, and what differs is news. All of it is
    recorded, without secrets. Exit status: 0 all agrees, 1 something differs, 2 something could not
    be measured.
    """
    from ..errors import FakeGeminiError
    from ..protocol.paths import LIVE_API_URL
    from ..record.canary.asker import describe_question
    from ..record.canary.run_canary import describe_result, plan_probes, rehearse, run_canary

    if dry_run:
        total = 0
        for row, fits in plan_probes(budget):
            echo(f"{row.name} ({row.cost}{'' if fits else ', beyond the budget'}): {row.question}")
            for question in rehearse(row)[1] if fits else ():
                total += 1
                echo(f"  {describe_question(question)}")
        echo(f"{total} requests; nothing was sent")
        return
    clean_up_on_sigterm()
    target = cassette or Path(f"canary-{time.strftime('%Y-%m-%d')}.yaml")
    try:
        result = run_canary(target, budget=budget, upstream=upstream or LIVE_API_URL, say=to_stderr)
    except FakeGeminiError as error:
        sys.exit(echo_error(error))
    echo(describe_result(result))
    sys.exit(1 if result.differences else 2 if result.not_measured else 0)
