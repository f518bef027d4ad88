"""The command that says which recording answers a request: `why`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from .record import add_scrub_options
from .safe_output import echo, echo_error, echo_json


@click.command("why")
@click.argument("paths", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option(
    "--request",
    "request_files",
    multiple=True,
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path, allow_dash=True),
    help="The request: the JSON body of a create, or an object or a text with method and path; - "
    "reads it from the standard input. Several are asked in their order.",
)
@click.option("--tolerate", multiple=True, metavar="WHAT", help="What may differ: dates, a path, …")
@click.option("--repeats", is_flag=True, help="Play a recording as often as it is asked for.")
@click.option(
    "--hooks",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A Python file with the before_record_request of the recording.",
)
@add_scrub_options
@click.option(
    "--format",
    "form",
    default="text",
    show_default=True,
    type=click.Choice(["text", "json"]),
    help="What to write.",
)
def explain_request(
    paths: tuple[Path, ...],
    request_files: tuple[Path, ...],
    tolerate: tuple[str, ...],
    repeats: bool,
    hooks: Path | None,
    scrub_fields: tuple[str, ...],
    scrub_patterns: tuple[str, ...],
    allowed: tuple[str, ...],
    form: str,
) -> None:
    """Say which recorded exchange a request would get, and by which rules of meaning.

    Exit status: 0 every request is answered, 1 one is a miss, 2 something could not be read.
    """
    from ..errors import FakeGeminiError
    from ..inspect.asked_requests import read_requests
    from ..inspect.explanation_text import render_explanation
    from ..inspect.request_explanations import explain_requests
    from ..recordings.record_hooks import RecordHooks
    from ..wording import spell_json

    options: Any = {
        "tolerate": tolerate,
        "repeats": repeats,
        "scrub": scrub_fields,
        "scrub_pattern": scrub_patterns,
        "allow_secret": allowed,
    }
    try:
        if hooks:
            options["before_record_request"] = RecordHooks.from_file(hooks).request
        requests = [request for file in request_files for request in read_requests(file)]
        explanations = explain_requests(paths, requests, options)
    except FakeGeminiError as error:
        sys.exit(echo_error(error))
    except RecursionError:
        sys.exit(echo_error("a request or a recording is nested too deeply to be compared"))
    if form == "json":
        echo_json(spell_json([one.to_json() for one in explanations], indent=2))
    else:
        echo("\n\n".join(map(render_explanation, explanations)))
    sys.exit(1 if any(one.miss for one in explanations) else 0)
