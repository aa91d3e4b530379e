"""A fake of a webhook receiver, which checks signatures as Standard Webhooks requires."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from proton_notifier.fakes.server import FakeResponse, FakeServer, Request

PATH: Final = "/hooks/fake"
KEY: Final = "whsec_" + base64.b64encode(bytes(range(32))).decode()
# The specification leaves the tolerance to the receiver; its libraries allow five minutes.
TOLERANCE_SECONDS: Final = 5 * 60


class FakeReceiver(FakeServer):
    """Fake of a receiver that accepts each message once; *ids* are those of all requests."""

    channel = "webhook"
    path = PATH

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []

    @property
    def secrets(self) -> Mapping[str, str]:
        """The secrets of a destination that sends here, by setting."""
        return {"signing_key": KEY, "url": self.url}

    def receive(self, request: Request) -> FakeResponse:
        """Accept a signed request."""
        if request.path != PATH:
            return FakeResponse(HTTPStatus.NOT_FOUND, "")
        if error := signature_error(request, KEY, time.time()):
            self.rejections.append(error)
            return FakeResponse(HTTPStatus.UNAUTHORIZED, "")
        message_id = request.headers["webhook-id"]
        if message_id not in self.ids:
            self.messages.append(json.loads(request.body))
        self.ids.append(message_id)
        return FakeResponse(HTTPStatus.NO_CONTENT, "")


def signature_error(request: Request, key: str, now: float) -> str:
    """Return the error in the signature of *request*, or an empty text if it is valid."""
    try:
        message_id, sent_at, signatures = (
            request.headers[f"webhook-{part}"] for part in ("id", "timestamp", "signature")
        )
    except KeyError as missing:
        return f"{missing} is missing"
    if abs(now - int(sent_at)) > TOLERANCE_SECONDS:
        return "the timestamp is not current"
    signed = b".".join((message_id.encode(), sent_at.encode(), request.body))
    mac = hmac.digest(base64.b64decode(key.partition("_")[2]), signed, hashlib.sha256)
    expected = b"v1," + base64.b64encode(mac)
    if any(hmac.compare_digest(signature.encode(), expected) for signature in signatures.split(" ")):
        return ""
    return "no signature is valid"
