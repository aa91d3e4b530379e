"""What this project sends of an event, for the floor to repeat to the byte."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any

from bench.fakes.control import StandIn
from bench.measure.events import numbered
from bench.subjects.catalog import OURS, Place


@contextmanager
def place(peers: str) -> Iterator[Place]:
    """Start a stand-in, and have this project tell it an event; *peers* is the Python that has the peers."""
    with StandIn.started() as stand_in:
        bare = Place(stand_in, peers, "", {}, {})
        with OURS.start(bare) as runner:
            runner.tell(next(numbered("sample")))
        yield rehearsed(bare)


def rehearsed(place: Place) -> Place:
    """Add to *place* what its stand-in has got from this project."""
    arrived = place.stand_in.arrivals()
    return replace(place, posted=arrived.slack[0][2], published=publication(arrived.sns[0][2]))


def publication(form: Mapping[str, str]) -> dict[str, Any]:
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
