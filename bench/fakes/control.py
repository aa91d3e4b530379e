"""The client of the stand-in: it configures the stand-in, and reads the requests that came."""

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
class Behaviour:
    """The stand-in's delays and errors.

    *slack_answers* are the statuses of Slack's next answers, *slack_seconds_between* is the least time between two
    messages that Slack accepts; for *sns_down_seconds* from now, SNS answers with an error.
    """

    connect_seconds: float = 0
    slack_seconds: float = 0
    aws_seconds: float = 0
    slack_seconds_between: float = 0
    slack_answers: tuple[int, ...] = ()
    sns_down_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Requests:
    """The requests that came: for each message the time of its answer, the answer's status, and the content.

    *calls* counts AWS's operations; the stand-in does not know the *unknown* ones.
    """

    slack: tuple[tuple[float, int, str], ...]
    sns: tuple[tuple[float, int, Mapping[str, str]], ...]
    calls: Mapping[str, int]
    unknown: tuple[str, ...]

    @property
    def slack_accepted(self) -> tuple[tuple[float, str], ...]:
        """Pick the messages that Slack accepted, with the times."""
        return tuple((at, body) for at, status, body in self.slack if status == 200)  # noqa: PLR2004 - OK

    @property
    def sns_accepted(self) -> tuple[tuple[float, Mapping[str, str]], ...]:
        """Pick the messages that SNS accepted, with the times."""
        return tuple((at, form) for at, status, form in self.sns if status == 200)  # noqa: PLR2004 - OK


REQUESTS: Final = TypeAdapter(Requests)


class StandIn:
    """The stand-in that listens on *port*."""

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
        """Close the connection to the stand-in."""
        self._connection.close()

    def reset(self) -> None:
        """Clear the configuration, the requests, the queue and the table."""
        self._ask("reset", None)

    def clear_requests(self) -> None:
        """Clear the requests alone."""
        self._ask("clear_requests", None)

    def queue_length(self) -> int:
        """Count the deliveries in the queue, visible or not."""
        length: int = self._ask("queue_length", None)
        return length

    def configure(self, behaviour: Behaviour) -> None:
        """Answer by *behaviour* from now on."""
        self._ask("behaviour", asdict(behaviour))

    def requests(self) -> Requests:
        """Return the requests since they were cleared."""
        return REQUESTS.validate_python(self._ask("requests", None))

    def receive(self, limit: int) -> list[dict[str, Any]]:
        """Take deliveries out of the queue, as the event source mapping does."""
        received: list[dict[str, Any]] = self._ask("receive", limit)
        return received

    def delete(self, handles: Iterable[str]) -> None:
        """Delete deliveries that are done."""
        self._ask("delete", [*handles])

    def wait_for(self, *, slack: int, sns: int, seconds: float) -> None:
        """Wait until so many messages were accepted, for at most *seconds*."""
        self._ask("wait_for", {"slack": slack, "sns": sns, "seconds": seconds})

    def _ask(self, name: str, argument: object) -> Any:  # noqa: ANN401 - JSON
        self._connection.request("POST", CONTROL + name, json.dumps(argument))
        return json.loads(self._connection.getresponse().read())["answer"]
