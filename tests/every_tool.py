"""A request for each of the server's own tools, and what the turn that uses it looks like."""

from __future__ import annotations

from fakegemini.wire.http import Json

LOOK_UP: Json = {
    "type": "function",
    "name": "look_up",
    "description": "Looks a word up.",
    "short_description": "A dictionary.",
    "parameters": {
        "type": "object",
        "properties": {"word": {"type": "string"}},
        "required": ["word"],
    },
    "defer_loading": True,
}
FILM: Json = {
    "type": "video",
    "uri": "https://generativelanguage.googleapis.com/v1beta/files/abc",
    "mime_type": "video/mp4",
}

ASKS: dict[str, Json] = {
    "google_search": {"input": "Wer gewann in Köln? 🏆", "tools": [{"type": "google_search"}]},
    "google_search, two kinds": {
        "input": "Bilder vom Dom 🏰",
        "tools": [{"type": "google_search", "search_types": ["web_search", "image_search"]}],
    },
    "code_execution": {
        "input": "Wie viel ist 6 * (7 + 1)? 🧮",
        "tools": [{"type": "code_execution"}],
    },
    "url_context": {
        "input": "Vergleiche https://example.com/äpfel, https://example.org/paywall!",
        "tools": [{"type": "url_context"}],
    },
    "google_maps": {
        "input": "Kaffee in Zürich ☕",
        "tools": [
            {
                "type": "google_maps",
                "enable_widget": True,
                "latitude": 47.37,
                "longitude": 8.54,
            }
        ],
    },
    "file_search": {
        "input": "Was steht über Öl 🛢 drin?",
        "tools": [
            {
                "type": "file_search",
                "file_search_store_names": ["fileSearchStores/kai", "fileSearchStores/mole"],
                "metadata_filter": 'author = "Ada"',
            }
        ],
    },
    "retrieval": {
        "input": "Höhe des Turms? 🗼",
        "tools": [
            {
                "type": "retrieval",
                "retrieval_types": ["rag_store", "exa_ai_search"],
                "rag_store_config": {"rag_resources": [{"rag_corpus": "ragCorpora/1"}]},
            }
        ],
    },
    "mcp_server": {
        "input": "Nächste Flut? 🌊",
        "tools": [
            {
                "type": "mcp_server",
                "name": "tides",
                "url": "https://tides.example/mcp",
                "headers": {"Authorization": "Bearer secret"},
                "allowed_tools": [{"mode": "any", "tools": ["next_tide"]}],
            },
            {"type": "mcp_server", "name": "winds", "url": "https://winds.example/mcp"},
        ],
    },
    "computer_use": {
        "input": "Öffne https://example.com und klicke",
        "tools": [{"type": "computer_use", "environment": "browser"}],
    },
    "tool_search": {
        "input": 'Look up the word "tide"',
        "tools": [{"type": "tool_search"}, LOOK_UP],
    },
    "tool_search by the client": {
        "input": 'Look up the word "tide"',
        "tools": [{"type": "tool_search", "execution": "client"}, LOOK_UP],
    },
    "processing": {
        "input": [
            {
                "type": "user_input",
                "content": [
                    {"type": "text", "text": "Was passiert? 🎬"},
                    {**FILM, "processing": "agentic"},
                ],
            }
        ],
    },
    "many": {
        "input": "Wie viel ist 2 + 3, und was sagt https://example.com dazu? 🧮",
        "tools": [
            {"type": "code_execution"},
            {"type": "google_maps"},
            {"type": "url_context"},
            {"type": "google_search"},
        ],
    },
}
"""By the tool's type, and what is particular."""

ENTERPRISE = frozenset({"retrieval"})
"""Tools that the live server has on the Vertex path alone (measured)."""


def version(name: str) -> str:
    """The version in the path that a case is asked on."""
    return "v1beta1/projects/p/locations/us-central1" if name in ENTERPRISE else "v1"
