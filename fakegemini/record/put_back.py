"""Put secrets back into requests that are asked again: a placeholder is never sent."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import quote

from ..errors import NotRerecorded
from ..recordings.conversations import RecordedInteraction
from ..recordings.exchange import Exchange
from ..recordings.scrub.edits import decode_bytes, encode_text
from ..recordings.scrub.policy import ScrubRules
from ..recordings.scrub.spellings import SCRUBBED_VALUE


class Secrets:
    """The values of the placeholders in what is asked again, from the environment.

    `SCRUBBED-2` is the variable `SCRUBBED_2`. Raises `NotRerecorded` where one is not set.
    """

    def __init__(
        self, interactions: Iterable[RecordedInteraction], environment: Mapping[str, str]
    ) -> None:
        self._values: dict[str, str] = {}
        for interaction in interactions:
            exchanges = [interaction.create, *interaction.follow_ups]
            for exchange in (recorded.exchange for recorded in exchanges if recorded):
                for name in placeholders_sent(exchange):
                    value = environment.get(name.replace("-", "_"), "")
                    if not value:
                        raise NotRerecorded(
                            f"exchange {exchange.number} sends {name}, which stands for a secret "
                            "that was taken out, and only you know it. Fix: set "
                            f"{name.replace('-', '_')} to its value, or run the program again and "
                            "record it"
                        )
                    self._values[name] = value

    def put_back(self, exchange: Exchange) -> Exchange:
        """Return a request with the secrets in the place of what stands for them."""
        return replace(
            exchange,
            uri=SCRUBBED_VALUE.sub(
                lambda match: quote(self._values.get(match[0], match[0]), safe=""), exchange.uri
            ),
            request_headers={
                name: self._fill(value) for name, value in exchange.request_headers.items()
            },
            request_body=encode_text(
                SCRUBBED_VALUE.sub(
                    lambda match: json.dumps(self._values.get(match[0], match[0]))[1:-1],
                    decode_bytes(exchange.request_body),
                )
            ),
        )

    def add_to(self, rules: ScrubRules) -> ScrubRules:
        """Return rules by which the values are secrets, whatever they look like."""
        patterns = tuple(re.compile(re.escape(value)) for value in self._values.values())
        return replace(rules, patterns=(*rules.patterns, *patterns))

    def _fill(self, text: str) -> str:
        return SCRUBBED_VALUE.sub(lambda match: self._values.get(match[0], match[0]), text)


def placeholders_sent(exchange: Exchange) -> list[str]:
    """List the placeholders in a request, but for the key of the API, which is asked for anyway."""
    query = "&".join(f"{name}={value}" for name, value in exchange.query.items() if name != "key")
    path = "/".join(exchange.path_parts)
    headers = " ".join(exchange.request_headers.values())
    return SCRUBBED_VALUE.findall(f"{path}?{query} {headers} {decode_bytes(exchange.request_body)}")
