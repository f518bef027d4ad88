"""Make the content of a cassette out of what was recorded: scrubbed, merged, checked and written.

It takes seconds where bodies are large, so it can be done in another process: all that it gets and
gives can be pickled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from ..contract.checker import check_exchanges
from ..contract.findings import Kind
from ..protocol.eras import CURRENT_ERA
from ..recordings.attachments import ATTACHMENT_FOLDER
from ..recordings.cassette import dump_cassette
from ..recordings.contents import NOTE_FORMAT
from ..recordings.exchange import RecordedExchange
from ..recordings.packed_file import pack_file, plain_suffix
from ..recordings.scrub.last_resort import scrub_fully
from ..recordings.scrub.remaining import remaining_secrets
from ..recordings.scrub.scrubber import Scrubber
from ..wire.http import Json
from .merge import merge_exchanges
from .modes import Keeps


@dataclass(frozen=True)
class CleanCopy:
    """An exchange that was scrubbed already.

    value_count: how many secrets were known then; with more it has to be scrubbed again
    counts: how many were taken out, by place
    """

    recorded: RecordedExchange
    value_count: int
    counts: Counter[str]


@dataclass(frozen=True)
class Recording:
    """What a cassette is made of.

    old: the exchanges of the cassette that is there
    new: those that were recorded, in the order in which they began, with their scrubbed copies
    first: the exchange of which the head tells client and upstream
    """

    path: Path
    keeps: Keeps
    old: Sequence[RecordedExchange]
    new: Sequence[tuple[RecordedExchange, CleanCopy]]
    first: RecordedExchange


@dataclass(frozen=True)
class Composition:
    """The content of a cassette and what is to be told of it.

    total: how many exchanges it holds
    attachments: the contents of the files beside it
    remaining: what still looks like a secret in old exchanges, a line each
    holds_secret: whether a value that was taken out elsewhere stands in it
    """

    content: bytes
    total: int
    attachments: dict[Path, bytes]
    violations: tuple[str, ...]
    drift: tuple[str, ...]
    remaining: tuple[str, ...]
    holds_secret: bool


def compose(scrubber: Scrubber, recording: Recording) -> tuple[Scrubber, Composition]:
    """Make the content of a cassette."""
    scrubber.counts.clear()
    old = [scrub_fully(scrubber, recorded)[0] for recorded in recording.old]
    new = [_clean(scrubber, recorded, copy) for recorded, copy in recording.new]
    merged = [
        replace(recorded, exchange=replace(recorded.exchange, number=number))
        for number, recorded in enumerate(merge_exchanges(old, new, recording.keeps), start=1)
    ]
    findings = check_exchanges(
        [recorded.exchange for recorded in merged if recorded.exchange.targets_interactions],
        str(recording.path),
    )
    violations = tuple(str(finding) for finding in findings if finding.kind is Kind.VIOLATION)
    drift = tuple(
        str(replace(finding, file="")) for finding in findings if finding.kind is Kind.DRIFT
    )
    form = "json" if plain_suffix(recording.path) == ".json" else "yaml"
    text, attachments = dump_cassette(merged, _head(scrubber, recording.first, drift), form=form)
    return scrubber, Composition(
        pack_file(text.encode(), recording.path),
        len(merged),
        {
            recording.path.parent / ATTACHMENT_FOLDER / name: content
            for name, content in attachments.items()
        },
        violations,
        drift,
        tuple(_remaining_in(old, scrubber)) if recording.keeps is not Keeps.NOTHING else (),
        any(
            scrubber.holds_learned_value(part)
            for part in (text, *map(_decode_text, attachments.values()))
        ),
    )


def _clean(scrubber: Scrubber, recorded: RecordedExchange, copy: CleanCopy) -> RecordedExchange:
    """Return an exchange without secrets: its copy, unless more of them are known by now."""
    if copy.value_count != scrubber.value_count:
        return scrub_fully(scrubber, recorded)[0]
    scrubber.counts.update(copy.counts)
    return copy.recorded


def _remaining_in(old: Sequence[RecordedExchange], scrubber: Scrubber) -> list[str]:
    return [
        f"exchange {number} is kept as it was: {finding}"
        for number, recorded in enumerate(old, start=1)
        for finding in remaining_secrets(recorded, scrubber.rules)
    ]


def _head(scrubber: Scrubber, first: RecordedExchange, drift: tuple[str, ...]) -> Json:
    """Return the head: when, where and by which client it was recorded, what was scrubbed."""
    headers = first.exchange.request_headers
    client = headers.get("x-goog-api-client") or headers.get("user-agent", "")
    upstream = urlsplit(first.exchange.uri)
    head: Json = {
        "format": NOTE_FORMAT,
        "recorded": datetime.now(UTC).date().isoformat(),
        "era": CURRENT_ERA.name,
        "upstream": f"{upstream.scheme}://{upstream.netloc}",
        "client": scrubber.scrub_body(client),
        "scrubbed": dict(sorted(scrubber.counts.items())),
    }
    return head | ({"drift": list(drift)} if drift else {})


def _decode_text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
