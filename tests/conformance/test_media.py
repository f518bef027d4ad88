"""The real google-genai reads every medium: its shortcuts, its streams, its downloads."""

from __future__ import annotations

import base64
import io
import wave
from typing import Any

import pytest

pytest.importorskip("google.genai")

from google import genai

from fakegemini import Fake
from tests.every_medium import ASKS


def test_the_shortcuts_find_the_media(fakegemini: Fake) -> None:
    """`output_image`, `output_audio` and `output_video` are what was made."""
    client: Any = genai.Client()
    image = client.interactions.create(**ASKS["image"]).output_image
    speech = client.interactions.create(**ASKS["speech"]).output_audio
    film = client.interactions.create(**ASKS["video"]).output_video

    assert base64.b64decode(image.data)[:3] == b"\xff\xd8\xff"
    assert (speech.mime_type, speech.sample_rate) == ("audio/l16", 24000)
    assert base64.b64decode(film.data)[4:8] == b"ftyp"


def test_streamed_speech_is_written_to_a_file(fakegemini: Fake) -> None:
    """The program of every speech guide: the pieces of the stream as frames of a WAV."""
    client: Any = genai.Client()
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24000)
        for event in client.interactions.create(stream=True, **ASKS["long speech"]):
            if event.event_type == "step.delta" and event.delta.type == "audio":
                file.writeframes(base64.b64decode(event.delta.data))

    with wave.open(io.BytesIO(made.getvalue())) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(40 * 0.07, rel=0.01)


def test_a_film_is_downloaded(fakegemini: Fake) -> None:
    """`files.download` fetches what `delivery` uri points to; `files.get` tells of it."""
    client: Any = genai.Client()
    film = client.interactions.create(**ASKS["video by address"]).output_video
    assert film.uri.startswith(fakegemini.url)
    name = film.uri.partition("/files/")[2].partition(":")[0]

    data = client.files.download(file=film.uri)

    assert film.data is None
    assert data[4:8] == b"ftyp"
    about = client.files.get(name=f"files/{name}")
    assert about.size_bytes == len(data)
    assert client.files.download(file=about) == data
    assert client.files.download(file=f"files/{name}") == data


def test_words_are_annotated(fakegemini: Fake) -> None:
    """Each word of a transcript with where it is heard, and by whom."""
    client: Any = genai.Client()
    turn = client.interactions.create(**ASKS["transcript"])
    notes = turn.steps[0].content[0].annotations

    assert " ".join(note.text for note in notes) == turn.output_text
    assert notes[0].start_offset == "0s"
    assert {note.speaker for note in notes} == {"spk:0", "spk:1"}
