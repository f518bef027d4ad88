"""On which hosts a server listens, and whom they let in."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from fakegemini import Fake
from fakegemini.doors.listeners import leads_here_alone, resolve, url_host
from fakegemini.doors.loopback import serve
from fakegemini.errors import CannotListen

COMMAND = [sys.executable, "-u", "-m", "fakegemini", "serve", "--port", "0", "--host"]
TWO_FAMILIES = [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)]


def _has_six() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


needs_six = pytest.mark.skipif(not _has_six(), reason="no IPv6 here")


def _names(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, socket.AddressFamily]) -> None:
    """Let every name have these addresses, as the resolver of another machine says."""

    def get_address_info(host: object, port: object, **options: object) -> list[object]:
        return [
            (family, socket.SOCK_STREAM, 6, "", (address, 0, 0, 0)[: 2 if "." in address else 4])
            for address, family in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", get_address_info)


def _is_answered(host: str, port: int) -> bool:
    address = f"http://{url_host(host)}:{port}/__fakegemini__/health"
    with urllib.request.urlopen(address, timeout=20) as answer:
        return bool(json.load(answer)["status"] == "ok")


@needs_six
def test_a_name_of_two_families(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients differ in which they try first; both are answered, at one port."""
    _names(monkeypatch, *TWO_FAMILIES)
    with serve(Fake().handle, host="localhost") as url:
        monkeypatch.undo()
        assert url.startswith("http://localhost:")
        port = int(url.rpartition(":")[2])
        assert [_is_answered(address, port) for address, _ in TWO_FAMILIES] == [True, True]


@needs_six
def test_a_port_that_is_taken_in_one_family(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client would reach somebody else, so it is no port to listen on."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as other:
        port = other.getsockname()[1]
        _names(monkeypatch, *TWO_FAMILIES)
        with (
            pytest.raises(CannotListen, match=f"cannot listen on localhost:{port}: "),
            serve(Fake().handle, host="localhost", port=port),
        ):
            pass
        with socket.socket() as again:  # what was opened for the first family is closed
            again.bind(("127.0.0.1", port))


@pytest.mark.parametrize(
    ("addresses", "is_ours"),
    [
        (["127.0.0.1"], True),
        (["127.8.8.8"], True),
        (["::1"], True),
        (["127.0.0.1", "::1"], True),
        (["::ffff:127.0.0.1"], True),
        (["192.0.2.1"], False),
        (["127.0.0.1", "192.0.2.1"], False),
        (["::1", "2001:db8::1"], False),
        (["fe80::1%1"], False),
        (["0.0.0.0"], False),
        (["::"], False),
    ],
)
@pytest.mark.parametrize("name", ["localhost", "fake.localhost", "fake.test"])
def test_a_name_is_what_it_leads_to(
    monkeypatch: pytest.MonkeyPatch, name: str, addresses: list[str], is_ours: bool
) -> None:
    """However it is spelt: one of its addresses that others reach needs --expose."""
    families = {True: socket.AF_INET6, False: socket.AF_INET}
    _names(monkeypatch, *[(address, families[":" in address]) for address in addresses])
    assert leads_here_alone(name) is is_ours


ODD = ["a\nb", "a b", "\x1b[31m", "[::1", "::1]", "a" * 300, "no.such.name.invalid", "\ud800", "-x"]


@pytest.mark.parametrize("host", ODD, ids=ascii)
def test_what_is_no_host(host: str) -> None:
    """Is one sentence, which steers no terminal."""
    with pytest.raises(CannotListen) as caught:
        resolve(host)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        pytest.param("[::1]", "http://[::1]:", marks=needs_six),
        pytest.param("::1", "http://[::1]:", marks=needs_six),
        ("127.1", "http://127.1:"),
        ("no.such.name.invalid", "Error: --host: cannot listen on no.such.name.invalid: "),
        ("192.0.2.1", "Error: --host 192.0.2.1 lets other machines in"),
        ("fe80::1%lo", "Error: --host fe80::1%lo lets other machines in"),
    ],
)
def test_serve(host: str, shown: str) -> None:
    """An address of IPv6 with its brackets or without, as URLs and sockets have it."""
    process = subprocess.Popen(
        [*COMMAND, host], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        assert shown in line
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    finally:
        process.kill()


def test_a_zone_in_an_address() -> None:
    """Its sign is escaped in a URL."""
    assert url_host("fe80::1%eth0") == "[fe80::1%25eth0]"
    assert url_host("[::1]") == "[::1]"
    assert url_host("localhost") == "localhost"
