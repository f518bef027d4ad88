"""Serve many handlers behind one address that stays the same for a whole test session.

A test's handler is plugged in while the test runs. A request goes to the handler whose prefix it
has, while that one is plugged in; else to the one plugged in last, for the client that asks was
made before the test and is used by it. What belongs to a test that is over is refused and reaches
nobody: a request that came while that test ran, or one that names an interaction of its fake.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from ..errors import BadBody
from ..protocol.refusals.refusal import Refusal
from ..wire.http import Handler, Reply, Request
from ..wire.replies import ERROR_JSON, json_reply
from .asgi import App, Application, CutConnection, Receive, Scope, Send, takes_long_of

_PREFIX = re.compile(r"/(t\d+)(/.*)?")
_INTERACTION_PATH = re.compile(r"/interactions/([^/]+)")
_REMEMBERED_TESTS = 64
"""How many tests that are over a late request is looked up in."""

_IS_OVER = "the test that it belongs to is over"

NAMED_IN_BODY = ("previous_interaction_id",)
"""The members of a body that name an interaction."""


@dataclass(frozen=True)
class _Plug:
    """What is plugged in: a handler, who it works for, and the ids that it gave out."""

    handler: Handler
    owner: str
    list_ids: Callable[[], Collection[str]]


def _list_no_ids() -> Collection[str]:
    return ()


class Switchboard:
    """A handler that passes each request on to the handler of the test that it belongs to.

    `describe_moment` says what runs where nothing is plugged in, such as the test's name.
    """

    def __init__(self, describe_moment: Callable[[], str] = str) -> None:
        self._plugs: dict[str, _Plug] = {}
        self._finished: OrderedDict[str, tuple[str, frozenset[str]]] = OrderedDict()
        self._plug_count = 0
        self._describe_moment = describe_moment

    @contextmanager
    def plug_in(
        self,
        handler: Handler,
        owner: str = "",
        list_ids: Callable[[], Collection[str]] = _list_no_ids,
    ) -> Iterator[str]:
        """Plug `handler` in while the block runs, and give its path prefix, such as `/t7`.

        `owner` is the test's name; `list_ids` gives the ids of the interactions that it made.
        """
        self._plug_count += 1
        name = f"t{self._plug_count}"
        self._plugs[name] = _Plug(handler, owner, list_ids)
        try:
            yield f"/{name}"
        finally:
            del self._plugs[name]
            self._finished[name] = (owner, frozenset(list_ids()))
            if len(self._finished) > _REMEMBERED_TESTS:
                self._finished.popitem(last=False)

    @property
    def current(self) -> str:
        """Return the name of what was plugged in last and still is; empty for none."""
        return next(reversed(self._plugs), "")

    def make_app(self, cut: CutConnection) -> Application:
        """Return the ASGI application, which notes the test of a request when its head comes."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            answer = partial(self.answer, came_in=self.current)
            await App(answer, cut=cut, takes_long=self.takes_long)(scope, receive, send)

        return app

    def takes_long(self, request: Request) -> bool:
        """Tell whether the handler that will get the request says that it may take long."""
        match = _PREFIX.fullmatch(request.path)
        plug = self._plugs.get(match[1] if match else "") or self._plugs.get(self.current)
        decide = None if plug is None else takes_long_of(plug.handler)
        return decide is not None and decide(request)

    def __call__(self, request: Request) -> Reply:
        """Answer a request that came just now."""
        return self.answer(request, came_in=self.current)

    def answer(self, request: Request, *, came_in: str) -> Reply:
        """Pass a request on, or refuse it; `came_in` is what was `current` when it came."""
        match = _PREFIX.fullmatch(request.path)
        name, path = (match[1], match[2] or "/") if match else ("", request.path)
        bare_request = replace(request, path=path)
        plug = self._plugs.get(name)
        if plug is not None:
            return plug.handler(bare_request)
        if name and int(name[1:]) > self._plug_count:
            return _refuse(request, f"came to an address of another session: {_IS_OVER}")
        straggler_text = self._find_owner(bare_request, came_in)
        if straggler_text:
            return _refuse(request, straggler_text)
        plug = self._plugs.get(self.current)
        if plug is None:
            return _refuse(request, self._explain_nobody())
        return plug.handler(bare_request)

    def _find_owner(self, request: Request, came_in: str) -> str:
        """Say to which finished test a request belongs, and why; empty where it is a new one."""
        if came_in and came_in not in self._plugs:
            owner = self._finished.get(came_in, ("", frozenset()))[0]
            return f"came while {owner or 'another test'} ran: {_IS_OVER}"
        named_ids = _list_named_ids(request)
        current_plug = self._plugs.get(self.current)
        if not named_ids or (current_plug and named_ids & set(current_plug.list_ids())):
            return ""  # the same request has the same id in every fake, so the current one is first
        for owner, ids in reversed(self._finished.values()):
            if named_ids & ids:
                return f"names an interaction of {owner or 'another test'}: {_IS_OVER}"
        return ""

    def _explain_nobody(self) -> str:
        moment = self._describe_moment()
        return (
            f"came {f'while {moment}' if moment else 'between tests'}, and no fake was there to "
            "answer it"
        )


def _list_named_ids(request: Request) -> set[str]:
    """Return the ids of the interactions that a request names, in its path and its body."""
    match = _INTERACTION_PATH.search(request.path)
    if match:
        return {match[1]}
    if not request.body or not request.path.endswith("/interactions"):
        return set()
    try:
        body = request.json()
    except BadBody:
        return set()
    if not isinstance(body, dict):
        return set()
    return {body[member] for member in NAMED_IN_BODY if isinstance(body.get(member), str)}


def _refuse(request: Request, reason: str) -> Reply:
    fix = (
        'give the test that asks the fixture "fakegemini", or a conftest.py one with autouse=True'
        if "no fake was there" in reason
        else "let the test wait for what it starts, and let no test use the ids of another"
    )
    text = f"{request.method} {request.path} {reason}. Fix: {fix}."
    return json_reply(Refusal(404, "fakegemini", text, "X").body(), 404, ERROR_JSON)
