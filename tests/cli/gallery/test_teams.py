import pytest

from notifier.channels.teams.card import message
from proton_notifier.gallery.drawings import UndrawnError, draw
from proton_notifier.gallery.exhibits import Message
from tests.cli.gallery.reading import read
from tests.samples import NAMES, STUCK, STUCK_COMMAND, event, notification

FAILURE = notification(event("service-instance-deployment-failed"))


def test_a_failure_reads_like_this() -> None:
    """The title in its colour, what to do, the facts, the ids, and the button."""
    found = read(draw("teams", Message("teams", message((FAILURE,)))))

    assert found.words == (
        "W Workflows production: checkout/prod could not be deployed (eu-west-1) "
        "What to do 1. Find the first failed event of its CloudFormation stack (AWSProton-...) or of its pipeline "
        "run; its deployment status message says the same. 2. Fix what it names, then deploy again. "
        "Status: IN_PROGRESS → FAILED Account: production (123456789012) "
        "Region: eu-west-1 Time: 2026-03-03 02:58:40 UTC "
        "Resource: arn:aws:proton:eu-west-1:123456789012:service/checkout/service-instance/prod "
        "Event: de3e5717-aa2a-5b41-b8f7-7b9c640cd2be Open in the Proton console"
    )
    assert ("span", {"class": "teams-attention teams-large teams-bolder"}) in found.elements
    assert found.addresses == [FAILURE.links[0].url]


def test_a_failure_with_its_reason_is_drawn() -> None:
    """The title ends with the reason, and the command is monospaced."""
    found = read(draw("teams", Message("teams", message((notification(STUCK),)))))

    title = "production: stack checkout could not be updated, and the rollback failed: Database (AWS::RDS::DBInstance)"
    assert f"{title} - Cannot upgrade from 15.4 to 14.2 (eu-west-1) What to do 1. " in found.words
    assert f" 2. Run {STUCK_COMMAND} Status: " in found.words
    assert ("span", {"class": "teams-monospace"}) in found.elements


def test_every_element_of_every_sample_event_is_drawn() -> None:
    """One by one, and all together as a digest, whose lines have links."""
    notifications = [notification(event(name)) for name in NAMES]

    for told in (*((each,) for each in notifications), tuple(notifications)):
        assert "teams-large" in draw("teams", Message("teams", message(told)))


def test_what_cannot_be_drawn_is_an_error() -> None:
    """A part that the drawing does not know does not vanish."""
    payload = message((FAILURE,))
    payload["attachments"][0]["content"]["body"].append({"type": "Chart.Pie"})

    with pytest.raises(UndrawnError, match=r"Chart\.Pie"):
        draw("teams", Message("teams", payload))
