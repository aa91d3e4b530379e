"""Which custom metrics a log makes: one is billed for each name under each set of dimensions' values."""

import json
from collections.abc import Iterator
from typing import Any


def series(log: str) -> frozenset[str]:
    """Find the metrics that CloudWatch reads out of *log*, in its embedded metric format."""
    return frozenset(metric for line in log.splitlines() for metric in _metrics(line))


def _metrics(line: str) -> Iterator[str]:
    if not line.startswith("{"):
        return
    entry: dict[str, Any] = json.loads(line)
    for directive in entry.get("_aws", {}).get("CloudWatchMetrics", []):
        for names in directive["Dimensions"]:
            dimensions = ",".join(f"{name}={entry[name]}" for name in sorted(names))
            for metric in directive["Metrics"]:
                yield f"{directive['Namespace']}/{metric['Name']}{{{dimensions}}}"
