"""The items of a local stack's memory."""

import boto3

from proton_notifier.localaws.cloud import LocalCloud


def forget(cloud: LocalCloud) -> None:
    """Delete all items, so that the next event about a resource is the first one."""
    client, table = boto3.client("dynamodb"), cloud.physical_id("Memory")
    for page in client.get_paginator("scan").paginate(TableName=table):
        for item in page["Items"]:
            client.delete_item(TableName=table, Key={"id": item["id"]})
