"""Teach vcrpy and pytest-recording to match requests by meaning and to keep secrets off the disk.

In a `conftest.py` that uses pytest-recording:

    from fakegemini.vcr import pytest_recording_configure

or with vcrpy itself:

    vcr = fakegemini.vcr.configure(vcr.VCR(...))

`configure` registers the matcher `fakegemini`, makes it the default, and replaces the serializers
`yaml` and `json` by ones that scrub secrets and write our exchanges for review. Exchanges of other
APIs match and are kept as vcrpy does it, and every body is replayed byte for byte. The rest stays
too: vcrpy replays the recorded ids, and returns a stream in one piece.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import RecordingWarning, SlowPattern, Unreadable
from .recordings.conversations import other_resource_key, parent_id_of, request_content
from .recordings.exchange import Exchange
from .recordings.vcr_entries import body_bytes
from .recordings.vcr_patches import unpatch_always
from .wire.http import Json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .recordings.scrub.policy import ScrubRules
    from .recordings.tolerance import Tolerance, Tolerated

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
    plain_names = tuple(name for name in vcr.match_on if name != MATCHER)

    def match_by_meaning(request: Any, recorded_request: Any) -> None:
        matchers = [vcr.matchers[name] for name in plain_names]
        _check_match(request, recorded_request, tolerance, rules, matchers)

    vcr.register_matcher(MATCHER, match_by_meaning)
    # Two matchers: vcrpy calls a recorded request similar, and shows how it differs, if one of
    # them agrees.
    vcr.match_on = ["method", MATCHER]
    persister = _PathPersister(vcr.persister)
    vcr.register_persister(persister)
    for form in ("yaml", "json"):
        plain = vcr.serializers[form]
        vcr.register_serializer(form, _Serializer(form, rules, persister, plain))
    unpatch_always(vcr)
    return vcr


class _PathPersister:
    """The VCR's own persister; it also tells the serializer which file is read or written.

    notes: what the serializer has to tell, which is told when the file is written
    """

    def __init__(self, persister: Any) -> None:
        self._persister = persister
        self.path = Path()
        self.notes: list[str] = []

    def load_cassette(self, cassette_path: Any, serializer: Any) -> Any:
        with self._set_path(cassette_path):
            return self._persister.load_cassette(cassette_path, serializer)

    def save_cassette(self, cassette_path: Any, cassette_dict: Any, serializer: Any) -> Any:
        with self._set_path(cassette_path):
            result = self._persister.save_cassette(cassette_path, cassette_dict, serializer)
        notes, self.notes = self.notes, []
        for note in notes:
            warnings.warn(note, RecordingWarning, stacklevel=2)
        return result

    @contextmanager
    def _set_path(self, path: Any) -> Iterator[None]:
        previous_path, self.path = self.path, Path(path)
        try:
            yield
        finally:
            self.path = previous_path


class _Serializer:
    """Reads and writes cassettes for vcrpy: scrubbed, and what is ours for review.

    form: "yaml" or "json"
    persister: knows the path of the cassette, which vcrpy does not pass to a serializer
    plain: the serializer of vcrpy, for what ours does not know
    """

    def __init__(self, form: str, rules: ScrubRules, persister: _PathPersister, plain: Any) -> None:
        self._form = form
        self._rules = rules
        self._persister = persister
        self._plain = plain
        self._days: dict[Path, str] = {}

    def deserialize(self, text: str) -> Any:
        """Parse a cassette's text with its attachments in place.

        Raises `ValueError` for a lost attachment, and `Unreadable` with file and line for a text
        that is no YAML or JSON, or that has one key twice.
        """
        from .errors import AttachmentLost
        from .recordings.attachments import restore_attachments
        from .recordings.contents import NOTE_KEY
        from .recordings.vcr_entries import restore_entries

        path = self._persister.path
        try:
            full_text = restore_attachments(text, path)
        except AttachmentLost as error:
            raise ValueError(f"{path}: {error}") from None
        value = self._parse(full_text, path)
        head = value.get(NOTE_KEY) if isinstance(value, dict) else None
        if isinstance(head, dict) and head.get("recorded"):
            self._days[path] = str(head["recorded"])
        return restore_entries(value)

    def _parse(self, text: str, path: Path) -> Any:
        """Parse a cassette strictly, or with the tags that vcrpy knows and we do not."""
        from .recordings.vcr_file import parse_vcr_text

        try:
            return parse_vcr_text(text, path)
        except Unreadable as error:
            if "!!python/" not in text or "comes twice" in str(error):
                raise
        return self._plain.deserialize(text)

    def serialize(self, value: Any) -> str:
        """Write the text of a cassette without secrets, and its attachments beside it.

        value: the cassette as vcrpy has it
        """
        from .recordings.atomic_write import write_attachment
        from .recordings.attachments import ATTACHMENT_FOLDER
        from .recordings.cassette import spell_file
        from .recordings.contents import NOTE_KEY
        from .recordings.vcr_cleaning import clean_entries

        path = self._persister.path
        attachments: dict[str, bytes] = {}
        clean = clean_entries(value["interactions"], self._rules, attachments)
        self._persister.notes += [f"{path}: {warning}" for warning in clean.warnings]
        today = datetime.now(UTC).date().isoformat()
        head: Json = {"recorded": self._days.setdefault(path, today)}
        head |= {"scrubbed": clean.counts} if clean.counts else {}
        others = {key: member for key, member in value.items() if key != NOTE_KEY}
        text = spell_file(
            {NOTE_KEY: head} | others | {"interactions": clean.entries},
            self._form,
            python_objects=True,
        )
        for name, content in attachments.items():
            file = path.parent / ATTACHMENT_FOLDER / name
            if not file.exists():
                write_attachment(file, content)
        return text


def _check_match(
    request: Any,
    recorded_request: Any,
    tolerance: Tolerance,
    rules: ScrubRules,
    plain_matchers: list[Any],
) -> None:
    """Compare two requests of vcrpy; raises `AssertionError` with the difference.

    Creates have to mean the same and continue the same interaction, other requests of ours have to
    ask for the same; what is not ours, and what vcrpy lost, matches as it did before us. A request
    that does not match is compared without its secrets too, which are not in the recording.
    """
    from .recordings.scrub.request_scrubber import RequestScrubber
    from .recordings.vcr_entries import is_ours

    new, old = _exchange_of(request), _exchange_of(recorded_request)

    def clean(exchange: Exchange) -> Exchange:
        try:
            return RequestScrubber(rules).scrub(exchange)
        except SlowPattern as error:
            raise AssertionError(f"the request cannot be looked into: {error}") from None

    if (not is_ours(new) and not is_ours(old)) or old.has_lost_request:
        _check_plain_match(request, recorded_request, plain_matchers, clean(new))
        return
    mismatch = f"{clean(new).method} {clean(new).uri} is not {old.method} {old.uri}"
    if is_ours(new) != is_ours(old) or (new.method, new.operation) != (old.method, old.operation):
        raise AssertionError(mismatch)
    if new.operation == "create":
        if differences := _describe_differences(new, old, tolerance, clean):
            raise AssertionError(differences)
    elif all(other_resource_key(one) != other_resource_key(old) for one in (new, clean(new))):
        raise AssertionError(mismatch)


def _check_plain_match(
    request: Any, recorded_request: Any, matchers: list[Any], clean: Exchange
) -> None:
    """Compare two requests of other APIs by the matchers that vcrpy had before us."""
    try:
        _run_matchers(request, recorded_request, matchers)
    except AssertionError:
        recorded_body = recorded_request.body
        headers = {
            name: _as_recorded(value, clean.request_headers[name.lower()], recorded)
            for name, value in request.headers.items()
            if isinstance(recorded := recorded_request.headers.get(name, value), str)
        }
        meant = type(request)(
            request.method,
            _as_recorded(request.uri, clean.uri, recorded_request.uri),
            _as_recorded(request.body, clean.request_body, recorded_body),
            {**request.headers, **headers},
        )
        _run_matchers(meant, recorded_request, matchers)


def _as_recorded(value: Any, clean: str | bytes, recorded: Any) -> Any:
    """Return what was recorded where placeholders alone make it differ from what was asked."""
    from .recordings.scrub.edits import decode_bytes
    from .recordings.scrub.stand_ins import match_stand_ins

    old, new, clean_new = (
        one if isinstance(one, str) else decode_bytes(body_bytes(one))
        for one in (recorded, value, clean)
    )
    if "SCRUBBED" not in old:
        return value
    matches = any(match_stand_ins(old, one) is not None for one in (new, clean_new))
    return recorded if matches else value


def _run_matchers(request: Any, recorded_request: Any, matchers: list[Any]) -> None:
    for matcher in matchers:
        if matcher(request, recorded_request) is False:
            raise AssertionError(f"{getattr(matcher, '__name__', 'a matcher')} does not match")


def _exchange_of(request: Any) -> Exchange:
    """Turn a request of vcrpy into an exchange without its answer."""
    headers = {str(name).lower(): str(value) for name, value in request.headers.items()}
    return Exchange(0, request.method, request.uri, headers, body_bytes(request.body))


def _meaning_of_create(exchange: Exchange, tolerance: Tolerance) -> Json:
    """Return what a create means, and what it continues."""
    from .recordings.meaning import request_meaning

    body = request_content(exchange)
    meaning = tolerance.apply(request_meaning(body, {}))
    return meaning | {"previous_interaction_id": parent_id_of(body)}


def _describe_differences(
    new: Exchange, old: Exchange, tolerance: Tolerance, clean: Callable[[Exchange], Exchange]
) -> str:
    """Spell the differences of two creates as misses of a replay do; empty without any."""
    from .fake.replay.miss import describe_decisions
    from .recordings.decisions import deciding_rules
    from .recordings.scrub.stand_ins import match_stand_ins
    from .wire.json_paths import find_differences

    recorded, asked = _meaning_of_create(old, tolerance), _meaning_of_create(new, tolerance)
    if match_stand_ins(recorded, asked) is not None:
        return ""
    asked = _meaning_of_create(clean(new), tolerance)
    if match_stand_ins(recorded, asked) is not None:
        return ""
    differences = find_differences(recorded, asked)
    return "\n".join(describe_decisions(deciding_rules(recorded, asked, differences, tolerance)))
