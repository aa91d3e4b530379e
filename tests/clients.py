"""What a channel under test reaches the outside with."""

from dataclasses import dataclass, field
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING

import boto3

from notifier.channels.http.client import Webhooks
from notifier.channels.secrets import StoredSecrets

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_ssm import SSMClient


class TestStores:
    """The stores of moto."""

    __test__ = False

    @cached_property
    def secretsmanager(self) -> "SecretsManagerClient":
        """Secrets Manager."""
        return boto3.client("secretsmanager", region_name="eu-west-1")

    @cached_property
    def ssm(self) -> "SSMClient":
        """Parameter Store."""
        return boto3.client("ssm", region_name="eu-west-1")


def stored_secrets() -> StoredSecrets:
    """Open the stores of moto."""
    return StoredSecrets(TestStores(), monotonic)


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

    def sns_in(self, region: str) -> "SNSClient":
        """Open moto's topics in another region, or those of its own."""
        return self.sns if region == self.sns.meta.region_name else boto3.client("sns", region_name=region)
