"""Send to several destinations in parallel, a thread for each."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Final

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.runtime import logger
from handlers.wiring import channel_to, wiring
from notifier.channels.base import Channel, Notifications
from notifier.channels.deadlines import SEND_SECONDS, deadline
from notifier.channels.destination import DeliveryError, Reason
from notifier.delivery.attempts import RESPONSE_SECONDS, HasTimeFor, PlainMessages, QueuedDelivery, backoff_seconds
from notifier.delivery.ledger import LEASE_SECONDS, Ledger
from notifier.delivery.outcomes import Deferred, Outcome
from notifier.delivery.worker import send_batch

# Kept from one invocation to the next; further destinations wait for a thread.
THREADS: Final = ThreadPoolExecutor(64)

# The latest work for each destination. Hanging work may last into a later invocation; it sends nothing there, because
# its time is up, but the destination gets no second thread until it ends.
WORK: Final[dict[str, Future[Mapping[str, Outcome]]]] = {}


def send_batches(
    batches: Mapping[str, Sequence[QueuedDelivery]],
    context: LambdaContext,
    has_time_for: HasTimeFor,
    errors: list[Exception],
) -> Generator[tuple[str, Mapping[str, Outcome]]]:
    """Send each destination's batch; yield its outcomes when done, or deferrals when the response is due.

    Unexpected exceptions are added to *errors*.
    """

    def seconds_left() -> float:
        return max(context.get_remaining_time_in_millis() / 1_000 - RESPONSE_SECONDS, 0)

    ledger = wiring().ledger(context.aws_request_id)
    started: dict[Future[Mapping[str, Outcome]], str] = {}
    for name, batch in batches.items():
        if name not in WORK or WORK[name].done():
            WORK[name] = THREADS.submit(_send_batch, name, batch, ledger, has_time_for, errors)
            started[WORK[name]] = name
    done = pending = {*started}
    unfinished = {*batches}
    try:
        while pending and done:
            done, pending = wait(pending, seconds_left(), FIRST_COMPLETED)
            for work in done:
                unfinished.remove(name := started[work])
                if isinstance(error := work.exception(), Exception):
                    # Lambda shows only the number of errors in an exception group.
                    logger.error("broke off", destination=name, exc_info=error)
                    errors.append(error)
                    yield name, _defer(batches[name], "it broke off", None)
                else:
                    yield name, work.result()
    finally:
        # After the response, Lambda would freeze threads that are still sending.
        wait(pending, seconds_left())
    for name in unfinished:
        yield name, _defer(batches[name], "it is still being worked on", Reason.TIMED_OUT)


def _send_batch(
    destination: str,
    batch: Sequence[QueuedDelivery],
    ledger: Ledger,
    has_time_for: HasTimeFor,
    errors: list[Exception],
) -> Mapping[str, Outcome]:
    """Send a batch; turn an unexpected exception of the channel into a failed delivery."""
    channel = channel_to(destination)

    @contextmanager
    def guard(notifications: Notifications) -> Iterator[None]:
        try:
            with deadline(SEND_SECONDS):
                yield
        except DeliveryError:
            raise
        except Exception as error:
            logger.exception("broke off", destination=destination)
            if _is_unwritable(notifications, channel):
                message = f"the message cannot be written: {type(error).__name__}"
                raise DeliveryError(message, Reason.REJECTED) from error
            errors.append(error)
            message = f"the message was written and not sent: {type(error).__name__}"
            raise DeliveryError(message, Reason.UNAVAILABLE) from error

    return send_batch(batch, PlainMessages(channel, ledger, has_time_for, guard))


def _is_unwritable(notifications: Notifications, channel: Channel) -> bool:
    """Check whether the message cannot be written, so that nothing was sent."""
    try:
        channel.message(notifications, channel.destination)
    except Exception:  # noqa: BLE001 - it was logged when the message was to be sent
        return True
    return False


def _defer(batch: Sequence[QueuedDelivery], why: str, reason: Reason | None) -> Mapping[str, Outcome]:
    """Defer deliveries that may be claimed until their leases have expired."""
    return {
        item.message_id: Deferred(max(LEASE_SECONDS + 1, backoff_seconds(item.attempts, 1)), why, reason)
        for item in batch
    }
