"""One event under a fault: what of it arrives, how often, and what the subject says."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bench.fakes.control import Conduct
from bench.measure.events import hostile, numbered
from bench.results import Fault
from bench.subjects.catalog import Place, Subject
from bench.subjects.processes import Told
from bench.subjects.runners import Event

# Long enough for a third attempt of everybody who makes one.
PATIENCE_SECONDS: Final = 75
# Longer than the SDK's own retries ever take, 15 seconds and five attempts in its older mode.
SNS_DOWN_SECONDS: Final = 16
# What Slack would act on, were it not escaped.
ACTING: Final[Mapping[str, str]] = {"<!channel>": "mention", "<https://evil|click>": "link"}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault, and the event that meets it."""

    conduct: Conduct
    event: Event


TROUBLES: Final[Mapping[str, Trouble]] = {
    "Slack 429 once, Retry-After 1": Trouble(Conduct(slack_answers=(429,)), next(numbered("rate"))),
    "Slack 500 once": Trouble(Conduct(slack_answers=(500,)), next(numbered("slack"))),
    f"SNS 500 for {SNS_DOWN_SECONDS} s": Trouble(Conduct(sns_down_seconds=SNS_DOWN_SECONDS), next(numbered("sns"))),
    "a name that acts": Trouble(Conduct(), hostile()),
}


def suffer(subject: Subject, place: Place, trouble: Trouble) -> Fault:
    """Start *subject*, tell it an event that goes well, and then one in *trouble*."""
    place.stand_in.reset()
    with subject.start(place) as runner:
        runner.tell(next(numbered("well")))
        place.stand_in.forget()
        place.stand_in.behave(trouble.conduct)
        told = runner.tell(trouble.event)
        over = time.monotonic()
        runner.settle(PATIENCE_SECONDS)
    began = min(part.started_at for part in told.values())
    arrived = place.stand_in.arrivals()
    return Fault(
        tuple(moment - began for moment, _ in arrived.slack_taken),
        tuple(moment - began for moment, _ in arrived.sns_taken),
        tuple(
            name
            for sign, name in ACTING.items()
            if any(sign in text for _, body in arrived.slack_taken for text in _texts(json.loads(body)))
        ),
        sum(not _is_json(body) for _, _, body in arrived.slack),
        over - began,
        ", ".join(_said(part) for part in told.values()),
    )


def _said(part: Told) -> str:
    """Say in a word or two what a call made of it."""
    match part:
        case Told(error=str(error)):
            return f"raised {error.partition(':')[0]}"
        case Told(result={"batchItemFailures": [_, *_] as failures}):
            return f"put off {len(failures)}"
        case Told(result=str(word)):
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
