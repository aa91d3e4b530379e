"""Trials by raw sockets that every channel over HTTP has to pass; a new one needs a row in `tests/channels.py`."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain, repeat
from threading import Event
from time import monotonic, sleep

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.channels import CHANNEL_TYPES
from notifier.channels.destination import DeliveryError, Reason
from proton_notifier.fakes.server import FakeResponse, FakeServer
from proton_notifier.fakes.slack import FakeSlack
from tests.channels import CASES, RunningChannel, response
from tests.raw_responses import RawResponse
from tests.samples import event, notification
from tests.tls import encrypt, trusted

FAILURE = notification(event("service-update-failed"))
# Of a send that shall not be in time; a slow machine is late all the more.
MOMENT = 0.15
# Of one that shall end by itself long before: no trial is over in it whose deadline does not hold.
PATIENCE_SECONDS = 15

# SNS is spoken to by botocore.
CHANNELS = [name for name, case in CASES.items() if case.channel != "sns"]
EVERY_CHANNEL = pytest.mark.parametrize("channel", CHANNELS)

EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def dripped(text: bytes, seconds: float) -> Iterator[bytes | float]:
    """Write *text* byte by byte."""
    for byte in text:
        yield bytes([byte])
        yield seconds


def announced(parts: Iterable[bytes | float], written: Event) -> Iterator[bytes | float]:
    """Write *parts*, and say when all are."""
    yield from parts
    written.set()


# What a server writes whose yes is *yes*; the message is sent.
SENT: dict[str, Callable[[bytes], Iterable[bytes | float]]] = {
    "103 and yes": lambda yes: (EARLY, yes),
    "103 and later yes": lambda yes: (EARLY, 0.05, yes),
    "100, 102, 103 and yes": lambda yes: (CONTINUE, PROCESSING, EARLY, yes),
    "102 every now and then": lambda yes: chain(*[(PROCESSING, 0.01)] * 10, [yes]),
    "an interim answer nobody knows": lambda yes: (b"HTTP/1.1 199 X\r\nContent-Length: 5\r\n\r\n", yes),
    "dripped yes": lambda yes: dripped(yes, 0.001),
    "yes and another answer": lambda yes: (yes + response(200, "ok"),),
    "yes twice": lambda yes: (yes * 2,),
    "yes and much else": lambda yes: (yes + b"x" * 10_000 + b"\r\n" + response(200, "ok"),),
    "yes and later another answer": lambda yes: (yes, 0.02, response(200, "ok")),
    "yes and a late 408": lambda yes: (yes, 0.02, response(408)),
    "yes and goodbye": lambda yes: (yes.replace(b"\r\n", b"\r\nConnection: close\r\n", 1),),
}
# The message is not sent, or nobody knows.
UNSENT: dict[str, tuple[Iterable[bytes | float], Reason]] = {
    "101": ((b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",), Reason.UNAVAILABLE),
    "101 and 200": ((b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + response(200, "ok"),), Reason.UNAVAILABLE),
    "endless 100": ([CONTINUE] * 5_000, Reason.UNAVAILABLE),
    "endless 102": ([PROCESSING] * 5_000, Reason.UNAVAILABLE),
    "endless 103": ([EARLY] * 5_000, Reason.UNAVAILABLE),
    "no HTTP": ((b"SSH-2.0-OpenSSH_9.2\r\n",), Reason.UNAVAILABLE),
    "a TLS alert": ((b"\x15\x03\x01\x00\x02\x02\x46\r\n",), Reason.UNAVAILABLE),
    "no number": ((b"HTTP/1.1 two hundred\r\n\r\n",), Reason.UNAVAILABLE),
    "no status": ((b"HTTP/1.1\r\n\r\n",), Reason.UNAVAILABLE),
    "a status of four digits": ((b"HTTP/1.1 2000 OK\r\n\r\n",), Reason.UNAVAILABLE),
    "a negative status": ((b"HTTP/1.1 -200 OK\r\n\r\n",), Reason.UNAVAILABLE),
    "HTTP 2": ((b"HTTP/2.0 200 OK\r\n\r\n",), Reason.UNAVAILABLE),
    "an endless status line": ((b"HTTP/1.1 200 " + b"x" * 70_000,), Reason.UNAVAILABLE),
    "an endless header": ((b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000,), Reason.UNAVAILABLE),
    "endless headers": ((b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 1_000,), Reason.UNAVAILABLE),
    "two lengths": ((b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 4\r\n\r\nokok",), Reason.UNAVAILABLE),
    "no": ((response(400, "invalid_payload"),), Reason.REJECTED),
    "103 and no": ((EARLY, 0.02, response(403, "no")), Reason.UNAUTHORISED),
    "103 and another no": ((EARLY + response(410, "no"),), Reason.GONE),
    "421": ((response(421),), Reason.UNAVAILABLE),
    "425": ((response(425),), Reason.UNAVAILABLE),
    "redirect": ((response(302, "", "Location: http://127.0.0.1:9/"),), Reason.MISCONFIGURED),
    "only 103": ((EARLY,), Reason.UNAVAILABLE),
    "half a 103": ((EARLY[:30],), Reason.UNAVAILABLE),
    "half a status": ((b"HTTP/1.1 20",), Reason.UNAVAILABLE),
    "nothing": ((b"",), Reason.UNAVAILABLE),
}
# Each wait is short, all of them together never end.
HANGING: dict[str, Callable[[], Iterable[bytes | float]]] = {
    "silence": lambda: repeat(0.05),
    "dripped status": lambda: dripped(b"HTTP/1.1 200 " + b"x" * 9_000, 0.02),
    "dripped header": lambda: chain([b"HTTP/1.1 200 OK\r\nX: "], dripped(b"x" * 9_000, 0.02)),
    "dripped headers": lambda: chain([b"HTTP/1.1 200 OK\r\n"], dripped(b"X: x\r\n" * 90, 0.02)),
    "100 every now and then": lambda: chain.from_iterable(repeat((CONTINUE, 0.05))),
    "103 every now and then": lambda: chain.from_iterable(repeat((EARLY, 0.05))),
    "dripped 103": lambda: dripped(EARLY * 100, 0.02),
}
# The status is the answer: a body that breaks off, lies or never ends takes nothing back.
CHUNKED = b"HTTP/1.1 202 x\r\nTransfer-Encoding: chunked\r\n\r\n"
BODIES: dict[str, Callable[[], Iterable[bytes | float]]] = {
    "shorter than it says": lambda: (b"HTTP/1.1 202 x\r\nContent-Length: 100\r\n\r\nabc",),
    "longer than it says": lambda: (b"HTTP/1.1 202 x\r\nContent-Length: 1\r\n\r\nabc" + response(200, "ok"),),
    "of a negative length": lambda: (b"HTTP/1.1 202 x\r\nContent-Length: -1\r\n\r\nabc",),
    "of a length that is none": lambda: (b"HTTP/1.1 202 x\r\nContent-Length: two\r\n\r\nabc",),
    "without a length": lambda: (b"HTTP/1.1 202 x\r\n\r\nabc",),
    "of broken chunks": lambda: (CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n",),
    "of half a chunk": lambda: (CHUNKED + b"8\r\nabc",),
    "of chunks and another answer": lambda: (CHUNKED + b"3\r\nabc\r\n0\r\n\r\n" + response(200, "ok"),),
    "of a header that breaks off": lambda: (b"HTTP/1.1 202 x\r\nContent-Le",),
    "dripped": lambda: chain((b"HTTP/1.1 202 x\r\nContent-Length: 1000\r\n\r\n",), dripped(b"x" * 1_000, 0.02)),
    "dripped in chunks": lambda: chain((CHUNKED,), dripped(b"1\r\nx\r\n" * 1_000, 0.02)),
    "that never comes": lambda: chain((b"HTTP/1.1 202 x\r\nContent-Length: 1000\r\n\r\n",), repeat(0.05)),
}
FRAGMENTS = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.0 202 \r\n",
    EARLY,
    CONTINUE,
    b"Content-Length: 2\r\n",
    b"Content-Length: 0x2\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Retry-After: -1\r\n",
    b"Connection: close\r\n",
    b": \r\n",
    b" folded\r\n",
    b"\r\n",
    b"\n",
    b"2\r\nok\r\n0\r\n\r\n",
    b"ok",
]


class Sending:
    """A channel whose server runs."""

    def __init__(self, name: str, server: FakeServer, url: str) -> None:
        self.server = server
        self.yes = CASES[name].success
        self._running = RunningChannel(CASES[name], server, url)

    def send(self) -> None:
        """Send a message."""
        self._running.send(FAILURE)

    def fails(self) -> DeliveryError:
        """Send a message that is not sent."""
        with pytest.raises(DeliveryError) as failed:
            self.send()
        return failed.value

    def hears_a_no(self) -> None:
        """Send a message that the server refuses, whatever it said before."""
        self.server.responses.append(FakeResponse(400, "invalid_payload"))

        failed = self.fails()

        assert "answered 400" in str(failed)
        assert not self.server.responses


@pytest.fixture
def sending(channel: str) -> Iterator[Sending]:
    """Run the channel's server."""
    with CASES[channel].fake() as server:
        yield Sending(channel, server, server.url)


def test_every_channel_over_http_is_tried() -> None:
    """A new one has a row; SNS is spoken to by botocore."""
    assert set(CHANNELS) == set(CHANNEL_TYPES) - {"sns"}


@pytest.mark.uncounted
@EVERY_CHANNEL
@pytest.mark.parametrize("trial", SENT)
def test_the_final_answer_counts_and_only_once(trial: str, sending: Sending) -> None:
    """Interim responses are skipped, and bytes after the response are never the next message's response."""
    written = Event()
    sending.server.responses.append(RawResponse(raw=announced(SENT[trial](sending.yes), written)))

    sending.send()

    assert written.wait(PATIENCE_SECONDS)
    sending.hears_a_no()


@EVERY_CHANNEL
@pytest.mark.parametrize("trial", UNSENT)
def test_what_is_no_answer_is_no_yes(trial: str, sending: Sending) -> None:
    """It ends as one of our errors, at once; nothing of it is left for the next message."""
    raw, reason = UNSENT[trial]
    sending.server.responses.append(RawResponse(raw=raw, hangs_up=True))
    started = monotonic()

    assert sending.fails().reason is reason

    assert monotonic() - started < PATIENCE_SECONDS
    sending.hears_a_no()


@pytest.mark.uncounted
@EVERY_CHANNEL
@pytest.mark.parametrize("trial", HANGING)
def test_no_send_outlasts_its_deadline(trial: str, sending: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, the answer never does; the next message finds a new connection."""
    sending.server.responses.append(RawResponse(raw=HANGING[trial]()))
    started = monotonic()
    with monkeypatch.context() as hurried:
        hurried.setattr("notifier.channels.http.client.SEND_SECONDS", MOMENT)

        assert sending.fails().reason is Reason.TIMED_OUT

    assert monotonic() - started < PATIENCE_SECONDS
    # A server that is slow to take the request would take the next response for it.
    while sending.server.responses and monotonic() - started < PATIENCE_SECONDS:
        sleep(MOMENT / 10)
    sending.server.responses.clear()
    sending.hears_a_no()


@pytest.mark.uncounted
@pytest.mark.parametrize("channel", [name for name in CHANNELS if CASES[name].any_202])
@pytest.mark.parametrize("trial", BODIES)
def test_the_status_is_the_answer_whatever_becomes_of_its_body(
    trial: str, sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those whose yes is a status are not posted to again because of a body that nobody needs."""
    sending.server.responses.append(RawResponse(raw=BODIES[trial](), hangs_up=True))
    with monkeypatch.context() as hurried:
        hurried.setattr("notifier.channels.http.client.BODY_SECONDS", MOMENT)

        sending.send()

    sending.server.responses.clear()
    sending.hears_a_no()


@pytest.mark.parametrize("channel", [name for name in CHANNELS if CASES[name].body_decides])
@pytest.mark.parametrize("text", ['{"ok":tr', '{"ok":fal', "", "ok", '{"ok":true,"ts":"1.2"}'])
def test_half_a_yes_is_none_where_the_words_count(text: str, sending: Sending) -> None:
    """Nobody knows what Slack would have said; it is asked again."""
    raw = f"HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\n{text}".encode()
    sending.server.responses.append(RawResponse(raw=[raw], hangs_up=True))

    assert sending.fails().reason is Reason.UNAVAILABLE

    sending.hears_a_no()


@pytest.mark.uncounted
@EVERY_CHANNEL
def test_whatever_is_answered_is_a_yes_or_one_of_our_errors(sending: Sending) -> None:
    """No odd answer breaks the worker, nor speaks for the next message."""

    @given(parts=st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=40))))
    def answered(parts: list[bytes]) -> None:
        sending.server.responses.append(RawResponse(raw=[b"".join(parts)], hangs_up=True))

        with suppress(DeliveryError):
            sending.send()

        sending.server.responses.clear()
        sending.hears_a_no()

    answered()


@pytest.fixture
def encrypted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sending]:
    """Run Slack with TLS."""
    with trusted(monkeypatch), FakeSlack() as server:
        encrypt(server)
        yield Sending("slack", server, server.url.replace("http:", "https:"))


@pytest.mark.parametrize("trial", SENT)
def test_over_tls_the_final_answer_counts_and_only_once(trial: str, encrypted: Sending) -> None:
    """The rest of a decrypted record is on no socket, and is no response either."""
    written = Event()
    encrypted.server.responses.append(RawResponse(raw=announced(SENT[trial](encrypted.yes), written)))

    encrypted.send()

    assert written.wait(PATIENCE_SECONDS)
    encrypted.hears_a_no()


@pytest.mark.uncounted
@pytest.mark.parametrize("trial", HANGING)
def test_over_tls_no_send_outlasts_its_deadline(
    trial: str, encrypted: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here another method reads."""
    encrypted.server.responses.append(RawResponse(raw=HANGING[trial]()))
    started = monotonic()
    with monkeypatch.context() as hurried:
        hurried.setattr("notifier.channels.http.client.SEND_SECONDS", MOMENT)

        assert encrypted.fails().reason is Reason.TIMED_OUT

    assert monotonic() - started < PATIENCE_SECONDS
    encrypted.server.responses.clear()
    encrypted.hears_a_no()


def test_a_connection_over_tls_is_kept(encrypted: Sending) -> None:
    """A second message needs no second handshake."""
    encrypted.send()
    encrypted.send()

    assert (len(encrypted.server.messages), encrypted.server.connections) == (2, 1)
