"""Notifications as JSON for whatever program wants them, signed as Standard Webhooks has it.

`docs/webhook.md` is the contract with receivers. The specification's own library (`standardwebhooks`) would ship for
the three lines of *signature*; the rest of it is for receivers.
"""

import binascii
import json
import re
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from hmac import digest
from typing import Any, ClassVar, Final

from notifier.channels.base import Clients
from notifier.channels.destination import Destination, Setting, secret_setting
from notifier.channels.errors import DeliveryError, Reason
from notifier.channels.http.client import Vendor, Webhook, refusal
from notifier.channels.notification_json import as_json
from notifier.channels.secrets import Secret
from notifier.model.notification import Notification

# It may be anybody's, so it has no hosts of its own, and nothing of its answers is repeated.
RECEIVER: Final = Vendor("The receiver", frozenset(), re.compile("()"))

# More than these can ever need: nothing is left out.
ROOM: Final = 10_000_000

# The specification's bounds.
KEY_PREFIX: Final = "whsec_"
KEY_BYTES: Final = range(24, 65)


class WebhookChannel:
    """Posts to any URL on a host that the parameter WebhookHosts lists."""

    settings: ClassVar[tuple[Setting, ...]] = (
        secret_setting("url", "the URL to post to"),
        secret_setting("signing_key", "the key to sign with, whsec_ and Base64"),
    )
    # A program wants each whole. About 1,200 bytes are usual, 60 KB together.
    max_batch: ClassVar[int] = 50

    def __init__(self, clients: Clients, clock: Callable[[], float] = time.time) -> None:
        self._secrets = clients.secrets
        self._webhooks = clients.webhooks
        self._clock = clock

    @staticmethod
    def message(notifications: tuple[Notification, ...], _destination: Destination) -> dict[str, Any]:
        """Write the body."""
        return as_json(notifications, ROOM)

    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> None:
        """Post *notifications* in one message; any success is a yes."""
        body = json.dumps(self.message(notifications, destination), separators=(",", ":")).encode()
        moment = str(int(self._clock()))
        name = message_id(notifications)

        def sign(key: Secret) -> None:
            headers = {
                "webhook-id": name,
                "webhook-timestamp": moment,
                "webhook-signature": signature(signing_key(key), name, moment, body),
            }

            def post(url: Secret) -> None:
                webhook = Webhook(url.value, f"the secret {url.name}")
                answer = self._webhooks.post(RECEIVER, webhook, body, headers)
                if not answer.success:
                    raise refusal(RECEIVER, answer)

            self._secrets.use(destination.setting("url"), post)

        self._secrets.use(destination.setting("signing_key"), sign)


def message_id(notifications: tuple[Notification, ...]) -> str:
    """Name the message by its events, so that a receiver knows it again when it is sent again."""
    events = json.dumps(sorted(notification.event_id for notification in notifications))
    return f"msg_{sha256(events.encode()).hexdigest()}"


def signing_key(secret: Secret) -> bytes:
    """Decode the key; raise `DeliveryError` if it is none."""
    try:
        key = b64decode(secret.value.removeprefix(KEY_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _no_key(secret) from error
    if len(key) not in KEY_BYTES:
        raise _no_key(secret)
    return key


def signature(key: bytes, name: str, moment: str, body: bytes) -> str:
    """Sign message id, time stamp and body."""
    signed = f"{name}.{moment}.".encode() + body
    return f"v1,{b64encode(digest(key, signed, sha256)).decode()}"


def _no_key(secret: Secret) -> DeliveryError:
    problem = f"the secret {secret.name} does not hold {KEY_PREFIX} and 24 to 64 bytes in Base64"
    return DeliveryError(problem, Reason.MISCONFIGURED)
