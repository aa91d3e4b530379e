"""The faults, and the outcome of one event under each."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bench.fakes.control import Behaviour
from bench.measure.events import hostile_event, numbered_events
from bench.results import FaultResult
from bench.subjects.catalog import Setup, Subject
from bench.subjects.processes import Invocation
from bench.subjects.runners import Event

# Enough for a third attempt of every subject that retries.
RETRY_SECONDS: Final = 75
# Longer than the SDK's own retries, which take 15 seconds and five attempts in its older mode.
SNS_DOWN_SECONDS: Final = 16
# Slack would act on these, were they not escaped.
MARKUP: Final[Mapping[str, str]] = {"<!channel>": "mention", "<https://evil|click>": "link"}


@dataclass(frozen=True, slots=True)
class Fault:
    """The stand-in's behaviour, and the event that meets it."""

    behaviour: Behaviour
    event: Event


FAULTS: Final[Mapping[str, Fault]] = {
    "Slack 429 once, Retry-After 1": Fault(Behaviour(slack_answers=(429,)), next(numbered_events("rate"))),
    "Slack 500 once": Fault(Behaviour(slack_answers=(500,)), next(numbered_events("slack"))),
    f"SNS 500 for {SNS_DOWN_SECONDS} s": Fault(
        Behaviour(sns_down_seconds=SNS_DOWN_SECONDS), next(numbered_events("sns"))
    ),
    "a hostile name": Fault(Behaviour(), hostile_event()),
}


def run_fault(subject: Subject, setup: Setup, fault: Fault) -> FaultResult:
    """Start *subject*, hand over an event without a fault, and then one under *fault*."""
    setup.stand_in.reset()
    with subject.start(setup) as runner:
        runner.invoke(next(numbered_events("well")))
        setup.stand_in.clear_requests()
        setup.stand_in.configure(fault.behaviour)
        invocations = runner.invoke(fault.event).values()
        ended = time.monotonic()
        runner.drain(RETRY_SECONDS)
    began = min(each.started_at for each in invocations)
    requests = setup.stand_in.requests()
    texts = [text for _, body in requests.slack_accepted for text in _texts(json.loads(body))]
    return FaultResult(
        tuple(at - began for at, _ in requests.slack_accepted),
        tuple(at - began for at, _ in requests.sns_accepted),
        tuple(name for markup, name in MARKUP.items() if any(markup in text for text in texts)),
        sum(not _is_json(body) for _, _, body in requests.slack),
        ended - began,
        ", ".join(map(_outcome, invocations)),
    )


def _outcome(invocation: Invocation) -> str:
    """Describe in a word or two how a call ended."""
    match invocation:
        case Invocation(error=str(error)):
            return f"raised {error.partition(':')[0]}"
        case Invocation(result={"batchItemFailures": [_, *_] as failures}):
            return f"deferred {len(failures)}"
        case Invocation(result=str(word)):
            return word
        case _:
            return "returned"


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)


def _is_json(body: str) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True
