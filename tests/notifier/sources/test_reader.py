"""The reader, and the columns of a row of a source's table."""

from typing import Any, Final

import botocore.session
import pytest

from notifier.model.status_change import Link, Meaning, Severity
from notifier.sources.envelope import Event, parse_time
from notifier.sources.fields import REGION, first, partition_of
from notifier.sources.reader import EventType, Page, read

NOON: Final = "2026-03-03T12:00:00Z"
EVENTS: Final = Page("Open its events", "/widgets/{widget}/events/{operation}?region={region}")
ROWS: Final = {
    "Widget State Change": EventType(
        resource_type="Widget",
        kind="widget",
        fields={
            "status": first("state", "status"),
            "widget": "name",
            "operation": "id",
            "log": "log",
            "occurred_at": "updated",
            "codes": lambda event: ", ".join(str(each.get("code")) for each in event.objects("causes.list")),
        },
        name=("widget",),
        meanings={
            "OK": Meaning(Severity.INFO, "is well"),
            "GONE": Meaning(Severity.INFO, "went to {widget}"),
            "BAD": Meaning(Severity.FAILURE, "is ill", "Heal it.", "aws widgets heal --widget {widget}"),
        },
        facts={"Codes": "codes"},
        links={"Open its log": "log"},
        page=Page(EVENTS.label, EVENTS.path, otherwise=Page("Open the widget", "/widgets/{widget}?region={region}")),
    )
}


def event(*, partition: str = "aws", **detail: object) -> Event:
    """Make an event about a widget."""
    region = "us-gov-west-1" if partition == "aws-us-gov" else "eu-west-1"
    return Event.model_validate(
        {
            "source": "aws.widgets",
            "detail-type": "Widget State Change",
            "region": region,
            "resources": [f"arn:{partition}:widgets:{region}:123456789012:widget/w"],
            "detail": {"name": "w/1", **detail},
        }
    )


def test_a_page_gives_way_to_another_where_a_field_is_missing() -> None:
    """The first page of which every field is known is linked."""
    with_id, without_id, nothing = event(id="e 1"), event(), event(name=None)

    assert read(with_id, ROWS).change.links == (
        Link("Open its events", "https://eu-west-1.console.aws.amazon.com/widgets/w%2F1/events/e%201?region=eu-west-1"),
    )
    assert read(without_id, ROWS).change.links == (
        Link("Open the widget", "https://eu-west-1.console.aws.amazon.com/widgets/w%2F1?region=eu-west-1"),
    )
    assert read(nothing, ROWS).change.links == ()


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_without_an_arn_the_region_tells_the_partition(region: str, host: str) -> None:
    """A link to the console of another partition leads nowhere."""
    bare = event().model_copy(update={"region": region, "resources": []})

    assert read(bare, ROWS).change.links[0].url == f"https://{host}/widgets/w%2F1?region={region}"


@pytest.mark.parametrize("partition", botocore.session.get_session().get_available_partitions())
def test_the_partition_of_every_region_is_known(partition: str) -> None:
    """A partition that AWS adds fails here by its name; without a known console, there is no link."""
    regions = botocore.session.get_session().get_available_regions("ec2", partition)

    assert regions
    assert {region: partition_of(None, region) for region in regions} == dict.fromkeys(regions, partition)
    assert all(map(REGION.fullmatch, regions))


@pytest.mark.parametrize(
    ("partition", "log", "carried"),
    [
        ("aws", "https://console.aws.amazon.com/cloudwatch/home", True),
        ("aws", "https://eu-west-1.console.aws.amazon.com/cloudwatch/home", True),
        ("aws", "https://console.aws.amazon.com.evil.example/", False),
        ("aws-us-gov", "https://console.aws.amazon.com/cloudwatch/home", False),
        ("aws-us-gov", "https://console.amazonaws-us-gov.com/cloudwatch/home", True),
    ],
)
def test_a_link_in_an_event_leads_to_the_console_of_its_partition(partition: str, log: str, carried: bool) -> None:  # noqa: FBT001 - a row
    """Services write the address of the commercial console in every partition, where nobody can sign in."""
    links = read(event(partition=partition, log=log), ROWS).change.links

    assert (Link("Open its log", log) in links) is carried


@pytest.mark.parametrize(
    ("updated", "read_as"),
    [(None, NOON), ("2026-03-03T11:01:00Z", "2026-03-03T11:01:00Z"), ("2026-03-03T10:59:00Z", NOON)],
)
def test_a_time_that_is_far_from_that_of_the_event_is_of_something_else(updated: str | None, read_as: str) -> None:
    """AWS's published samples have such times, and histories that people write."""
    change = read(
        event(name="w", state="OK", updated=updated).model_copy(update={"time": parse_time(NOON)}), ROWS
    ).change

    assert change.occurred_at == parse_time(read_as)


def test_a_link_in_an_event_is_percent_encoded() -> None:
    """A vertical bar would end the address in Slack, and an angle bracket in an email; what is encoded stays so."""
    links = read(event(log="https://console.aws.amazon.com/a/<ID>|x?b=$252F;c#d=%2F"), ROWS).change.links

    assert links[-1].url == "https://console.aws.amazon.com/a/%3CID%3E%7Cx?b=$252F;c#d=%2F"


@pytest.mark.parametrize(
    ("causes", "codes"), [({"list": [{"code": 1}, "x", {"code": 2}]}, ("1, 2",)), ({"list": {"code": 1}}, ()), ([], ())]
)
def test_objects_are_read_from_lists_alone(causes: Any, codes: tuple[str, ...]) -> None:  # noqa: ANN401 - JSON
    """Anything else at their place counts as absent."""
    assert tuple(fact.value for fact in read(event(causes=causes), ROWS).change.facts) == codes


def test_a_word_stands_for_a_missing_value() -> None:
    """A question mark in a title reads like a mistake; what is missing is named in words, too."""
    reading = read(event(state="GONE", name=None), ROWS)

    assert reading.meaning.headline == "went to (unknown)"
    assert reading.change.missing[0] == "name"


def test_the_first_path_with_text_counts() -> None:
    """Services do not agree on the name of a status."""
    assert read(event(state="OK", status="NO"), ROWS).change.status == "OK"
    assert read(event(state=None, status="OK"), ROWS).change.status == "OK"


@pytest.mark.parametrize(
    "name", ["--profile=evil", "-x", "file:///etc/passwd", "fileb://f", "https://evil.example/x", "a b"]
)
def test_no_command_takes_a_name_for_an_option_or_a_file(name: str) -> None:
    """AWS's command reads a value that looks like an address from there, and one with a hyphen as an option."""
    assert read(event(state="BAD", name=name), ROWS).meaning.command is None
    assert read(event(state="BAD", name="w-1/a=b,c:d@e"), ROWS).meaning.command == (
        "aws widgets heal --widget w-1/a=b,c:d@e --region eu-west-1"
    )


@pytest.mark.parametrize("region", ["global", "eu-west-1.evil.example", "../..", "x@evil.example", "eu-west-\u0661"])
def test_no_command_and_no_link_takes_a_name_for_a_region(region: str) -> None:
    """AWS's command makes the host that it calls of the region."""
    reading = read(event(state="BAD").model_copy(update={"region": region}), ROWS)

    assert (reading.meaning.command, reading.change.links) == (None, ())


def test_an_object_within_an_event_may_be_json_text() -> None:
    """Some senders write each object as text, as services do with some of theirs."""
    assert event(alarm='{"state": "{\\"value\\": \\"OK\\"}"}').text("alarm.state.value") == "OK"
    assert event(alarm="[1]").text("alarm.state") is None
