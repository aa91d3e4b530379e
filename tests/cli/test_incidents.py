import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import boto3
import pytest
import time_machine
from moto import mock_aws

from notifier.memory.decisions import decide
from notifier.memory.history import Entry, Kind
from notifier.memory.items import Item, OpenIncident
from notifier.memory.rows import CLOSED_SECONDS, row_id
from notifier.memory.rules import DEFAULT_RULES
from notifier.memory.store import Memory
from notifier.memory.timers import Sending, after
from notifier.model.notification import Notification
from proton_notifier.main import main
from tests.aws_calls import AwsCalls
from tests.deployed import deploy
from tests.samples import event, notification

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# 2026-03-03, ten o'clock.
TEN: Final = 1_772_532_000.0
MINUTE: Final = 60
NOW: Final = datetime.fromtimestamp(TEN + 42 * MINUTE, UTC)
ARN: Final = "arn:aws:proton:eu-west-1:123456789012:service"
CHECKOUT: Final = f"{ARN}/checkout/service-instance/prod"
SHOP: Final = "CloudFormationStack/123456789012/eu-west-1/shop"
LONG: Final = "a" * 2_000
FAILED: Final = notification(event("service-instance-deployment-failed"))
APPROVAL: Final = notification(event("code-pipeline-action-waits-for-approval"))
TEMPLATE: Final = {
    "Resources": {
        "Memory": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": "memory",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            },
        }
    }
}


@pytest.fixture(autouse=True)
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsCalls]:
    """Deploy a stack with a memory, at 42 minutes after ten."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws(), time_machine.travel(NOW, tick=False):
        boto3.client("cloudformation").create_stack(StackName="shop", TemplateBody=json.dumps(TEMPLATE))
        yield AwsCalls(monkeypatch)


def remember(key: str, *steps: tuple[str, float, str, str], said: Notification = FAILED) -> None:
    """Let changes come, each a kind, so many minutes after ten, with a status, and told to destinations."""
    item = Item()
    for kind, minutes, status, names in steps:
        entry = Entry(f"{kind}{minutes}-{key[-4:]}", TEN + minutes * MINUTE, Kind(kind), status)
        decision = decide(item, entry, DEFAULT_RULES)
        item = after(decision, Sending(said, tuple(names.split()), silenced=not names), DEFAULT_RULES)
    keep(key, item)


def keep(key: str, item: Item) -> None:
    """Put *item* into the table."""
    memory = Memory(boto3.client("dynamodb"), "memory", NOW.timestamp)
    assert memory.keep(key, Item(), item) is None


def incidents(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str], str]:
    """Run the command; return its exit status, the lines of its output, and its errors."""
    status = main(["incidents", *arguments, "--stack", "shop"])
    captured = capsys.readouterr()
    return status, captured.out.splitlines(), captured.err


def test_what_is_failing_is_listed_the_newest_first(capsys: pytest.CaptureFixture[str]) -> None:
    """With since when, how often, who was told, and when they are reminded; what is well is left out."""
    remember(CHECKOUT, ("F", 0, "FAILED", "email slack"), ("P", 1, "", ""), ("F", 20, "FAILED", "email slack"))
    remember(SHOP, ("F", 0, "FAILED", "email"), ("S", 1, "DONE", "email"))
    remember("Approval", ("A", 40, "STARTED", "slack"), said=APPROVAL)

    assert incidents(capsys, "list") == (
        0,
        [
            "production: pipeline action checkout/Production/ApproveProduction waits for approval (eu-west-1)",
            "  waiting since 2026-03-03 10:40:00 UTC, for 2 min",
            "  told: slack; next reminder: 2026-03-03 14:40:00 UTC",
            "  Approval",
            "production: checkout/prod could not be deployed (eu-west-1)",
            "  failing since 2026-03-03 10:00:00 UTC, for 42 min, 2 failed attempts",
            "  told: email, slack; next reminder: 2026-03-03 14:00:00 UTC",
            f"  {CHECKOUT}",
        ],
        "",
    )


def test_programs_read_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing if nothing is failing."""
    nothing = incidents(capsys, "list", "--output", "json")
    remember(CHECKOUT, ("F", 0, "FAILED", "email slack"))

    status, (line,), _ = incidents(capsys, "list", "--output", "json")

    assert nothing == (0, [], "")
    assert status == 0
    assert json.loads(line) == {
        "resource": CHECKOUT,
        "id": "F0-prod",
        "state": "failing",
        "title": "production: checkout/prod could not be deployed (eu-west-1)",
        "opened_at": "2026-03-03T10:00:00Z",
        "attempts": 1,
        "recipients": ["email", "slack"],
        "reminder_at": "2026-03-03T14:00:00Z",
    }


def test_no_open_incident_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """It is no error; what has expired is forgotten, though DynamoDB deletes it days later."""
    remember(SHOP, ("F", 0, "FAILED", "email"), ("S", 1, "DONE", "email"))
    open_item = Item(1, incident=OpenIncident("e", "e"))
    Memory(boto3.client("dynamodb"), "memory", lambda: 0.0).keep(CHECKOUT, Item(), open_item)

    assert incidents(capsys, "list") == (0, ["Nothing is failing."], "")


def test_flapping_silence_and_an_unknown_beginning_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody was told of what was silenced, or of what only a later event names."""
    flaps = [("F", 0, "", "email"), ("S", 5, "", "email")] * 2
    remember(SHOP, *((kind, at + 10 * number, "", to) for number, (kind, at, _, to) in enumerate(flaps)),
             ("F", 41, "", "email"), ("S", 41.5, "", ""))  # fmt: skip
    remember(CHECKOUT, ("F", 1, "", ""))
    previous = Entry("p", TEN, Kind.PROGRESS, before=Kind.FAILURE)
    keep("Unknown", decide(Item(), previous, DEFAULT_RULES).item)

    _, lines, _ = incidents(capsys, "list")

    assert [line for line in lines if line.startswith("  ")] == [
        "  failing since 2026-03-03 10:01:00 UTC, for 41 min",
        "  told: nobody; next reminder: when nothing holds it back",
        f"  {CHECKOUT}",
        "  flapping since 2026-03-03 10:00:00 UTC, for 42 min",
        "  told: email; next reminder: 2026-03-03 11:11:30 UTC",
        f"  {SHOP}",
        "  failing since an unknown time",
        "  told: nobody; next reminder: none",
        "  Unknown",
    ]
    assert lines[-4] == "Unknown is failing"


def test_the_changes_of_a_resource_are_shown_with_each_decision(capsys: pytest.CaptureFixture[str]) -> None:
    """In the order of their times, with the status or else the kind, and where each went."""
    remember(
        CHECKOUT,
        *(("P", -2, "IN_PROGRESS", ""), ("F", 0, "FAILED", "email slack"), ("P", -1, "IN_PROGRESS", "")),
        *(("P", 5, "IN_PROGRESS", "slack"), ("F", 10, "", "email slack")),
    )

    status, lines, _ = incidents(capsys, "show", CHECKOUT)

    assert status == 0
    assert lines[:4] == incidents(capsys, "list")[1]
    assert lines[4:] == [
        "2026-03-03 09:58:00 UTC  IN_PROGRESS  as the routes say                  to nobody",
        "2026-03-03 09:59:00 UTC  IN_PROGRESS  late or flapping, and nothing new  to nobody",
        "2026-03-03 10:00:00 UTC  FAILED       opened                             to email, slack",
        "2026-03-03 10:05:00 UTC  IN_PROGRESS  progress                           to slack",
        "2026-03-03 10:10:00 UTC  failure      failed again                       to email, slack, 2 failed attempts",
    ]


@pytest.mark.parametrize(("reminders", "shown"), [(1, "once"), (2, "2 times")])
def test_reminders_are_counted(reminders: int, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    """They are no changes of the resource."""
    item = after(decide(Item(), Entry("e", TEN, Kind.FAILURE), DEFAULT_RULES), Sending(FAILED, ()), DEFAULT_RULES)
    keep(CHECKOUT, replace(item, incident=item.incident and replace(item.incident, reminders=reminders)))

    assert incidents(capsys, "show", CHECKOUT)[1][4] == f"  reminded: {shown}"


def test_what_is_held_back_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Its first failure and each turn."""
    opened = decide(Item(), Entry("e", TEN, Kind.FAILURE, "FAILED"), DEFAULT_RULES)
    withheld = replace(opened, entry=replace(opened.entry, withheld=True))
    keep(CHECKOUT, after(withheld, Sending(FAILED, (), silenced=True), DEFAULT_RULES))

    lines = incidents(capsys, "show", CHECKOUT)[1]

    assert lines[-1] == "2026-03-03 10:00:00 UTC  FAILED  opened, held back  to nobody"


def test_what_is_well_is_shown_with_its_past(capsys: pytest.CaptureFixture[str]) -> None:
    """Changes before the last twenty are summed up."""
    steps = [(kind, number, "FAILED" if kind == "F" else "", "") for number, kind in enumerate("FPF" + "S" * 20)]
    remember(SHOP, *steps)

    status, lines, _ = incidents(capsys, "show", "shop")

    assert status == 0
    assert lines[:4] == [
        SHOP,
        "  well",
        "2026-03-03 10:02:00 UTC  earlier changes  failing, 2 failed attempts",
        "2026-03-03 10:03:00 UTC  success          recovered                   to nobody, 2 failed attempts",
    ]
    assert len(lines) == 3 + 20


@pytest.mark.parametrize(
    "resource",
    [SHOP, "eu-west-1/sh", "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/6d1b3c0e"],
    ids=["key", "part", "arn"],
)
def test_a_resource_is_named_by_its_key_a_part_of_it_or_its_arn(
    resource: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An ARN that is no key has the same account, region and name."""
    for key in (SHOP, SHOP.replace("eu-west-1", "eu-west-2"), CHECKOUT, f"{ARN}/stack"):
        remember(key, ("S", 0, "", ""))

    status, lines, _ = incidents(capsys, "show", resource)

    assert (status, lines[0]) == (0, SHOP)


def test_a_resource_is_named_as_in_its_title(capsys: pytest.CaptureFixture[str]) -> None:
    """If no key has the name as it is."""
    for key in (CHECKOUT, CHECKOUT.replace("prod", "staging"), CHECKOUT.replace("checkout", "invoices")):
        remember(key, ("S", 0, "", ""))

    assert incidents(capsys, "show", "checkout/prod")[1][0] == CHECKOUT

    remember("Deployment/checkout/prod", ("S", 0, "", ""))
    assert incidents(capsys, "show", "checkout/prod")[1][0] == "Deployment/checkout/prod"


def test_a_key_is_taken_before_longer_keys_that_begin_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    """A service is a part of its instances' keys; a long key stands in the table as its hash."""
    for key in (f"{ARN}/checkout", CHECKOUT, LONG):
        remember(key, ("S", 0, "", ""))

    assert incidents(capsys, "show", f"{ARN}/checkout")[1][0] == f"{ARN}/checkout"
    assert incidents(capsys, "show", LONG)[1][0] == row_id(LONG)


def test_several_resources_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """A person chooses one, in more words."""
    for key in (CHECKOUT, f"{ARN}/checkout", f"{ARN}/invoices\x1b[2J"):
        remember(key, ("S", 0, "", ""))

    assert incidents(capsys, "show", "checkout") == (
        2,
        [],
        f"shop: checkout: 2 resources match:\n  {ARN}/checkout\n  {CHECKOUT}\n",
    )
    assert incidents(capsys, "show", "")[2].endswith(f"\n  {ARN}/invoices [2J\n")


def test_similar_resources_are_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    """A typing mistake is seen at once."""
    for key in (CHECKOUT, SHOP):
        remember(key, ("S", 0, "", ""))

    assert incidents(capsys, "show", f"{ARN}/chekout") == (
        2,
        [],
        f"shop: {ARN}/chekout: no known resource matches\n  {CHECKOUT}\n",
    )


def test_an_unreadable_row_hides_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, and so is what to do."""
    remember(CHECKOUT, ("F", 0, "FAILED", "email"))
    expires_at = str(int(NOW.timestamp()) + CLOSED_SECONDS)
    row: Mapping[str, AttributeValueTypeDef] = {
        "id": {"S": SHOP},
        "item": {"B": b"new"},
        "expires_at": {"N": expires_at},
    }
    boto3.client("dynamodb").put_item(TableName="memory", Item=row)
    message = f"shop: the memory of {SHOP} is not readable: "

    listed = incidents(capsys, "list")
    shown = incidents(capsys, "show", SHOP)

    assert (listed[0], len(listed[1]), shown[:2]) == (1, 4, (1, []))
    assert listed[2] == shown[2]
    assert listed[2].startswith(message)
    assert listed[2].endswith("; a later version may have written it: use its command\n")


def test_more_than_a_page_is_read(calls: AwsCalls, capsys: pytest.CaptureFixture[str]) -> None:
    """DynamoDB returns at most a megabyte in a call."""
    calls.change("dynamodb.Scan", Limit=2)
    for number in range(5):
        remember(f"Resource/{number}", ("F", number, "", "email"))

    assert incidents(capsys, "list")[1][3::4] == [f"  Resource/{number}" for number in range(5)][::-1]


def test_a_missing_permission_is_named(calls: AwsCalls, capsys: pytest.CaptureFixture[str]) -> None:
    """The person knows what to ask for."""
    calls.refuse("dynamodb.Scan")

    status, _, error = incidents(capsys, "list")

    assert (status, error.partition(": An error")[0]) == (1, "shop: you need dynamodb:Scan")


def test_a_stack_without_a_memory_is_older(capsys: pytest.CaptureFixture[str]) -> None:
    """Or no stack of the notifier."""
    deploy("older")

    assert main(["incidents", "list", "--stack", "older"]) == 1
    assert capsys.readouterr().err == (
        "older: older is not a stack of this notifier, or one of an earlier version: it has no Memory\n"
    )
