"""Who may do what: programs on this machine, callers with the token, and no web page."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from fakegemini import Fake, Request
from fakegemini.doors.loopback import serve
from fakegemini.doors.reachable import is_loopback_host, reachable_url
from tests.http.door import MODEL, Door
from tests.record.upstream import recorder

ROUTE = "/__fakegemini__/replies"
JSON = "application/json"


def _post(url: str, headers: dict[str, str], method: str = "POST", path: str = ROUTE) -> int:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        body = b'{"say": "x"}' if method == "POST" else b""
        for name, value in (
            {"Host": place.netloc, "Content-Length": str(len(body))} | headers
        ).items():
            connection.putheader(name, value)
        connection.endheaders(body)
        return connection.getresponse().status
    finally:
        connection.close()


FOREIGN: dict[str, dict[str, str]] = {
    "rebound name": {"Host": "attacker.example:8787", "Content-Type": JSON},
    "rebound name with a dot": {"Host": "attacker.example.", "Content-Type": JSON},
    "name that begins like ours": {"Host": "localhost.attacker.example", "Content-Type": JSON},
    "name that ends like ours": {"Host": "notlocalhost", "Content-Type": JSON},
    "origin": {"Origin": "https://attacker.example", "Content-Type": JSON},
    "null origin": {"Origin": "null", "Content-Type": JSON},
    "origin of another port": {"Origin": "http://127.0.0.1:1", "Content-Type": JSON},
    "cross-site": {"Sec-Fetch-Site": "cross-site", "Content-Type": JSON},
    "same-site": {"Sec-Fetch-Site": "same-site", "Content-Type": JSON},
    "form": {"Sec-Fetch-Site": "none", "Content-Type": "application/x-www-form-urlencoded"},
    "plain text": {"User-Agent": "Mozilla/5.0", "Content-Type": "text/plain"},
    "no type": {"Referer": "https://attacker.example/"},
    "referer": {"Referer": "https://attacker.example/", "Content-Type": JSON},
    "host with a user": {"Host": "attacker.example@localhost", "Content-Type": JSON},
    "host with a path": {"Host": "localhost/.attacker.example", "Content-Type": JSON},
    "host with a fragment": {"Host": "localhost#.attacker.example", "Content-Type": JSON},
    "host in digits": {"Host": "127.0.0.1.attacker.example", "Content-Type": JSON},
    "socket": {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Origin": "http://localhost:3000",
        "Content-Type": JSON,
    },
    "other method": {
        "X-HTTP-Method-Override": "DELETE",
        "Origin": "http://localhost:3000",
        "Content-Type": JSON,
    },
    "unknown site": {"Sec-Fetch-Site": "other", "Content-Type": JSON},
    "empty origin": {"Origin": "", "Content-Type": JSON},
    "wrong token": {"X-Fakegemini-Token": "guess", "Content-Type": JSON},
}
"""What a web page can send, and a guess."""

OWN: dict[str, dict[str, str]] = {
    "program": {},
    "curl -d": {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "curl/8"},
    "localhost": {"Host": "localhost"},
    "LOCALHOST": {"Host": "LOCALHOST:8787"},
    "sub.localhost": {"Host": "fake.localhost:1"},
    "IPv6": {"Host": "[::1]:8787"},
    "address": {"Host": "192.0.2.7:8787"},
    "Node": {"Sec-Fetch-Mode": "cors", "User-Agent": "node", "Content-Type": JSON},
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", ROUTE), ("GET", "/__fakegemini__/requests")], ids=["post", "get"]
)
def test_web_pages_neither_script_nor_read(
    fake: Fake, door: Door, name: str, method: str, path: str
) -> None:
    """They get a 403, which no SDK retries, and nothing is scripted."""
    if method == "GET" and name in ("form", "plain text", "no type"):
        return  # without a body there is no type
    assert _post(door.url, FOREIGN[name], method, path) == 403
    assert fake.control.state.script.rules == []
    assert _post(door.url, {"Host": "attacker.example"}, "GET", "/__fakegemini__/health") == 200


@pytest.mark.parametrize("name", OWN)
def test_programs_on_this_machine_do(door: Door, name: str) -> None:
    """By loopback names and addresses, with whatever type."""
    assert _post(door.url, OWN[name]) == 200


def test_same_origin_page(door: Door) -> None:
    """A page that the fake itself would serve may, with JSON."""
    headers = {"Origin": door.url, "Sec-Fetch-Site": "same-origin", "Content-Type": JSON}
    assert _post(door.url, headers) == 200


def test_named_hosts(fake: Fake, door: Door) -> None:
    """What the user adds is taken in any case; others are not."""
    fake.open_control(hosts=["Fake.Test"])
    assert _post(door.url, {"Host": "fake.test:8787"}) == 200
    assert _post(door.url, {"Host": "other.test:8787"}) == 403


ELSEWHERE = [("198.51.100.4", "198.51.100.9"), ("2001:db8::1", "2001:db8::2"), ("odd", "odd")]


@pytest.mark.parametrize(("client", "here"), ELSEWHERE)
def test_other_machines_need_the_token(client: str, here: str) -> None:
    """Without, a 403; with it, by whatever name; an empty one opens nothing."""
    fake = Fake()

    def status(**headers: str) -> int:
        pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        return fake.handle(Request("POST", ROUTE, (), pairs, b'{"say": "x"}', client, here)).status

    assert status() == 403
    assert status(x_fakegemini_token="") == 403
    fake.open_control(token="sesame")
    assert status() == 403
    assert status(x_fakegemini_token="Sesame") == 403
    assert status(x_fakegemini_token="sesame") == 200
    assert status(x_fakegemini_token="sesame", host="gemini-fake:8787") == 200


def test_from_this_machine_through_its_own_address() -> None:
    """Both ends have the same address: nobody else is there."""
    request = Request("POST", ROUTE, (), (), b'{"say": "x"}', "192.0.2.5", "192.0.2.5")
    assert Fake().handle(request).status == 200


@pytest.mark.parametrize(
    "header", ["content-type", "x-goog-api-key", "x-goog-api-client", "authorization"]
)
def test_preflight_that_is_granted(fake: Fake, door: Door, header: str) -> None:
    """As measured; and it is no request of the test's."""
    answer = door.ask("OPTIONS", "/v1/interactions", None, _preflight(header))
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert header in answer.headers["access-control-allow-headers"]
    assert not fake.requests


@pytest.mark.parametrize("header", ["api-revision", "Api-Revision", "content-type, api-revision"])
def test_preflight_that_is_refused(door: Door, header: str) -> None:
    """The browser then sends nothing."""
    answer = door.ask("OPTIONS", "/v1/interactions", None, _preflight(header))
    assert answer.status == 403
    assert "access-control-allow-headers" not in answer.headers


def _preflight(header: str) -> dict[str, str]:
    return {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": header,
    }


@pytest.mark.parametrize("body", [{"input": "Hi"}, {"input": "Hi", "stream": True}, {"odd": 1}])
def test_origin_is_reflected(door: Door, body: dict[str, Any]) -> None:
    """On answers, streams and refusals; without an origin there is no such header."""
    headers = {"Origin": "https://app.example"}
    answer = door.ask("POST", "/v1/interactions", {"model": MODEL} | body, headers)
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    plain = door.ask("POST", "/v1/interactions", {"model": MODEL} | body)
    assert "access-control-allow-origin" not in plain.headers


@pytest.mark.parametrize("host", ["", " ", "0.0.0.0", "::", "192.0.2.1"])
def test_host_beyond_loopback_is_said_twice(host: str) -> None:
    """An empty one never; the others with --expose."""
    command = [sys.executable, "-m", "fakegemini", "serve", "--port", "0", "--host", host]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert ("--expose" in done.stderr) is bool(host.strip())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("host", "is_own"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("localhost", True),
        ("::1", True),
        ("[::1]", True),
        ("0.0.0.0", False),
        ("::", False),
        ("example.com", False),
        ("", False),
    ],
)
def test_hosts_that_only_this_machine_reaches(host: str, is_own: bool) -> None:
    """Names and addresses."""
    assert is_loopback_host(host) is is_own


def test_address_that_is_printed_works() -> None:
    """No client can connect to all addresses at once."""
    assert reachable_url("http://0.0.0.0:8787") == "http://127.0.0.1:8787"
    assert reachable_url("http://[::]:8787") == "http://[::1]:8787"
    assert reachable_url("http://192.0.2.1:8787") == "http://192.0.2.1:8787"
    with serve(Fake().handle) as url:
        assert reachable_url(url) == url
        assert json.loads(Door(url).ask("GET", "/__fakegemini__/health").body)
    assert socket.getdefaulttimeout() is None


PAGES: dict[str, dict[str, str]] = {
    "rebound name": {"Host": "attacker.example:8787"},
    "name that ends like the API": {"Host": "generativelanguage.googleapis.com.attacker.example"},
    "origin": {"Origin": "https://attacker.example"},
    "null origin": {"Origin": "null"},
    "no origin": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    "no origin, in capitals": {"Sec-Fetch-Site": "Cross-Site"},
    "referer": {"Referer": "https://attacker.example/page"},
    "referer like ours": {"Referer": "https://localhost.attacker.example/"},
}
OWN_PROGRAMS: dict[str, dict[str, str]] = {
    "program": {},
    "caught program": {"Host": "generativelanguage.googleapis.com"},
    "caught program of Vertex": {"Host": "europe-west4-aiplatform.googleapis.com"},
    "name without a dot": {"Host": "recorder:8787"},
    "application under development": {"Origin": "http://localhost:3000"},
    "its page": {"Referer": "http://127.0.0.1:3000/chat", "Sec-Fetch-Site": "same-site"},
    "address": {"Host": "192.0.2.7:8787"},
}


@pytest.mark.parametrize("name", [*PAGES, *OWN_PROGRAMS])
def test_recorder(tmp_path: Path, name: str) -> None:
    """Nothing of a foreign page goes on to the live API, or into the cassette."""
    made = Fake()
    cassette = tmp_path / "a.yaml"
    body = {"model": MODEL, "input": "x"}
    with serve(made.handle) as upstream, recorder(cassette, upstream) as (url, _):
        answer = Door(url).ask("POST", "/v1/interactions", body, (PAGES | OWN_PROGRAMS)[name])
    assert answer.status == (400 if name in PAGES else 200)
    assert len(made.requests) == (0 if name in PAGES else 1)
    assert cassette.exists() is (name in OWN_PROGRAMS)
