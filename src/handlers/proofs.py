"""The proof that a response of AWS must contain before a call counts as done.

A proxy may answer 200 with any body, and botocore parses most bodies as an empty response. A response without proof is
treated like a missing response: the call may or may not have been done.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.client import BaseClient
from botocore.exceptions import HTTPClientError
from botocore.parsers import ResponseParserError

# Raised by botocore's parsers, and by a proof, for a response of an unexpected shape.
UNREADABLE: Final = (AttributeError, LookupError, RecursionError, ResponseParserError, TypeError, ValueError)


class UnprovenResponseError(HTTPClientError):
    """A response does not prove that the call was done."""

    fmt = "the response to {operation} does not prove that it was done"


def _all_entries(request: Mapping[str, Any], response: Mapping[str, Any]) -> bool:
    """Check that each entry of a batch is reported, as done or as failed."""
    reported = {entry["Id"] for entry in (*response.get("Successful", ()), *response.get("Failed", ()))}
    return reported >= {entry["Id"] for entry in request["Entries"]}


def _unprocessed_items(request: Mapping[str, Any], response: Mapping[str, Any]) -> bool:
    """Check that each put reported as throttled was in the request, because throttled puts are retried."""
    ids = [put["PutRequest"]["Item"]["id"] for puts in request["RequestItems"].values() for put in puts]
    throttled = response["UnprocessedItems"]
    return throttled.keys() <= request["RequestItems"].keys() and all(
        put["PutRequest"]["Item"]["id"] in ids for puts in throttled.values() for put in puts
    )


def _message_id(_request: Mapping[str, Any], response: Mapping[str, Any]) -> bool:
    return bool(response["MessageId"].strip())


def _request_id(_request: Mapping[str, Any], response: Mapping[str, Any]) -> bool:
    """Check the request id, for operations that return nothing else."""
    return bool(response["ResponseMetadata"]["RequestId"])


def _capacity(request: Mapping[str, Any], response: Mapping[str, Any]) -> bool:
    """Check the consumed capacity, which ledger and memory request: DynamoDB returns nothing else for a write."""
    return bool(response["ConsumedCapacity"]["TableName"] == request["TableName"])


PROOFS: Final[Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], bool]]] = {
    "BatchWriteItem": _unprocessed_items,
    "ChangeMessageVisibilityBatch": _all_entries,
    "DeleteItem": _capacity,
    "DeleteMessage": _request_id,
    "DeleteMessageBatch": _all_entries,
    "GetItem": _capacity,
    "GetParameter": lambda _request, response: isinstance(response["Parameter"]["Value"], str),
    "GetParameterHistory": lambda _request, response: all(
        isinstance(version["Value"], str) for version in response["Parameters"]
    ),
    "GetQueueAttributes": lambda _request, response: isinstance(response["Attributes"]["QueueArn"], str),
    "GetSecretValue": lambda _request, response: isinstance(
        response.get("SecretString", response.get("SecretBinary")), str | bytes
    ),
    "Publish": _message_id,
    "PutItem": _capacity,
    "PutParameter": lambda _request, response: isinstance(response["Version"], int),
    "Query": _capacity,
    "ReceiveMessage": _request_id,
    "Scan": _capacity,
    "SendMessage": _message_id,
    "SendMessageBatch": _all_entries,
    "StartMessageMoveTask": lambda _request, response: bool(response["TaskHandle"]),
    "UpdateItem": lambda request, response: bool(response["Attributes"]["id"] == request["Key"]["id"]),
}


class ProvenClient(BaseClient):
    """Client that raises `UnprovenResponseError` for an unreadable response, or one without the proof in `PROOFS`."""

    def _make_api_call(self, operation_name: str, api_params: Mapping[str, Any]) -> Any:  # noqa: ANN401 - botocore's
        is_proven = PROOFS.get(operation_name)
        try:
            # botocore calls this method for every operation of every client.
            response = super()._make_api_call(operation_name, api_params)  # type: ignore[misc] # the stubs leave it out
            if is_proven is None or is_proven(api_params, response):
                return response
        except UNREADABLE as error:
            raise UnprovenResponseError(operation=operation_name) from error
        raise UnprovenResponseError(operation=operation_name)


def require_proof(**event: Any) -> None:  # noqa: ANN401 - botocore's
    """Make each client a `ProvenClient`; a handler of botocore's event `creating-client-class`."""
    event["base_classes"].insert(0, ProvenClient)
