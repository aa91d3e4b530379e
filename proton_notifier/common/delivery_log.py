"""The log lines of the delivery function, with the outcomes in `notifier.delivery.outcomes`."""

from collections.abc import Iterator
from contextlib import suppress

import msgspec

from notifier.delivery.outcomes import LOG_MESSAGES, LogFields, Outcome

OUTCOMES = {message: outcome for outcome, message in LOG_MESSAGES.items()}


def read(log: str) -> Iterator[tuple[LogFields, Outcome]]:
    """Read the outcomes in *log*; skip other lines and lines of incompatible versions."""
    for line in log.splitlines():
        with suppress(msgspec.DecodeError):
            fields = msgspec.json.decode(line, type=dict)
            if outcome := OUTCOMES.get(str(fields.get("message"))):
                yield msgspec.convert(fields, LogFields), msgspec.convert(fields, outcome)


def filter_pattern(event_id: str) -> str:
    """Write the CloudWatch filter pattern for the outcomes of an event's deliveries."""
    messages = " || ".join(f'($.message = "{message}")' for message in OUTCOMES)
    return f'{{ ($.correlation_id = "{event_id}") && ({messages}) }}'
