"""Explain refusals: what the live server's bare words do not say, for the complaint of a test.

A row of `EXPLAINERS` for each refusal of which the fake knows more than it may say on the wire:
which id it was, which call waits, which name is near. What has no row is told by its own words.
"""

from __future__ import annotations

from typing import Any

from ..errors import BadBody
from ..protocol.ask import Ask, build_ask, model_name, parent_id, without_nulls
from ..protocol.interaction import history_after
from ..protocol.refusals.lookups import large_body
from ..protocol.refusals.refusal import Refusal
from ..protocol.request_log import LoggedRequest
from ..protocol.step_reading import unanswered_calls
from ..wire.http import Json
from ..wording import count_characters, five_parts, nearest_name, readable_json
from .explain_routes import explain_no_method, explain_no_route
from .explain_shapes import explain_by_words
from .refused_request import Explainer, Explanation, RefusedRequest
from .settings import Settings
from .state.state import State


def explain_refusal(
    state: State, settings: Settings, entry: LoggedRequest, refusal: Refusal
) -> str:
    """Describe in five parts a request that the live server refuses."""
    refused = RefusedRequest(state, settings, entry, refusal, _read_object(entry))
    explanation = EXPLAINERS.get(refusal.name, explain_by_words)(refused)
    difference = explanation.difference
    words = f"{_whose_words(refusal)}: {refusal.message}" if difference else refusal.message
    return five_parts(
        _headline(refusal),
        asked=_describe_request(refused),
        nearest=explanation.nearest,
        difference="\n".join(filter(None, (difference, words, refusal.hint))),
        fix=f"{explanation.fix}; if the test means to send it, {_how_to_expect(entry)}",
    )


def _headline(refusal: Refusal) -> str:
    """Say what happened, no surer than it is known."""
    status = f"HTTP {refusal.status} {refusal.code}"
    if refusal.name == _NO_ROUTE:
        return (
            f"The code under test sent a request that fakegemini does not emulate ({status}); the "
            "answer says nothing of the live server."
        )
    if refusal.evidence == "X":
        return (
            "The code under test sent a request that the live server probably refuses "
            f"({status}, unverified); it got the refusal."
        )
    return (
        "The code under test sent a request that the live server refuses "
        f"({status}); it got the refusal."
    )


def _whose_words(refusal: Refusal) -> str:
    if refusal.name == _NO_ROUTE:
        return "the answer's words, which are ours"
    return "the answer's words, unverified" if refusal.evidence == "X" else "the server's words"


_NO_ROUTE = "no route"


def _read_object(entry: LoggedRequest) -> Json | None:
    """Return the body without nulls where it is an object, neither too large nor too deep."""
    if large_body(len(entry.body)):
        return None
    try:
        parsed: Any = entry.json()
        return without_nulls(parsed) if isinstance(parsed, dict) else None
    except (BadBody, RecursionError):
        return None


def _describe_request(refused: RefusedRequest) -> str:
    entry = refused.entry
    if refused.body is not None:
        target = "" if entry.operation == "create" else f"{entry.method} {entry.path}\n"
        return target + readable_json(refused.body)
    target = f"{entry.method} {entry.path}"
    if large_body(len(entry.body)):
        return f"{target}\nwith {len(entry.body)} bytes"
    raw = count_characters(entry.body.decode("utf-8", "replace"))
    return f"{target}\n{raw}" if raw else target


def _how_to_expect(entry: LoggedRequest) -> str:
    """Say how a test expects a refusal, in the caller's language where the request tells it."""
    client = f"{entry.header('x-goog-api-client')} {entry.header('user-agent')}".lower()
    is_foreign = any(name in client for name in ("gl-node", "node", "undici", "go-http", "curl"))
    if is_foreign and "python" not in client:
        return 'allow it:\nPOST /__fakegemini__/allow {"kinds": ["refused"]}'
    return (
        "say so: put the call into\n`with fakegemini.expects_refusal():` or `pytest.raises`, or "
        'call fakegemini.allow("refused")'
    )


def _explain_unreadable(refused: RefusedRequest) -> Explanation:
    if not refused.entry.body:
        difference = "the body is empty"
    else:
        try:
            kind = type(refused.entry.json()).__name__
            difference = (
                "the body is nested too deep"
                if kind == "dict"
                else f"the body is JSON, but no object: {_JSON_TYPES.get(kind, kind)}"
            )
        except BadBody as error:
            difference = f"the body is no JSON: {error}"
    return Explanation(
        'an object, such as {"model": "gemini-3.5-flash", "input": "Hi"}', difference
    )


_JSON_TYPES = {
    "list": "an array",
    "str": "a string",
    "int": "a number",
    "float": "a number",
    "bool": "a boolean",
    "NoneType": "null",
}


def _explain_malformed_id(refused: RefusedRequest) -> Explanation:
    difference = (
        f"{refused.subject} is no id of an interaction, which begins with v1_ and is passed on as "
        "it came"
    )
    if refused.entry.operation == "create":
        difference += "; the JSON of the body is good, whatever the server's words say"
    return Explanation(_nearest_id(refused), difference, "pass the id of an earlier answer on")


def _nearest_id(refused: RefusedRequest) -> str:
    ids = [each for each in refused.created_ids if each != refused.identifier]
    if not ids:
        return "no id: no create of this test was answered before with an id"
    nearest = nearest_name(refused.identifier, ids)
    return nearest or f"{ids[-1]}, the last of {len(ids)} that this fake gave"


def _explain_not_found(refused: RefusedRequest) -> Explanation:
    if "/models/" in refused.entry.path and not refused.entry.operation:
        return _unknown_name("model", refused.entry.path.rpartition("/")[2], refused)
    identifier = refused.identifier
    deletes = [each for each in refused.state.requests.of("delete") if each.status == 200]
    if identifier in [each.id for each in deletes]:
        reason = "was deleted before, by a request of this test"
        fix = "ask before it is deleted"
    elif identifier in refused.created_ids:
        reason = "was given in this test, and is not stored: its create had store=false"
        fix = "create it with store=true"
    else:
        reason = "was given by no answer of this test's fake"
        fix = "pass on the id of an answer of this test: each test begins with an empty server"
    return Explanation(_nearest_id(refused), f"{refused.subject} {reason}", fix)


def _explain_unknown_model(refused: RefusedRequest) -> Explanation:
    return _unknown_name("model", model_name(refused.body or {}) or "", refused)


def _explain_unknown_agent(refused: RefusedRequest) -> Explanation:
    return _unknown_name("agent", str((refused.body or {}).get("agent")), refused)


def _unknown_name(kind: str, name: str, refused: RefusedRequest) -> Explanation:
    settings = refused.settings
    names = settings.models if kind == "model" else settings.agents
    other_kind, other_names = (
        ("agent", settings.agents) if kind == "model" else ("model", settings.models)
    )
    article = "an" if kind == "agent" else "a"
    nearest = nearest_name(name, names)
    difference = f"the fake knows no {kind} {name!r}"
    if nearest:
        difference += f", did you mean {nearest!r}?"
    elif name in other_names:
        difference += f"; it is a known {other_kind}: send it in the field {other_kind!r}"
    return Explanation(
        f"the {kind} {nearest!r}" if nearest else f"the {kind}s {', '.join(sorted(names))}",
        difference,
        f"correct the name, or, for {article} {kind} that the live server has and the fake does "
        f"not know yet,\ntell the fake of it ({kind}s=…)",
    )


def _explain_result(refused: RefusedRequest) -> Explanation:
    ask = _ask_of(refused)
    calls = [step for step in ask.conversation if step.get("type") == "function_call"]
    waiting_calls = unanswered_calls(ask.conversation)
    call_ids = [str(step.get("id")) for step in calls]
    lines, answered_ids = [], set[str]()
    for result in ask.results:
        call_id = str(result.get("call_id"))
        label = f"the function_result {result.get('name')!r} with call_id {call_id!r}"
        if call_id not in call_ids:
            nearest = nearest_name(call_id, call_ids)
            lines.append(
                f"{label} answers no function_call"
                + (f", did you mean {nearest!r}?" if nearest else "")
            )
        elif call_id in answered_ids:
            lines.append(f"{label} answers a call that has its result already")
        answered_ids.add(call_id)
    lines += [f"{_describe_call(step)} has no result" for step in waiting_calls]
    if not lines:
        lines.append("a result does not stand right behind the turn of the model that called")
    nearest_calls = waiting_calls or calls[-1:]
    return Explanation(
        "\n".join(map(_describe_call, nearest_calls)) or "no function_call in the conversation",
        "\n".join(lines),
        "send one function_result for each function_call, right behind the turn that called, with "
        "its id as call_id",
    )


def _describe_call(step: Json) -> str:
    return f"the function_call {step.get('name')!r} with id {step.get('id')!r}"


def _ask_of(refused: RefusedRequest) -> Ask:
    body = refused.body or {}
    parent = refused.state.find_interaction(parent_id(body) or "")
    return build_ask(body, history=history_after(parent) if parent else ())


def _explain_status(refused: RefusedRequest) -> Explanation:
    interaction = refused.state.find_interaction(refused.identifier)
    status = interaction.status if interaction else "unknown"
    return Explanation(
        f"{refused.identifier}, whose status is {status}",
        f"{refused.subject} has the status {status}",
        "wait for the end of the run before it is continued"
        if refused.entry.operation == "create"
        else "cancel only what runs in the background: background=true, in_progress or queued",
    )


EXPLAINERS: dict[str, Explainer] = {
    "unreadable body": _explain_unreadable,
    "malformed id": _explain_malformed_id,
    "malformed parent": _explain_malformed_id,
    "not found": _explain_not_found,
    "unknown model": _explain_unknown_model,
    "unknown agent": _explain_unknown_agent,
    "result out of place": _explain_result,
    "parent running": _explain_status,
    "not running": _explain_status,
    _NO_ROUTE: explain_no_route,
    "no method": explain_no_method,
}
"""How refusals are explained, by the name of their row."""
