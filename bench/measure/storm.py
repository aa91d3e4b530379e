"""A storm: a thousand events at once, and a Slack that accepts one message a second."""

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from bench.fakes.services import Behaviour, FakeServices, accepted
from bench.measure.events import numbered_events
from bench.results import Result
from bench.subjects.catalog import Subject
from bench.subjects.runners import Setup

EVENTS: Final = 1_000
# A subject with one call an event has shown its pace by then.
SECONDS: Final = 20
# The number of events in this project's digests and in Alertmanager's groups.
EVENT_COUNT: Final = re.compile(r"(?P<ours>\d+) events|\[FIRING:(?P<theirs>\d+)\]")


def run_storm(subject: Subject, setup: Setup) -> Result:
    """Hand the events of a storm to *subject*, for at most `SECONDS`.

    The events of a channel are those that its accepted messages name or count; lost are those that a channel misses.
    """
    events = islice(numbered_events("storm"), EVENTS)
    with FakeServices() as fake, subject.start(replace(setup, grouped=True), fake) as runner:
        fake.configure(Behaviour(slack_interval_seconds=1))
        began = time.monotonic()
        cpu_seconds = runner.run_load(events, SECONDS)
        took = time.monotonic() - began
    attempted = EVENTS - sum(1 for _ in events)
    slack, sns = ([message.text for message in accepted(messages)] for messages in (fake.slack, fake.sns))
    return {
        "events": EVENTS,
        "attempted": attempted,
        "slack_messages": len(slack),
        "emails": len(sns),
        "slack_events": count_events(slack),
        "email_events": count_events(sns),
        "lost": max(attempted - min(count_events(slack), count_events(sns)), 0),
        "rate_limited": len(fake.slack) - len(slack),
        "seconds": took,
        "cpu_seconds": cpu_seconds,
    }


def count_events(texts: Sequence[str]) -> int:
    """Count the events in *texts*; each group of Alertmanager's includes the groups before it."""
    found = [EVENT_COUNT.search(text) for text in texts]
    groups = [int(each["theirs"]) for each in found if each and each["theirs"]]
    digests = sum(int(each["ours"]) for each in found if each and each["ours"])
    return digests + max(groups, default=0) + found.count(None)
