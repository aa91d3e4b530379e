import io
from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from proton_notifier.common.deployed_stack import StackError
from proton_notifier.redrive.command import send_event
from tests.aws_calls import AwsCalls


@pytest.mark.parametrize(
    "answer",
    [{"StatusCode": 200}, {"StatusCode": 202, "Payload": io.BytesIO(b"<html>Accepted</html>")}],
    ids=["another status", "a page"],
)
def test_only_an_empty_202_means_that_lambda_has_the_event(
    answer: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After any other response, the event must not be deleted."""
    AwsCalls(monkeypatch).answer("lambda.Invoke", lambda _body: answer)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "local")
    functions = boto3.client("lambda", region_name="eu-west-1")

    with pytest.raises(StackError, match=r"Lambda responded to an event with 20\d instead of an empty 202"):
        send_event(functions, "function", "{}")
