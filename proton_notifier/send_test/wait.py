"""How long an event takes to be sent, told line by line while a person waits."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from notifier.delivery.outcomes import Sent
from notifier.model.sanitize import tidy
from proton_notifier.send_test.delivery_status import Outcomes
from proton_notifier.send_test.logs import Unsent

POLL_SECONDS: Final = 1
# Usually, everything is sent before the log and the failed deliveries are asked what is in the way.
LOOK_SECONDS: Final = 10

# What to do next; the sections are those of docs/operations.md.
GIVEN_UP: Final = """{name} did not get it
  Mend the cause: "Permanently failed sends" in docs/operations.md.
  Its delivery lies in FailedDeliveries. Send it back: notifier redrive {options}"""
NOT_TAKEN: Final = """it is not known whether {name} has it, nor what is in the way
  Are deliveries taken? "Old deliveries" in docs/operations.md, from step 1 on.
  A long BatchingWindowSeconds needs a longer --timeout."""
PUT_OFF: Final = """{name} does not have it yet
  It is tried again by itself, for hours: "Old deliveries" in docs/operations.md, step 3.
  A longer --timeout waits for it."""


class Watch:
    """Tells the seconds since it was made, and waits."""

    def __init__(self, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._clock = clock
        self._started = clock()
        self._said: set[str] = set()
        self.sleep = sleep

    @property
    def seconds(self) -> float:
        """How many have passed."""
        return self._clock() - self._started

    def say(self, line: str) -> None:
        """Print *line* with the time."""
        print(f"{self.seconds:6.1f} s  {line}", flush=True)

    def say_once(self, lines: Iterable[str]) -> None:
        """Print those of *lines* that were not printed so before."""
        for line in [line for line in dict.fromkeys(lines) if line not in self._said]:
            self._said.add(line)
            self.say(line)


def unsent(
    told: list[str], follow: Outcomes, watch: Watch, timeout_seconds: float, yes: Callable[[str], str]
) -> Mapping[str, Unsent | None]:
    """Wait until all of *told* have the event; return those that have not, and what is in the way as far as is known.

    *yes* says what it means that a destination has it.
    """
    waiting: dict[str, Unsent | None] = dict.fromkeys(told)
    look_at = float(LOOK_SECONDS)
    while True:
        sent, hindrances = follow.in_ledger(waiting)
        watch.say_once(f"cannot tell what is sent: {line}" for line in hindrances)
        for name in sent:
            watch.say(f"sent to {name}: {yes(name)}")
            del waiting[name]
        late = watch.seconds >= timeout_seconds
        if waiting and (late or watch.seconds >= look_at):
            look_at = watch.seconds + LOOK_SECONDS
            found, hindrances = follow.look(last=late)
            watch.say_once(f"cannot tell what is in the way: {line}" for line in hindrances)
            for name in [name for name in waiting if name in found]:
                match found[name]:
                    case Sent(ledger_error=ledger_error):
                        ledger = (
                            f", but the ledger does not know: {tidy(ledger_error)}"
                            if ledger_error
                            else f": {yes(name)}"
                        )
                        watch.say(f"sent to {name}{ledger}")
                        del waiting[name]
                    case Unsent() as trouble if trouble != waiting[name]:
                        watch.say(f"{'given up for' if trouble.final else 'not sent to'} {name}: {trouble.why}")
                        waiting[name] = trouble
        if late or all(trouble and trouble.final for trouble in waiting.values()):
            return waiting
        watch.sleep(POLL_SECONDS)


def advice(name: str, trouble: Unsent | None, options: str) -> str:
    """Say what to do about the destination *name*, which does not have the event; *options* name the stack."""
    if trouble is None:
        return NOT_TAKEN.format(name=name)
    return (GIVEN_UP if trouble.final else PUT_OFF).format(name=name, options=options)
