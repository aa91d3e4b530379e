"""Messages from a Slack app's bot, by the API's chat.postMessage."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, ClassVar, Final

import msgspec

from notifier.delivery import ALL_AT_ONCE, Clients
from notifier.destinations import Destination, Setting, secret_setting
from notifier.failures import DeliveryError, Reason
from notifier.notifications import Notification
from notifier.slack_messages import message
from notifier.stored_secrets import Secret
from notifier.webhooks import Answer, Vendor, Webhook, refusal

SLACK: Final = Vendor("Slack", frozenset({"slack.com", "slack-gov.com"}))
API: Final = "https://slack.com/api/chat.postMessage"
# What else stood in the header would be repeated in the error that Python raises of it.
TOKEN: Final = re.compile(r"(xoxe\.)?xoxb-[A-Za-z0-9._=/+-]+")

# By the word in an answer of status 200; others are rejections. What Slack documents as passing is listed, and its
# newer words have been about permissions and forms: rather given up with an alarm than tried for hours in silence.
REASONS: Final[Mapping[str, Reason]] = {
    "access_denied": Reason.UNAUTHORISED,
    "accesslimited": Reason.UNAUTHORISED,
    "account_inactive": Reason.UNAUTHORISED,
    "channel_not_found": Reason.GONE,
    "ekm_access_denied": Reason.UNAUTHORISED,
    "fatal_error": Reason.UNAVAILABLE,
    "internal_error": Reason.UNAVAILABLE,
    "invalid_auth": Reason.UNAUTHORISED,
    "is_archived": Reason.GONE,
    "missing_scope": Reason.UNAUTHORISED,
    "no_permission": Reason.UNAUTHORISED,
    "not_allowed_token_type": Reason.UNAUTHORISED,
    "not_authed": Reason.UNAUTHORISED,
    "not_in_channel": Reason.UNAUTHORISED,
    "org_login_required": Reason.UNAVAILABLE,  # while an organisation migrates
    "rate_limited": Reason.RATE_LIMITED,
    "ratelimited": Reason.RATE_LIMITED,
    "request_timeout": Reason.TIMED_OUT,
    "restricted_action": Reason.UNAUTHORISED,
    "service_unavailable": Reason.UNAVAILABLE,
    "team_added_to_org": Reason.UNAVAILABLE,  # for the same reason
    "token_expired": Reason.UNAUTHORISED,
    "token_revoked": Reason.UNAUTHORISED,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What Slack says to a call of its API."""

    ok: bool
    error: str = ""


class SlackBotChannel:
    """Posts to a channel that the bot is in."""

    settings: ClassVar[tuple[Setting, ...]] = (
        secret_setting("token", "a Slack bot's token, xoxb-..."),
        Setting("channel", "[CG][A-Z0-9]{2,20}", "the id of a Slack channel, like C0123456789"),
        Setting("url", r"https?://[^\s@]{1,2000}", "the URL of Slack's chat.postMessage", default=API),
    )

    at_once: ClassVar[int] = ALL_AT_ONCE

    def __init__(self, clients: Clients) -> None:
        self._secrets = clients.secrets
        self._webhooks = clients.webhooks

    @staticmethod
    def message(notifications: tuple[Notification, ...], destination: Destination) -> dict[str, Any]:
        """Write the payload."""
        return {"channel": destination.setting("channel"), **message(notifications)}

    def send(self, notifications: tuple[Notification, ...], destination: Destination) -> None:
        """Post *notifications* in one message; anything but `"ok": true` is an error."""
        body = json.dumps(self.message(notifications, destination)).encode()
        address = Webhook(destination.setting("url", API), f"the setting url of {destination.name}")

        def post(token: Secret) -> None:
            answer = self._webhooks.post(SLACK, address, body, _headers(token))
            said = _said(answer)
            if answer.status != HTTPStatus.OK or not said.ok:
                raise _refusal(answer, said)

        self._secrets.use(destination.setting("token"), post)


def _headers(token: Secret) -> Mapping[str, str]:
    if not TOKEN.fullmatch(token.value):
        problem = f"the secret {token.name} does not hold a Slack bot's token, xoxb-..."
        raise DeliveryError(problem, Reason.MISCONFIGURED)
    return {"Authorization": f"Bearer {token.value}", "Content-Type": "application/json; charset=utf-8"}


def _said(answer: Answer) -> Said:
    try:
        return msgspec.json.decode(answer.text, type=Said)
    except (msgspec.DecodeError, RecursionError):
        # A page of something in between is no yes, and no word of Slack's.
        return Said(ok=False)


def _refusal(answer: Answer, said: Said) -> DeliveryError:
    told = answer.status == HTTPStatus.OK and SLACK.words.search(said.error)
    return refusal(SLACK, replace(answer, text=said.error), REASONS.get(said.error, Reason.REJECTED) if told else None)
