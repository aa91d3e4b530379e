"""A recording of this project's requests to Slack and SNS, which the baseline repeats."""

import re
from collections.abc import Mapping
from typing import Any

from bench.fakes.services import FakeServices
from bench.measure.events import numbered_events
from bench.subjects.catalog import OURS, Setup


def record_requests() -> Setup:
    """Invoke this project once; return a setup with its requests."""
    with FakeServices() as fake, OURS.start(Setup(), fake) as runner:
        runner.invoke(next(numbered_events("sample")))
    return Setup(fake.slack[0].body, _publish_arguments(fake.sns[0].form))


def _publish_arguments(form: Mapping[str, str]) -> dict[str, Any]:
    """Convert a form of SNS's query protocol into the arguments of boto3's `publish`."""
    entries = [key.removesuffix("Name") for key in form if re.fullmatch(r"MessageAttributes\.entry\.\d+\.Name", key)]
    attributes = {
        form[f"{entry}Name"]: {part: form[f"{entry}Value.{part}"] for part in ("DataType", "StringValue")}
        for entry in entries
    }
    return {**{name: form[name] for name in ("TopicArn", "Subject", "Message")}, "MessageAttributes": attributes}
