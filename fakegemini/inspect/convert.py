"""Convert recordings of any form to cassettes of ours."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from ..contract.checker import check_exchanges
from ..contract.findings import Kind
from ..errors import CannotConvert
from ..protocol.paths import LIVE_API_URL
from ..recordings.answers import read_answer
from ..recordings.atomic_write import write_atomically, write_attachment
from ..recordings.attachments import ATTACHMENT_FOLDER
from ..recordings.cassette import DROPPED_RESPONSE_HEADERS, dump_cassette, load_cassette
from ..recordings.exchange import Exchange, RecordedExchange
from ..recordings.origin import build_head
from ..recordings.packed_file import GZIP_SUFFIX, pack_file, plain_suffix
from ..recordings.read import files_in
from ..recordings.scrub.last_resort import scrub_all
from ..wording import count_of

_SECRET_PARAMETERS = frozenset(
    {"access_token", "api_key", "key", "oauth_token", "token", "upload_id"}
)
"""Query parameters that hold a secret."""

_SECRET_HEADERS = frozenset({"set-cookie", "set-cookie2", "authorization", "proxy-authenticate"})


@dataclass(frozen=True)
class ConversionJob:
    """One file to convert, and where its cassette goes; `form` is "yaml" or "json"."""

    source: Path
    target: Path
    form: str


@dataclass(frozen=True)
class ConvertedCassette:
    """The text of a cassette, its attachments by file name, and a line about it."""

    text: str
    attachments: dict[str, bytes]
    summary: str


def plan_jobs(
    paths: Sequence[Path], out: str, form: str | None, *, force: bool = False
) -> list[ConversionJob]:
    """Return a job for each file of the paths.

    `out` is a folder if it is one, ends like one, or has to take several files. `form` is "yaml",
    "json", or None for what `out` ends with. Raises `Unreadable`, and `CannotConvert` where two
    cassettes would be one file, or a file exists and `force` is False.
    """
    files = [
        (file, file.relative_to(path) if path.is_dir() else Path(file.name))
        for path in paths
        for file in files_in(path)
    ]
    folder = len(files) > 1 or any(path.is_dir() for path in paths)
    folder = folder or out.endswith(("/", os.sep)) or Path(out).is_dir()
    if folder and Path(out).exists() and not Path(out).is_dir():
        raise CannotConvert(f"{out} is a file, and {len(files)} recordings need a folder")
    jobs = []
    for file, name in files:
        file_form = form or (
            "json" if not folder and plain_suffix(Path(out)) == ".json" else "yaml"
        )
        plain_name = name.with_suffix("") if name.suffix == GZIP_SUFFIX else name
        target = Path(out) / plain_name.with_suffix(f".{file_form}") if folder else Path(out)
        jobs.append(ConversionJob(file, target, file_form))
    for job in jobs:
        first_job = next(candidate for candidate in jobs if candidate.target == job.target)
        if first_job is not job:
            raise CannotConvert(
                f"{first_job.source} and {job.source} would both become {job.target}"
            )
        if job.target.exists() and not force:
            raise CannotConvert(f"{job.target} is there already; --force overwrites it")
    return jobs


def convert_recording(job: ConversionJob) -> ConvertedCassette:
    """Convert a recording without writing anything; raises `Unreadable` and `CannotConvert`."""
    cassette = load_cassette(job.source)
    own_exchanges = [
        recorded.exchange
        for recorded in cassette.exchanges
        if recorded.exchange.targets_interactions
    ]
    kept_exchanges = [
        _with_request(recorded, job.source)
        for recorded in cassette.exchanges
        if _belongs_to_api(recorded, own_exchanges)
    ]
    if not any(recorded.exchange.targets_interactions for recorded in kept_exchanges):
        raise CannotConvert(f"{job.source}: it holds no answer, only what was asked")
    head = build_head(own_exchanges, cassette.head)
    head.setdefault("converted_from", job.source.name)
    clean_exchanges, counts, suspicious = scrub_all(map(_without_secrets, kept_exchanges))
    if suspicious:
        raise CannotConvert(
            f"{job.source}: something in it still looks like a secret: {suspicious[0]}. Fix: "
            "`fakegemini scrub` it first, whose options say what is one"
        )
    if counts:
        head["scrubbed"] = counts
    text, attachments = dump_cassette(clean_exchanges, head, form=job.form)
    left_out = len(cassette.exchanges) - len(kept_exchanges)
    return ConvertedCassette(
        text, attachments, ", ".join(_summary_facts(own_exchanges, len(kept_exchanges), left_out))
    )


def write_cassette(job: ConversionJob, cassette: ConvertedCassette) -> None:
    """Write a cassette and its attachments; raises `NotWritten`."""
    for name, content in cassette.attachments.items():
        write_attachment(job.target.parent / ATTACHMENT_FOLDER / name, content)
    write_atomically(job.target, pack_file(cassette.text.encode(), job.target))


def _belongs_to_api(recorded: RecordedExchange, own_exchanges: Sequence[Exchange]) -> bool:
    """Tell whether an exchange is with the API's hosts: a browser records all that a page does."""
    exchange = recorded.exchange
    if exchange.targets_interactions:
        return exchange.status is not None or bool(exchange.response_body)
    if "content-encoding" in exchange.response_headers and not _is_text(exchange.response_body):
        return False  # it is packed, and a cassette of ours has no word for that
    return exchange.status is not None and _host_of(exchange) in map(_host_of, own_exchanges)


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _host_of(exchange: Exchange) -> str:
    return urlsplit(exchange.uri).hostname or ""


def _with_request(recorded: RecordedExchange, source: Path) -> RecordedExchange:
    """Give an answer without a request the request of a get, by which a client can ask for it."""
    exchange = recorded.exchange
    if exchange.uri:
        return recorded
    place = f"{source}: exchange {exchange.number}"
    identifier = read_answer(recorded).members.get("id")
    if not isinstance(identifier, str) or not identifier:
        raise CannotConvert(f"{place} has neither a request nor an id by which to ask for it")
    stream = "?stream=true" if exchange.is_stream else ""
    uri = f"{LIVE_API_URL}/v1beta/interactions/{identifier}{stream}"
    return replace(recorded, exchange=replace(exchange, method="GET", uri=uri))


def _without_secrets(recorded: RecordedExchange) -> RecordedExchange:
    """Remove secrets from the URI and the answer; `dump_cassette` chooses the request's headers."""
    exchange = recorded.exchange
    hidden = _SECRET_HEADERS | DROPPED_RESPONSE_HEADERS  # the body is unpacked here
    headers = {k: v for k, v in exchange.response_headers.items() if k not in hidden}
    clean_exchange = replace(exchange, uri=_public_uri(exchange.uri), response_headers=headers)
    return replace(recorded, exchange=clean_exchange)


def _public_uri(uri: str) -> str:
    """Return a URI without user, fragment and secret parameters."""
    parts = urlsplit(uri)
    query = parse_qsl(parts.query, keep_blank_values=True)
    public_query = [
        (name, value) for name, value in query if name.lower() not in _SECRET_PARAMETERS
    ]
    public_parts = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="")
    return public_parts._replace(
        query=urlencode(public_query) if public_query != query else parts.query
    ).geturl()


def _summary_facts(own_exchanges: Sequence[Exchange], count: int, left_out: int) -> Iterator[str]:
    """Yield what is said of a cassette: counts of exchanges, findings, and what is not in it."""
    findings = check_exchanges(own_exchanges)
    violations = sum(finding.kind is Kind.VIOLATION for finding in findings)
    yield count_of(count, "exchange")
    yield count_of(violations, "violation")
    yield f"{len(findings) - violations} drift"
    if left_out:
        yield f"{left_out} left out"
