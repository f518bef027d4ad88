"""What is packed inside of texts is looked into, replaced, replayed; what cannot be, is told."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import textwrap
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from fakegemini import Fake
from fakegemini.record.writer import open_recording
from fakegemini.recordings.cassette import dump_cassette
from fakegemini.recordings.exchange import RecordedExchange
from fakegemini.recordings.scrub.last_resort import scrub_all
from fakegemini.recordings.scrub.packed_texts import MAX_DEPTH, open_texts
from fakegemini.recordings.scrub.policy import ScrubRules
from fakegemini.recordings.scrub.remaining import find_secrets
from fakegemini.recordings.scrub.scrub_file import scrub_text
from tests.record.planted import create
from tests.record.planted_anywhere import NAMED_ANYWHERE, SHAPED_ANYWHERE, Place
from tests.record.readings import holds
from tests.replay.test_scrubbed import request_of, said

KEY = "AIza" + "k9" * 17 + "q"
NAMED = 'Q9 "\\\n€😀<>z/+= &x'
PLAIN_NAMED = "Q9xkcd4711-seventeen.z"

PLANTED = [
    *(pytest.param(make, KEY, id=name) for name, make in SHAPED_ANYWHERE.items()),
    *(
        pytest.param(make, secret, id=f"{name}, {secret[:3]!r}")
        for name, make in NAMED_ANYWHERE.items()
        for secret in (NAMED, PLAIN_NAMED)
    ),
]


@pytest.mark.parametrize(("make", "secret"), PLANTED)
def test_recorded_and_replayed(make: Place, secret: str, tmp_path: Path) -> None:
    """No reading of what is on the disk shows it, and the program that has it is answered."""
    asked = make(secret).exchange
    recorded = create(asked.request_json, said("Answer."), **asked.request_headers)
    path = tmp_path / "a.yaml"
    with open_recording(path, say=lambda line: None) as writer:
        writer.add(recorded)
        writer.save()

    document = yaml.safe_load(path.read_text("utf-8"))
    body = document["interactions"][0]["request"]["body"]
    assert not any(
        holds(text, secret)
        for text in (body, *(file.read_text() for file in tmp_path.rglob("*.*")))
    )
    fake = Fake()
    fake.play(path)
    beats = fake.handle(request_of(recorded)).beats
    assert b"Answer." in b"".join(beat for beat in beats if isinstance(beat, bytes))


@pytest.mark.parametrize("form", ["yaml", "json"])
@pytest.mark.parametrize(("make", "secret"), PLANTED)
def test_scrubbed_where_it_was_on_the_disk(make: Place, secret: str, form: str) -> None:
    """`fakegemini scrub` takes it out, and finds nothing the second time."""
    text, _ = dump_cassette([make(secret)], form="json" if form == "json" else "yaml")
    if "x-note" in str(make(secret).exchange.request_headers):
        return  # a header that no cassette keeps

    scrubbed = scrub_text(text, ScrubRules())

    assert sum(scrubbed.counts.values()) > 0
    assert scrubbed.remaining == []
    body = yaml.safe_load(scrubbed.text)["interactions"][0]["request"]["body"]
    assert not holds(body, secret)
    again = scrub_text(scrubbed.text, ScrubRules())
    assert (again.text, again.counts, again.remaining) == (scrubbed.text, {}, [])


def _zipped(raw: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", raw)
    return file.getvalue()


def _as_base64(raw: bytes) -> bytes:
    return base64.b64encode(raw)


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "base64": _as_base64,
    "URL-safe base64": lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"="),
    "base64 in lines": lambda raw: "\n".join(
        textwrap.wrap(base64.b64encode(raw).decode(), 76)
    ).encode(),
    "hexadecimal digits": lambda raw: raw.hex().encode(),
    "percents": lambda raw: quote(raw, safe="").encode(),
    "JSON": lambda raw: json.dumps({"a": [raw.decode()]}).encode(),
    "gzip": lambda raw: _as_base64(gzip.compress(raw, mtime=0)),
    "zlib": lambda raw: _as_base64(zlib.compress(raw)),
    "zstd": lambda raw: _as_base64(zstandard.ZstdCompressor().compress(raw)),
    "bzip2": lambda raw: _as_base64(bz2.compress(raw)),
    "xz": lambda raw: _as_base64(lzma.compress(raw)),
    "zip": lambda raw: _as_base64(_zipped(raw)),
}


@given(st.lists(st.sampled_from(sorted(PACKINGS)), min_size=1, max_size=4))
def test_in_any_nesting(names: list[str]) -> None:
    """Packings of any kind inside of each other: found, taken out, and clean then."""
    raw = f"the key {KEY} of today".encode()
    for name in names:
        raw = PACKINGS[name](raw)
    recorded = create({"input": raw.decode()}, {"id": "x"})

    (clean,), counts, remaining = scrub_all([recorded])

    assert sum(counts.values()) > 0 or b"SCRUBBED" in clean.exchange.request_body
    assert remaining == []
    assert find_secrets(clean.exchange.request_body.decode()) == []
    assert not holds(clean.exchange.request_json["input"], KEY)


def test_beyond_the_depth_it_is_told() -> None:
    """The bound is a sentence, not silence; the outermost packing goes."""
    raw = b"nothing secret in here at all"
    for _ in range(MAX_DEPTH + 2):
        raw = _as_base64(raw)

    findings = find_secrets(json.dumps({"input": raw.decode()}))

    assert any(f"it is packed more than {MAX_DEPTH} times" in finding for finding in findings)
    (clean,), _, remaining = scrub_all([create({"input": raw.decode()}, {"id": "x"})])
    assert set(clean.exchange.request_json["input"]) <= set("SCRUBBED-1")
    assert remaining == []


def test_a_secret_with_half_a_surrogate_pair_costs_no_exchange() -> None:
    """Nothing can encode it, and it is taken out like any other."""
    secret = "Q9xkcd \ud83d seventeen"
    call = {"type": "function_call", "name": "f", "id": "c", "arguments": {"password": secret}}
    recorded = create({}, {}).exchange
    raw = json.dumps({"model": "m", "input": [call]}).encode()

    (clean,), counts, remaining = scrub_all([RecordedExchange(replace(recorded, request_body=raw))])

    assert clean.exchange.request_json["input"][0]["arguments"] == {"password": "SCRUBBED-1"}
    assert (sum(counts.values()), remaining) == (1, [])


CUT = base64.b64encode(gzip.compress(b"a text that is long enough " * 9, mtime=0)[:-12]).decode()


def test_what_cannot_be_unpacked_is_told(tmp_path: Path) -> None:
    """It costs that value, with a sentence; an option keeps it."""
    recorded = create({"input": f"see {CUT} there"}, {"id": "x"})
    lines: list[str] = []
    for number, rules in enumerate((ScrubRules(), ScrubRules.from_options(allowed=["^H4sI"]))):
        path = tmp_path / f"{number}.yaml"
        with open_recording(path, rules=rules, say=lines.append) as writer:
            writer.add(recorded)
            writer.save()
        assert (CUT in path.read_text("utf-8")) is bool(number)
    assert lines == [
        "exchange 1: $.input has gzip in base64 that cannot be looked into: it is cut; it is taken "
        "out; --allow-secret REGEX keeps it"
    ]


def test_a_bomb_is_not_unpacked() -> None:
    """More than a largest size is told instead."""
    bomb = base64.b64encode(zlib.compress(bytes(40_000_000))).decode()
    gzipped = base64.b64encode(gzip.compress(bytes(40_000_000))).decode()
    assert all(opened.problem == "" for opened in open_texts(bomb))  # two bytes alone say little
    assert [opened.problem for opened in open_texts(gzipped)] == ["it is more than 33554432 bytes"]


@given(st.text("%25aA\\u0041x\n=/", min_size=1, max_size=3000))
def test_it_ends(text: str) -> None:
    """Percents of percents, escapes of escapes: in bounded depth."""
    find_secrets(json.dumps({"input": text}))
    find_secrets(json.dumps({"input": "%25" * 2000}))


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(bytes(range(256)) * 40).decode(),
        base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4).decode(),
        base64.b64encode(b"A plain text that holds nothing, in base64.").decode(),
        base64.b64encode(gzip.compress(b"Nothing in here " * 20, mtime=0)).decode(),
        "/usr/share/doc/python3/html/library/functions/and/so/on/index.html",
        "fakegemini_recordings_scrub_packed_texts_and_their_long_names",
        "a" * 64,
        "0123456789abcdef" * 4,
        "v1_ChYyZWNCYXB4M2tMZi00dy1YeTQtd0FREhYyZWNCYXB4M2tMZi00dy1Z",
        "100%25 of 50%2525",
    ],
)
def test_what_holds_none_stays(text: str) -> None:
    """Media, ids, hashes, paths, archives of plain texts."""
    recorded = create({"input": text}, {"id": "x"})

    (clean,), counts, remaining = scrub_all([recorded])

    assert (clean.exchange.request_body, counts, remaining) == (
        recorded.exchange.request_body,
        {},
        [],
    )


def test_a_run_of_digits_that_ends_otherwise_is_read_once() -> None:
    """A pair of digits is hexadecimal in both cases: a pattern that tries both would never end."""
    assert [opened.way for opened in open_texts("0" * 200 + "x")] == []
