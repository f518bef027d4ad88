"""vcrpy and pytest-recording, with requests found by what they mean and no secret on the disk.

In a `conftest.py` that uses pytest-recording:

    from fakegemini.vcr import pytest_recording_configure

or with vcrpy itself:

    vcr = fakegemini.vcr.configure(vcr.VCR(...))

It registers the matcher `fakegemini` and makes it the default, and puts our form of a cassette and
the scrubbing of secrets behind the serializers `yaml` and `json`. What vcrpy does stays: it
replays the recorded ids, and hands a stream out in one piece.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import SecretLeft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .recordings.exchange import RecordedExchange
    from .recordings.scrub.policy import ScrubRules
    from .recordings.tolerance import Tolerance, Tolerated

MATCHER = "fakegemini"
"""The name of the matcher."""


def pytest_recording_configure(config: Any, vcr: Any) -> None:
    """The hook of pytest-recording, with nothing tolerated."""
    configure(vcr)


def configure(
    vcr: Any,
    *,
    tolerate: Iterable[Tolerated] | Tolerated = (),
    scrub: Sequence[str] = (),
    scrub_patterns: Sequence[str] = (),
    allow_secrets: Sequence[str] = (),
) -> Any:
    """Teach a `vcr.VCR`; gives it back.

    `tolerate` is that of `Fake.play`; `scrub` has names of further fields, `scrub_patterns` and
    `allow_secrets` regular expressions, as the options of `fakegemini record`. Raises `BadScript`
    and `BadRule` for what cannot be.
    """
    from .recordings.scrub.policy import ScrubRules
    from .recordings.tolerance import Tolerance

    tolerance = Tolerance(tolerate)
    rules = ScrubRules.from_options(tuple(scrub), tuple(scrub_patterns), tuple(allow_secrets))

    def meaning(request: Any, recorded: Any) -> None:
        _check_match(request, recorded, tolerance)

    vcr.register_matcher(MATCHER, meaning)
    vcr.decode_compressed_response = True  # the live server packs its answers
    vcr.match_on = ["method", MATCHER]  # two, so that vcrpy knows a similar request from none
    persister = _PathPersister(vcr.persister)
    vcr.register_persister(persister)
    for form in ("yaml", "json"):
        vcr.register_serializer(form, _Serializer(form, rules, persister))
    return vcr


class _PathPersister:
    """The persister that was there; it also tells the serializer which file is read or written."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.path = Path()

    def load_cassette(self, cassette_path: Any, serializer: Any) -> Any:
        with self._set_path(cassette_path):
            return self._inner.load_cassette(cassette_path, serializer)

    def save_cassette(self, cassette_path: Any, cassette_dict: Any, serializer: Any) -> Any:
        with self._set_path(cassette_path):
            return self._inner.save_cassette(cassette_path, cassette_dict, serializer)

    @contextmanager
    def _set_path(self, path: Any) -> Iterator[None]:
        previous_path, self.path = self.path, Path(path)
        try:
            yield
        finally:
            self.path = previous_path


class _Serializer:
    """Our form of a cassette for vcrpy: scrubbed, readable, with its long values beside it."""

    def __init__(self, form: str, rules: ScrubRules, persister: _PathPersister) -> None:
        self._form = form
        self._rules = rules
        self._persister = persister

    def deserialize(self, text: str) -> Any:
        """The value of a cassette's text, with what was put aside."""
        from .errors import AttachmentLost
        from .recordings.attachments import restore_attachments

        try:
            full_text = restore_attachments(text, self._persister.path)
        except AttachmentLost as error:
            raise ValueError(f"{self._persister.path}: {error}") from None
        if self._form == "json":
            return json.loads(full_text)
        import yaml

        return yaml.load(full_text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))

    def serialize(self, value: Any) -> str:
        """The text of a cassette; raises `SecretLeft`."""
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
    from .recordings.exchange import RecordedExchange
    from .recordings.vcr_file import exchanges_from_vcr

    return [
        RecordedExchange(exchange)
        for exchange in exchanges_from_vcr(_decode_bytes(value), Path("cassette"))
    ]


def _decode_bytes(value: Any) -> Any:
    """vcrpy gives bytes that are no text as they are; JSON bodies as objects where a filter did."""
    if isinstance(value, bytes):
        with suppress(UnicodeDecodeError):
            return value.decode()
        return {"base64_string": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {key: _decode_bytes(member) for key, member in value.items()}
    return (
        [_decode_bytes(element) for element in value] if isinstance(value, list | tuple) else value
    )


def _check_match(request: Any, recorded: Any, tolerance: Tolerance) -> None:
    """Raises `AssertionError` with the difference, which vcrpy shows."""
    from .fake.replay.miss import describe_difference
    from .recordings.conversations import other_resource_key, parent_id_of
    from .recordings.conversations import request_content as body_of
    from .recordings.exchange import Exchange
    from .recordings.meaning import request_meaning
    from .wire.json_paths import find_differences

    new, old = (
        Exchange(0, vcr_request.method, vcr_request.uri, request_body=_body(vcr_request.body))
        for vcr_request in (request, recorded)
    )
    if (new.method, new.operation if new.targets_interactions else new.path_parts) != (
        old.method,
        old.operation if old.targets_interactions else old.path_parts,
    ):
        raise AssertionError(f"{new.method} {new.uri} is not {old.method} {old.uri}")
    new_body, old_body = body_of(new), body_of(old)
    if (
        new.targets_interactions
        and new.operation == "create"
        and isinstance(new_body, dict)
        and isinstance(old_body, dict)
    ):
        old_meaning = tolerance.apply(request_meaning(old_body, {})) | {
            "previous_interaction_id": parent_id_of(old_body)
        }
        new_meaning = tolerance.apply(request_meaning(new_body, {})) | {
            "previous_interaction_id": parent_id_of(new_body)
        }
        differences = list(find_differences(old_meaning, new_meaning))
        if differences:
            raise AssertionError(
                "\n".join(
                    line for difference in differences for line in describe_difference(*difference)
                )
            )
    elif other_resource_key(new) != other_resource_key(old):
        raise AssertionError(f"{new.method} {new.uri} is not {old.method} {old.uri}")


def _body(body: Any) -> bytes:
    if body is None:
        return b""
    if hasattr(body, "read"):
        body = body.read()
    if not isinstance(body, bytes | bytearray | str):
        body = b"".join(part if isinstance(part, bytes) else str(part).encode() for part in body)
    return body.encode() if isinstance(body, str) else bytes(body)
