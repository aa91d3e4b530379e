from proton_notifier.gallery.drawings import views
from proton_notifier.gallery.exhibits import Exhibit, Message
from proton_notifier.preview.command import payload
from tests.cli.gallery.reading import Found, read
from tests.samples import event, notification

CREATED = notification(event("service-created"))


def shown(*messages: Message) -> dict[str, Found]:
    """Look at *messages* in every way that there is for them."""
    exhibit = Exhibit("a.json", {}, (CREATED,), messages)
    return {
        view.label: read("".join(drawing for _, place in view.shown(exhibit) for _, drawing in place))
        for view in views((exhibit,))
    }


def test_an_email_is_drawn_with_its_subject() -> None:
    """As plain text, line by line."""
    found = shown(Message("sns", {"Subject": "FAILED: <a>", "Message": "Name:   <b>\nTime:   now\n"}))

    assert list(found) == ["Email", "JSON"]
    assert "FAILED: <a>" in found["Email"].text
    assert "Name:   <b>\nTime:   now\n" in found["Email"].text


def test_what_two_types_make_the_same_of_is_drawn_once() -> None:
    """A bot's message looks like a webhook's; a message that came twice is drawn twice."""
    slack, bot = (Message(channel, payload(channel, CREATED)) for channel in ("slack", "slack-bot"))

    assert shown(slack, bot)["Slack"].text.count("Proton notifier") == 1
    assert shown(slack, slack)["Slack"].text.count("Proton notifier") == 2


def test_what_has_no_drawing_is_shown_as_json() -> None:
    """A type that the gallery does not know is seen as what a program gets, unfolded; the others are folded."""
    found = shown(Message("sns", payload("sns", CREATED)), Message("pager", {"event_action": "<trigger>"}))["JSON"]

    assert [attributes for name, attributes in found.elements if name == "details"] == [{"open": ""}, {}]
    assert '"event_action": "<trigger>"' in found.text


def test_places_that_show_different_messages_are_told_apart() -> None:
    """Each has its name in the routes, or else its type."""
    slack, bot = (Message("slack", payload("slack", CREATED), name) for name in ("", "team"))
    other = Message("slack-bot", {**payload("slack", CREATED), "reply_broadcast": True})
    exhibit = Exhibit("a.json", {}, (CREATED,), (slack, bot, other))

    (view, _) = views((exhibit,))

    assert [(place, len(drawn)) for place, drawn in view.shown(exhibit)] == [("slack-bot", 1), ("slack", 1)]
