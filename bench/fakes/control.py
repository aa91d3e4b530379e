"""How the stand-in is told what to do, and asked what arrived."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from typing import Any, Final, Self

from pydantic import TypeAdapter

CONTROL: Final = "/control/"
ROWS_WRITTEN: Final = "rows written"
WEBHOOK_PATH: Final = "/services/T00000000/B00000000/benchmark"


@dataclass(frozen=True, slots=True)
class Conduct:
    """What the stand-in is to do: how long to take, and what to refuse.

    *slack_answers* are the statuses of Slack's next answers, *slack_seconds_between* how far apart it wants
    messages; for *sns_down_seconds* from now, SNS answers by an error.
    """

    connect_seconds: float = 0
    slack_seconds: float = 0
    aws_seconds: float = 0
    slack_seconds_between: float = 0
    slack_answers: tuple[int, ...] = ()
    sns_down_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What arrived: when each message was answered, by which status, and what it was.

    *calls* counts AWS's operations, *unknown* are those that the stand-in does not know.
    """

    slack: tuple[tuple[float, int, str], ...]
    sns: tuple[tuple[float, int, Mapping[str, str]], ...]
    calls: Mapping[str, int]
    unknown: tuple[str, ...]

    @property
    def slack_taken(self) -> tuple[tuple[float, str], ...]:
        """What Slack said yes to."""
        return tuple((moment, body) for moment, status, body in self.slack if status == 200)  # noqa: PLR2004 - OK

    @property
    def sns_taken(self) -> tuple[tuple[float, Mapping[str, str]], ...]:
        """What SNS said yes to."""
        return tuple((moment, form) for moment, status, form in self.sns if status == 200)  # noqa: PLR2004 - OK


ARRIVALS: Final = TypeAdapter(Arrivals)


class StandIn:
    """The stand-in that listens at *port*."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Self]:
        """Start a stand-in, and end it."""
        command = [sys.executable, "-m", "bench.fakes.server"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin  # noqa: S101 - a pipe
            assert process.stdout  # noqa: S101 - a pipe
            stand_in = cls(int(process.stdout.readline()))
            try:
                yield stand_in
            finally:
                stand_in.close()
                process.stdin.close()

    def close(self) -> None:
        """Close the connection over which it is told."""
        self._connection.close()

    def reset(self) -> None:
        """Forget what was told and what arrived."""
        self._ask("reset", None)

    def forget(self) -> None:
        """Forget what arrived, but for what lies in the queue and in the table."""
        self._ask("forget", None)

    def waiting(self) -> int:
        """Count what lies in the queue, seen or not."""
        count: int = self._ask("waiting", None)
        return count

    def behave(self, conduct: Conduct) -> None:
        """Do as *conduct* says from now on."""
        self._ask("conduct", asdict(conduct))

    def arrivals(self) -> Arrivals:
        """Tell what arrived."""
        return ARRIVALS.validate_python(self._ask("arrivals", None))

    def receive(self, most: int) -> list[dict[str, Any]]:
        """Take deliveries out of the queue, as the event source mapping does."""
        received: list[dict[str, Any]] = self._ask("receive", most)
        return received

    def delete(self, handles: Iterable[str]) -> None:
        """Delete deliveries that are done."""
        self._ask("delete", [*handles])

    def wait(self, *, slack: int, sns: int, seconds: float) -> None:
        """Wait until so many messages were taken, or the *seconds* are over."""
        self._ask("wait", {"slack": slack, "sns": sns, "seconds": seconds})

    def _ask(self, name: str, asked: object) -> Any:  # noqa: ANN401 - JSON
        self._connection.request("POST", CONTROL + name, json.dumps(asked))
        return json.loads(self._connection.getresponse().read())["answer"]
