"""The table of secrets that are known by their shapes."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from fakegemini.cli import main
from fakegemini.record.writer import open_recording
from fakegemini.recordings.read import read_any_contents
from fakegemini.recordings.scrub.last_resort import scrub_all
from fakegemini.recordings.scrub.patterns import SECRET_SHAPES
from fakegemini.recordings.scrub.remaining import find_secrets
from fakegemini.recordings.scrub.secret_shape import SecretShape, reads_like_words
from tests.record.planted import create

EXAMPLES = [
    pytest.param(shape.kind, example, id=f"{shape.kind}-{number}")
    for shape in SECRET_SHAPES
    for number, example in enumerate(shape.examples)
]


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_each_example_is_found(kind: str, example: str) -> None:
    """In a text, as the kind that the row says."""
    assert f"{kind} at $.input" in find_secrets(json.dumps({"input": f"It is {example} here"}))


@pytest.mark.parametrize(("kind", "example"), EXAMPLES)
def test_each_example_is_taken_out(kind: str, example: str, tmp_path: Path) -> None:
    """`fakegemini scrub` leaves nothing that looks like it."""
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"model": "m", "input": f"It is {example} here"}))

    result = CliRunner().invoke(main, ["scrub", str(file)])

    assert result.exit_code == 0, result.output
    assert "SCRUBBED-" in file.read_text()
    assert find_secrets(file.read_text()) == []


@pytest.mark.parametrize("shape", SECRET_SHAPES, ids=lambda shape: shape.kind)
def test_each_needle_has_an_example(shape: SecretShape) -> None:
    """A text is searched only if it holds a needle, so each has to be one that secrets have."""
    texts = [example.lower() for example in shape.examples]

    for needle in shape.needles:
        assert any(needle in text for text in texts), needle


def test_no_two_rows_have_one_name() -> None:
    """A report that names a kind names one row."""
    kinds = [shape.kind for shape in SECRET_SHAPES]

    assert len(set(kinds)) == len(kinds)


HARMLESS = [
    *("password=config.NAME", "api_key=settings.API_KEY_V2", "secret = get_secret(name1)"),
    *("const apiKey = process.env.API_KEY_1;", "access_token=access_token1_from_response"),
    *("password = os.environ['DB_PASSWORD1']", "PASSWORD=$PASSWORD1", "token=self.token2"),
    *(
        "password: <your-password-1>",
        "secret: 2026-11-28",
        "id_token=uuid4()",
        "api_key: str = None",
    ),
    *("token: NOUN", "The token: word", "max_token=12345678", "my token is not in the list"),
    *("Bearer authentication2 is needed", "see sk-learn-model-2024-xyzzy"),
    *("the file rk-2024-report-final.pdf", "skip sk_buff_alloc_skb_2_things"),
    *("https://example.com/v1/a:b@c", "https://example.com/tokens/how-to-make-them-2026"),
    "https://example.com/key/0123456789012345678901",
]
"""Code, files, addresses and prose that only speak of secrets."""


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_speaks_of_secrets(text: str) -> None:
    """It is no finding, and stays."""
    assert find_secrets(json.dumps({"input": text})) == []


HARMLESS_MEMBERS: list[dict[str, object]] = [
    {"token": "NOUN"},
    {"tokens": [{"token": "running", "tag": "VERB"}]},
    {"pad_token": "[PAD]", "eos_token": "</s>", "stop_token": "END"},
    {"token_type": "bearer", "total_tokens": 12345678},
    {"secret": "santa", "cookie": "chocolate", "credential": "Bachelor of Science"},
    {"authorization": "granted"},
    {"sort_key": "a8Fk30dKx92LmQ7z", "primary_key": "a8Fk30dKx92LmQ7z"},
    {"x-cache-key": "a8Fk30dKx92LmQ7z"},
    {"idempotency-key": "0d5a7f9c-3f0e-4b7a-9a51-2f1f5e0c7d11"},
    {"file_key": "report-2026-final-v2.pdf", "key": "IMG_20261128_123456.jpg"},
    {"key": "reports/2026/final-v2-summary.pdf", "s3_key": "a/b/x9d8f7a6b5c4.json"},
    {"translation_key": "home.title2.sub1header", "key": "C# minor"},
    {"api_key": True, "password": ""},
]


@pytest.mark.parametrize("arguments", HARMLESS_MEMBERS, ids=str)
def test_what_only_has_the_name_of_a_secret(arguments: dict[str, object]) -> None:
    """Words under names that may mean something else, files, ids: nothing is taken out."""
    call = {"type": "function_call", "name": "f", "id": "c", "arguments": arguments}
    recorded = create({"input": [call]}, {"id": "x"})

    (clean,), counts, remaining = scrub_all([recorded])

    assert (clean.exchange.request_body, counts, remaining) == (
        recorded.exchange.request_body,
        {},
        [],
    )


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        ({"token": "abcdefgh12345"}, False),
        ({"secret": "correcthorsebatterystaple"}, False),
        ({"access_token": "NOUN"}, False),
        ({"password": "word"}, False),
        ({"tools": [{"headers": {"Authorization": "Bearer word"}}]}, False),
    ],
)
def test_what_is_a_secret_by_its_name_all_the_same(
    arguments: dict[str, object], kept: bool
) -> None:
    """Whatever has a digit or is no word, names that mean one thing, and headers."""
    _, counts, _ = scrub_all([create(arguments, {"id": "x"})])

    assert bool(counts) is not kept


@pytest.mark.parametrize(
    "word",
    [
        *("completed", "interactions", "function_call", "gemini-3.5-flash", "application/json"),
        *("generativelanguage", "fakegemini", "response", "interaction"),
    ],
)
@pytest.mark.parametrize("where", ["header", "member"])
def test_a_secret_that_is_a_word_of_the_api_costs_no_recording(
    word: str, where: str, tmp_path: Path
) -> None:
    """It is taken out where its name stands; the requests and answers stay what they were."""
    call = {"type": "function_call", "name": "f", "arguments": {}}
    answer = {"object": "interaction", "status": "completed", "steps": [call]}
    named = {"labels": {"password": word}} if where == "member" else {}
    sent = {"x_goog_api_key": word} if where == "header" else {}
    recorded = create({"model": "gemini-3.5-flash", **named}, answer, **sent)
    path = tmp_path / "a.yaml"
    with open_recording(path, say=lambda line: None) as made:
        made.add(recorded)
        made.save()

    (kept,) = read_any_contents(path).exchanges

    assert kept.response_json == answer
    assert kept.uri == recorded.exchange.uri
    assert kept.request_json["model"] == "gemini-3.5-flash"
    assert kept.request_json.get("labels", {}) in ({}, {"password": "SCRUBBED-1"})


@given(st.text(st.sampled_from(string.ascii_letters + string.digits), min_size=24, max_size=48))
def test_a_long_run_of_letters_and_digits_is_never_a_word(value: str) -> None:
    """However few digits are in it."""
    assert not reads_like_words(value)
