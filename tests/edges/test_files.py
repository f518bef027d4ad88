"""Files beside cassettes: no link is followed, only plain files are touched, no bomb goes off."""

from __future__ import annotations

import base64
import gzip
import json
import os
import stat
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fakegemini import Fake
from fakegemini.cli.main import main
from fakegemini.errors import BadScript, CassetteBusy, NotRecorded, NotWritten, Unreadable
from fakegemini.fake.control.script_file import read_script
from fakegemini.record.spool import Spool, encode_line, read_spool
from fakegemini.recordings.atomic_write import lock_file, write_atomically
from fakegemini.recordings.exchange import Exchange, RecordedExchange
from fakegemini.recordings.plain_files import read_plain_file
from fakegemini.recordings.read import read_contents
from fakegemini.recordings.strict_yaml import load_strict_yaml
from fakegemini.wire.compression import MOST_UNPACKED, unpack_body

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and FIFOs are of POSIX")

RECORDED = RecordedExchange(
    Exchange(1, "POST", "https://x.invalid/v1/interactions", status=200), (), "whole"
)


LINE = encode_line(RECORDED)


def _link(path: Path, victim: Path) -> None:
    path.symlink_to(victim)


def _hard_link(path: Path, victim: Path) -> None:
    os.link(victim, path)


def _fifo(path: Path, victim: Path) -> None:
    os.mkfifo(path)


def _folder(path: Path, victim: Path) -> None:
    path.mkdir()


def _dangling(path: Path, victim: Path) -> None:
    path.symlink_to(victim.with_name("not-there"))


def _long_file(path: Path, victim: Path) -> None:
    path.write_text("somebody's notes, which are no lock")


PLANTED: dict[str, Callable[[Path, Path], None]] = {
    "link": _link,
    "hard link": _hard_link,
    "FIFO": _fifo,
    "folder": _folder,
    "dangling link": _dangling,
    "long file": _long_file,
}
"""What an untrusted branch, or another user, may have put in the place of a lock."""


@pytest.mark.parametrize("name", PLANTED)
def test_lock_that_is_none(tmp_path: Path, name: str) -> None:
    """It is one sentence, nothing is written through it, and nothing comes to be elsewhere."""
    victim, cassette = tmp_path / "victim", tmp_path / "a.yaml"
    victim.write_text("precious")
    planted = tmp_path / ".a.yaml.lock"
    PLANTED[name](planted, victim)
    with pytest.raises((NotWritten, CassetteBusy)), lock_file(cassette):
        write_atomically(cassette, b"x")
    assert victim.read_text() == "precious"
    assert not (tmp_path / "not-there").exists()
    if name == "long file":
        assert planted.read_text().startswith("somebody")


def test_files_of_a_recording_are_the_owners(tmp_path: Path) -> None:
    """Lock and spool can be read by nobody else, also where the umask would let them."""
    mask = os.umask(0)
    try:
        cassette = tmp_path / "a.yaml"
        with lock_file(cassette):
            spool = Spool(cassette, "once")
            spool.add(LINE)
            spool.add(LINE)
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(mask)
    assert len(modes) == 2
    assert set(modes.values()) == {0o600}
    assert len(read_spool(spool.path)[1]) == 2


@pytest.mark.parametrize("name", ["link", "hard link", "FIFO", "dangling link"])
def test_spool_that_somebody_planted(tmp_path: Path, name: str) -> None:
    """Nothing is appended through it; its temporary file is made anew."""
    victim = tmp_path / "victim"
    victim.write_text("precious")
    spool = Spool(tmp_path / "a.yaml", "once")
    PLANTED[name](spool.path, victim)
    with pytest.raises(OSError, match=r"\[Errno"):
        spool.add(LINE)
    spool.path.unlink()
    if name != "FIFO":
        PLANTED[name](spool.path.with_suffix(".tmp"), victim)
        spool.add(LINE)
        assert not spool.path.is_symlink()
        assert len(read_spool(spool.path)[1]) == 1
    assert victim.read_text() == "precious"


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]\n", b'{"mode": "o', b"[" * 100_000])
def test_spool_that_is_none(tmp_path: Path, content: bytes) -> None:
    """One sentence with its name."""
    path = tmp_path / ".a.yaml.1.partial"
    path.write_bytes(content)
    with pytest.raises(NotRecorded, match="partial"):
        read_spool(path)


@pytest.mark.parametrize("name", ["FIFO", "folder", "dangling link"])
def test_recording_that_is_no_file(tmp_path: Path, name: str) -> None:
    """It is not waited for."""
    path = tmp_path / "a.yaml"
    PLANTED[name](path, tmp_path / "victim")
    with pytest.raises(Unreadable, match=r"a\.yaml"):
        read_contents(path)
    with pytest.raises(OSError, match=r"\[Errno"):
        read_plain_file(path)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/stdin"])
def test_device(device: str) -> None:
    """It never ends, or is nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "fakegemini", "check", device],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode
    assert "Traceback" not in done.stderr + done.stdout


BOMBS: dict[str, str] = {
    "laughs": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{chr(98 + level)}: &{chr(98 + level)} [{','.join(['*' + chr(97 + level)] * 9)}]\n"
        for level in range(12)
    )
    + "interactions: *m\n",
    "loop": "interactions: &a [*a, *a]\n",
    "loop of members": "interactions: &a {b: *a}\n",
    "deep": "interactions: " + "[" * 50_000,
    "long number": f"interactions: []\nx: {'9' * 10_000}\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_yaml_bomb(tmp_path: Path, name: str) -> None:
    """One sentence, within a bound of memory."""
    path = tmp_path / "bomb.yaml"
    path.write_text(BOMBS[name])
    with pytest.raises(Unreadable, match=r"bomb\.yaml:\d+"):
        read_contents(path)


@pytest.mark.parametrize(
    "value",
    ["59:" * 200_000 + "59", "59:" * 400 + "59.5", "0x" + "f" * 10_000],
    ids=["number to the base of 60", "fraction to the base of 60", "hexadecimal number"],
)
def test_numbers_that_json_has_not_are_texts(tmp_path: Path, value: str) -> None:
    """They are read as they stand, not computed for minutes."""
    path = tmp_path / "numbers.yaml"
    path.write_text(f"x: {value}\n")

    assert load_strict_yaml(path.read_text(), path) == {"x": value}


def _nested_stream(levels: int) -> bytes:
    return b"event: x\ndata: " + b"[" * levels + b"]" * levels + b"\n\ndata: [DONE]\n\n"


def _nested_answer(levels: int) -> bytes:
    nested: Any = "[" * levels + "]" * levels
    steps = f'[{{"type": "x", "content": {nested}}}]'
    answer = f'{{"id": "v1_x", "status": "completed", "steps": {steps}, "object": "interaction"}}'
    body = f'{{"model": "gemini-3.5-flash", "input": {steps}, "x": {nested}}}'
    uri = "https://generativelanguage.googleapis.com/v1/interactions"
    entry = {
        "request": {"method": "POST", "uri": uri, "body": body, "headers": {}},
        "response": {"status": {"code": 200}, "headers": {}, "body": {"string": answer}},
    }
    return json.dumps({"interactions": [entry], "version": 1}).encode()


@pytest.mark.parametrize("command", ["check", "show", "verify", "scrub", "convert", "diff"])
@pytest.mark.parametrize("levels", [100, 250, 400, 900, 20_000])
@pytest.mark.parametrize("form", [_nested_stream, _nested_answer])
def test_nested_recording(
    tmp_path: Path, form: Callable[[int], bytes], levels: int, command: str
) -> None:
    """Each command reads it, or says in a sentence that it is nested too deeply."""
    path = tmp_path / "nested.json"
    path.write_bytes(form(levels))
    further = {"diff": [str(path)], "convert": ["--out", str(tmp_path / "o.yaml")]}
    result = CliRunner().invoke(main, [command, str(path), *further.get(command, [])])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.exit_code == 0 or "nested.json" in result.output


def test_aliases_of_an_honest_cassette(tmp_path: Path) -> None:
    """Repetition is what aliases are for."""
    path = tmp_path / "a.yaml"
    body = json.dumps({"id": "v1_x", "status": "completed", "object": "interaction"})
    path.write_text(
        "common: &head {Content-Type: [application/json]}\n"
        "interactions:\n"
        + "- request: {method: GET, uri: 'https://x.invalid/v1/interactions/v1_x',"
        " headers: *head}\n"
        f"  response: {{status: {{code: 200}}, headers: *head, body: {{string: '{body}'}}}}\n"
        * 3
        + "version: 1\n"
    )
    assert len(read_contents(path).exchanges) == 3


SCRIPT_BOMBS: dict[str, tuple[str, str]] = {
    "laughs": ("yaml", f"{BOMBS['laughs'].rpartition('interactions')[0]}replies: *m\n"),
    "loop": ("yaml", "replies: &a [*a, *a]\n"),
    "deep YAML": ("yaml", "replies: " + "[" * 20_000),
    "deep JSON": ("json", '{"replies": ' + "[" * 20_000 + "]" * 20_000 + "}"),
    "wide": ("json", json.dumps({f"m{number}": 1 for number in range(30_000)})),
    "twins": ("json", "{" + "".join(f'"m{n}": 1,' for n in range(60_000)) + '"m9": 1}'),
    "long number": ("json", f'{{"replies": [{{"say": "x", "times": {"9" * 5000}}}]}}'),
    "long number in YAML": ("yaml", f"replies: [{{say: x, times: {'9' * 5000}}}]"),
    "base of 60": ("yaml", f"replies: [{{say: x, times: !!int '{'59:' * 100_000}59'}}]"),
    "fraction": ("yaml", f"replies: [{{say: x, times: !!float '{'59:' * 400}59.5'}}]"),
}


@pytest.mark.parametrize("name", SCRIPT_BOMBS)
def test_bomb_in_a_script(tmp_path: Path, name: str) -> None:
    """It is one sentence with its name."""
    suffix, text = SCRIPT_BOMBS[name]
    path = tmp_path / f"bomb.{suffix}"
    path.write_text(text)
    with pytest.raises(BadScript, match=r"bomb\.") as caught:
        read_script(path)(Fake())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["FIFO", "folder", "dangling link"])
@pytest.mark.parametrize("suffix", ["yaml", "json", "py"])
def test_script_that_is_no_file(tmp_path: Path, name: str, suffix: str) -> None:
    """It is not waited for, and nothing of it is run."""
    path = tmp_path / f"script.{suffix}"
    PLANTED[name](path, tmp_path / "victim")
    with pytest.raises(BadScript, match=r"script\..*: cannot be read"):
        read_script(path)


def test_many_packed_bodies(tmp_path: Path) -> None:
    """Each is small enough, and all together are not."""
    packed = base64.b64encode(gzip.compress(bytes(MOST_UNPACKED - 1), 9)).decode()
    entries = "".join(
        "- request: {method: POST, uri: 'https://generativelanguage.googleapis.com"
        "/v1/interactions', body: '{}', headers: {}}\n"
        "  response: {status: {code: 200, message: OK}, headers: {content-encoding: [gzip]},"
        f" body: {{string: {'*x' if number else f'&x !!binary {packed}'}}}}}\n"
        for number in range(4)
    )
    path = tmp_path / "a.yaml"
    path.write_text(f"interactions:\n{entries}version: 1\n")
    with pytest.raises(Unreadable, match=r"a\.yaml.*exchange 3.*bodies before it"):
        read_contents(path)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_packed_bomb(coding: str) -> None:
    """A small body that is a large one says so before it is in memory."""
    zeros = b"\0" * (MOST_UNPACKED + 1)
    packed = gzip.compress(zeros, 1) if coding == "gzip" else zlib.compress(zeros)
    with pytest.raises(ValueError, match="more than"):
        unpack_body(packed, coding)
    text = base64.b64encode(b"x" * 1000)
    packed = gzip.compress(text) if coding == "gzip" else zlib.compress(text)
    assert unpack_body(packed, coding) == text
    with pytest.raises(ValueError, match="cannot be unpacked"):
        unpack_body(packed[:-10], coding)


def _convert(source: Path, target: Path) -> int:
    return (
        CliRunner()
        .invoke(main, ["convert", str(source), "--out", str(target), "--force"])
        .exit_code
    )


def _recording(folder: Path) -> Path:
    """Make a recording with an attachment."""
    picture = {"type": "image", "mime_type": "image/png", "data": "QUJD" * 200}
    steps = [{"type": "model_output", "content": [picture]}]
    answer = {"id": "v1_x", "status": "completed", "object": "interaction", "steps": steps}
    uri = "https://generativelanguage.googleapis.com/v1/interactions"
    entry = {
        "request": {"method": "POST", "uri": uri, "body": "{}", "headers": {}},
        "response": {"status": {"code": 200}, "body": {"string": json.dumps(answer)}},
    }
    path = folder / "source.json"
    path.write_text(json.dumps({"interactions": [entry], "version": 1}))
    return path


@pytest.mark.parametrize("name", ["link", "dangling link"])
def test_folder_of_attachments_that_is_a_link(tmp_path: Path, name: str) -> None:
    """Nothing is written through it."""
    victim = tmp_path / "victim"
    victim.mkdir()
    out = tmp_path / "out"
    out.mkdir()
    PLANTED[name](out / "aside", victim)
    assert _convert(_recording(tmp_path), out / "o.yaml") == 2
    assert not list(victim.iterdir())
    assert not (tmp_path / "not-there").exists()
    (out / "aside").unlink()
    assert _convert(_recording(tmp_path), out / "o.yaml") == 0
    (attachment,) = (out / "aside").iterdir()
    attachment.unlink()
    precious = tmp_path / "precious"
    precious.write_text("precious")
    attachment.symlink_to(precious)
    assert _convert(_recording(tmp_path), out / "o.yaml") == 2
    assert precious.read_text() == "precious"


@pytest.mark.parametrize(
    ("content", "status"), [("precious", 2), ("", 0), ('{"interactions": [], "version": 1}', 0)]
)
def test_cassette_that_is_a_link(tmp_path: Path, content: str, status: int) -> None:
    """It stays one, and only a recording, or nothing, is replaced."""
    real, link = tmp_path / "real", tmp_path / "o.yaml"
    real.write_text(content)
    link.symlink_to(real)
    assert _convert(_recording(tmp_path), link) == status
    assert link.is_symlink()
    assert (real.read_text() == content) is bool(status)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="there is no /proc")
def test_a_file_that_says_it_is_empty_is_read_whole() -> None:
    """Files of /proc have no size, and more than one piece."""
    content = read_plain_file(Path("/proc/self/maps"))

    assert content.count(b"\n") > 10
    assert content.endswith(b"\n")


@pytest.mark.parametrize("size", [0, 1, 8192, 3_000_000])
def test_a_file_is_read_whole(tmp_path: Path, size: int) -> None:
    """Of any size."""
    (tmp_path / "a.yaml").write_bytes(b"x" * size)

    assert read_plain_file(tmp_path / "a.yaml") == b"x" * size
