"""The types of places that messages go to, one module each."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from notifier.channels.base import ChannelType

# Loaded when first asked for, so that a cold start pays for what it uses.
CHANNEL_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "pagerduty": ("notifier.channels.pagerduty", "PagerDutyChannel"),
    "slack": ("notifier.channels.slack.webhook", "SlackChannel"),
    "slack-bot": ("notifier.channels.slack.bot", "SlackBotChannel"),
    "slack-workflow": ("notifier.channels.slack.workflow", "SlackWorkflowChannel"),
    "sns": ("notifier.channels.sns.topic", "SnsChannel"),
    "teams": ("notifier.channels.teams.card", "TeamsChannel"),
    "webhook": ("notifier.channels.webhook", "WebhookChannel"),
}


def channel_type(name: str) -> "ChannelType":
    """Load the type *name*, which is one of `CHANNEL_TYPES`."""
    module, made = CHANNEL_TYPES[name]
    loaded: ChannelType = getattr(import_module(module), made)
    return loaded
