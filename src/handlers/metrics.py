"""Metrics, as lines of the log in CloudWatch's embedded format."""

import os
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

# Of one metric in one line.
VALUES_LIMIT: Final = 100


class Metrics:
    """The metrics of an invocation, kept until they are sent."""

    def __init__(self) -> None:
        self._values: defaultdict[str, list[float]] = defaultdict(list)

    def add(self, name: str, value: float = 1) -> None:
        """Add a *value* of the metric *name*."""
        self._values[name].append(value)

    def send(self) -> None:
        """Send what was added."""
        send_metrics({}, **self._values)
        self._values.clear()


def send_metrics(dimensions: Mapping[str, str], **values: Sequence[float]) -> None:
    """Send the *values* of metrics by name; one without values is left out, as it is billed by the hour."""
    dimensions = {"service": os.environ["POWERTOOLS_SERVICE_NAME"], **dimensions}
    longest = max(map(len, values.values()), default=0)
    for start in range(0, longest, VALUES_LIMIT):
        part = {name: rest for name, numbers in values.items() if (rest := numbers[start : start + VALUES_LIMIT])}
        directive = {
            "Namespace": os.environ["METRICS_NAMESPACE"],
            "Dimensions": [[*dimensions]],
            "Metrics": [{"Name": name, "Unit": "Seconds" if "Seconds" in name else "Count"} for name in part],
        }
        about = {"Timestamp": int(time.time() * 1_000), "CloudWatchMetrics": [directive]}
        sys.stdout.write(msgspec.json.encode({"_aws": about, **dimensions, **part}).decode() + "\n")
