"""What the live server says when it refuses: one function a case, the message verbatim.

`evidence` is the grade the reference gives the fact (C recorded bytes, L dated measurement,
I issue, D documentation, X inference or our own choice: nobody has observed it).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .http import Json


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal: HTTP status, the error's code and message, and how well it is known."""

    status: int
    code: str
    message: str
    evidence: str = "L"

    def body(self) -> Json:
        """The error body, keys in the live order."""
        return {"error": {"message": self.message, "code": self.code}}


def invalid(message: str, evidence: str = "L") -> Refusal:
    """A 400 `invalid_request`: nearly every refusal is one."""
    return Refusal(400, "invalid_request", message, evidence)


def unreadable_body() -> Refusal:
    """The body is not a JSON object. Measured for a malformed parent id; X for a broken body."""
    return invalid("Invalid JSON payload: syntax error in request body", "X")


def malformed_parent() -> Refusal:
    """`previous_interaction_id` does not decode."""
    return invalid("Invalid JSON payload: syntax error in request body")


def malformed_id(text: str) -> Refusal:
    """The id in the path does not decode."""
    return invalid(f"Invalid interaction name: interactions/{text}")


def not_found() -> Refusal:
    """Unknown, expired, deleted, or another project's: id, parent and model alike."""
    return Refusal(404, "not_found", "Requested entity was not found.")


def unknown_parameter(name: str, place: str = "", nearest: str | None = None) -> Refusal:
    """A member nobody declared; `place` is the JSON path of the object that holds it."""
    where = f" at '{place}'" if place else ""
    hint = f" Did you mean '{nearest}'?" if nearest else ""
    return invalid(f"Unknown parameter '{name}'{where}.{hint}")


def unsupported_value(value: Any, field: str, allowed: Iterable[str], place: str = "") -> Refusal:
    """A value outside its enum."""
    where = f" at '{place}'" if place else ""
    names = ", ".join(f"'{name}'" for name in allowed)
    return invalid(
        f"The value '{value}' is not supported for '{field}'{where}. Supported values: {names}."
    )


def bad_enum_in_input(value: Any, place: str) -> Refusal:
    """A value outside its enum, inside the input: the live server words it differently."""
    return invalid(f"Invalid enum value '{value}' at '{place}'.")


def bad_input(place: str) -> Refusal:
    """A shape inside the input that the server cannot read."""
    return invalid(f"Invalid input at '{place}'.", "C")


def bad_shape(place: str, expected: str, got: str) -> Refusal:
    """A member of the wrong JSON type; `expected` has its article, `got` has not."""
    return invalid(f"The value is invalid for '{place}'. Expected {expected}, got {got}.")


def corrupt_base64(place: str) -> Refusal:
    """Inline data that is not base64."""
    return invalid(f"The value is invalid for '{place}'. Expected string, corrupt base64")


def no_model() -> Refusal:
    """Neither model nor agent."""
    return invalid("Provide a 'agent', or 'model' parameter.")


def model_and_agent() -> Refusal:
    """Both model and agent: refused, but nobody wrote the words down; these are the neighbour's."""
    return invalid("Provide a 'agent', or 'model' parameter.", "X")


def agent_as_model(name: str) -> Refusal:
    """An agent in the model field."""
    return invalid(
        f"'{name}' refers to an agent, but was provided in the 'model' field. "
        "Please use the 'agent' field instead.",
        "I",
    )


def unknown_agent(name: str) -> Refusal:
    """An agent nobody knows: status measured here, words measured on triggers."""
    return invalid(f"Agent '{name}' is invalid or not found")


def no_background(model: str) -> Refusal:
    """A model that does not run in the background."""
    return invalid(f"Model '{model}' does not support background interactions.", "C")


def missing_input() -> Refusal:
    """No input at all."""
    return invalid("Missing input.")


def empty_input() -> Refusal:
    """An input with nothing in it."""
    return invalid("Request has empty input.")


def background_needs_store() -> Refusal:
    """`background=true` with `store=false`: documented as incompatible, words are ours."""
    return invalid("background=true requires store=true.", "X")


def parent_needs_store() -> Refusal:
    """Not refused by default: whether the server does was never observed."""
    return invalid("previous_interaction_id requires store=true.", "X")


def parent_running() -> Refusal:
    """A parent that still runs: documented as 400, code and words are ours."""
    return invalid(
        "The previous interaction is still in progress. Active executions are blocked.", "X"
    )


def result_without_name() -> Refusal:
    """A function result without `name`."""
    return invalid("Invalid input received")


def result_without_call_id() -> Refusal:
    """A function result without `call_id`."""
    return invalid("Missing call_id in content of type function_result", "I")


def result_out_of_place(name: str) -> Refusal:
    """A function result that answers no open call, or a call left open by something else."""
    return invalid(
        "Please ensure that function response turn comes immediately after a function call turn. "
        f"Got function response with name '{name}'.",
        "X",
    )


def legacy_sdk() -> Refusal:
    """A google-genai 1.x: the schema it speaks was removed on 2026-06-08."""
    return invalid(
        "The legacy Interactions API schema is no longer supported. Please upgrade your "
        "google-genai Python SDK to version >= 2.0.0 (e.g., run pip install -U google-genai) to "
        "use the Interactions API. For details and migration examples, see: "
        "https://ai.google.dev/gemini-api/docs/interactions-breaking-changes-may-2026",
        "C",
    )


def not_running(identifier: str) -> Refusal:
    """Cancel of something that does not run: the words are ours."""
    return invalid(f"Interaction '{identifier}' is not running in the background.", "X")


def unknown_event() -> Refusal:
    """`last_event_id` names no event of the stream. The words are documented, the status ours."""
    return Refusal(404, "not_found", "Failed to get completed interaction: Result not found.", "X")


def no_key_for_download() -> Refusal:
    """A download without a key: the status was measured, the words are those of another 403."""
    return Refusal(403, "permission_denied", "The caller does not have permission", "L")


def no_route(method: str, path: str) -> Refusal:
    """A path the fake has not got. Its own words, so that nobody takes our 404 for theirs."""
    return Refusal(404, "not_found", f"fakegemini does not emulate {method} {path} yet.", "X")


def missing_parameter(name: str, place: str) -> Refusal:
    """A required member is not there: the words are ours, after those for an unknown one."""
    return invalid(f"Missing parameter '{name}' at '{place}'.", "X")


def invalid_argument() -> Refusal:
    """The server's catch-all, for faults it has no better words for."""
    return invalid("Request contains an invalid argument.")
