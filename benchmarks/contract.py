"""How fast `fakegemini check` is beside merely parsing the same files.

It builds recordings from the fake, writes them as YAML and as JSON the way vcrpy does, and times
parsing and checking in turns within each round, in seconds of the processor.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import yaml

from fakegemini import Fake, Request, call, say, think
from fakegemini.contract.checker import check_paths
from fakegemini.contract.guards import build_exchange
from fakegemini.contract.rules.ids_and_times import decode_id
from fakegemini.recordings.cassette import dump_cassette
from fakegemini.recordings.exchange import Exchange, RecordedExchange

from .figures import Figure, Plan, compare, in_turns

EXCHANGES = 300
A_FILE = 6
"""Exchanges a recording, about as many as real ones have."""
GOALS = {"yaml": 3.0, "json": 5.0}
ANSWER_HEADERS = {
    "alt-svc": 'h3=":443"; ma=2592000,h3-29=":443"; ma=2592000',
    "date": "Mon, 26 Oct 2026 08:53:20 GMT",
    "server": "scaffolding on HTTPServer2",
    "server-timing": "gfet4t7; dur=1148",
    "transfer-encoding": "chunked",
    "vary": "Origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "x-xss-protection": "0",
}
"""What the live server sends beside the content type, and a recorder keeps."""
SENT_HEADERS = (
    ("accept", "application/json"),
    ("accept-encoding", "gzip, deflate"),
    ("connection", "keep-alive"),
    ("content-type", "application/json"),
    ("host", "generativelanguage.googleapis.com"),
    ("user-agent", "google-genai-sdk/3.4.0 gl-python/3.13.1"),
    ("x-goog-api-client", "google-genai-sdk/3.4.0 gl-python/3.13.1"),
)
TOOL = {"type": "function", "name": "read_tide", "parameters": {"type": "object"}}
LONG = "Tides follow the moon, and a little the sun, twice a day in most harbours of the North Sea."


def conversation(number: int) -> list[Exchange]:
    """Six exchanges: an answer, a stream, a call, its result, a poll, a turn of a chain."""
    fake, made = Fake(seed=number), list[Exchange]()

    def ask(method: str, path: str, **body: object) -> Exchange:
        payload = json.dumps(body).encode() if body else b""
        request = Request(method, path, (), SENT_HEADERS, payload)
        reply = fake.handle(request)
        raw = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
        made.append(build_exchange(len(made) + 1, request, reply, raw))
        made[-1].response_headers.update(ANSWER_HEADERS)
        return made[-1]

    def create(**body: object) -> Exchange:
        return ask("POST", "/v1/interactions", model="gemini-3.5-flash", **body)

    fake.replies(think(), say(LONG))
    fake.replies(think("Weighing moon and sun."), say(f"{LONG} {LONG}"))
    fake.replies(think(), call("read_tide", harbour="Cuxhaven"))
    fake.replies(say("It is rising in Cuxhaven."))
    fake.replies(say("High water is at noon."))
    first = create(input="Why are there tides?").response_json
    config = {"thinking_summaries": "auto"}
    create(input="Why are there tides?", generation_config=config, stream=True)
    turn = create(input="And in Cuxhaven?", tools=[TOOL]).response_json
    step = turn["steps"][-1]
    result = {"type": "function_result", "name": "read_tide", "call_id": step["id"], "result": "up"}
    create(input=[result], previous_interaction_id=turn["id"], tools=[TOOL])
    ask("GET", f"/v1/interactions/{turn['id']}")
    create(input="When is high water?", previous_interaction_id=first["id"])
    return made


def files(folder: Path, exchanges: int) -> dict[str, list[Path]]:
    """The recordings as files, YAML and JSON with the same content."""
    made: dict[str, list[Path]] = {"yaml": [], "json": []}
    for number in range(exchanges // A_FILE):
        text = dump_whole(conversation(number))
        for form, content in (("yaml", text), ("json", json.dumps(load(text)))):
            path = folder / f"{number:05}.{form}"
            path.write_text(content, encoding="utf-8")
            made[form].append(path)
    return made


def dump_whole(exchanges: list[Exchange]) -> str:
    """A cassette that keeps every request header, as vcrpy does."""
    document = load(dump_cassette([RecordedExchange(exchange) for exchange in exchanges])[0])
    for item, exchange in zip(document["interactions"], exchanges, strict=True):
        headers = exchange.request_headers.items()
        item["request"]["headers"] = {name: [value] for name, value in headers}
    written: str = yaml.dump(document, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper))
    return written


def load(text: str) -> dict[str, list[dict[str, dict[str, object]]]]:
    """YAML as fast as PyYAML can."""
    loaded: dict[str, list[dict[str, dict[str, object]]]] = yaml.load(
        text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    )
    return loaded


def parse(paths: list[Path]) -> None:
    """Read the files and parse them; the bodies inside stay text."""
    for path in paths:
        (load if path.suffix == ".yaml" else json.loads)(path.read_text(encoding="utf-8"))


def checked(paths: list[Path]) -> None:
    """Check the files, and be sure that they are good."""
    decode_id.cache_clear()  # ids are new in every run
    report = check_paths(paths)
    assert report.exit_status(strict=True) == 0, report.findings[:3] or report.unreadable


def seconds(work: Callable[[list[Path]], None], paths: list[Path]) -> float:
    """How many seconds of the processor it takes."""
    began = time.process_time()
    work(paths)
    return time.process_time() - began


def measure(plan: Plan) -> Iterator[Figure]:
    """Measure both forms."""
    count = A_FILE if plan.is_quick else EXCHANGES
    with tempfile.TemporaryDirectory() as folder:
        for form, paths in files(Path(folder), count).items():
            work = {
                "parse": partial(seconds, parse, paths),
                "check": partial(seconds, checked, paths),
            }
            took = in_turns(work, plan.rounds * 3)
            each = [value / len(paths) / A_FILE * 1e6 for value in took["check"]]
            beside = [value / len(paths) / A_FILE * 1e6 for value in took["parse"]]
            name = f"checking an exchange of {form.upper()}"
            yield compare(name, each, "µs", "parsing the file", beside, GOALS[form])
