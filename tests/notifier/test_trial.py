from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from notifier.channels import pagerduty
from notifier.channels.notification_json import json_document
from notifier.channels.slack.message import render
from notifier.channels.sns import email
from notifier.channels.sns.amazon_q import custom_notification
from notifier.channels.teams.card import message
from notifier.model.status_change import Fact, Severity
from notifier.sources.envelope import Event
from notifier.sources.self_tests import SENT, RequestedTest, event, read
from tests.samples import TRIAL, notification, trial_event

TITLES = {
    Severity.FAILURE: "TEST, nothing is wrong: production: proton-notifier sends failures here (eu-west-1)",
    Severity.ACTION: "TEST, nothing is wrong: production: proton-notifier sends what needs action here (eu-west-1)",
    Severity.RECOVERED: "TEST, nothing is wrong: production: proton-notifier sends recoveries here (eu-west-1)",
    Severity.SUCCESS: "TEST, nothing is wrong: production: proton-notifier sends successes here (eu-west-1)",
    Severity.PROGRESS: "TEST, nothing is wrong: production: proton-notifier sends progress here (eu-west-1)",
    Severity.INFO: "TEST, nothing is wrong: production: proton-notifier sends what is good to know here (eu-west-1)",
}


@pytest.mark.parametrize("severity", Severity)
def test_a_test_has_the_severity_that_is_tried_and_says_which_in_its_title(severity: Severity) -> None:
    """Routes take it for what it tries; nobody else does."""
    composed = notification(trial_event(severity=severity))

    assert (composed.severity, composed.title) == (severity, TITLES[severity])
    assert composed.recognised
    assert set(SENT) == set(Severity)


def test_a_test_past_the_routes_does_not_say_that_they_lead_there() -> None:
    """Only that the place can be reached."""
    assert (
        notification(trial_event(to=["oncall"])).title
        == "TEST, nothing is wrong: production: proton-notifier can send here (eu-west-1)"
    )


def test_the_email_of_a_test_says_at_once_that_nothing_is_wrong() -> None:
    """Before the severity, which whoever is woken would read first; and who sent it."""
    assert email.render(notification(TRIAL)) == {
        "Subject": "TEST, nothing is wrong: production: proton-notifier sends failures here (eu-west-1)",
        "Message": (
            "TEST, nothing is wrong: production: proton-notifier sends failures here (eu-west-1).\n\n"
            "What to do:\n1. Nothing: somebody tries out whether messages get through.\n\n"
            "Sent by: user/jo\n"
            "Account: production (123456789012)\n"
            "Region: eu-west-1\n"
            "Time: 2026-03-03 03:00:00 UTC\n\n"
            "Event: 6d1b3c0e-2f5a-4b53-9d0e-1c7a52f0a9b4\n"
        ),
    }


def test_slacks_message_of_a_test_begins_with_a_sign_of_its_own() -> None:
    """On the phone's pop-up as in the header."""
    message = render(notification(TRIAL))

    assert message["text"] == "🧪 TEST, nothing is wrong: production: proton-notifier sends failures here (eu-west-1)"
    assert message["blocks"][:1] == [
        {
            "type": "header",
            "text": {
                "type": "plain_text",
                "text": "🧪 TEST, nothing is wrong: production: proton-notifier sends failures here (eu-west-1)",
                "emoji": True,
            },
        }
    ]


def test_every_other_channel_begins_with_the_mark_too() -> None:
    """Whatever it shows first."""
    composed = (notification(TRIAL),)

    card = message(composed)["attachments"][0]["content"]
    chat = custom_notification(composed)
    (alert,) = pagerduty.events(composed)
    (entry,) = json_document(composed, 10_000)["notifications"]
    title = TITLES[Severity.FAILURE]
    assert card["body"][0]["inlines"][0]["text"] == title
    assert alert["payload"]["summary"] == title
    assert entry["title"] == title
    assert entry["resource_type"] == "NotifierTest"
    assert chat["content"]["title"] == f"🧪 {title}".replace(":", "꞉")  # noqa: RUF001


def test_a_recovered_test_closes_the_alert_that_a_failed_one_opened() -> None:
    """They are about the same thing, however they go there."""
    opened, closed = pagerduty.events(
        (notification(TRIAL), notification({**trial_event(severity="recovered", to=["oncall"]), "id": "another"}))
    )

    assert (opened["event_action"], closed["event_action"]) == ("trigger", "resolve")
    assert opened["dedup_key"] == closed["dedup_key"] == "NotifierTest/123456789012/eu-west-1/proton-notifier"


def test_who_sent_it_is_a_fact_that_can_do_no_harm() -> None:
    """Whoever may invoke the function writes it."""
    composed = notification(trial_event(sent_by="user/jo\n\nWhat to do: leave", stack="<!channel>\n"))

    assert composed.facts[0] == Fact("Sent by", "user/jo What to do: leave")
    assert composed.name == "<!channel>"


def test_what_is_written_is_read() -> None:
    """The command and the function agree."""
    test = RequestedTest(stack="proton-notifier", severity=Severity.INFO, sent_by="user/jo", to=("email", "slack"))

    written = event(test, "6d1b", "123456789012", "eu-west-1", datetime(2026, 3, 3, 3, tzinfo=UTC))

    received = Event.model_validate(written)
    assert RequestedTest.model_validate(received.detail) == test
    assert read(received).to == test.to
    assert {**written, "detail": {}} == {**TRIAL, "id": "6d1b", "detail": {}}
    assert (received.id, received.time) == ("6d1b", datetime(2026, 3, 3, 3, tzinfo=UTC))


def test_a_severity_that_there_is_not_is_refused() -> None:
    """It would go by no route, and nobody would know why."""
    with pytest.raises(ValidationError, match="severity"):
        notification(trial_event(severity="catastrophe"))
