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

    from .recordings.exchange import Recorded
    from .recordings.scrub.policy import Rules
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
    from .recordings.scrub.policy import Rules
    from .recordings.tolerance import Tolerance

    tolerance = Tolerance(tolerate)
    rules = Rules.of(tuple(scrub), tuple(scrub_patterns), tuple(allow_secrets))

    def meaning(asked: Any, recorded: Any) -> None:
        _match(asked, recorded, tolerance)

    vcr.register_matcher(MATCHER, meaning)
    vcr.decode_compressed_response = True  # the live server packs its answers
    vcr.match_on = ["method", MATCHER]  # two, so that vcrpy knows a similar request from none
    persister = _Beside(vcr.persister)
    vcr.register_persister(persister)
    for form in ("yaml", "json"):
        vcr.register_serializer(form, _Serializer(form, rules, persister))
    return vcr


class _Beside:
    """The persister that was there; it also tells the serializer which file is read or written."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.path = Path()

    def load_cassette(self, cassette_path: Any, serializer: Any) -> Any:
        with self._at(cassette_path):
            return self._inner.load_cassette(cassette_path, serializer)

    def save_cassette(self, cassette_path: Any, cassette_dict: Any, serializer: Any) -> Any:
        with self._at(cassette_path):
            return self._inner.save_cassette(cassette_path, cassette_dict, serializer)

    @contextmanager
    def _at(self, path: Any) -> Iterator[None]:
        before, self.path = self.path, Path(path)
        try:
            yield
        finally:
            self.path = before


class _Serializer:
    """Our form of a cassette for vcrpy: scrubbed, readable, with its long values beside it."""

    def __init__(self, form: str, rules: Rules, persister: _Beside) -> None:
        self._form = form
        self._rules = rules
        self._persister = persister

    def deserialize(self, text: str) -> Any:
        """The value of a cassette's text, with what was put aside."""
        from .errors import AttachmentLost
        from .recordings.attachments import put_back

        try:
            whole = put_back(text, self._persister.path)
        except AttachmentLost as error:
            raise ValueError(f"{self._persister.path}: {error}") from None
        if self._form == "json":
            return json.loads(whole)
        import yaml

        return yaml.load(whole, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))

    def serialize(self, value: Any) -> str:
        """The text of a cassette; raises `SecretLeft`."""
        from .recordings.atomic_write import write_whole
        from .recordings.attachments import FOLDER
        from .recordings.cassette import dumps
        from .recordings.scrub.scrubber import scrub_all

        clean, counts, left = scrub_all(_recorded(value), self._rules)
        path = self._persister.path
        if left:
            raise SecretLeft(
                f"{path} is not written: something still looks like a secret.\n  "
                + "\n  ".join(left)
                + "\nFix: name it in configure(scrub=…, scrub_patterns=…), or say with "
                "allow_secrets=… that it is none."
            )
        head = {"scrubbed": counts} if counts else {}
        text, aside = dumps(clean, head, form=self._form)
        for name, content in aside.items():
            file = path.parent / FOLDER / name
            if not file.exists():
                write_whole(file, content)
        return text


def _recorded(value: Any) -> list[Recorded]:
    from .recordings.exchange import Recorded
    from .recordings.read import from_vcr

    return [Recorded(exchange) for exchange in from_vcr(_with_text(value), Path("cassette"))]


def _with_text(value: Any) -> Any:
    """vcrpy gives bytes that are no text as they are; JSON bodies as objects where a filter did."""
    if isinstance(value, bytes):
        with suppress(UnicodeDecodeError):
            return value.decode()
        return {"base64_string": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {key: _with_text(item) for key, item in value.items()}
    return [_with_text(item) for item in value] if isinstance(value, list | tuple) else value


def _match(asked: Any, recorded: Any, tolerance: Tolerance) -> None:
    """Raises `AssertionError` with the difference, which vcrpy shows."""
    from .fake.replay.miss import lines_of
    from .recordings.conversations import asked as body_of
    from .recordings.conversations import other_key, parent_of
    from .recordings.exchange import Exchange
    from .recordings.meaning import meaning
    from .wire.json_paths import differences

    one, other = (
        Exchange(0, each.method, each.uri, request_body=_body(each.body))
        for each in (asked, recorded)
    )
    if (one.method, one.operation if one.ours else one.parts) != (
        other.method,
        other.operation if other.ours else other.parts,
    ):
        raise AssertionError(f"{one.method} {one.uri} is not {other.method} {other.uri}")
    new, old = body_of(one), body_of(other)
    if one.ours and one.operation == "create" and isinstance(new, dict) and isinstance(old, dict):
        before = tolerance.applied(meaning(old, {})) | {"previous_interaction_id": parent_of(old)}
        after = tolerance.applied(meaning(new, {})) | {"previous_interaction_id": parent_of(new)}
        found = list(differences(before, after))
        if found:
            raise AssertionError("\n".join(line for each in found for line in lines_of(*each)))
    elif other_key(one) != other_key(other):
        raise AssertionError(f"{one.method} {one.uri} is not {other.method} {other.uri}")


def _body(body: Any) -> bytes:
    if body is None:
        return b""
    if hasattr(body, "read"):
        body = body.read()
    if not isinstance(body, bytes | bytearray | str):
        body = b"".join(part if isinstance(part, bytes) else str(part).encode() for part in body)
    return body.encode() if isinstance(body, str) else bytes(body)
