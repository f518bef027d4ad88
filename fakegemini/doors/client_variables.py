"""List the variables by which clients find a proxy and trust an authority: a row for each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from ..protocol.paths import API_HOST
from .intercept import Interception
from .trust_folder import STORE_PASSWORD

LOOPBACK = "127.0.0.1,localhost,::1"
"""What no proxy is asked for."""

PRELOAD = Path(__file__).with_name("node_preload.cjs")
"""What Node loads first: its `fetch`, `http` and `https` know no proxy before Node 24."""


@dataclass(frozen=True)
class Way:
    """The way to a fake, as clients are told of it: where it is caught, and the files of trust."""

    interception: Interception
    folder: Path
    outer: Mapping[str, str]

    @property
    def proxy(self) -> str:
        """Return the address of the proxy."""
        return f"http://127.0.0.1:{self.interception.proxy_port}"

    def file(self, name: str) -> str:
        """Return the path of a file of trust."""
        return str(self.folder / name)

    def behind(self, name: str, text: str, separator: str = " ") -> str:
        """Return what a variable holds already, with a text behind it."""
        outer_text = self.outer.get(name, "")
        return f"{outer_text}{separator}{text}" if outer_text else text


Value: TypeAlias = Callable[[Way], str | None]


def _java_options(way: Way) -> str:
    port = way.interception.proxy_port
    options = {
        "https.proxyHost": "127.0.0.1",
        "https.proxyPort": str(port),
        "http.proxyHost": "127.0.0.1",
        "http.proxyPort": str(port),
        "http.nonProxyHosts": "localhost|127.*|[::1]",
        "javax.net.ssl.trustStore": way.file("java.p12"),
        "javax.net.ssl.trustStorePassword": STORE_PASSWORD,
        "javax.net.ssl.trustStoreType": "PKCS12",
    }
    return way.behind(
        "JAVA_TOOL_OPTIONS", " ".join(f'"-D{name}={value}"' for name, value in options.items())
    )


def _node_settings(way: Way) -> str:
    reach = way.interception.reach
    return json.dumps(
        {
            "host": API_HOST.pattern,
            "besides": [*reach.besides],
            "allowed": [*reach.allowed],
            "all_others": reach.all_others,
            "plain_port": urlsplit(way.interception.target).port,
            "tls_port": way.interception.tls_port,
            "proxy_port": way.interception.proxy_port,
        }
    )


def _node_options(way: Way) -> str:
    path = str(PRELOAD).replace("\\", "\\\\").replace('"', '\\"')
    return way.behind("NODE_OPTIONS", f'--require "{path}"')


def _proxy(way: Way) -> str:
    return way.proxy


def _authority(way: Way) -> str:
    return way.file("authority.pem")


def _bundle(way: Way) -> str:
    return way.file("bundle.pem")


VARIABLES: dict[str, tuple[str, Value]] = {
    **dict.fromkeys(
        ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"),
        ("curl, wget, git, Python, Go, Ruby, PHP, .NET, and most others", _proxy),
    ),
    **dict.fromkeys(("ALL_PROXY", "all_proxy"), ("nobody: they are taken away", lambda way: None)),
    **dict.fromkeys(("NO_PROXY", "no_proxy"), ("who reads those of a proxy", lambda way: LOOPBACK)),
    "SSL_CERT_FILE": ("OpenSSL: Python, Ruby, Go, .NET, curl", _bundle),
    "CURL_CA_BUNDLE": ("curl", _bundle),
    "REQUESTS_CA_BUNDLE": ("Python's requests", _bundle),
    "GIT_SSL_CAINFO": ("git", _bundle),
    "PHP_INI_SCAN_DIR": (
        "PHP",
        lambda way: f"{way.outer.get('PHP_INI_SCAN_DIR', '')}:{way.folder / 'php'}",
    ),
    "WGETRC": ("wget", lambda way: way.file("wgetrc")),
    "AWS_CA_BUNDLE": ("boto", _bundle),
    "PIP_CERT": ("pip", _bundle),
    "CARGO_HTTP_CAINFO": ("cargo", _bundle),
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": ("gRPC", _bundle),
    "DENO_CERT": ("Deno", _authority),
    "NODE_EXTRA_CA_CERTS": ("Node", _authority),
    "NODE_USE_ENV_PROXY": ("Node 24 and later", lambda way: "1"),
    "NODE_OPTIONS": ("Node, of any version", _node_options),
    "FAKEGEMINI_RUN": ("our preload for Node", _node_settings),
    "JAVA_TOOL_OPTIONS": ("Java", _java_options),
}
"""For each variable, who reads it, and what it says; None takes it away."""


def client_variables(way: Way) -> dict[str, str | None]:
    """Return the variables for a program whose requests are to be caught."""
    return {name: value(way) for name, (_, value) in VARIABLES.items()}
