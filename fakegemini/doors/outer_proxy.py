"""Go on to a host that is let through: directly, or by the proxy that the machine has set."""

from __future__ import annotations

import asyncio
import base64
import urllib.request
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class OuterProxy:
    """The proxies of the environment as it was before the run, by scheme."""

    proxies: dict[str, str] = field(default_factory=urllib.request.getproxies_environment)

    async def connect(
        self, host: str, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to a host; raises `OSError`."""
        proxy = urlsplit(self.proxies.get("https") or self.proxies.get("all") or "")
        is_direct = urllib.request.proxy_bypass_environment(host, self.proxies)  # type: ignore[attr-defined]
        if is_direct or not proxy.hostname or proxy.scheme != "http":
            return await asyncio.open_connection(host, port)
        reader, writer = await asyncio.open_connection(proxy.hostname, proxy.port or 80)
        lines = [f"CONNECT {host}:{port} HTTP/1.1", f"Host: {host}:{port}"]
        if proxy.username is not None:
            login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
            lines.append(f"Proxy-Authorization: Basic {base64.b64encode(login.encode()).decode()}")
        writer.write("\r\n".join([*lines, "", ""]).encode())
        try:
            status_line = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")[0]
        except asyncio.IncompleteReadError:
            status_line = b"nothing"
        if status_line.split(b" ")[1:2] != [b"200"]:
            writer.close()
            raise OSError(f"the proxy {proxy.hostname} said {status_line.decode('latin-1')}")
        return reader, writer
