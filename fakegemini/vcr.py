"""Teach vcrpy and pytest-recording to match requests by meaning and to keep secrets off the disk.

In a `conftest.py` that uses pytest-recording:

    from fakegemini.vcr import pytest_recording_configure

or with vcrpy itself:

    vcr = fakegemini.vcr.configure(vcr.VCR(...))

`configure` registers the matcher `fakegemini`, makes it the default, and replaces the serializers
`yaml` and `json` by ones that scrub secrets and write cassettes in our form. The rest stays as
vcrpy does it: it replays the recorded ids, and returns a stream in one piece.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import SecretLeft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .recordings.exchange import Exchange, RecordedExchange
    from .recordings.scrub.policy import ScrubRules
    from .recordings.tolerance import Tolerance, Tolerated
    from .wire.http import Json

MATCHER = "fakegemini"
"""The name under which vcrpy knows the matcher."""


def pytest_recording_configure(config: Any, vcr: Any) -> None:
    """Configure the VCR of pytest-recording, whose hook this is, with nothing tolerated."""
    configure(vcr)


def configure(
    vcr: Any,
    *,
    tolerate: Iterable[Tolerated] | Tolerated = (),
    scrub: Sequence[str] = (),
    scrub_patterns: Sequence[str] = (),
    allow_secrets: Sequence[str] = (),
) -> Any:
    """Configure a `vcr.VCR`, and return it.

    tolerate: what may differ between a request and its recording, as for `Fake.play`
    scrub: names of further fields that are secrets, as `fakegemini record --scrub`
    scrub_patterns: regular expressions of what else is a secret, as `--scrub-pattern`
    allow_secrets: regular expressions of what is none, as `--allow-secret`

    Raises `BadScript` for an unknown name to tolerate, and `BadRule` for what is no regular
    expression.
    """
    from .recordings.scrub.policy import ScrubRules
    from .recordings.tolerance import Tolerance

    tolerance = Tolerance(tolerate)
    rules = ScrubRules.from_options(tuple(scrub), tuple(scrub_patterns), tuple(allow_secrets))

    def match_by_meaning(request: Any, recorded_request: Any) -> None:
        _check_match(request, recorded_request, tolerance)

    vcr.register_matcher(MATCHER, match_by_meaning)
    vcr.decode_compressed_response = True  # the live server packs its answers
    # Two matchers: vcrpy calls a recorded request similar, and shows how it differs, if one of
    # them agrees.
    vcr.match_on = ["method", MATCHER]
    persister = _PathPersister(vcr.persister)
    vcr.register_persister(persister)
    for form in ("yaml", "json"):
        vcr.register_serializer(form, _Serializer(form, rules, persister))
    return vcr


class _PathPersister:
    """The VCR's own persister; it also tells the serializer which file is read or written."""

    def __init__(self, persister: Any) -> None:
        self._persister = persister
        self.path = Path()

    def load_cassette(self, cassette_path: Any, serializer: Any) -> Any:
        with self._set_path(cassette_path):
            return self._persister.load_cassette(cassette_path, serializer)

    def save_cassette(self, cassette_path: Any, cassette_dict: Any, serializer: Any) -> Any:
        with self._set_path(cassette_path):
            return self._persister.save_cassette(cassette_path, cassette_dict, serializer)

    @contextmanager
    def _set_path(self, path: Any) -> Iterator[None]:
        previous_path, self.path = self.path, Path(path)
        try:
            yield
        finally:
            self.path = previous_path


class _Serializer:
    """Reads and writes cassettes for vcrpy in our form: scrubbed, readable, with attachments.

    form: "yaml" or "json"
    persister: knows the path of the cassette, which vcrpy does not pass to a serializer
    """

    def __init__(self, form: str, rules: ScrubRules, persister: _PathPersister) -> None:
        self._form = form
        self._rules = rules
        self._persister = persister

    def deserialize(self, text: str) -> Any:
        """Parse a cassette's text with its attachments in place.

        Raises `ValueError` for a lost attachment, and `Unreadable` with file and line for a text
        that is no YAML or JSON, or that has one key twice.
        """
        from .errors import AttachmentLost
        from .recordings.attachments import restore_attachments
        from .recordings.vcr_file import parse_vcr_text

        path = self._persister.path
        try:
            full_text = restore_attachments(text, path)
        except AttachmentLost as error:
            raise ValueError(f"{path}: {error}") from None
        return parse_vcr_text(full_text, path)

    def serialize(self, value: Any) -> str:
        """Write the text of a cassette without secrets, and its attachments beside it.

        value: the cassette as vcrpy has it
        Raises `SecretLeft` where something in it still looks like a secret.
        """
        from .recordings.atomic_write import write_atomically
        from .recordings.attachments import ATTACHMENT_FOLDER
        from .recordings.cassette import dump_cassette
        from .recordings.scrub.scrubber import scrub_all

        scrubbed, counts, suspects = scrub_all(_recorded_exchanges(value), self._rules)
        path = self._persister.path
        if suspects:
            raise SecretLeft(
                f"{path} is not written: something still looks like a secret.\n  "
                + "\n  ".join(suspects)
                + "\nFix: name it in configure(scrub=…, scrub_patterns=…), or say with "
                "allow_secrets=… that it is none."
            )
        head = {"scrubbed": counts} if counts else {}
        text, attachments = dump_cassette(scrubbed, head, form=self._form)
        for name, content in attachments.items():
            file = path.parent / ATTACHMENT_FOLDER / name
            if not file.exists():
                write_atomically(file, content)
        return text


def _recorded_exchanges(value: Any) -> list[RecordedExchange]:
    """Read the exchanges of a cassette as vcrpy has it."""
    from .recordings.exchange import RecordedExchange
    from .recordings.vcr_file import exchanges_from_vcr

    return [
        RecordedExchange(exchange)
        for exchange in exchanges_from_vcr(_to_vcr_json(value), Path("cassette"))
    ]


def _to_vcr_json(value: Any) -> Any:
    """Turn bytes into what a cassette has for them: a text, or `base64_string`.

    vcrpy hands over bytes that are not text as they are, and JSON bodies as objects where a filter
    made them that.
    """
    if isinstance(value, bytes):
        with suppress(UnicodeDecodeError):
            return value.decode()
        return {"base64_string": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {key: _to_vcr_json(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_to_vcr_json(element) for element in value]
    return value


def _check_match(request: Any, recorded_request: Any, tolerance: Tolerance) -> None:
    """Compare two requests of vcrpy; raises `AssertionError` with the difference.

    Creates have to mean the same and continue the same interaction; any others have to ask for the
    same.
    """
    from .recordings.conversations import other_resource_key

    new, old = _exchange_of(request), _exchange_of(recorded_request)
    mismatch = f"{new.method} {new.uri} is not {old.method} {old.uri}"
    if _target_of(new) != _target_of(old):
        raise AssertionError(mismatch)
    new_meaning, old_meaning = (
        _meaning_of_create(new, tolerance),
        _meaning_of_create(old, tolerance),
    )
    if new_meaning is not None and old_meaning is not None:
        if differences := _describe_differences(old_meaning, new_meaning):
            raise AssertionError(differences)
    elif other_resource_key(new) != other_resource_key(old):
        raise AssertionError(mismatch)


def _exchange_of(request: Any) -> Exchange:
    """Turn a request of vcrpy into an exchange without its answer."""
    from .recordings.exchange import Exchange

    return Exchange(0, request.method, request.uri, request_body=_body_bytes(request.body))


def _target_of(exchange: Exchange) -> tuple[str, object]:
    """Return the method, and the operation of an interaction or else the path."""
    is_ours = exchange.targets_interactions
    return exchange.method, exchange.operation if is_ours else exchange.path_parts


def _meaning_of_create(exchange: Exchange, tolerance: Tolerance) -> Json | None:
    """Return what a create means, and what it continues; None for any other request."""
    from .recordings.conversations import parent_id_of, request_content
    from .recordings.meaning import request_meaning

    body = request_content(exchange)
    is_create = exchange.targets_interactions and exchange.operation == "create"
    if not is_create or not isinstance(body, dict):
        return None
    meaning = tolerance.apply(request_meaning(body, {}))
    return meaning | {"previous_interaction_id": parent_id_of(body)}


def _describe_differences(old_meaning: Json, new_meaning: Json) -> str:
    """Spell the differences of two meanings as misses of a replay do; empty without any."""
    from .fake.replay.miss import describe_difference
    from .wire.json_paths import find_differences

    differences = find_differences(old_meaning, new_meaning)
    return "\n".join(
        line for difference in differences for line in describe_difference(*difference)
    )


def _body_bytes(body: Any) -> bytes:
    """Return the bytes of a request's body, which vcrpy has as text, bytes, a file or pieces."""
    if body is None:
        return b""
    if hasattr(body, "read"):
        body = body.read()
    if not isinstance(body, bytes | bytearray | str):
        body = b"".join(part if isinstance(part, bytes) else str(part).encode() for part in body)
    return body.encode() if isinstance(body, str) else bytes(body)
