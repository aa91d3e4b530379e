"""A thousand events within a second, and one delivery in the hands of two workers.

The functions are the real ones in the local cloud, on a clock that this test moves; batches, window and concurrency are
the template's.
"""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import boto3
import pytest
import time_machine
from hypothesis import settings
from moto import mock_aws

from notifier.channels.destination import Destination
from notifier.channels.slack.webhook import SlackChannel
from notifier.delivery.attempts import PlainMessages, QueuedDelivery
from notifier.delivery.delivery import Delivery
from notifier.delivery.ledger import Ledger
from notifier.delivery.outcomes import Outcome
from notifier.delivery.worker import send_batch
from proton_notifier.demo.load_test import failures, storm
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.replay.simulation import Simulation
from tests.clients import channel_clients
from tests.ledger_table import TABLE, ledger_table
from tests.local_cloud import LocalCloud
from tests.samples import event, notification

# Counting lines makes this twice as long, and other tests reach all of them.
pytestmark = pytest.mark.uncounted
EVENTS = 1_000
START = datetime(2026, 3, 3, tzinfo=UTC)


def changes_told(texts: list[str]) -> int:
    """Add up how many status changes messages tell of, alone or in a digest."""
    digests = [re.search(r"\((\d+) events\)", text) for text in texts]
    return sum(int(found[1]) if found else 1 for found in digests)


def test_a_storm_is_a_few_digests_within_half_a_minute() -> None:
    """Nothing is lost, nothing is told twice, and Slack's one message a second is kept to."""
    events = failures([event("service-instance-deployment-failed")], EVENTS)
    with (
        FakeSlack(seconds_between=1) as slack,
        time_machine.travel(START, tick=False) as clock,
        LocalCloud(slack.url) as cloud,
    ):
        Simulation(cloud, clock).run(storm(events, cloud))
        took = (datetime.now(UTC) - START).total_seconds()
        emails = [email.body for email in cloud.emails()]

    posts = [message["text"] for message in slack.messages]
    assert changes_told(posts) == EVENTS
    assert changes_told(emails) == EVENTS
    assert len(posts) <= 20
    assert took <= 30


def test_a_delivery_in_the_hands_of_two_workers_is_sent_once() -> None:
    """Many times the same delivery to two workers at once, and as many messages; .ci/run asks for more."""
    deliveries = settings.get_profile("notifier").max_examples
    composed = notification(event("service-update-failed"))
    with FakeSlack() as slack, mock_aws():
        boto3.client("secretsmanager", region_name="eu-west-1").create_secret(Name="webhook", SecretString=slack.url)
        place = Destination("slack", "slack", (("webhook", "webhook"),))
        channel = SlackChannel(channel_clients(), place)
        table = ledger_table()
        both_are_ready = threading.Barrier(2)

        def worker(name: str, number: int) -> Outcome:
            delivery = Delivery(notification=replace(composed, event_id=f"event-{number}"), destination="slack")
            ledger = Ledger(table, TABLE, f"{name}-{number}", lambda: 1_800_000_000)
            both_are_ready.wait(timeout=30)
            batch = (QueuedDelivery("m", 1, delivery),)
            return send_batch(batch, PlainMessages(channel, ledger, lambda _step: True))["m"]

        with ThreadPoolExecutor(2) as pool:
            for number in range(deliveries):
                for done in [pool.submit(worker, name, number) for name in ("first", "second")]:
                    done.result()

    assert len(slack.messages) == deliveries
