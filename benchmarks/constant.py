"""Answer everything with one file, on the server that `serve` runs on: the yardstick.

`python benchmarks/constant.py PORT FILE`. A file of events is sent one event after the other.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any


def build_app(body: bytes) -> Any:
    """Return an ASGI application that reads a request and answers with these bytes."""
    is_stream = body.startswith(b"event:")
    pieces = [part + b"\n\n" for part in body.split(b"\n\n")[:-1]] if is_stream else [body]
    kind = b"text/event-stream" if is_stream else b"application/json"
    headers = [(b"content-type", kind)]
    if not is_stream:
        headers.append((b"content-length", str(len(body)).encode()))
    start = {"type": "http.response.start", "status": 200, "headers": headers}
    messages = [
        {"type": "http.response.body", "body": piece, "more_body": is_stream} for piece in pieces
    ]
    if is_stream:
        messages.append({"type": "http.response.body", "body": b""})

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send(start)
        for message in messages:
            await send(message)

    return answer


def main() -> None:
    """Serve until it is stopped."""
    import uvicorn

    uvicorn.run(
        build_app(Path(sys.argv[2]).read_bytes()),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop" if importlib.util.find_spec("uvloop") else "asyncio",
        http="httptools",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )


if __name__ == "__main__":
    main()
