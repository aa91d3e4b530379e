"""`python -m bench`: measure all subjects in one run."""

import argparse
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import results
from bench.measure.environment import build_artifact, copy_uncached, machine, versions
from bench.measure.faults import FAULTS, run_fault, run_storm
from bench.measure.measuring import measure_round, record_requests
from bench.measure.windows import WINDOWS_SECONDS, measure_window
from bench.report import page
from bench.results import Result
from bench.subjects.catalog import subjects


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
    for file, text in page.pages(run):
        file.write_text(text, encoding="utf-8")
    for target in page.targets(run):
        result = "met    " if target.met else "NOT MET"
        print(f"{result} {page.summary(target.measured, 2)} {target.unit}, at most {target.limit:g}: {target.name}")


def _measure(rounds: int, peers: str) -> Result:
    setup = record_requests()
    missing = {
        subject.name: f"{subject.program} is not installed: `{subject.installation}`"
        for subject in subjects(peers)
        if not shutil.which(subject.program)
    }
    measured = [subject for subject in subjects(peers) if subject.name not in missing]
    for name, reason in missing.items():
        print(f"NOT MEASURED: {name}, {reason}", file=sys.stderr)
    print("artifact ...", file=sys.stderr)
    artifact = None
    try:
        artifact = build_artifact()
    except subprocess.CalledProcessError as error:
        print(f"NOT MEASURED: the artifact, {error.stderr.strip().splitlines()[-1]}", file=sys.stderr)
    measured_rounds = []
    with TemporaryDirectory() as folder:
        copy_uncached(Path(folder))
        uncached = replace(setup, variables={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": folder})
        for number in range(1, rounds + 1):
            print(f"round {number} ...", file=sys.stderr)
            measured_rounds.append(measure_round(measured, setup, uncached))
    print("faults, and then storms and batching windows ...", file=sys.stderr)
    with ThreadPoolExecutor(4) as threads:  # Under a fault, a subject mostly waits.
        faults = threads.map(
            lambda subject: {name: run_fault(subject, setup, *fault) for name, fault in FAULTS.items()}, measured
        )
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "command": f"make bench ROUNDS={rounds}",
        "machine": machine(),
        "versions": versions(peers),
        "not_measured": missing,
        "artifact": artifact,
        "rounds": measured_rounds,
        "faults": dict(zip((subject.name for subject in measured), faults, strict=True)),
        "storms": {subject.name: run_storm(subject, setup) for subject in measured},
        "windows": [*map(measure_window, WINDOWS_SECONDS)],
    }


if __name__ == "__main__":
    main()
