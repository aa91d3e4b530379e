from datetime import UTC, datetime

from notifier.model.notification import Attribute, Notification
from notifier.model.status_change import Fact, Link, Severity
from tests.samples import environment_event, event, notification


def test_a_notification_says_everything_in_order() -> None:
    """What a channel needs to tell a person and a machine, for one ordinary failure."""
    raw = event("service-instance-deployment-failed")

    assert notification(raw) == Notification(
        event_id=raw["id"],
        resource_type="ServiceInstance",
        severity=Severity.FAILURE,
        kind="Service instance",
        name="checkout/prod",
        headline="could not be deployed",
        status="FAILED",
        previous_status="IN_PROGRESS",
        next_step="Find the first failed event of its CloudFormation stack (AWSProton-...) or of its pipeline run; its "
        "deployment status message says the same. Fix what it names, then deploy again.",
        facts=(
            Fact("Service instance", "prod"),
            Fact("Service", "checkout"),
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
    )


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

    assert composed.title == "Environment (unnamed) could not be deployed"
    assert Fact("Not in the event", "name, time") in composed.facts
    assert not composed.recognised


def test_an_event_from_nowhere_is_still_a_notification() -> None:
    """Without account, region, time, resources and detail there is a readable sentence."""
    composed = notification({"source": "aws.proton", "detail-type": "AWS Proton Service Status Change", "detail": None})

    assert composed.title == "Service (unnamed) changed, but its event names no status"
    assert composed.place == ()
    assert composed.facts == (Fact("Not in the event", "status, name, account, region, time"),)


def test_foreign_text_is_tidy_everywhere() -> None:
    """A newline in a name, a status or a friendly name breaks no line of any channel."""
    composed = notification(
        environment_event(name="a\nb", status="X\r\nY_FAILED", previousStatus="\x1b[31mRED"), {"123456789012": "c\nd"}
    )

    assert composed.title == 'Environment a b has the unknown status "X Y_FAILED"'
    assert composed.previous_status == "[31mRED"
    assert "\n" not in repr(composed)
    assert composed.place == ("c d", "eu-west-1")


def test_a_huge_value_is_cut_before_any_channel_sees_it() -> None:
    """A status of 200 KB arrives as what a person can take in."""
    composed = notification(environment_event(name="e" * 200_000, status="s" * 200_000, key="k" * 200_000))

    assert len(repr(composed)) < 5_000
