from proton_notifier.demo.load_test import failures
from tests.samples import NAMES, event


def test_a_storm_is_failures_of_different_resources() -> None:
    """In turn, with numbered names and ARNs, and without other events."""
    samples = [event(name) for name in ("service-update-failed", "service-created", "component-deployment-failed")]

    events = failures(samples, 12)

    names = ("checkout", "orders-table")
    assert [each["detail"]["name"] for each in events] == [f"{names[n % 2]}-{n + 1:02}" for n in range(12)]
    assert events[0]["resources"] == [f"{samples[0]['resources'][0]}-01"]
    assert {each["detail"]["status"] for each in events} <= {"UPDATE_FAILED", "FAILED"}


def test_a_storm_is_in_a_few_services() -> None:
    """If an event names one; so its headline says where something failed."""
    samples = [event("service-update-failed"), event("service-instance-deployment-failed")]

    events = failures(samples, 3)

    assert [each["detail"]["serviceName"] for each in events] == ["checkout", "invoices", "checkout"]
    assert events[1]["resources"] == ["arn:aws:proton:eu-west-1:123456789012:service/invoices/service-instance/prod-2"]


def test_whatever_lies_among_the_samples_is_passed_over() -> None:
    """Resources without an ARN cannot be told apart."""
    failure = event("service-update-failed")

    events = failures([{**failure, "resources": []}, *map(event, NAMES)], 100)

    assert len({each["detail"]["name"] for each in events}) == 100
    assert all(each["resources"] for each in events)


def test_nothing_can_be_made_of_no_failure() -> None:
    """It is empty; without a storm, no failure is needed."""
    assert failures([], 0) == ()
    assert failures([event("service-created")], 1) == ()
