from datetime import UTC, datetime

import pytest

from notifier.model.composition import compose
from notifier.model.status_change import HEARTBEAT as RESOURCE_TYPE
from notifier.model.status_change import Fact, Severity
from notifier.sources.envelope import Event
from notifier.sources.self_tests import read
from notifier.sources.table import Purpose, source_of
from tests.samples import HEARTBEAT, SCHEDULED

SWEEP_RULE = "arn:aws:events:eu-west-1:123456789012:rule/prod-SweepRule-1A2B3C4D5E6F"


def test_a_heartbeat_says_that_it_arrived_and_whose_it_is() -> None:
    """Nobody has to do anything; the rule's name tells two stacks apart."""
    composed = compose(read(Event.model_validate(HEARTBEAT)), {})

    assert composed.title == "123456789012: notifier heartbeat arrived: messages get through (eu-west-1)"
    assert composed.severity is Severity.INFO
    assert composed.resource_type == RESOURCE_TYPE
    assert composed.next_step is None
    assert composed.facts == (Fact("Account", "123456789012"), Fact("Region", "eu-west-1"))
    assert composed.occurred_at == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert composed.references == (Fact("Resource", HEARTBEAT["resources"][0]), Fact("Event", HEARTBEAT["id"]))
    assert composed.recognised


def test_each_event_of_the_schedule_is_another_heartbeat() -> None:
    """The ledger would take a second one with the same id for a copy."""
    event = Event.model_validate(HEARTBEAT)

    assert read(event).change.event_id == HEARTBEAT["id"]


def is_heartbeat(raw: dict[str, object]) -> bool:
    """Tell whether *raw* goes to everyone."""
    return source_of(Event.model_validate(raw)).purpose is Purpose.HEARTBEAT


@pytest.mark.parametrize(
    ("arn", "own"),
    [
        ("arn:aws:events:eu-west-1:123456789012:rule/notifier-HeartbeatRule-1A2B3C4D5E6F", True),
        ("arn:aws-us-gov:events:us-gov-west-1:123456789012:rule/prod-HeartbeatRule-ABCDEF", True),
        ("arn:aws:events:::rule/prod-HeartbeatRule-ABCDEF", True),
        ("arn:aws:events:us-east-1:123456789012:rule/ExampleRule", False),
        ("arn:aws:events:us-east-1:123456789012:rule/my-scheduled-rule", False),
        ("arn:aws:scheduler:us-east-1:123456789012:schedule/default/prod-HeartbeatRule-ABCDEF", False),
    ],
)
def test_only_the_stacks_own_rule_sends_heartbeats(arn: str, own: bool) -> None:  # noqa: FBT001 - a column
    """As the rule got it, which may lie among its dead letters; the consoles' samples are somebody's test."""
    assert is_heartbeat({**SCHEDULED, "resources": ["arn:aws:s3:::b", arn]}) is own
    assert not is_heartbeat({**SCHEDULED, "source": "mine", "resources": [arn]})
    assert not is_heartbeat({**SCHEDULED, "resources": []})


def test_a_heartbeat_is_one_whatever_its_rule_is_called() -> None:
    """CloudFormation cuts the names of long stacks."""
    assert is_heartbeat({**HEARTBEAT, "resources": []})


@pytest.mark.parametrize("change", [{"source": "notifier.sources.sweep"}, {"resources": [SWEEP_RULE]}])
def test_a_sweep_is_no_heartbeat_and_no_message(change: dict[str, object]) -> None:
    """It asks what is due; so does its schedule's own event, which may lie among the dead letters."""
    source = source_of(Event.model_validate({**SCHEDULED, **change}))

    assert source.purpose is Purpose.SWEEP
