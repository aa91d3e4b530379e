"""The checks that every source with a table has to pass; a new source adds its rows to these tables."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

import botocore.session
import pytest

from notifier.model.status_change import Severity
from notifier.sources.envelope import Event
from notifier.sources.fields import CONSOLE_LINK
from notifier.sources.table import OTHER, SOURCES, source_of
from proton_notifier.common.rules import patterns
from tests.notifier.sources.documented_events import (
    EVENT_TYPES,
    EVENTS,
    READ,
    changed,
    leaves,
    notification,
    read,
    without,
)

# The values of the detail that may be shown, by detail-type. A source shows no others, whatever they are.
SHOWN: Final[Mapping[str, set[str]]] = {
    "Backup Job State Change": {
        "backupJobId",
        "backupVaultName",
        "resourceArn",
        "resourceType",
        "state",
        "statusMessage",
    },
    "AWS Health Event": {
        "affectedAccount",
        "affectedEntities.0.entityValue",
        "eventArn",
        "eventDescription.0.latestDescription",
        "eventRegion",
        "eventTypeCategory",
        "eventTypeCode",
        "service",
        "startTime",
        "statusCode",
        "totalPages",
    },
    "AWS Proton Component Status Change": {"name", "previousStatus", "status"},
    "AWS Proton Deployment Status Change": {"id", "previousStatus", "status"},
    "AWS Proton Environment Status Change": {"name", "previousStatus", "status"},
    "AWS Proton Environment Account Connection Status Change": {"id", "previousStatus", "status"},
    "AWS Proton Environment Template Status Change": {"name", "previousStatus", "status"},
    "AWS Proton Environment Template Version Status Change": {
        "majorVersion",
        "minorVersion",
        "name",
        "previousStatus",
        "status",
    },
    "AWS Proton Service Status Change": {"name", "previousStatus", "status"},
    "AWS Proton Service Instance Status Change": {"name", "previousStatus", "serviceName", "status"},
    "AWS Proton Service Pipeline Status Change": {"previousStatus", "serviceName", "status"},
    "AWS Proton Service Template Status Change": {"name", "previousStatus", "status"},
    "AWS Proton Service Template Version Status Change": {
        "majorVersion",
        "minorVersion",
        "name",
        "previousStatus",
        "status",
    },
    "AppRunner Service Status Change": {"currentServiceStatus", "previousServiceStatus", "serviceName"},
    "CloudFormation Drift Detection Status Change": {
        "drift-detection-details.drifted-stack-resource-count",
        "stack-drift-detection-id",
        "stack-id",
        "status-details.detection-status",
        "status-details.stack-drift-status",
    },
    "CloudFormation Resource Status Change": {
        "client-request-token",
        "logical-resource-id",
        "physical-resource-id",
        "resource-type",
        "stack-id",
        "status-details.status",
        "status-details.status-reason",
    },
    "CloudFormation Stack Status Change": {
        "client-request-token",
        "stack-id",
        "status-details.status",
        "status-details.status-reason",
    },
    "CloudFormation StackSet Operation Status Change": {
        "stack-set-arn",
        "stack-set-operation-id",
        "status-details.status",
    },
    "CloudFormation StackSet StackInstance Status Change": {
        "stack-id",
        "stack-set-arn",
        "status-details.detailed-status",
        "status-details.status",
        "status-details.status-reason",
    },
    "CloudFormation StackSet Status Change": {"stack-set-arn", "status-details.status"},
    "CodeBuild Build Phase Change": {
        "additional-information.build-number",
        "additional-information.initiator",
        "additional-information.logs.deep-link",
        "build-id",
        "completed-phase",
        "completed-phase-context",
        "completed-phase-status",
        "project-name",
    },
    "CodeBuild Build State Change": {
        "additional-information.build-number",
        "additional-information.initiator",
        "additional-information.logs.deep-link",
        "additional-information.source-version",
        "build-id",
        "build-status",
        "project-name",
    },
    "CodeDeploy Deployment State-change Notification": {"application", "deploymentGroup", "deploymentId", "state"},
    "CodeDeploy Instance State-change Notification": {
        "application",
        "deploymentGroup",
        "deploymentId",
        "instanceId",
        "state",
    },
    "CloudWatch Alarm Contributor State Change": {
        "alarmContributor.attributes.TableName",
        "alarmContributor.id",
        "alarmName",
        "configuration.description",
        "configuration.metrics.0.expression",
        "state.reason",
        "state.value",
    },
    "CloudWatch Alarm State Change": {
        "alarmName",
        "configuration.description",
        "configuration.metrics.0.metricStat.metric.dimensions.InstanceId",
        "configuration.metrics.0.metricStat.metric.name",
        "configuration.metrics.0.metricStat.metric.namespace",
        "previousState.value",
        "state.reason",
        "state.value",
    },
    "CodePipeline Action Execution State Change": {
        "action",
        "execution-id",
        "execution-result.error-code",
        "execution-result.external-execution-id",
        "execution-result.external-execution-summary",
        "pipeline",
        "region",
        "stage",
        "state",
        "type.provider",
    },
    "CodePipeline Pipeline Execution State Change": {
        "execution-id",
        "execution-trigger.author-display-name",
        "execution-trigger.commit-id",
        "execution-trigger.commit-message",
        "execution-trigger.full-repository-name",
        "execution-trigger.tag-name",
        "execution-trigger.trigger-type",
        "pipeline",
        "state",
        "stop-execution-comments",
    },
    "CodePipeline Stage Execution State Change": {"execution-id", "pipeline", "stage", "state"},
    "EC2 Automation Execution Status-change Notification": {"Definition", "ExecutedBy", "ExecutionId", "Status"},
    "EC2 Instance Launch Unsuccessful": {
        "ActivityId",
        "AutoScalingGroupName",
        "Details.Availability Zone",
        "EC2InstanceId",
        "StatusMessage",
    },
    "ECR Image Scan": {
        "finding-severity-counts.CRITICAL",
        "finding-severity-counts.HIGH",
        "finding-severity-counts.INFORMATIONAL",
        "finding-severity-counts.LOW",
        "finding-severity-counts.MEDIUM",
        "finding-severity-counts.UNDEFINED",
        "image-digest",
        "image-tags.0",
        "repository-name",
        "scan-status",
    },
    "ECS Deployment State Change": {"deploymentId", "eventName", "reason"},
    "ECS Hook State Change": {"eventName", "hookId", "lifecycleStage", "serviceArn", "serviceDeploymentArn"},
    "ECS Service Action": {"eventName", "eventType", "reason"},
    "Git Sync Resource Sync Status Change": {
        "branch",
        "commit",
        "previousStatus",
        "providerType",
        "repositoryName",
        "status",
        "syncTarget",
    },
    "GitSync Repository Sync Status Change": {
        "branch",
        "commit",
        "ownerId",
        "previousStatus",
        "providerType",
        "repositoryArn",
        "repositoryName",
        "status",
    },
    "Step Functions Execution Status Change": {"cause", "error", "executionArn", "name", "stateMachineArn", "status"},
}

# The enumerations of botocore's models that a detail-type's status is taken from: service and shape.
ENUMERATIONS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "Backup Job State Change": (("backup", "BackupJobState"),),
    "AppRunner Service Status Change": (("apprunner", "ServiceStatus"),),
    "CloudFormation Drift Detection Status Change": (
        ("cloudformation", "StackDriftDetectionStatus"),
        ("cloudformation", "StackDriftStatus"),
    ),
    "CloudFormation Hook Invocation Progress": (("cloudformation", "HookStatus"),),
    "CloudFormation Resource Status Change": (("cloudformation", "ResourceStatus"),),
    "CloudFormation Stack Status Change": (("cloudformation", "StackStatus"),),
    "CloudFormation StackSet Operation Status Change": (("cloudformation", "StackSetOperationStatus"),),
    "CloudFormation StackSet StackInstance Status Change": (("cloudformation", "StackInstanceDetailedStatus"),),
    "CloudFormation StackSet Status Change": (("cloudformation", "StackSetStatus"),),
    "CodeBuild Build Phase Change": (("codebuild", "StatusType"),),
    "CodeBuild Build State Change": (("codebuild", "StatusType"),),
    "CodeDeploy Deployment State-change Notification": (("codedeploy", "DeploymentStatus"),),
    "CodeDeploy Instance State-change Notification": (("codedeploy", "InstanceStatus"),),
    "CloudWatch Alarm Contributor State Change": (("cloudwatch", "StateValue"),),
    "CloudWatch Alarm State Change": (("cloudwatch", "StateValue"),),
    "CodePipeline Action Execution State Change": (
        ("codepipeline", "ActionExecutionStatus"),
        ("codepipeline", "FailureType"),
    ),
    "CodePipeline Pipeline Execution State Change": (("codepipeline", "PipelineExecutionStatus"),),
    "CodePipeline Stage Execution State Change": (("codepipeline", "StageExecutionStatus"),),
    "Copy Job State Change": (("backup", "CopyJobState"),),
    "EC2 Automation Execution Status-change Notification": (("ssm", "AutomationExecutionStatus"),),
    "ECR Image Scan": (("ecr", "ScanStatus"),),
    "ECS Task State Change": (("ecs", "TaskStopCode"),),
    "Git Sync Resource Sync Status Change": (("codeconnections", "ResourceSyncStatus"),),
    "GitSync Repository Sync Status Change": (("codeconnections", "RepositorySyncStatus"),),
    "Restore Job State Change": (("backup", "RestoreJobStatus"),),
    "Scan Job State Change": (("backup", "ScanState"),),
    "Step Functions Execution Status Change": (("stepfunctions", "ExecutionStatus"),),
}
# Statuses that no enumeration of botocore lists, and why.
UNENUMERATED: Final[Mapping[str, set[str]]] = {
    # The model's states of a deployment that no event has.
    "CodeDeploy Deployment State-change Notification": {"Baking", "Created"},
}
PIPELINE_STATES: Final = {
    "Abandoned": "ABANDONED",
    "Cancelled": "CANCELED",
    "Failed": "FAILED",
    "InProgress": "STARTED",
    "Skipped": "SKIPPED",
    "Stopped": "STOPPED",
    "Stopping": "STOPPING",
    "Succeeded": "SUCCEEDED",
    "Superseded": "SUPERSEDED",
}
DEPLOYMENT_STATES: Final = {
    "Failed": "FAILURE",
    "InProgress": "START",
    "Pending": "START",
    "Queued": "QUEUED",
    "Ready": "READY",
    "Skipped": "SKIPPED",
    "Stopped": "STOP",
    "Succeeded": "SUCCESS",
    "Unknown": "UNKNOWN",
}
# The words of a detail-type's meanings for statuses that botocore's models spell in another way.
SPELLED: Final[Mapping[str, Mapping[str, str]]] = {
    "CodeDeploy Deployment State-change Notification": DEPLOYMENT_STATES,
    "CodeDeploy Instance State-change Notification": DEPLOYMENT_STATES,
    "CodePipeline Action Execution State Change": PIPELINE_STATES
    | {
        code: f"FAILED {code}"
        for code in (
            "ConfigurationError",
            "JobFailed",
            "PermissionError",
            "RevisionOutOfSync",
            "RevisionUnavailable",
            "SystemUnavailable",
        )
    },
    "CodePipeline Pipeline Execution State Change": PIPELINE_STATES,
    "CodePipeline Stage Execution State Change": PIPELINE_STATES,
}
# Envelope fields of a documented event that hold nothing but a placeholder.
PLACEHOLDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "as_launch_unsuccessful": ("time",),
}

TESTSTACK: Final = "arn:aws:cloudformation:us-west-1:111122223333:stack/teststack"
EXECUTION: Final = "12345678-1234-5678-abcd-12345678abcd"
OLD_EXECUTION: Final = "01234567-0123-0123-0123-012345678901"
BUILD_PAGE: Final = (
    "/codesuite/codebuild/123456789012/projects/my-sample-project/build/"
    "my-sample-project%3A8745a7a9-c340-456a-9166-edf953571bEX/log?region=us-west-2"
)
# The outcome of each documented event: severity, title, beginning of the next step, key, and the path of the link.
EXPECTED: Final[Mapping[str, tuple[str, str, str, str, str]]] = {
    "component-deployment-failed": (
        "failure",
        "123456789012: component orders-table could not be deployed (eu-west-1)",
        "Find the first failed event of its CloudFormation stack",
        "",
        "/proton/#/components",
    ),
    "deployment-failed": (
        "failure",
        "123456789012: deployment 61d5365b-8cf2-53d7-bd0b-17956f627147 failed (eu-west-1)",
        "Find its resource and the status message there",
        "",
        "",
    ),
    "environment-account-connection-accepted": (
        "success",
        "210987654321: environment account connection 186a3180-ef29-55cb-9559-6cb112434a76 was accepted (eu-west-1)",
        "",
        "",
        "",
    ),
    "environment-deployment-failed": (
        "failure",
        "123456789012: environment payments-prod could not be deployed (eu-west-1)",
        "Find the first failed event of its CloudFormation stack",
        "",
        "",
    ),
    "environment-template-published": (
        "success",
        "123456789012: environment template fargate-vpc was published (eu-west-1)",
        "",
        "",
        "/proton/home?region=eu-west-1#/templates/environments/detail/fargate-vpc",
    ),
    "environment-template-version-registered": (
        "success",
        "123456789012: environment template version fargate-vpc 2.1 was registered as a draft (eu-west-1)",
        "",
        "",
        "/proton/home?region=eu-west-1#/templates/environments/detail/fargate-vpc",
    ),
    "service-created": (
        "success",
        "123456789012: service checkout is active (eu-west-1)",
        "",
        "",
        "/proton/home?region=eu-west-1#/services/detail/checkout",
    ),
    "service-instance-deployment-failed": (
        "failure",
        "123456789012: checkout/prod could not be deployed (eu-west-1)",
        "Find the first failed event of its CloudFormation stack",
        "",
        "/proton/home?region=eu-west-1#/services/detail/checkout",
    ),
    "service-pipeline-deployment-failed": (
        "failure",
        "123456789012: service pipeline checkout could not be deployed (eu-west-1)",
        "Find the first failed event of its CloudFormation stack",
        "",
        "/proton/home?region=eu-west-1#/services/detail/checkout",
    ),
    "service-template-deleted": (
        "info",
        "123456789012: service template legacy-worker was deleted (eu-west-1)",
        "",
        "",
        "/proton/home?region=eu-west-1#/templates/services/detail/legacy-worker",
    ),
    "service-template-version-published": (
        "success",
        "123456789012: service template version http-service 1.12 was published (eu-west-1)",
        "",
        "",
        "/proton/home?region=eu-west-1#/templates/services/detail/http-service",
    ),
    "as_launch_unsuccessful": (
        "failure",
        "123456789012: Auto Scaling group my-auto-scaling-group could not launch an instance (us-west-2)",
        "Fix what the reason names: often the launch template",
        "AutoScalingGroup/123456789012/us-west-2/my-auto-scaling-group",
        "",
    ),
    "bk_failed": (
        "failure",
        "1112233445566: backup job resource-type/resource-id failed (us-west-2)",
        "Fix what the reason names, then start the job again",
        "BackupJob/1112233445566/us-west-2/resource-type/resource-id",
        "",
    ),
    "cb_phase": (
        "info",
        "123456789012: build my-sample-project #55 finished phase COMPLETED (us-west-2)",
        "",
        "CodeBuildBuild/123456789012/us-west-2/my-sample-project",
        BUILD_PAGE,
    ),
    "cb_state": (
        "success",
        "123456789012: build my-sample-project #55 succeeded (us-west-2)",
        "",
        "CodeBuildBuild/123456789012/us-west-2/my-sample-project",
        BUILD_PAGE,
    ),
    "cd_deployment": (
        "success",
        "123456789012: application myApplication/myDeploymentGroup was deployed (us-east-1)",
        "",
        "CodeDeployDeployment/123456789012/us-east-1/myApplication/myDeploymentGroup",
        "/codesuite/codedeploy/deployments/d-123456789?region=us-east-1",
    ),
    "cd_instance": (
        "success",
        "123456789012: instance myApplication/myDeploymentGroup/i-0000000aaaaaaaaaa was deployed to (us-east-1)",
        "",
        "CodeDeployInstance/123456789012/us-east-1/myApplication/myDeploymentGroup/i-0000000aaaaaaaaaa",
        "/codesuite/codedeploy/deployments/d-123456789?region=us-east-1",
    ),
    "cfn_drift": (
        "action",
        "111122223333: stack teststack has drifted (1 resource) (us-west-1)",
        "Compare the drift results",
        "CloudFormationDrift/111122223333/us-west-1/teststack",
        f"/cloudformation/home?region=us-west-1#/stacks/stackinfo?stackId={quote(TESTSTACK, safe='')}",
    ),
    "cfn_stackset_operation": (
        "success",
        "111122223333: StackSet test1234 was rolled out (us-east-1)",
        "",
        "CloudFormationStackSet/111122223333/us-east-1/test1234",
        "/cloudformation/home?region=us-east-1#/stacksets/test1234/stacks",
    ),
    "cp_action_abandoned": (
        "info",
        "123456789012: pipeline action myPipeline/Deploy/Deploy was abandoned (us-west-2)",
        "",
        "CodePipeline/123456789012/us-west-2/myPipeline",
        f"/codesuite/codepipeline/pipelines/myPipeline/executions/{EXECUTION}/timeline?region=us-west-2",
    ),
    "cp_action_failed": (
        "failure",
        "123456789012: pipeline action myPipeline/Deploy/Deploy failed (us-west-2)",
        "Open the execution or its job and fix what failed there",
        "CodePipeline/123456789012/us-west-2/myPipeline",
        f"/codesuite/codepipeline/pipelines/myPipeline/executions/{EXECUTION}/timeline?region=us-west-2",
    ),
    "cp_action_succeeded": (
        "success",
        "123456789012: pipeline action myPipeline/Source/Source succeeded (us-west-2)",
        "",
        "CodePipeline/123456789012/us-west-2/myPipeline",
        f"/codesuite/codepipeline/pipelines/myPipeline/executions/{EXECUTION}/timeline?region=us-west-2",
    ),
    "cp_old_action": (
        "progress",
        "123456789012: pipeline action myPipeline/Prod/myAction started (us-east-1)",
        "",
        "CodePipeline/123456789012/us-east-1/myPipeline",
        f"/codesuite/codepipeline/pipelines/myPipeline/executions/{OLD_EXECUTION}/timeline?region=us-east-1",
    ),
    "cp_old_pipeline": (
        "progress",
        "123456789012: pipeline myPipeline started (us-east-1)",
        "",
        "CodePipeline/123456789012/us-east-1/myPipeline",
        f"/codesuite/codepipeline/pipelines/myPipeline/executions/{OLD_EXECUTION}/timeline?region=us-east-1",
    ),
    "cp_old_stage": (
        "progress",
        "123456789012: pipeline stage myPipeline started (us-east-1)",
        "",
        "CodePipeline/123456789012/us-east-1/myPipeline",
        f"/codesuite/codepipeline/pipelines/myPipeline/executions/{OLD_EXECUTION}/timeline?region=us-east-1",
    ),
    "cp_pipeline_failed": (
        "failure",
        "123456789012: pipeline myPipeline failed (us-west-2)",
        "Open the execution: its failed action has the reason",
        "CodePipeline/123456789012/us-west-2/myPipeline",
        f"/codesuite/codepipeline/pipelines/myPipeline/executions/{EXECUTION}/timeline?region=us-west-2",
    ),
    "cp_pipeline_started": (
        "progress",
        "123456789012: pipeline myPipeline started (us-east-1)",
        "",
        "CodePipeline/123456789012/us-east-1/myPipeline",
        f"/codesuite/codepipeline/pipelines/myPipeline/executions/{EXECUTION}/timeline?region=us-east-1",
    ),
    "cp_pipeline_stopping": (
        "progress",
        "123456789012: pipeline myPipeline is stopping (us-west-2)",
        "",
        "CodePipeline/123456789012/us-west-2/myPipeline",
        f"/codesuite/codepipeline/pipelines/myPipeline/executions/{EXECUTION}/timeline?region=us-west-2",
    ),
    "cp_pipeline_succeeded_git_tag": (
        "success",
        "123456789012: pipeline BuildFromTag succeeded (eu-central-1)",
        "",
        "CodePipeline/123456789012/eu-central-1/BuildFromTag",
        "/codesuite/codepipeline/pipelines/BuildFromTag/executions/e17b5773-cc0d-4db2-9ad7-594c73888de8/timeline?region=eu-central-1",
    ),
    "cp_stage_resumed": (
        "progress",
        "123456789012: pipeline stage BuildFromTag/Build is retrying (eu-central-1)",
        "",
        "CodePipeline/123456789012/eu-central-1/BuildFromTag",
        "/codesuite/codepipeline/pipelines/BuildFromTag/executions/05dafb6a-5a56-4951-a858-968795364846/timeline?region=eu-central-1",
    ),
    "ecs_action_impaired_captured": (
        "failure",
        "123456789012: ECS service catalogue-2023-03-09/image_inferrer cannot start its tasks (eu-west-1)",
        "Read why its tasks stopped:",
        "EcsService/123456789012/eu-west-1/catalogue-2023-03-09/image_inferrer",
        "/ecs/v2/clusters/catalogue-2023-03-09/services/image_inferrer/deployments?region=eu-west-1",
    ),
    "ecs_action_placement_failure": (
        "failure",
        "111122223333: ECS service default/servicetest has no room for a task (us-west-2)",
        "The reason names what is missing,",
        "EcsService/111122223333/us-west-2/default/servicetest",
        "/ecs/v2/clusters/default/services/servicetest/deployments?region=us-west-2",
    ),
    "ecs_action_steady_state": (
        "info",
        "111122223333: ECS service default/servicetest is in a steady state (us-west-2)",
        "",
        "EcsService/111122223333/us-west-2/default/servicetest",
        "/ecs/v2/clusters/default/services/servicetest/deployments?region=us-west-2",
    ),
    "ecs_deployment_captured": (
        "success",
        "123456789012: ECS service d2d-cluster-dev/d2d-pdf was deployed (ap-northeast-1)",
        "",
        "EcsService/123456789012/ap-northeast-1/d2d-cluster-dev/d2d-pdf",
        "/ecs/v2/clusters/d2d-cluster-dev/services/d2d-pdf/deployments?region=ap-northeast-1",
    ),
    "ecs_deployment_failed": (
        "failure",
        "111122223333: ECS service default/servicetest could not be deployed (us-west-2)",
        "Read why its tasks stopped:",
        "EcsService/111122223333/us-west-2/default/servicetest",
        "/ecs/v2/clusters/default/services/servicetest/deployments?region=us-west-2",
    ),
    "ecs_deployment_in_progress": (
        "progress",
        "111122223333: ECS service default/servicetest is being deployed (us-west-2)",
        "",
        "EcsService/111122223333/us-west-2/default/servicetest",
        "/ecs/v2/clusters/default/services/servicetest/deployments?region=us-west-2",
    ),
    "ecs_deployment_rollback": (
        "failure",
        "111122223333: ECS service default/servicetest could not be deployed, and is rolling back (us-west-2)",
        "Read why its tasks stopped:",
        "EcsService/111122223333/us-west-2/default/servicetest",
        "/ecs/v2/clusters/default/services/servicetest/deployments?region=us-west-2",
    ),
    "ecs_hook": (
        "action",
        "123456789012: ECS service my-cluster/my-service waits before the next step of its deployment (us-west-2)",
        "Check the new version, then",
        "EcsHook/123456789012/us-west-2/my-cluster/my-service/0EYSiB0qap8xf0N76FsbE/ecs-pause-e7tK9G_WRJqNF_EOMjztDXfKenlJuEUVjsNStf4WLKw",
        "/ecs/v2/clusters/my-cluster/services/my-service/deployments?region=us-west-2",
    ),
    "ecs_hook_without_resources": (
        "action",
        "123456789012: ECS service my-cluster/my-service waits before the next step of its deployment (us-west-2)",
        "Check the new version, then",
        "EcsHook/123456789012/us-west-2/my-cluster/my-service/EZe5RNVLH6PPzHXINuP28/ecs-pause-e7tK9G_WRJqNF_EOMjztDXfKenlJuEUVjsNStf4WLKw",
        "/ecs/v2/clusters/my-cluster/services/my-service/deployments?region=us-west-2",
    ),
    "git_repository_sync": (
        "success",
        "111122223333: repository sample-owner-id/sample-repository-name was synced from Git (us-east-1)",
        "",
        "GitSyncRepository/111122223333/us-east-1/sample-owner-id/sample-repository-name/main",
        "",
    ),
    "git_resource_sync": (
        "success",
        "111122223333: stack targetStack1 was synced from Git (us-east-1)",
        "",
        "GitSyncStack/111122223333/us-east-1/targetStack1",
        "/cloudformation/home?region=us-east-1#/stacks/stackinfo?stackId=arn%3Aaws%3Acloudformation%3Aus-east-1%3A111122223333%3Astack%2FtargetStack1",
    ),
    "cw_alarm": (
        "failure",
        "123456789012: alarm ServerCpuTooHigh is in alarm (us-east-1)",
        "Open the alarm, and compare the",
        "CloudWatchAlarm/123456789012/us-east-1/ServerCpuTooHigh",
        "/cloudwatch/home?region=us-east-1#alarmsV2:alarm/ServerCpuTooHigh",
    ),
    "cw_contributor": (
        "failure",
        "123456789012: alarm DynamoDBInsightsAlarm/example-dynamodb-table-name is in alarm (us-east-1)",
        "Open the alarm, and compare the",
        "CloudWatchAlarmContributor/123456789012/us-east-1/DynamoDBInsightsAlarm/6d442278dba546f6",
        "/cloudwatch/home?region=us-east-1#alarmsV2:alarm/DynamoDBInsightsAlarm",
    ),
    "sf_failed": (
        "failure",
        "123456789012: execution state-machine/execution-name failed (us-east-2)",
        "Fix the cause in its failed state, then redrive the execution",
        "StepFunctionsExecution/123456789012/us-east-2/state-machine",
        "",
    ),
    "ssm_automation": (
        "success",
        "123456789012: automation runcommand1 succeeded (us-east-2)",
        "",
        "SsmAutomation/123456789012/us-east-2/runcommand1",
        "",
    ),
    "ar_service": (
        "info",
        "111122223333: App Runner service my-app is running (us-east-2)",
        "",
        "AppRunnerService/111122223333/us-east-2/my-app",
        "",
    ),
    "ecr_scan": (
        "action",
        "123456789012: image tribble-image-scan-test:1572471135 has serious findings: 10 critical, 2 high (eu-north-1)",
        "Rebuild the image with the packages",
        "EcrImageScan/123456789012/eu-north-1/tribble-image-scan-test/sha256:d4a96ee9443e641fc100e763a0c10928720b50c6e3ea3342d05d7c3435fc5355",
        "",
    ),
    "hl_retirement": (
        "action",
        (
            "123456789012: AWS Health event AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED announces a scheduled change to EC2 "
            "(us-east-1)"
        ),
        "Read on the AWS Health dashboard",
        "HealthEvent/123456789012/arn:aws:health:us-east-1::event/AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED_90353408594353983",
        "",
    ),
}
SECRET: Final = "s3cr3t"  # noqa: S105 - planted to be looked for
HOSTILE: Final[tuple[Any, ...]] = (
    None,
    [],
    {"a": {"b": 1}},
    True,
    -1.5,
    float("nan"),
    "",
    "{name.__class__} {0} {",
    "<!channel> <https://evil.example|a> @here\r\nSubject: x",
    "\u202e\x00\ud800`*_~",
    "x" * 100_000,
)


@pytest.fixture(scope="module")
def models() -> botocore.session.Session:
    """Load botocore's models."""
    return botocore.session.get_session()


def test_every_detail_type_is_checked() -> None:
    """A new row of a source's table is added to the tables above."""
    documented = {event["detail-type"] for event in READ.values()}

    assert set(SHOWN) == documented
    assert set(ENUMERATIONS) <= set(EVENT_TYPES)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_documented_event_is_told_so(name: str) -> None:
    """Severity, title, next step, key and link are those of the service's own documentation."""
    severity, title, step, key, page = EXPECTED[name]

    told = notification(READ[name])

    assert (told.severity, told.title, told.key) == (severity, title, key)
    assert (told.next_step or "").startswith(step)
    assert bool(told.next_step) == bool(step)
    assert [link.url.partition(".com")[2] for link in told.links[:1]] == ([page] if page else [])
    assert told.recognised


@pytest.mark.parametrize("name", READ)
def test_a_documented_event_lacks_nothing(name: str) -> None:
    """No field is required that an event of the service need not have."""
    told = read(READ[name])

    assert told.change.name
    assert told.change.missing == PLACEHOLDERS.get(name, ())
    assert told.meaning.recognised


@pytest.mark.parametrize(("detail_type", "shapes"), ENUMERATIONS.items())
def test_every_status_of_the_models_has_a_row(
    detail_type: str, shapes: tuple[tuple[str, str], ...], models: botocore.session.Session
) -> None:
    """A status that AWS adds fails here by its name."""
    found = [models.get_service_model(service).shape_for(shape) for service, shape in shapes]
    listed = {status for shape in found for status in getattr(shape, "enum", ())}
    spelled = {SPELLED.get(detail_type, {}).get(status, status) for status in listed}
    missing = spelled - set(EVENT_TYPES[detail_type].meanings) - UNENUMERATED.get(detail_type, set())
    assert listed
    assert missing == set()


@pytest.mark.parametrize("detail_type", EVENT_TYPES)
def test_every_failure_and_call_to_act_says_what_to_do(detail_type: str) -> None:
    """A person who is woken is told the next step, and a headline fits into every channel."""
    for meaning in EVENT_TYPES[detail_type].meanings.values():
        urgent = meaning.severity in {Severity.FAILURE, Severity.ACTION}
        assert bool(meaning.next_step) == urgent, meaning
        assert not meaning.command or meaning.next_step, meaning
        assert "--region" not in (meaning.command or ""), "the reader adds it"
        assert len(meaning.headline) <= 90, meaning
        assert len(meaning.next_step or "") + len(meaning.command or "") <= 300, meaning


@pytest.mark.uncounted
@pytest.mark.parametrize("name", READ)
def test_only_listed_values_are_shown(name: str) -> None:
    """A secret in any other value of the event, or in a field that is not documented, is in no message."""
    event = READ[name]
    shown = {
        ".".join(map(str, path))
        for path in leaves(event["detail"])
        if SECRET in repr(notification(changed(event, ("detail", *path), SECRET)))
    }
    more = {**event, "detail": {**event["detail"], SECRET: SECRET, "message": SECRET, "input": SECRET, "env": [SECRET]}}

    assert shown <= SHOWN[event["detail-type"]]
    assert SECRET not in repr(notification(more))


@pytest.mark.uncounted
@pytest.mark.parametrize("name", EVENTS)
def test_an_event_may_lack_any_value(name: str) -> None:
    """It still becomes a notification, which names the missing field where people need it."""
    for path in leaves(EVENTS[name]):
        if path[0] not in {"source", "detail-type"}:
            assert notification(without(EVENTS[name], path)).title
    assert notification({**EVENTS[name], "detail": {}}).title
    assert notification({key: EVENTS[name][key] for key in ("source", "detail-type", "detail")}).title


@pytest.mark.uncounted
@pytest.mark.parametrize("name", EVENTS)
def test_an_event_may_say_anything(name: str) -> None:
    """Each value in turn is of another type, hostile or endless."""
    for path in leaves(EVENTS[name]):
        if path[0] not in {"source", "detail-type"}:
            for hostile in HOSTILE:
                told = notification(changed(EVENTS[name], path, hostile))
                assert told.title
                assert len(told.title) + len(told.next_step or "") + len(told.reason or "") < 2_500
                assert all(CONSOLE_LINK.fullmatch(link.url) for link in told.links)
                assert "\n" not in told.title + (told.next_step or "") + (told.command or "") + (told.reason or "")


@pytest.mark.parametrize("name", ["cb_state", "cfn_drift", "cfn_resource", "cfn_stack", "cfn_stackset_operation"])
def test_a_field_that_holds_no_arn_does_not_hide_the_arn_of_the_event(name: str) -> None:
    """The event's own resource is the same."""
    event = EVENTS[name]
    paths = {"cb_state": "build-id", "cfn_stackset_operation": "stack-set-arn"}
    path = ("detail", paths.get(name, "stack-id"))
    event = {**event, "resources": [_at(event, path)]}

    odd, right = notification(changed(event, path, "no ARN")), notification(event)

    assert (odd.arn, odd.name, odd.key, odd.links) == (right.arn, right.name, right.key, right.links)


@pytest.mark.parametrize(
    ("name", "resource", "fields", "expected"),
    [
        ("ar_service", "apprunner:{}:service/a/8fe1", ("serviceName", "serviceId"), "a"),
        (
            "as_launch_unsuccessful",
            "autoscaling:{}:autoScalingGroup:1:autoScalingGroupName/a/b",
            ("AutoScalingGroupName",),
            "a/b",
        ),
        ("cd_deployment", "codedeploy:{}:deploymentgroup:a/b", ("application", "deploymentGroup"), "a/b"),
        ("cp_action_failed", "codepipeline:{}:a", ("pipeline",), "a/Deploy/Deploy"),
        ("cp_pipeline_failed", "codepipeline:{}:pipeline:a", ("pipeline",), "a"),
        ("cp_stage_resumed", "codepipeline:{}:a", ("pipeline",), "a/Build"),
        ("cw_alarm", "cloudwatch:{}:alarm:a:b/c", ("alarmName",), "a:b/c"),
        ("ecr_scan", "ecr:{}:repository/a/b", ("repository-name",), "a/b:1572471135"),
        ("sf_failed", "states:{}:execution:a:b", ("executionArn", "name", "stateMachineArn"), "a/b"),
    ],
)
def test_an_event_without_a_name_is_named_by_its_arn(
    name: str, resource: str, fields: tuple[str, ...], expected: str
) -> None:
    """The event's own resource has the name, too."""
    event = {**EVENTS[name], "resources": [f"arn:aws:{resource.format('us-west-2:123456789012')}"]}
    for field in fields:
        event = without(event, ("detail", field))

    told = notification(event)

    assert (told.name, told.recognised) == (expected, True)


@pytest.mark.parametrize(
    ("name", "field", "key"),
    [
        ("cw_contributor", "alarmContributor", "CloudWatchAlarmContributor/{}/DynamoDBInsightsAlarm"),
        ("ecr_scan", "image-digest", "EcrImageScan/{}/tribble-image-scan-test:1572471135"),
        ("ecs_hook", "hookId", "EcsHook/{}/my-cluster/my-service"),
        ("git_repository_sync", "branch", "GitSyncRepository/{}/sample-owner-id/sample-repository-name"),
        ("hl_retirement", "eventArn", "HealthEvent/{}/AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED"),
    ],
)
def test_without_a_field_of_its_key_a_resource_is_known_by_its_name(name: str, field: str, key: str) -> None:
    """All resources of an account would have the same key, and the success of one would end the failure of another."""
    event = without(EVENTS[name], ("detail", field))
    told = notification(event)

    assert told.key == key.format("/".join((told.values["account"], told.values["region"])))


@pytest.mark.parametrize("name", EVENTS)
def test_the_case_of_a_field_makes_no_difference(name: str) -> None:
    """The guides spell the fields of some services in two ways."""
    event = EVENTS[name]
    capitals = {f"{key[:1].upper()}{key[1:]}": value for key, value in event["detail"].items()}

    assert notification({**event, "id": "1", "detail": capitals}) == notification({**event, "id": "1"})


@pytest.mark.parametrize("detail_type", EVENT_TYPES)
def test_an_unlisted_status_is_not_recognised(detail_type: str) -> None:
    """A guess is told as one, in the event's own word."""
    row = EVENT_TYPES[detail_type]
    for event in READ.values():
        if event["detail-type"] == detail_type:
            words = {read(event).change.status, *row.meanings}
            paths = [path for path in leaves(event["detail"]) if _at(event["detail"], path) in words]
            for path in paths:
                told = notification(changed(event, ("detail", *path), "SOMETHING_NEW"))
                assert "SOMETHING_NEW" not in told.headline or not told.recognised


@pytest.mark.parametrize("source", [source for source in SOURCES if source.option], ids=lambda source: source.option)
def test_a_source_with_an_option_has_a_pattern(source: Any) -> None:  # noqa: ANN401 - a Source
    """Its rule in the template takes its events and no others."""
    assert patterns()[source.name]["source"] == [source.name]


@pytest.mark.parametrize("name", ["name", "jobName", "id"])
def test_an_event_of_no_known_source_is_told_by_its_common_names(name: str) -> None:
    """Nothing of its detail but a status and a name, and not recognised."""
    raw = {
        "source": "aws.example",
        "detail-type": "Example Widget State Change",
        "detail": {"state": "FAILED", name: "w-1", "token": SECRET},
        "resources": [],
    }

    told = notification(raw)

    assert source_of(Event.model_validate(raw)) is OTHER
    assert told.title == 'Example Widget w-1 has the unknown status "FAILED"'
    assert (told.severity, told.resource_type, told.recognised) == ("failure", "ExampleWidget", False)
    assert SECRET not in repr(told)


def test_a_long_detail_type_leaves_room_for_what_happened() -> None:
    """EventBridge takes 128 characters."""
    raw = {"source": "aws.example", "detail-type": "Wide " * 25, "detail": {"state": "FAILED", "name": "widget"}}

    title, _ = notification(raw).heading(150)

    assert title.endswith('… widget has the unknown status "FAILED"')


@pytest.mark.parametrize(
    ("resource", "name"),
    [("arn:aws:ec2:eu-west-1:123456789012:instance/i-1", "instance/i-1"), ("i-1", "i-1")],
)
def test_an_unlisted_resource_is_named_without_its_account_and_region(resource: str, name: str) -> None:
    """The title has them."""
    raw = {"source": "aws.ec2", "detail-type": "EC2 Instance State-change Notification", "detail": {"state": "stopped"}}

    assert notification({**raw, "resources": [resource]}).name == name


@pytest.mark.parametrize(
    ("status", "severity"),
    [
        ("DEFAULT", "info"),
        ("Delivery Timed Out", "failure"),
        ("TIMEOUT", "failure"),
        ("TIMED_OUT", "failure"),
        ("Unsuccessful", "failure"),
        ("WARNING", "info"),
        ("stopping", "progress"),
        ("unhealthy", "failure"),
    ],
)
def test_an_unlisted_status_is_judged_by_its_words(status: str, severity: str) -> None:
    """Services spell the same outcome in many ways."""
    raw = {"source": "aws.example", "detail-type": "Example Widget State Change", "detail": {"state": status}}

    assert notification(raw).severity == severity


@pytest.mark.parametrize(
    ("detail", "status"),
    [
        ({"jobStatus": "FAILED"}, "FAILED"),
        ({"PreviousJobStatus": "Failed", "TrainingJobStatus": "Completed"}, "Completed"),
        ({"result": "FAILURE", "sync-status": "x"}, "FAILURE"),
        ({"state": {"status": "FAILED", "reason": SECRET}}, "FAILED"),
        ({"sync-status": {"secret": SECRET}, "status-message": SECRET, "statusReason": SECRET}, None),
    ],
)
def test_an_unlisted_status_has_many_names(detail: dict[str, object], status: str | None) -> None:
    """The name says that it is one; a previous status is another's, and a message may say anything."""
    told = notification({"source": "aws.example", "detail-type": "Example Job Change", "detail": detail})

    assert told.status == status
    assert SECRET not in repr(told)


@pytest.mark.parametrize(
    ("detail_type", "severity"),
    [
        ("EC2 Auto Scaling Instance Refresh Rollback Failed", "failure"),
        ("EC2 Auto Scaling Instance Refresh Started", "progress"),
        ("ACM Certificate Approaching Expiration", "info"),
    ],
)
@pytest.mark.parametrize("source", ["aws.autoscaling", "aws.example"])
def test_a_detail_type_says_what_its_event_does_not(source: str, detail_type: str, severity: str) -> None:
    """Nobody must miss a failure because its event has no status."""
    raw = {"source": source, "detail-type": detail_type, "detail": {"AutoScalingGroupName": "shop"}}

    assert notification(raw).severity == severity


def _at(value: Any, path: tuple[str | int, ...]) -> object:  # noqa: ANN401 - JSON
    for key in path:
        value = value[key]
    return value
