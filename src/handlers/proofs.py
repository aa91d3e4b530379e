"""The proof that an answer of AWS has to hold before a call counts as done.

A proxy or gateway on the way may answer 200 with anything, and botocore reads most of it as an answer without members.
An answer without its proof is an error like no answer at all: nobody knows whether the call was done.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.client import BaseClient
from botocore.exceptions import HTTPClientError
from botocore.parsers import ResponseParserError

# Raised by botocore's parsers, and by a proof, for an answer of another shape.
UNREADABLE: Final = (AttributeError, LookupError, RecursionError, ResponseParserError, TypeError, ValueError)


class UnprovenAnswerError(HTTPClientError):
    """An answer does not say that the call was done."""

    fmt = "the answer to {operation} is no proof that it was done"


def _each_entry(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    told = {entry["Id"] for entry in (*answer.get("Successful", ()), *answer.get("Failed", ()))}
    return told >= {entry["Id"] for entry in asked["Entries"]}


def _marks(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Check that what the table was too busy for was asked of it: it is asked again."""
    sent = [put["PutRequest"]["Item"]["id"] for puts in asked["RequestItems"].values() for put in puts]
    refused = answer["UnprocessedItems"]
    return refused.keys() <= asked["RequestItems"].keys() and all(
        put["PutRequest"]["Item"]["id"] in sent for puts in refused.values() for put in puts
    )


def _message_id(_asked: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    return bool(answer["MessageId"].strip())


def _request_id(_asked: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Check the header that AWS gives every answer, where that is all that one needs to hold."""
    return bool(answer["ResponseMetadata"]["RequestId"])


def _row(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Check the capacity that was asked for: DynamoDB's yes would otherwise be an empty object."""
    return bool(answer["ConsumedCapacity"]["TableName"] == asked["TableName"])


def _secret(_asked: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    return isinstance(answer.get("SecretString", answer.get("SecretBinary")), str | bytes)


PROOFS: Final[Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], bool]]] = {
    "BatchWriteItem": _marks,
    "ChangeMessageVisibilityBatch": _each_entry,
    "DeleteItem": _row,
    "DeleteMessage": _request_id,
    "DeleteMessageBatch": _each_entry,
    "GetParameter": lambda _asked, answer: isinstance(answer["Parameter"]["Value"], str),
    "GetParameterHistory": lambda _asked, answer: all(isinstance(each["Value"], str) for each in answer["Parameters"]),
    "GetQueueAttributes": lambda _asked, answer: isinstance(answer["Attributes"]["QueueArn"], str),
    "GetSecretValue": _secret,
    "Publish": _message_id,
    "PutItem": _row,
    "PutParameter": lambda _asked, answer: isinstance(answer["Version"], int),
    "ReceiveMessage": _request_id,
    "SendMessage": _message_id,
    "SendMessageBatch": _each_entry,
    "StartMessageMoveTask": lambda _asked, answer: bool(answer["TaskHandle"]),
}


class ProvenClient(BaseClient):
    """Raises `UnprovenAnswerError` for an answer without the proof in `PROOFS`, or one that cannot be read."""

    def _make_api_call(self, operation_name: str, api_params: Mapping[str, Any]) -> Any:  # noqa: ANN401 - botocore's
        proven = PROOFS.get(operation_name)
        try:
            # Every operation of every client goes through this method of botocore's, which has a name for each service.
            answer = super()._make_api_call(operation_name, api_params)  # type: ignore[misc] # the stubs leave it out
            if proven is None or proven(api_params, answer):
                return answer
        except UNREADABLE as error:
            raise UnprovenAnswerError(operation=operation_name) from error
        raise UnprovenAnswerError(operation=operation_name)


def ask_for_proof(**event: Any) -> None:  # noqa: ANN401 - botocore's
    """Make a client a `ProvenClient`; to be registered for botocore's event `creating-client-class`."""
    event["base_classes"].insert(0, ProvenClient)
