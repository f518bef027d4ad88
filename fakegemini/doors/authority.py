"""Certify the hosts of the API for one run, by an authority that nobody else trusts.

The authority's key never leaves the memory. That of a host's certificate is encrypted where
OpenSSL reads it from: Python's `ssl` reads files only.
"""

from __future__ import annotations

import os
import secrets
import ssl
import tempfile
import warnings
from pathlib import Path
from typing import Any

from ..errors import NoTrustme


class Authority:
    """A throw-away certificate authority; raises `NoTrustme` where the library is missing."""

    def __init__(self) -> None:
        self._trustme = _import_trustme()
        self._authority: Any = self._trustme.CA(organization_name="fakegemini run")
        self._contexts: dict[str, ssl.SSLContext] = {}

    @property
    def certificate(self) -> bytes:
        """Return the authority's certificate as PEM."""
        pem: bytes = self._authority.cert_pem.bytes()
        return pem

    def context_for(self, host: str) -> ssl.SSLContext:
        """Return what a TLS server that is this host speaks with: HTTP/1.1, nothing older."""
        if host not in self._contexts:
            self._contexts[host] = _make_context(self._authority.issue_cert(host))
        return self._contexts[host]


def make_trust_store(certificates: bytes, password: str) -> bytes:
    """Return certificates, PEM behind PEM, as a trust store of Java."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

    marker = b"-----BEGIN CERTIFICATE-----"
    entries = []
    for number, body in enumerate(certificates.split(marker)[1:]):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about the age of what a system trusts
                certificate = x509.load_pem_x509_certificate(marker + body)
        except ValueError:  # a system may trust what this library does not read
            continue
        entries.append(pkcs12.PKCS12Certificate(certificate, str(number).encode()))
    return pkcs12.serialize_java_truststore(entries, BestAvailableEncryption(password.encode()))


def _make_context(leaf: Any) -> ssl.SSLContext:
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
        load_pem_private_key,
    )

    password = secrets.token_bytes(32).hex().encode()
    key = load_pem_private_key(leaf.private_key_pem.bytes(), None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password)
    )
    chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
    descriptor, name = tempfile.mkstemp(prefix="fakegemini-", suffix=".pem")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(key + chain)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(name, password=password)
    finally:
        Path(name).unlink()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _import_trustme() -> Any:
    """Return the module `trustme`; raises `NoTrustme`, which says how to install it."""
    try:
        import trustme
    except ImportError:
        raise NoTrustme(
            "catching what has the API's host written into it needs trustme: "
            "pip install 'fakegemini[run]' (or pip install trustme)"
        ) from None
    return trustme
