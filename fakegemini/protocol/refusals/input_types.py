"""Know the types of input items: those that the live server lists, and those of other APIs."""

from __future__ import annotations

from functools import lru_cache

from ...wording import nearest_name

INPUT_TYPES = tuple(
    "transcription document google_search_result google_search_call function_result "
    "google_maps_result text file_search_call video playback_awaiting url_context_result "
    "retrieval_result code_execution_call retrieval_call url_context_call elicitation_call "
    "file_search_result model_output code_execution_result function_call user_input "
    "mcp_server_tool_result compaction audio audio_truncation google_maps_call elicitation_result "
    "playback_interruption content mcp_server_tool_call image thought playback_complete".split()
)
"""The types in the order in which the live server lists them (rizukirr/Freyja, 2026-08)."""

FOREIGN_TYPES: dict[str, str] = {
    **dict.fromkeys(("input_text", "output_text"), "text"),
    **dict.fromkeys(("input_image", "image_url"), "image"),
    "input_audio": "audio",
    **dict.fromkeys(("file", "input_file"), "document"),
    **dict.fromkeys(("message", "user", "human"), "user_input"),
    **dict.fromkeys(("assistant", "model"), "model_output"),
    **dict.fromkeys(("reasoning", "thinking", "redacted_thinking"), "thought"),
    **dict.fromkeys(("tool_use", "tool_call", "functionCall"), "function_call"),
    **dict.fromkeys(
        ("tool_result", "function_call_output", "function_response", "functionResponse"),
        "function_result",
    ),
}
"""What OpenAI's, Anthropic's and the older Gemini API call the types, and what they are here."""


def is_foreign_type(name: str) -> bool:
    """Tell whether a type is that of another API, or a known one with a slip of the pen."""
    return len(name) <= _LONGEST and name not in _KNOWN_TYPES and _is_foreign(name)


_LONGEST = 64  # beyond it nothing is like a type; what is kept, and compared, stays small


@lru_cache(maxsize=256)
def _is_foreign(name: str) -> bool:
    # So close a cut that a name which a newer server may have is none.
    return name in FOREIGN_TYPES or bool(nearest_name(name, INPUT_TYPES, cutoff=0.9))


_KNOWN_TYPES = frozenset(INPUT_TYPES)
