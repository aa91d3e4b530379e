"""Messages of incidents: each adds to the conversation about its incident, which this worker has leased.

A post is recorded before the root is edited, and the root is edited before the delivery is marked, so that a retry does
what is left. If a thread or an edit fails, the plain message stays.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from math import ceil
from typing import Final

from notifier.channels.base import Notifications, Receipt, Sender
from notifier.channels.digest import DIGEST_MINIMUM
from notifier.channels.errors import DeliveryError, Reason
from notifier.delivery.attempts import Message, QueuedDelivery, attempt, backoff, in_order, longest_backoff, mark_sent
from notifier.delivery.conversations.conversation import Step, is_own
from notifier.delivery.conversations.leases import LeasedConversations
from notifier.delivery.conversations.ledger import ConversationLedger
from notifier.delivery.ledger import LedgerError
from notifier.delivery.outcomes import Deferred, Outcome, Sent
from notifier.delivery.parallel_calls import chunks
from notifier.delivery.time_budget import HasTimeFor, TimeBudget

# What is for more threads is one message in the channel: Slack takes one a second.
THREADS_LIMIT: Final = 10
# An edit is tried again for an hour and a half; then the root stays as it is.
EDIT_ATTEMPTS: Final = 10
EDIT_WAITS: Final = "the message is sent, and the first one about its incident is to be edited"


class IncidentMessages:
    """The messages about incidents that one batch has for one destination."""

    def __init__(
        self, sender: Sender, ledger: ConversationLedger, has_time_for: HasTimeFor, jitter: Callable[[], float]
    ) -> None:
        self._sender = sender
        self._ledger = ledger
        self._has_time_for = has_time_for
        self._jitter = jitter
        self._conversations = LeasedConversations(ledger, has_time_for, ordered=sender.ordered)
        self._may_edit = True

    def lease(self, items: Sequence[QueuedDelivery]) -> Mapping[str, Outcome]:
        """Lease the conversations of *items*, which have incidents; return the outcome of each that gets none."""
        refused = self._conversations.lease(items)
        return {item.delivery.id: backoff((item,), self._jitter, why) for item, why in refused}

    def release(self) -> None:
        """Release the conversations that are still leased."""
        self._conversations.release()

    def group(self, items: Sequence[QueuedDelivery]) -> list[Message]:
        """Group *items*: a digest of new incidents, digests in threads, one for many threads, then single messages."""
        conversations, ordered = self._conversations, in_order(items)
        posts = [item for item in ordered if conversations.step(item) is Step.POST]
        new = {conversations.of(item).id for item in posts if not conversations.root(item).id}
        groups: dict[str, list[QueuedDelivery]] = defaultdict(list)
        for item in ordered:
            # What has become of a new incident is in the same digest.
            if item in posts or (conversations.of(item).id in new and not item.delivery.root_only):
                groups[conversations.root(item).id].append(item)
        digests = [
            group
            for root, group in groups.items()
            if conversations.count(group, by_incident=bool(root)) >= DIGEST_MINIMUM
        ]
        threads = [group for root, group in groups.items() if root and group not in digests]
        if len(threads) > THREADS_LIMIT:
            digests.append([item for group in threads for item in group])
        size = self._sender.max_batch
        messages = [tuple(each) for group in digests for each in chunks(group, size)] if size > 1 else []
        grouped = {item.delivery.id for message in messages for item in message}
        return [*messages, *((item,) for item in ordered if item.delivery.id not in grouped)]

    def attempt(self, message: Message) -> Outcome:
        """Post *message*, or do what is left of it; a deferral without a reason is about this message alone."""
        first = message[0]
        step = self._conversations.step(first) if len(message) == 1 else Step.POST
        if step is Step.WAIT and not self._was_sent_without_thread(first):
            return backoff(message, self._jitter, "it waits for the first message about its incident")
        if step is Step.NOTHING or (step is Step.WAIT and first.delivery.root_only):
            return Sent(0)
        if step is Step.EDIT:
            return self._edit(first, Sent(0))
        roots = {*map(self._conversations.root, message)}
        root = roots.pop() if len(roots) == 1 else Receipt()
        incident = self._conversations.incident(first)
        is_late = len(message) == 1 and is_own(incident) and not self._conversations.of(first).is_newest(incident)
        find = self._sender.threads.find if self._sender.threads else None

        def post(notifications: Notifications) -> Receipt | None:
            return self._post(notifications, root, late=is_late)

        outcome, receipts = attempt(message, post, find, self._jitter, root)
        if not isinstance(outcome, Sent):
            return outcome
        for item in message:
            receipt = receipts[item.delivery.id]
            outside = bool(root.id and receipt and receipt.is_root)
            self._record(item, receipt, outside=outside, shared=len(message) > 1)
        if len(message) == 1 and self._conversations.needs_edit(first):
            with suppress(LedgerError):
                self._ledger.keep(self._conversations.of(first))
            return self._edit(first, outcome)
        return outcome

    def mark(self, message: Message, sent: Sent) -> tuple[Mapping[str, Outcome], str]:
        """Mark *message* and store its conversations; defer the deliveries whose roots are to be edited."""
        unedited = [item for item in message if len(message) > 1 and self._conversations.needs_edit(item)]
        # One of them brings the root up to date.
        last = {self._conversations.of(item).id: item for item in unedited}
        waiting = {item.delivery.id: backoff((item,), self._jitter, EDIT_WAITS) for item in last.values()}
        rows = self._conversations.rows(message)
        done = tuple(item for item in message if item.delivery.id not in waiting)
        outcomes, error = mark_sent(done, sent, self._ledger, rows)
        return {**outcomes, **waiting}, error

    def _post(self, notifications: Notifications, root: Receipt, *, late: bool) -> Receipt | None:
        """Reply to *root*; without a root or its thread, send."""
        if not root.id or not self._sender.threads:
            return self._sender.send(notifications)
        try:
            return self._sender.threads.reply(notifications, root, late)
        except DeliveryError as error:
            if not error.permanent or error.reason is Reason.REJECTED:
                raise
            receipt = self._sender.send(notifications)
            return receipt and replace(receipt, note=f"it is outside of its thread: {error}")

    def _record(self, item: QueuedDelivery, receipt: Receipt | None, *, outside: bool, shared: bool) -> None:
        """Add what was sent to its conversation; a newer message *outside* of the thread replaces the root."""
        incident, conversation = self._conversations.incident(item), self._conversations.of(item)
        if receipt is None and self._sender.ordered:
            return  # PagerDuty does not show each turn
        is_newest = is_own(incident) and conversation.is_newest(incident)
        is_root = not self._conversations.root(item).id or (outside and is_newest)
        conversation = self._conversations.after(item).with_post(item.delivery.notification.event_id)
        if is_root and receipt and receipt.id and self._sender.threads:
            is_shared = shared or not is_own(incident)
            shown = item.delivery.notification.event_id
            conversation = replace(conversation, root=receipt.id, place=receipt.place, shown=shown, shared=is_shared)
            conversation = replace(conversation, own=b"" if is_shared else conversation.own)
        self._conversations.update(conversation)

    def _edit(self, item: QueuedDelivery, sent: Sent) -> Outcome:
        """Edit the root; try again later what may pass, and leave what may not."""
        conversation, threads = self._conversations.after(item), self._sender.threads
        if not (threads and self._may_edit and self._has_time_for(TimeBudget.SEND)):
            return backoff((item,), self._jitter, EDIT_WAITS)
        try:
            threads.edit(conversation.first_message, self._conversations.root(item))
        except DeliveryError as error:
            if not error.permanent and item.attempts <= EDIT_ATTEMPTS:
                self._may_edit = False
                seconds = max(ceil(error.retry_after_seconds or 0), longest_backoff((item,), self._jitter))
                return Deferred(seconds, f"{EDIT_WAITS}: {error}")
            return replace(
                sent, note=f"{sent.note} the first message about its incident is not edited: {error}".lstrip()
            )
        self._conversations.update(replace(conversation, shown=conversation.showing))
        return sent

    def _was_sent_without_thread(self, item: QueuedDelivery) -> bool:
        """Tell if the first message about an incident was sent before there was a conversation to record it in."""
        with suppress(LedgerError):
            return self._ledger.was_sent(f"{self._conversations.incident(item).thread}/{item.delivery.destination}")
        return False
