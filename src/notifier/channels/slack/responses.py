"""Slack's responses to an incoming webhook, a bot, and a workflow's trigger.

Slack documents the error codes of chat.postMessage and of incoming webhooks; the codes of triggers were observed.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

import msgspec

from notifier.channels.base import Receipt
from notifier.channels.destination import DeliveryError, Reason, by_code
from notifier.channels.http.responses import Response, Vendor, response_error
from notifier.channels.slack.message import message
from notifier.model.notification import Notification

REASONS: Final = by_code(
    {
        Reason.GONE: """channel_is_archived channel_not_found invalid_trigger_id is_archived no_active_hooks
            no_service no_service_id no_team team_not_found trigger_not_found user_not_found webhook_not_found
            workflow_not_found""",
        # invalid_workflow_input, parameter_validation_failed: the workflow requires a variable that we do not send.
        Reason.MISCONFIGURED: """app_missing_action_url as_user_not_supported channel_type_not_supported
            deprecated_endpoint invalid_channel invalid_workflow_input method_deprecated parameter_validation_failed
            workflow_disabled workflow_not_published""",
        Reason.RATE_LIMITED: "message_limit_exceeded rate_limited ratelimited",
        Reason.REJECTED: """attachment_payload_limit_exceeded invalid_arguments invalid_attachments invalid_blocks
            invalid_blocks_format invalid_json invalid_payload json_not_object markdown_text_conflict
            missing_text_or_fallback_or_attachments msg_blocks_too_long msg_too_long no_text too_large
            too_many_attachments too_many_contact_cards""",
        Reason.TIMED_OUT: "request_timeout timeout",
        Reason.UNAUTHORISED: """access_denied accesslimited account_inactive action_prohibited blocked_by_admin
            cannot_dm_bot cant_broadcast_message ekm_access_denied enterprise_is_restricted invalid_auth
            invalid_token invalid_webhook_token is_inactive messages_tab_disabled missing_scope no_permission
            not_allowed_token_type not_authed not_in_channel posting_to_channel_denied
            posting_to_general_channel_denied restricted_action restricted_action_non_threadable_channel
            restricted_action_read_only_channel restricted_action_thread_locked
            restricted_action_thread_only_channel team_access_not_granted team_disabled token_expired token_revoked
            two_factor_setup_required unverified_email user_is_restricted""",
        # external_channel_migrating, org_login_required, team_added_to_org: while a channel or organisation migrates.
        Reason.UNAVAILABLE: """external_channel_migrating fatal_error internal_error
            org_login_required rollup_error service_unavailable team_added_to_org
            update_failed""",
    }
)

HOOKS: Final = Vendor("Slack", frozenset({"hooks.slack.com", "hooks.slack-gov.com"}), reasons=REASONS)
API: Final = Vendor("Slack", frozenset({"slack.com", "slack-gov.com"}), reasons=REASONS)

# The URL of a workflow's trigger; an incoming webhook is on the same host.
WORKFLOW_URL: Final = re.compile(r"https?://[^/?#]+/(triggers|workflows)/", re.IGNORECASE)
# Characters around a code that do not change its meaning.
AROUND: Final = "\ufeff \t\r\n\"'.!"
UNUSUAL_SUCCESS: Final = "Slack reported success in an unusual response"


@dataclass(frozen=True, slots=True)
class ResponseBody:
    """The JSON of Slack's response; *ts* is the id of the posted *message*, *channel* is the channel's id."""

    ok: object = None
    error: object = None
    ts: object = None
    channel: object = None
    message: object = None

    @property
    def success(self) -> bool:
        """True if the body reports success and no error."""
        return self.ok is True and not self.error


def check_webhook(response: Response) -> Receipt:
    """Raise `DeliveryError` unless a webhook's *response* is a success; add a note if it is not exactly "ok"."""
    if response.status == HTTPStatus.OK and response.text == "ok":
        return Receipt()
    body = _parsed(response)
    code = response.text.strip(AROUND)
    if response.success and (body.success or code.casefold() == "ok"):
        return Receipt(UNUSUAL_SUCCESS)
    raise _error(HOOKS, response, body, code)


def check_bot(response: Response) -> Receipt:
    """Raise `DeliveryError` unless the API's *response* is a success; add a note if it names no message."""
    body = _parsed(response)
    if response.success and body.success:
        outside = isinstance(body.message, dict) and "thread_ts" not in body.message
        note = "" if body.ts else UNUSUAL_SUCCESS
        return Receipt(note, str(body.ts or ""), str(body.channel or ""), is_root=outside)
    raise _error(API, response, body, "")


def check_workflow(response: Response) -> Receipt:
    """Raise `DeliveryError` unless a trigger's *response* is a success, which is `{"ok": true}`."""
    if response.success and _parsed(response).success:
        return Receipt()
    return check_webhook(response)


def post_or_simplify(
    notifications: tuple[Notification, ...], post: Callable[[dict[str, Any]], Receipt], remark: str = ""
) -> Receipt:
    """*post* the message with *remark*; after a permanent error, post it without the mention, and note that."""
    try:
        return post(message(notifications, remark))
    except DeliveryError as error:
        plain = tuple(replace(notification, mention=None) for notification in notifications)
        # The route's own texts may be the reason of the rejection.
        if error.reason is Reason.REJECTED:
            plain = tuple(replace(notification, custom_title=None, custom_body=None) for notification in plain)
        if not error.permanent or plain == notifications:
            raise
        note = f"Slack refused the mention or text that the route adds, so this is without it: {error}"
    return replace(post(message(plain, f"{remark} {note}".lstrip())), note=note)


def _parsed(response: Response) -> ResponseBody:
    # A proxy's page is neither a success nor an error code.
    with suppress(msgspec.DecodeError, RecursionError):
        return msgspec.json.decode(response.text.strip(AROUND), type=ResponseBody)
    return ResponseBody()


def _error(vendor: Vendor, response: Response, body: ResponseBody, code: str) -> DeliveryError:
    """Make the error of a failure; *code* is the error code if the response is no JSON."""
    if body.ok is not False or not isinstance(body.error, str):
        return response_error(vendor, replace(response, text=code))
    # Slack's newer error codes were all permanent: dead-letter with an alarm instead of hours of retries.
    is_code = response.success and vendor.error_code.search(body.error)
    reason = REASONS.get(body.error, Reason.MISCONFIGURED) if is_code else None
    return response_error(vendor, replace(response, text=body.error), reason=reason)
