import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import pytest
import time_machine
from urllib3 import Timeout

from notifier.channels.deadlines import SEND_SECONDS
from notifier.channels.destination import DeliveryError, Reason
from notifier.channels.http.client import HttpClient
from notifier.channels.http.connections import CONNECTING_SECONDS, PublicConnection, tls
from notifier.channels.http.responses import Endpoint, Response, Vendor, response_error
from proton_notifier.fakes.server import FakeResponse
from proton_notifier.fakes.slack import FakeSlack
from tests.clients import loopback
from tests.raw_responses import RawResponse

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
        HttpClient(frozenset({"127.0.0.1"})).post(VENDOR, Endpoint(url, SOURCE), b"{}", {})

    assert failed.value.reason is Reason.MISCONFIGURED
    assert "s3cr3t" not in f"{failed.value} {failed.value.__cause__} {failed.value.__context__}"


@pytest.mark.parametrize("host", ["api.vendor.example", "eu.flows.vendor.example", "API.vendor.example", "own.example"])
def test_the_vendors_and_the_listed_hosts_are_asked(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that begins with a dot stands for every host below it."""
    asked: list[str] = []

    def refuse(host: str, *_arguments: object, **_options: object) -> None:
        asked.append(host)
        raise socket.gaierror

    monkeypatch.setattr("socket.getaddrinfo", refuse)

    with pytest.raises(DeliveryError, match="Vendor did not answer: NameResolutionError"):
        HttpClient(frozenset({"own.example"})).post(VENDOR, Endpoint(f"https://{host}/x", SOURCE), b"{}", {})

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
        HttpClient(frozenset()).post(VENDOR, Endpoint("https://api.vendor.example/x", SOURCE), b"{}", {})

    assert bool(written) is allowed
    assert failed.value.reason is (Reason.UNAVAILABLE if allowed else Reason.MISCONFIGURED)
    if not allowed:
        assert str(failed.value) == (f"the address of Vendor is not public: api.vendor.example is at {address}")


def test_a_connection_is_kept() -> None:
    """A second message needs no second handshake."""
    with FakeSlack() as server:
        webhooks = HttpClient(frozenset({"127.0.0.1"}))
        for _ in range(2):
            webhooks.post(VENDOR, Endpoint(server.url, SOURCE), b'{"text": "x"}', {})

        assert server.connections == 1


def test_a_redirect_is_not_followed() -> None:
    """A response cannot send a message elsewhere."""
    with FakeSlack() as server:
        server.responses.append(FakeResponse(307, "", {"Location": server.url}))

        answer = HttpClient(frozenset({"127.0.0.1"})).post(VENDOR, Endpoint(server.url, SOURCE), b'{"text": "x"}', {})

    assert answer.status == 307
    assert server.messages == []


def test_neither_address_nor_answer_is_in_a_repr() -> None:
    """Printing them prints no secret."""
    webhook = Endpoint("https://api.vendor.example/s3cr3t", SOURCE)

    assert repr(webhook) == "Endpoint(source='the secret hook')"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"error": {"code": "WorkflowNotFound"}}', "Vendor answered 404 WorkflowNotFound"),
        ('{"error": {"code": "/s3cr3t"}}', "Vendor answered 404 with an unknown body"),
        ("Cannot POST /s3cr3t", "Vendor answered 404 with an unknown body"),
    ],
)
def test_a_refusal_repeats_the_vendors_own_words_and_nothing_else(text: str, told: str) -> None:
    """Each vendor has its way to say why; what anybody else says may hold the address."""
    vendor = Vendor("Vendor", frozenset(), re.compile('"code": "([A-Za-z]+)"'))

    assert str(response_error(vendor, Response(404, text, None))) == told


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (("30",), 30),
        (("30 ",), 30),
        (("30\t",), 30),
        ((" \t30 \t ",), 30),
        (("120.0",), 120),
        (("0.5",), 0.5),
        (("0",), 0),
        (("007",), 7),
        (("30", "30"), 30),
        (("30", "60"), 60),
        (("60", "soon", "30"), 60),
        (("30, 60",), 60),
        (("Sat, 01 Jan 2000 00:00:00 GMT",), 0),
        (("Thu, 26 Nov 2026 12:00:10 GMT",), 10),
        (("Thu, 26 Nov 2026 12:00:10 GMT \t",), 10),
        (("Thursday, 26-Nov-26 12:00:10 GMT",), 10),
        (("Thu Nov 26 12:00:10 2026",), 10),
        (("30", "Thu, 26 Nov 2026 12:01:00 GMT"), 60),
        (("Fri, 31 Dec 2100 23:59:59 GMT",), 3_600),
        (("9" * 5_000,), 3_600),
        (("1000000",), 3_600),
        (("Mon, 01 Jan 2029 00:00:00 +99999999999999999999",), None),
        (("Mon, 99 Foo 2029 77:00:00 GMT",), None),
        (("-5",), None),
        (("+5",), None),
        (("5s",), None),
        (("5.",), None),
        (("1e3",), None),
        (("1_000",), None),
        (("0x10",), None),
        (("inf",), None),
        (("nan",), None),
        (("30, ",), None),
        (("\xb2",), None),
        (("soon",), None),
        (("",), None),
    ],
)
def test_a_wait_that_is_asked_for_is_believed_up_to_an_hour(given: tuple[str, ...], seconds: float | None) -> None:
    """As RFC 9110 allows it and as servers write it; of several the longest, and what makes no sense is not there."""
    fields = "".join(f"Retry-After: {value}\r\n" for value in given)
    raw = f"HTTP/1.1 429 x\r\n{fields}Content-Length: 0\r\n\r\n".encode("latin-1")
    with FakeSlack() as server, time_machine.travel("2026-11-26T12:00:00Z", tick=False):
        server.responses.append(RawResponse(raw=[raw]))

        answer = loopback().post(VENDOR, Endpoint(server.url, SOURCE), b"{}", {})

    assert answer.retry_after_seconds == seconds


@pytest.mark.parametrize("status", [421, 425, 500, 599, 999])
def test_what_passes_is_tried_again(status: int) -> None:
    """Also in numbers that nobody has given a meaning."""
    assert response_error(VENDOR, Response(status, "", None)).reason is Reason.UNAVAILABLE


@pytest.mark.parametrize(("status", "connections"), [(200, 1), (204, 1), (307, 2), (400, 2), (421, 2), (503, 2)])
def test_a_connection_that_carried_a_no_is_not_used_again(status: int, connections: int) -> None:
    """A new one may lead to another server behind the same name."""
    with FakeSlack() as server:
        webhooks = loopback()
        server.responses.append(RawResponse(raw=[f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n".encode()]))
        for _ in range(2):
            webhooks.post(VENDOR, Endpoint(server.url, SOURCE), b'{"text": "x"}', {})

        assert server.connections == connections


@pytest.fixture
def dead() -> Iterator[tuple[str, int]]:
    """Make an address that never answers: its queue of connections is full."""
    with ExitStack() as opened:
        full = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):
            waiting = opened.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(full.getsockname())
        yield full.getsockname()


def resolve(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Have every name lead to *addresses*."""
    known = [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", address) for address in addresses]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_arguments, **_options: known)


def test_a_host_of_dead_addresses_costs_one_deadline(dead: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, and each has its time-out."""
    resolve(monkeypatch, *[dead] * 200)
    monkeypatch.setattr("notifier.channels.http.client.SEND_SECONDS", 0.2)
    monkeypatch.setattr("notifier.channels.http.client.TIMEOUT", Timeout(connect=0.15, read=7))
    started = time.monotonic()

    with pytest.raises(DeliveryError, match="Vendor did not answer: ConnectTimeoutError") as failed:
        loopback().post(VENDOR, Endpoint("http://127.0.0.1/", SOURCE), b"{}", {})

    assert failed.value.reason is Reason.TIMED_OUT
    assert time.monotonic() - started < 15


def test_the_first_address_that_answers_is_used(dead: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Dead and refusing ones before it are no obstacle."""
    with FakeSlack() as server:
        url = urlsplit(server.url)
        resolve(monkeypatch, dead, ("127.0.0.1", 1), dead, (str(url.hostname), int(url.port or 0)))
        monkeypatch.setattr("notifier.channels.http.client.TIMEOUT", Timeout(connect=0.1, read=7))

        answer = loopback().post(VENDOR, Endpoint("http://127.0.0.1/", SOURCE), b'{"text": "x"}', {})

    assert answer.status == 404


def test_connecting_leaves_time_for_the_answer(dead: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is cut off after it was written may be sent twice."""
    resolve(monkeypatch, *[dead] * 200)
    monkeypatch.setattr("notifier.channels.http.connections.CONNECTING_SECONDS", 0.1)
    started = time.monotonic()

    with pytest.raises(DeliveryError, match="ConnectTimeoutError"):
        loopback().post(VENDOR, Endpoint("http://127.0.0.1/", SOURCE), b"{}", {})

    assert time.monotonic() - started < SEND_SECONDS - CONNECTING_SECONDS


@pytest.mark.parametrize(
    ("addresses", "problem"),
    [([], "NewConnectionError"), ([("127.0.0.1", 1)], "NewConnectionError")],
    ids=["none", "refused"],
)
def test_a_host_that_nobody_answers_at_may_come_back(
    addresses: list[tuple[str, int]], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no time-out."""
    resolve(monkeypatch, *addresses)

    with pytest.raises(DeliveryError, match=f"Vendor did not answer: {problem}") as failed:
        loopback().post(VENDOR, Endpoint("http://127.0.0.1/", SOURCE), b"{}", {})

    assert failed.value.reason is Reason.UNAVAILABLE


def test_a_name_that_cannot_be_one_is_not_found() -> None:
    """A label of a name has 63 characters at most."""
    webhook = Endpoint(f"https://{'a' * 64}.flows.vendor.example/", SOURCE)

    with pytest.raises(DeliveryError, match="Vendor did not answer: NameResolutionError"):
        loopback().post(VENDOR, webhook, b"{}", {})


def test_a_server_that_reads_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing counts as well."""
    monkeypatch.setattr("notifier.channels.http.client.SEND_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        webhook = Endpoint(f"http://127.0.0.1:{server.getsockname()[1]}/", SOURCE)

        with pytest.raises(DeliveryError, match="Vendor did not answer: TimeoutError") as failed:
            loopback().post(VENDOR, webhook, b"x" * 50_000_000, {})

    assert failed.value.reason is Reason.TIMED_OUT


@pytest.mark.parametrize("spoken", [b"", b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"], ids=["silent", "dripped"])
def test_a_handshake_that_hangs_is_not_waited_for(spoken: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record of 16 KB that begins well may come byte by byte."""
    tls()  # which takes a while
    monkeypatch.setattr("notifier.channels.http.client.SEND_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(10_000)
                connection.sendall(spoken)
                while spoken:
                    connection.sendall(b"\x00")
                    time.sleep(0.01)
                connection.recv(1)

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()

        with pytest.raises(DeliveryError, match=r"Vendor did not answer: (Connect|Read)TimeoutError") as failed:
            loopback().post(VENDOR, Endpoint(f"https://127.0.0.1:{server.getsockname()[1]}/", SOURCE), b"{}", {})

        thread.join(timeout=10)
    assert failed.value.reason is Reason.TIMED_OUT


def test_of_a_long_answer_only_the_beginning_is_read() -> None:
    """A server cannot fill our memory."""
    with FakeSlack() as server:
        server.responses.append(FakeResponse(200, "x" * 2_000_000))

        answer = HttpClient(frozenset({"127.0.0.1"})).post(VENDOR, Endpoint(server.url, SOURCE), b"{}", {})

    assert answer.text == "x" * 1024 * 1024


def test_an_answer_that_trickles_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte in time, and the whole never."""
    monkeypatch.setattr("notifier.channels.http.client.BODY_SECONDS", 0.2)
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
        webhook = Endpoint(f"http://127.0.0.1:{server.getsockname()[1]}/", SOURCE)

        answer = HttpClient(frozenset({"127.0.0.1"})).post(VENDOR, webhook, b"{}", {})

        thread.join(timeout=10)
    assert 1 <= len(answer.text) < 50
