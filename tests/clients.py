"""The clients of a channel under test."""

from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING

import boto3

from notifier.channels.base import Clients
from notifier.channels.http.client import HttpClient
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


def loopback() -> HttpClient:
    """Allow the servers on this machine."""
    return HttpClient(frozenset({"127.0.0.1"}))


def channel_clients(*, secrets: StoredSecrets | None = None, sns: "SNSClient | None" = None) -> Clients:
    """Open the secrets and topics of moto, or those given, and HTTP on loopback."""

    def sns_in(region: str | None) -> "SNSClient":
        if sns and region in {None, sns.meta.region_name}:
            return sns
        return boto3.client("sns", region_name=region or "eu-west-1")

    return Clients(loopback(), secrets or stored_secrets(), sns_in)
