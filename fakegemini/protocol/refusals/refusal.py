"""What the live server says when it refuses: one function a case, the message verbatim.

`evidence` is the grade the reference gives the fact (C recorded bytes, L dated measurement,
I issue, D documentation, X inference or our own choice: nobody has observed it). `CASES` lists
them all, those of `limits` included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, ParamSpec

from ...wire.http import Json

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal: HTTP status, the error's code and message, and how well it is known.

    `hint` is what the fake knows besides; it goes into the log and never over the wire.
    """

    status: int
    code: str
    message: str
    evidence: str = "L"
    hint: str = ""

    def body(self) -> Json:
        """The error body, keys in the live order."""
        return {"error": {"message": self.message, "code": self.code}}


@dataclass(frozen=True, slots=True)
class Case:
    """One way to be refused: what it is called, when it happens, and how well that is known."""

    name: str
    when: str
    evidence: str


CASES: list[Case] = []
"""Every refusal there is, in the order of its definition."""


def case(evidence: str) -> Callable[[Callable[P, Refusal]], Callable[P, Refusal]]:
    """A function that makes a refusal of this evidence; its docstring says when it happens."""

    def register(make: Callable[P, Refusal]) -> Callable[P, Refusal]:
        name, text = make.__name__, " ".join((make.__doc__ or "").split())
        CASES.append(Case(name.replace("_", " "), text, evidence))

        @wraps(make)
        def make_graded(*args: P.args, **kwargs: P.kwargs) -> Refusal:
            return replace(make(*args, **kwargs), evidence=evidence)

        return make_graded

    return register


def invalid(message: str, evidence: str = "L") -> Refusal:
    """A 400 `invalid_request`: nearly every refusal is one."""
    return Refusal(400, "invalid_request", message, evidence)


@case("X")
def unreadable_body() -> Refusal:
    """The body is no JSON object: the words are those measured for a malformed parent id."""
    return invalid("Invalid JSON payload: syntax error in request body")


@case("L")
def malformed_parent() -> Refusal:
    """`previous_interaction_id` does not decode."""
    return invalid("Invalid JSON payload: syntax error in request body")


@case("L")
def malformed_id(text: str) -> Refusal:
    """The id in the path does not decode."""
    return invalid(f"Invalid interaction name: interactions/{text}")


@case("L")
def not_found() -> Refusal:
    """Unknown, expired, deleted, or another project's: id, parent and model alike."""
    return Refusal(404, "not_found", "Requested entity was not found.")


@case("L")
def unknown_parameter(name: str, place: str = "", nearest: str | None = None) -> Refusal:
    """A member nobody declared; `place` is the JSON path of the object that holds it."""
    where = f" at '{place}'" if place else ""
    hint = f" Did you mean '{nearest}'?" if nearest else ""
    return invalid(f"Unknown parameter '{name}'{where}.{hint}")


@case("L")
def unsupported_value(value: Any, field: str, allowed: Iterable[str], place: str = "") -> Refusal:
    """A value outside its enum."""
    where = f" at '{place}'" if place else ""
    names = ", ".join(f"'{name}'" for name in allowed)
    return invalid(
        f"The value '{value}' is not supported for '{field}'{where}. Supported values: {names}."
    )


@case("L")
def bad_enum_in_input(value: Any, place: str) -> Refusal:
    """A value outside its enum, inside the input: the live server words it differently."""
    return invalid(f"Invalid enum value '{value}' at '{place}'.")


@case("C")
def bad_input(place: str) -> Refusal:
    """A shape inside the input that the server cannot read."""
    return invalid(f"Invalid input at '{place}'.")


@case("L")
def bad_shape(place: str, expected: str, actual: str) -> Refusal:
    """A member of the wrong JSON type; `expected` has its article, `actual` has not."""
    return invalid(f"The value is invalid for '{place}'. Expected {expected}, got {actual}.")


@case("L")
def corrupt_base64(place: str) -> Refusal:
    """Inline data that is not base64."""
    return invalid(f"The value is invalid for '{place}'. Expected string, corrupt base64")


@case("L")
def no_model() -> Refusal:
    """Neither model nor agent."""
    return invalid("Provide a 'agent', or 'model' parameter.")


@case("X")
def model_and_agent() -> Refusal:
    """Both model and agent: refused, in the words for neither of them."""
    return invalid("Provide a 'agent', or 'model' parameter.")


@case("I")
def agent_as_model(name: str) -> Refusal:
    """An agent in the model field."""
    return invalid(
        f"'{name}' refers to an agent, but was provided in the 'model' field. "
        "Please use the 'agent' field instead."
    )


@case("L")
def unknown_agent(name: str) -> Refusal:
    """An agent nobody knows: status measured here, words measured on triggers."""
    return invalid(f"Agent '{name}' is invalid or not found")


@case("C")
def no_background(model: str) -> Refusal:
    """A model that does not run in the background."""
    return invalid(f"Model '{model}' does not support background interactions.")


@case("L")
def missing_input() -> Refusal:
    """No input at all."""
    return invalid("Missing input.")


@case("L")
def empty_input() -> Refusal:
    """An input with nothing in it."""
    return invalid("Request has empty input.")


@case("X")
def background_needs_store() -> Refusal:
    """`background=true` with `store=false`: documented as incompatible, words are ours."""
    return invalid("background=true requires store=true.")


@case("X")
def parent_running() -> Refusal:
    """A parent that still runs: documented as 400, code and words are ours."""
    return invalid("The previous interaction is still in progress. Active executions are blocked.")


@case("L")
def result_without_name() -> Refusal:
    """A function result without `name`."""
    return invalid("Invalid input received")


@case("I")
def result_without_call_id() -> Refusal:
    """A function result without `call_id`."""
    return invalid("Missing call_id in content of type function_result")


@case("X")
def result_out_of_place(name: str) -> Refusal:
    """A result without its call, not right behind it, or twice; a call without its result.

    The words were reported for results that do not follow their calls; that the others are
    refused, and in these words too, is unverified.
    """
    return invalid(
        "Please ensure that function response turn comes immediately after a function call turn. "
        f"Got function response with name '{name}'."
    )


@case("C")
def legacy_sdk() -> Refusal:
    """A google-genai 1.x: the schema it speaks was removed on 2026-06-08."""
    return invalid(
        "The legacy Interactions API schema is no longer supported. Please upgrade your "
        "google-genai Python SDK to version >= 2.0.0 (e.g., run pip install -U google-genai) to "
        "use the Interactions API. For details and migration examples, see: "
        "https://ai.google.dev/gemini-api/docs/interactions-breaking-changes-may-2026"
    )


@case("I")
def legacy_client() -> Refusal:
    """Another client of that schema, in the wider words reported on 2026-06-12."""
    return invalid(
        "The legacy Interactions API schema is no longer supported. Please upgrade your client SDK "
        "to Python >= 2.0.0 or JavaScript/TypeScript >= 2.0.0 to adopt the new 'steps' schema. For "
        "details and migration examples, see: "
        "https://ai.google.dev/gemini-api/docs/interactions-breaking-changes-may-2026"
    )


@case("X")
def wrong_continuation(hint: str) -> Refusal:
    """A `continuation_token` that is unknown or of another turn: the words are the catch-all's."""
    return replace(invalid("Request contains an invalid argument."), hint=hint)


@case("X")
def not_running(identifier: str) -> Refusal:
    """Cancel of something that does not run: the words are ours."""
    return invalid(f"Interaction '{identifier}' is not running in the background.")


@case("X")
def unknown_event() -> Refusal:
    """`last_event_id` names no event of the stream: the words are documented, the status ours."""
    return Refusal(404, "not_found", "Failed to get completed interaction: Result not found.")


@case("L")
def no_key_for_download() -> Refusal:
    """A download without a key: the status was measured, the words are those of another 403."""
    return Refusal(403, "permission_denied", "The caller does not have permission")


@case("X")
def no_route(method: str, path: str) -> Refusal:
    """A path the fake has not got: in its own words, so that nobody takes our 404 for theirs."""
    return Refusal(404, "not_found", f"fakegemini does not emulate {method} {path} yet.")


@case("L")
def no_method() -> Refusal:
    """A known path with a method it has not got: measured for the list that there is not."""
    return Refusal(404, "not_found", "Method not found.")


@case("X")
def missing_parameter(name: str, place: str) -> Refusal:
    """A required member is not there: the words are ours, after those for an unknown one."""
    return invalid(f"Missing parameter '{name}' at '{place}'.")


@case("L")
def invalid_argument() -> Refusal:
    """The server's catch-all, for faults it has no better words for."""
    return invalid("Request contains an invalid argument.")
