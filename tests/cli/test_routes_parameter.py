import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from proton_notifier.common.deployed_stack import StackError
from proton_notifier.routes.live_document import RoutesParameter, Version
from tests.aws_calls import AwsCalls, unhooked
from tests.deployed import ROUTES, STACK, live, write

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+"


@pytest.fixture(autouse=True)
def _store(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Open moto's Parameter Store, where nothing is."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        yield


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> AwsCalls:
    """Make hooks into the calls of the parameter under test."""
    return AwsCalls(monkeypatch)


def parameter() -> RoutesParameter:
    """Open the parameter, with the hooks that were made before."""
    return RoutesParameter(boto3.client("ssm"), STACK)


def client() -> "SSMClient":
    """Open the store past the hooks."""
    return unhooked().client("ssm")


def before(calls: AwsCalls, write: int, act: Callable[[], object]) -> None:
    """Let somebody else *act* just before the parameter under test writes for the *write*th time."""
    writes: list[None] = []

    def told() -> None:
        writes.append(None)
        if len(writes) == write:
            act()

    calls.watch("before-parameter-build.ssm.PutParameter", told)


def refuse() -> None:
    """Refuse a call."""
    raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Not allowed."}}, "PutParameter")


def time_out() -> None:
    """Let a call have no answer."""
    raise ReadTimeoutError(endpoint_url="https://ssm.eu-west-1.amazonaws.com")


def overtaken(parameter: RoutesParameter, read: Version | None = None) -> str:
    """Write in vain in place of what was *read*, by default what is live, and return why, without times."""
    version = read or parameter.newest()
    with pytest.raises(StackError) as raised:
        parameter.write("mine", version)
    return re.sub(TIME, "TIME", str(raised.value))


def test_no_document_is_version_nought() -> None:
    """It is there to be written in place of."""
    assert parameter().newest() == Version(0, "")
    assert str(parameter().newest()) == "no document"


def test_the_newest_version_is_live() -> None:
    """Of more than one page; a person sees when it was written and by whom."""
    store = client()
    for number in range(60):
        store.put_parameter(Name=ROUTES, Value=f"# {number}", Type="String", Overwrite=True)

    newest = parameter().newest()

    assert (newest.number, newest.text) == (60, "# 59")
    assert re.fullmatch(rf"version 60, written {TIME} by N/A", str(newest))


def test_a_document_of_the_full_size_is_written_as_plain_text() -> None:
    """A text of more than 4 KB needs the advanced tier, which the store then chooses."""
    assert parameter().write("a", parameter().newest()) == 1
    assert parameter().write("b" * 8_192, parameter().newest()) == 2

    (stored,) = client().describe_parameters()["Parameters"]
    assert live() == "b" * 8_192
    assert (stored["Name"], stored["Type"], stored["Tier"]) == (ROUTES, "String", "Intelligent-Tiering")
    assert stored["Description"].startswith("Routes of notifications")


@pytest.mark.parametrize(
    ("act", "shown"),
    [
        (lambda: write("theirs"), "live is version 2, written TIME by N/A"),
        (lambda: client().delete_parameter(Name=ROUTES), "live is no document"),
    ],
    ids=["written", "deleted"],
)
def test_what_changed_while_a_person_thought_is_left_alone(act: Callable[[], object], shown: str) -> None:
    """Nothing is written."""
    write("old")
    read = parameter().newest()
    act()

    assert overtaken(parameter(), read) == f"nothing was written, because somebody else wrote in the meantime; {shown}"
    assert parameter().newest().text != "mine"


def test_a_first_document_overwrites_none(calls: AwsCalls) -> None:
    """The store itself refuses."""
    before(calls, 1, lambda: write("theirs"))

    assert overtaken(parameter()) == (
        "nothing was written, because somebody else wrote the first document in the meantime"
    )
    assert live() == "theirs"


def test_a_version_that_came_in_between_is_put_back(calls: AwsCalls) -> None:
    """Even if it came in the last moment."""
    write("old")
    before(calls, 1, lambda: write("theirs"))

    assert overtaken(parameter()) == (
        "yours is not live, because somebody else wrote in the meantime: "
        "version 4 restores version 2, written TIME by N/A"
    )
    assert live() == "theirs"


def test_a_version_that_cannot_be_put_back_is_told(calls: AwsCalls) -> None:
    """A person has to do it."""
    write("old")
    before(calls, 1, lambda: write("theirs"))
    before(calls, 2, refuse)

    assert overtaken(parameter()) == (
        "somebody else wrote in the meantime, but yours is live, as version 3: theirs, version 2, could not be "
        "restored: "
        "An error occurred (AccessDenied) when calling the PutParameter operation: Not allowed."
    )
    assert live() == "mine"


def test_others_who_write_again_are_told_of(calls: AwsCalls) -> None:
    """People then decide which version is to be live."""
    write("old")
    before(calls, 1, lambda: write("theirs"))
    before(calls, 2, lambda: write("another"))

    assert overtaken(parameter()) == (
        "others wrote in the meantime: version 5 restores version 2 and replaces what they wrote later"
    )
    assert live() == "theirs"


def test_a_document_that_was_deleted_in_between_cannot_be_put_back(calls: AwsCalls) -> None:
    """Then the new one begins to count anew."""
    write("older")
    write("old")
    before(calls, 1, lambda: client().delete_parameter(Name=ROUTES))

    assert overtaken(parameter()) == (
        "somebody else wrote in the meantime, but yours is live, as version 1: the version before it is gone"
    )
    assert live() == "mine"


def test_a_write_without_an_answer_may_have_come_through(calls: AwsCalls) -> None:
    """A time-out is no proof; a person looks, and the client does not try again."""
    before(calls, 1, time_out)

    assert overtaken(parameter()) == (
        "it is not known if the document was written; see `notifier routes show`: "
        'Read timeout on endpoint URL: "https://ssm.eu-west-1.amazonaws.com"'
    )
