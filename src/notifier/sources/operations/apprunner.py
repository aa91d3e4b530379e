"""App Runner: services and the operations on them.

Fields and words are those of "Handling App Runner events in EventBridge" in the App Runner Developer Guide; the
statuses of a service are also in botocore's App Runner model.
"""

from dataclasses import replace
from typing import Final

from notifier.model.status_change import FAILURE, INFO, PROGRESS, SUCCESS, Meaning, Meanings
from notifier.sources.reader import EventType, reader

# A service is RUNNING after a failed deployment, too: only the operations tell.
PATTERN: Final = {"source": ["aws.apprunner"], "detail-type": ["AppRunner Service Operation Status Change"]}

READ_LOGS: Final = "Read the logs of the service, then try again."
LOGS: Final = "aws logs tail /aws/apprunner/{name}/{id}/service --since 1h"

STATUSES: Final[Meanings] = {
    "CREATE_FAILED": Meaning(FAILURE, "could not be created", READ_LOGS, LOGS),
    "DELETED": Meaning(INFO, "was deleted"),
    "DELETE_FAILED": Meaning(FAILURE, "could not be deleted", READ_LOGS, LOGS),
    "OPERATION_IN_PROGRESS": Meaning(PROGRESS, "is being changed"),
    "PAUSED": Meaning(INFO, "is paused"),
    "RUNNING": Meaning(INFO, "is running"),
}
# The participle of each operation, and the severity of its end.
OPERATIONS: Final = {
    "CreateService": ("created", SUCCESS),
    "DeleteService": ("deleted", INFO),
    "Deployment": ("deployed", SUCCESS),
    "PauseService": ("paused", INFO),
    "ResumeService": ("resumed", SUCCESS),
    "UpdateService": ("updated", SUCCESS),
}

SERVICE: Final = EventType(
    resource_type="AppRunnerService",
    kind="App Runner service",
    fields={
        "name": "serviceName",
        "id": "serviceId",
        "status": "currentServiceStatus",
        "previous_status": "previousServiceStatus",
    },
    meanings=STATUSES,
)
EVENT_TYPES: Final = {
    "AppRunner Service Operation Status Change": replace(
        SERVICE,
        resource_type="AppRunnerOperation",
        fields={"name": "serviceName", "id": "serviceId", "status": "operationStatus"},
        key="AppRunnerService/{account}/{region}/{name}",
        meanings={
            f"{operation}{end}": meaning
            for operation, (participle, severity) in OPERATIONS.items()
            for end, meaning in {
                "CompletedSuccessfully": Meaning(severity, f"was {participle}"),
                "Failed": Meaning(FAILURE, f"could not be {participle}", READ_LOGS, LOGS),
                "Started": Meaning(PROGRESS, f"is being {participle}"),
            }.items()
        },
    ),
    "AppRunner Service Status Change": SERVICE,
}
read = reader(EVENT_TYPES)
