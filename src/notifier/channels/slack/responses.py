"""The meaning of Slack's answers to an incoming webhook, a bot, and a workflow's trigger.

The words are those that Slack documents for chat.postMessage and for incoming webhooks, and those seen of triggers.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

import msgspec

from notifier.channels.errors import DeliveryError, Reason, listed
from notifier.channels.http.client import Answer, Vendor, refusal
from notifier.channels.slack.message import message
from notifier.model.notification import Notification

REASONS: Final = listed(
    {
        Reason.GONE: (
            "channel_is_archived channel_not_found invalid_trigger_id is_archived no_active_hooks "
            "no_service no_service_id no_team team_not_found trigger_not_found user_not_found "
            "webhook_not_found workflow_not_found"
        ),
        # A workflow that asks for a variable that is not sent says so by the input or parameter.
        Reason.MISCONFIGURED: (
            "app_missing_action_url as_user_not_supported channel_type_not_supported "
            "deprecated_endpoint invalid_channel invalid_workflow_input method_deprecated "
            "parameter_validation_failed workflow_disabled workflow_not_published"
        ),
        Reason.RATE_LIMITED: "message_limit_exceeded rate_limited ratelimited",
        Reason.REJECTED: (
            "attachment_payload_limit_exceeded invalid_arguments invalid_attachments invalid_blocks "
            "invalid_blocks_format invalid_json invalid_payload json_not_object markdown_text_conflict "
            "missing_text_or_fallback_or_attachments msg_blocks_too_long msg_too_long no_text too_large "
            "too_many_attachments too_many_contact_cards"
        ),
        Reason.TIMED_OUT: "request_timeout timeout",
        Reason.UNAUTHORISED: (
            "access_denied accesslimited account_inactive action_prohibited blocked_by_admin "
            "cannot_dm_bot cant_broadcast_message ekm_access_denied enterprise_is_restricted "
            "invalid_auth invalid_token invalid_webhook_token is_inactive messages_tab_disabled "
            "missing_scope no_permission not_allowed_token_type not_authed not_in_channel "
            "posting_to_channel_denied posting_to_general_channel_denied restricted_action "
            "restricted_action_non_threadable_channel restricted_action_read_only_channel "
            "restricted_action_thread_locked restricted_action_thread_only_channel "
            "team_access_not_granted team_disabled token_expired token_revoked "
            "two_factor_setup_required unverified_email user_is_restricted"
        ),
        # external_channel_migrating, org_login_required, team_added_to_org: while a channel or organisation migrates.
        Reason.UNAVAILABLE: (
            "duplicate_message_not_found external_channel_migrating fatal_error internal_error "
            "org_login_required rollup_error service_unavailable team_added_to_org"
        ),
    }
)

HOOKS: Final = Vendor("Slack", frozenset({"hooks.slack.com", "hooks.slack-gov.com"}), reasons=REASONS)
API: Final = Vendor("Slack", frozenset({"slack.com", "slack-gov.com"}), reasons=REASONS)

# A workflow's URL, which is no incoming webhook's.
TRIGGER: Final = re.compile(r"https?://[^/?#]+/(triggers|workflows)/", re.IGNORECASE)
# Characters around a word that do not change its meaning.
AROUND: Final = "\ufeff \t\r\n\"'.!"
OTHER_WORDS: Final = "Slack said yes in unusual words"


@dataclass(frozen=True, slots=True)
class Said:
    """Slack's words in JSON; *ts* names the message that a bot has posted."""

    ok: object = None
    error: object = None
    ts: object = None

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
    if said.ok is not False or not isinstance(said.error, str):
        return refusal(vendor, replace(answer, text=bare))
    # Slack's newer words have been about permissions and forms: rather given up with an alarm than tried for hours.
    no = answer.success and vendor.words.search(said.error)
    reason = REASONS.get(said.error, Reason.MISCONFIGURED) if no else None
    return refusal(vendor, replace(answer, text=said.error), reason=reason)
