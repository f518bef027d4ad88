"""The block: no test reaches the live API, whatever library it uses; nothing else is stopped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fakegemini.pytest_plugin.network_guard import CHILD_FOLDER, SWITCH
from tests.pytest_plugin.test_fixture import Run, run

__all__ = ["run"]

HOST = "generativelanguage.googleapis.com"

WAYS = {
    "httpx": "import httpx; httpx.get(URL, trust_env=False)",
    "httpx2": "import httpx2; httpx2.get(URL, trust_env=False)",
    "httpx async": "import asyncio, httpx; asyncio.run(httpx.AsyncClient().get(URL))",
    "requests": "import requests; requests.get(URL)",
    "aiohttp": """
import aiohttp, asyncio

async def get():
    async with aiohttp.ClientSession() as session:
        await session.get(URL)

asyncio.run(get())
""",
    "urllib": "import urllib.request; urllib.request.urlopen(URL)",
    "http.client": "import http.client; http.client.HTTPSConnection(HOST).request('GET', '/')",
    "raw socket": "import socket; socket.socket().connect((HOST, 443))",
    "look-up": "import socket; socket.gethostbyname(HOST)",
    "datagram": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', (HOST, 443))",
    "tls": "import ssl; ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(),"
    " server_hostname=HOST)",
    "uvloop": """
import asyncio, uvloop, ssl

async def get():
    # The address stands for what a loop's own look-up would give; the name comes with TLS.
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await asyncio.open_connection(
        "127.0.0.1", port, ssl=ssl.create_default_context(), server_hostname=HOST
    )

uvloop.run(get())
""",
}

NEEDS = {"httpx async": "httpx", "raw socket": "", "look-up": "", "http.client": "", "tls": ""}

SWALLOWED = """
import pytest
import warnings

HOST = {host!r}
URL = f"https://{{HOST}}/v1/models"
CODE = {code!r}

def go():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(CODE, {{"HOST": HOST, "URL": URL, "__name__": "code"}})

def test_seen():
    with pytest.raises(Exception) as error:
        go()
    assert type(error.value).__name__ == "BlockedCall", error.getrepr()
    text = str(error.value)
    assert text.startswith(f"{{NAME}}::test_seen connects to {{HOST}}, the live Gemini API, and")
    assert "Fix: give the test the fixture" in text

def test_swallowed():
    try:
        go()
    except Exception:
        pass
"""


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("way", WAYS)
def test_every_library_is_stopped(way: str, run: Run) -> None:
    """By the host's name, with one text; one that is swallowed fails its test all the same."""
    module = NEEDS.get(way, way)
    if module and "." not in module and module not in ("urllib", "datagram"):
        pytest.importorskip(module)
    source = SWALLOWED.format(host=HOST, code=WAYS[way])
    name = "test_every_library_is_stopped.py"

    result = run(f"NAME = {name!r}\n{source}", "--fakegemini-block", "-W", "ignore")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([f"*BlockedCall: {name}::test_swallowed connects to {HOST}*"])


CHILD = """
import subprocess
import sys

HOST = {host!r}
URL = f"https://{{HOST}}/v1/models"
CODE = f"HOST = {{HOST!r}}; URL = {{URL!r}}\\n" + {code!r}

def test_it():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True)
    assert done.returncode == 1
    assert "RuntimeError: a process that test_subprocesses.py::test_it" in done.stderr
    assert f" started connects to {{HOST}}, the live" in done.stderr
"""


@pytest.mark.parametrize("way", ["httpx", "httpx2", "requests", "aiohttp", "urllib", "raw socket"])
def test_subprocesses(way: str, run: Run) -> None:
    """A process of Python that a test starts is stopped as well."""
    if NEEDS.get(way, way) and way != "urllib":
        pytest.importorskip(way)

    result = run(CHILD.format(host=HOST, code=WAYS[way]), "--fakegemini-block")

    result.assert_outcomes(passed=1)


SITECUSTOMIZES = {
    "none": (None, "went\n", ""),
    "one that speaks": ("print('theirs')", "theirs\nwent\n", ""),
    "one that lacks a package": (
        "import not_there_at_all",
        "went\n",
        "Error in sitecustomize; set PYTHONVERBOSE for traceback:\n"
        "ModuleNotFoundError: No module named 'not_there_at_all'\n",
    ),
}


@pytest.mark.parametrize("theirs", SITECUSTOMIZES)
def test_a_guarded_process_says_nothing_of_its_own(theirs: str, tmp_path: Path) -> None:
    """It runs the user's own sitecustomize, if there is one, and prints what that prints."""
    text, printed, complained = SITECUSTOMIZES[theirs]
    folders = [str(CHILD_FOLDER), str(tmp_path)]
    if text is not None:
        (tmp_path / "sitecustomize.py").write_text(text, "utf-8")

    done = subprocess.run(
        [sys.executable, "-c", "print('went')"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(folders), SWITCH: "1"},
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, printed, complained)


HOSTS = {
    HOST: True,
    HOST.upper(): True,
    f"{HOST}.": True,
    "generativelanguage.mtls.googleapis.com": True,
    "aiplatform.googleapis.com": True,
    "us-central1-aiplatform.googleapis.com": True,
    "us-central1-aiplatform.mtls.googleapis.com": True,
    "aiplatform.eu.rep.googleapis.com": True,
    "autopush-generativelanguage.sandbox.googleapis.com": True,
    "storage.googleapis.com": False,
    "oauth2.googleapis.com": False,
    "notgenerativelanguage.googleapis.com": False,
    f"{HOST}.example": False,
    "aiplatform.example": False,
    "localhost": False,
    "127.0.0.1": False,
}


def test_hosts_and_nothing_else(run: Run) -> None:
    """The API's hosts in every spelling; other hosts, local servers and children are untouched."""
    result = run(
        f"""
import socket
import subprocess
import sys
import pytest
from fakegemini.errors import BlockedCall

@pytest.mark.parametrize("host, stopped", {list(HOSTS.items())!r})
def test_host(host, stopped, monkeypatch):
    for spelling in (host, host.encode()):
        sys.audit("before", spelling)
        if stopped:
            with pytest.raises(BlockedCall, match="live Gemini API"):
                sys.audit("socket.getaddrinfo", spelling, 443, 0, 0, 0)
            with pytest.raises(BlockedCall, match="live Gemini API"):
                sys.audit("socket.connect", None, (spelling, 443))
        else:
            sys.audit("socket.getaddrinfo", spelling, 443, 0, 0, 0)
            sys.audit("socket.connect", None, (spelling, 443))

def test_local():
    assert socket.getaddrinfo("localhost", 80)
    first, second = socket.socketpair()
    first.send(b"x")
    assert second.recv(1) == b"x"
    first.close()
    second.close()

def test_children():
    code = "import socket; socket.getaddrinfo('localhost', 80); print('fine')"
    assert subprocess.check_output([sys.executable, "-c", code]) == b"fine\\n"

def test_fixture(fakegemini):
    assert ask()[0] == 200
""",
        "--fakegemini-block",
    )

    result.assert_outcomes(passed=len(HOSTS) + 3)


LOOK_UP = f"socket.getaddrinfo('{HOST}', 443)"

SWITCHED = """
import os
import socket
import pytest
from fakegemini.errors import BlockedCall

def stopped():
    try:
        import sys
        sys.audit("socket.getaddrinfo", "generativelanguage.googleapis.com", 443, 0, 0, 0)
    except BlockedCall:
        return True
    return False

def check(expected):
    if expected:
        with pytest.raises(BlockedCall):
            __import__("sys").audit("socket.getaddrinfo", "aiplatform.googleapis.com", 1, 0, 0, 0)
    else:
        assert not stopped()
    assert ("FAKEGEMINI_BLOCK" in os.environ) == expected
    assert ("fakegemini" in os.environ.get("PYTHONPATH", "")) == expected

@pytest.mark.fakegemini_block
def test_on():
    check(True)

def test_default():
    check({default})

@pytest.mark.fakegemini_block(False)
def test_off():
    check(False)

@pytest.mark.fakegemini_block(on=False)
class TestClass:
    def test_off(self):
        check(False)

    @pytest.mark.fakegemini_block(on=True)
    def test_on(self):
        check(True)
"""


@pytest.mark.parametrize("by", ["option", "ini", "marker"])
def test_switches(by: str, run: Run, pytester: pytest.Pytester) -> None:
    """The option, the line of the ini file, the marker; the nearest marker decides."""
    if by == "ini":
        pytester.makeini(
            "[pytest]\nfakegemini_block = true\nasyncio_default_fixture_loop_scope = function"
        )

    result = run(
        SWITCHED.format(default=by != "marker"),
        "--strict-markers",
        *(["--fakegemini-block"] if by == "option" else []),
    )

    result.assert_outcomes(passed=5)


def test_off_costs_nothing(run: Run) -> None:
    """Nothing of it is loaded."""
    result = run("""
import sys

def test_it(fakegemini):
    names = ("block", "network_guard", "client_places")
    assert [n for n in names if f"fakegemini.pytest_plugin.{n}" in sys.modules] == []
""")

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("fixture", ["", "fakegemini"])
def test_a_client_made_at_import_is_named(
    fixture: str, run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File and line of the code that made it, with the fixture and without; no key leaves."""
    pytest.importorskip("google.genai")
    for name in ("GOOGLE_GEMINI_BASE_URL", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GEMINI_API_KEY", "theirs")
    pytester.makepyfile(shop="import google.genai as g\n\n\nclient = g.Client()\n")

    result = run(
        f"""
import shop

def test_it({fixture}):
    shop.client.interactions.create(model="gemini-3.5-flash", input="Hi")

def test_async({fixture}):
    import asyncio
    asyncio.run(shop.client.aio.interactions.create(model="gemini-3.5-flash", input="Hi"))
""",
        "--fakegemini-block",
        "-W",
        "ignore",
    )

    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [f"*::test_it connects to {HOST}, *The client was made at shop.py:4.*--fakegemini-env*"]
    )
    result.stdout.fnmatch_lines([f"*::test_async connects to {HOST}, *made at shop.py:4.*"])


def test_with_the_environment_of_the_session(run: Run, pytester: pytest.Pytester) -> None:
    """Both switches together: nothing to stop."""
    pytest.importorskip("google.genai")
    pytester.makepyfile(shop="import google.genai as g\n\nclient = g.Client()\n")

    result = run(
        """
import shop

def test_it(fakegemini):
    fakegemini.replies(say("Hello."))
    turn = shop.client.interactions.create(model="gemini-3.5-flash", input="Hi")
    assert turn.output_text == "Hello."
""",
        "--fakegemini-block",
        "--fakegemini-env",
    )

    result.assert_outcomes(passed=1)
