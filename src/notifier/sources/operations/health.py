"""AWS Health: problems at AWS, changes that AWS has scheduled, and notices to an account.

Categories and statuses are those of botocore's Health model; fields are those of "AWS Health events Amazon EventBridge
schema" in the Health User Guide.
"""

from typing import Final

from notifier.model.status_change import Ending, Meanings, action, failure, info, recovered
from notifier.sources.envelope import Event, text_or_none
from notifier.sources.fields import Fields, first
from notifier.sources.reader import EventType

# The affected resources that fit into one line.
ENTITIES_LIMIT: Final = 3

FOLLOW: Final = "Follow the AWS Health dashboard, and hold back deployments that need {aws_service}."
PREPARE: Final = "Read on the AWS Health dashboard what AWS is going to change, and prepare before it starts."
READ: Final = "Read the notice on the AWS Health dashboard, and do what it asks for."
STOP_ABUSE: Final = (
    "Read the report on the AWS Health dashboard, stop the abuse, and answer: AWS may suspend the account."
)
PROTECT: Final = (
    "Read on the AWS Health dashboard what is exposed, replace those credentials, and check what they were used for."
)
PROBLEM: Final = failure("reports a problem at AWS with {aws_service}", FOLLOW)
OVER: Final = recovered("reports that a problem at AWS with {aws_service} is over")
CHANGE: Final = action("announces a scheduled change to {aws_service}", PREPARE)
NOTICE: Final = info("is a notice about {aws_service}")
# AWS sends these as issues, but their cause is in the account.
OF_THE_ACCOUNT: Final = {"ABUSE": "abuse", "RISK": "risk"}
ABUSE: Final = action("reports abuse by resources of this account", STOP_ABUSE)
RISK: Final = action("reports a security risk to this account", PROTECT)

# By category and status, or by what a person has to do.
HEALTH: Final[Meanings] = {
    **{f"accountNotification {status}": NOTICE for status in ("closed", "open", "upcoming")},
    "abuse closed": info("reports that a case of abuse is closed", ending=Ending.DONE),
    "abuse open": ABUSE,
    "abuse upcoming": ABUSE,
    "action": action("asks for action on {aws_service}", READ),
    "investigation closed": OVER,
    "investigation open": PROBLEM,
    "investigation upcoming": NOTICE,
    "issue closed": OVER,
    "issue open": PROBLEM,
    "issue upcoming": NOTICE,
    "risk closed": info("reports that a security risk to this account is over", ending=Ending.DONE),
    "risk open": RISK,
    "risk upcoming": RISK,
    "scheduledChange closed": info("reports that a scheduled change to {aws_service} is over", ending=Ending.DONE),
    "scheduledChange open": CHANGE,
    "scheduledChange upcoming": CHANGE,
}
ASKS: Final = frozenset({"ACTION_MAY_BE_REQUIRED", "ACTION_REQUIRED"})


def _outcome(event: Event) -> str | None:
    category, status = event.text("eventTypeCategory"), event.text("statusCode")
    category = OF_THE_ACCOUNT.get(event.text("service") or "", category)
    if category and not status:
        # A scheduled change has an end time already before its start.
        status = "closed" if event.text("endTime") and category != "scheduledChange" else "open"
    outcome = f"{category} {status}" if category else status
    asks = event.text("actionability") in ASKS and status != "closed"
    return "action" if asks and outcome and HEALTH.get(outcome, NOTICE) is NOTICE else outcome


def _listed(event: Event, path: str, key: str) -> list[str]:
    return [text for each in event.objects(path) if (text := text_or_none(each.get(key)))]


def _affected(event: Event) -> str:
    names = _listed(event, "affectedEntities", "entityValue")
    more = [f"{len(names) - ENTITIES_LIMIT} more"] if len(names) > ENTITIES_LIMIT else []
    return ", ".join((*names[:ENTITIES_LIMIT], *more))


def _page(event: Event) -> str | None:
    page, pages = event.text("page"), event.text("totalPages")
    return f"{page} of {pages}" if page and pages and pages != "1" else None


FIELDS: Final[Fields] = {
    "arn": "eventArn",
    # In an organization, the envelope may have another account and region than the affected ones.
    "account": "affectedAccount",
    "region": "eventRegion",
    "name": "eventTypeCode",
    "aws_service": first("service", "eventTypeCode"),
    # Old events, and the console's sample, have no status.
    "status": first("statusCode", "eventTypeCategory"),
    "outcome": _outcome,
    # AWS's own samples have line breaks that were escaped twice.
    "reason": lambda event: next(iter(_listed(event, "eventDescription", "latestDescription")), "").replace(r"\n", " "),
    "operation": "eventArn",
}
FACTS: Final[Fields] = {
    "AWS service": "service",
    "Notice": "reason",
    "Affected": _affected,
    "Start": "startTime",
    "End": "endTime",
    "Page": _page,
}
KEY: Final = "HealthEvent/{account}/{operation}"

HEALTH_ROW: Final = EventType("HealthEvent", "AWS Health event", FIELDS, HEALTH, facts=FACTS, key=KEY)
EVENT_TYPES: Final = {"AWS Health Abuse Event": HEALTH_ROW, "AWS Health Event": HEALTH_ROW}
