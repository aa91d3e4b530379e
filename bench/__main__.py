"""`python -m bench`: measure all subjects against one stand-in, in one run."""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench import results
from bench.fakes.control import StandIn
from bench.measure.artifact import BuildError, build_artifact, copy_uncached
from bench.measure.faults import FAULTS, run_fault
from bench.measure.machine import machine, versions
from bench.measure.recording import recorded_setup
from bench.measure.rounds import measure_round
from bench.measure.storm import run_storm
from bench.report import page, readme
from bench.report.targets import targets
from bench.results import Artifact, FaultResult, Round, Run, StormResult
from bench.subjects.catalog import SUBJECTS, Setup, Subject

# Under a fault a subject mostly waits, so that several fit on one machine.
PARALLEL_FAULTS: Final = 4


def main() -> None:
    """Measure, store the results, and render them in RESULTS.md and in the README."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--rounds", type=int, default=3, help="how often each subject is measured")
    parser.add_argument("--peers", default=".venv-bench/bin/python", help="the Python that has the peers")
    parser.add_argument("--render", action="store_true", help="render the stored results, without measuring")
    arguments = parser.parse_args()
    if not arguments.render:
        results.write(_measure(arguments.rounds, arguments.peers))
    run = results.read()
    page.FILE.write_text(page.page(run), encoding="utf-8")
    text = readme.FILE.read_text(encoding="utf-8")
    readme.FILE.write_text(readme.filled(text, page.readme_parts(run)), encoding="utf-8")
    for target in targets(run):
        verdict = "met    " if target.met else "NOT MET"
        print(f"{verdict} {target.measured:.2f} {target.unit}, at most {target.limit:g}: {target.name}")


def _measure(rounds: int, peers: str) -> Run:
    with recorded_setup(peers) as setup, TemporaryDirectory() as folder:
        absent = {subject.name: why for subject in SUBJECTS if (why := subject.absent(setup))}
        for name, why in absent.items():
            _report(f"NOT MEASURED: {name}, {why}")
        subjects = [subject for subject in SUBJECTS if subject.name not in absent]
        copy_uncached(Path(folder))
        uncached = replace(setup, variables={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": folder})
        return Run(
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            f"make bench ROUNDS={rounds}",
            machine(),
            versions(peers),
            absent,
            _artifact(),
            tuple(_round(number, subjects, setup, uncached) for number in range(1, rounds + 1)),
            _faults(subjects, setup),
            {subject.name: _storm(subject, setup) for subject in subjects},
        )


def _artifact() -> Artifact | None:
    try:
        return build_artifact()
    except BuildError as error:
        _report(f"NOT MEASURED: the artifact, {error}")
        return None


def _round(number: int, subjects: Sequence[Subject], setup: Setup, uncached: Setup) -> Round:
    _report(f"round {number}: {', '.join(subject.name for subject in subjects)} ...")
    return measure_round(number, subjects, setup, uncached)


def _faults(subjects: Sequence[Subject], setup: Setup) -> dict[str, dict[str, FaultResult]]:
    _report("faults ...")

    def run(subject: Subject, fault: str) -> FaultResult:
        with StandIn.started() as own:
            return run_fault(subject, replace(setup, stand_in=own), FAULTS[fault])

    with ThreadPoolExecutor(PARALLEL_FAULTS) as threads:
        pending = {
            subject.name: {fault: threads.submit(run, subject, fault) for fault in FAULTS} for subject in subjects
        }
    return {name: {fault: each.result() for fault, each in faults.items()} for name, faults in pending.items()}


def _storm(subject: Subject, setup: Setup) -> StormResult:
    _report(f"storm: {subject.name} ...")
    return run_storm(subject, setup)


def _report(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
