from dataclasses import replace

from proton_notifier.gallery.exhibits import Exhibit
from tests.samples import event, notification

FAILURE = notification(event("service-instance-deployment-failed"))
SUCCESS = notification(event("service-created"))


def test_one_event_is_what_was_said_of_it() -> None:
    """However many deliveries there were."""
    exhibit = Exhibit("a.json", {}, (FAILURE, FAILURE))

    assert (exhibit.icon, exhibit.title) == ("🔴", "Service instance checkout/prod could not be deployed")
    assert (exhibit.severities, exhibit.resources) == (("failure",), ("ServiceInstance",))


def test_several_events_are_counted_and_found_under_each() -> None:
    """A digest is a failure and a success."""
    stack = notification(event("cloud-formation-stack-updated"))
    exhibit = Exhibit("a.json", {}, (SUCCESS, FAILURE))

    assert (exhibit.icon, exhibit.title) == ("🔴", "2 status changes")
    assert (exhibit.severities, exhibit.resources) == (("failure", "success"), ("Service", "ServiceInstance"))
    assert Exhibit("a.json", {}, (SUCCESS, stack, FAILURE)).sources == ("aws.cloudformation", "aws.proton")


def test_a_notification_of_an_earlier_version_names_no_source() -> None:
    """It may lie among the dead letters."""
    assert Exhibit("a.json", {}, (replace(SUCCESS, attributes=()),)).sources == ()


def test_what_nothing_was_said_of_is_an_error_and_comes_first() -> None:
    """It has its file's name."""
    exhibit = Exhibit("a.json", None, errors=("not JSON",))

    assert (exhibit.icon, exhibit.title) == ("⚠️", "a.json")
    assert (exhibit.severities, exhibit.resources) == (("error",), ())
    assert exhibit.urgency < Exhibit("b.json", {}, (FAILURE,)).urgency < Exhibit("c.json", {}, (SUCCESS,)).urgency
