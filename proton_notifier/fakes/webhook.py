"""A receiver of webhooks on loopback, which checks signatures as Standard Webhooks tells receivers to."""

import base64
import hashlib
import hmac
import json
import time
from http import HTTPStatus
from typing import Final

from proton_notifier.fakes.server import FakeResponse, FakeServer, Request

PATH: Final = "/hooks/fake"
KEY: Final = "whsec_" + base64.b64encode(bytes(range(32))).decode()
# The specification leaves it to the receiver; its libraries allow five minutes.
TOLERANCE_SECONDS: Final = 5 * 60


class FakeReceiver(FakeServer):
    """A receiver that knows *KEY* and takes each message once; *ids* are those that came, however often."""

    channel = "webhook"
    path = PATH

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []

    def receive(self, request: Request) -> FakeResponse:
        """Take what is signed."""
        if request.path != PATH:
            return FakeResponse(HTTPStatus.NOT_FOUND, "")
        problem = signature_error(request, KEY, time.time())
        if problem:
            self.rejections.append(problem)
            return FakeResponse(HTTPStatus.UNAUTHORIZED, "")
        name = request.headers["webhook-id"]
        if name not in self.ids:
            self.messages.append(json.loads(request.body))
        self.ids.append(name)
        return FakeResponse(HTTPStatus.NO_CONTENT, "")


def signature_error(request: Request, key: str, now: float) -> str:
    """Say what is wrong with the signature of *request*; nothing if it is right."""
    try:
        name, moment, signatures = (request.headers[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
    except KeyError as missing:
        return f"{missing} is missing"
    if abs(now - int(moment)) > TOLERANCE_SECONDS:
        return "the time stamp is not of now"
    mac = hmac.new(base64.b64decode(key.partition("_")[2]), digestmod=hashlib.sha256)
    for part in (name.encode(), b".", moment.encode(), b".", request.body):
        mac.update(part)
    expected = base64.b64encode(mac.digest())
    for entry in signatures.split(" "):
        version, _, given = entry.partition(",")
        if version == "v1" and hmac.compare_digest(given.encode(), expected):
            return ""
    return "no signature is right"
