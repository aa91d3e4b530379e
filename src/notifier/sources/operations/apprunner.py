"""App Runner: services and the operations on them.

Fields and words are those of "Handling App Runner events in EventBridge" in the App Runner Developer Guide; the
statuses of a service are also in botocore's App Runner model.
"""

from typing import Final

from notifier.model.status_change import FAILURE, INFO, PROGRESS, SUCCESS, Ending, Meaning, Meanings
from notifier.sources.reader import EventType

READ_LOGS: Final = "Read the logs of the service, then try again."
LOGS: Final = "aws logs tail /aws/apprunner/{name}/{id}/service --since 1h"

SERVICE: Final[Meanings] = {
    "CREATE_FAILED": Meaning(FAILURE, "could not be created", READ_LOGS, LOGS),
    "DELETED": Meaning(INFO, "was deleted", ending=Ending.GONE),
    "DELETE_FAILED": Meaning(FAILURE, "could not be deleted", READ_LOGS, LOGS),
    "OPERATION_IN_PROGRESS": Meaning(PROGRESS, "is being changed"),
    "PAUSED": Meaning(INFO, "is paused"),
    "RUNNING": Meaning(INFO, "is running"),
}
# Their participles, and the severities of their ends.
OPERATIONS: Final = (
    ("CreateService", "created", SUCCESS),
    ("DeleteService", "deleted", INFO),
    ("Deployment", "deployed", SUCCESS),
    ("PauseService", "paused", INFO),
    ("ResumeService", "resumed", SUCCESS),
    ("UpdateService", "updated", SUCCESS),
)
OPERATION: Final[Meanings] = {
    **{f"{name}CompletedSuccessfully": Meaning(severity, f"was {done}") for name, done, severity in OPERATIONS},
    **{f"{name}Failed": Meaning(FAILURE, f"could not be {done}", READ_LOGS, LOGS) for name, done, _ in OPERATIONS},
    **{f"{name}Started": Meaning(PROGRESS, f"is being {done}") for name, done, _ in OPERATIONS},
}

NAMES: Final = {"name": "serviceName", "id": "serviceId"}
STATUS: Final = {**NAMES, "status": "currentServiceStatus", "previous_status": "previousServiceStatus"}
OPERATION_STATUS: Final = {**NAMES, "status": "operationStatus"}
KIND: Final = "App Runner service"
KEY: Final = "AppRunnerService/{account}/{region}/{name}"

EVENT_TYPES: Final = {
    "AppRunner Service Operation Status Change": EventType(
        "AppRunnerOperation", KIND, OPERATION_STATUS, OPERATION, key=KEY
    ),
    "AppRunner Service Status Change": EventType("AppRunnerService", KIND, STATUS, SERVICE),
}
