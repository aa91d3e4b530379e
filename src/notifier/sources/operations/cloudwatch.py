"""CloudWatch: the state of alarms, and of the time series that contribute to them.

States are those of botocore's CloudWatch model; fields are those of "Alarm events and EventBridge" in the CloudWatch
User Guide.
"""

from dataclasses import replace
from typing import Final

from notifier.model.status_change import Ending, Meanings, Recovery, failure, info, recovered, success
from notifier.sources.envelope import Event, json_object, parse_time, text_or_none, texts
from notifier.sources.fields import Fields, first, in_arn
from notifier.sources.reader import EventType, Page

ALARM: Final[Meanings] = {
    "ALARM": failure("is in alarm", "Open the alarm, and compare the time with what was deployed or changed then."),
    "ALARM silenced": info("is in alarm, and silenced"),
    # Only in answers of `notifier.inquiries`, not in events.
    "DELETED": info("no longer exists", ending=Ending.GONE),
    "INSUFFICIENT_DATA": info("has no data"),
    "OK": success("is back to normal"),
    "OK after ALARM": recovered("is back to normal"),
    "OK after INSUFFICIENT_DATA": info("has data, and is normal", ending=Ending.WELL),
}


def _outcome(event: Event) -> str | None:
    state, before = event.text("state.value"), event.text("previousState.value")
    if state == "ALARM" and _silenced(event):
        return "ALARM silenced"
    after = f"{state} after {before}"
    return after if after in ALARM else state


def _silenced(event: Event) -> bool:
    """Check whether the alarm's actions are suppressed, or the alarm is muted at the time of the change.

    Nearly all samples in the guide have a mute window, so a window that does not contain the change is ignored.
    """
    if event.text("state.actionsSuppressedBy"):
        return True
    changed = parse_time(event.text("state.timestamp")) or event.time
    begin, end = (parse_time(event.text(f"muteDetail.muteWindow{edge}")) for edge in ("Start", "End"))
    outside = changed and ((begin and changed < begin) or (end and changed >= end))
    return bool(event.text("muteDetail.mutedByArn")) and not outside


def _metric(event: Event) -> str | None:
    """Describe the alarm's expression, or its metric with dimensions."""
    for each in sorted(event.objects("configuration.metrics"), key=lambda each: each.get("returnData") is not True):
        expression = text_or_none(each.get("expression")) if each.get("returnData") is True else None
        # An anomaly detection band is only compared with the metric, which is another entry.
        if expression and not expression.startswith("ANOMALY_DETECTION_BAND"):
            label = text_or_none(each.get("label"))
            return f"{label} ({expression})" if label else expression
        metric = json_object(json_object(each.get("metricStat")).get("metric"))
        if name := text_or_none(metric.get("name")):
            dimensions = ", ".join(
                f"{key}={text}" for key, text in texts(json_object(metric.get("dimensions"))).items()
            )
            namespace = text_or_none(metric.get("namespace"))
            return " ".join(filter(None, (namespace, name, dimensions and f"({dimensions})")))
    return None


def _series(event: Event) -> str | None:
    """Return the name of a time series: the values of its attributes, or its id."""
    attributes = json_object(event.value("alarmContributor.attributes"))
    return ", ".join(texts(attributes).values()) or event.text("alarmContributor.id")


FIELDS: Final[Fields] = {
    "alarm": first("alarmName", in_arn("alarm:(.+)")),
    "status": "state.value",
    "previous_status": "previousState.value",
    "outcome": _outcome,
    "reason": "state.reason",
    "occurred_at": "state.timestamp",
}
MUTED_BY: Final = in_arn("alarm-mute-rule:(.+)", "muteDetail.mutedByArn")
FACTS: Final[Fields] = {
    "Description": "configuration.description",
    "Metric": _metric,
    "Rule": "configuration.alarmRule",
    "Evaluation": "state.evaluationState",
    "Suppressed by": "state.actionsSuppressedBy",
    "Muted by": lambda event: MUTED_BY(event) if _silenced(event) else None,
}
PAGE: Final = Page("Open the alarm", "/cloudwatch/home?region={region}#alarmsV2:alarm/{alarm}")
ALARM_ROW: Final = EventType("CloudWatchAlarm", "alarm", FIELDS, ALARM, ("alarm",), FACTS, page=PAGE)

EVENT_TYPES: Final = {
    "CloudWatch Alarm Contributor State Change": replace(
        ALARM_ROW,
        resource_type="CloudWatchAlarmContributor",
        fields={**FIELDS, "contributor": "alarmContributor.id", "series": _series},
        name=("alarm", "series"),
        key="CloudWatchAlarmContributor/{account}/{region}/{alarm}/{contributor}",
        parents=("CloudWatchAlarm/{account}/{region}/{alarm}",),
        recovery=Recovery.PARENT,
    ),
    "CloudWatch Alarm State Change": ALARM_ROW,
}
