from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto import mock_aws

from notifier.model.status_change import Severity
from notifier.routes.document import default_document
from notifier.routes.live import LiveRoutes, RoutesCache
from notifier.routes.loader import read_document

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

DEFAULTS = default_document((), (), tuple(Severity))
NAME = "/stack/routes"


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    """Begin at nought."""
    return Clock()


@pytest.fixture
def client() -> "Iterator[SSMClient]":
    """Open moto's Parameter Store."""
    with mock_aws():
        yield boto3.client("ssm", region_name="eu-west-1")


@pytest.fixture
def routes(clock: Clock, client: "SSMClient") -> RoutesCache:
    """Open the parameter, which is not there."""
    return RoutesCache(client, NAME, DEFAULTS, lambda text: read_document(text, DEFAULTS, None), clock)


@contextmanager
def throttled(client: "SSMClient", operation: str) -> Iterator[None]:
    """Let *operation* fail for a while."""

    def refuse(**_call: object) -> tuple[AWSResponse, dict[str, dict[str, str]]]:
        error = {"Code": "ThrottlingException", "Message": "No."}
        return AWSResponse("", 400, HTTPHeaders(), None), {"Error": error}

    client.meta.events.register(f"before-call.ssm.{operation}", refuse)  # type: ignore[arg-type] # the stub knows no answers
    yield
    client.meta.events.unregister(f"before-call.ssm.{operation}", refuse)  # type: ignore[arg-type]


def write(account: str) -> None:
    """Write a document that says one thing: an account's name, which is broken if it is a number."""
    text = f'[accounts]\n"123456789012" = {account}'
    boto3.client("ssm", region_name="eu-west-1").put_parameter(Name=NAME, Value=text, Type="String", Overwrite=True)


def name(live: LiveRoutes) -> str:
    """Read the one thing that a document says."""
    return dict(live.document.accounts)["123456789012"]


def test_without_a_document_the_stacks_own_routes_apply(routes: RoutesCache) -> None:
    """Nobody has to write one."""
    assert routes.get() == LiveRoutes(DEFAULTS)


def test_an_encrypted_document_is_said_to_be_one(routes: RoutesCache, client: "SSMClient") -> None:
    """Without decryption, its value is ciphertext."""
    client.put_parameter(Name=NAME, Value='[accounts]\n"123456789012" = "first"', Type="SecureString")

    assert routes.get() == LiveRoutes(
        DEFAULTS,
        "the routes are broken, and the stack's own apply: /stack/routes is a SecureString and must be a String; "
        "delete it and write it again with `notifier routes push`",
    )


def test_a_byte_order_mark_breaks_nothing(routes: RoutesCache, client: "SSMClient") -> None:
    """Nor do the ends of lines that come with it."""
    text = '\ufeff[accounts]\r\n"123456789012" = "first"\r\n'
    client.put_parameter(Name=NAME, Value=text, Type="String")

    assert name(routes.get()) == "first"


def test_a_change_is_live_within_a_minute(routes: RoutesCache, clock: Clock) -> None:
    """Parameter Store is not asked for each event."""
    write('"first"')
    begun = name(routes.get())
    write('"second"')

    clock.seconds = 59
    before = name(routes.get())
    clock.seconds = 60
    after = name(routes.get())

    assert (begun, before, after) == ("first", "first", "second")


def test_what_has_not_changed_is_not_read_again(routes: RoutesCache) -> None:
    """A document is judged once, however often Parameter Store is asked for it."""
    write('"first"')

    assert routes.get() is routes.get(fresh=True)


def test_a_fresh_answer_can_be_asked_for(routes: RoutesCache) -> None:
    """A missing destination makes the function read the document at once."""
    write('"first"')
    routes.get()
    write('"second"')

    assert name(routes.get(fresh=True)) == "second"


def test_a_document_that_is_deleted_applies_no_more(routes: RoutesCache) -> None:
    """To go back to the stack's own routes, delete it."""
    write('"first"')
    routes.get()
    boto3.client("ssm", region_name="eu-west-1").delete_parameter(Name=NAME)

    assert routes.get(fresh=True) == LiveRoutes(DEFAULTS)


def test_the_last_good_document_outlives_broken_ones(routes: RoutesCache) -> None:
    """A new process, too, finds it in the history, and says what is wrong with the newest."""
    for account in ('"first"', '"second"', "3", "4"):
        write(account)

    live = routes.get()

    assert name(live) == "second"
    assert live.error.startswith("the routes are broken, and an earlier version applies: accounts.123456789012: ")


def test_a_mended_document_is_no_trouble(routes: RoutesCache) -> None:
    """The alarm ends."""
    write("1")
    routes.get()
    write('"second"')

    live = routes.get(fresh=True)

    assert (name(live), live.error) == ("second", "")


def test_where_nothing_was_ever_good_the_stacks_own_routes_apply(routes: RoutesCache) -> None:
    """Somebody is told, and the alarm rings."""
    write("1")

    live = routes.get()

    assert live.document == DEFAULTS
    assert live.error.startswith("the routes are broken, and the stack's own apply: accounts.123456789012: ")


@pytest.mark.parametrize("operation", ["GetParameter", "GetParameterHistory"])
def test_what_cannot_be_read_leaves_what_applied(operation: str, routes: RoutesCache, client: "SSMClient") -> None:
    """An outage of Parameter Store changes nobody's routes; it is asked again, and then the trouble is over."""
    write('"first"')
    routes.get()
    write("2")
    with throttled(client, operation):
        during = routes.get(fresh=True)
    after = routes.get(fresh=True)

    assert name(during) == "first"
    assert during.error.startswith("the routes could not be read: ")
    assert name(after) == "first"
    assert after.error.startswith("the routes are broken, and an earlier version applies")


def test_what_could_never_be_read_is_a_guess(routes: RoutesCache, client: "SSMClient", clock: Clock) -> None:
    """A new process knows the stack's own routes alone, and asks again soon, but not for each destination."""
    write('"first"')
    with throttled(client, "GetParameter"):
        live = routes.get()

    assert (live.document, live.unverified) == (DEFAULTS, True)
    assert live.error.startswith("the routes could not be read: ")
    clock.seconds = 4.9
    assert routes.get() is live
    clock.seconds = 5
    assert (name(routes.get()), routes.get().unverified) == ("first", False)


def test_a_destination_is_found_by_its_name() -> None:
    """Or it is not there."""
    document = read_document('[destinations.a]\ntype = "slack"\nwebhook = "x"\n[[routes]]\nto = ["a"]', DEFAULTS, None)
    found = LiveRoutes(document).destination("a")

    assert found is not None
    assert found.channel == "slack"
    assert LiveRoutes(document).destination("b") is None
