"""What a channel under test reaches the outside with."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools.utilities.parameters import SecretsProvider, SSMProvider

from notifier.stored_secrets import StoredSecrets
from notifier.webhooks import Webhooks

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


def stored_secrets() -> StoredSecrets:
    """Open the stores of moto."""
    return StoredSecrets(
        SecretsProvider(boto3_client=boto3.client("secretsmanager", region_name="eu-west-1")),
        SSMProvider(boto3_client=boto3.client("ssm", region_name="eu-west-1")),
    )


def loopback() -> Webhooks:
    """Allow what listens on this machine."""
    return Webhooks(frozenset({"127.0.0.1"}))


def simple_notifications() -> "SNSClient":
    """Open moto's topics."""
    return boto3.client("sns", region_name="eu-west-1")


@dataclass(frozen=True, slots=True)
class TestClients:
    """Secrets and topics of moto, and webhooks on loopback, unless told otherwise."""

    __test__ = False

    secrets: StoredSecrets = field(default_factory=stored_secrets)
    sns: "SNSClient" = field(default_factory=simple_notifications)
    webhooks: Webhooks = field(default_factory=loopback)
