"""The custom metrics in a log; each name under each combination of dimensions' values is billed as one."""

import json
from collections.abc import Iterator
from typing import Any


def series(log: str) -> frozenset[str]:
    """Find the metrics in *log*, which has CloudWatch's embedded metric format."""
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
