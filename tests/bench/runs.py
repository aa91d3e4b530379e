"""Results as a run leaves them, with round figures."""

from bench.results import Artifact, FaultResult, Part, Round, Run, Start, StormResult, SubjectResult, Times


def part(start: Start, *, own_cpu_ms: float | None = 1, metrics: tuple[str, ...] = ()) -> Part:
    """Make a process that works for two of its hundred milliseconds."""
    return Part(start, 2, own_cpu_ms, 100, 2, 50, 1_000, metrics)


def measured(simulated_ms: float, parts: dict[str, Part]) -> SubjectResult:
    """Make a subject in one round."""
    calls = {"Publish": 1, "SendMessageBatch": 1, "rows written": 4}
    return SubjectResult(calls, Times(3, 5, 200), Times(simulated_ms, simulated_ms + 10, 40), parts)


def round_of(floor_ms: float) -> Round:
    """Make a round in which the functions take two and three times as long to start as the floor."""
    starts = {
        "floor": Start(floor_ms, 0, 0),
        "events": Start(floor_ms, 0, floor_ms),
        "delivery": Start(floor_ms, 0, 2 * floor_ms),
    }
    subjects = {
        "floor": measured(100, {"floor": part(starts["floor"], own_cpu_ms=0.5)}),
        "proton-notifier": measured(
            150,
            {
                "events": part(starts["events"], metrics=("n/Received{service=events}",)),
                "delivery": part(starts["delivery"], metrics=("n/Sent{service=delivery}", "n/Late{service=delivery}")),
            },
        ),
    }
    return Round(subjects, starts, starts)


ARTIFACT = Artifact(4_300_000, has_bytecode=True)
FAULTS = {
    "proton-notifier": {"Slack 429 once": FaultResult((1.05,), (0.01,), (), 0, 0.1, "put off 1")},
    "peer": {"Slack 429 once": FaultResult((), (0.01, 2.0), ("mention",), 1, 0.1, "returned")},
}
STORMS = {
    "proton-notifier": StormResult(1_000, 1_000, 4, 5, 1_000, 1_000, 0, 12.3, 6.5),
    "peer": StormResult(1_000, 10, 4, 10, 4, 10, 6, 20, 0.1),
}


def run(*floor_ms: float, artifact: Artifact | None = ARTIFACT) -> Run:
    """Make a run with a round for each of *floor_ms*."""
    return Run(
        "2026-11-24 12:00 UTC",
        "make bench ROUNDS=2",
        {"processor": "Example", "cores": "2"},
        {"boto3": "1.0"},
        {"Alertmanager": "prometheus-alertmanager is not installed"},
        artifact,
        tuple(map(round_of, floor_ms)),
        FAULTS,
        STORMS,
    )
