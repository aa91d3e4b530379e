"""The minimum of work: the same bytes by boto3 and urllib3, over kept connections, in two threads at once."""

from collections.abc import Callable
from typing import Any


def load() -> None:
    """Import boto3 and urllib3."""
    import boto3  # noqa: F401
    import urllib3  # noqa: F401


def connect(settings: dict[str, Any]) -> Callable[[Any], Any]:
    """Create the two clients and the two threads."""
    from concurrent.futures import ThreadPoolExecutor

    import boto3
    import urllib3

    sns = boto3.client("sns")
    pools = urllib3.PoolManager()
    threads = ThreadPoolExecutor(2)

    def notify(_event: object) -> str:
        published = threads.submit(sns.publish, **settings["published"])
        posted = threads.submit(
            pools.request,
            "POST",
            settings["webhook"],
            body=settings["posted"].encode(),
            headers={"Content-Type": "application/json"},
            retries=False,
        )
        published.result()
        status = posted.result().status
        return f"Slack said {status}"

    return notify
