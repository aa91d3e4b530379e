"""botocore clients for AWS services, each made at its first use and kept.

boto3 would also load its S3 file transfers in each cold start.
"""

import gzip
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Final

import botocore.session
import msgspec
from botocore.config import Config
from botocore.loaders import JSONFileLoader, Loader

from handlers.proofs import require_proof
from notifier.delivery.parallel_calls import MAX_PARALLEL_CALLS

# A developer's credentials may need STS.
SERVICES: Final = (
    "cloudformation",
    "cloudwatch",
    "codebuild",
    "codeconnections",
    "codedeploy",
    "codepipeline",
    "dynamodb",
    "ecs",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
)
# No retries: the queue redelivers, which blocks no thread. Composing botocore's own user agent would take a quarter of
# each call's time, and checking the types of all parameters a tenth.
SHARED_CONFIG: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 1},
    user_agent="proton-notifier botocore",
    parameter_validation=False,
)
CONFIG: Final = SHARED_CONFIG.merge(Config(connect_timeout=3, read_timeout=7, max_pool_connections=MAX_PARALLEL_CALLS))
# A secret may be read twice for one message.
SECRETS_CONFIG: Final = SHARED_CONFIG.merge(Config(connect_timeout=2, read_timeout=3))
CONFIGS: Final[Mapping[str, Config]] = {"secretsmanager": SECRETS_CONFIG, "ssm": SECRETS_CONFIG}
# The lookup of a reason makes up to three calls in two seconds; if the memory fails, an event can still be reported.
READER_CONFIG: Final = SHARED_CONFIG.merge(Config(connect_timeout=0.5, read_timeout=1))


class AwsClients:
    """The clients of the services that the functions use."""

    def __init__(self) -> None:
        self._session = botocore.session.get_session()
        self._session.register_component("data_loader", ServiceModels())
        self._session.register("creating-client-class", require_proof, unique_id="proof")
        self._region = self._session.get_config_variable("region")
        self._clients: dict[tuple[str, str, Config], Any] = {}
        self._lock = Lock()

    def client(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 - of any service
        """Return the client of *service* in *region*, by default the stack's region."""
        return self._client(service, CONFIGS.get(service, CONFIG), region)

    def reader(self, service: str, region: str | None = None) -> Any:  # noqa: ANN401 - of any service
        """Return a client as `client` does, with short time-outs."""
        return self._client(service, READER_CONFIG, region)

    def _client(self, service: str, config: Config, region: str | None) -> Any:  # noqa: ANN401 - of any service
        key = service, region or self._region, config
        # Several threads call this at the same time, and a session is not thread-safe.
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._session.create_client(service, region_name=key[1], config=config)
            return self._clients[key]


class ModelFiles(JSONFileLoader):
    """Loader of JSON files, plain or compressed."""

    def load_file(self, file_path: str) -> Mapping[str, Any] | None:
        """Read the file *file_path*, given without its extension; return None if there is none."""
        for extension, decompress in ((".json", bytes), (".json.gz", gzip.decompress)):
            file = Path(file_path + extension)
            if file.is_file():
                model: Mapping[str, Any] = msgspec.json.decode(decompress(file.read_bytes()))
                return model
        return None


class ServiceModels(Loader):
    """Faster loader of the models of `SERVICES` alone; ignores AWS_DATA_PATH.

    botocore's own loader searches the folders of all 400 services and parses models into ordered dictionaries.
    """

    def __init__(self) -> None:
        super().__init__(file_loader=ModelFiles())

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - each has every type
        """List `SERVICES`."""
        return [*SERVICES]
