import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import botocore.session
import pytest

from handlers.aws import AwsClients
from proton_notifier.localaws.environment import ENVIRONMENT


def test_clients_are_made_one_at_a_time_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Destinations that are served in parallel ask for theirs together, and a session is not safe for that."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    create_client = botocore.session.Session.create_client
    at_it: list[str] = []
    together: list[int] = []

    def watched(session: botocore.session.Session, service: str, **options: Any) -> object:  # noqa: ANN401 - botocore's
        at_it.append(threading.current_thread().name)
        time.sleep(0.01)
        together.append(len(at_it))
        made = create_client(session, service, **options)
        at_it.pop()
        return made

    monkeypatch.setattr(botocore.session.Session, "create_client", watched)
    clients = AwsClients()

    with ThreadPoolExecutor(6) as workers:
        asked = [workers.submit(clients.client, service) for service in ("secretsmanager", "sqs", "ssm") * 2]

    assert {done.result().meta.service_model.service_name for done in asked} == {"secretsmanager", "sqs", "ssm"}
    assert together == [1, 1, 1]
    assert len({id(done.result()) for done in asked}) == 3
    assert clients.client("sns", "us-east-1").meta.region_name == "us-east-1"
    assert clients.client("sns", "us-east-1") is clients.client("sns", "us-east-1")
    assert clients.client("sns", clients.client("sns").meta.region_name) is clients.client("sns")
