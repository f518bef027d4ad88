"""`fakegemini scrub` looks everywhere in a file, and tells what it cannot read."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli
import pytest
import yaml
import zstandard
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from fakegemini.cli import main
from fakegemini.recordings.attachments import extract_attachments
from fakegemini.recordings.read import read_exchanges
from fakegemini.wire.packed_layers import pack_layers, unpack_layers

KEY = "AIza" + "d" * 35
NAMED = "hunter2-hunter2"
URI = "https://generativelanguage.googleapis.com/v1/interactions"
ASKED = {"model": "m", "input": "x", "labels": {"password": NAMED}}
BODY = json.dumps({"id": "x", "note": f"key {KEY}"})


def raw_deflate(raw: bytes) -> bytes:
    """Deflate without zlib's head, as some servers send it."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(raw) + packer.flush()


def tape(asked: Any = None, said: Any = '{"id": "x"}', **headers: str) -> dict[str, Any]:
    """A cassette of one exchange."""
    return {
        "interactions": [
            {
                "request": {
                    "method": "POST",
                    "uri": URI,
                    "headers": {},
                    "body": asked or '{"model": "m", "input": "x"}',
                },
                "response": {
                    "status": {"code": 200, "message": "OK"},
                    "headers": {name.replace("_", "-"): [text] for name, text in headers.items()},
                    "body": {"string": said},
                },
            }
        ],
        "version": 1,
    }


def packed(pack: Callable[[bytes], bytes], coding: str) -> str:
    """A cassette whose answer is packed."""
    return yaml.safe_dump(tape(said=pack(BODY.encode()), content_encoding=coding))


def with_header(form: Any) -> str:
    """A cassette whose headers are written in another form."""
    document = tape()
    document["interactions"][0]["request"]["headers"] = form
    return yaml.safe_dump(document)


NOCK = {
    "scope": "https://generativelanguage.googleapis.com:443",
    "method": "POST",
    "path": f"/v1/interactions?key={KEY}",
    "body": ASKED,
    "status": 200,
    "response": [gzip.compress(BODY.encode(), mtime=0).hex()],
    "rawHeaders": ["Content-Encoding", "gzip", "Set-Cookie", f"sid={NAMED}"],
}

FILES: dict[str, str | bytes] = {
    "comment.yaml": f"# recorded with {KEY}\n{yaml.safe_dump(tape())}",
    "comment-at-the-end.yaml": f"{yaml.safe_dump(tape())}  # {KEY}\n",
    "comment-of-a-known.yaml": f"{with_header({'x-goog-api-key': [NAMED]})}# {NAMED}\n",
    "key.yaml": with_header({KEY: ["x"]}),
    "key.json": json.dumps({KEY: "x", **tape()}),
    "gzip.yaml": packed(gzip.compress, "gzip"),
    "gzip-twice.yaml": packed(lambda raw: gzip.compress(gzip.compress(raw)), "gzip"),
    "gzip-in-deflate.yaml": packed(lambda raw: zlib.compress(gzip.compress(raw)), "gzip, deflate"),
    "deflate.yaml": packed(zlib.compress, "deflate"),
    "raw-deflate.yaml": packed(raw_deflate, "deflate"),
    "br.yaml": packed(brotli.compress, "br"),
    "zstd.yaml": packed(zstandard.compress, "zstd"),
    "object.yaml": yaml.safe_dump(tape(ASKED)),
    "object.json": json.dumps(tape(ASKED)),
    "object-as-string.yaml": yaml.safe_dump(tape(said={"id": "x", "api_key": NAMED})),
    "parsed.yaml": yaml.safe_dump(tape(ASKED)).replace("    body:\n", "    parsed_body:\n", 1),
    "byte-order-mark.yaml": "\ufeff" + yaml.safe_dump(tape(said=BODY)),
    "byte-order-mark.json": "\ufeff" + json.dumps(tape(said=BODY)),
    "byte-order-mark-in-body.yaml": yaml.safe_dump(tape(said="\ufeff" + BODY)),
    "ruby.yaml": with_header({"X-Goog-Api-Key": [NAMED]}).replace("inter", "http_inter", 1),
    "header-pairs.yaml": with_header([["accept", "*/*"], ["x-goog-api-key", NAMED]]),
    "header-objects.yaml": with_header([{"name": "x-goog-api-key", "value": NAMED}]),
    "header-list.yaml": with_header(["accept", "*/*", "x-goog-api-key", NAMED]),
    "nock.json": json.dumps([NOCK]),
}


def scrub(*arguments: object) -> Result:
    """The command."""
    return CliRunner().invoke(main, ["scrub", *map(str, arguments)])


def readable(raw: bytes) -> str:
    """All that can be read in a file: its text, and what is packed in it."""
    text = raw.decode("utf-8", "replace")
    parts = [text]
    for word in {*text.replace("\n", "").replace('"', " ").split(), *text.split()}:
        for decode in (base64.b64decode, bytes.fromhex):
            try:
                parts.append(unpack_layers(decode(word), "br").plain.decode())
            except ValueError:
                continue
    for value in (
        yaml.load(text.removeprefix("\ufeff"), yaml.CSafeLoader)["interactions"]
        if ("\ninteractions" in f"\n{text}" and "!!binary" in text)
        else ()
    ):
        body = value["response"]["body"]["string"]
        coding = value["response"]["headers"]["content-encoding"][0]
        parts.append(unpack_layers(body, coding).plain.decode())
    return "\n".join(parts)


@pytest.mark.parametrize("name", FILES)
def test_wherever_it_stands(name: str, tmp_path: Path) -> None:
    """Comments, names, every packing and every way to keep bodies and headers."""
    path, content = tmp_path / name, FILES[name]
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = readable(path.read_bytes())
    assert KEY in before or NAMED in before
    assert scrub("--check", path).exit_code == 1

    done = scrub(path)

    after = readable(path.read_bytes())
    assert (done.exit_code, KEY in after, NAMED in after) == (0, False, False), done.output
    assert "SCRUBBED" in after
    assert KEY not in done.output
    assert NAMED not in done.output
    assert len(read_exchanges(path)) == 1
    assert scrub("--check", path).output == f"{path}: nothing to take out\n"


BROKEN = gzip.compress(BODY.encode())[:-9]


@pytest.mark.parametrize(
    ("raw", "coding", "reason"),
    [
        pytest.param(BROKEN, "gzip", "it is packed and cannot be unpacked", id="cut"),
        pytest.param(b"\xff", "snappy", "it is packed as snappy", id="unknown"),
        pytest.param(b"\xff", "br", "it is packed as br", id="broken"),
    ],
)
def test_what_cannot_be_read_is_no_clean_file(
    raw: bytes, coding: str, reason: str, tmp_path: Path
) -> None:
    """The file is named, with the exchange and the reason."""
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump(tape(said=raw, content_encoding=coding)))

    done = scrub(path)

    assert done.exit_code == 2
    assert reason in done.output
    assert "nothing to take out" not in done.output


def test_a_file_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    """All files of a folder are scrubbed, whichever of them is none."""
    (tmp_path / "a.yaml").write_text("<<<<<<< HEAD\n")
    (tmp_path / "b.yaml").write_text(yaml.safe_dump(tape(said=BODY)))

    done = scrub(tmp_path)

    assert done.exit_code == 2
    assert done.output.startswith(f"could not scrub {tmp_path / 'a.yaml'}")
    assert KEY not in (tmp_path / "b.yaml").read_text()


def test_of_another_api_too(tmp_path: Path) -> None:
    """What is beside our traffic in a file, and cannot be unpacked, is told."""
    document, other = tape(), tape(said=BROKEN, content_encoding="gzip")["interactions"][0]
    other["request"]["uri"] = "https://example.org/x"
    document["interactions"].append(other)
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump(document))

    done = scrub(path)

    assert done.exit_code == 1
    assert f"{path}: left: it is packed as gzip, so it cannot be looked into" in done.output
    assert "interactions.1.response.body.string" in done.output


def test_an_attachment_is_looked_into(tmp_path: Path) -> None:
    """A file beside the cassette that holds a key is told: it is not rewritten."""
    data = base64.b64encode(f"KEY = {KEY}\n".encode() * 9).decode()
    attachments: dict[str, bytes] = {}
    body = json.dumps({"model": "m", "input": [{"type": "document", "data": data}]})
    (tmp_path / "aside").mkdir()
    path = tmp_path / "a.yaml"
    path.write_text(yaml.safe_dump(tape(extract_attachments(body, attachments))))
    for name, content in attachments.items():
        (tmp_path / "aside" / name).write_bytes(content)

    done = scrub(path)

    assert done.exit_code == 1
    assert f"{path}: left: a Google API key in aside/" in done.output


LAYERS = st.lists(
    st.sampled_from(["gzip", "deflate", "raw deflate", "br", "zstd"]), max_size=4
).map(tuple)


@given(st.text(min_size=12).map(str.encode), LAYERS)
def test_layers_are_undone_and_made_again(plain: bytes, layers: tuple[str, ...]) -> None:
    """In any number and order, with the header that names them."""
    coding = ", ".join(layer.split()[-1] for layer in reversed(layers))
    packed_body = pack_layers(plain, layers)

    unpacked = unpack_layers(packed_body, coding)

    assert (unpacked.plain, unpacked.problem) == (plain, "")
    assert unpack_layers(pack_layers(plain, unpacked.layers), coding).plain == plain
