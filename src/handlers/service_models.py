"""botocore's descriptions of AWS's services, read in less time.

Its own loader looks into the folders of all 400 services, and parses what it finds into ordered dictionaries. This one
knows the services that the functions call, and STS, by which a machine of yours may get its credentials. It does not
look where AWS_DATA_PATH says.
"""

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from botocore.loaders import JSONFileLoader, Loader

SERVICES: Final = ("dynamodb", "secretsmanager", "sns", "sqs", "ssm", "sts")


class ModelFiles(JSONFileLoader):
    """Files of JSON, plain or compressed."""

    def load_file(self, file_path: str) -> Mapping[str, Any] | None:
        """Read the file *file_path*, which is without its ending; nothing if there is none."""
        for ending, readable in ((".json", bytes), (".json.gz", gzip.decompress)):
            file = Path(file_path + ending)
            if file.is_file():
                model: Mapping[str, Any] = msgspec.json.decode(readable(file.read_bytes()))
                return model
        return None


class ServiceModels(Loader):
    """The descriptions of `SERVICES`."""

    def __init__(self) -> None:
        super().__init__(file_loader=ModelFiles())

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - each has every type
        """List `SERVICES`."""
        return [*SERVICES]
