from datetime import UTC, datetime
from typing import Any

import pytest

from notifier.channels.slack.message import message
from proton_notifier.gallery.drawings import UndrawnError, draw
from proton_notifier.gallery.exhibits import Message
from tests.cli.gallery.reading import read
from tests.samples import NAMES, event, notification

FAILURE = notification(event("service-instance-deployment-failed"))


def drawn(*blocks: dict[str, Any]) -> str:
    """Draw a message of *blocks*."""
    return draw("slack", Message("slack", {"text": "", "blocks": list(blocks), "attachments": []}))


def test_a_failure_reads_like_this() -> None:
    """The header, what to do and the link; then facts and ids, beside a bar in the payload's colour."""
    found = read(draw("slack", Message("slack", message((FAILURE,)))))

    assert found.words == (
        "P Proton notifier APP 🔴 production: checkout/prod could not be deployed (eu-west-1) "
        "What to do 1. Find the first failed event of its CloudFormation stack (AWSProton-...) or of its pipeline "
        "run; its deployment status message says the same. 2. Fix what it names, then deploy again. "
        "Open in the Proton console Status IN_PROGRESS → FAILED Account production (123456789012) "
        "Region eu-west-1 Time 2026-03-03 02:58:40 UTC "
        "Resource: arn:aws:proton:eu-west-1:123456789012:service/checkout/service-instance/prod "
        "Event: de3e5717-aa2a-5b41-b8f7-7b9c640cd2be"
    )
    assert ("rect", {"width": "100%", "height": "100%", "fill": "#d0242b"}) in found.elements


def test_every_block_of_every_sample_event_is_drawn() -> None:
    """One by one, and all together as a digest."""
    notifications = [notification(event(name)) for name in NAMES]

    for told in (*((each,) for each in notifications), tuple(notifications)):
        assert "slack-header" in draw("slack", Message("slack", message(told)))


def test_a_button_is_drawn_and_leads_nowhere_without_an_address() -> None:
    """One that Slack answers by itself is not a link."""
    text = {"type": "plain_text", "text": "Open &amp; see"}
    elements = [
        {"type": "button", "text": text, "url": "https://a.example", "style": "primary"},
        {"type": "button", "text": text, "action_id": "mute", "value": "1"},
    ]

    found = read(drawn({"type": "actions", "elements": elements}, {"type": "divider"}))

    assert found.addresses == ["https://a.example"]
    assert found.text.count("Open & see") == 2
    assert ("span", {"class": "slack-button"}) in found.elements


@pytest.mark.parametrize(
    ("block", "named"),
    [
        ({"type": "video"}, "video"),
        ({"type": "section", "accessory": {}, "text": {"type": "mrkdwn", "text": "x"}}, "accessory"),
        ({"type": "section", "text": {"type": "raw", "text": "x"}}, "raw"),
        ({"type": "actions", "elements": [{"type": "datepicker"}]}, "datepicker"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_drawn_is_an_error(block: dict[str, Any], named: str) -> None:
    """A part that the drawing does not know does not vanish."""
    with pytest.raises(UndrawnError, match=named):
        drawn(block)


def test_a_message_in_a_story_has_its_time_and_its_marks() -> None:
    """One that was edited says so, and so does a reply that the whole channel sees."""
    at, payload = datetime(2026, 3, 3, 10, 0, 5, tzinfo=UTC), message((FAILURE,))
    edited = Message("slack-bot", payload, at=at, is_edited=True)
    reply = Message("slack-bot", {**payload, "thread_ts": "1.1", "reply_broadcast": True}, at=at, is_reply=True)

    assert read(draw("slack", edited)).words.startswith("P Proton notifier APP 10:00:05 UTC 🔴 ")
    assert read(draw("slack", edited)).words.endswith("(edited)")
    assert read(draw("slack", reply)).words.endswith("Also sent to the channel")
