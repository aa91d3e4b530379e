"""apprise with one Slack webhook and one SNS topic."""

from collections.abc import Callable
from typing import Any

from bench.subjects.peers import body, redirect, title


def load() -> None:
    """Import apprise."""
    import apprise  # noqa: F401


def connect(settings: dict[str, Any]) -> Callable[[Any], Any]:
    """Add the two destinations."""
    from apprise import Apprise

    redirect(settings["stand_in"])
    destinations = Apprise()
    destinations.add("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7/")
    destinations.add("sns://AKIDEXAMPLE/secret/eu-west-1/alerts")

    def notify(event: dict[str, Any]) -> str:
        return str(destinations.notify(title=title(event), body=body(event)).status.name)

    return notify
