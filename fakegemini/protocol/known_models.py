"""List the models and agents that the fake knows, and what each can do: one row a name.

The names are those of google-genai 3.6.1 (its Model and AgentOption enums). `thinks` says that a
turn begins with a thought step; recorded for 2.5-flash, 3-flash-preview, 3.7-flash and omni,
inferred for the rest of the family; for 2.5-flash-lite recorded where a level was asked for
(2026-05-13). `background` False is recorded for 2.5-flash and measured for
3.5-flash-lite and 3.1-flash-image; the other image models follow the recommended default.
Thinking levels are those that refusals named (2026-07 to 2026-09); where there is no row of them,
any is taken. That 2.5 takes no blocks as a function's result, and that the music models hear
nothing, was measured, as was that speech and music come in one encoding. Who checks signatures:
documented for 3 and later, measured not to for 2.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from ..errors import BadScript
from ..wording import did_you_mean


@dataclass(frozen=True, slots=True)
class Model:
    """What one model can do.

    thinks: a turn begins with a thought
    thinks_if_asked: it does so where the request names a thinking level
    background: it runs in the background
    output: the modality of its answers where the request names none
    levels: the thinking levels it takes, in the order of its refusal; None takes any
    signed: resent history needs its thought signatures
    blocks: a function's result may be a list of blocks
    hears: audio may come in
    encodings: the values that `mime_type` of audio may have; None takes any
    skill: its purpose where the modality does not say it: music, transcription
    unstored_call_digits: how many digits are behind `call_` in the ids of calls that nothing
    stores; 0 for the common form
    """

    name: str
    thinks: bool = True
    thinks_if_asked: bool = False
    background: bool = True
    output: str = "text"
    levels: tuple[str, ...] | None = None
    signed: bool = True
    blocks: bool = True
    hears: bool = True
    encodings: tuple[str, ...] | None = None
    skill: str = ""
    unstored_call_digits: int = 0


@dataclass(frozen=True, slots=True)
class Agent:
    """What one agent can do.

    environment: it works in a sandbox of its own
    foreground: it need not run in the background
    without: the fields of a request and the types of tools that it does not take
    family: groups the agents that the unscripted model plays in the same way
    """

    name: str
    environment: bool = False
    foreground: bool = True
    without: frozenset[str] = frozenset()
    family: str = ""


_LEVELS = ("high", "low", "medium")
_GEMMA = partial(Model, thinks=False, levels=("high", "minimal"), signed=False)
_TWO_FIVE = partial(Model, signed=False, blocks=False)
_SPEECH = partial(Model, thinks=False, signed=False, encodings=(), output="audio")
_MUSIC = partial(_SPEECH, hears=False, skill="music")
_OMNI = partial(Model, signed=False, output="video")

_MODELS = (
    _GEMMA("gemma-4-26b-a4b-it"),
    _GEMMA("gemma-4-31b-it"),
    Model("gemini-flash-latest"),
    Model("gemini-flash-lite-latest"),
    Model("gemini-pro-latest"),
    _TWO_FIVE("gemini-2.5-flash", background=False),
    _TWO_FIVE("gemini-2.5-pro"),
    _TWO_FIVE("gemini-2.5-flash-lite", thinks=False, thinks_if_asked=True),
    Model("gemini-3.5-flash-lite", background=False),
    _TWO_FIVE("gemini-2.5-flash-image", thinks=False, background=False, output="image"),
    Model("gemini-3-flash-preview"),
    Model("gemini-3.1-pro-preview"),
    Model("gemini-3.1-pro-preview-customtools"),
    Model("gemini-3.1-flash-lite"),
    Model("gemini-3.1-flash-lite-image", background=False, output="image"),
    Model("gemini-3-pro-image", background=False, output="image"),
    Model("nano-banana-pro-preview", background=False, output="image"),
    Model("gemini-3.1-flash-image", background=False, output="image"),
    Model("gemini-nano-banana-2.1", background=False, output="image"),
    _SPEECH("gemini-3.1-flash-tts-preview"),
    Model("gemini-3.5-flash"),
    Model("gemini-3.6-flash"),
    Model("gemini-3.7-flash", levels=_LEVELS, unstored_call_digits=7),
    Model("gemini-3.8-flash", levels=_LEVELS),
    Model("gemini-4-argon"),
    Model("gemini-4-carbon"),
    Model("gemini-4-hydrogen"),
    Model("gemini-4-neon"),
    _SPEECH("gemini-3.8-flash-tts"),
    _SPEECH("gemini-3.8-flash-lite-tts"),
    Model("gemini-3.5-transcribe", thinks=False, signed=False, skill="transcription"),
    _MUSIC("lyria-3-clip-preview"),
    _MUSIC("lyria-3-pro-preview"),
    Model("gemini-robotics-er-1.6-preview"),
    Model("gemini-robotics-er-2-preview"),
    _MUSIC("lyria-3.5", encodings=("audio/mp3",)),
    _OMNI("gemini-omni-1.2-flash"),
    _OMNI("gemini-omni-1.1-flash"),
    _OMNI("gemini-omni-flash-preview"),
)

_RESEARCH = partial(
    Agent,
    foreground=False,
    without=frozenset({"system_instruction"}),
    family="deep-research",
)
_ANTIGRAVITY = partial(
    Agent,
    environment=True,
    family="antigravity",
    without=frozenset({"response_format", "file_search", "computer_use", "google_maps"}),
)

_AGENTS = (
    _RESEARCH("deep-research-pro-preview-12-2025"),
    _RESEARCH("deep-research-preview-04-2026"),
    _RESEARCH("deep-research-max-preview-04-2026"),
    _ANTIGRAVITY("antigravity-preview-05-2026"),
    _ANTIGRAVITY("antigravity-preview-09-2026"),
)

MODELS: dict[str, Model] = {model.name: model for model in _MODELS}
AGENTS: dict[str, Agent] = {agent.name: agent for agent in _AGENTS}

Row = TypeVar("Row", Model, Agent)


def read_names(
    option: str,
    value: Mapping[str, Row] | Iterable[str] | str,
    make: type[Row],
    known: Mapping[str, Row],
) -> dict[str, Row]:
    """Return models or agents by name: of a mapping, or of names.

    A name may be `NAME=KNOWN`, for one that can do what a known one can. Raises `BadScript`.
    """
    if isinstance(value, Mapping):
        for name, row in value.items():
            if not isinstance(row, make):
                raise BadScript(
                    f"{option}: {name!r} is given as {row!r}; it takes a {make.__name__}, such as "
                    f"{make.__name__}({name!r})"
                )
        return dict(value)
    rows = {}
    for text in [value] if isinstance(value, str) else value:
        name, has_pattern, pattern = str(text).partition("=")
        if has_pattern and pattern not in known:
            hint = did_you_mean(pattern, known)
            raise BadScript(f"{option}: {text!r} is to be like {pattern!r}, which is unknown{hint}")
        rows[name] = replace(known[pattern], name=name) if has_pattern else make(name)
    return rows
