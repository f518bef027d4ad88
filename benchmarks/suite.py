"""100 tests that make a client and ask one question, beside vcrpy and pytest-httpserver.

Each suite is a run of pytest in a process of its own; the figure is its processor's time for each
test, less that of as many empty tests that import google-genai as well. Then what the plugin adds
to an empty run, and its fixture to a test that does not use it.
"""

from __future__ import annotations

import importlib.util
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

from fakegemini import Fake, Request, say, think
from fakegemini.contract.guards import build_exchange
from fakegemini.recordings.cassette import dump_cassette
from fakegemini.recordings.exchange import RecordedExchange

from .figures import Figure, Plan, Skipped, compare, in_turns
from .processes import ANSWER, MODEL, recorded_answer

TESTS = 100
IMPORT = "from google import genai\n"
ASK = f"""
    client = genai.Client(api_key="fake-key"{{options}})
    answer = client.interactions.create(model="{MODEL}", input="Why are there tides?")
    assert answer.steps
"""
SUITES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "empty": ("", "\n    assert genai", ()),
    "stock": ("fakegemini", ASK.format(options=""), ()),
    "turbo": ("fakegemini", ASK.format(options=""), ("--fakegemini-turbo",)),
    "turbo, no sockets": (
        "fakegemini",
        ASK.format(options=""),
        ("--fakegemini-turbo", "--fakegemini-transport"),
    ),
    "vcrpy": ("vcr", ASK.format(options=""), ()),
    "pytest-httpserver": (
        "httpserver",
        f"""
    httpserver.expect_request(re.compile(".*")).respond_with_data(
        ANSWER, content_type="application/json"
    )
    {ASK.format(options=', http_options={"base_url": httpserver.url_for("/")}').strip()}
""",
        (),
    ),
}
"""The fixture that each test takes, its body, and the options of the run."""

USES = {"vcr": "pytest_recording", "httpserver": "pytest_httpserver"}


def write_suite(folder: Path, name: str) -> Path:
    """Write a suite, and the cassettes that it plays."""
    fixture, body, _ = SUITES[name]
    path = folder / f"test_{'_'.join(name.replace(',', '').replace('-', ' ').split())}.py"
    mark = "@pytest.mark.vcr\n" if fixture == "vcr" else ""
    argument = "" if fixture == "vcr" else fixture
    answer = recorded_answer(stream=False).decode()
    tests = [f"{mark}def test_{number}({argument}):{body}" for number in range(TESTS)]
    fake_script = (
        '@pytest.fixture(autouse=True)\ndef script(fakegemini):\n    fakegemini.replies("Tides.")\n'
        if fixture == "fakegemini"
        else ""
    )
    head = f"import re\nimport pytest\n{IMPORT}ANSWER = {answer!r}\n{fake_script}"
    path.write_text("\n\n".join([head, *tests]), "utf-8")
    if fixture == "vcr":
        cassettes = folder / "cassettes" / path.stem
        cassettes.mkdir(parents=True)
        text = cassette_text()
        for number in range(TESTS):
            (cassettes / f"test_{number}.yaml").write_text(text, "utf-8")
    return path


def cassette_text() -> str:
    """Return a cassette of one exchange, at the address of the live API."""
    fake = Fake()
    fake.replies(think(), say(ANSWER))
    body = json.dumps({"model": MODEL, "input": "Why are there tides?"}).encode()
    request = Request("POST", sdk_path(), (), (("content-type", "application/json"),), body)
    reply = fake.handle(request)
    raw = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
    exchange = build_exchange(1, request, reply, raw)
    text, _ = dump_cassette([RecordedExchange(exchange)])
    return text.replace(exchange.uri, f"https://generativelanguage.googleapis.com{request.path}")


def sdk_path() -> str:
    """Return the path that the installed SDK asks."""
    import fakegemini

    with fakegemini.running() as fake:
        fake.default("Tides.")
        from google import genai

        client = genai.Client(api_key="fake-key")
        client.interactions.create(model=MODEL, input="Which path?")
        path = fake.requests[0].path
    return f"/{'/'.join(path.split('/')[-2:])}"


def run(folder: Path, *arguments: str) -> float:
    """Run pytest; gives the seconds of the processor that it took."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(plan: Plan) -> Iterator[Figure]:
    """Measure the suites, then what an unused plugin costs."""
    if not importlib.util.find_spec("google.genai"):
        raise Skipped("google-genai is not there: pip install google-genai")
    names = []
    for name, (fixture, _, _) in SUITES.items():
        module = USES.get(fixture)
        if module and not importlib.util.find_spec(module):
            print(f"without {name}: pip install {module.replace('_', '-')}")
            continue
        names.append(name)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
        paths = {name: str(write_suite(folder, name)) for name in names}
        others = ["-p", "no:hypothesispytest", "-p", "no:randomly"]
        work = {
            name: partial(run, folder, paths[name], *others, *SUITES[name][2]) for name in names
        }
        took = in_turns(work, plan.rounds, warm=False)
        empty = median(took["empty"])
        each = {
            name: [(value - empty) / TESTS * 1e3 for value in values]
            for name, values in took.items()
        }
        for own in ("stock", "turbo", "turbo, no sockets"):
            for peer in ("vcrpy", "pytest-httpserver"):
                if peer in each:
                    goal = 0.25 if own.startswith("turbo") else 1.0
                    yield compare(f"a test, {own}", each[own], "ms", peer, each[peer], goal)
        yield from unused(plan, folder, others)


def unused(plan: Plan, folder: Path, others: list[str]) -> Iterator[Figure]:
    """Measure what the plugin adds to an empty run, and the fixture to each test."""
    (folder / "test_nothing.py").write_text("def test_nothing():\n    pass\n", "utf-8")
    count = 400
    for name, argument in (("none", ""), ("all", "fakegemini")):
        tests = "\n".join(f"def test_{n}({argument}):\n    pass" for n in range(count))
        (folder / f"test_{name}.py").write_text(tests, "utf-8")
    work = {
        "on": partial(run, folder, "test_nothing.py", *others),
        "off": partial(run, folder, "test_nothing.py", *others, "-p", "no:fakegemini"),
        "none": partial(run, folder, "test_none.py", *others),
        "all": partial(run, folder, "test_all.py", *others),
    }
    took = in_turns(work, plan.rounds, warm=False)
    added = [(on - off) * 1e3 for on, off in zip(took["on"], took["off"], strict=True)]
    yield Figure("the plugin, on an empty run", median(added), "ms more")
    each = [(a - b) / count * 1e3 for a, b in zip(took["all"], took["none"], strict=True)]
    yield Figure("the fixture, in a test that asks nothing", median(each), "ms")
