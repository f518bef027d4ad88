"""Send the requests of a file, one after the other, and print the answers: FILE [BASE URL]."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import httpx


def ask_all(asks: list[dict[str, Any]], url: str) -> list[str]:
    """Return the answers to requests."""
    answers = []
    with httpx.Client(base_url=url, timeout=30) as client:
        for ask in asks:
            body = json.dumps(ask["body"], ensure_ascii=False).encode() if ask["body"] else None
            answer = client.request(
                ask["method"],
                f"{url}{ask['path']}",
                headers={name: text.encode() for name, text in ask["headers"].items()},
                content=body,
                auth=tuple(ask["login"]) if "login" in ask else None,
            )
            answers.append(f"{answer.status_code} {answer.text}")
    return answers


if __name__ == "__main__":
    base_url = sys.argv[2] if len(sys.argv) > 2 else os.environ["GOOGLE_GEMINI_BASE_URL"]
    for answer_text in ask_all(json.loads(Path(sys.argv[1]).read_text("utf-8")), base_url):
        print(answer_text.partition("You sent")[0])
