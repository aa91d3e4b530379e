"""Measure one event under each fault, and a storm: 1,000 events at once, and a Slack that accepts one a second."""

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from itertools import islice
from typing import Final

from bench.fakes.services import Behaviour, FakeServices, accepted
from bench.results import Result
from bench.subjects.catalog import Subject, named_event, numbered_events
from bench.subjects.runners import Invocation, Setup

# Slack would act on these if they were not escaped.
MARKUP: Final[Mapping[str, str]] = {"<!channel>": "mention", "<https://evil|click>": "link"}
# The behaviour of the fake, and the name of the resource in the event.
FAULTS: Final[Mapping[str, tuple[Behaviour, str]]] = {
    "Slack 429 once, Retry-After 1": (Behaviour(slack_statuses=(429,)), "instance-1"),
    "Slack 500 once": (Behaviour(slack_statuses=(500,)), "instance-1"),
    # Longer than the SDK's own retries, which take 15 seconds for five attempts in its legacy mode.
    "SNS 500 for 16 s": (Behaviour(sns_down_seconds=16), "instance-1"),
    "a hostile name": (Behaviour(), '<!channel> <https://evil|click> "}'),
}
STORM_EVENTS: Final = 1_000
# Long enough to measure the pace of a subject with one call an event.
STORM_SECONDS: Final = 20
# The number of events in this project's digests and in Alertmanager's groups.
EVENT_COUNT: Final = re.compile(r"(?P<ours>\d+) events|\[FIRING:(?P<theirs>\d+)\]")


def run_fault(subject: Subject, setup: Setup, behaviour: Behaviour, name: str) -> Result:
    """Start *subject*, send an event without a fault, and then an event about *name* under *behaviour*.

    Return the seconds until each accepted message of a channel, the markup that Slack got unescaped, the number of
    messages to Slack that are no JSON, and the outcome of the call.
    """
    with FakeServices() as fake, subject.start(setup, fake) as runner:
        runner.invoke(named_event("well", "instance-0"))
        fake.clear()
        fake.configure(behaviour)
        invocations = runner.invoke(named_event("faulty", name)).values()
        runner.drain()
    began = min(invocation.started_at for invocation in invocations)
    # Parsed and serialized again, since some JSON escapes `<`.
    texts = [json.dumps(json.loads(message.body)) for message in accepted(fake.slack)]
    return {
        "slack": [message.answered_at - began for message in accepted(fake.slack)],
        "sns": [message.answered_at - began for message in accepted(fake.sns)],
        "unescaped": [name for markup, name in MARKUP.items() if any(markup in text for text in texts)],
        "invalid_json": sum(message.status == HTTPStatus.BAD_REQUEST for message in fake.slack),
        "outcome": ", ".join(map(_outcome, invocations)),
    }


def _outcome(invocation: Invocation) -> str:
    """Describe the outcome of a call in one or two words."""
    match invocation:
        case Invocation(error=str(error)):
            return f"raised {error.partition(':')[0]}"
        case Invocation(result={"batchItemFailures": [_, *_] as failures}):
            return f"deferred {len(failures)}"
        case Invocation(result=str(word)):
            return word
        case _:
            return "returned"


def run_storm(subject: Subject, setup: Setup) -> Result:
    """Send the events of a storm to *subject*, for at most `STORM_SECONDS`.

    A channel has the events that its accepted messages name or count; an event that a channel lacks is lost.
    """
    events = islice(numbered_events("storm"), STORM_EVENTS)
    with FakeServices() as fake, subject.start(replace(setup, grouped=True), fake) as runner:
        fake.configure(Behaviour(slack_interval_seconds=1))
        began = time.monotonic()
        cpu_seconds = runner.run_load(events, STORM_SECONDS)
        took = time.monotonic() - began
    attempted = STORM_EVENTS - sum(1 for _ in events)
    slack, sns = ([message.text for message in accepted(messages)] for messages in (fake.slack, fake.sns))
    return {
        "events": STORM_EVENTS,
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
    """Count the events in *texts*; each of Alertmanager's groups includes the groups before it."""
    found = [EVENT_COUNT.search(text) for text in texts]
    groups = [int(each["theirs"]) for each in found if each and each["theirs"]]
    digests = sum(int(each["ours"]) for each in found if each and each["ours"])
    return digests + max(groups, default=0) + found.count(None)
