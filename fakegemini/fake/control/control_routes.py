"""Serve the control routes, by which tests in other languages direct a fake."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from ...errors import BadBody, BadScript, FormMistake
from ...faults.in_force import FaultInForce
from ...protocol.clock import VirtualClock
from ...protocol.refusals.refusal import Refusal
from ...protocol.request_log import LoggedRequest
from ...recordings.scrub.secret_names import hides_header, hides_parameter
from ...wire.http import Json, Reply, Request
from ...wire.json_paths import JsonPath as Path
from ...wire.replies import ERROR_JSON, json_reply
from ..routes import CONTROL_PREFIX
from ..script.rules import Rule
from ..state.sessions import Sessions
from ..state.state import State
from .build import fault_in_force_from_form, reply_rule_from_form, rule_from_form
from .forms import check_form, did_you_mean

_MASK = "***"
_BODY: Path = ("body",)

RuleOrFault = TypeVar("RuleOrFault", Rule, FaultInForce)
FormBuilder: TypeAlias = Callable[[Json, Path], RuleOrFault]


@dataclass(frozen=True, slots=True)
class Control:
    """The control routes of one fake, around all that it remembers."""

    state: State

    def handle(self, request: Request) -> Reply:
        """Answer one request below the prefix; callers elsewhere may only ask for its health."""
        route = f"{request.method} /{request.path.removeprefix(CONTROL_PREFIX).strip('/')}"
        if route != "GET /health" and (reason := self.state.access.refuse(request)):
            return _refuse(403, f"{CONTROL_PREFIX} is not for everybody: {reason}")
        endpoint = self.routes.get(route)
        if endpoint is None:
            return _refuse(
                404, f"{CONTROL_PREFIX} has no {route}{did_you_mean(route, self.routes)}"
            )
        try:
            return json_reply(endpoint(request))
        except (BadScript, BadBody) as error:
            return _refuse(400, str(error))

    def load(self, form: Any, path: Path = ()) -> None:
        """Add what a script file says; raises `FormMistake`, and then nothing is added."""
        check_form("script", form, path)
        rules = [
            *_build_members("replies", form, reply_rule_from_form),
            *_build_members("rules", form, rule_from_form),
        ]
        entries = _build_members("faults", form, fault_in_force_from_form)
        self.state.script.rules += rules
        self.state.faults_in_force.entries += entries

    @property
    def routes(self) -> dict[str, Callable[[Request], Any]]:
        """The endpoints, by method and path below the prefix."""
        return {
            "GET /health": lambda request: {"status": "ok"},
            "POST /replies": self._add_replies,
            "POST /rules": self._add_rules,
            "POST /faults": self._add_faults,
            "DELETE /faults": self._clear_faults,
            "GET /clock": self._read_clock,
            "POST /clock": self._move_clock,
            "GET /requests": lambda request: [
                _show_request(log_entry) for log_entry in self.state.requests
            ],
            "GET /complaints": self._list_complaints,
            "POST /allow": self._allow,
            "POST /trust": self._trust,
            "POST /reset": self._reset,
            "GET /openapi.json": lambda request: _read_document(),
            "POST /sessions": self._open_session,
            "GET /sessions": lambda request: self._sessions.listing(),
            "DELETE /session": self._end_session,
        }

    def _add_replies(self, request: Request) -> Json:
        self.state.script.rules += (rules := _build_posted("reply", request, reply_rule_from_form))
        return {"added": len(rules)}

    def _add_rules(self, request: Request) -> Json:
        self.state.script.rules += (rules := _build_posted("rule", request, rule_from_form))
        return {"added": len(rules)}

    def _add_faults(self, request: Request) -> Json:
        self.state.faults_in_force.entries += (
            entries := _build_posted("fault", request, fault_in_force_from_form)
        )
        return {"added": len(entries)}

    def _clear_faults(self, request: Request) -> Json:
        self.state.faults_in_force.clear()
        return {}

    def _move_clock(self, request: Request) -> Json:
        form = _parse_json(request)
        check_form("clock", form, _BODY)
        if not isinstance(self.state.clock, VirtualClock):
            raise BadScript("this fake was given a clock that cannot be moved")
        self.state.clock.advance(form.get("advance", 0))
        self.state.clock.tick(int(form.get("tick", 0)))
        return self._read_clock(request)

    def _read_clock(self, request: Request) -> Json:
        return {"now": self.state.clock()}

    def _list_complaints(self, request: Request) -> list[Json]:
        pending = self.state.complaints.list_pending({"leftover": self.state.leftover_texts()})
        return [{"kind": kind, "text": text} for kind, text in pending]

    def _allow(self, request: Request) -> Json:
        form = _parse_json(request)
        check_form("allow", form, _BODY)
        self.state.complaints.allow(*form["kinds"])
        return {}

    def _trust(self, request: Request) -> Json:
        form = _parse_json(request)
        check_form("trust", form, _BODY)
        self.state.signatures.trust(form.get("signatures", ()))
        return {}

    def _reset(self, request: Request) -> Json:
        self.state.reset()
        return {}

    @property
    def _sessions(self) -> Sessions:
        if self.state.sessions is None:
            raise BadScript("a session opens no sessions; ask the address of the server for one")
        return self.state.sessions

    def _open_session(self, request: Request) -> Json:
        form = _parse_json(request) if request.body.strip() else {}
        check_form("session", form, _BODY)
        return self._sessions.open(form, request)

    def _end_session(self, request: Request) -> Json:
        if self.state.end_session is None:
            raise BadScript(
                "this is no session; name one by its address, or in the header x-fakegemini-session"
            )
        complaints = self._list_complaints(request)
        self.state.end_session()
        return {"complaints": complaints}


def _read_document() -> Json:
    from ..openapi.openapi_document import build_document

    return build_document()


def _refuse(status: int, text: str) -> Reply:
    return json_reply(Refusal(status, "fakegemini", text, "X").body(), status, ERROR_JSON)


def _parse_json(request: Request) -> Any:
    try:
        return request.json()
    except BadBody as error:
        raise FormMistake(_BODY, f"is not JSON: {error}") from None


def _build_posted(
    form: str, request: Request, build: FormBuilder[RuleOrFault]
) -> list[RuleOrFault]:
    """Build what a body describes, one or a list; nothing is added before all of it is read."""
    body = _parse_json(request)
    is_list = isinstance(body, list)
    results = []
    for index, element in enumerate(body if is_list else [body]):
        path = (*_BODY, index) if is_list else _BODY
        check_form(form, element, path)
        results.append(build(element, path))
    return results


def _build_members(name: str, form: Json, build: FormBuilder[RuleOrFault]) -> Iterable[RuleOrFault]:
    return [build(element, (name, index)) for index, element in enumerate(form.get(name, ()))]


def _show_request(log_entry: LoggedRequest) -> Json:
    headers: dict[str, str] = {}
    for key, value in log_entry.headers:
        name = key.lower()
        visible_value = _MASK if hides_header(name) else value
        headers[name] = f"{headers[name]}, {visible_value}" if name in headers else visible_value
    return {
        "operation": log_entry.operation,
        "method": log_entry.method,
        "path": log_entry.path,
        "query": {key: _MASK if hides_parameter(key) else value for key, value in log_entry.query},
        "headers": headers,
        "body": _show_body(log_entry.body),
        "status": log_entry.status,
        "id": log_entry.id,
        "at": log_entry.at,
    }


def _show_body(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
