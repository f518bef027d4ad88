"""How fast a recorded answer is found, and a cassette read, beside parsing and beside vcrpy.

It builds cassettes of 10, 1,000 and 100,000 exchanges, each of another question, and asks for 200
of them spread evenly over the cassette; vcrpy, which searches from the beginning, for the middle
one. Then it reads files of 1,000 exchanges: parsed alone, loaded, loaded and made ready to play,
loaded by vcrpy. Seconds are those of the processor, in turns within each round.
"""

from __future__ import annotations

import gc
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from vcr.cassette import Cassette as VcrCassette
from vcr.matchers import body, method, uri
from vcr.persisters.filesystem import FilesystemPersister
from vcr.record_mode import RecordMode
from vcr.request import Request as VcrRequest
from vcr.serializers import jsonserializer, yamlserializer

from benchmarks.contract import ANSWER_HEADERS, SENT_HEADERS, parse
from fakegemini import Request
from fakegemini.fake.replay.player import Player
from fakegemini.recordings.cassette import dump_cassette, load_cassette
from fakegemini.recordings.conversations import RecordedConversations
from fakegemini.recordings.exchange import Exchange, RecordedExchange

from .figures import Curve, Figure, Plan, compare, curve_of, in_turns

SIZES = (10, 1_000, 100_000)
SAMPLE = 200
IN_A_FILE = 1_000
URI = "https://generativelanguage.googleapis.com/v1beta/interactions"
ANSWER = "Tides follow the moon, and a little the sun, twice a day in most harbours. " * 6
TOOL = {"type": "function", "name": "read_tide", "parameters": {"type": "object"}}


def asked(number: int) -> bytes:
    """The body of a create that no other number has."""
    question = f"How is the tide at buoy {number}?"
    return json.dumps({"model": "gemini-3.5-flash", "input": question, "tools": [TOOL]}).encode()


def recorded(number: int) -> RecordedExchange:
    """Exchange `number` of a cassette, with the headers that a recorder keeps."""
    answer = {
        "id": f"v1_{number:040}",
        "status": "completed",
        "usage": {"total_tokens": 60, "total_input_tokens": 20, "total_output_tokens": 40},
        "created": "2026-10-08T10:00:00Z",
        "updated": "2026-10-08T10:00:00Z",
        "steps": [
            {"signature": f"CkpmYWtl{number:080}", "type": "thought"},
            {"content": [{"text": f"{number}: {ANSWER}", "type": "text"}], "type": "model_output"},
        ],
        "object": "interaction",
        "model": "gemini-3.5-flash",
    }
    headers = {"content-type": "application/json", **ANSWER_HEADERS}
    sent = dict(SENT_HEADERS)
    body = json.dumps(answer).encode()
    return RecordedExchange(Exchange(number, "POST", URI, sent, asked(number), 200, headers, body))


def ours(exchanges: Iterable[RecordedExchange]) -> Callable[[int], None]:
    """Asks the player of these exchanges for one."""
    takes = RecordedConversations()
    takes.add_cassette("", exchanges)
    player = Player(takes, repeats=True)

    return partial(ask, player)


def ask(player: Player, number: int) -> None:
    """Ask a player for one exchange."""
    request = Request("POST", "/v1beta/interactions", (), SENT_HEADERS, asked(number))
    text = b"".join(beat for beat in player.handle(request).beats if isinstance(beat, bytes))
    assert f'"{number}: Tides'.encode() in text


def vcrpy(exchanges: Iterable[RecordedExchange]) -> Callable[[int], None]:
    """Asks vcrpy's cassette of these exchanges for one; the bodies tell the requests apart."""
    cassette: Any = VcrCassette(
        "benchmark.yaml",
        record_mode=RecordMode.NONE,
        match_on=(method, uri, body),
        allow_playback_repeats=True,
    )
    for item in exchanges:
        each = item.exchange
        answer = {"status": {"code": 200}, "headers": {}, "body": {"string": each.response_body}}
        request = VcrRequest(each.method, each.uri, each.request_body, each.request_headers)
        cassette.data.append((request, answer))

    def ask(number: int) -> None:
        request = VcrRequest("POST", URI, asked(number), dict(SENT_HEADERS))
        text = cassette.play_response(request)["body"]["string"]
        assert f'"{number}: Tides'.encode() in text

    return ask


def each_of(ask: Callable[[int], None], numbers: Iterable[int]) -> None:
    """Ask for all of them."""
    for number in numbers:
        ask(number)


def seconds(work: Callable[[], object]) -> float:
    """How many seconds of the processor it takes; the litter of others is swept before."""
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def lookups(plan: Plan) -> Iterator[Figure | Curve]:
    """Measure an answer in each size, beside the smallest, and vcrpy's where it is bearable."""
    sizes = SIZES[:2] if plan.is_quick else SIZES
    made = {size: [recorded(number) for number in range(size)] for size in sizes}
    players = {size: ours(exchanges) for size, exchanges in made.items()}
    sample = {size: [n * size // SAMPLE for n in range(SAMPLE)] for size in sizes}
    work = {str(size): partial(each_answer, players[size], sample[size]) for size in sizes}
    took = in_turns(work, plan.rounds)
    smallest = took[str(sizes[0])]
    sized = {size: took[str(size)] for size in sizes}
    yield curve_of("an answer out of a cassette", "exchanges in it", sized)
    for size in sizes:
        name = f"an answer out of {size:,}"
        if size != sizes[0]:
            yield compare(name, took[str(size)], "µs", f"out of {sizes[0]}", smallest, 1.2)
        middle = sample[size][SAMPLE // 2 : SAMPLE // 2 + 1]
        theirs = each_answer(vcrpy(made[size]), middle)
        own = median(took[str(size)])
        yield Figure(name, own, "µs", "vcrpy", own / theirs)


def each_answer(ask: Callable[[int], None], numbers: list[int]) -> float:
    """Ask for all of them; gives the microseconds of the processor that one takes."""
    return seconds(partial(each_of, ask, numbers)) / len(numbers) * 1e6


def loads(plan: Plan) -> Iterator[Figure]:
    """Measure how often the time of parsing alone each way of reading a file takes."""
    exchanges = [recorded(number) for number in range(IN_A_FILE)]
    with tempfile.TemporaryDirectory() as folder:
        for form, serializer in (("yaml", yamlserializer), ("json", jsonserializer)):
            path = Path(folder) / f"tape.{form}"
            text, _ = dump_cassette(exchanges, form=form)
            path.write_text(text, encoding="utf-8")
            ways: dict[str, Callable[[], object]] = {
                "parsed": partial(parse, [path]),
                "loaded": partial(load_cassette, path),
                "ready to play": partial(ready, path),
                "loaded by vcrpy": partial(FilesystemPersister.load_cassette, path, serializer),
            }
            if form == "yaml" and (load_own := loaded_by_cassetter(Path(folder), exchanges)):
                ways["loaded by cassetter, of its own"] = load_own
            work = {name: partial(seconds, way) for name, way in ways.items()}
            took = {
                name: [value * 1e3 for value in values]
                for name, values in in_turns(work, plan.rounds).items()
            }
            parsing = took.pop("parsed")
            first = {
                "ours": partial(seconds, partial(loaded_and_asked, path)),
                "vcrpy": partial(seconds, partial(loaded_and_asked_by_vcrpy, path, serializer)),
            }
            asked_first = {
                name: [value * 1e3 for value in values]
                for name, values in in_turns(first, plan.rounds).items()
            }
            subject = f"{IN_A_FILE:,} exchanges of {form.upper()} loaded, and the middle one asked"
            yield compare(subject, asked_first["ours"], "ms", "vcrpy", asked_first["vcrpy"], 1.0)
            for name, values in took.items():
                subject = f"{IN_A_FILE:,} exchanges of {form.upper()} {name}"
                yield compare(subject, values, "ms", "parsing the file", parsing)


def loaded_and_asked(path: Path) -> None:
    """Load a file and ask for the exchange in its middle, as the first test of a run does."""
    ask(ready(path), IN_A_FILE // 2)


def loaded_and_asked_by_vcrpy(path: Path, serializer: Any) -> None:
    """Let vcrpy do the same; the bodies tell the requests apart."""
    requests, responses = FilesystemPersister.load_cassette(path, serializer)
    cassette: Any = VcrCassette(str(path), match_on=(method, uri, body))
    cassette.data.extend(zip(requests, responses, strict=True))
    cassette.play_response(VcrRequest("POST", URI, asked(IN_A_FILE // 2), dict(SENT_HEADERS)))


def loaded_by_cassetter(
    folder: Path, exchanges: Iterable[RecordedExchange]
) -> Callable[[], object] | None:
    """Make cassetter load the same exchanges as it writes them; None where it is not installed."""
    try:
        core = import_module("cassetter._core")
    except ImportError:
        return None
    cassette = core.Cassette()
    for each in exchanges:
        exchange = each.exchange
        sent, answered = (
            core.process_body(body, "application/json")
            for body in (exchange.request_body, exchange.response_body)
        )
        headers = {name: [value] for name, value in exchange.response_headers.items()}
        request = core.HttpRequest(exchange.method, exchange.uri, {}, sent)
        response = core.HttpResponse(200, headers, answered)
        cassette.add_interaction(core.HttpInteraction(request, response, "2026-10-08T10:00:00Z"))
    path = str(folder / "cassetter.yaml")
    cassette.save(path)
    return partial(core.Cassette.load, path)


def ready(path: Path) -> Player:
    """A file that can be played."""
    takes = RecordedConversations()
    takes.add_cassette(str(path), load_cassette(path).exchanges)
    return Player(takes)


def measure(plan: Plan) -> Iterator[Figure | Curve]:
    """Measure both."""
    yield from lookups(plan)
    yield from loads(plan)
