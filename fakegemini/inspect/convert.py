"""Recordings of any form as cassettes of ours."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from ..contract.checker import check_exchanges
from ..contract.findings import Kind
from ..errors import CannotConvert
from ..recordings.answers import answer_of
from ..recordings.atomic_write import write_whole
from ..recordings.attachments import FOLDER
from ..recordings.cassette import DROPPED, dumps, load
from ..recordings.exchange import Exchange, Recorded
from ..recordings.origin import head_of
from ..recordings.read import files_in
from ..recordings.scrub.scrubber import scrub_all
from ..wording import count_of

_KEYS = frozenset({"access_token", "api_key", "key", "oauth_token", "token", "upload_id"})
"""Query parameters that give access to something."""

_COOKIES = frozenset({"set-cookie", "set-cookie2", "authorization", "proxy-authenticate"})
_HOST = "https://generativelanguage.googleapis.com"


@dataclass(frozen=True)
class Job:
    """One file to read, and where its cassette goes; `form` is "yaml" or "json"."""

    source: Path
    target: Path
    form: str


@dataclass(frozen=True)
class Converted:
    """The text of a cassette, the values beside it by file name, and a line about it."""

    text: str
    aside: dict[str, bytes]
    summary: str


def planned(paths: Sequence[Path], out: str, form: str | None, *, force: bool = False) -> list[Job]:
    """What becomes of each file; raises `Unreadable`, and `CannotConvert` where files collide.

    `out` is a folder where it is one, ends like one, or has to take several files.
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
        kind = form or ("json" if not folder and Path(out).suffix == ".json" else "yaml")
        target = Path(out) / name.with_suffix(f".{kind}") if folder else Path(out)
        jobs.append(Job(file, target, kind))
    for job in jobs:
        twin = next(each for each in jobs if each.target == job.target)
        if twin is not job:
            raise CannotConvert(f"{twin.source} and {job.source} would both become {job.target}")
        if job.target.exists() and not force:
            raise CannotConvert(f"{job.target} is there already; --force overwrites it")
    return jobs


def converted(job: Job) -> Converted:
    """The cassette of a recording; raises `Unreadable` and `CannotConvert`."""
    cassette = load(job.source)
    ours = [item.exchange for item in cassette.recorded if item.exchange.ours]
    kept = [_asked(item, job.source) for item in cassette.recorded if _belongs(item, ours)]
    if not any(item.exchange.ours for item in kept):
        raise CannotConvert(f"{job.source}: it holds no answer, only what was asked")
    head = head_of(ours, cassette.head)
    head.setdefault("converted_from", job.source.name)
    clean, counts, suspicious = scrub_all(map(_clean, kept))
    if suspicious:
        raise CannotConvert(
            f"{job.source}: something in it still looks like a secret: {suspicious[0]}. Fix: "
            "`fakegemini scrub` it first, whose options say what is one"
        )
    if counts:
        head["scrubbed"] = counts
    text, aside = dumps(clean, head, form=job.form)
    left = len(cassette.recorded) - len(kept)
    return Converted(text, aside, ", ".join(_summary(ours, len(kept), left)))


def write(job: Job, made: Converted) -> None:
    """Put a cassette and what is beside it into place; raises `NotWritten`."""
    for name, content in made.aside.items():
        write_whole(job.target.parent / FOLDER / name, content)
    write_whole(job.target, made.text.encode())


def _belongs(item: Recorded, ours: Sequence[Exchange]) -> bool:
    """Whether it is of the API's hosts: a browser records all that a page does."""
    exchange = item.exchange
    if exchange.ours:
        return exchange.status is not None or bool(exchange.response_body)
    if "content-encoding" in exchange.response_headers and not _text(exchange.response_body):
        return False  # packed, and the cassette says nothing of that
    return exchange.status is not None and _host(exchange) in map(_host, ours)


def _text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _host(exchange: Exchange) -> str:
    return urlsplit(exchange.uri).hostname or ""


def _asked(item: Recorded, source: Path) -> Recorded:
    """An answer without its request as that of a get: this is how a client can have it again."""
    exchange = item.exchange
    if exchange.uri:
        return item
    place = f"{source}: exchange {exchange.number}"
    told = answer_of(item).rest.get("id")
    if not isinstance(told, str) or not told:
        raise CannotConvert(f"{place} has neither a request nor an id by which to ask for it")
    stream = "?stream=true" if exchange.streamed else ""
    uri = f"{_HOST}/v1beta/interactions/{told}{stream}"
    return replace(item, exchange=replace(exchange, method="GET", uri=uri))


def _clean(item: Recorded) -> Recorded:
    """Without what gives access; the headers of the request are chosen by `dumps`."""
    exchange = item.exchange
    hidden = _COOKIES | DROPPED  # the body is unpacked here
    headers = {k: v for k, v in exchange.response_headers.items() if k not in hidden}
    made = replace(exchange, uri=_public(exchange.uri), response_headers=headers)
    return replace(item, exchange=made)


def _public(uri: str) -> str:
    parts = urlsplit(uri)
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in query if name.lower() not in _KEYS]
    changed = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="")
    return changed._replace(query=urlencode(kept) if kept != query else parts.query).geturl()


def _summary(ours: Sequence[Exchange], count: int, left: int) -> Iterator[str]:
    found = check_exchanges(ours)
    violations = sum(finding.kind is Kind.VIOLATION for finding in found)
    yield count_of(count, "exchange")
    yield count_of(violations, "violation")
    yield f"{len(found) - violations} drift"
    if left:
        yield f"{left} left out"
