"""The subjects, and how each is started."""

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Final

from bench.fakes.services import FakeServices
from bench.results import BASELINE_NAME, FUNCTIONS, OUR_NAME
from bench.stack import TOPIC, stack
from bench.subjects.alertmanager import alertmanager
from bench.subjects.processes import PythonWorker
from bench.subjects.runners import FunctionsRunner, Runner
from proton_notifier.localaws.environment import ENVIRONMENT, REGION

ALERTMANAGER: Final = "Alertmanager"
BINARY: Final = "prometheus-alertmanager"
# Lambda's own variables. The caller's environment is left out: it may name a proxy.
LAMBDA: Final[Mapping[str, str]] = {"AWS_REGION": REGION, "LANG": "en_US.UTF-8", "PATH": "/usr/bin:/bin", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Setup:
    """The setup of a subject.

    *posted* and *published* are this project's requests to Slack and SNS, which the baseline repeats. *variables* are
    added to each worker's environment. In a storm, events are *grouped*.
    """

    posted: str = ""
    published: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    grouped: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """A program to measure, of which *program* has to be installed; *counts_sdk* is for those that use the SDK."""

    name: str
    start: Callable[[Setup, FakeServices], AbstractContextManager[Runner]]
    program: str = sys.executable
    installation: str = ""
    counts_sdk: bool = False

    @property
    def missing(self) -> str:
        """Say how to install the program, if it is not there."""
        return "" if shutil.which(self.program) else f"{self.program} is not installed: `{self.installation}`"


def subjects(peers: str) -> tuple[Subject, ...]:
    """List all subjects; *peers* is the Python that has the peers."""
    return (
        BASELINE,
        OURS,
        _peer("apprise", "start_apprise", peers),
        _peer("c7n-mailer", "start_c7n_mailer", peers),
        Subject(ALERTMANAGER, _alertmanager, BINARY, f"apt-get install --no-install-recommends {BINARY}"),
    )


@contextmanager
def _ours(setup: Setup, fake: FakeServices) -> Iterator[Runner]:
    functions = (
        PythonWorker.started(
            "function.start",
            sys.executable,
            {**_environment(setup, fake), **stack().functions[name].environment(fake.endpoint)},
            {"timeout_seconds": stack().functions[name].timeout_seconds},
        )
        for name in FUNCTIONS
    )
    with next(functions) as events, next(functions) as delivery:
        yield FunctionsRunner(events, delivery, fake.queue)


@contextmanager
def _python(name: str, start: str, python: str, setup: Setup, fake: FakeServices) -> Iterator[Runner]:
    settings = {**asdict(setup), "endpoint": fake.endpoint, "topic": TOPIC, "webhook": fake.url}
    with PythonWorker.started(start, python, _environment(setup, fake), settings) as worker:
        yield Runner({name: worker})


@contextmanager
def _alertmanager(setup: Setup, fake: FakeServices) -> Iterator[Runner]:
    with alertmanager(BINARY, fake, grouped=setup.grouped) as server:
        yield Runner({ALERTMANAGER: server})


def _peer(name: str, start: str, python: str) -> Subject:
    return Subject(name, partial(_python, name, f"peers.{start}", python), python, "make bench")


def _environment(setup: Setup, fake: FakeServices) -> dict[str, str]:
    return {**ENVIRONMENT, **LAMBDA, "AWS_ENDPOINT_URL": fake.endpoint, **setup.variables}


OURS: Final = Subject(OUR_NAME, _ours, counts_sdk=True)
BASELINE: Final = Subject(
    BASELINE_NAME, partial(_python, BASELINE_NAME, "baseline.start", sys.executable), counts_sdk=True
)
