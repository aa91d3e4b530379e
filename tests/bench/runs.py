"""Results as a run leaves them, with round figures."""

from typing import Any

from bench.results import Result


def worker(*metrics: str, cpu_outside_sdk_ms: float = 1) -> Result:
    """Make a worker that computes for two of its hundred milliseconds."""
    return {
        "cpu_ms": 2,
        "cpu_outside_sdk_ms": cpu_outside_sdk_ms,
        "with_latencies_ms": 100,
        "with_latencies_cpu_ms": 2,
        "peak_megabytes": 50,
        "logged_bytes": 1_000,
        "metrics": [*metrics],
    }


def subject(with_latencies_ms: float, workers: dict[str, Result]) -> Result:
    """Make a subject in one round."""
    return {
        "calls": {"Publish": 1, "SendMessageBatch": 1, "rows written": 4},
        "loopback": {"p50_ms": 3, "p99_ms": 5, "events": 200},
        "with_latencies": {"p50_ms": with_latencies_ms, "p99_ms": with_latencies_ms + 10, "events": 40},
        "cpu_ms": sum(each["cpu_ms"] for each in workers.values()),
        "cpu_outside_sdk_ms": sum(each["cpu_outside_sdk_ms"] for each in workers.values()),
        "workers": workers,
    }


def startup(imports_ms: float, first_event_ms: float) -> Result:
    """Make a cold start."""
    return {
        "imports_ms": imports_ms,
        "clients_ms": 0,
        "first_event_ms": first_event_ms,
        "before_event_ms": imports_ms,
        "total_ms": imports_ms + first_event_ms,
    }


def round_of(baseline_ms: float) -> Result:
    """Make a round in which the functions take two and three times as long to start as the baseline."""
    startups = {
        "baseline": startup(baseline_ms, 0),
        "events": startup(baseline_ms, baseline_ms),
        "delivery": startup(baseline_ms, 2 * baseline_ms),
    }
    functions = {
        "events": worker("n/Received{service=events}"),
        "delivery": worker("n/Sent{service=delivery}", "n/Late{service=delivery}"),
    }
    subjects = {
        "baseline": subject(100, {"baseline": worker(cpu_outside_sdk_ms=0.5)}),
        "proton-notifier": subject(155, functions),
    }
    without_memory = subject(125, {**functions, "events": worker(cpu_outside_sdk_ms=0.5)})
    return {
        "subjects": subjects,
        "without_memory": without_memory,
        "startups": startups,
        "startups_without_bytecode": startups,
    }


def fault(*, slack: list[float], sns: list[float], outcome: str, **found: Any) -> Result:  # noqa: ANN401 - any field
    """Make the outcome of an event under a fault."""
    return {"slack": slack, "sns": sns, "unescaped": [], "invalid_json": 0, "outcome": outcome, **found}


ARTIFACT = {"zipped_bytes": 4_300_000, "has_bytecode": True}
FAULTS = {
    "proton-notifier": {"Slack 429 once": fault(slack=[1.05], sns=[0.01], outcome="put off 1")},
    "peer": {
        "Slack 429 once": fault(slack=[], sns=[0.01, 2], outcome="returned", unescaped=["mention"], invalid_json=1)
    },
}
STORMS = {
    "proton-notifier": {
        "events": 1_000,
        "attempted": 1_000,
        "slack_messages": 4,
        "emails": 5,
        "slack_events": 1_000,
        "email_events": 1_000,
        "lost": 0,
        "rate_limited": 0,
        "seconds": 12.3,
        "cpu_seconds": 6.5,
    },
    "peer": {
        "events": 1_000,
        "attempted": 10,
        "slack_messages": 4,
        "emails": 10,
        "slack_events": 4,
        "email_events": 10,
        "lost": 6,
        "rate_limited": 6,
        "seconds": 20,
        "cpu_seconds": 0.1,
    },
}
WINDOWS = [
    {"window_seconds": 1, "calm_seconds": 1.02, "storm_messages": 54},
    {"window_seconds": 5, "calm_seconds": 5, "storm_messages": 12},
]


def run(*baseline_ms: float, artifact: Result | None = ARTIFACT) -> Result:
    """Make a run with a round for each of *baseline_ms*."""
    return {
        "date": "2026-11-24 12:00 UTC",
        "command": "make bench ROUNDS=2",
        "machine": {"processor": "Example", "cores": "2"},
        "versions": {"boto3": "1.0"},
        "not_measured": {"Alertmanager": "prometheus-alertmanager is not installed"},
        "artifact": artifact,
        "rounds": [round_of(each) for each in baseline_ms],
        "faults": FAULTS,
        "storms": STORMS,
        "windows": WINDOWS,
    }
