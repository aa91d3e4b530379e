"""A thousand events at once, and a Slack that takes one message a second."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Final

from bench.fakes.control import Conduct
from bench.measure.events import numbered
from bench.results import Storm
from bench.subjects.catalog import Place, Subject
from bench.subjects.runners import Event

EVENTS: Final = 1_000
# After that, a subject that makes one call an event has shown its pace.
SECONDS: Final = 20
CONDUCT: Final = Conduct(slack_seconds_between=1)
# How this project's digests and Alertmanager's groups say of how many events they tell.
TOGETHER: Final = re.compile(r"(?P<ours>\d+) status changes|\[FIRING:(?P<theirs>\d+)\]")


def storm(subject: Subject, place: Place, events: int = EVENTS, seconds: float = SECONDS) -> Storm:
    """Tell *subject* so many *events*, for so many *seconds* at most."""
    place.stand_in.reset()
    place.stand_in.behave(CONDUCT)
    with subject.start(replace(place, together=True)) as runner:
        began = time.monotonic()
        tried = 0

        def counted() -> Iterator[Event]:
            nonlocal tried
            for event in islice(numbered("storm"), events):
                tried += 1
                yield event

        cpu = runner.storm(counted(), seconds)
        took = time.monotonic() - began
    arrived = place.stand_in.arrivals()
    slack = [body for _, body in arrived.slack_taken]
    emails = [form.get("Subject", "") for _, form in arrived.sns_taken]
    return Storm(
        events,
        tried,
        len(slack),
        len(emails),
        told(slack),
        told(emails),
        len(arrived.slack) - len(slack),
        took,
        sum(cpu.values()),
    )


def told(texts: list[str]) -> int:
    """Add up of how many events *texts* tell; a group of Alertmanager's repeats what it told before."""
    found = [TOGETHER.search(text) for text in texts]
    groups = [int(each["theirs"]) for each in found if each and each["theirs"]]
    digests = sum(int(each["ours"]) for each in found if each and each["ours"])
    return digests + max(groups, default=0) + sum(each is None for each in found)
