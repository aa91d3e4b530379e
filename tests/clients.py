"""The clients of a channel under test."""

from time import monotonic
from typing import TYPE_CHECKING, Any

import boto3

from notifier.channels.base import Clients
from notifier.channels.http.client import HttpClient
from notifier.channels.secrets import StoredSecrets

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


def store_client(service: str) -> Any:  # noqa: ANN401 - of either store
    """Open a store of moto."""
    return boto3.client(service, region_name="eu-west-1")  # type: ignore[call-overload] # any service


def stored_secrets() -> StoredSecrets:
    """Open the stores of moto."""
    return StoredSecrets(store_client, monotonic)


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
