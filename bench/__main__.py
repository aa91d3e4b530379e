"""`python -m bench`: everybody on one stand-in, in one run."""

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
from bench.measure import storm
from bench.measure.artifact import BuildError, built, copy_uncached
from bench.measure.faults import TROUBLES, suffer
from bench.measure.machine import machine, versions
from bench.measure.recording import place
from bench.measure.rounds import measured_round
from bench.report import page, readme
from bench.report.targets import targets
from bench.results import Artifact, Fault, Round, Run
from bench.subjects.catalog import SUBJECTS, Place, Subject

# Faults are waited for rather than worked at, so that a few fit on one machine.
FAULTS_AT_ONCE: Final = 4


def main() -> None:
    """Measure, keep the results, and show them in RESULTS.md and in the README."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--rounds", type=int, default=3, help="how often each subject is measured")
    parser.add_argument("--peers", default=".venv-bench/bin/python", help="the Python that has the peers")
    parser.add_argument("--render", action="store_true", help="measure nothing, show the stored results again")
    arguments = parser.parse_args()
    if not arguments.render:
        results.write(_measured(arguments.rounds, arguments.peers))
    run = results.read()
    page.FILE.write_text(page.page(run), encoding="utf-8")
    text = readme.FILE.read_text(encoding="utf-8")
    readme.FILE.write_text(readme.filled(text, page.readme_parts(run)), encoding="utf-8")
    for target in targets(run):
        verdict = "met    " if target.met else "NOT MET"
        print(f"{verdict} {target.measured:.2f} {target.unit}, at most {target.limit:g}: {target.what}")


def _measured(rounds: int, peers: str) -> Run:
    with place(peers) as where, TemporaryDirectory() as uncached:
        absent = {subject.name: why for subject in SUBJECTS if (why := subject.absent(where))}
        for name, why in absent.items():
            _say(f"NOT MEASURED: {name}, {why}")
        subjects = [subject for subject in SUBJECTS if subject.name not in absent]
        copy_uncached(Path(uncached))
        cold = replace(where, variables={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": uncached})
        return Run(
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            f"make bench ROUNDS={rounds}",
            machine(),
            versions(peers),
            absent,
            _artifact(),
            tuple(_round(number, subjects, where, cold) for number in range(1, rounds + 1)),
            _faults(subjects, where),
            {subject.name: _storm(subject, where) for subject in subjects},
        )


def _artifact() -> Artifact | None:
    try:
        return built()
    except BuildError as error:
        _say(f"NOT MEASURED: the artifact, {error}")
        return None


def _round(number: int, subjects: Sequence[Subject], where: Place, cold: Place) -> Round:
    _say(f"round {number}: {', '.join(subject.name for subject in subjects)} ...")
    return measured_round(number, subjects, where, cold)


def _faults(subjects: Sequence[Subject], where: Place) -> dict[str, dict[str, Fault]]:
    _say("faults ...")

    def suffered(subject: Subject, trouble: str) -> Fault:
        with StandIn.started() as own:
            return suffer(subject, replace(where, stand_in=own), TROUBLES[trouble])

    with ThreadPoolExecutor(FAULTS_AT_ONCE) as workers:
        waiting = {
            subject.name: {trouble: workers.submit(suffered, subject, trouble) for trouble in TROUBLES}
            for subject in subjects
        }
    return {name: {trouble: each.result() for trouble, each in faults.items()} for name, faults in waiting.items()}


def _storm(subject: Subject, where: Place) -> results.Storm:
    _say(f"storm: {subject.name} ...")
    return storm.storm(subject, where)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
