import pytest

from proton_notifier.fakes.server import Request
from proton_notifier.fakes.webhook import KEY, PATH, FakeReceiver, signature_error

# The test vector that the specification's libraries have in common.
VECTOR_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = 1_614_265_330
BODY = b'{"test": 2432232314}'
RIGHT = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(NOW),
    "webhook-signature": RIGHT,
}


@pytest.mark.parametrize("signatures", [RIGHT, f"v1,AAAA {RIGHT}", f"v2,AAAA {RIGHT} v1,BBBB"])
def test_the_published_test_vector_is_right(signatures: str) -> None:
    """Among other signatures, too, as there are while a key is replaced."""
    request = Request("/", {**HEADERS, "webhook-signature": signatures}, BODY)

    assert signature_error(request, VECTOR_KEY, NOW + 299) == ""


@pytest.mark.parametrize(
    ("headers", "body", "seconds", "problem"),
    [
        ({}, BODY + b" ", 0, "no signature is valid"),
        ({"webhook-id": "msg_another"}, BODY, 0, "no signature is valid"),
        ({"webhook-timestamp": str(NOW + 1)}, BODY, 0, "no signature is valid"),
        ({"webhook-signature": RIGHT.removeprefix("v1,")}, BODY, 0, "no signature is valid"),
        ({}, BODY, 301, "the timestamp is not current"),
        ({}, BODY, -301, "the timestamp is not current"),
    ],
    ids=["body", "id", "timestamp", "version", "too old", "too new"],
)
def test_anything_else_is_wrong(headers: dict[str, str], body: bytes, seconds: int, problem: str) -> None:
    """Each part of what is signed, and when."""
    assert signature_error(Request("/", {**HEADERS, **headers}, body), VECTOR_KEY, NOW + seconds) == problem


def test_a_header_that_is_missing_is_named() -> None:
    """As a receiver's log would."""
    assert signature_error(Request(PATH, {}, b""), KEY, 0) == "'webhook-id' is missing"


def test_another_path_is_not_there() -> None:
    """Nor is anything taken."""
    with FakeReceiver() as receiver:
        assert receiver.receive(Request("/other", {}, b"")).status == 404
        assert receiver.messages == []
