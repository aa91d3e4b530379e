import re
import socket
import threading
import time
from contextlib import suppress

import pytest

from cli.slack_standin import SlackStandIn
from cli.stand_in import Answer as StandInAnswer
from notifier.failures import DeliveryError, Reason
from notifier.webhooks import Answer, PublicConnection, Vendor, Webhook, Webhooks, refusal

VENDOR = Vendor("Vendor", frozenset({"api.vendor.example", ".flows.vendor.example"}))
SOURCE = "the secret hook"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/s3cr3t",
        "https://api.vendor.example.evil.example/s3cr3t",
        "https://x.api.vendor.example/s3cr3t",
        "https://flows.vendor.example/s3cr3t",
        "https://evilflows.vendor.example/s3cr3t",
        "https://api.vendor.example@evil.example/s3cr3t",
        "https://user:s3cr3t@api.vendor.example/",
        "http://api.vendor.example/s3cr3t",
        "http://localhost/s3cr3t",
        "ftp://api.vendor.example/s3cr3t",
        "https://api.vendor.example:s3cr3t/",
        "s3cr3t",
        "",
    ],
)
def test_what_is_elsewhere_is_refused_and_not_repeated(url: str) -> None:
    """Messages go to the vendor by https, or to a listed host, and an error never shows the address."""
    with pytest.raises(DeliveryError, match=r"the secret hook does not hold an https URL on \.flows") as failed:
        Webhooks(frozenset({"127.0.0.1"})).post(VENDOR, Webhook(url, SOURCE), b"{}", {})

    assert failed.value.reason is Reason.MISCONFIGURED
    assert "s3cr3t" not in f"{failed.value} {failed.value.__cause__} {failed.value.__context__}"


@pytest.mark.parametrize("host", ["api.vendor.example", "eu.flows.vendor.example", "API.vendor.example", "own.example"])
def test_the_vendors_and_the_listed_hosts_are_asked(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that begins with a dot stands for every host below it."""
    asked: list[str] = []

    def refuse(address: tuple[str, int], *_arguments: object, **_options: object) -> socket.socket:
        asked.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr("urllib3.util.connection.create_connection", refuse)

    with pytest.raises(DeliveryError, match="Vendor did not answer: NewConnectionError"):
        Webhooks(frozenset({"own.example"})).post(VENDOR, Webhook(f"https://{host}/x", SOURCE), b"{}", {})

    assert asked == [host.lower()]


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("93.184.215.14", True),
        ("10.0.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("192.168.1.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
    ],
)
def test_a_public_name_at_a_private_address_gets_nothing(
    address: str,
    allowed: bool,  # noqa: FBT001 - a column of the table
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever rules a vendor's name server does not reach this network, nor the instance's credentials."""
    written: list[bytes] = []

    class Connected:
        def getpeername(self) -> tuple[str, int]:
            return (address, 443)

        def sendall(self, written_bytes: bytes) -> None:
            written.append(written_bytes)
            raise ConnectionResetError

        def close(self) -> None:
            pass

        def settimeout(self, _seconds: float) -> None:
            pass

    def connect(connection: PublicConnection) -> None:
        connection.is_verified = True
        connection.sock = Connected()

    monkeypatch.setattr("urllib3.connection.HTTPSConnection.connect", connect)

    with pytest.raises(DeliveryError) as failed:
        Webhooks(frozenset()).post(VENDOR, Webhook("https://api.vendor.example/x", SOURCE), b"{}", {})

    assert bool(written) is allowed
    assert failed.value.reason is (Reason.UNAVAILABLE if allowed else Reason.MISCONFIGURED)
    if not allowed:
        assert str(failed.value) == (f"the address of Vendor is not public: api.vendor.example is at {address}")


def test_a_connection_is_kept() -> None:
    """A second message needs no second handshake."""
    with SlackStandIn() as server:
        webhooks = Webhooks(frozenset({"127.0.0.1"}))
        for _ in range(2):
            webhooks.post(VENDOR, Webhook(server.url, SOURCE), b'{"text": "x"}', {})

        assert server.connections == 1


def test_a_redirect_is_not_followed() -> None:
    """Where a message goes is not for an answer to say."""
    with SlackStandIn() as server:
        server.answers.append(StandInAnswer(307, "", {"Location": server.url}))

        answer = Webhooks(frozenset({"127.0.0.1"})).post(VENDOR, Webhook(server.url, SOURCE), b'{"text": "x"}', {})

    assert answer.status == 307
    assert server.messages == []


def test_neither_address_nor_answer_is_in_a_repr() -> None:
    """What prints them prints no secret."""
    webhook = Webhook("https://api.vendor.example/s3cr3t", SOURCE)

    assert repr(webhook) == "Webhook(source='the secret hook')"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"error": {"code": "WorkflowNotFound"}}', "Vendor answered 404 WorkflowNotFound"),
        ('{"error": {"code": "/s3cr3t"}}', "Vendor answered 404 in words that are not Vendor's"),
        ("Cannot POST /s3cr3t", "Vendor answered 404 in words that are not Vendor's"),
    ],
)
def test_a_refusal_repeats_the_vendors_own_words_and_nothing_else(text: str, told: str) -> None:
    """Each vendor has its way to say why; what anybody else says may hold the address."""
    vendor = Vendor("Vendor", frozenset(), re.compile('"code": "([A-Za-z]+)"'))

    assert str(refusal(vendor, Answer(404, text, None))) == told


@pytest.mark.parametrize("given", ["9" * 5_000, "Mon, 01 Jan 2029 00:00:00 +99999999999999999999", "soon", ""])
def test_a_retry_after_that_makes_no_sense_breaks_nothing(given: str) -> None:
    """An hour at most, or our own interval."""
    with SlackStandIn() as server:
        server.answers.append(StandInAnswer(429, "", {"Retry-After": given}))

        answer = Webhooks(frozenset({"127.0.0.1"})).post(VENDOR, Webhook(server.url, SOURCE), b"{}", {})

    assert answer.retry_after_seconds in {None, 3_600}


def test_of_a_long_answer_only_the_beginning_is_read() -> None:
    """A server cannot fill our memory."""
    with SlackStandIn() as server:
        server.answers.append(StandInAnswer(200, "x" * 1_000_000))

        answer = Webhooks(frozenset({"127.0.0.1"})).post(VENDOR, Webhook(server.url, SOURCE), b"{}", {})

    assert answer.text == "x" * 64 * 1024


def test_an_answer_that_trickles_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte in time, and the whole never."""
    monkeypatch.setattr("notifier.webhooks.ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def trickle() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(10_000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                for _ in range(100):
                    connection.sendall(b"x")
                    time.sleep(0.05)

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        webhook = Webhook(f"http://127.0.0.1:{server.getsockname()[1]}/", SOURCE)

        answer = Webhooks(frozenset({"127.0.0.1"})).post(VENDOR, webhook, b"{}", {})

        thread.join(timeout=10)
    assert 1 <= len(answer.text) < 50
