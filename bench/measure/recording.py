"""A recording of this project's requests to Slack and SNS, which the floor repeats to the byte."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any

from bench.fakes.control import StandIn
from bench.measure.events import numbered_events
from bench.subjects.catalog import OURS, Setup


@contextmanager
def recorded_setup(peers: str) -> Iterator[Setup]:
    """Start a stand-in, and record this project's requests; *peers* is the Python that has the peers."""
    with StandIn.started() as stand_in:
        bare = Setup(stand_in, peers, "", {}, {})
        with OURS.start(bare) as runner:
            runner.invoke(next(numbered_events("sample")))
        yield recorded(bare)


def recorded(setup: Setup) -> Setup:
    """Add to *setup* the requests that its stand-in has from this project."""
    requests = setup.stand_in.requests()
    return replace(setup, posted=requests.slack[0][2], published=publish_arguments(requests.sns[0][2]))


def publish_arguments(form: Mapping[str, str]) -> dict[str, Any]:
    """Turn a form of SNS's query protocol back into the arguments of boto3's `publish`."""
    attributes = {}
    for prefix in (f"MessageAttributes.entry.{number}." for number in count(1)):
        if prefix + "Name" not in form:
            break
        attributes[form[prefix + "Name"]] = {
            "DataType": form[prefix + "Value.DataType"],
            "StringValue": form[prefix + "Value.StringValue"],
        }
    return {**{name: form[name] for name in ("TopicArn", "Subject", "Message")}, "MessageAttributes": attributes}
