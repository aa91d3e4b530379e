"""The functions of this project, as Lambda runs them, and the baseline, which does the minimum of work."""

import importlib
import os
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any


class Context:
    """The Lambda context of one invocation."""

    memory_limit_in_mb = 512

    def __init__(self, function_name: str, timeout_seconds: float) -> None:
        self.function_name = function_name
        self.invoked_function_arn = f"arn:aws:lambda:eu-west-1:123456789012:function:{function_name}"
        self.aws_request_id = str(uuid.uuid4())
        self._ends_at = time.monotonic() + timeout_seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return the time that is left."""
        return int((self._ends_at - time.monotonic()) * 1000)


def start_function(settings: dict[str, Any]) -> Iterator[Callable[[Any], Any] | None]:
    """Import the module of the environment's handler, which creates its clients in its first invocation."""
    module, _, name = os.environ["_HANDLER"].rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    yield None
    yield lambda event: handler(event, Context(module, settings["timeout_seconds"]))


def start_baseline(settings: dict[str, Any]) -> Iterator[Callable[[Any], Any] | None]:
    """Import boto3 and urllib3; then create the two clients and the two threads that send the same bytes."""
    from concurrent.futures import ThreadPoolExecutor

    import boto3
    import urllib3

    yield None
    sns = boto3.client("sns")
    pools = urllib3.PoolManager()
    threads = ThreadPoolExecutor(2)
    post = {"body": settings["posted"], "headers": {"Content-Type": "application/json"}, "retries": False}

    def notify(_event: object) -> str:
        published = threads.submit(sns.publish, **settings["published"])
        posted = threads.submit(pools.request, "POST", settings["webhook"], **post)
        published.result()
        return f"Slack said {posted.result().status}"

    yield notify
