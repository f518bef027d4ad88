"""List what still looks like a secret after scrubbing: kinds and places, never values."""

from __future__ import annotations

from ...wire.packed_layers import unpack_layers
from ..cassette import DROPPED_RESPONSE_HEADERS, KEPT_REQUEST_HEADERS
from ..exchange import RecordedExchange
from .body import ScannedBody, path_text
from .edits import decode_bytes
from .policy import PlacedSecret, ScrubRules, ShapedSecret

_PLAIN_HEADERS = frozenset("accept accept-encoding content-type content-length host date".split())
"""The headers whose values may look random."""


def remaining_secrets(recorded: RecordedExchange, rules: ScrubRules) -> list[str]:
    """List what still looks like a secret in an exchange, each kind and place once.

    A body that is packed in a way that we do not read counts as such.
    """
    exchange = recorded.exchange
    findings = remaining_in_uri(exchange.uri, rules)
    sides = (
        ("request", exchange.request_headers, exchange.request_body),
        ("response", exchange.response_headers, exchange.response_body),
    )
    for side, headers, raw in sides:
        for name, value in headers.items():
            is_kept = name in KEPT_REQUEST_HEADERS
            if not is_kept if side == "request" else name in DROPPED_RESPONSE_HEADERS:
                continue  # it is not written
            kinds = remaining_in_header(name, value, rules)
            findings += [f"{kind} in the {side}'s header {name}" for kind in kinds]
        body = unpack_layers(raw, headers.get("content-encoding", ""))
        if body.problem:
            findings.append(f"the {side}'s body: {body.problem}, so it cannot be looked into")
        secrets = find_secrets(decode_bytes(body.plain), rules)
        findings += [f"{secret} of the {side}'s body" for secret in secrets]
    return list(dict.fromkeys(findings))


def remaining_in_uri(uri: str, rules: ScrubRules) -> list[str]:
    """List what still looks like a secret in an address, a text for each."""
    return [f"{secret.kind} in the address" for secret in rules.find_shaped(uri)]


def remaining_in_header(name: str, value: str, rules: ScrubRules) -> list[str]:
    """List the kinds of what still looks like a secret in a header's value."""
    kinds = [secret.kind for secret in rules.find_shaped(value)]
    if name.lower() not in _PLAIN_HEADERS and rules.is_doubtful(name, value):
        kinds.append("a random text")
    return kinds


def find_secrets(text: str, rules: ScrubRules | None = None) -> list[str]:
    """List the kinds and places of all that looks like a secret in JSON, a stream, or any text."""
    rules = rules or ScrubRules()
    body = ScannedBody(text)
    findings = [_describe_secret(secret) for secret in rules.find_in_body(body)]
    for joined_text in body.joined_texts:
        findings += [
            _describe_secret(secret)
            for secret in rules.find_in_joined_text(joined_text.text, joined_text.path)
        ]
    findings += [
        f"a random text under the name of a key at {path_text(scalar.path)}"
        for scalar in rules.find_doubtful(body)
    ]
    return list(dict.fromkeys(findings))


def _describe_secret(secret: PlacedSecret | ShapedSecret) -> str:
    kind = secret.kind if isinstance(secret, ShapedSecret) else "a secret by its name"
    return f"{kind} at {path_text(secret.path)}" if secret.path else kind
