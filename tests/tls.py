"""TLS on loopback, by a certificate that only a test trusts."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from notifier.channels.http.connections import tls
from proton_notifier.fakes.server import FakeServer


@cache
def _keeper() -> TemporaryDirectory[str]:
    return TemporaryDirectory()


@cache
def certificate() -> Path:
    """Make a certificate of 127.0.0.1, with its key, for as long as the tests run."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = Path(_keeper().name) / "certificate.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return file


def serving() -> ssl.SSLContext:
    """Make what a server on 127.0.0.1 shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate())
    return context


def encrypt(server: FakeServer) -> None:
    """Have *server* speak TLS with each who connects from now on."""
    listening = server._server  # noqa: SLF001 - no fake needs to do so but in tests
    # In the connection's own thread, so that a handshake that fails or hangs is nobody else's.
    listening.socket = serving().wrap_socket(listening.socket, server_side=True, do_handshake_on_connect=False)


@contextmanager
def trusted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Trust the certificate inside, and nothing else."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate()))
    tls.cache_clear()
    yield
    tls.cache_clear()
