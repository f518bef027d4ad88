"""The control routes: what tests in other languages say to a fake."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from ...errors import BadBody, BadScript, Misplaced
from ...faults.in_force import Spell, Weather
from ...protocol.clock import Clock, VirtualClock
from ...protocol.refusals.refusal import Refusal
from ...protocol.request_log import Asked, Requests
from ...wire.http import Json, Reply, Request
from ...wire.json_paths import JsonPath as Path
from ...wire.replies import ERROR_JSON, json_reply
from ..script.rules import Rule
from ..script.script import Script
from ..state.complaints import Complaints
from .build import rule_of, rule_of_reply, spell_of
from .forms import check, near

PREFIX = "/__fakegemini__"
"""Below this no path of the API can be."""

SECRETS = frozenset({"authorization", "cookie", "proxy-authorization", "x-goog-api-key"})
"""The headers whose values are never told; of the query, `key` and `access_token`."""

_QUERY_SECRETS = frozenset({"key", "access_token"})
_MASK = "***"
_BODY: Path = ("body",)

Made = TypeVar("Made", Rule, Spell)
Building: TypeAlias = Callable[[Json, Path], Made]


@dataclass(frozen=True, slots=True)
class Control:
    """The parts of one fake that may be told something. `left` is what nobody asked for, a text
    each; `forget` drops what it has stored, `trust` takes signatures in resent history.
    """

    script: Script
    weather: Weather
    requests: Requests
    complaints: Complaints
    clock: Clock
    left: Callable[[], Iterable[str]]
    forget: Callable[[], None]
    trust: Callable[[Iterable[str]], None]

    def handle(self, request: Request) -> Reply:
        """Answer one request below the prefix; callers elsewhere may only ask for its health."""
        asked = f"{request.method} /{request.path.removeprefix(PREFIX).strip('/')}"
        if asked != "GET /health" and not _is_loopback(request.client):
            return _refused(403, f"{PREFIX} is only for callers on this machine")
        endpoint = self.routes.get(asked)
        if endpoint is None:
            return _refused(404, f"{PREFIX} has no {asked}{near(asked, self.routes)}")
        try:
            return json_reply(endpoint(request))
        except (BadScript, BadBody) as error:
            return _refused(400, str(error))

    def reset(self) -> None:
        """Forget the script, the faults, the requests, the complaints and what is stored."""
        self.script.forget()
        self.weather.clear()
        self.requests.clear()
        self.complaints.forget()
        self.forget()

    def load(self, form: Any, path: Path = ()) -> None:
        """Add what a script file says; raises `Misplaced`, and then nothing is added."""
        check("script", form, path)
        rules = [*_built("replies", form, rule_of_reply), *_built("rules", form, rule_of)]
        spells = _built("faults", form, spell_of)
        self.script.rules += rules
        self.weather.spells += spells

    @property
    def routes(self) -> dict[str, Callable[[Request], Any]]:
        """What answers, by method and path below the prefix."""
        return {
            "GET /health": lambda request: {"status": "ok"},
            "POST /replies": self._replies,
            "POST /rules": self._rules,
            "POST /faults": self._faults,
            "DELETE /faults": self._clear_faults,
            "GET /clock": self._now,
            "POST /clock": self._move_clock,
            "GET /requests": lambda request: [_told(asked) for asked in self.requests],
            "GET /complaints": self._pending,
            "POST /allow": self._allow,
            "POST /trust": self._trust,
            "POST /reset": self._reset,
        }

    def _replies(self, request: Request) -> Json:
        self.script.rules += (made := _posted("reply", request, rule_of_reply))
        return {"added": len(made)}

    def _rules(self, request: Request) -> Json:
        self.script.rules += (made := _posted("rule", request, rule_of))
        return {"added": len(made)}

    def _faults(self, request: Request) -> Json:
        self.weather.spells += (made := _posted("fault", request, spell_of))
        return {"added": len(made)}

    def _clear_faults(self, request: Request) -> Json:
        self.weather.clear()
        return {}

    def _move_clock(self, request: Request) -> Json:
        form = _json(request)
        check("clock", form, _BODY)
        if not isinstance(self.clock, VirtualClock):
            raise BadScript("this fake was given a clock that cannot be moved")
        self.clock.advance(form.get("advance", 0))
        for _ in range(int(form.get("tick", 0))):
            self.clock.tick()
        return self._now(request)

    def _now(self, request: Request) -> Json:
        return {"now": self.clock()}

    def _pending(self, request: Request) -> list[Json]:
        pending = self.complaints.pending({"leftover": self.left()})
        return [{"kind": kind, "text": text} for kind, text in pending]

    def _allow(self, request: Request) -> Json:
        form = _json(request)
        check("allow", form, _BODY)
        self.complaints.allow(*form["kinds"])
        return {}

    def _trust(self, request: Request) -> Json:
        form = _json(request)
        check("trust", form, _BODY)
        self.trust(form.get("signatures", ()))
        return {}

    def _reset(self, request: Request) -> Json:
        self.reset()
        return {}


def _is_loopback(client: str) -> bool:
    if not client:  # nobody's peer: the call came from inside the process
        return True
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _refused(status: int, text: str) -> Reply:
    return json_reply(Refusal(status, "fakegemini", text, "X").body(), status, ERROR_JSON)


def _json(request: Request) -> Any:
    try:
        return request.json()
    except BadBody as error:
        raise Misplaced(_BODY, f"is not JSON: {error}") from None


def _posted(form: str, request: Request, build: Building[Made]) -> list[Made]:
    """What a body describes, one or a list; all of it is read before any of it counts."""
    body = _json(request)
    listed = isinstance(body, list)
    made = []
    for at, each in enumerate(body if listed else [body]):
        path = (*_BODY, at) if listed else _BODY
        check(form, each, path)
        made.append(build(each, path))
    return made


def _built(name: str, form: Json, build: Building[Made]) -> Iterable[Made]:
    return [build(each, (name, at)) for at, each in enumerate(form.get(name, ()))]


def _told(asked: Asked) -> Json:
    headers: dict[str, str] = {}
    for key, value in asked.headers:
        name = key.lower()
        shown = _MASK if name in SECRETS else value
        headers[name] = f"{headers[name]}, {shown}" if name in headers else shown
    return {
        "operation": asked.operation,
        "method": asked.method,
        "path": asked.path,
        "query": {
            key: _MASK if key.lower() in _QUERY_SECRETS else value for key, value in asked.query
        },
        "headers": headers,
        "body": _body(asked.body),
        "status": asked.status,
        "id": asked.id,
        "at": asked.at,
    }


def _body(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
