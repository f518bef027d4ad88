"""`fakegemini run`: what it catches, what it refuses, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import trustme

from fakegemini.protocol.paths import API_HOST
from fakegemini.pytest_plugin import network_guard
from tests.beside import QUICKSTART
from tests.clients.clients import CLIENTS
from tests.clients.test_ordinary_clients import TEXT, check_output
from tests.conformance.test_quickstart import MODULES

from .running import API, ASK, BODY, COMMAND, clean_environment, run, start

PYTHON = (sys.executable, "-c")
CURL = ("curl", "--silent", "--show-error", "--fail")


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Where a run has its temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A script file with one text for all."""
    path = tmp_path / "script.py"
    path.write_text(f"from fakegemini import say\ndef script(fake): fake.default(say({TEXT!r}))\n")
    return path


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name,
            marks=pytest.mark.skipif(bool(client.missing), reason=f"no {client.missing} here"),
        )
        for name, client in CLIENTS.items()
        if client.catchable
    ],
)
def test_every_client_is_caught(temporary: Path, script: Path, name: str) -> None:
    """Its host is written into it; a proxy that is set already is not asked."""
    result = run(
        temporary,
        *("--script", str(script), "--", *CLIENTS[name].command),
        variables=dict.fromkeys(("https_proxy", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9"),
    )

    assert result.returncode == 0, result.stderr
    check_output(name, result.stdout)
    count = 2 * CLIENTS[name].pairs
    assert result.stderr.splitlines()[-1] == (
        f"fakegemini run: {count} requests ({count} caught on the way to the API's hosts), "
        "0 complaints"
    )


@pytest.mark.parametrize(
    "command",
    [
        (*CURL, "https://example.com/x"),
        (*CURL, "http://example.com/x"),
        (*PYTHON, "import urllib.request; urllib.request.urlopen('https://example.com')"),
        ("node", "-e", "fetch('https://example.com')"),
        ("node", "-e", "require('http').get('http://example.com')"),
        ("java", str(Path(CLIENTS["java HttpClient"].command[-1])), "https://example.com"),
    ],
    ids=["curl", "curl http", "python", "node fetch", "node http", "java"],
)
def test_another_host_is_refused(temporary: Path, command: tuple[str, ...]) -> None:
    """Told by the program in its own words, and by us in one line."""
    result = run(temporary, "--", *command)

    lines = [line for line in result.stderr.splitlines() if line.startswith("fakegemini run: ")]
    port = 80 if "http://" in str(command) else 443
    assert result.returncode != 0
    assert lines == [
        f"fakegemini run: refused example.com:{port}; --allow example.com lets it through",
        f"fakegemini run: no request arrived: {command[0]} asked only for example.com:{port}, "
        "which was refused",
    ]


ODD_HOST = """
import os, socket
from urllib.parse import urlsplit
proxy = urlsplit(os.environ["https_proxy"])
for host in (b"[::1", b"\\x1b[31m", b"a" * 100_000):
    connection = socket.create_connection((proxy.hostname, proxy.port))
    connection.sendall(b"CONNECT " + host + b":443 HTTP/1.1\\r\\n\\r\\n")
    print(connection.recv(12))
"""


def test_a_host_that_is_none_is_refused_in_a_word(temporary: Path) -> None:
    """It is answered, and the log is not filled with it."""
    result = run(temporary, "--", sys.executable, "-c", ODD_HOST)

    assert result.stdout.splitlines() == ["b'HTTP/1.1 400'"] * 3
    assert len(result.stderr) < 1000


def test_an_allowed_host_goes_by_the_proxy_of_the_machine(temporary: Path) -> None:
    """What is let through takes the way that it takes without us."""
    listener = socket.create_server(("127.0.0.1", 0))
    heads: list[bytes] = []

    def answer() -> None:
        connection, _ = listener.accept()
        heads.append(connection.recv(65536))
        connection.close()

    thread = threading.Thread(target=answer)
    thread.start()
    outer = f"http://me:pass@127.0.0.1:{listener.getsockname()[1]}"
    result = run(
        temporary,
        *("--allow", "*.example.com", "--", *CURL, "https://www.example.com/"),
        variables={"https_proxy": outer},
    )
    thread.join()
    listener.close()

    assert heads[0].startswith(b"CONNECT www.example.com:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic bWU6cGFzcw==" in heads[0]
    assert "cannot reach www.example.com:443" in result.stderr


KEPT = """
import http.client, json, os, ssl
from urllib.parse import urlsplit
proxy = urlsplit(os.environ["https_proxy"])
connection = http.client.HTTPSConnection(proxy.hostname, proxy.port)
connection.set_tunnel("us-central1-aiplatform.googleapis.com")
path = "/v1beta1/projects/p/locations/us-central1/interactions"
for stream in (False, True, False):
    body = json.dumps({"model": "gemini-3.5-flash", "input": "Hi", "stream": stream}).encode()
    connection.request("POST", path, iter([body[:9], body[9:]]), encode_chunked=True,
        headers={"Transfer-Encoding": "chunked"})
    print(connection.sock.getsockname()[1], connection.getresponse().read()[-16:])
"""


def test_a_kept_connection_carries_chunks_and_streams(temporary: Path) -> None:
    """Three requests in one tunnel to a host of Vertex."""
    result = run(temporary, "--", *PYTHON, KEPT)

    assert result.returncode == 0, result.stderr
    ports, tails = zip(*(line.split(" ", 1) for line in result.stdout.splitlines()), strict=True)
    assert len(set(ports)) == 1
    assert "[DONE]" in tails[1]
    assert "3 requests (3 caught" in result.stderr


@pytest.mark.parametrize("fault", ["reset", "cut_after_events: 3", "time_out"])
def test_a_cut_is_a_cut_in_the_tunnel(temporary: Path, tmp_path: Path, fault: str) -> None:
    """What breaks off at the fake breaks off at the program."""
    script = tmp_path / "cut.yaml"
    script.write_text(f"faults: [{{{fault if ':' in fault else f'{fault}: true'}, times: 1}}]\n")
    body = BODY.replace("}", ', "stream": true}')

    result = run(
        temporary,
        *("--script", str(script), "--"),
        *(*CURL, "--max-time", "2", f"{API}/v1/interactions", "-d", body),
    )

    assert result.returncode in (18, 28, 35, 52, 56), result.stderr


def test_plain_http_to_the_api_is_caught(temporary: Path) -> None:
    """A proxy gets the whole address, and the fake the path."""
    result = run(
        temporary, "--", *CURL, f"{API.replace('https', 'http')}/v1/models/gemini-3.5-flash"
    )

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["name"] == "models/gemini-3.5-flash"


def test_programs_on_this_machine_are_reached(temporary: Path) -> None:
    """By name and by number, and also where a client asks the proxy for them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def answer() -> None:
            with listener.accept()[0] as connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nhere")

        thread = threading.Thread(target=answer)
        thread.start()
        result = run(temporary, "--", *CURL, "--noproxy", "", f"http://127.0.0.1:{port}/")
        thread.join()

    assert (result.returncode, result.stdout) == (0, "here"), result.stderr


@pytest.mark.parametrize(
    ("program", "status"),
    [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 15)", -15), ("", 0)],
)
def test_it_ends_as_the_command_does(temporary: Path, program: str, status: int) -> None:
    """With its exit status, or by its signal."""
    assert run(temporary, "--", *PYTHON, program).returncode == status


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_of_it(temporary: Path, number: signal.Signals) -> None:
    """The command gets it; no process, port or file is left."""
    program = (
        "import os, time; print(os.getpid(), os.environ['GOOGLE_GEMINI_BASE_URL'],"
        "os.environ['https_proxy'], flush=True); time.sleep(60)"
    )
    process = start(temporary, "--", *PYTHON, program)
    assert process.stdout
    pid, *addresses = process.stdout.readline().split()
    assert len(list(temporary.iterdir())) == 1

    process.send_signal(number)
    process.communicate(timeout=30)

    assert process.returncode == -number
    assert list(temporary.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)
    for address in addresses:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])))


def test_the_key_is_not_in_any_file(temporary: Path) -> None:
    """The files of a run hold certificates, and are its owner's alone."""
    program = "import sys; print('go', flush=True); sys.stdin.read()"
    process = subprocess.Popen(
        [*COMMAND, "--", *PYTHON, program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=clean_environment(temporary),
    )
    assert process.stdout
    process.stdout.readline()
    (folder,) = temporary.iterdir()
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    mode = folder.stat().st_mode & 0o777
    process.communicate(timeout=30)

    assert len(contents) == 5
    assert not any(b"PRIVATE KEY" in content for content in contents)
    assert mode == 0o700


def test_complaints_come_at_the_end(temporary: Path, tmp_path: Path) -> None:
    """They do not change the exit status, unless that is asked for."""
    script = tmp_path / "script.yaml"
    script.write_text("replies: [{say: One}, {say: Two}]\n")
    command = ("--script", str(script), "--", *PYTHON, ASK)

    result, strict = run(temporary, *command), run(temporary, "--strict", *command)

    assert (result.returncode, strict.returncode) == (0, 1)
    assert "fakegemini run: fakegemini has 1 reply left" in result.stderr
    assert result.stderr.rstrip().endswith("the API's hosts), 1 complaint")


DEAF = "print('I ask nobody')"


def test_a_command_that_takes_no_way_is_told(temporary: Path, tmp_path: Path) -> None:
    """Nothing arrived, or the certificate was not trusted."""
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))

    deaf = run(temporary, "--", *PYTHON, DEAF)
    strict = run(temporary, "--", *CURL, "--cacert", str(other), f"{API}/v1/models")

    assert "no request arrived" in deaf.stderr
    assert "asked the live one" in deaf.stderr
    assert "did not trust the certificate" in strict.stderr


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--", "no-such-command"), "Error: cannot run no-such-command: No such file or directory"),
        (("--", "/"), "Error: cannot run /: Permission denied"),
        ((), "Error: Missing argument 'COMMAND...'."),
        (("--era", "1999-01", "--", "true"), "1999-01"),
        (("--script", "no.yaml", "--", "true"), "no.yaml"),
    ],
)
def test_a_mistake_is_one_sentence(temporary: Path, words: tuple[str, ...], text: str) -> None:
    """No traceback, and nothing left."""
    result = run(temporary, *words)

    assert result.returncode in (1, 2)
    assert text in result.stderr.splitlines()[-1]


def test_a_busy_port_is_named(temporary: Path) -> None:
    """One sentence, with the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        result = run(temporary, "--port", str(port), "--", "true")

    assert result.stderr == (f"Error: cannot listen on 127.0.0.1:{port}: Address already in use\n")


def test_without_the_library_it_says_what_to_install(temporary: Path) -> None:
    """The extra is named."""
    program = (
        "import sys; sys.modules['trustme'] = None\n"
        "from fakegemini.cli import main; main(['run', '--', 'true'])"
    )
    result = subprocess.run(
        [*PYTHON, program], capture_output=True, text=True, env=clean_environment(temporary)
    )

    assert result.stderr.splitlines() == [
        "Error: catching what has the API's host written into it needs trustme: "
        "pip install 'fakegemini[run]' (or pip install trustme)"
    ]


def test_the_hosts_are_those_that_the_block_stops() -> None:
    """The guard of the plugin knows nothing of ours, so it has a pattern of its own."""
    assert network_guard.API_HOST.pattern == API_HOST.pattern


needs_quickstart = pytest.mark.skipif(
    not QUICKSTART.is_dir(), reason="the quickstart is not beside the project"
)


@needs_quickstart
@pytest.mark.parametrize(
    "path",
    sorted(path for path in QUICKSTART.glob("rest/*.sh") if ".fake." not in path.name),
    ids=lambda path: path.stem,
)
def test_the_rest_scripts_of_the_quickstart_run_verbatim(
    temporary: Path, tmp_path: Path, path: Path
) -> None:
    """Host and all, with the curl of the machine; only `sleep` is shorter."""
    work = tmp_path / "work"
    work.mkdir()
    (work / "sample.jpg").write_bytes(b"\xff\xd8\xff\xe0 a picture")
    shim = f"{QUICKSTART / 'shim' / 'bin'}:{os.environ['PATH']}"

    result = run(temporary, "--", "bash", str(path), cwd=work, variables={"PATH": shim})

    assert result.returncode == 0, result.stderr
    assert "completed" in result.stdout
    assert '"error"' not in result.stdout
    assert "by the variables" not in result.stderr
    assert ", 0 complaints" in result.stderr


@needs_quickstart
@pytest.mark.skipif(not MODULES.is_dir(), reason="npm --prefix tests/js install was not run")
def test_the_snippets_need_no_variable(temporary: Path, tmp_path: Path) -> None:
    """Python and JavaScript, two runs at once, in a folder that cannot be written to."""
    snippet = tmp_path / "02-first-call.mjs"
    snippet.write_bytes((QUICKSTART / "js" / snippet.name).read_bytes())
    (tmp_path / "node_modules").symlink_to(MODULES, target_is_directory=True)
    python = start(
        temporary, "--", sys.executable, str(QUICKSTART / "python/02-first-call.py"), cwd="/proc"
    )
    node = start(temporary, "--", "node", str(snippet), cwd="/proc")

    outputs = [process.communicate(timeout=120) for process in (python, node)]

    assert [python.returncode, node.returncode] == [0, 0], outputs
    assert all("1 request (1 by the variables), 0 complaints" in errors for _, errors in outputs)
    assert list(temporary.iterdir()) == []


STUBBORN = (
    "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print(os.getpid(), flush=True); time.sleep(600)"
)


@pytest.mark.parametrize("how", ["run", "record"])
def test_a_command_that_ignores_sigterm(tmp_path: Path, temporary: Path, how: str) -> None:
    """It is killed after a second, which is said; the status is that of the signal."""
    words = ["--cassette", str(tmp_path / "a.yaml")] if how == "record" else []
    process = subprocess.Popen(
        [sys.executable, "-m", "fakegemini", how, *words, "--", *PYTHON, STUBBORN],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(temporary),
    )
    assert process.stdout
    pid = int(process.stdout.readline())

    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=60)

    assert process.returncode == (-signal.SIGTERM if how == "run" else 128 + signal.SIGTERM)
    assert "the command did not end within 1 s of SIGTERM and was killed" in told
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_nobody_reads_what_it_says(temporary: Path) -> None:
    """Its lines fill the pipe, and every request is answered all the same."""
    program = (
        "import http.client, os\n"
        "place = os.environ['GOOGLE_GEMINI_BASE_URL'].rpartition('/')[2]\n"
        "connection = http.client.HTTPConnection(place, timeout=20)\n"
        "for _ in range(2000):\n"
        "    connection.request('GET', '/v1/models/' + 'x' * 200)\n"
        "    assert connection.getresponse().read()\n"
        "print('through', flush=True)\n"
    )
    process = start(temporary, "--log", "--", *PYTHON, program)
    assert process.stdout
    try:
        assert process.stdout.readline() == "through\n"
    finally:
        process.communicate(timeout=60)


DEAF = (
    "import os, signal, sys, time; signal.signal(signal.SIGINT, signal.SIG_IGN);"
    "signal.signal(signal.SIGTERM, {'dies': signal.SIG_DFL, 'stays': signal.SIG_IGN}[sys.argv[1]]);"
    "print(os.getpid(), flush=True); time.sleep(600)"
)


@pytest.mark.parametrize(("how", "way"), [("run", "stays"), ("record", "dies")])
def test_a_command_that_ignores_ctrl_c(tmp_path: Path, temporary: Path, how: str, way: str) -> None:
    """Two leave it alone, as without us; three quickly are a SIGTERM, with what follows on it."""
    words = ["--cassette", str(tmp_path / "a.yaml")] if how == "record" else []
    process = subprocess.Popen(
        [sys.executable, "-m", "fakegemini", how, *words, "--", *PYTHON, DEAF, way],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(temporary),
    )
    assert process.stdout
    int(process.stdout.readline())

    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(2.5)
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
    _, told = process.communicate(timeout=60)

    assert process.returncode == (-signal.SIGTERM if how == "run" else 128 + signal.SIGTERM)
    assert ("was killed" in told) is (way == "stays")
