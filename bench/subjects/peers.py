"""The text of an event for the Python peers, none of which reads Proton's events, and their connection to the fake."""

from typing import Any
from urllib.parse import urlsplit


def title(event: dict[str, Any]) -> str:
    """Name the resource and its status."""
    return f"{event['detail']['name']} is {event['detail']['status']}"


def body(event: dict[str, Any]) -> str:
    """Write the other details."""
    return (
        f"{event['detail-type']}: {event['detail']['name']} was {event['detail']['previousStatus']} and is "
        f"{event['detail']['status']} in {event['account']}, {event['region']}, since {event['time']}: "
        f"{event['resources'][0]} (event {event['id']})"
    )


def redirect(endpoint: str) -> None:
    """Let `requests` connect to *endpoint*: the vendors' hosts are constants in the peers' code."""
    from requests.adapters import HTTPAdapter

    send = HTTPAdapter.send

    def redirected(adapter: HTTPAdapter, request: Any, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - theirs
        request.url = endpoint + urlsplit(request.url).path
        return send(adapter, request, *arguments, **named)

    HTTPAdapter.send = redirected  # type: ignore[assignment, method-assign] # replaced on purpose
