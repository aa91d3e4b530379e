"""The channels: one module or package for each type of destination."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

from notifier.model.incident import Turn

if TYPE_CHECKING:
    from notifier.channels.base import Channel

# Loaded on first use, so that a cold start loads no channel that is not configured.
CHANNEL_TYPES: Final[Mapping[str, tuple[str, str]]] = {
    "pagerduty": ("notifier.channels.pagerduty", "PagerDutyChannel"),
    "slack": ("notifier.channels.slack.webhook", "SlackChannel"),
    "slack-bot": ("notifier.channels.slack.bot", "SlackBotChannel"),
    "slack-workflow": ("notifier.channels.slack.workflow", "SlackWorkflowChannel"),
    "sns": ("notifier.channels.sns.topic", "SnsChannel"),
    "teams": ("notifier.channels.teams.webhook", "TeamsChannel"),
    "webhook": ("notifier.channels.webhook", "WebhookChannel"),
}

# A destination that was told of an incident gets these turns of it, though no route may lead there now.
FOLLOWED: Final = frozenset(
    {Turn.AGAIN, Turn.ENDED, Turn.FINISHED, Turn.FLAPPING, Turn.LATE, Turn.RECOVERED, Turn.REMINDER, Turn.SETTLED}
)
MORE_FOLLOWED: Final[Mapping[str, frozenset[Turn]]] = {
    "pagerduty": frozenset({Turn.UPDATED}),
    "slack-bot": frozenset(Turn),
    "webhook": frozenset({Turn.NOTED, Turn.UPDATED}),
}
# Turns by which one message of the incident changes, and which are none of their own.
ROOT_ONLY: Final = frozenset({Turn.COUNTED, Turn.NOTED, Turn.PROGRESS})


def follows(name: str, turn: Turn) -> bool:
    """Tell if destinations of the channel type *name* follow an incident through *turn*."""
    return turn in FOLLOWED | MORE_FOLLOWED.get(name, frozenset())


def channel_type(name: str) -> "type[Channel]":
    """Load the channel type *name*, a key of `CHANNEL_TYPES`."""
    module, class_name = CHANNEL_TYPES[name]
    loaded: type[Channel] = getattr(import_module(module), class_name)
    return loaded
