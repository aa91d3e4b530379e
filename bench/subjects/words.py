"""What the peers are given to say of an event, since none of them knows Proton's."""

from typing import Any


def title(event: dict[str, Any]) -> str:
    """Name what happened to what."""
    return f"{event['detail']['name']} is {event['detail']['status']}"


def body(event: dict[str, Any]) -> str:
    """Say the rest."""
    return (
        f"{event['detail-type']}: {event['detail']['name']} was {event['detail']['previousStatus']} and is "
        f"{event['detail']['status']} in {event['account']}, {event['region']}, since {event['time']}: "
        f"{event['resources'][0]} (event {event['id']})"
    )
