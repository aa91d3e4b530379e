"""The faults, and the outcome of one event under each."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from bench.fakes.services import Behaviour, FakeServices, accepted
from bench.measure.events import named_event
from bench.results import Result
from bench.subjects.catalog import Subject
from bench.subjects.runners import Invocation, Setup

# Slack would act on these if they were not escaped.
MARKUP: Final[Mapping[str, str]] = {"<!channel>": "mention", "<https://evil|click>": "link"}
# The behaviour of the fake, and the resource's name in the event.
FAULTS: Final[Mapping[str, tuple[Behaviour, str]]] = {
    "Slack 429 once, Retry-After 1": (Behaviour(slack_statuses=(429,)), "instance-1"),
    "Slack 500 once": (Behaviour(slack_statuses=(500,)), "instance-1"),
    # Longer than the SDK's own retries, which take 15 seconds and five attempts in its older mode.
    "SNS 500 for 16 s": (Behaviour(sns_down_seconds=16), "instance-1"),
    "a hostile name": (Behaviour(), '<!channel> <https://evil|click> "}'),
}


def run_fault(subject: Subject, setup: Setup, behaviour: Behaviour, name: str) -> Result:
    """Start *subject*, hand over an event without a fault, and then one about *name* under *behaviour*.

    Return the seconds until each accepted message of a channel, the markup that Slack got unescaped, the number of
    messages to Slack that are no JSON, and the end of the call.
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
    """Describe the end of a call in a word or two."""
    match invocation:
        case Invocation(error=str(error)):
            return f"raised {error.partition(':')[0]}"
        case Invocation(result={"batchItemFailures": [_, *_] as failures}):
            return f"deferred {len(failures)}"
        case Invocation(result=str(word)):
            return word
        case _:
            return "returned"
