"""CloudWatch: recoveries, silence, and the names of alarms."""

from typing import Any, Final

import pytest

from tests.notifier.sources.documented_events import EVENTS, changed, notification, read, without

ALARM: Final[dict[str, Any]] = EVENTS["cw_alarm"]
UNMUTED: Final[dict[str, Any]] = {
    **ALARM,
    "detail": {key: value for key, value in ALARM["detail"].items() if key != "muteDetail"},
}


def alarm(state: str, before: str | None, configuration: object = None, **more: str) -> dict[str, Any]:
    """Build the event of an alarm that goes from *before* to *state*, with *more* fields in its state."""
    detail = {
        "alarmName": "ServerCpuTooHigh",
        "configuration": configuration,
        "previousState": {"value": before},
        "state": {"value": state, "reason": "x", **more},
    }
    return {**ALARM, "detail": detail}


@pytest.mark.parametrize(
    ("before", "severity", "headline"),
    [
        ("ALARM", "recovered", "is back to normal"),
        ("INSUFFICIENT_DATA", "info", "has data, and is normal"),
        (None, "success", "is back to normal"),
        ("OK", "success", "is back to normal"),
    ],
)
def test_the_old_state_tells_a_recovery(before: str | None, severity: str, headline: str) -> None:
    """After missing data nothing has recovered."""
    told = notification(alarm("OK", before))

    assert (told.severity, told.headline, told.status) == (severity, headline, "OK")


def test_missing_data_is_no_alarm() -> None:
    """Its own events are in no rule."""
    told = notification(alarm("INSUFFICIENT_DATA", "OK"))

    assert (told.severity, told.headline) == ("info", "has no data")


@pytest.mark.parametrize("by", ["WaitPeriod", "ExtensionPeriod", "Alarm"])
def test_a_suppressed_alarm_is_no_failure(by: str) -> None:
    """A composite alarm whose actions are suppressed calls nobody."""
    told = notification(alarm("ALARM", "OK", actionsSuppressedBy=by))

    assert (told.severity, told.headline, told.status) == ("info", "is in alarm, and silenced", "ALARM")
    assert ("Suppressed by", by) in [(fact.label, fact.value) for fact in told.facts]


@pytest.mark.parametrize(
    ("begin", "end", "severity"),
    [
        ("2019-10-02T17:00:00.000+0000", "2019-10-02T18:00:00.000+0000", "info"),
        ("2019-10-02T17:30:00.000+0000", "2019-10-02T18:00:00.000+0000", "failure"),
        ("2019-10-02T16:00:00.000+0000", "2019-10-02T17:00:00.000+0000", "failure"),
        (None, None, "info"),
        ("soon", "later", "info"),
    ],
)
def test_an_alarm_is_muted_within_its_window(begin: str | None, end: str | None, severity: str) -> None:
    """The guide's samples carry a window even where it does not cover the change."""
    rule = "arn:aws:cloudwatch:us-east-1:123456789012:alarm-mute-rule:night"
    mute = {"mutedByArn": rule, "muteWindowStart": begin, "muteWindowEnd": end}

    told = notification(changed(ALARM, ("detail", "muteDetail"), mute))
    muted_by = [fact.value for fact in told.facts if fact.label == "Muted by"]

    assert (told.severity, muted_by) == (severity, ["night"] if severity == "info" else [])


def test_an_alarm_without_a_time_is_muted_by_its_rule() -> None:
    """Nothing says that the window does not cover the change."""
    event = without(without(ALARM, ("time",)), ("detail", "state", "timestamp"))

    assert notification(event).severity == "info"


def test_a_recovery_is_told_in_silence_too() -> None:
    """It closes what was opened before the silence."""
    assert notification(alarm("OK", "ALARM", actionsSuppressedBy="Alarm")).severity == "recovered"


def test_the_name_of_an_alarm_may_have_any_character() -> None:
    """The link has it percent-encoded."""
    told = notification(changed(UNMUTED, ("detail", "alarmName"), "shop/checkout p99 > 1s"))

    assert told.title == "123456789012: alarm shop/checkout p99 > 1s is in alarm (us-east-1)"
    assert told.links[0].url.endswith("#alarmsV2:alarm/shop%2Fcheckout%20p99%20%3E%201s")


def test_a_link_leads_to_the_partitions_console() -> None:
    """The partition is that of the alarm's ARN."""
    arn = "arn:aws-cn:cloudwatch:cn-north-1:123456789012:alarm:ServerCpuTooHigh"

    told = notification({**UNMUTED, "resources": [arn], "region": "cn-north-1"})

    page = "/cloudwatch/home?region=cn-north-1#alarmsV2:alarm/ServerCpuTooHigh"
    assert told.links[0].url == "https://cn-north-1.console.amazonaws.cn" + page


@pytest.mark.parametrize(
    ("configuration", "label", "value"),
    [
        ({"alarmRule": "ALARM(Cpu) OR ALARM(Network)"}, "Rule", "ALARM(Cpu) OR ALARM(Network)"),
        (
            {"metrics": [{"expression": "SUM(METRICS())"}, {"metricStat": {"metric": {"name": "NetworkIn"}}}]},
            "Metric",
            "NetworkIn",
        ),
        (
            {
                "metrics": [
                    {"metricStat": {"metric": {"name": "Errors"}}, "returnData": False},
                    {"expression": "m1/m2*100", "label": "Error rate", "returnData": True},
                ]
            },
            "Metric",
            "Error rate (m1/m2*100)",
        ),
        ({"metrics": [{"expression": "SELECT MAX(Cpu)", "returnData": True}]}, "Metric", "SELECT MAX(Cpu)"),
        (
            {
                "metrics": [
                    {"expression": "ANOMALY_DETECTION_BAND(m1, 2)", "label": "Latency (expected)", "returnData": True},
                    {"metricStat": {"metric": {"name": "Latency"}}, "returnData": True},
                ]
            },
            "Metric",
            "Latency",
        ),
    ],
)
def test_a_fact_says_what_the_alarm_watches(configuration: dict[str, object], label: str, value: str) -> None:
    """A rule if it is composite, and the expression, if it computes one; a metric need have no namespace."""
    told = notification(alarm("ALARM", "OK", configuration))

    assert (told.facts[0].label, told.facts[0].value) == (label, value)


def test_an_evaluation_that_went_wrong_is_a_fact() -> None:
    """It qualifies the alarm."""
    told = notification(alarm("ALARM", "OK", evaluationState="PARTIAL_DATA"))

    assert ("Evaluation", "PARTIAL_DATA") in [(fact.label, fact.value) for fact in told.facts]


def test_a_time_series_belongs_to_its_alarm() -> None:
    """It is named by its attributes, or by its id if it has none."""
    event = EVENTS["cw_contributor"]
    change = read(changed(event, ("detail", "alarmContributor", "attributes"), None)).change

    assert change.name == "DynamoDBInsightsAlarm/6d442278dba546f6"
    assert change.parents == ("CloudWatchAlarm/123456789012/us-east-1/DynamoDBInsightsAlarm",)
