"""The meaning of each status of an ECS deployment, service, hook and task for a person.

Event names are those of "Amazon ECS events" in the ECS Developer Guide, stop codes those of botocore's ECS model.
"""

import re
from typing import Final

from notifier.model.status_change import ACTION, FAILURE, INFO, PROGRESS, SUCCESS, Ending, Meaning, Meanings
from notifier.sources.unlisted import WORDS, Words

# The event's own type decides about a name that no table lists.
EVENT_KINDS: Final[Words] = (
    (re.compile(r" \(ERROR\)$"), FAILURE),
    (re.compile(r" \(WARN\)$"), ACTION),
    (re.compile(r" \(INFO\)$"), INFO),
    *WORDS,
)

READ_TASKS: Final = "Read why its tasks stopped: ECS keeps them for about an hour."
STOPPED_TASKS: Final = "aws ecs list-tasks --cluster {cluster} --service-name {ecs_service} --desired-status STOPPED"
ROLLBACK: Final = f'{READ_TASKS} If "was deployed" follows, the old version runs again.'

DEPLOYMENT: Final[Meanings] = {
    # The end of a rollback has the same words: only the deployment's id tells the two apart.
    "SERVICE_DEPLOYMENT_COMPLETED": Meaning(SUCCESS, "was deployed"),
    "SERVICE_DEPLOYMENT_FAILED": Meaning(FAILURE, "could not be deployed", READ_TASKS, STOPPED_TASKS),
    "SERVICE_DEPLOYMENT_IN_PROGRESS": Meaning(PROGRESS, "is being deployed"),
    "SERVICE_DEPLOYMENT_IN_PROGRESS rolling back": Meaning(
        FAILURE, "could not be deployed, and is rolling back", ROLLBACK, STOPPED_TASKS
    ),
}

FEWER: Final = "Deploy and scale fewer services at a time, or ask for a higher quota."
HEALTH: Final = "Check the health of its tasks."
HOSTS: Final = "Check that its tasks run, and that their hosts are connected."
CONSTRAINT: Final = "Compare the attributes of its container instances with its placement constraint."
ROLE: Final = "Fix what the reason names: often ECS may not assume the task's role, or tags need the new ARN format."
ROOM: Final = "The reason names what is missing, such as CPU, MEMORY or FARGATE: add capacity, or ask for less of it."

SERVICE_ACTION: Final[Meanings] = {
    **DEPLOYMENT,
    "CAPACITY_PROVIDER_STEADY_STATE": Meaning(INFO, "has a capacity provider in a steady state"),
    "ECS_OPERATION_THROTTLED": Meaning(ACTION, "is being throttled by ECS", FEWER),
    "SERVICE_DAEMON_PLACEMENT_CONSTRAINT_VIOLATED": Meaning(FAILURE, "violates its placement constraint", CONSTRAINT),
    "SERVICE_DESIRED_COUNT_UPDATED": Meaning(INFO, "has a new number of desired tasks"),
    "SERVICE_DISCOVERY_INSTANCE_UNHEALTHY": Meaning(ACTION, "has unhealthy targets in service discovery", HEALTH),
    "SERVICE_DISCOVERY_OPERATION_THROTTLED": Meaning(ACTION, "is being throttled by AWS Cloud Map", FEWER),
    "SERVICE_HEALTH_UNKNOWN": Meaning(FAILURE, "has tasks of unknown health", HOSTS),
    "SERVICE_STEADY_STATE": Meaning(INFO, "is in a steady state"),
    "SERVICE_TASK_CONFIGURATION_FAILURE": Meaning(FAILURE, "cannot place a task because of its configuration", ROLE),
    "SERVICE_TASK_PLACEMENT_FAILURE": Meaning(FAILURE, "has no room for a task", ROOM),
    "SERVICE_TASK_START_IMPAIRED": Meaning(FAILURE, "cannot start its tasks", READ_TASKS, STOPPED_TASKS),
    "TASKSET_STEADY_STATE": Meaning(INFO, "has a task set in a steady state"),
    "TASKS_STOPPED": Meaning(INFO, "stopped tasks"),
    "VPC_LATTICE_TARGET_UNHEALTHY": Meaning(ACTION, "has unhealthy targets in VPC Lattice", HEALTH),
}

CHOOSE: Final = "Check the new version, then continue before {deadline}, or roll back with --action ROLLBACK."
CONTINUE: Final = (
    "aws ecs continue-service-deployment --service-deployment-arn {operation} --hook-id {hook} --action CONTINUE"
)
HOOK_LOG: Final = "Read the log of the hook's function, then deploy again."
HOOK_LIMIT: Final = "Look at the deployment: it rolls back, unless the hook's time-out is set to continue."

HOOK: Final[Meanings] = {
    "HOOK_AWAITING_ACTION": Meaning(ACTION, "waits before the next step of its deployment", CHOOSE, CONTINUE),
    "HOOK_FAILED": Meaning(FAILURE, "failed a hook of its deployment", HOOK_LOG),
    # A pause hook fails only if a person chooses the rollback.
    "HOOK_FAILED PAUSE": Meaning(INFO, "is to roll back its deployment, as a person decided", ending=Ending.DONE),
    "HOOK_IN_PROGRESS": Meaning(PROGRESS, "is running a hook of its deployment"),
    "HOOK_SUCCEEDED": Meaning(INFO, "passed a hook of its deployment", ending=Ending.DONE),
    "HOOK_TIMED_OUT": Meaning(FAILURE, "has a deployment hook that timed out", HOOK_LIMIT),
}

CONTAINER_LOG: Final = "Read the log of the container that the reason names."
START: Final = "Fix what the reason names: often the image, a secret, a role or the network."
TRANSIENT: Final = ("PROVISIONING", "PENDING", "ACTIVATING", "DEACTIVATING", "STOPPING", "DEPROVISIONING")

# By the stop code if the task is stopped, otherwise by its last status.
TASK: Final[Meanings] = {
    **{status: Meaning(PROGRESS, f"is {status.lower()}") for status in TRANSIENT},
    "DELETED": Meaning(INFO, "was deleted"),
    "RUNNING": Meaning(INFO, "is running"),
    "STOPPED": Meaning(INFO, "stopped"),
    "EssentialContainerExited": Meaning(FAILURE, "stopped, because a container exited", CONTAINER_LOG),
    "EssentialContainerExited 0": Meaning(INFO, "finished"),
    "InfrastructureHealth": Meaning(INFO, "was stopped, because its host is unhealthy"),
    "ServiceSchedulerInitiated": Meaning(INFO, "was stopped by its service"),
    "SpotInterruption": Meaning(INFO, "was stopped, because its Spot capacity was taken back"),
    "TaskFailedToStart": Meaning(FAILURE, "could not start", START),
    "TerminationNotice": Meaning(INFO, "was stopped, because its host is being terminated"),
    "UserInitiated": Meaning(INFO, "was stopped by a user"),
}
