"""Notifications as JSON for any program, signed by the Standard Webhooks specification.

`docs/webhook.md` is the contract with receivers. The specification's library (`standardwebhooks`) is mostly for them.
"""

import json
import re
import time
from base64 import b64decode, b64encode
from contextlib import suppress
from hashlib import sha256
from hmac import digest
from typing import Any, Final

from notifier.channels.base import MILESTONES, Channel, Notifications
from notifier.channels.destination import DeliveryError, Destination, Reason, secret_setting
from notifier.channels.http.responses import Endpoint, Vendor, response_error
from notifier.channels.notification_json import json_document
from notifier.channels.secrets import Secret
from notifier.model.incident import Turn

# The server may be anybody's: only WebhookHosts allows hosts, and an error repeats nothing of a response.
RECEIVER: Final = Vendor("The receiver", frozenset(), re.compile("()"))
# More than *max_batch* notifications can take.
SIZE_LIMIT: Final = 10_000_000
# The specification's bounds of a key.
KEY_PREFIX: Final = "whsec_"
KEY_BYTES: Final = range(24, 65)


class WebhookChannel(Channel):
    """Channel that posts to any URL on a host in the parameter WebhookHosts."""

    settings = (
        secret_setting("url", "the URL to post to"),
        secret_setting("signing_key", "the key to sign with, whsec_ and Base64"),
    )
    # About 1,200 bytes each, 60 KB together: no notification is cut.
    max_batch = 50
    # Includes details, because a program can ignore them.
    followed = MILESTONES | {Turn.UPDATED, Turn.NOTED}

    @staticmethod
    def message(notifications: Notifications, _destination: Destination) -> dict[str, Any]:
        """Write the body of the request."""
        return json_document(notifications, SIZE_LIMIT)

    def send(self, notifications: Notifications) -> None:
        """Post *notifications* in one message; any 2xx is a success."""
        body = json.dumps(self.message(notifications, self.destination), separators=(",", ":")).encode()
        timestamp = str(int(time.time()))
        name = message_id(notifications)

        def sign(key: Secret) -> None:
            signed = signature(signing_key(key), name, timestamp, body)
            headers = {"webhook-id": name, "webhook-timestamp": timestamp, "webhook-signature": signed}

            def post(url: Secret) -> None:
                endpoint = Endpoint(url.value, f"the secret {url.name}")
                response = self._clients.http.post(RECEIVER, endpoint, body, headers)
                if not response.success:
                    raise response_error(RECEIVER, response)

            self._clients.secrets.use(self.destination.setting("url"), post)

        self._clients.secrets.use(self.destination.setting("signing_key"), sign)


def message_id(notifications: Notifications) -> str:
    """Derive the message id from the event ids, so that a receiver recognises a redelivery."""
    events = json.dumps(sorted(notification.event_id for notification in notifications))
    return f"msg_{sha256(events.encode()).hexdigest()}"


def signing_key(secret: Secret) -> bytes:
    """Decode the key in *secret*; raise `DeliveryError` if it is no key."""
    with suppress(ValueError):
        key = b64decode(secret.value.removeprefix(KEY_PREFIX), validate=True)
        if len(key) in KEY_BYTES:
            return key
    error_text = f"the secret {secret.name} does not hold {KEY_PREFIX} and 24 to 64 bytes in Base64"
    raise DeliveryError(error_text, Reason.MISCONFIGURED)


def signature(key: bytes, name: str, timestamp: str, body: bytes) -> str:
    """Sign message id, timestamp and body."""
    signed = f"{name}.{timestamp}.".encode() + body
    return f"v1,{b64encode(digest(key, signed, sha256)).decode()}"
