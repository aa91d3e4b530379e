"""The channels: one module or package for each type of destination."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from notifier.channels.base import Channel

# Loaded on first use, so that a cold start loads only configured channels.
CHANNEL_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "pagerduty": ("notifier.channels.pagerduty", "PagerDutyChannel"),
    "slack": ("notifier.channels.slack.webhook", "SlackChannel"),
    "slack-bot": ("notifier.channels.slack.bot", "SlackBotChannel"),
    "slack-workflow": ("notifier.channels.slack.webhook", "SlackWorkflowChannel"),
    "sns": ("notifier.channels.sns.topic", "SnsChannel"),
    "teams": ("notifier.channels.teams.webhook", "TeamsChannel"),
    "webhook": ("notifier.channels.webhook", "WebhookChannel"),
}


def channel_type(name: str) -> "type[Channel]":
    """Load the channel type *name*, a key of `CHANNEL_TYPES`."""
    module, class_name = CHANNEL_TYPES[name]
    loaded: type[Channel] = getattr(import_module(module), class_name)
    return loaded
