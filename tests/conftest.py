import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, Final
from uuid import uuid4

import boto3
import pytest
from botocore.awsrequest import AWSRequest
from botocore.exceptions import NoCredentialsError
from botocore.hooks import EventAliaser
from hypothesis import is_hypothesis_test, settings

from handlers.aws import AwsClients
from proton_notifier.localaws.environment import isolate
from tests.aws_calls import ambient

# Before a test imports moto: nothing that somebody's shell exports decides where a call goes, or how a terminal looks.
isolate()
for name in ("COLORTERM", "COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
    os.environ.pop(name, None)

# A slow machine is no wrong answer. `.ci/run` asks for more examples.
settings.register_profile("notifier", deadline=None, max_examples=int(os.environ.get("EXAMPLES", "40")))
settings.load_profile("notifier")

# Each test opens AWS anew, and each cold start of a function as well. What takes the time is the same in all of them:
# the services' descriptions, megabytes of JSON; certificates; moto's keys, with which nobody signs here; its names of
# attributes.
MADE_ONCE: Final = (
    "botocore.httpsession.create_urllib3_context",
    "botocore.session.create_loader",
    "cryptography.hazmat.primitives.asymmetric.rsa.generate_private_key",
    "handlers.aws.ServiceModels",
    "moto.core.responses.method_names_from_class",
    "moto.kms.models.generate_private_key",
    "moto.sqs.models.camelcase_to_underscores",
)


def _name_signer(auth: Any, request: AWSRequest) -> None:  # noqa: ANN401 - the stubs leave attributes of SigV4Auth out
    if not auth.credentials:
        raise NoCredentialsError
    request.headers["Authorization"] = f"AWS4 Credential={auth.credentials.access_key}/-/{auth._region_name}/-/-,"  # noqa: SLF001


# Nobody here verifies a signature (moto reads whose it is, and for which region), reads a client's name or counts the
# letters of a receipt handle, and AWS is called by botocore alone, through hooks.
LEFT_OUT: Final = {
    "botocore.auth.SigV4Auth.add_auth": _name_signer,
    "botocore.hooks.accepts_kwargs": lambda _: True,
    "botocore.useragent.UserAgentString.to_string": lambda _: "tests",
    "moto.core.models.RESPONSES_METHODS": (),
    "moto.sqs.models.generate_receipt_handle": lambda: uuid4().hex,
    # Tests empty a queue more often than SQS allows.
    "moto.sqs.models.sqs_enforce_strict_queue_purge_behaviour": lambda: False,
}
TESTS: Final = Path(__file__).parent
# Folders of `uncounted` tests.
UNCOUNTED: Final = ("bench", "cli")
EVENT_NAMES: Final[dict[str, str]] = {}
FIND_EVENT_NAME: Final = EventAliaser._alias_event_name  # type: ignore[attr-defined]  # noqa: SLF001 - the stubs leave it out


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what is counted first: a module that a test loads while nothing is counted would never be counted.

    Then come the long modules, so that no worker has one to itself at the end.
    """
    for item in items:
        # No line should be counted only because hypothesis happened on it.
        by_chance = is_hypothesis_test(getattr(item, "obj", None))
        if by_chance or item.path.relative_to(TESTS).parts[0] in UNCOUNTED:
            item.add_marker("uncounted")
    items.sort(key=lambda item: (item.get_closest_marker("uncounted") is not None, item.path.parent.name != "e2e"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Count no lines of an uncounted test; pytest-cov's own mark takes long, and counts those of the fixtures."""
    traces = sys.gettrace(), threading.gettrace()
    if item.get_closest_marker("uncounted"):
        sys.settrace(None)
        threading.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(traces[0])
        threading.settrace(traces[1])
        calls = sys.modules.get("notifier.delivery.parallel_calls")
        if calls and item.get_closest_marker("uncounted"):
            # The threads that this test started would never be counted, and others would be given them.
            vars(calls)["THREADS"] = ThreadPoolExecutor(calls.MAX_PARALLEL_CALLS)


@pytest.fixture(scope="session", autouse=True)
def _made_once() -> Iterator[None]:
    """Make once in this process what is the same for each test."""
    with pytest.MonkeyPatch.context() as patched:
        for name in MADE_ONCE:
            patched.setattr(name, cache(resolve_name(name)))
        # After `isolate`, as moto reads variables when it is imported.
        for name, substitute in {**LEFT_OUT, **import_module("tests.fast_moto").SUBSTITUTES}.items():
            patched.setattr(name, substitute)
        # Our templates are JSON, which moto takes for YAML at first.
        patched.setattr("moto.cloudformation.models.Stack.parse_template", staticmethod(json.loads))
        patched.setattr(boto3, "client", _shared_client)
        patched.setattr("handlers.aws.AwsClients", _shared_aws_clients)
        patched.setattr(EventAliaser, "_alias_event_name", _event_name)
        yield


def _shared_client(service: str, **options: object) -> object:
    """Find a client that was made for the same variables, which takes longer to make than most tests ask of it.

    Where a session has hooks, it makes its own. Who registers hooks with a client has to make one by a `boto3.Session`.
    """
    if boto3.DEFAULT_SESSION:
        return boto3.DEFAULT_SESSION.client(service, **options)  # type: ignore[call-overload] # any service
    return _client(ambient(), service, tuple(options.items()))


def _shared_aws_clients() -> AwsClients:
    """Find the clients of a function that were made for the same variables, which a cold start would make anew."""
    return AwsClients() if boto3.DEFAULT_SESSION else _aws_clients(ambient())


def _event_name(aliaser: EventAliaser, name: str) -> str:
    """Find what botocore calls the event *name*; the hooks of each client would find it out anew."""
    if name not in EVENT_NAMES:
        EVENT_NAMES[name] = FIND_EVENT_NAME(aliaser, name)
    return EVENT_NAMES[name]


@cache
def _client(_ambient: object, service: str, options: tuple[tuple[str, object], ...]) -> object:
    return boto3.Session().client(service, **dict(options))  # type: ignore[call-overload] # any service


@cache
def _aws_clients(_ambient: object) -> AwsClients:
    return AwsClients()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Listen to SIGINT, which jobs in the background ignore, and again after a command, which stops to at its end."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, handler)
