"""The fixture beside other plugins, and the plugin loaded in several ways."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fakegemini import Fake
from fakegemini.doors.loopback import serve
from tests.pytest_plugin.test_cassettes import cassette
from tests.pytest_plugin.test_fixture import Run, run

__all__ = ["run"]

USES = """
import pytest
{library}

def get():
    client = library.Client(base_url=os.environ["GOOGLE_GEMINI_BASE_URL"], trust_env=False)
    return client.post("/v1/interactions", json=CALL, timeout=10).json()

EARLY = None

@pytest.mark.parametrize("number", range(2))
def test_it(fakegemini, number):
    global EARLY
    EARLY = EARLY or library.Client(base_url=fakegemini.url, trust_env=False)
    fakegemini.replies(say(f"early {{number}}"))
    fakegemini.replies(say(f"fresh {{number}}"))
    assert f"early {{number}}" in EARLY.post("/v1/interactions", json=CALL).text
    assert f"fresh {{number}}" in str(get())
"""


@pytest.mark.parametrize(
    ("library", "by", "sockets"),
    [
        ("httpx", "option", True),
        ("httpx", "option", False),
        ("httpx2", "ini", True),
        ("httpx2", "option", False),
    ],
)
def test_in_process(
    library: str, by: str, sockets: bool, run: Run, pytester: pytest.Pytester
) -> None:
    """Without a server; with pytest-socket alone it works, for clients made earlier as well."""
    pytest.importorskip(library)
    if not sockets:
        pytest.importorskip("pytest_socket")
    if by == "ini":
        pytester.makeini(
            "[pytest]\nfakegemini_transport = true\nasyncio_default_fixture_loop_scope = function"
        )

    result = run(
        USES.format(library=f"import {library} as library")
        + "\n\ndef test_no_server(fakegemini):\n"
        "    assert [t for t in threading.enumerate() if 'fakegemini' in t.name] == []\n",
        *(["--fakegemini-transport"] if by == "option" else []),
        *([] if sockets else ["--disable-socket"]),
    )

    result.assert_outcomes(passed=3)


@pytest.mark.parametrize("early", [False, True], ids=["in the test", "at import"])
def test_in_process_with_the_sdk(early: bool, run: Run) -> None:
    """google-genai, streaming and waiting as on a socket; made at import with the environment."""
    pytest.importorskip("google.genai")
    made = "client = genai.Client()"

    result = run(
        f"""
import pytest
from google import genai

{made if early else ""}

@pytest.mark.parametrize("number", range(2))
def test_it(fakegemini, number):
    {"global client" if early else made}
    for _ in range(2):
        fakegemini.replies(say(f"reply {{number}}"))
    create = client.interactions.create
    assert create(model=CALL["model"], input="Hi").output_text == f"reply {{number}}"
    with create(model=CALL["model"], input="Hi", stream=True) as events:
        assert len([*events]) > 4
""",
        "--fakegemini-transport",
        *(["--fakegemini-env"] if early else []),
    )

    result.assert_outcomes(passed=2)


def test_sockets_forbidden(run: Run) -> None:
    """pytest-socket alone: one sentence, with what to add."""
    pytest.importorskip("pytest_socket")

    result = run("def test_it(fakegemini):\n    ask()", "--disable-socket", "-W", "ignore")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "CannotListen: pytest-socket forbids all sockets, also that of the fake on this "
            "machine. Fix: --allow-hosts=127.0.0.1 instead of --disable-socket, or "
            "--fakegemini-transport beside it, which needs no socket"
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


GREENLETS = {
    "gevent": "from gevent import monkey\nmonkey.patch_all()\n",
    "eventlet": "import eventlet\neventlet.monkey_patch()\n",
    "gevent's functions alone": """
import sys, types

monkey = types.ModuleType("gevent.monkey")
monkey.is_module_patched = "threading".__eq__
sys.modules["gevent.monkey"] = monkey
""",
}


@pytest.mark.parametrize("way", GREENLETS)
def test_greenlets_for_threads(way: str, run: Run, pytester: pytest.Pytester) -> None:
    """One sentence, with what to add, instead of a wait without end; and that works."""
    if way in ("gevent", "eventlet"):
        pytest.importorskip(way)
    pytester.makeconftest(GREENLETS[way])
    source = "def test_it(fakegemini):\n    assert ask()[0] == 200"

    result = run(source, "-W", "ignore")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["CannotListen: * has put its greenlets in place of the threads of this process, and *"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_greenlets_before_the_session(pytester: pytest.Pytester) -> None:
    """The address of the session says it in one line, too; without a thread it works."""
    pytest.importorskip("gevent")
    pytester.makepyfile("def test_it(fakegemini):\n    assert fakegemini.url")
    start = str(Path(pytest.__file__).with_name("__main__.py"))
    program = [sys.executable, "-m", "gevent.monkey", start]
    options = ["-p", "no:cacheprovider", "--fakegemini-env", "-W", "ignore"]

    refused = pytester.run(*program, *options)
    granted = pytester.run(*program, *options, "--fakegemini-transport")

    assert refused.errlines[0].startswith("ERROR: gevent has put its greenlets in place of the ")
    granted.assert_outcomes(passed=1)


def test_hosts_allowed(run: Run) -> None:
    """What the sentence says works."""
    pytest.importorskip("pytest_socket")

    result = run(
        "def test_it(fakegemini):\n    assert ask()[0] == 200",
        "--allow-hosts=127.0.0.1",
        "--fakegemini-block",
    )

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("more", [[], ["--fakegemini-block"], ["--fakegemini-env"]])
def test_network_blocked_by_pytest_recording(more: list[str], run: Run) -> None:
    """The fake on this machine is reached, other hosts and other ports are not."""
    pytest.importorskip("pytest_recording")

    result = run(
        """
import socket
import pytest

def test_it(fakegemini):
    assert ask()[0] == 200
    assert ask()[0] == 200
    for place in (("127.0.0.1", 1), ("192.0.2.1", 443)):
        with pytest.raises(RuntimeError, match="Network is disabled"):
            socket.socket().connect(place)

def test_without():
    with pytest.raises(RuntimeError, match="Network is disabled"):
        socket.socket().connect(("127.0.0.1", 1))
""",
        "--block-network",
        "-W",
        "ignore",
        *more,
    )

    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("mark", ["", '@pytest.mark.fakegemini("hello")'])
def test_a_cassette_of_vcrpy_for_other_hosts(
    mark: str, run: Run, pytester: pytest.Pytester
) -> None:
    """Gemini is the fake's; vcrpy has the rest and records nothing of ours."""
    pytest.importorskip("pytest_recording")
    httpx = pytest.importorskip("httpx")
    cassette(pytester.path / "cassettes" / "hello.yaml", "Hello.")
    other = Fake()
    name = "test_a_cassette_of_vcrpy_for_other_hosts"
    source = f"""
import httpx
import pytest

@pytest.mark.vcr
{mark}
def test_it(fakegemini):
    base = os.environ["GOOGLE_GEMINI_BASE_URL"]
    assert httpx.post(base + "/v1/interactions", json=CALL, trust_env=False).status_code == 200
    assert httpx.get("URL/v1/models", trust_env=False).status_code == 200
    assert len(fakegemini.requests) == 1
"""
    assert httpx
    with serve(other.handle) as url:
        source = source.replace("URL/v1/models", f"{url}/v1/models")
        run(source, "--record-mode=once", "-W", "ignore").assert_outcomes(passed=1)
        for mode, count in (("none", 1), ("once", 1), ("all", 2)):
            run(source, f"--record-mode={mode}", "-W", "ignore").assert_outcomes(passed=1)
            text = (pytester.path / "cassettes" / name / "test_it.yaml").read_text("utf-8")
            assert text.count("uri:") == 1
            assert len(other.requests) == count, mode


LOADED = {
    "by itself": ([], ""),
    "by conftest.py": ([], 'pytest_plugins = ["fakegemini.pytest_plugin"]'),
    "by option": (["-p", "fakegemini.pytest_plugin"], ""),
    "by option and conftest.py": (
        ["-p", "fakegemini.pytest_plugin"],
        'pytest_plugins = ["fakegemini.pytest_plugin"]',
    ),
    "by name": (["-p", "fakegemini"], ""),
}


@pytest.mark.parametrize("automatic", [True, False], ids=["automatic", "not automatic"])
@pytest.mark.parametrize("way", LOADED)
def test_loaded_in_several_ways(
    way: str, automatic: bool, run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, whoever loads it, and however often."""
    arguments, conftest = LOADED[way]
    if not automatic and way in ("by itself", "by name"):
        pytest.skip("nothing loads it then")
    if not automatic:
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest(conftest)

    result = run("def test_it(fakegemini):\n    assert ask()[0] == 200", *arguments, "-W", "ignore")

    result.assert_outcomes(passed=1)


def test_the_marker_twice(run: Run, pytester: pytest.Pytester) -> None:
    """A class or module says what its tests leave open; one place that says two things is asked."""
    cassette(pytester.path / "cassettes" / "hello.yaml", "Hello.")
    cassette(pytester.path / "cassettes" / "other.yaml", "Other.")

    result = run("""
import pytest

pytestmark = pytest.mark.fakegemini("hello", tolerate="input", repeats=True)

def test_module():
    assert "Hello." in str(ask(input="Ho"))
    assert "Hello." in str(ask(input="Ha"))

@pytest.mark.fakegemini("other")
def test_nearest():
    assert "Other." in str(ask(input="Ho"))
    assert "Other." in str(ask(input="Ha"))

@pytest.mark.fakegemini("other")
@pytest.mark.fakegemini(missing="model")
def test_two_that_fit():
    assert "Other." in str(ask())

@pytest.mark.fakegemini("other")
@pytest.mark.fakegemini("hello")
def test_two_that_do_not():
    raise AssertionError("it must not run")
""")

    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(
        [
            "BadScript: the marker fakegemini stands twice on test_two_that_do_not, with "
            "cassette='hello' and cassette='other'; write one marker"
        ]
    )


def test_vcr_and_a_recording(run: Run) -> None:
    """Two recorders on one test: one sentence."""
    pytest.importorskip("pytest_recording")

    result = run(
        """
import pytest

@pytest.mark.vcr
@pytest.mark.fakegemini("hello")
def test_it():
    raise AssertionError("it must not run")
""",
        "--fakegemini-record=once",
        "--fakegemini-upstream=http://127.0.0.1:1",
    )

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["BadScript: the markers vcr and fakegemini cannot both record this test at once. Fix: *"]
    )


@pytest.mark.parametrize("name", ["", '@pytest.mark.default_cassette("others.yaml")'])
def test_other_hosts_are_recorded_beside_ours(
    name: str, run: Run, pytester: pytest.Pytester
) -> None:
    """Ours first, while vcr rests, then theirs; both replay when nobody is there any more."""
    pytest.importorskip("pytest_recording")
    httpx = pytest.importorskip("httpx")
    assert httpx
    other, upstream = Fake(), Fake()
    source = f"""
import httpx
import pytest

@pytest.mark.vcr
{name}
@pytest.mark.fakegemini
def test_it():
    base = os.environ["GOOGLE_GEMINI_BASE_URL"]
    assert httpx.post(base + "/v1/interactions", json=CALL, trust_env=False).status_code == 200
    assert httpx.get("URL/v1/models", trust_env=False).status_code == 200
"""
    with serve(other.handle) as url, serve(upstream.handle) as upstream_url:
        source = source.replace("URL/v1/models", f"{url}/v1/models")
        to = ("--fakegemini-upstream", upstream_url, "-W", "ignore")
        alone = run(source, "--fakegemini-disable-recording", *to)
        alone.stdout.fnmatch_lines(["BadScript: *Fix: add --disable-recording, which lets vcr *"])
        rested = ("--disable-recording", *to)
        run(source, "--fakegemini-disable-recording", *rested).assert_outcomes(passed=1)
        run(source, "--fakegemini-record=once", *rested).assert_outcomes(passed=1)
        run(source, "--record-mode=new_episodes", "-W", "ignore").assert_outcomes(passed=1)
    assert (len(other.requests), len(upstream.requests)) == (3, 2)
    run(source, "-W", "ignore").assert_outcomes(passed=1)


def test_marker_and_play(run: Run, pytester: pytest.Pytester) -> None:
    """A cassette of the marker is not put aside unseen by `play`: one sentence."""
    for name in ("hello", "other"):
        cassette(pytester.path / "cassettes" / f"{name}.yaml", name)

    result = run("""
import pytest
from pathlib import Path
from fakegemini import BadScript

FOLDER = Path(__file__).parent / "cassettes"

@pytest.mark.fakegemini("hello")
@pytest.mark.parametrize("name", ["hello", "other"])
def test_both(fakegemini, name):
    with pytest.raises(BadScript) as error:
        fakegemini.play(FOLDER / f"{name}.yaml")
    assert str(error.value) == (
        f"play: the marker of this test plays {FOLDER / 'hello.yaml'} already. Fix: name all "
        "cassettes and options in one place, @pytest.mark.fakegemini(cassette=[...]) or "
        "fakegemini.play(...)"
    )
    assert "hello" in str(ask())

def test_play_alone(fakegemini):
    fakegemini.play(FOLDER / "hello.yaml")
    fakegemini.play(FOLDER / "other.yaml")
    assert "other" in str(ask())
""")

    result.assert_outcomes(passed=3)
