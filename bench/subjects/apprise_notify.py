"""apprise with one Slack webhook and one SNS topic."""

from collections.abc import Callable, Iterator
from typing import Any

from bench.subjects.peers import body, redirect, title


def start(settings: dict[str, Any]) -> Iterator[Callable[[Any], Any] | None]:
    """Import apprise; then add the two destinations."""
    from apprise import Apprise

    yield None
    redirect(settings["endpoint"])
    destinations = Apprise()
    destinations.add("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7/")
    destinations.add("sns://AKIDEXAMPLE/secret/eu-west-1/alerts")
    yield lambda event: str(destinations.notify(title=title(event), body=body(event)).status.name)
