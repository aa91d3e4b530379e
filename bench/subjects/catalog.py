"""The subjects, and how each is started."""

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.fakes.control import WEBHOOK_PATH, StandIn
from bench.results import FLOOR_NAME, OUR_NAME
from bench.stack import TOPIC, Function, stack
from bench.subjects.alertmanager import NAME, alertmanager
from bench.subjects.processes import Launch, WorkerProcess
from bench.subjects.runners import OneProcess, Runner, TwoFunctions

BINARY: Final = "prometheus-alertmanager"

# Lambda's own variables. Nothing of the caller's environment gets through: it may name a proxy.
ENVIRONMENT: Final[Mapping[str, str]] = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_REGION": "eu-west-1",
    "AWS_SECRET_ACCESS_KEY": "local",
    "LANG": "en_US.UTF-8",
    "PATH": "/usr/bin:/bin",
    "TZ": "UTC",
}


@dataclass(frozen=True, slots=True)
class Setup:
    """The setup of a run: the stand-in, and the Python of the *peers*.

    *posted* and *published* are this project's own requests to Slack and SNS, for the floor to repeat. *variables* are
    added to every subject's environment. In a storm, events come *grouped*.
    """

    stand_in: StandIn
    peers: str
    posted: str
    published: Mapping[str, Any]
    variables: Mapping[str, str]
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """A program to measure; *start* starts it anew, *absent* gives a reason if it cannot be measured."""

    name: str
    start: Callable[[Setup], AbstractContextManager[Runner]]
    absent: Callable[[Setup], str]


@contextmanager
def _ours(setup: Setup) -> Iterator[Runner]:
    shape = stack()
    with (
        TemporaryDirectory() as home,
        WorkerProcess.started(_function(shape.events, setup, home), Path(home) / "events.log") as events,
        WorkerProcess.started(_function(shape.delivery, setup, home), Path(home) / "delivery.log") as delivery,
    ):
        yield TwoFunctions(
            events,
            delivery,
            setup.stand_in,
            batch_size=shape.batch_size,
            window_seconds=shape.batching_window_seconds,
        )


def _function(function: Function, setup: Setup, home: str) -> Launch:
    environment = {**_environment(setup, home), **function.environment(setup.stand_in.url)}
    return Launch("function", sys.executable, environment, {"timeout_seconds": function.timeout_seconds})


def _floor(setup: Setup) -> AbstractContextManager[Runner]:
    webhook = setup.stand_in.url + WEBHOOK_PATH
    settings = {"posted": setup.posted, "published": setup.published, "webhook": webhook}
    return _one_process(FLOOR_NAME, setup, Launch("floor", sys.executable, {}, settings), counts_sdk=True)


def _peer(module: str, name: str) -> Callable[[Setup], AbstractContextManager[Runner]]:
    def start(setup: Setup) -> AbstractContextManager[Runner]:
        settings = {"stand_in": setup.stand_in.url, "topic": TOPIC}
        return _one_process(name, setup, Launch(module, setup.peers, {}, settings), counts_sdk=False)

    return start


@contextmanager
def _one_process(name: str, setup: Setup, launch: Launch, *, counts_sdk: bool) -> Iterator[Runner]:
    with TemporaryDirectory() as home:
        launch = replace(launch, environment=_environment(setup, home))
        with WorkerProcess.started(launch, Path(home) / f"{name}.log") as process:
            yield OneProcess(name, process, counts_sdk=counts_sdk)


def _alertmanager(setup: Setup) -> AbstractContextManager[Runner]:
    return alertmanager(BINARY, setup.stand_in, grouped=setup.grouped)


def _environment(setup: Setup, home: str) -> dict[str, str]:
    return {**ENVIRONMENT, "AWS_ENDPOINT_URL": setup.stand_in.url, "HOME": home, **setup.variables}


def _no_peers(setup: Setup) -> str:
    return "" if shutil.which(setup.peers) else "its packages are not installed: `make bench` does that"


def _no_alertmanager(_setup: Setup) -> str:
    command = f"apt-get install --no-install-recommends {BINARY}"
    return "" if shutil.which(BINARY) else f"{BINARY} is not installed: `{command}`"


OURS: Final = Subject(OUR_NAME, _ours, lambda _: "")
FLOOR: Final = Subject(FLOOR_NAME, _floor, lambda _: "")
SUBJECTS: Final = (
    FLOOR,
    OURS,
    Subject("apprise", _peer("apprise_notify", "apprise"), _no_peers),
    Subject("c7n-mailer", _peer("c7n_mailer_message", "c7n-mailer"), _no_peers),
    Subject(NAME, _alertmanager, _no_alertmanager),
)
