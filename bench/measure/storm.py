"""A storm: a thousand events at once, and a Slack that accepts one message a second."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from bench.fakes.control import Behaviour
from bench.measure.events import numbered_events
from bench.results import StormResult
from bench.subjects.catalog import Setup, Subject
from bench.subjects.runners import Event

EVENTS: Final = 1_000
# By then, a subject with one call an event has shown its pace.
SECONDS: Final = 20
BEHAVIOUR: Final = Behaviour(slack_seconds_between=1)
# The number of events in this project's digests and in Alertmanager's groups.
EVENT_COUNT: Final = re.compile(r"(?P<ours>\d+) status changes|\[FIRING:(?P<theirs>\d+)\]")


def run_storm(subject: Subject, setup: Setup, events: int = EVENTS, seconds: float = SECONDS) -> StormResult:
    """Hand *subject* so many *events*, for at most *seconds*."""
    setup.stand_in.reset()
    setup.stand_in.configure(BEHAVIOUR)
    with subject.start(replace(setup, grouped=True)) as runner:
        began = time.monotonic()
        tried = 0

        def counted() -> Iterator[Event]:
            nonlocal tried
            for event in islice(numbered_events("storm"), events):
                tried += 1
                yield event

        cpu = runner.run_load(counted(), seconds)
        took = time.monotonic() - began
    requests = setup.stand_in.requests()
    slack = [body for _, body in requests.slack_accepted]
    emails = [form.get("Subject", "") for _, form in requests.sns_accepted]
    return StormResult(
        events,
        tried,
        len(slack),
        len(emails),
        count_events(slack),
        count_events(emails),
        len(requests.slack) - len(slack),
        took,
        sum(cpu.values()),
    )


def count_events(texts: list[str]) -> int:
    """Count the events in *texts*; each group of Alertmanager's includes the groups before it."""
    found = [EVENT_COUNT.search(text) for text in texts]
    groups = [int(each["theirs"]) for each in found if each and each["theirs"]]
    digests = sum(int(each["ours"]) for each in found if each and each["ours"])
    return digests + max(groups, default=0) + sum(each is None for each in found)
