"""The meaning of each status of an ECS deployment, service, hook and task for a person.

Event names are those of "Amazon ECS events" in the ECS Developer Guide, stop codes those of botocore's ECS model.
"""

import re
from collections.abc import Mapping
from typing import Final

from notifier.model.status_change import Meaning, Severity
from notifier.sources.unlisted import WORDS, Words

FAILURE, ACTION, INFO = Severity.FAILURE, Severity.ACTION, Severity.INFO

# The event's own type decides about a name that no table lists.
EVENT_KINDS: Final[Words] = (
    (re.compile(r" \(ERROR\)$"), FAILURE),
    (re.compile(r" \(WARN\)$"), ACTION),
    (re.compile(r" \(INFO\)$"), INFO),
    *WORDS,
)

STOPPED_TASKS: Final = (
    "aws ecs list-tasks --cluster {cluster} --service-name {ecs_service} --desired-status STOPPED --region {region}"
)
READ_TASKS: Final = "Read why the failed deployment's tasks stopped: ECS keeps them for about an hour."

DEPLOYMENT: Final[Mapping[str, Meaning]] = {
    # The end of a rollback has the same words: only the deployment's id tells the two apart.
    "SERVICE_DEPLOYMENT_COMPLETED": Meaning(Severity.SUCCESS, "was deployed"),
    "SERVICE_DEPLOYMENT_FAILED": Meaning(FAILURE, "could not be deployed", READ_TASKS, STOPPED_TASKS),
    "SERVICE_DEPLOYMENT_IN_PROGRESS": Meaning(Severity.PROGRESS, "is being deployed"),
    "SERVICE_DEPLOYMENT_IN_PROGRESS rolling back": Meaning(
        FAILURE,
        "could not be deployed, and is rolling back",
        f'{READ_TASKS} If "was deployed" follows, the old version runs again.',
        STOPPED_TASKS,
    ),
}

SERVICE_ACTION: Final[Mapping[str, Meaning]] = {
    **DEPLOYMENT,
    "CAPACITY_PROVIDER_STEADY_STATE": Meaning(INFO, "has a capacity provider in a steady state"),
    "ECS_OPERATION_THROTTLED": Meaning(
        ACTION, "is being throttled by ECS", "Deploy and scale fewer services at a time, or ask for a higher quota."
    ),
    "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED": Meaning(
        FAILURE,
        "has a task that violates its placement constraint",
        "Compare the attributes of its container instances with the placement constraint of the service.",
    ),
    "SERVICE_DESIRED_COUNT_UPDATED": Meaning(INFO, "has a new number of desired tasks"),
    "SERVICE_DISCOVERY_INSTANCE_UNHEALTHY": Meaning(
        ACTION, "has unhealthy targets", "Check the health of its tasks: service discovery reports one as unhealthy."
    ),
    "SERVICE_DISCOVERY_OPERATION_THROTTLED": Meaning(
        ACTION,
        "is being throttled by service discovery",
        "Deploy and scale fewer services at a time, or ask for a higher quota of AWS Cloud Map.",
    ),
    "SERVICE_HEALTH_UNKNOWN": Meaning(
        FAILURE, "has tasks of unknown health", "Check that its tasks run, and that their hosts are connected."
    ),
    "SERVICE_STEADY_STATE": Meaning(INFO, "is in a steady state"),
    "SERVICE_TASK_CONFIGURATION_FAILURE": Meaning(
        FAILURE,
        "cannot place a task because of its configuration",
        "Fix what the reason names. Often ECS may not assume the task's role, or tags need the new ARN format.",
    ),
    "SERVICE_TASK_PLACEMENT_FAILURE": Meaning(
        FAILURE,
        "has no room for a task",
        "The reason names what is missing, such as CPU, MEMORY or FARGATE: add capacity, or ask for less of it.",
    ),
    "SERVICE_TASK_START_IMPAIRED": Meaning(
        FAILURE,
        "cannot start its tasks",
        "Read why its last tasks stopped: ECS keeps them for about an hour.",
        STOPPED_TASKS,
    ),
    "TASKSET_STEADY_STATE": Meaning(INFO, "has a task set in a steady state"),
    "TASKS_STOPPED": Meaning(INFO, "stopped tasks"),
    "VPC_LATTICE_TARGET_UNHEALTHY": Meaning(
        ACTION, "has unhealthy targets", "Check the health of its tasks: VPC Lattice reports one as unhealthy."
    ),
}

HOOK: Final[Mapping[str, Meaning]] = {
    "HOOK_AWAITING_ACTION": Meaning(
        ACTION,
        "waits before the next step of its deployment",
        "Check the new version, then continue before {deadline}, or roll back with --action ROLLBACK.",
        "aws ecs continue-service-deployment --service-deployment-arn {operation} --hook-id {hook} --action CONTINUE "
        "--region {region}",
    ),
    "HOOK_FAILED": Meaning(
        FAILURE, "failed a hook of its deployment", "Read the log of the hook's function, then deploy again."
    ),
    # A pause hook fails only if a person chooses the rollback.
    "HOOK_FAILED PAUSE": Meaning(INFO, "is to roll back its deployment, as a person decided"),
    "HOOK_IN_PROGRESS": Meaning(Severity.PROGRESS, "is running a hook of its deployment"),
    "HOOK_SUCCEEDED": Meaning(INFO, "passed a hook of its deployment"),
    "HOOK_TIMED_OUT": Meaning(
        FAILURE,
        "has a deployment hook that timed out",
        "Look at the deployment: it rolls back, unless the hook's time-out is set to continue.",
    ),
}

# By the stop code if the task is stopped, otherwise by its last status.
TASK: Final[Mapping[str, Meaning]] = {
    **{
        status: Meaning(Severity.PROGRESS, f"is {status.lower()}")
        for status in ("PROVISIONING", "PENDING", "ACTIVATING", "DEACTIVATING", "STOPPING", "DEPROVISIONING")
    },
    "DELETED": Meaning(INFO, "was deleted"),
    "RUNNING": Meaning(INFO, "is running"),
    "STOPPED": Meaning(INFO, "stopped"),
    "EssentialContainerExited": Meaning(
        FAILURE, "stopped, because a container exited", "Read the log of the container that the reason names."
    ),
    "EssentialContainerExited 0": Meaning(INFO, "finished"),
    "InfrastructureHealth": Meaning(INFO, "was stopped, because its host is unhealthy"),
    "ServiceSchedulerInitiated": Meaning(INFO, "was stopped by its service"),
    "SpotInterruption": Meaning(INFO, "was stopped, because its Spot capacity was taken back"),
    "TaskFailedToStart": Meaning(
        FAILURE, "could not start", "Fix what the reason names: often the image, a secret, a role or the network."
    ),
    "TerminationNotice": Meaning(INFO, "was stopped, because its host is being terminated"),
    "UserInitiated": Meaning(INFO, "was stopped by a user"),
}
