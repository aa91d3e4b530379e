"""`python -m bench`: measure all subjects in one run."""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import results
from bench.measure.artifact import BuildError, build_artifact, copy_uncached
from bench.measure.faults import FAULTS, run_fault
from bench.measure.machine import machine, versions
from bench.measure.recording import record_requests
from bench.measure.rounds import measure_round
from bench.measure.storm import run_storm
from bench.measure.windows import WINDOWS_SECONDS, measure_window
from bench.report import marks, page
from bench.report.targets import targets
from bench.results import Artifact, FaultResult, Round, Run, WindowResult
from bench.subjects.catalog import Setup, Subject, subjects


def main() -> None:
    """Measure, store the results, and render them in RESULTS.md and in the documentation."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--rounds", type=int, default=3, help="the number of measurements of each subject")
    parser.add_argument("--peers", default=".venv-bench/bin/python", help="the Python that has the peers")
    parser.add_argument("--render", action="store_true", help="render the stored results, without measuring")
    arguments = parser.parse_args()
    if not arguments.render:
        results.write(_measure(arguments.rounds, arguments.peers))
    run = results.read()
    page.FILE.write_text(page.page(run), encoding="utf-8")
    for name, figures in page.figures(run).items():
        file = marks.FILES[name]
        file.write_text(marks.fill(file.read_text(encoding="utf-8"), name, figures), encoding="utf-8")
    for target in targets(run):
        result = "met    " if target.met else "NOT MET"
        print(f"{result} {target.measured:.2f} {target.unit}, at most {target.limit:g}: {target.name}")


def _measure(rounds: int, peers: str) -> Run:
    setup = record_requests()
    missing = {subject.name: subject.missing for subject in subjects(peers) if subject.missing}
    for name, reason in missing.items():
        _report(f"NOT MEASURED: {name}, {reason}")
    measured = [subject for subject in subjects(peers) if subject.name not in missing]
    return Run(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"make bench ROUNDS={rounds}",
        machine(),
        versions(peers),
        missing,
        _artifact(),
        _rounds(rounds, measured, setup),
        _faults(measured, setup),
        {subject.name: run_storm(subject, setup) for subject in measured},
        _windows(),
    )


def _artifact() -> Artifact | None:
    _report("artifact ...")
    try:
        return build_artifact()
    except BuildError as error:
        _report(f"NOT MEASURED: the artifact, {error}")
        return None


def _rounds(rounds: int, measured: Sequence[Subject], setup: Setup) -> tuple[Round, ...]:
    with TemporaryDirectory() as folder:
        copy_uncached(Path(folder))
        uncached = replace(setup, variables={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": folder})
        results = []
        for number in range(1, rounds + 1):
            _report(f"round {number} ...")
            results.append(measure_round(measured, setup, uncached))
    return tuple(results)


def _faults(measured: Sequence[Subject], setup: Setup) -> dict[str, dict[str, FaultResult]]:
    _report("faults, and then storms ...")
    with ThreadPoolExecutor(4) as threads:  # Under a fault a subject mostly waits.
        pending = {
            subject.name: {name: threads.submit(run_fault, subject, setup, *fault) for name, fault in FAULTS.items()}
            for subject in measured
        }
    return {subject: {name: each.result() for name, each in faults.items()} for subject, faults in pending.items()}


def _windows() -> tuple[WindowResult, ...]:
    _report("batching windows ...")
    return tuple(map(measure_window, WINDOWS_SECONDS))


def _report(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
