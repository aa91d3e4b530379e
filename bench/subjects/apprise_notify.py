"""apprise with one Slack webhook and one SNS topic."""

from collections.abc import Callable
from typing import Any

from bench.subjects.redirection import redirect
from bench.subjects.words import body, title


def load() -> None:
    """Import it."""
    import apprise  # noqa: F401


def connect(settings: dict[str, Any]) -> Callable[[Any], Any]:
    """Add the two places."""
    from apprise import Apprise

    redirect(settings["stand_in"])
    places = Apprise()
    places.add("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7/")
    places.add("sns://AKIDEXAMPLE/secret/eu-west-1/alerts")

    def tell(event: dict[str, Any]) -> str:
        return str(places.notify(title=title(event), body=body(event)).status.name)

    return tell
