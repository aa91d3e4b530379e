"""AWS's clients, each made when it is first asked for, and kept.

They are botocore's own. boto3 would load what moves files to and from S3 along with them, in each cold start.
"""

from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import botocore.session
from botocore.config import Config

from handlers.proofs import ask_for_proof
from handlers.service_models import ServiceModels
from notifier.delivery.parallel_calls import MAX_PARALLEL_CALLS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient

# No retries of its own: the queue's hold nothing up. The words by which botocore tells who calls, it would put together
# anew for each call, which is a quarter of its work.
SHARED_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 1}, user_agent="proton-notifier botocore"
)
CONFIG: Final = SHARED_CONFIG.merge(
    Config(connect_timeout=3, read_timeout=7, max_pool_connections=MAX_PARALLEL_CALLS),
)
# A secret may be read twice for a message.
SECRETS_CONFIG: Final = SHARED_CONFIG.merge(Config(connect_timeout=2, read_timeout=3))


class AwsClients:
    """A client for each service that the functions use."""

    def __init__(self) -> None:
        self._session = botocore.session.get_session()
        self._session.register_component("data_loader", ServiceModels())
        self._session.register("creating-client-class", ask_for_proof, unique_id="proof")
        self._made: dict[tuple[str, str], Any] = {}
        self._one_at_a_time = Lock()

    @property
    def dynamodb(self) -> "DynamoDBClient":
        """The database of the ledger."""
        client: DynamoDBClient = self._client("dynamodb", CONFIG)
        return client

    @property
    def secretsmanager(self) -> "SecretsManagerClient":
        """The store of secrets."""
        client: SecretsManagerClient = self._client("secretsmanager", SECRETS_CONFIG)
        return client

    @property
    def sns(self) -> "SNSClient":
        """AWS's notification service."""
        return self.sns_in()

    def sns_in(self, region: str | None = None) -> "SNSClient":
        """Return the client of SNS in *region*, or else in the stack's region."""
        client: SNSClient = self._client("sns", CONFIG, region)
        return client

    @property
    def sqs(self) -> "SQSClient":
        """The queues."""
        client: SQSClient = self._client("sqs", CONFIG)
        return client

    @property
    def ssm(self) -> "SSMClient":
        """Parameter Store."""
        client: SSMClient = self._client("ssm", SECRETS_CONFIG)
        return client

    @property
    def _region(self) -> str:
        region: str = self._session.get_config_variable("region")
        return region

    def _client(self, service: str, config: Config, region: str | None = None) -> Any:  # noqa: ANN401 - botocore's types know one client for all services
        region = region or self._region
        # The destinations are served in parallel, and a session makes one client at a time.
        with self._one_at_a_time:
            if (service, region) not in self._made:
                self._made[service, region] = self._session.create_client(service, region_name=region, config=config)
            return self._made[service, region]
