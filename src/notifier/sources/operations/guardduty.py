"""GuardDuty: findings, by their severity.

Fields and the levels of severity are those of "Processing GuardDuty findings with EventBridge" and "Findings severity
levels" in the GuardDuty User Guide. A repeated finding is sent again, and no event ends a finding.
"""

import re
from typing import Final

from notifier.model.status_change import Meanings, Recovery, action, info
from notifier.sources.envelope import Event
from notifier.sources.fields import Fields
from notifier.sources.reader import EventType

NUMBER: Final = re.compile(r"\d{1,2}(\.\d+)?", re.ASCII)
# The lowest severity of each level.
LEVELS: Final = ((9, "CRITICAL"), (7, "HIGH"), (4, "MEDIUM"), (0, "LOW"))

CHECK: Final = "Check the resource, and isolate it if the activity is not yours; archive the finding if it is."
COMMAND: Final = "aws guardduty get-findings --detector-id {detector} --finding-ids {finding}"

FINDING: Final[Meanings] = {
    "CRITICAL": action("is of critical severity", CHECK, COMMAND),
    "HIGH": action("is of high severity", CHECK, COMMAND),
    "LOW": info("is of low severity"),
    # GuardDuty's guide recommends investigating these, too.
    "MEDIUM": action("is of medium severity", CHECK, COMMAND),
}


def _level(event: Event) -> str | None:
    severity = NUMBER.fullmatch(str(event.value("severity")))
    return next(level for least, level in LEVELS if float(severity[0]) >= least) if severity else None


FIELDS: Final[Fields] = {
    "arn": "arn",
    # An administrator account receives the findings of its members.
    "account": "accountId",
    "region": "region",
    "finding": "id",
    "name": "type",
    "status": _level,
    "reason": "title",
    "detector": "service.detectorId",
}
FACTS: Final = {"Finding": "reason", "Resource type": "resource.resourceType", "Seen": "service.count"}
KEY: Final = "GuardDutyFinding/{account}/{region}/{finding}"

EVENT_TYPES: Final = {
    "GuardDuty Finding": EventType(
        "GuardDutyFinding", "GuardDuty finding", FIELDS, FINDING, facts=FACTS, key=KEY, recovery=Recovery.NONE
    )
}
