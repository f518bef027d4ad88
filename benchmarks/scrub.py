"""How long `fakegemini scrub --check` of a whole cassette takes, beside merely parsing it.

The cassette has 1,000 exchanges that all differ, in YAML and in JSON. Seconds of the processor.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from fakegemini.recordings.cassette import dump_cassette
from fakegemini.recordings.exchange import Exchange, RecordedExchange
from fakegemini.recordings.scrub.packed_texts import forget_openings
from fakegemini.recordings.scrub.patterns import forget_texts
from fakegemini.recordings.scrub.policy import ScrubRules
from fakegemini.recordings.scrub.scrub_file import scrub_paths

from .contract import A_FILE, conversation, parse, seconds
from .figures import Figure, Plan, compare, in_turns

EXCHANGES = 1000


def unlike(exchange: Exchange, number: int) -> RecordedExchange:
    """The exchange with texts that no other has."""
    bodies = (
        body.replace(b"tides", b"tides of day %d" % number).replace(b"moon", b"moon %d" % number)
        for body in (exchange.request_body, exchange.response_body)
    )
    request_body, response_body = bodies
    return RecordedExchange(
        replace(exchange, number=number, request_body=request_body, response_body=response_body)
    )


def checked(paths: list[Path]) -> None:
    """Check the files as a new process does, and be sure that they are clean."""
    forget_texts()
    forget_openings()
    lines: list[str] = []
    assert scrub_paths(paths, ScrubRules(), check=True, write_line=lines.append) == 0, lines


def measure(plan: Plan) -> Iterator[Figure]:
    """Measure both forms."""
    count = A_FILE if plan.is_quick else EXCHANGES
    exchanges = [
        unlike(exchange, A_FILE * number + place)
        for number in range(-(-count // A_FILE))
        for place, exchange in enumerate(conversation(number), start=1)
    ][:count]
    with tempfile.TemporaryDirectory() as folder:
        for form in ("yaml", "json"):
            path = Path(folder) / f"all.{form}"
            text, _ = dump_cassette(exchanges, form="json" if form == "json" else "yaml")
            path.write_text(text, "utf-8")
            work = {
                "parse": partial(seconds, parse, [path]),
                "check": partial(seconds, checked, [path]),
            }
            took = in_turns(work, plan.rounds)
            name = f"scrub --check of {count} exchanges of {form.upper()}"
            yield compare(name, took["check"], "s", "parsing the file", took["parse"])
