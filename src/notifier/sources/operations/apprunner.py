"""App Runner: services and the operations on them.

Fields and words are those of "Handling App Runner events in EventBridge" in the App Runner Developer Guide; the
statuses of a service are also in botocore's App Runner model.
"""

from functools import partial
from typing import Final

from notifier.model.status_change import Ending, Meanings, failure, info, progress, success
from notifier.sources.fields import Fields, first, in_arn
from notifier.sources.reader import EventType

READ_LOGS: Final = "Read the logs of the service, then try again."
LOGS: Final = "aws logs tail /aws/apprunner/{name}/{id}/service --since 1h"

SERVICE: Final[Meanings] = {
    "CREATE_FAILED": failure("could not be created", READ_LOGS, LOGS),
    "DELETED": info("was deleted", ending=Ending.GONE),
    "DELETE_FAILED": failure("could not be deleted", READ_LOGS, LOGS),
    "OPERATION_IN_PROGRESS": progress("is being changed"),
    "PAUSED": info("is paused"),
    "RUNNING": info("is running"),
}
# Name, past participle, and the meaning of a completed operation.
OPERATIONS: Final = (
    ("CreateService", "created", success),
    ("DeleteService", "deleted", partial(info, ending=Ending.GONE)),
    ("Deployment", "deployed", success),
    ("PauseService", "paused", info),
    ("ResumeService", "resumed", success),
    ("UpdateService", "updated", success),
)
OPERATION: Final[Meanings] = {
    **{f"{name}CompletedSuccessfully": meaning(f"was {done}") for name, done, meaning in OPERATIONS},
    **{f"{name}Failed": failure(f"could not be {done}", READ_LOGS, LOGS) for name, done, _ in OPERATIONS},
    **{f"{name}Started": progress(f"is being {done}") for name, done, _ in OPERATIONS},
}

NAMES: Final[Fields] = {
    "name": first("serviceName", in_arn("service/([^/]+)")),
    "id": first("serviceId", in_arn("service/[^/]+/(.+)")),
}
# Earlier samples in the guide shorten these names.
STATUS: Final[Fields] = {
    **NAMES,
    "status": first("currentServiceStatus", "currentStatus"),
    "previous_status": first("previousServiceStatus", "previousStatus"),
}
OPERATION_STATUS: Final[Fields] = {**NAMES, "status": "operationStatus"}
KIND: Final = "App Runner service"
KEY: Final = "AppRunnerService/{account}/{region}/{name}"

EVENT_TYPES: Final = {
    "AppRunner Service Operation Status Change": EventType(
        "AppRunnerOperation", KIND, OPERATION_STATUS, OPERATION, key=KEY
    ),
    "AppRunner Service Status Change": EventType("AppRunnerService", KIND, STATUS, SERVICE),
}
