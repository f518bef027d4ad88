"""What google-genai costs against a fake, beside its own floor: a transport that says one thing.

In one process, in seconds of its processor, the server's thread included; with turbo and without.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from functools import partial
from typing import Any

import fakegemini

from .figures import Figure, Plan, Skipped, compare, in_turns
from .processes import MODEL, recorded_answer

CALLS = 20


def measure(plan: Plan) -> Iterator[Figure]:
    """Measure a create and a stream, through a socket and inside the process."""
    for name in ("google.genai", "httpx2"):
        if not importlib.util.find_spec(name):
            raise Skipped(f"{name} is not there: pip install google-genai httpx2")
    for fast in (False, True):
        for stream in (False, True):
            with fakegemini.turbo() if fast else nullcontext():
                yield from _measure(plan, fast=fast, stream=stream)


def _measure(plan: Plan, *, fast: bool, stream: bool) -> Iterator[Figure]:
    with ExitStack() as stack:
        fake = stack.enter_context(fakegemini.running())
        fake.default(fakegemini.say("Tides follow the moon."))
        ways = {
            "constant": _client(_constant_transport(stream)),
            "in process": _client(_own_transport(fake)),
            "a socket": _client(None, fake.url),
        }
        work = {name: partial(_microseconds, client, stream) for name, client in ways.items()}
        took = in_turns(work, plan.rounds)
    what = ("a stream" if stream else "a create") + (" with turbo" if fast else "")
    for way, goal in (("in process", 1.02), ("a socket", 1.05)):
        goal = 1.10 if fast else goal
        yield compare(
            f"google-genai, {what}, by {way}",
            took[way],
            "µs",
            "constant transport",
            took["constant"],
            goal,
        )


def _client(transport: Any, url: str = "http://fake.invalid") -> Any:
    from google import genai

    options: Any = {"base_url": url}
    if transport is not None:
        import httpx2

        options["httpx_client"] = httpx2.Client(transport=transport)
    return genai.Client(api_key="fake-key", http_options=options)


def _own_transport(fake: Any) -> Any:
    import httpx2

    return fakegemini.transport(fake, httpx2)


def _constant_transport(stream: bool) -> Any:
    import httpx2

    body = recorded_answer(stream=stream)
    headers = {"content-type": "text/event-stream" if stream else "application/json"}

    class Constant(httpx2.BaseTransport):
        """Reads the request, and gives one answer."""

        def handle_request(self, request: Any) -> Any:
            request.read()
            return httpx2.Response(200, headers=headers, content=body)

    return Constant()


def _microseconds(client: Any, stream: bool) -> float:
    create: Callable[..., Any] = client.interactions.create
    began = time.process_time()
    for _ in range(CALLS):
        if stream:
            list(create(model=MODEL, input="Why are there tides?", stream=True))
        else:
            create(model=MODEL, input="Why are there tides?")
    return (time.process_time() - began) / CALLS * 1e6
