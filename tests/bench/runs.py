"""Results as a run leaves them, with round figures."""

from bench.results import (
    Artifact,
    FaultResult,
    Percentiles,
    Round,
    Run,
    Startup,
    StormResult,
    SubjectResult,
    WindowResult,
    WorkerResult,
)


def worker(*metrics: str, cpu_outside_sdk_ms: float | None = 1) -> WorkerResult:
    """Make a worker that computes for two of its hundred milliseconds."""
    return WorkerResult(2, cpu_outside_sdk_ms, 100, 2, 50, 1_000, metrics)


def subject(with_latencies_ms: float, workers: dict[str, WorkerResult]) -> SubjectResult:
    """Make a subject in one round."""
    calls = {"Publish": 1, "SendMessageBatch": 1, "rows written": 4}
    with_latencies = Percentiles(with_latencies_ms, with_latencies_ms + 10, 40)
    return SubjectResult(calls, Percentiles(3, 5, 200), with_latencies, workers)


def round_of(baseline_ms: float) -> Round:
    """Make a round in which the functions take two and three times as long to start as the baseline."""
    startups = {
        "baseline": Startup(baseline_ms, 0, 0),
        "events": Startup(baseline_ms, 0, baseline_ms),
        "delivery": Startup(baseline_ms, 0, 2 * baseline_ms),
    }
    functions = {
        "events": worker("n/Received{service=events}"),
        "delivery": worker("n/Sent{service=delivery}", "n/Late{service=delivery}"),
    }
    subjects = {
        "baseline": subject(100, {"baseline": worker(cpu_outside_sdk_ms=0.5)}),
        "proton-notifier": subject(155, functions),
    }
    return Round(subjects, startups, startups)


ARTIFACT = Artifact(4_300_000, has_bytecode=True)
FAULTS = {
    "proton-notifier": {"Slack 429 once": FaultResult((1.05,), (0.01,), (), 0, "put off 1")},
    "peer": {"Slack 429 once": FaultResult((), (0.01, 2.0), ("mention",), 1, "returned")},
}
STORMS = {
    "proton-notifier": StormResult(1_000, 1_000, 4, 5, 1_000, 1_000, 0, 12.3, 6.5),
    "peer": StormResult(1_000, 10, 4, 10, 4, 10, 6, 20, 0.1),
}
WINDOWS = (WindowResult(1, 1.02, 54), WindowResult(5, 5, 12))


def run(*baseline_ms: float, artifact: Artifact | None = ARTIFACT) -> Run:
    """Make a run with a round for each of *baseline_ms*."""
    return Run(
        "2026-11-24 12:00 UTC",
        "make bench ROUNDS=2",
        {"processor": "Example", "cores": "2"},
        {"boto3": "1.0"},
        {"Alertmanager": "prometheus-alertmanager is not installed"},
        artifact,
        tuple(map(round_of, baseline_ms)),
        FAULTS,
        STORMS,
        WINDOWS,
    )
