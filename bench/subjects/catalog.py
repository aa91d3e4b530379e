"""Who is measured, and how each is started."""

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.fakes.control import WEBHOOK_PATH, StandIn
from bench.stack import TOPIC, Function, stack
from bench.subjects.alertmanager import NAME, alertmanager
from bench.subjects.processes import Child, Launch
from bench.subjects.runners import OneCall, Runner, TwoFunctions

BINARY: Final = "prometheus-alertmanager"

# What Lambda gives every function; nothing of the caller's environment gets through, so that no proxy does.
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
class Place:
    """Where a run takes place: the stand-in, the peers' Python, and what Slack and SNS got from this project.

    *variables* are added to every subject's environment. In a storm events come *together*.
    """

    stand_in: StandIn
    peers: str
    posted: str
    published: Mapping[str, Any]
    variables: Mapping[str, str]
    together: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """Something to measure; *start* begins it anew. *absent* says why it cannot be measured, if it cannot."""

    name: str
    start: Callable[[Place], AbstractContextManager[Runner]]
    absent: Callable[[Place], str]


@contextmanager
def _ours(place: Place) -> Iterator[Runner]:
    shape = stack()
    with (
        TemporaryDirectory() as home,
        Child.started(_function(shape.proton, place, home), Path(home) / "proton.log") as proton,
        Child.started(_function(shape.delivery, place, home), Path(home) / "delivery.log") as delivery,
    ):
        yield TwoFunctions(proton, delivery, place.stand_in, shape.batch_size, shape.batching_window_seconds)


def _function(function: Function, place: Place, home: str) -> Launch:
    environment = {**_environment(place, home), **function.environment(place.stand_in.url)}
    return Launch("function", sys.executable, environment, {"timeout_seconds": function.timeout_seconds})


@contextmanager
def _floor(place: Place) -> Iterator[Runner]:
    settings = {
        "posted": place.posted,
        "published": place.published,
        "webhook": place.stand_in.url + WEBHOOK_PATH,
    }
    with TemporaryDirectory() as home:
        launch = Launch("floor", sys.executable, _environment(place, home), settings)
        with Child.started(launch, Path(home) / "floor.log") as child:
            yield OneCall("floor", child, counts=True)


def _peer(module: str, name: str) -> Callable[[Place], AbstractContextManager[Runner]]:
    @contextmanager
    def start(place: Place) -> Iterator[Runner]:
        settings = {"stand_in": place.stand_in.url, "topic": TOPIC}
        with TemporaryDirectory() as home:
            launch = Launch(module, place.peers, _environment(place, home), settings)
            with Child.started(launch, Path(home) / "peer.log") as child:
                yield OneCall(name, child, counts=False)

    return start


@contextmanager
def _alertmanager(place: Place) -> Iterator[Runner]:
    with TemporaryDirectory() as home:
        folder = Path(home)
        with alertmanager(BINARY, place.stand_in, folder, together=place.together) as runner:
            yield runner


def _environment(place: Place, home: str) -> dict[str, str]:
    return {**ENVIRONMENT, "AWS_ENDPOINT_URL": place.stand_in.url, "HOME": home, **place.variables}


def _no_peers(place: Place) -> str:
    return "" if shutil.which(place.peers) else "its packages are not installed: `make bench` does that"


def _no_alertmanager(_place: Place) -> str:
    return (
        "" if shutil.which(BINARY) else f"{BINARY} is not installed: `apt-get install --no-install-recommends {BINARY}`"
    )


OURS: Final = Subject("proton-notifier", _ours, lambda _: "")
FLOOR: Final = Subject("floor", _floor, lambda _: "")
SUBJECTS: Final = (
    FLOOR,
    OURS,
    Subject("apprise", _peer("apprise_notify", "apprise"), _no_peers),
    Subject("c7n-mailer", _peer("c7n_mailer_message", "c7n-mailer"), _no_peers),
    Subject(NAME, _alertmanager, _no_alertmanager),
)
