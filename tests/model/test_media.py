"""Sound, film and documents are real files of the form that was asked for."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import subprocess
import wave
from pathlib import Path
from typing import Any

import pytest

from fakegemini.model.media.codecs.g711 import encode_alaw, encode_mulaw
from fakegemini.model.media.codecs.opus import _crc
from fakegemini.model.media.image import draw_picture
from fakegemini.wire.http import Json
from tests.every_medium import ASKS, SOUND, SPEAKERS

from .asks import answer, blocks, kinds

TTS = {"model": "gemini-3.8-flash-tts"}


def medium(given: Any = "Say hello to everybody", **options: Any) -> Json:
    """The only block of the answer."""
    [block] = blocks(answer(given, **options))
    return block


def raw(block: Json) -> bytes:
    """Its bytes."""
    return base64.b64decode(block["data"], validate=True)


def audio(mime_type: str, **more: Any) -> Json:
    """A block of audio in that encoding."""
    return medium(response_format={"type": "audio", "mime_type": mime_type, **more})


def asked(name: str) -> list[Json]:
    """The blocks of a case."""
    body = dict(ASKS[name])
    return blocks(answer(body.pop("input"), **body))


def test_speech_is_l16_of_24000() -> None:
    """As measured: inline, one sample two bytes, and it is not silent."""
    block = medium(**TTS)

    assert {key: block[key] for key in block if key != "data"} == {
        "mime_type": "audio/l16",
        "sample_rate": 24000,
        "channels": 1,
        "type": "audio",
    }
    assert len(raw(block)) % 2 == 0
    assert max(memoryview(raw(block)).cast("h")) > 5000


@pytest.mark.parametrize("rate", [None, 8000, 16000, 44100])
def test_the_standard_library_opens_a_wav(rate: int | None) -> None:
    """`wave` reads rate, width, channel and frames; the length does not depend on the rate."""
    more = {"sample_rate": rate} if rate else {}
    block = audio("audio/wav", **more)

    with wave.open(io.BytesIO(raw(block))) as opened:
        assert opened.getframerate() == block["sample_rate"] == (rate or 24000)
        assert (opened.getsampwidth(), opened.getnchannels()) == (2, 1)
        assert opened.getnframes() / opened.getframerate() == pytest.approx(0.28, rel=0.01)
        assert len(opened.readframes(10**6)) == opened.getnframes() * 2


@pytest.mark.parametrize(("wanted", "given"), [(1, 8000), (10**6, 48000), ("much", 24000)])
def test_a_rate_stays_within_reason(wanted: Any, given: int) -> None:
    """A rate nobody has is the nearest that somebody has."""
    assert audio("audio/wav", sample_rate=wanted)["sample_rate"] == given


@pytest.mark.parametrize(
    ("options", "mime_type"),
    [
        (TTS, "audio/l16"),
        ({"response_modalities": ["audio"]}, "audio/l16"),
        ({"response_format": {"type": "audio"}}, "audio/l16"),
        ({"response_format": {"type": "audio", "mime_type": "audio/unheard"}}, "audio/l16"),
        ({"model": "lyria-3.5"}, "audio/mpeg"),
        ({"model": "lyria-3.5", "response_format": {"type": "audio"}}, "audio/mpeg"),
        ({"model": "lyria-3-pro-preview", "response_modalities": ["audio"]}, "audio/mpeg"),
    ],
)
def test_who_sounds(options: Json, mime_type: str) -> None:
    """A speech or music model, a modality or a format asks for audio."""
    assert (medium(**options)["type"], medium(**options)["mime_type"]) == ("audio", mime_type)


def test_voices_differ() -> None:
    """Another voice, other words or another rate are other bytes; the same are the same."""
    said = {
        voice: raw(medium(**TTS, generation_config={"speech_config": [{"voice": voice}]}))
        for voice in ("Kore", "Puck", "Zephyr")
    }

    assert len(set(said.values())) == 3
    assert raw(medium(**TTS)) == said["Kore"]
    assert raw(medium("Say goodbye to everybody", **TTS)) != said["Kore"]


def test_speakers_have_their_own_voices() -> None:
    """Each line sounds like its speaker alone; the text beside it says who is who, to the byte."""
    text, sound = asked("speech of two")
    lines = [re.split(": ", line) for line in ASKS["speech of two"]["input"].splitlines()]
    alone = b""
    for (name, words), config in zip(lines, SPEAKERS, strict=True):
        assert config["speaker"] == name
        voice = {"speech_config": [{"voice": config["voice"]}]}
        alone += raw(medium(words, **TTS, generation_config=voice))

    assert raw(sound) == alone
    told = text["text"].encode()
    assert [
        (note["speaker"], note["style"], told[note["start_index"] : note["end_index"]].decode())
        for note in text["annotations"]
    ] == [
        (name, config["voice"], words)
        for (name, words), config in zip(lines, SPEAKERS, strict=True)
    ]


def test_nothing_to_say_is_a_short_silence() -> None:
    """An empty prompt is a valid file all the same."""
    block = medium([SOUND], **TTS)
    assert set(raw(block)) == {0}


def test_mp3_frames_follow_each_other() -> None:
    """Each frame begins where the one before it says that it ends."""
    data, at, frames = raw(medium(model="lyria-3-clip-preview")), 0, 0
    while at < len(data):
        assert data[at : at + 2] == b"\xff\xfb"
        kilobits = (0, 32, 40, 48, 56, 64, 80, 96, 112)[data[at + 2] >> 4]
        hertz = (44100, 48000, 32000)[data[at + 2] >> 2 & 3]
        at += 144 * kilobits * 1000 // hertz + (data[at + 2] >> 1 & 1)
        frames += 1
    assert at == len(data)
    assert frames * 1152 / 48000 == pytest.approx(2.0, rel=0.02)


def test_ogg_pages_are_whole() -> None:
    """Numbered pages with right checksums; the first says Opus, the last says how long it was."""
    block = audio("audio/ogg_opus")
    data, at, number, flags, position = raw(block), 0, 0, 0, 0
    assert block["mime_type"] == "audio/ogg"
    assert data[28:36] == b"OpusHead"
    while at < len(data):
        assert data[at : at + 4] == b"OggS"
        flags, position = data[at + 5], int.from_bytes(data[at + 6 : at + 14], "little")
        assert int.from_bytes(data[at + 18 : at + 22], "little") == number
        count = data[at + 26]
        size = 27 + count + sum(data[at + 27 : at + 27 + count])
        page = data[at : at + size]
        assert page[22:26] == _crc(page[:22] + bytes(4) + page[26:]).to_bytes(4, "little")
        at, number = at + size, number + 1
    assert flags == 4
    assert position / 48000 == pytest.approx(0.28, abs=0.02)


def mu_of(byte: int) -> int:
    """The sample of a byte, by the table's formula."""
    byte = ~byte & 0xFF
    size = ((byte & 0x0F) << 3 | 0x84) << (byte >> 4 & 7)
    return (size - 0x84) * (-1 if byte & 0x80 else 1)


def a_of(byte: int) -> int:
    """The sample of a byte, by the table's formula."""
    byte ^= 0x55
    exponent, mantissa = byte >> 4 & 7, byte & 0x0F
    size = (mantissa << 4) + 8 if not exponent else ((mantissa << 4) + 0x108) << exponent - 1
    return size if byte & 0x80 else -size


@pytest.mark.parametrize(
    ("law", "back"), [(encode_mulaw, mu_of), (encode_alaw, a_of)], ids=["mulaw", "alaw"]
)
def test_telephone_laws_can_be_undone(law: Any, back: Any) -> None:
    """Every sample comes back with the error of half a step; 8000 of them make a second."""
    for sample in range(-32768, 32768, 7):
        [byte] = law([sample])
        assert abs(back(byte) - max(-32635, min(sample, 32635))) <= max(16, abs(sample) // 16)
    block = audio(f"audio/{law.__name__.removeprefix('encode_')}")
    assert block["sample_rate"] == 8000
    assert len(raw(block)) / 8000 == pytest.approx(0.28, rel=0.01)


def boxes(data: bytes, inside: tuple[bytes, ...] = ()) -> dict[bytes, bytes]:
    """The boxes of an MP4 by name, those inside others too."""
    found, at = {}, 0
    while at < len(data):
        size, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        assert size >= 8
        found[name] = data[at + 8 : at + size]
        if name in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
            found |= boxes(found[name])
        at += size
    assert at == len(data)
    return found


@pytest.mark.parametrize("ratio", ["16:9", "9:16"])
@pytest.mark.parametrize(
    ("resolution", "pixels"),
    [("360p", (640, 360)), ("720p", (1280, 720)), ("1080p", (1920, 1080)), ("4k", (3840, 2160))],
)
def test_a_film_has_its_pictures(resolution: str, pixels: tuple[int, int], ratio: str) -> None:
    """Each picture lies where the tables say, is a JPEG of the right size, and lasts a second."""
    pil = pytest.importorskip("PIL.Image")
    form = {"type": "video", "resolution": resolution, "aspect_ratio": ratio, "duration": "3s"}
    block = medium(model="gemini-omni-1.2-flash", response_format=form)
    film = raw(block)
    inside = boxes(film)
    many = int.from_bytes(inside[b"stsz"][8:12])
    sizes = [int.from_bytes(inside[b"stsz"][at : at + 4]) for at in range(12, 12 + 4 * many, 4)]
    begin = int.from_bytes(inside[b"stco"][8:12])

    assert (block["type"], block["mime_type"]) == ("video", "video/mp4")
    assert many == 3
    assert int.from_bytes(inside[b"mvhd"][16:20]) == 3000  # of a thousand ticks a second
    for size in sizes:
        with pil.open(io.BytesIO(film[begin : begin + size])) as opened:
            opened.load()
            assert opened.size == (pixels if ratio == "16:9" else pixels[::-1])
        begin += size
    width, height = inside[b"tkhd"][-8:-4], inside[b"tkhd"][-4:]
    assert (int.from_bytes(width) >> 16, int.from_bytes(height) >> 16) == opened.size


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="ffprobe is not installed")
@pytest.mark.parametrize("name", ["video", "music", "speech as wav"])
def test_ffprobe_opens_it(name: str, tmp_path: Path) -> None:
    """Ordinary software sees one stream and its length."""
    path = tmp_path / "made"
    path.write_bytes(raw(asked(name)[-1]))
    command = ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(path)]
    seen = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    [stream] = seen["streams"]
    assert float(stream["duration"]) > 0.1


@pytest.mark.parametrize(("duration", "pictures"), [(None, 8), ("0.5s", 1), ("soon", 8)])
def test_a_film_lasts_as_asked(duration: str | None, pictures: int) -> None:
    """A picture a second, at least one; eight seconds where nobody says."""
    form = {"type": "video", "resolution": "360p", **({"duration": duration} if duration else {})}
    inside = boxes(raw(medium(model="gemini-omni-1.2-flash", response_format=form)))
    assert int.from_bytes(inside[b"stsz"][8:12]) == pictures


def test_an_omni_model_films_by_default() -> None:
    """In 720p, which is documented to be the default."""
    block = medium("x", model="gemini-omni-flash-preview")
    assert draw_picture(1280, 720, "x 0") in raw(block)


def test_a_film_by_address_has_no_data() -> None:
    """`delivery` uri: the block points to a file of the server's, the turn brings it."""
    body = dict(ASKS["video by address"])
    turn = answer(body.pop("input"), **body)
    [block], [file] = blocks(turn), turn.files

    assert set(block) == {"mime_type", "uri", "type"}
    assert block["uri"].endswith(f"/v1beta/files/{file.id}:download?alt=media")
    assert re.fullmatch("[a-z0-9]{12}", file.id)
    assert file.data[4:8] == b"ftyp"


def test_a_document_is_a_pdf() -> None:
    """Every object lies where the table says; the text is in it, in the font's own characters."""
    [block] = asked("document")
    data = raw(block)
    table = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    places = [int(line[:10]) for line in data[table:].splitlines() if line.endswith(b" n ")]

    assert block["mime_type"] == "application/pdf"
    assert data.startswith(b"%PDF-1.4")
    for number, place in enumerate(places, 1):
        assert data[place:].startswith(b"%d 0 obj\n" % number)
    assert "Grüße \\(alle\\)".encode("cp1252") in data


@pytest.mark.parametrize("rows", [0, 1, 48, 49, 200])
def test_a_long_document_has_pages(rows: int) -> None:
    """Forty-eight lines a page; even an empty one has a page."""
    prompt = "\n".join(f"line {row}" for row in range(rows))
    data = raw(medium(prompt or " ", response_modalities=["document"]))
    assert f"/Count {max(1, -(-rows // 48))} ".encode() in data


def test_a_transcript_has_its_words() -> None:
    """Each word to the byte, end to start, over the whole length; speakers take turns."""
    [block] = asked("transcript")
    told, notes = block["text"].encode(), block["annotations"]
    offsets = [(float(note["start_offset"][:-1]), float(note["end_offset"][:-1])) for note in notes]

    assert "🙂" in block["text"]
    assert [note["text"] for note in notes] == block["text"].split()
    assert [told[note["start_index"] : note["end_index"]].decode() for note in notes] == [
        note["text"] for note in notes
    ]
    assert offsets[0][0] == 0
    assert offsets[-1][1] == pytest.approx(6000 / 8000)  # samples, of 8000 a second
    assert all(re.fullmatch(r"\d+(\.\d{3})?s", note["end_offset"]) for note in notes)
    assert {note["speaker"] for note in notes} == {"spk:0", "spk:1"}


@pytest.mark.parametrize(
    ("config", "members"),
    [
        ({}, None),
        ({"mode": "verbatim"}, None),
        ({"mode": {"type": "smart"}}, None),
        ({"mode": {"type": "verbatim", "diarization_mode": "speaker"}}, None),
        ({"mode": {"type": "verbatim", "timestamp_granularities": ["word"]}}, False),
        ({"timestamp_granularities": ["word"], "diarization_mode": "speaker"}, True),
    ],
)
def test_words_come_on_request(config: Json, members: bool | None) -> None:
    """Timestamps bring words, diarization alone nothing, both bring speakers (measured)."""
    block = medium(
        [SOUND],
        model="gemini-3.5-transcribe",
        generation_config={"transcription_config": config},
    )

    assert ("annotations" in block) is (members is not None)
    for note in block.get("annotations", ()):
        assert ("speaker" in note) is members


def test_a_transcript_needs_a_sound() -> None:
    """Without one, the model says what any model says; any model can be told to transcribe."""
    assert "speaking for" in medium("Hi", model="gemini-3.5-transcribe")["text"]
    config = {"transcription_config": {"mode": "smart"}}
    assert medium([SOUND], generation_config=config)["text"].startswith("fakegemini heard 0.750s")
    film = {"type": "video", "uri": "https://example.com/a.mp4", "mime_type": "video/mp4"}
    assert medium([film], model="gemini-3.5-transcribe")["text"] == "fakegemini heard video/mp4."


def test_a_transcript_tells_what_it_listened_for() -> None:
    """The words that were expected are in it."""
    config = {"transcription_config": {"custom_vocabulary": ["Möwe", "Öl"]}}
    said = medium([SOUND], model="gemini-3.5-transcribe", generation_config=config)["text"]
    assert said.endswith("It listened for Möwe, Öl.")


def test_what_it_makes_it_hears() -> None:
    """The length of a speech that comes back is what was spoken."""
    for mime_type in ("audio/wav", "audio/l16"):
        assert "0.3 seconds" in medium([audio(mime_type)])["text"]


@pytest.mark.parametrize("data", ["", "AAAA", "////", "R0lGODlh", "iVBORw0KGgo=", "é", "UklGRg=="])
@pytest.mark.parametrize("kind", ["image", "audio", "video", "document"])
def test_broken_media_are_described_all_the_same(kind: str, data: str) -> None:
    """What has no readable head is named by type and size."""
    block = {"type": kind, "mime_type": f"{kind}/x", "data": data}
    assert f"{kind}/x" in medium([{"type": "text", "text": "Look"}, block])["text"]


@pytest.mark.parametrize("name", ASKS)
def test_a_medium_is_the_same_every_time(name: str) -> None:
    """Deterministic, and small enough for a log: under a megabyte."""
    assert asked(name) == asked(name)
    assert len(json.dumps(asked(name))) < 1_000_000
    assert "does not run" not in json.dumps(asked(name))


def test_kinds_of_steps() -> None:
    """Speech, music and transcript come without a thought; a film has one before it (recorded)."""
    for name in ("speech", "music", "video", "transcript"):
        body = dict(ASKS[name])
        thoughts = ["thought"] * (name == "video")
        assert kinds(answer(body.pop("input"), **body)) == [*thoughts, "model_output"]
