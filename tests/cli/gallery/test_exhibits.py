from dataclasses import replace
from datetime import UTC, datetime

from proton_notifier.gallery.exhibits import Exhibit, Moment
from tests.samples import event, notification

FAILURE = notification(event("service-instance-deployment-failed"))
SUCCESS = notification(event("service-created"))


def test_one_event_is_counted_once() -> None:
    """However many deliveries there were, in the title of a digest, too."""
    exhibit = Exhibit("a.json", {}, (FAILURE, FAILURE))

    assert Exhibit("a.json", {}, (FAILURE, SUCCESS) * 2).title == "1 failed in production: checkout; 1 succeeded"
    assert (exhibit.icon, exhibit.title) == ("🔴", "production: checkout/prod could not be deployed (eu-west-1)")
    assert exhibit.subjects == [("failure", "aws.proton", "ServiceInstance", FAILURE.event_id)]


def test_several_events_are_a_digest_and_are_counted_under_each() -> None:
    """A digest of a failure and two successes has the digest's title, and three events."""
    exhibit = Exhibit("a.json", {}, (SUCCESS, FAILURE, replace(SUCCESS, event_id="other")))

    assert (exhibit.icon, exhibit.title) == ("🔴", "1 failed in production: checkout; 2 succeeded")
    assert exhibit.subjects == [
        ("success", "aws.proton", "Service", SUCCESS.event_id),
        ("failure", "aws.proton", "ServiceInstance", FAILURE.event_id),
        ("success", "aws.proton", "Service", "other"),
    ]


def test_a_notification_of_an_earlier_version_names_no_source() -> None:
    """It may lie among the dead letters."""
    assert Exhibit("a.json", {}, (replace(SUCCESS, attributes=()),)).subjects[0][:3] == ("success", "", "Service")


def test_what_nothing_was_said_of_is_an_error_and_comes_first() -> None:
    """It has its file's name."""
    exhibit = Exhibit("a.json", None, errors=("not JSON",))

    assert (exhibit.icon, exhibit.title, exhibit.events) == ("⚠️", "a.json", [])
    assert exhibit.subjects == [("error", "", "", "a.json")]
    assert exhibit.urgency < Exhibit("b.json", {}, (FAILURE,)).urgency < Exhibit("c.json", {}, (SUCCESS,)).urgency


def test_a_batch_shows_its_deliveries() -> None:
    """Each has the title of its notification, if every event has one."""
    batch = [{"a": 1}, {"b": 2}]

    assert Exhibit("a.json", batch, (FAILURE, SUCCESS)).events == [(FAILURE.title, {"a": 1}), (SUCCESS.title, {"b": 2})]
    assert Exhibit("a.json", batch, (FAILURE, FAILURE)).events == [(FAILURE.title, {"b": 2})]
    assert Exhibit("a.json", batch).events == [("Event 1", {"a": 1}), ("Event 2", {"b": 2})]
    assert Exhibit("a.json", {"Records": []}).events == [("Event 1", {"Records": []})]


def test_the_most_urgent_story_comes_first() -> None:
    """However it ended, and before all single events."""
    moments = (Moment(datetime(2026, 3, 3, tzinfo=UTC), ()),)
    story = Exhibit("a.json", [], (FAILURE, SUCCESS), moments=moments, latest=(SUCCESS,))
    started = Exhibit("b.json", [], (SUCCESS,), moments=moments, latest=(SUCCESS,))

    assert (story.icon, story.title) == ("✅", SUCCESS.title)
    assert story.urgency < started.urgency < Exhibit("c.json", {}, (FAILURE,)).urgency
