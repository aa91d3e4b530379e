"""The meaning of Slack's answers to an incoming webhook, a bot, and a workflow's trigger.

The words are those that Slack documents for chat.postMessage and for incoming webhooks, and those seen of triggers.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

import msgspec

from notifier.failures import DeliveryError, Reason
from notifier.notifications import Notification
from notifier.slack_messages import message
from notifier.webhooks import Answer, Vendor, refusal

REASONS: Final[Mapping[str, Reason]] = {
    "access_denied": Reason.UNAUTHORISED,
    "accesslimited": Reason.UNAUTHORISED,
    "account_inactive": Reason.UNAUTHORISED,
    "action_prohibited": Reason.UNAUTHORISED,
    "app_missing_action_url": Reason.MISCONFIGURED,
    "as_user_not_supported": Reason.MISCONFIGURED,
    "attachment_payload_limit_exceeded": Reason.REJECTED,
    "blocked_by_admin": Reason.UNAUTHORISED,
    "cannot_dm_bot": Reason.UNAUTHORISED,
    "cant_broadcast_message": Reason.UNAUTHORISED,
    "channel_is_archived": Reason.GONE,
    "channel_not_found": Reason.GONE,
    "channel_type_not_supported": Reason.MISCONFIGURED,
    "deprecated_endpoint": Reason.MISCONFIGURED,
    "duplicate_message_not_found": Reason.UNAVAILABLE,
    "ekm_access_denied": Reason.UNAUTHORISED,
    "enterprise_is_restricted": Reason.UNAUTHORISED,
    "fatal_error": Reason.UNAVAILABLE,
    "internal_error": Reason.UNAVAILABLE,
    "invalid_arguments": Reason.REJECTED,
    "invalid_attachments": Reason.REJECTED,
    "invalid_auth": Reason.UNAUTHORISED,
    "invalid_blocks": Reason.REJECTED,
    "invalid_blocks_format": Reason.REJECTED,
    "invalid_channel": Reason.MISCONFIGURED,
    "invalid_json": Reason.REJECTED,
    "invalid_payload": Reason.REJECTED,
    "invalid_token": Reason.UNAUTHORISED,
    "invalid_trigger_id": Reason.GONE,
    "invalid_webhook_token": Reason.UNAUTHORISED,
    "invalid_workflow_input": Reason.MISCONFIGURED,  # it asks for a variable that is not sent
    "is_archived": Reason.GONE,
    "is_inactive": Reason.UNAUTHORISED,
    "json_not_object": Reason.REJECTED,
    "markdown_text_conflict": Reason.REJECTED,
    "message_limit_exceeded": Reason.RATE_LIMITED,
    "messages_tab_disabled": Reason.UNAUTHORISED,
    "method_deprecated": Reason.MISCONFIGURED,
    "missing_scope": Reason.UNAUTHORISED,
    "missing_text_or_fallback_or_attachments": Reason.REJECTED,
    "msg_blocks_too_long": Reason.REJECTED,
    "msg_too_long": Reason.REJECTED,
    "no_active_hooks": Reason.GONE,
    "no_permission": Reason.UNAUTHORISED,
    "no_service": Reason.GONE,
    "no_service_id": Reason.GONE,
    "no_team": Reason.GONE,
    "no_text": Reason.REJECTED,
    "not_allowed_token_type": Reason.UNAUTHORISED,
    "not_authed": Reason.UNAUTHORISED,
    "not_in_channel": Reason.UNAUTHORISED,
    "org_login_required": Reason.UNAVAILABLE,  # while an organisation migrates
    "parameter_validation_failed": Reason.MISCONFIGURED,  # as invalid_workflow_input
    "posting_to_channel_denied": Reason.UNAUTHORISED,
    "posting_to_general_channel_denied": Reason.UNAUTHORISED,
    "rate_limited": Reason.RATE_LIMITED,
    "ratelimited": Reason.RATE_LIMITED,
    "request_timeout": Reason.TIMED_OUT,
    "restricted_action": Reason.UNAUTHORISED,
    "restricted_action_non_threadable_channel": Reason.UNAUTHORISED,
    "restricted_action_read_only_channel": Reason.UNAUTHORISED,
    "restricted_action_thread_locked": Reason.UNAUTHORISED,
    "restricted_action_thread_only_channel": Reason.UNAUTHORISED,
    "rollup_error": Reason.UNAVAILABLE,
    "service_unavailable": Reason.UNAVAILABLE,
    "team_access_not_granted": Reason.UNAUTHORISED,
    "team_added_to_org": Reason.UNAVAILABLE,  # while an organisation migrates
    "team_disabled": Reason.UNAUTHORISED,
    "team_not_found": Reason.GONE,
    "timeout": Reason.TIMED_OUT,
    "token_expired": Reason.UNAUTHORISED,
    "token_revoked": Reason.UNAUTHORISED,
    "too_large": Reason.REJECTED,
    "too_many_attachments": Reason.REJECTED,
    "too_many_contact_cards": Reason.REJECTED,
    "trigger_not_found": Reason.GONE,
    "two_factor_setup_required": Reason.UNAUTHORISED,
    "unverified_email": Reason.UNAUTHORISED,
    "user_is_restricted": Reason.UNAUTHORISED,
    "user_not_found": Reason.GONE,
    "webhook_not_found": Reason.GONE,
    "workflow_disabled": Reason.MISCONFIGURED,
    "workflow_not_found": Reason.GONE,
    "workflow_not_published": Reason.MISCONFIGURED,
}

HOOKS: Final = Vendor("Slack", frozenset({"hooks.slack.com", "hooks.slack-gov.com"}), reasons=REASONS)
API: Final = Vendor("Slack", frozenset({"slack.com", "slack-gov.com"}), reasons=REASONS)

# A workflow's URL, which is no incoming webhook's.
TRIGGER: Final = re.compile(r"https?://[^/?#]+/(triggers|workflows)/", re.IGNORECASE)
# What may stand around a word that means the same with it.
AROUND: Final = "\ufeff \t\r\n\"'"
OTHER_WORDS: Final = "Slack said yes in unusual words"


@dataclass(frozen=True, slots=True)
class Said:
    """Slack's words in JSON; *ts* names the message that a bot has posted."""

    ok: bool | None = None
    error: str | None = None
    ts: str | None = None

    @property
    def yes(self) -> bool:
        """Whether it cannot mean no."""
        return self.ok is True and not self.error


def webhook_receipt(answer: Answer) -> str | None:
    """Return what is odd about a yes to a webhook, nothing of the plain "ok"; raise `DeliveryError` if it is none."""
    if answer.status == HTTPStatus.OK and answer.text == "ok":
        return None
    said = _said(answer)
    if answer.success and (said.yes or answer.text.strip(AROUND).casefold() == "ok"):
        return OTHER_WORDS
    raise _refusal(HOOKS, answer, said, answer.text.strip(AROUND))


def bot_receipt(answer: Answer) -> str | None:
    """Return what is odd about a yes to a bot, nothing if it names the message; raise `DeliveryError` if it is none."""
    said = _said(answer)
    if answer.success and said.yes:
        return None if said.ts else OTHER_WORDS
    raise _refusal(API, answer, said, "")


def trigger_receipt(answer: Answer) -> str | None:
    """Return nothing for a trigger's yes, which is `{"ok": true}`; raise `DeliveryError` if it is none."""
    if answer.success and _said(answer).yes:
        return None
    return webhook_receipt(answer)


def posted(notifications: tuple[Notification, ...], post: Callable[[dict[str, Any]], str | None]) -> str | None:
    """Write *notifications* and *post* them; where Slack refuses them for good, once more without decoration.

    That is the mention, and in a message that is rejected also a route's own texts. The message says so.
    """
    try:
        return post(message(notifications))
    except DeliveryError as error:
        plain = tuple(_undecorated(each, error.reason) for each in notifications)
        if not error.permanent or plain == notifications:
            raise
        note = f"Slack refused the mention or text that the route adds, so this is without it: {error}"
    post(message(plain, note))
    return note


def _undecorated(notification: Notification, reason: Reason) -> Notification:
    if reason is Reason.REJECTED:
        return replace(notification, mention=None, custom_title=None, custom_body=None)
    return replace(notification, mention=None)


def _said(answer: Answer) -> Said:
    try:
        return msgspec.json.decode(answer.text.strip(AROUND), type=Said)
    except (msgspec.DecodeError, RecursionError):
        # A page of something in between is no yes, and no word of Slack's.
        return Said()


def _refusal(vendor: Vendor, answer: Answer, said: Said, bare: str) -> DeliveryError:
    """Make the error of a no, which is the word in JSON or else a *bare* one."""
    if said.ok is not False or not said.error:
        return refusal(vendor, replace(answer, text=bare))
    # Slack's newer words have been about permissions and forms: rather given up with an alarm than tried for hours.
    no = answer.success and vendor.words.search(said.error)
    reason = REASONS.get(said.error, Reason.MISCONFIGURED) if no else None
    return refusal(vendor, replace(answer, text=said.error), reason=reason)
