"""`python -m bench`: everybody on one stand-in, in one run."""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench import chart, cost, results, storm
from bench.artifact import BuildError, copy_uncached, zipped_bytes
from bench.events import numbered
from bench.faults import TROUBLES, suffer
from bench.field import FLOOR, OURS, SUBJECTS, Place, Subject
from bench.machine import machine, versions
from bench.measuring import Paces, measure, measure_start
from bench.page import Terms, page
from bench.results import Fault, Round, Run, Start
from bench.runners import Event
from bench.sections import NOT_MEASURED
from bench.stack import stack
from bench.tables import figure
from bench.targets import targets
from bench.telling import StandIn

FOLDER: Final = Path(__file__).parent
# Faults are waited for rather than worked at, so that a few fit on one machine.
FAULTS_AT_ONCE: Final = 4
# Starts vary more than events do.
STARTS: Final = 5


def main() -> None:
    """Measure, and write what was found beside this file."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--rounds", type=int, default=3, help="how often each subject is measured")
    parser.add_argument("--peers", default=".venv-bench/bin/python", help="the Python that has the peers")
    arguments = parser.parse_args()
    with place(arguments.peers) as where, TemporaryDirectory() as uncached:
        absent = {subject.name: why for subject in SUBJECTS if (why := subject.absent(where))}
        for name, why in absent.items():
            _say(f"{NOT_MEASURED}: {name}, {why}")
        subjects = [subject for subject in SUBJECTS if subject.name not in absent]
        copy_uncached(Path(uncached))
        cold = replace(where, variables={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": uncached})
        run = Run(
            f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            f"make bench ROUNDS={arguments.rounds}",
            machine(),
            versions(arguments.peers),
            absent,
            _artifact_bytes(),
            tuple(_round(number, subjects, where, cold) for number in range(1, arguments.rounds + 1)),
            _faults(subjects, where),
            {subject.name: _storm(subject, where) for subject in subjects},
        )
    results.write(run)
    (FOLDER / "results.svg").write_text(chart.chart(chart.panels(run)), encoding="utf-8")
    terms = Terms(storm.EVENTS, storm.SECONDS, stack().batching_window_seconds, STARTS)
    (FOLDER / "RESULTS.md").write_text(page(run, terms, cost.section(run)), encoding="utf-8")
    for target in targets(run):
        verdict = "met    " if target.met else "NOT MET"
        print(f"{verdict} {figure(target.measured, 2)} {target.unit}, at most {target.limit:g}: {target.what}")


@contextmanager
def place(peers: str) -> Iterator[Place]:
    """Start a stand-in, and have this project tell it once what the floor is to repeat."""
    with StandIn.started() as stand_in:
        bare = Place(stand_in, peers, "", {}, {})
        with OURS.start(bare, False) as runner:  # noqa: FBT003 - not for a storm
            runner.tell(next(numbered("sample")))
        arrived = stand_in.arrivals()
        yield replace(bare, posted=arrived.slack[0][2], published=publication(arrived.sns[0][2]))


def publication(form: Mapping[str, str]) -> dict[str, Any]:
    """Turn a form of SNS's query protocol back into the arguments of boto3's `publish`."""
    attributes = {}
    for prefix in (f"MessageAttributes.entry.{number}." for number in count(1)):
        if prefix + "Name" not in form:
            break
        attributes[form[prefix + "Name"]] = {
            "DataType": form[prefix + "Value.DataType"],
            "StringValue": form[prefix + "Value.StringValue"],
        }
    return {**{name: form[name] for name in ("TopicArn", "Subject", "Message")}, "MessageAttributes": attributes}


def _artifact_bytes() -> int | None:
    try:
        return zipped_bytes()
    except BuildError as error:
        _say(f"{NOT_MEASURED}: the artifact, {error}")
        return None


def _round(number: int, subjects: list[Subject], where: Place, cold: Place) -> Round:
    began = time.monotonic()
    _say(f"round {number}: {', '.join(subject.name for subject in subjects)} ...")
    measured = {subject.name: measure(subject, where, _events(subject, number), Paces()) for subject in subjects}
    once = {name: part.start for subject in measured.values() for name, part in subject.parts.items()}
    found = Round(measured, {**once, **_starts(where, number)}, _starts(cold, number))
    _say(f"round {number}: {time.monotonic() - began:.0f} s")
    return found


def _starts(where: Place, number: int) -> dict[str, Start]:
    """Start this project and the floor in turn, and find the median start of each process."""
    found: dict[str, list[Start]] = defaultdict(list)
    for _ in range(STARTS):
        for subject in (FLOOR, OURS):
            for name, start in measure_start(subject, where, _events(subject, number)).items():
                found[name].append(start)
    return {name: sorted(starts, key=lambda start: start.whole_ms)[STARTS // 2] for name, starts in found.items()}


def _events(subject: Subject, number: int) -> Iterator[Event]:
    return numbered(f"{subject.name}-{number}")


def _faults(subjects: list[Subject], where: Place) -> dict[str, dict[str, Fault]]:
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
