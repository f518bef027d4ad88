"""How fast a recorded answer is found, and a cassette read, beside parsing and beside vcrpy.

`python -m benchmarks.replay [ROUNDS]` builds cassettes of 10, 1,000 and 100,000 exchanges, each of
another question, and asks for 200 of them spread evenly over the cassette. Then it reads files of
1,000 exchanges: parsed alone, loaded, loaded and made ready to play, loaded by vcrpy. All that is
compared is timed in turns within each round; the figures are the best of all rounds.
"""

from __future__ import annotations

import gc
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
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

SIZES = (10, 1_000, 100_000)
SAMPLE = 200
IN_A_FILE = 1_000
PATIENCE = 60.0
"""How many seconds vcrpy may take for one size."""
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

    def ask(number: int) -> None:
        reply = player.handle(
            Request("POST", "/v1beta/interactions", (), SENT_HEADERS, asked(number))
        )
        text = b"".join(beat for beat in reply.beats if isinstance(beat, bytes))
        assert f'"{number}: Tides'.encode() in text

    return ask


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


def lookups(rounds: int) -> None:
    """Print a line a size: microseconds an answer of ours, and of vcrpy's."""
    made = {size: [recorded(number) for number in range(size)] for size in SIZES}
    players = {size: ours(exchanges) for size, exchanges in made.items()}
    sample = {size: [n * size // SAMPLE for n in range(SAMPLE)] for size in SIZES}
    best = {size: float("inf") for size in SIZES}
    for _ in range(rounds):
        for size, ask in players.items():
            took = seconds(partial(each_of, ask, sample[size]))
            best[size] = min(best[size], took / SAMPLE)
    for size in SIZES:
        print(
            f"find in {size:>7,}: {best[size] * 1e6:,.0f} µs an answer, "
            f"{best[size] / best[SIZES[0]]:.2f} times that in {SIZES[0]}; "
            f"vcrpy {slower(vcrpy(made[size]), sample[size], best[size], rounds)}"
        )


def slower(ask: Callable[[int], None], sample: list[int], best: float, rounds: int) -> str:
    """What vcrpy takes for the same sample, where that is bearable; else what the middle takes."""
    one = seconds(lambda: ask(sample[len(sample) // 2]))
    if one * len(sample) > PATIENCE:
        return f"{one * 1e6:,.0f} µs for the middle one ({one / best:,.0f} times), not measured on"
    count = min(rounds, max(1, int(PATIENCE / max(one * len(sample), 1e-6) / 4)))
    took = min(seconds(partial(each_of, ask, sample)) for _ in range(count)) / len(sample)
    return f"{took * 1e6:,.0f} µs ({took / best:,.1f} times)"


def loads(rounds: int) -> None:
    """Print a line a form: how often the time of parsing alone each way of reading takes."""
    exchanges = [recorded(number) for number in range(IN_A_FILE)]
    with tempfile.TemporaryDirectory() as folder:
        for form, serializer in (("yaml", yamlserializer), ("json", jsonserializer)):
            path = Path(folder) / f"tape.{form}"
            text, _ = dump_cassette(exchanges, form=form)
            path.write_text(text, encoding="utf-8")
            ways: dict[str, Callable[[], object]] = {
                "parse": partial(parse, [path]),
                "load": partial(load_cassette, path),
                "ready": partial(ready, path),
                "vcrpy": partial(FilesystemPersister.load_cassette, path, serializer),
            }
            best = dict.fromkeys(ways, float("inf"))
            for _ in range(rounds):
                for name, way in ways.items():
                    best[name] = min(best[name], seconds(way))
            parsing = best.pop("parse")
            ratios = ", ".join(f"{name} {took / parsing:.2f}" for name, took in best.items())
            print(
                f"{form}: {IN_A_FILE:,} exchanges, {len(text) / 1e6:.1f} MB, parsed alone in "
                f"{parsing * 1e3:,.0f} ms; times that: {ratios}"
            )


def ready(path: Path) -> Player:
    """A file that can be played."""
    takes = RecordedConversations()
    takes.add_cassette(str(path), load_cassette(path).exchanges)
    return Player(takes)


def main() -> None:
    """Print all figures."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    lookups(rounds)
    loads(rounds)


if __name__ == "__main__":
    main()
