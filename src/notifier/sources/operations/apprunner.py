"""App Runner: services and the operations on them.

Fields and words are those of "Handling App Runner events in EventBridge" in the App Runner Developer Guide; the
statuses of a service are also in botocore's App Runner model.
"""

from collections.abc import Mapping
from typing import Final

from notifier.model.status_change import Meaning, Severity
from notifier.sources.reader import EventType, Field, reader

# A service is RUNNING after a failed deployment, too: only the operations tell.
PATTERN: Final = {"source": ["aws.apprunner"], "detail-type": ["AppRunner Service Operation Status Change"]}

LOGS: Final = "aws logs tail /aws/apprunner/{called}/{id}/service --since 1h --region {region}"
READ_LOGS: Final = "Read the logs of the service, then try again."

SERVICE: Final[Mapping[str, Meaning]] = {
    "CREATE_FAILED": Meaning(Severity.FAILURE, "could not be created", READ_LOGS, LOGS),
    "DELETED": Meaning(Severity.INFO, "was deleted"),
    "DELETE_FAILED": Meaning(Severity.FAILURE, "could not be deleted", READ_LOGS, LOGS),
    "OPERATION_IN_PROGRESS": Meaning(Severity.PROGRESS, "is being changed"),
    "PAUSED": Meaning(Severity.INFO, "is paused"),
    "RUNNING": Meaning(Severity.INFO, "is running"),
}


def _operation(participle: str, done: Severity) -> Mapping[str, Meaning]:
    return {
        "CompletedSuccessfully": Meaning(done, f"was {participle}"),
        "Failed": Meaning(Severity.FAILURE, f"could not be {participle}", READ_LOGS, LOGS),
        "Started": Meaning(Severity.PROGRESS, f"is being {participle}"),
    }


OPERATION: Final[Mapping[str, Meaning]] = {
    f"{operation}{ending}": meaning
    for operation, participle, done in (
        ("CreateService", "created", Severity.SUCCESS),
        ("DeleteService", "deleted", Severity.INFO),
        ("Deployment", "deployed", Severity.SUCCESS),
        ("PauseService", "paused", Severity.INFO),
        ("ResumeService", "resumed", Severity.SUCCESS),
        ("UpdateService", "updated", Severity.SUCCESS),
    )
    for ending, meaning in _operation(participle, done).items()
}

FIELDS: Final[Mapping[str, Field]] = {"called": "serviceName", "id": "serviceId"}
KEY: Final = "AppRunnerService/{account}/{region}/{called}"

EVENT_TYPES: Final = {
    "AppRunner Service Operation Status Change": EventType(
        resource_type="AppRunnerOperation",
        kind="App Runner service",
        fields={**FIELDS, "status": "operationStatus"},
        name=("called",),
        key=KEY,
        meanings=OPERATION,
    ),
    "AppRunner Service Status Change": EventType(
        resource_type="AppRunnerService",
        kind="App Runner service",
        fields={**FIELDS, "status": "currentServiceStatus", "previous_status": "previousServiceStatus"},
        name=("called",),
        key=KEY,
        meanings=SERVICE,
    ),
}
read = reader(EVENT_TYPES)
