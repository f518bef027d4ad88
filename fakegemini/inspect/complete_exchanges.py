"""Complete recordings of which a part is missing, so that the fake can be asked the same.

Where only an answer was kept, the request is one that asks for it. Where a conversation began
before its recording did, so does that of the fake.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..protocol.builders import call, say
from ..protocol.ids import InteractionId
from ..protocol.known_models import AGENTS, MODELS
from ..protocol.status import Status, is_running
from ..protocol.step_reading import hoist_results
from ..recordings.answers import fold_interaction, response_objects
from ..recordings.conversations import parent_id_of, request_content
from ..recordings.exchange import Exchange
from ..wire.http import Json
from ..wording import spell_json
from .provoke import provoke

_PATH = "/v1/interactions"
_OUTCOME = frozenset({"usage", "service_tier", "steps", "errors", "environment_id"})
_UNKNOWN_INPUT = "(what was asked is not in the recording)"


@dataclass(frozen=True, slots=True)
class Completed:
    """The exchanges of a recording, each with a request.

    unearned: the numbers of refusals that no request of ours earns
    """

    exchanges: list[Exchange]
    unearned: frozenset[int] = frozenset()


def complete_exchanges(exchanges: Iterable[Exchange]) -> Completed:
    """Give each exchange a request; those that nothing can be made of are left out."""
    completed: list[Exchange] = []
    unearned: set[int] = set()
    pending: Exchange | None = None
    for exchange in exchanges:
        if exchange.method and exchange.status is None and not exchange.response_body:
            pending = exchange  # a request whose answer stands behind it
            continue
        if not exchange.method and pending is not None:
            exchange = replace(
                exchange,
                method=pending.method,
                uri=pending.uri,
                request_headers=pending.request_headers,
                request_body=pending.request_body,
            )
        pending = None
        if exchange.method:
            completed.append(exchange)
        elif (exchange.status or 0) >= 400:
            asking, is_earned = provoke(exchange)
            completed.append(asking)
            unearned |= set() if is_earned else {exchange.number}
        else:
            completed += _ask_for(exchange)
    return Completed(completed, frozenset(unearned))


def _ask_for(exchange: Exchange) -> list[Exchange]:
    """Return an answer with a request that asks for it; none for what is no interaction."""
    bodies = response_objects(exchange)
    interaction = fold_interaction(bodies) if exchange.is_stream else next(iter(bodies), {})
    request = request_for(interaction, stream=exchange.is_stream)
    if request is None:
        return []
    path = f"{_PATH}/{interaction.get('id')}"
    if interaction["status"] == Status.CANCELLED and interaction.get("id"):
        running = _while_it_ran(interaction)
        return [create_before(running), replace(exchange, method="POST", uri=f"{path}/cancel")]
    was_background = _needs_background(interaction) and not is_running(interaction["status"])
    if (_shows_input(interaction) or was_background) and not exchange.is_stream:
        query = "?include_input=true" if "input" in interaction else ""
        shown = _while_it_ran(interaction) if was_background else interaction
        return [create_before(shown), replace(exchange, method="GET", uri=path + query)]
    return [replace(exchange, method="POST", uri=_PATH, request_body=spell_json(request).encode())]


def request_for(interaction: Json, *, stream: bool = False) -> Json | None:
    """Return a create that is answered by an interaction like this; None for anything else."""
    who = {
        key: interaction[key] for key in ("model", "agent") if isinstance(interaction.get(key), str)
    }
    if len(who) != 1 or not isinstance(interaction.get("status"), str):
        return None
    steps = interaction.get("steps")
    given = [step for step in steps if _is_input(step)] if isinstance(steps, list) else []
    request: Json = {**who, "input": given or _UNKNOWN_INPUT}
    if not interaction.get("id"):
        request["store"] = False
    identifier = InteractionId.parse(str(interaction.get("id")))
    if identifier and identifier.root != identifier.own_half:
        root = InteractionId(identifier.root, identifier.root)
        request["previous_interaction_id"] = str(root)
    if stream:
        request["stream"] = True
    if _needs_background(interaction) or (is_running(interaction["status"]) and not stream):
        request["background"] = True
    tier = interaction.get("service_tier")
    return {**request, "service_tier": tier} if tier not in (None, "standard") else request


def create_before(interaction: Json) -> Exchange:
    """Return the create, as if it had been recorded, of an interaction that a get shows."""
    request = request_for(interaction)
    steps = [step for step in interaction.get("steps") or () if not _is_input(step)]
    answer = {key: value for key, value in interaction.items() if key != "input"}
    if steps:
        answer["steps"] = steps
    else:
        answer.pop("steps", None)
    return Exchange(
        0,
        "POST",
        _PATH,
        request_body=spell_json(request).encode(),
        status=200,
        response_body=spell_json(answer).encode(),
    )


def _needs_background(interaction: Json) -> bool:
    """Tell whether it is an agent's that only runs in the background."""
    agent = AGENTS.get(str(interaction.get("agent")))
    return agent is not None and not agent.foreground


def _while_it_ran(interaction: Json) -> Json:
    """Return an interaction as its create answered: running, without what it came to."""
    running = {key: value for key, value in interaction.items() if key not in _OUTCOME}
    steps = [step for step in interaction.get("steps") or () if _is_input(step)]
    running |= {"steps": steps} if steps else {}
    return {**running, "status": str(Status.IN_PROGRESS)}


def unknown_parents(exchanges: list[Exchange]) -> Iterator[tuple[str, Exchange]]:
    """Yield what a recording continues without holding it: ids, and a create of each."""
    known = {
        str(body.get("id"))
        for exchange in exchanges
        if exchange.operation == "create"
        for value in response_objects(exchange)
        for body in (value, value.get("interaction"))
        if isinstance(body, dict)
    }
    for exchange in exchanges:
        if exchange.status != 200:
            continue
        body: Any = request_content(exchange) if exchange.operation == "create" else {}
        name = parent_id_of(body) or exchange.interaction_id
        if name and name not in known and InteractionId.parse(name):
            known.add(name)
            shown = next(iter(response_objects(exchange)), {}) if exchange.interaction_id else {}
            if shown.get("id") != name or request_for(shown) is None:
                shown = _parent_of(body, name)
            create = create_before(shown)
            request = {
                key: value
                for key, value in create.request_json.items()
                if key != "previous_interaction_id"
            }
            yield name, replace(create, request_body=spell_json(request).encode())


def _parent_of(body: Json, name: str) -> Json:
    """Return an interaction that a create can continue: it made the calls that are answered."""
    given = body.get("input")
    steps = [step for step in given if isinstance(step, dict)] if isinstance(given, list) else []
    calls = [
        call(str(result.get("name"))) | {"id": str(result.get("call_id"))}
        for result in hoist_results(steps)
        if result.get("type") == "function_result"
    ]
    who = {key: body[key] for key in ("model", "agent") if isinstance(body.get(key), str)}
    status = Status.REQUIRES_ACTION if calls else Status.COMPLETED
    return {
        **(who or {"model": next(iter(MODELS))}),
        "id": name,
        "status": str(status),
        "steps": calls or [say(_UNKNOWN_INPUT)],
    }


def _shows_input(interaction: Json) -> bool:
    steps = interaction.get("steps")
    has_input = isinstance(steps, list) and any(map(_is_input, steps))
    return isinstance(interaction.get("id"), str) and (has_input or "input" in interaction)


def _is_input(step: Any) -> bool:
    return isinstance(step, dict) and step.get("type") == "user_input"
