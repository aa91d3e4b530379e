from dataclasses import replace
from datetime import UTC, datetime

import pytest

from notifier.model.notification import Attribute, Notification
from notifier.model.status_change import Fact, Link, Severity
from tests.samples import STUCK, STUCK_ARN, STUCK_COMMAND, STUCK_STEP, environment_event, event, notification


def test_a_notification_says_everything_in_order() -> None:
    """All that a channel needs for people and programs, of one ordinary failure."""
    raw = event("service-instance-deployment-failed")

    assert notification(raw) == Notification(
        event_id=raw["id"],
        resource_type="ServiceInstance",
        severity=Severity.FAILURE,
        kind="service instance",
        name="checkout/prod",
        headline="could not be deployed",
        status="FAILED",
        previous_status="IN_PROGRESS",
        next_step="Find the first failed event of its CloudFormation stack (AWSProton-...) or of its pipeline run; its "
        "deployment status message says the same. Fix what it names, then deploy again.",
        facts=(
            Fact("Account", "production (123456789012)"),
            Fact("Region", "eu-west-1"),
        ),
        place=("production", "eu-west-1"),
        occurred_at=datetime(2026, 3, 3, 2, 58, 40, tzinfo=UTC),
        links=(
            Link(
                "Open in the Proton console",
                "https://eu-west-1.console.aws.amazon.com/proton/home?region=eu-west-1#/services/detail/checkout",
            ),
        ),
        references=(
            Fact("Resource", "arn:aws:proton:eu-west-1:123456789012:service/checkout/service-instance/prod"),
            Fact("Event", raw["id"]),
        ),
        attributes=(
            Attribute("severity", "failure"),
            Attribute("source", "aws.proton"),
            Attribute("resource_type", "ServiceInstance"),
            Attribute("name", "checkout/prod"),
            Attribute("status", "FAILED"),
            Attribute("account", "123456789012"),
            Attribute("region", "eu-west-1"),
            Attribute("service", "checkout"),
        ),
        recognised=True,
        named_alone=True,
    )


def test_a_failure_has_reason_step_and_command() -> None:
    """Each by itself, and a key for the events of one stack."""
    told = notification(STUCK)

    assert (told.next_step, told.command) == (STUCK_STEP, STUCK_COMMAND)
    assert told.reason == "Database (AWS::RDS::DBInstance) - Cannot upgrade from 15.4 to 14.2"
    assert told.key == "CloudFormationStack/123456789012/eu-west-1/checkout"


def test_a_command_is_whole_or_not_there() -> None:
    """A cut one would do something else."""
    arn = STUCK_ARN.replace("checkout", "c" * 300)
    told = notification({**STUCK, "resources": [arn], "detail": {**STUCK["detail"], "stack-id": arn}})

    assert (told.next_step, told.command) == (STUCK_STEP, None)


ROLLBACK_FAILED = "production: stack checkout could not be updated, and the rollback failed"


@pytest.mark.parametrize(
    ("title", "body", "limit", "heading"),
    [
        (None, None, 90, (f"{ROLLBACK_FAILED}: full (eu-west-1)", "")),
        (None, None, 89, (f"{ROLLBACK_FAILED}: full", "")),
        (None, None, 75, (f"{ROLLBACK_FAILED} (…", "full")),
        (None, "The disk is full.", 90, (f"{ROLLBACK_FAILED} (eu-west-1)", "")),
        (None, "Call Ada.", 90, (f"{ROLLBACK_FAILED}: full (eu-west-1)", "")),
        ("Call Ada", None, 66, ("Call Ada", "full")),
        ("The disk is full", None, 66, ("The disk is full", "")),
    ],
)
def test_a_reason_is_read_first_and_once(
    title: str | None, body: str | None, limit: int, heading: tuple[str, str]
) -> None:
    """In a title with room or under it; a route's own title stays, and its own texts need no second reason."""
    told = replace(notification(STUCK), reason="full", custom_title=title, custom_body=body)

    assert told.heading(limit) == heading


def test_an_environment_is_an_attribute_of_its_own_changes() -> None:
    """Subscribers can filter for one environment."""
    assert Attribute("environment", "payments-prod") in notification(event("environment-recovered")).attributes


def test_an_account_without_friendly_name_is_shown_by_its_id() -> None:
    """A name is never made up."""
    composed = notification(event("service-created"), {"999999999999": "other"})

    assert Fact("Account", "123456789012") in composed.facts
    assert composed.place == ("123456789012", "eu-west-1")


def test_what_the_event_lacks_is_said() -> None:
    """The reader knows that it is the event that is incomplete, not the message."""
    composed = notification(event("environment-without-name-and-time"))

    assert composed.title == "production: environment (unnamed) could not be deployed (eu-west-1)"
    assert Fact("Not in the event", "name, time") in composed.facts
    assert not composed.recognised


def test_what_the_event_lacks_is_named_in_words() -> None:
    """A value that is computed has no name in the event."""
    raw = {
        "source": "aws.cloudformation",
        "detail-type": "CloudFormation StackSet StackInstance Status Change",
        "detail": {"status-details": {"detailed-status": "FAILED"}},
    }

    missing = "stack set, target, target region, account, region, time"
    assert Fact("Not in the event", missing) in notification(raw).facts


def test_a_fact_that_the_title_has_is_left_out() -> None:
    """The title names the service of a problem, and the region, also that of the ARN."""
    problem = notification(event("health-event-of-a-problem-at-aws"))
    action = notification({**event("code-pipeline-action-failed"), "region": None})

    assert "AWS service" not in [fact.label for fact in problem.facts]
    assert "Action's region" not in [fact.label for fact in action.facts]


def test_an_event_from_nowhere_is_still_a_notification() -> None:
    """Without account, region, time, resources and detail there is a readable sentence."""
    composed = notification({"source": "aws.proton", "detail-type": "AWS Proton Service Status Change", "detail": None})

    assert composed.title == "service (unnamed) changed, but its event names no status"
    assert composed.place == ()
    assert composed.facts == (Fact("Not in the event", "status, name, account, region, time"),)


def test_foreign_text_is_tidy_everywhere() -> None:
    """A newline in a name, a status or a friendly name breaks no line of any channel."""
    composed = notification(
        environment_event(name="a\nb", status="X\r\nY_FAILED", previousStatus="\x1b[31mRED"), {"123456789012": "c\nd"}
    )

    assert composed.title == 'c d: environment a b has the unknown status "X Y_FAILED" (eu-west-1)'
    assert composed.previous_status == "[31mRED"
    assert "\n" not in repr(composed)
    assert composed.place == ("c d", "eu-west-1")


def test_a_huge_value_is_cut_before_any_channel_sees_it() -> None:
    """A status of 200 KB arrives as what a person can take in."""
    composed = notification(environment_event(name="e" * 200_000, status="s" * 200_000, key="k" * 200_000))

    assert len(repr(composed)) < 5_000
