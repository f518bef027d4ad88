"""The login for an upstream: from its address, the environment, or a netrc file."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fakegemini.errors import NotStarted
from fakegemini.protocol.paths import LIVE_API_URL
from fakegemini.record.upstream import Upstream
from fakegemini.record.upstream_login import find_login, has_login

from .upstream import OK, saying

RECORD = [sys.executable, "-m", "fakegemini", "record", "--cassette", "a.yaml"]
ASK = (
    'import os, urllib.request as u; body = b\'{"model": "gemini-3.5-flash", "input": "Hi"}\';'
    "u.urlopen(os.environ['GOOGLE_GEMINI_BASE_URL'] + '/v1/interactions', body)"
)
NETRC = (
    "machine other.test login eve password nothing\nmachine 127.0.0.1 login ann password s3cret\n"
)

WAYS = {
    "address": ("ann:s3cret@", {}),
    "variable": ("", {"FAKEGEMINI_UPSTREAM_LOGIN": "ann:s3cret"}),
    "file": ("", {"NETRC": "netrc"}),
    "the address goes first": ("ann:s3cret@", {"FAKEGEMINI_UPSTREAM_LOGIN": "eve:x"}),
}


@pytest.mark.parametrize("way", WAYS)
def test_it_is_sent_and_never_shown(tmp_path: Path, way: str) -> None:
    """On the command line it is warned of, and only there."""
    asked: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        asked.append(request)
        connection.sendall(OK)

    prefix, variables = WAYS[way]
    (tmp_path / "netrc").write_text(NETRC)
    variables = {
        name: str(tmp_path / text) if name == "NETRC" else text for name, text in variables.items()
    }
    with saying(answer) as upstream:
        address = upstream.replace("://", f"://{prefix}")
        done = subprocess.run(
            [*RECORD, "--upstream", address, "--", sys.executable, "-c", ASK],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env=os.environ | variables,
            timeout=60,
        )
    basic = base64.b64encode(b"ann:s3cret")
    assert b"authorization: basic " + basic.lower() in asked[0].lower()
    written = done.stdout + done.stderr + (tmp_path / "a.yaml").read_text("utf-8")
    assert "s3cret" not in written
    assert basic.decode() not in written
    assert ("Warning: the login in --upstream can be read" in done.stderr) is bool(prefix)


def test_others_do_not_get_it() -> None:
    """Neither the live API, nor a host that the file does not name."""
    os.environ["FAKEGEMINI_UPSTREAM_LOGIN"] = "ann:s3cret"
    try:
        assert Upstream(LIVE_API_URL)._login is None
        assert Upstream("http://127.0.0.1:1")._login == ("ann", "s3cret")
    finally:
        del os.environ["FAKEGEMINI_UPSTREAM_LOGIN"]


def test_a_file_for_other_hosts(tmp_path: Path) -> None:
    """A default is for nobody: it would go to whatever address is typed."""
    path = tmp_path / "netrc"
    path.write_text("machine other.test login ann password x\ndefault login eve password y\n")
    assert find_login("http://127.0.0.1:1", {"NETRC": str(path)}) is None
    assert find_login("https://other.test/v1", {"NETRC": str(path)}) == ("ann", "x")


ODD_FILES = {
    "no file": lambda path: None,
    "folder": lambda path: path.mkdir(),
    "FIFO": os.mkfifo if hasattr(os, "mkfifo") else lambda path: path.mkdir(),
    "device": lambda path: path.symlink_to("/dev/zero"),
    "not netrc": lambda path: path.write_text("machine\n"),
    "no text": lambda path: path.write_bytes(b"machine \xff\xfe login"),
}


@pytest.mark.parametrize("name", ODD_FILES)
def test_what_is_no_file_of_logins(tmp_path: Path, name: str) -> None:
    """Is one sentence with its path, and nothing waits."""
    path = tmp_path / "netrc"
    ODD_FILES[name](path)
    caught: list[NotStarted] = []

    def look() -> None:
        try:
            find_login("http://x.test", {"NETRC": str(path)})
        except NotStarted as error:
            caught.append(error)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(20)
    (error,) = caught
    assert str(error).startswith(f"NETRC={path}")
    assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize("text", ["ann", ":x", "s3cret"])
def test_what_is_no_login(text: str) -> None:
    """It is not shown: it may be the password alone."""
    with pytest.raises(NotStarted) as caught:
        find_login("http://x.test", {"FAKEGEMINI_UPSTREAM_LOGIN": text})
    assert str(caught.value) == "FAKEGEMINI_UPSTREAM_LOGIN is no login: user:password"


@pytest.mark.parametrize(
    ("url", "has"),
    [
        ("http://a@x", True),
        ("https://a:b@x/p", True),
        ("http://x/a@b", False),
        ("http://x", False),
        ("", False),
        ("http://a:b@", True),
    ],
)
def test_addresses_with_a_login(url: str, has: bool) -> None:
    """Also where the address is none."""
    assert has_login(url) is has
