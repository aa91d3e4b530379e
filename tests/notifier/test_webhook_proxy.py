"""HttpClient through a proxy that is there, refuses, hangs or is not."""

import socket
import traceback
from collections.abc import Iterator
from itertools import chain, repeat
from urllib.parse import urlsplit

import pytest

from notifier.channels.destination import DeliveryError, Reason
from notifier.channels.http.client import HttpClient
from notifier.channels.http.connections import tls
from notifier.channels.http.responses import Endpoint, Response, Vendor
from proton_notifier.fakes.server import FakeResponse
from proton_notifier.fakes.slack import PATH, FakeSlack
from tests.connect_proxy import ConnectProxy
from tests.raw_responses import RawResponse
from tests.tls import encrypt, serving, trusted

VENDOR = Vendor("Vendor", frozenset({"127.0.0.1", "api.vendor.example"}))
LOOPBACK = frozenset({"127.0.0.1"})
BODY = b'{"text": "s3cr3t"}'


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Trust the servers' certificate."""
    with trusted(monkeypatch):
        tls()  # which takes a while
        yield


@pytest.fixture
def vendor() -> Iterator[FakeSlack]:
    """Run a vendor's server with TLS."""
    with FakeSlack() as server:
        encrypt(server)
        yield server


def address(server: FakeSlack) -> tuple[str, int]:
    """Return the host and port of *server*."""
    return "127.0.0.1", int(urlsplit(server.url).port or 0)


def post(proxy: str, url: str, listed: frozenset[str] = frozenset()) -> Response:
    """Post to *url* through *proxy*."""
    return HttpClient(listed, proxy).post(VENDOR, Endpoint(url, "the secret hook"), BODY, {})


def fails(proxy: str, url: str = "https://127.0.0.1:9/s3cr3t", listed: frozenset[str] = frozenset()) -> DeliveryError:
    """Post what is not answered; nothing of the error tells the address or the message."""
    with pytest.raises(DeliveryError) as failed:
        post(proxy, url, listed)
    assert "s3cr3t" not in "".join(traceback.format_exception(failed.value))
    return failed.value


@pytest.mark.parametrize("encrypted", [False, True], ids=["http", "https"])
def test_a_webhook_goes_through_the_proxy(encrypted: bool, vendor: FakeSlack) -> None:  # noqa: FBT001 - a parameter
    """It is asked for a host and a port, and what it passes on then is encrypted; the connection is kept."""
    host, port = address(vendor)
    with ConnectProxy((host, port), context=serving() if encrypted else None) as proxy:
        webhooks = HttpClient(frozenset(), proxy.url)
        for _ in range(3):
            answer = webhooks.post(VENDOR, Endpoint(f"https://{host}:{port}{PATH}", "the secret hook"), BODY, {})
            assert (answer.status, answer.text) == (200, "ok")

        assert proxy.heard == [f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()]
        assert b"s3cr3t" not in b"".join(proxy.passed)
        assert PATH.encode() not in b"".join(proxy.passed)
    assert len(vendor.messages) == 3


@pytest.mark.parametrize("encrypted", [False, True], ids=["http", "https"])
def test_what_follows_an_answer_is_no_answer_through_a_proxy_either(
    encrypted: bool,  # noqa: FBT001 - a parameter
    vendor: FakeSlack,
) -> None:
    """Within the proxy's TLS, ours is no socket."""
    host, port = address(vendor)
    yes = b"HTTP/1.1 200 x\r\nContent-Length: 2\r\n\r\nok"
    vendor.responses += [RawResponse(raw=[yes * 600]), FakeResponse(400, "no")]
    with ConnectProxy((host, port), context=serving() if encrypted else None) as proxy:
        webhooks = HttpClient(frozenset(), proxy.url)
        webhook = Endpoint(f"https://{host}:{port}{PATH}", "the secret hook")

        statuses = [webhooks.post(VENDOR, webhook, BODY, {}).status for _ in range(2)]

    assert statuses == [200, 400]


def test_the_target_is_judged_as_without_a_proxy(vendor: FakeSlack) -> None:
    """A proxy cannot allow another host."""
    with ConnectProxy(address(vendor)) as proxy:
        failed = fails(proxy.url, "https://evil.example/s3cr3t")

        assert proxy.heard == []
    assert failed.reason is Reason.MISCONFIGURED


def test_the_proxy_finds_the_target(vendor: FakeSlack) -> None:
    """The name is not looked up here, and a private address behind it is the proxy's to refuse."""
    with ConnectProxy(address(vendor)) as proxy:
        failed = fails(proxy.url, "https://api.vendor.example/s3cr3t")

        assert proxy.heard == [b"CONNECT api.vendor.example:443 HTTP/1.1\r\nHost: api.vendor.example:443\r\n\r\n"]
    assert (str(failed), failed.reason) == ("Vendor did not answer: SSLError", Reason.UNAVAILABLE)


@pytest.mark.parametrize("host", ["[::1]", "[fd00::1]"])
def test_an_address_of_colons_is_asked_for_in_brackets(host: str, vendor: FakeSlack) -> None:
    """Its last colon would begin the port."""
    with ConnectProxy(address(vendor), b"HTTP/1.1 403 x\r\n\r\n") as proxy:
        fails(proxy.url, f"https://{host}:8443/s3cr3t", frozenset({host}))

        assert proxy.heard == [f"CONNECT {host}:8443 HTTP/1.1\r\nHost: {host}:8443\r\n\r\n".encode()]


def test_what_is_listed_goes_through_the_proxy_too(vendor: FakeSlack) -> None:
    """A network with a proxy often has no other way out."""
    host, port = address(vendor)
    with ConnectProxy((host, port)) as proxy:
        assert post(proxy.url, f"https://{host}:{port}{PATH}", LOOPBACK).text == "ok"

        assert len(proxy.heard) == 1


def test_plain_loopback_does_not() -> None:
    """It is another machine's for the proxy."""
    with FakeSlack() as server, ConnectProxy(address(server)) as proxy:
        assert post(proxy.url, server.url, LOOPBACK).text == "ok"

        assert proxy.heard == []


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", None], ids=["a parameter", "none"])
def test_what_the_shell_exports_does_not_matter(
    proxy: str | None, vendor: FakeSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a proxy nor an exception from one."""
    host, port = address(vendor)
    with ConnectProxy((host, port)) as exported:
        for variable in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(variable, exported.url)
        monkeypatch.setenv("NO_PROXY", "*")
        monkeypatch.setenv("no_proxy", "*")
        webhook = Endpoint(f"https://{host}:{port}{PATH}", "the secret hook")
        if proxy:
            assert "the proxy" in str(fails(proxy, webhook.url.replace(PATH, "/s3cr3t")))
        else:
            assert HttpClient(LOOPBACK).post(VENDOR, webhook, BODY, {}).text == "ok"

        assert exported.heard == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (101, None),
        (302, Reason.MISCONFIGURED),
        (400, Reason.MISCONFIGURED),
        (401, Reason.MISCONFIGURED),
        (403, Reason.MISCONFIGURED),
        (404, Reason.MISCONFIGURED),
        (405, Reason.MISCONFIGURED),
        (407, Reason.MISCONFIGURED),
        (408, Reason.TIMED_OUT),
        (429, Reason.RATE_LIMITED),
        (500, Reason.UNAVAILABLE),
        (502, Reason.UNAVAILABLE),
        (503, Reason.UNAVAILABLE),
        (504, Reason.UNAVAILABLE),
    ],
)
def test_a_proxy_that_refuses_is_named(status: int, reason: Reason | None, vendor: FakeSlack) -> None:
    """The proxy's status says nothing of the vendor: the webhook is not gone, and the message is not rejected."""
    words = b"s3cr3t\r\nProxy-Authenticate: Basic realm=s3cr3t\r\nContent-Length: 6\r\n\r\ns3cr3t"
    with ConnectProxy(address(vendor), f"HTTP/1.1 {status} ".encode() + words) as proxy:
        failed = fails(proxy.url)

    if reason:
        assert str(failed) == f"the proxy on the way to Vendor answered {status} to CONNECT"
        assert failed.reason is reason
    else:
        assert str(failed) == "the proxy on the way to Vendor did not answer: BadStatusLine"
        assert failed.reason is Reason.UNAVAILABLE


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 Connected\r\n\r\n", b"HTTP/1.0 200 OK\r\nVia: x\r\n\r\n"],
    ids=["interim", "old"],
)
def test_a_proxy_may_say_yes_in_its_own_words(answer: bytes, vendor: FakeSlack) -> None:
    """Interim answers are read past here as well."""
    host, port = address(vendor)
    with ConnectProxy((host, port), answer) as proxy:
        assert post(proxy.url, f"https://{host}:{port}{PATH}").text == "ok"


@pytest.mark.parametrize(
    ("answer", "problem"),
    [(b"SSH-2.0-x\r\n", "BadStatusLine"), (b"\r\n", "BadStatusLine"), (b"HTTP/1.1 200 x\r\n" + b"X: x\r\n" * 500, "")],
    ids=["no HTTP", "nothing", "endless headers"],
)
def test_a_proxy_that_is_none_is_named(answer: bytes, problem: str, vendor: FakeSlack) -> None:
    """It may become one."""
    with ConnectProxy(address(vendor), answer) as proxy:
        failed = fails(proxy.url)

    assert str(failed).startswith(f"the proxy on the way to Vendor did not answer: {problem}")
    assert failed.reason is Reason.UNAVAILABLE


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_is_not_there_is_named(scheme: str) -> None:
    """Nobody listens at this port."""
    failed = fails(f"{scheme}://127.0.0.1:9")

    assert str(failed) == "the proxy on the way to Vendor did not answer: NewConnectionError"
    assert failed.reason is Reason.UNAVAILABLE


def test_a_proxy_without_the_right_certificate_is_named() -> None:
    """Whoever it is gets not even the vendor's name."""
    with FakeSlack() as plain:
        failed = fails(plain.url.replace("http:", "https:").removesuffix(PATH))

    assert str(failed) == "the proxy on the way to Vendor did not answer: SSLError"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_hangs_is_not_waited_for(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the same deadline as everything else."""
    monkeypatch.setattr("notifier.channels.http.client.SEND_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        failed = fails(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}")

    assert str(failed).startswith("the proxy on the way to Vendor did not answer: ")
    assert failed.reason is Reason.TIMED_OUT


@pytest.mark.parametrize("encrypted", [False, True], ids=["http", "https"])
def test_what_drips_through_a_proxy_is_not_waited_for(
    encrypted: bool,  # noqa: FBT001 - a parameter
    vendor: FakeSlack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Within the proxy's TLS, a read of ours is many of the socket's."""
    host, port = address(vendor)
    vendor.responses.append(RawResponse(raw=chain([b"HTTP/1.1 200 x\r\nX: "], *repeat((b"x", 0.02), 3_000))))
    with ConnectProxy((host, port), context=serving() if encrypted else None) as proxy:
        monkeypatch.setattr("notifier.channels.http.client.SEND_SECONDS", 0.4)

        failed = fails(proxy.url, f"https://{host}:{port}/s3cr3t")

    assert failed.reason is Reason.TIMED_OUT
