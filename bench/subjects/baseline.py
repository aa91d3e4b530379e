"""The baseline does the minimum of work: it sends the same bytes by boto3 and urllib3, in two threads at once."""

from collections.abc import Callable, Iterator
from typing import Any


def start(settings: dict[str, Any]) -> Iterator[Callable[[Any], Any] | None]:
    """Import boto3 and urllib3; then create the two clients and the two threads."""
    from concurrent.futures import ThreadPoolExecutor

    import boto3
    import urllib3

    yield None
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
        return f"Slack said {posted.result().status}"

    yield notify
