"""A faster loader of botocore's service models.

botocore's own loader searches the folders of all 400 services and parses models into ordered dictionaries. This loader
knows the services that the functions call, and STS, which a developer's credentials may need. It ignores AWS_DATA_PATH.
"""

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from botocore.loaders import JSONFileLoader, Loader

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


class ModelFiles(JSONFileLoader):
    """A loader of JSON files, plain or compressed."""

    def load_file(self, file_path: str) -> Mapping[str, Any] | None:
        """Read the file *file_path*, given without its extension; return None if there is none."""
        for extension, decompress in ((".json", bytes), (".json.gz", gzip.decompress)):
            file = Path(file_path + extension)
            if file.is_file():
                model: Mapping[str, Any] = msgspec.json.decode(decompress(file.read_bytes()))
                return model
        return None


class ServiceModels(Loader):
    """The loader of the models of `SERVICES`."""

    def __init__(self) -> None:
        super().__init__(file_loader=ModelFiles())

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - each has every type
        """List `SERVICES`."""
        return [*SERVICES]
