"""The subjects, the way to start each of them, and the events for them."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

from bench.fakes.services import FakeServices
from bench.results import BASELINE_NAME, OUR_NAME
from bench.stack import TOPIC, stack
from bench.subjects.alertmanager import ALERTMANAGER, alertmanager
from bench.subjects.runners import Event, FunctionsRunner, Runner, Setup, worker
from proton_notifier.localaws.environment import ENVIRONMENT, REGION

BINARY: Final = "prometheus-alertmanager"
SAMPLE: Final = Path(__file__).parents[2] / "events" / "service-instance-deployment-failed.json"
# Lambda's own variables. The caller's environment is not used, because it may name a proxy.
LAMBDA: Final[Mapping[str, str]] = {"AWS_REGION": REGION, "LANG": "en_US.UTF-8", "PATH": "/usr/bin:/bin", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Subject:
    """A program to measure; *start* needs *program*, which *installation* installs."""

    name: str
    start: Callable[[Setup, FakeServices], AbstractContextManager[Runner]]
    program: str = sys.executable
    installation: str = ""


def subjects(peers: str) -> tuple[Subject, ...]:
    """List all subjects; *peers* is the Python interpreter with the peers."""
    return (
        BASELINE,
        OURS,
        Subject("apprise", partial(_python, "apprise", "peers.start_apprise", peers), peers, "make bench"),
        Subject("c7n-mailer", partial(_python, "c7n-mailer", "peers.start_c7n_mailer", peers), peers, "make bench"),
        Subject(
            ALERTMANAGER, partial(alertmanager, BINARY), BINARY, f"apt-get install --no-install-recommends {BINARY}"
        ),
    )


@contextmanager
def _ours(setup: Setup, fake: FakeServices) -> Iterator[FunctionsRunner]:
    startups, workers = {}, {}
    with ExitStack() as started:
        for name, function in stack().functions.items():
            environment = {**_environment(setup, fake), **function.variables, **setup.variables}
            workers[name] = started.enter_context(worker("worker.start_function", sys.executable, environment))
            startups[name] = workers[name].ask({"timeout_seconds": function.timeout_seconds})
        yield FunctionsRunner(startups, workers, fake.queue)


@contextmanager
def _python(name: str, start: str, python: str, setup: Setup, fake: FakeServices) -> Iterator[Runner]:
    settings = {**setup.requests, "endpoint": fake.endpoint, "topic": TOPIC, "webhook": fake.url}
    with worker(start, python, _environment(setup, fake)) as started:
        yield Runner({name: started.ask(settings)}, {name: started})


def _environment(setup: Setup, fake: FakeServices) -> dict[str, str]:
    return {**ENVIRONMENT, **LAMBDA, "AWS_ENDPOINT_URL": fake.endpoint, **setup.variables}


OURS: Final = Subject(OUR_NAME, _ours)
BASELINE: Final = Subject(BASELINE_NAME, partial(_python, BASELINE_NAME, "worker.start_baseline", sys.executable))


def numbered_events(prefix: str) -> Iterator[Event]:
    """Repeat the sample endlessly, each time with a new id, service and instance."""
    for number in count():
        yield named_event(f"{prefix}-{number}", f"instance-{number}")


def named_event(event_id: str, name: str) -> Event:
    """Change the id, the service and the resource's name in the sample, so that each event opens an incident."""
    event = json.loads(SAMPLE.read_text(encoding="utf-8").replace("checkout", f"checkout-{event_id}"))
    return {**event, "id": event_id, "detail": {**event["detail"], "name": name}}
