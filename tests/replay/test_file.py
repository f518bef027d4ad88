"""The cassette: stock vcrpy reads it, people can, and nothing in it is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from vcr.serialize import deserialize
from vcr.serializers import jsonserializer, yamlserializer

from fakegemini import Fake
from fakegemini.contract.checker import check_paths
from fakegemini.errors import Unreadable
from fakegemini.recordings.attachments import MIN_ATTACHMENT_LENGTH
from fakegemini.recordings.cassette import dump_cassette, load_cassette
from fakegemini.recordings.exchange import Exchange, RecordedExchange
from tests.http.door import Door
from tests.replay.test_streams import one_stream

SERIALIZERS = {"yaml": yamlserializer, "json": jsonserializer}
PICTURE = "iVBORw0KGgo" + "A" * (MIN_ATTACHMENT_LENGTH + 1)  # begins as a PNG does, 252 characters
SIGNATURE = "Cp4" + "bQ7_-" * MIN_ATTACHMENT_LENGTH


def exchange(body: Any, answer: Any) -> Exchange:
    """A create and its answer."""
    return Exchange(
        1,
        "POST",
        "https://generativelanguage.googleapis.com/v1/interactions",
        {"content-type": "application/json", "x-goog-api-key": "k", "cookie": "c"},
        json.dumps(body).encode(),
        200,
        {"content-type": "application/json", "content-length": "1", "server-timing": "x"},
        json.dumps(answer).encode(),
    )


def save(path: Path, *recorded: RecordedExchange) -> str:
    """Write a cassette and what it puts aside; gives its text."""
    text, aside = dump_cassette(recorded, {"format": 1}, form=path.suffix[1:])
    path.write_text(text, encoding="utf-8")
    for name, content in aside.items():
        path.parent.joinpath("aside").mkdir(exist_ok=True)
        path.parent.joinpath("aside", name).write_bytes(content)
    return text


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@pytest.mark.parametrize("form", SERIALIZERS)
@given(body=values, answer=values)
def test_nothing_is_lost(
    form: str, body: Any, answer: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any JSON, any text: read by us and by stock vcrpy, it is what it was."""
    path = tmp_path_factory.mktemp("tape") / f"a.{form}"
    one = exchange({"input": body}, {"id": "x", "steps": answer})

    text = save(path, RecordedExchange(one))

    (again,) = load_cassette(path).exchanges
    assert again.exchange.request_json == one.request_json
    assert again.exchange.response_json == one.response_json
    requests, responses = deserialize(text, SERIALIZERS[form])[:2]
    assert json.loads(requests[0].body) == one.request_json
    assert json.loads(responses[0]["body"]["string"]) == one.response_json


@given(st.binary(max_size=60))
def test_bytes_that_are_no_text(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    """Other resources of the API answer with files."""
    folder = tmp_path_factory.mktemp("tape")
    one = Exchange(1, "GET", "https://x.invalid/v1/files/a:download", status=200, response_body=raw)
    other = exchange({"input": "x"}, {"id": "x", "steps": []})

    for form in SERIALIZERS:
        save(folder / f"a.{form}", RecordedExchange(one), RecordedExchange(other))
        assert load_cassette(folder / f"a.{form}").exchanges[0].exchange.response_body == raw


@pytest.mark.parametrize("form", SERIALIZERS)
def test_a_stream_is_kept_to_the_byte(form: str, tmp_path: Path) -> None:
    """And in YAML an event is a line of its own."""
    stream = one_stream()

    text = save(tmp_path / f"a.{form}", stream)

    (again,) = load_cassette(tmp_path / f"a.{form}").exchanges
    assert again.exchange.response_body == stream.exchange.response_body
    if form == "yaml":
        lines = [line.strip() for line in text.splitlines()]
        assert lines.count("event: step.start") == 2


def test_only_harmless_headers_are_kept(tmp_path: Path) -> None:
    """Neither key nor cookie; nor what is not true of an unpacked body."""
    save(tmp_path / "a.yaml", RecordedExchange(exchange({"input": "x"}, {"steps": []})))

    (again,) = load_cassette(tmp_path / "a.yaml").exchanges
    assert again.exchange.request_headers == {"content-type": "application/json"}
    assert set(again.exchange.response_headers) == {"content-type", "server-timing"}


def long_values() -> Exchange:
    """An exchange with a picture and, twice, a signature."""
    steps = [{"type": "thought", "signature": SIGNATURE}]
    picture = {"type": "image", "data": PICTURE, "mime_type": "image/png"}
    return exchange(
        {"model": "m", "input": [picture, *steps]},
        {"id": "x", "status": "completed", "steps": steps},
    )


def test_long_values_are_kept_aside(tmp_path: Path) -> None:
    """Each once: a picture as the file it is; the cassette stays small, and `check` reads it."""
    one = long_values()

    text = save(tmp_path / "a.yaml", RecordedExchange(one), RecordedExchange(one))

    files = sorted(path.suffix for path in (tmp_path / "aside").iterdir())
    (png,) = (tmp_path / "aside").glob("*.png")
    assert files == [".png", ".txt"]
    assert png.read_bytes().startswith(b"\x89PNG")
    assert len(text) < 4000
    assert load_cassette(tmp_path / "a.yaml").exchanges[1].exchange.request_json == one.request_json
    report = check_paths([tmp_path])
    assert (report.files, report.unreadable) == (1, [])


def test_what_was_kept_aside_is_replayed(tmp_path: Path, plug: Callable[..., Door]) -> None:
    """A request with the picture finds its answer; one with another picture does not."""
    save(tmp_path / "a.yaml", RecordedExchange(long_values()))
    fake = Fake()
    fake.play(tmp_path)
    fake.allow("unrecorded")
    door = plug(fake.handle)
    asked = long_values().request_json
    other = json.loads(json.dumps(asked).replace(PICTURE, PICTURE.replace("AAAA", "BBBB")))

    assert door.ask("POST", "/v1/interactions", asked).status == 200
    assert door.ask("POST", "/v1/interactions", other).status == 400


@pytest.mark.parametrize("spoil", ["remove", "change"])
def test_a_lost_value_is_told(spoil: str, tmp_path: Path) -> None:
    """One line with the cassette and the file."""
    save(tmp_path / "a.yaml", RecordedExchange(long_values()))
    (png,) = (tmp_path / "aside").glob("*.png")
    if spoil == "remove":
        png.unlink()
    else:
        png.write_bytes(png.read_bytes() + b"x")

    with pytest.raises(Unreadable) as wrong:
        load_cassette(tmp_path / "a.yaml")

    text = str(wrong.value)
    assert text.startswith(f"{tmp_path / 'a.yaml'}: {tmp_path / 'aside' / png.stem[:12]}")
    assert "\n" not in text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n"])
def test_a_line_break_behind_a_long_text_is_no_change(end: str, tmp_path: Path) -> None:
    """As `end-of-file-fixer` of pre-commit and editors write one into every text."""
    save(tmp_path / "a.yaml", RecordedExchange(long_values()))
    (text,) = (tmp_path / "aside").glob("*.txt")
    text.write_bytes(text.read_bytes() + end.encode())

    (again,) = load_cassette(tmp_path / "a.yaml").exchanges
    assert again.exchange.request_json == long_values().request_json
    text.write_bytes(text.read_bytes() + b"AAAA")
    with pytest.raises(Unreadable, match="another hash than its name"):
        load_cassette(tmp_path / "a.yaml")


def test_a_pointer_of_git_lfs_aside_is_told(tmp_path: Path) -> None:
    """Where `*.png` is kept by git-lfs, and the cassette is not."""
    save(tmp_path / "a.yaml", RecordedExchange(long_values()))
    (png,) = (tmp_path / "aside").glob("*.png")
    png.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n")

    with pytest.raises(Unreadable, match=r"\.png is a pointer of git-lfs: fetch its content with"):
        load_cassette(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("note", "text"),
    [
        ({"chunks": "1:2 x"}, "a.yaml:2: exchange 1: `chunks` has 'x', not seconds:bytes"),
        ({"ended": "soon"}, 'exchange 1: `ended` is "whole" or "cut", not \'soon\''),
        ("fast", "exchange 1: its `fakegemini` is not an object"),
    ],
)
def test_a_note_that_is_none(note: Any, text: str, tmp_path: Path) -> None:
    """One line with the place."""
    value = yaml.safe_load(dump_cassette([one_stream()])[0])
    value["interactions"][0]["fakegemini"] = note
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(value), encoding="utf-8")

    with pytest.raises(Unreadable) as wrong:
        load_cassette(tmp_path / "a.yaml")

    assert text in str(wrong.value)
