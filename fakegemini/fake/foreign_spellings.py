"""Know how other APIs spell what requests say, and how it is spelt here: a row for each habit."""

from __future__ import annotations

from typing import NamedTuple


class Spelling(NamedTuple):
    """How it is spelt here, as JSON to copy, and what to do."""

    right: str
    fix: str


_INPUT = Spelling(
    '"input": "Hi", or as steps: "input": [{"type": "user_input", "content": "Hi"}]',
    "send what the user says as `input`; earlier turns come back by `previous_interaction_id`",
)
_SYSTEM = Spelling('"system_instruction": "Be brief."', "send it as `system_instruction`, a text")
_LIMIT = Spelling(
    '"generation_config": {"max_output_tokens": 100}',
    "send it as `max_output_tokens` in `generation_config`",
)
_STOP = Spelling(
    '"generation_config": {"stop_sequences": ["END"]}',
    "send it as `stop_sequences` in `generation_config`",
)
_THINKING = Spelling(
    '"generation_config": {"thinking_level": "low"}',
    "send a level, `thinking_level`, in `generation_config`: this API has no budget of tokens",
)
_CHOICE = Spelling(
    '"generation_config": {"tool_choice": "any"}, or to name functions: {"tool_choice": '
    '{"allowed_tools": {"mode": "any", "tools": ["get_weather"]}}}',
    "send it as `tool_choice` in `generation_config`",
)
_PARENT = Spelling(
    '"previous_interaction_id": "v1_…"',
    "send the id of the answer that this request continues as `previous_interaction_id`",
)
_FORMAT = Spelling(
    '"response_format": {"type": "text", "mime_type": "application/json", "schema": {…}}',
    "send the JSON Schema in `response_format`, with its mime_type",
)
_FUNCTION = Spelling(
    '{"type": "function", "name": "get_weather", "description": "…", "parameters": {…}}',
    "write name, description and parameters beside `type`, one such object for each function",
)
_BUILT_IN = Spelling('{"type": "google_search"}', "name the tool by its `type`")
_CALL_ID = Spelling(
    '{"type": "function_result", "name": "get_weather", "call_id": "…", "result": "18 °C"}',
    "send the id of the function_call as `call_id`, and what the function gave as `result`",
)
_MEDIA = Spelling(
    '{"type": "image", "mime_type": "image/png", "data": "…"}, or with "uri" in place of data',
    "write mime_type and data (base64), or the uri, beside `type`",
)
_STEPS = Spelling(
    '{"type": "user_input", "content": "Hi"}, {"type": "model_output", "content": [{"type": '
    '"text", "text": "Hello"}]}',
    "write each turn as a step: what the user says is a user_input, what the model says a "
    "model_output",
)
_CONFIG = Spelling(
    '"system_instruction": "Be brief.", "tools": […], "generation_config": {"temperature": 1}',
    "write its members into the request itself; temperature and its like into `generation_config`",
)

_EVERYWHERE: tuple[tuple[Spelling, str], ...] = (
    (_LIMIT, "max_tokens max_completion_tokens maxTokens maxOutputTokens max_output_tokens"),
    (_STOP, "stop stopSequences"),
    (
        _THINKING,
        "thinking thinking_budget thinkingBudget thinking_config thinkingConfig reasoning "
        "reasoning_effort budget_tokens",
    ),
    (_CHOICE, "tool_config toolConfig function_calling_config functionCallingConfig function_call"),
    (
        _FORMAT,
        "response_schema responseSchema response_json_schema responseJsonSchema json_schema "
        "responseMimeType text_format output_schema",
    ),
)
"""Members that people write at the top, or in `generation_config`."""

FOREIGN_MEMBERS: dict[str, tuple[tuple[Spelling, str], ...]] = {
    "": (
        (_INPUT, "messages contents content prompt text query inputs history"),
        (_SYSTEM, "system systemInstruction instructions developer_instructions system_prompt"),
        (
            _PARENT,
            "previous_response_id previous_id parent_id interaction_id conversation "
            "conversation_id thread_id session_id",
        ),
        (_CONFIG, "config"),
        (_FUNCTION, "functions"),
        *_EVERYWHERE,
    ),
    "generation_config": _EVERYWHERE,
    "generation_config.tool_choice": ((_CHOICE, "type function name mode"),),
    "tools[]": (
        (
            _FUNCTION,
            "function function_declarations functionDeclarations input_schema inputSchema schema "
            "strict name",
        ),
        (
            _BUILT_IN,
            "google_search googleSearch google_search_retrieval googleSearchRetrieval url_context "
            "urlContext code_execution codeExecution google_maps googleMaps file_search fileSearch",
        ),
    ),
    "input[]": (
        (_CALL_ID, "id tool_call_id tool_use_id toolCallId callId output response"),
        (
            _MEDIA,
            "inline_data inlineData file_data fileData image_url source file_uri fileUri url",
        ),
        (_STEPS, "role parts"),
    ),
}
"""For each place the members that other APIs have there, and their spelling here.

A place is a path without the numbers in its brackets; what stands in a content of the input is
looked up as an item of it."""

FOREIGN_VALUES: dict[str, tuple[tuple[Spelling, str], ...]] = {
    "generation_config.tool_choice": ((_CHOICE, "required ANY AUTO NONE REQUIRED"),),
    "response_format.type": ((_FORMAT, "json_schema json_object json"),),
    "response_format[].type": ((_FORMAT, "json_schema json_object json"),),
    "tools[].type": (
        (_BUILT_IN, "web_search web_search_preview google_search_retrieval googleSearch search"),
        (_FUNCTION, "custom tool functions"),
    ),
    "tools[]": ((_BUILT_IN, "google_search url_context code_execution google_maps file_search"),),
}
"""For each place the values that other APIs have there."""

BY_REFUSAL: dict[str, Spelling] = {
    "turns of old schema": _STEPS,
    "mime type without format": _FORMAT,
    "result without call id": _CALL_ID,
    "result without name": _CALL_ID,
    "result of wrong type": Spelling(
        '"result": "18", or "result": {"celsius": 18}',
        "send a text, an object, or a list of blocks as `result`",
    ),
    "no model": Spelling(
        '"model": "gemini-3.5-flash"', "name a model as `model`, or an agent as `agent`, not both"
    ),
    "model and agent": Spelling(
        '"model": "gemini-3.5-flash"', "name a model as `model`, or an agent as `agent`, not both"
    ),
    "corrupt base64": Spelling(
        '"data": base64.b64encode(picture).decode()',
        "encode the bytes in base64, or name a file elsewhere by its `uri`",
    ),
    "bad input": Spelling(
        '"input": "Hi", or a list: "input": [{"type": "user_input", "content": "Hi"}]',
        "correct what stands at the place that the words name",
    ),
    "missing input": _INPUT,
    "empty input": Spelling('"input": "Hi"', "send something as `input`"),
    "agent needs background": Spelling(
        '"background": true', "run the agent in the background, and poll its interaction"
    ),
    "background needs store": Spelling(
        '"background": true, "store": true', "store what runs in the background, or wait for it"
    ),
    "double slash": Spelling(
        "the same path with one slash", "take the last slash from the address of the server"
    ),
}
"""For refusals whose own words do not say what to write."""


def find_spelling(
    table: dict[str, tuple[tuple[Spelling, str], ...]], place: str, name: str
) -> Spelling | None:
    """Return how a foreign member or value is spelt here; None for one that is no known habit."""
    rows = table.get(place, ())
    return next((spelling for spelling, names in rows if name in names.split()), None)
