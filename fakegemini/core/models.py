"""Which models and agents the fake knows, and what each can do. One row a name.

The names are those of google-genai 3.4.0 (its Model and AgentOption enums). `thinks` says that a
turn begins with a thought step; recorded for 2.5-flash, 3-flash-preview and 3.7-flash, inferred
for the rest of the family. `background` False is recorded for 2.5-flash and measured for
3.5-flash-lite and 3.1-flash-image; the other image models follow the recommended default.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial


@dataclass(frozen=True, slots=True)
class Model:
    """What one model can do. `output` is the modality it answers in when nobody asks otherwise.

    `skill` is what it is made for, where the modality does not say it: music or transcription.
    """

    name: str
    thinks: bool = True
    background: bool = True
    output: str = "text"
    skill: str = ""


@dataclass(frozen=True, slots=True)
class Agent:
    """What one agent has: `environment` True where it works in a sandbox of its own."""

    name: str
    environment: bool = False


_SPEECH = partial(Model, thinks=False, output="audio")
_MUSIC = partial(_SPEECH, skill="music")
_OMNI = partial(Model, thinks=False, output="video")

_MODELS = (
    Model("gemma-4-26b-a4b-it", thinks=False),
    Model("gemma-4-31b-it", thinks=False),
    Model("gemini-flash-latest"),
    Model("gemini-flash-lite-latest"),
    Model("gemini-pro-latest"),
    Model("gemini-2.5-flash", background=False),
    Model("gemini-2.5-pro"),
    Model("gemini-2.5-flash-lite", thinks=False),
    Model("gemini-3.5-flash-lite", background=False),
    Model("gemini-2.5-flash-image", thinks=False, background=False, output="image"),
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
    Model("gemini-3.7-flash"),
    Model("gemini-3.8-flash"),
    Model("gemini-4-argon"),
    Model("gemini-4-carbon"),
    Model("gemini-4-hydrogen"),
    _SPEECH("gemini-3.8-flash-tts"),
    _SPEECH("gemini-3.8-flash-lite-tts"),
    Model("gemini-3.5-transcribe", thinks=False, skill="transcription"),
    _MUSIC("lyria-3-clip-preview"),
    _MUSIC("lyria-3-pro-preview"),
    Model("gemini-robotics-er-1.6-preview"),
    Model("gemini-robotics-er-2-preview"),
    _MUSIC("lyria-3.5"),
    _OMNI("gemini-omni-1.2-flash"),
    _OMNI("gemini-omni-1.1-flash"),
    _OMNI("gemini-omni-flash-preview"),
)

_AGENTS = (
    Agent("deep-research-pro-preview-12-2025"),
    Agent("deep-research-preview-04-2026"),
    Agent("deep-research-max-preview-04-2026"),
    Agent("antigravity-preview-05-2026", environment=True),
    Agent("antigravity-preview-09-2026", environment=True),
)

MODELS: dict[str, Model] = {model.name: model for model in _MODELS}
AGENTS: dict[str, Agent] = {agent.name: agent for agent in _AGENTS}
