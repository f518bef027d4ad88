"""Write cassettes with the vcrpy that is installed: `python make.py FOLDER`.

What is asked and answered is invented. Each version runs in an environment of its own, without
this project.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import requests
import vcr

PNG = b"\x89PNG\r\n\x1a\n\x00\x01\xff\xfe"
TURN = {"id": "v1_tide", "status": "completed", "model": "gemini-3.5-flash", "steps": []}
STREAM = b'event: interaction.completed\ndata: {"event_type":"interaction.completed"}\n\n'
DONE = b"event: done\ndata: [DONE]\n\n"
ASK = {"model": "gemini-3.5-flash", "input": "When is high tide in Büsum?"}


class Invented(BaseHTTPRequestHandler):
    """Answers by path."""

    protocol_version = "HTTP/1.1"
    server_version = "invented"
    sys_version = ""

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        asked = self.rfile.read(size)
        media_type, body = "application/json", json.dumps(TURN).encode()
        packed = False
        if b'"stream": true' in asked or b'"stream":true' in asked:
            media_type, body = "text/event-stream", STREAM + DONE
        elif self.path == "/picture":
            media_type, body = "image/png", PNG
        elif self.path == "/packed":
            packed, body = True, gzip.compress(body, mtime=0)
        elif self.path == "/nothing":
            body = b""
        elif self.path == "/html":
            media_type, body = "text/html", "<p>Büsum\r\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", media_type)
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer

    def log_message(self, *arguments: Any) -> None:
        """Say nothing."""


def ask_with_requests(base: str, *, binary: bool) -> None:
    """JSON, a stream, bytes, nothing, a form."""
    requests.post(f"{base}/v1beta/interactions", json=ASK, timeout=5)
    requests.post(f"{base}/v1beta/interactions", json={**ASK, "stream": True}, timeout=5)
    requests.get(f"{base}/nothing", timeout=5)
    if binary:
        requests.get(f"{base}/picture", timeout=5)
        requests.get(f"{base}/packed", timeout=5)
        requests.post(f"{base}/upload", data=PNG, timeout=5)
    requests.post(f"{base}/html", data={"a": "é"}, timeout=5)


def ask_with_httpx(base: str, *, binary: bool) -> None:
    """The same through httpx."""
    with httpx.Client() as client:
        client.post(f"{base}/v1beta/interactions", json=ASK)
        client.post(f"{base}/v1beta/interactions", json={**ASK, "stream": True})
        for path in ("picture", "packed", "nothing", "html") if binary else ("nothing", "html"):
            client.get(f"{base}/{path}")
        client.post(f"{base}/upload", content=b"plain text")


def ask_with_aiohttp(base: str, *, binary: bool) -> None:
    """The same through aiohttp."""

    async def ask() -> None:
        async with aiohttp.ClientSession() as session:
            for body in (ASK, {**ASK, "stream": True}):
                async with session.post(f"{base}/v1beta/interactions", json=body) as answer:
                    await answer.read()
            for path in ("picture", "nothing", "html") if binary else ("nothing", "html"):
                async with session.get(f"{base}/{path}") as answer:
                    await answer.read()

    asyncio.run(ask())


CLIENTS = {"requests": ask_with_requests, "httpx": ask_with_httpx, "aiohttp": ask_with_aiohttp}


def main(folder: Path) -> None:
    """Write a cassette for each client and form that this version can write."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Invented)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_address[1]}"
    for client, ask in CLIENTS.items():
        for form in ("yaml", "json"):
            path = folder / f"vcrpy-{vcr.__version__}-{client}.{form}"
            path.unlink(missing_ok=True)
            # Bytes in JSON are an error of vcrpy's, which leaves the libraries patched.
            with vcr.VCR(serializer=form).use_cassette(str(path), record_mode="once"):
                ask(f"http://{address}", binary=form == "yaml")
            text = path.read_text("utf-8").replace(address, "recorded.example")
            path.write_text(text, "utf-8")
    server.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
