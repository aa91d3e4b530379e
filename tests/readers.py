"""A client of AWS for lookups, which answers as it is told."""

from collections.abc import Sequence
from typing import Any

import botocore.session
from botocore.stub import Stubber


class Reader:
    """The client of one service, which answers *answers* in turn, each for its operation."""

    def __init__(self, answers: Sequence[tuple[str, dict[str, Any] | str]]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def reader(self, service: str, region: str) -> Any:  # noqa: ANN401 - botocore's
        """Make the client that answers."""
        self.asked.append(service)
        client = botocore.session.get_session().create_client(
            service,
            region_name=region,
            aws_access_key_id="a",
            aws_secret_access_key="s",  # noqa: S106 - of a stub
        )
        stubber = Stubber(client)
        for operation, answer in self.answers:
            if isinstance(answer, str):
                stubber.add_client_error(operation, answer)
            else:
                stubber.add_response(operation, answer)
        stubber.activate()
        return client
