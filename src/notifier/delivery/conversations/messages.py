"""Messages of incidents: each adds to the conversation about its incident, which this worker has leased.

A post is recorded before the root is edited, and the root is edited before the delivery is marked, so that a retry does
what is left. If a thread or an edit fails, the plain message stays.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from math import ceil
from typing import Final

from notifier.channels.base import Notifications, Receipt, Sender
from notifier.channels.digest import DIGEST_MINIMUM
from notifier.channels.errors import DeliveryError, Reason
from notifier.delivery.attempts import (
    NO_TIME,
    Message,
    QueuedDelivery,
    attempt,
    backoff,
    in_order,
    longest_backoff,
    mark_sent,
)
from notifier.delivery.conversations.conversation import Conversation, Step, conversation_id, is_own, next_step
from notifier.delivery.conversations.ledger import ConversationLedger
from notifier.delivery.ledger import LedgerError
from notifier.delivery.outcomes import Deferred, Outcome, Sent
from notifier.delivery.parallel_calls import call_each, chunks
from notifier.delivery.time_budget import HasTimeFor, TimeBudget
from notifier.model.incident import Incident

# What is for more threads is one message in the channel: Slack takes one a second.
THREADS_LIMIT: Final = 10
# An edit is tried again for an hour and a half; then the root stays as it is.
EDIT_ATTEMPTS: Final = 10
EDIT_WAITS: Final = "the message is sent, and the first one about its incident is to be edited"


class IncidentMessages:
    """The messages about incidents that one batch has for one destination."""

    def __init__(
        self,
        sender: Sender,
        ledger: ConversationLedger,
        has_time_for: HasTimeFor,
        jitter: Callable[[], float],
    ) -> None:
        self._sender = sender
        self._ledger = ledger
        self._has_time_for = has_time_for
        self._jitter = jitter
        self._incidents: dict[str, Incident] = {}
        self._conversations: dict[str, Conversation] = {}
        # The number of deliveries that still need the lease of each conversation.
        self._users: Counter[str] = Counter()
        self._may_edit = True

    def lease(self, items: Sequence[QueuedDelivery]) -> Iterator[tuple[str, Outcome]]:
        """Lease the conversations of *items*, which have incidents; yield the outcome of each that gets none."""
        for item in items:
            if incident := item.delivery.notification.incident:
                self._incidents[item.delivery.id] = incident
        self._users.update(map(self._name, items))
        refused: dict[str, str] = {}

        def lease(name: str) -> None:
            try:
                leased = self._ledger.lease(name)
            except LedgerError as error:
                refused[name] = str(error)
            else:
                if leased:
                    self._conversations[name] = leased
                else:
                    refused[name] = "another worker has its conversation"

        call_each(lease, [*self._users], lambda: self._has_time_for(TimeBudget.CLAIM))
        for item in items:
            if self._name(item) not in self._conversations:
                yield item.delivery.id, backoff((item,), self._jitter, refused.get(self._name(item), NO_TIME))

    def release(self) -> None:
        """Release the conversations that no mark has released; a lease that stays expires."""
        held = [conversation for name, conversation in self._conversations.items() if self._users[name]]
        with suppress(LedgerError):
            call_each(self._ledger.end_lease, held, lambda: self._has_time_for(TimeBudget.CALL))

    def group(self, items: Sequence[QueuedDelivery]) -> list[Message]:
        """Group *items*: a digest of new incidents, digests in threads, one for many threads, then single messages."""
        groups: dict[str, list[QueuedDelivery]] = defaultdict(list)
        new = {self._name(item) for item in items if self._step(item) is Step.POST and not self._root(item).id}
        for item in in_order(items):
            # What has become of a new incident is in the same digest.
            if self._step(item) is Step.POST or (self._name(item) in new and not item.delivery.root_only):
                groups[self._root(item).id].append(item)
        digests = [
            group
            for root, group in groups.items()
            if len({self._incident(item).id if root else self._name(item) for item in group}) >= DIGEST_MINIMUM
        ]
        threads = [group for root, group in groups.items() if root and group not in digests]
        if len(threads) > THREADS_LIMIT:
            digests.append([item for group in threads for item in group])
        size = self._sender.max_batch
        messages = [tuple(each) for group in digests for each in chunks(group, size)] if size > 1 else []
        grouped = {item.delivery.id for message in messages for item in message}
        return [*messages, *((item,) for item in in_order(items) if item.delivery.id not in grouped)]

    def attempt(self, message: Message) -> Outcome:
        """Post *message*, or do what is left of it; a deferral without a reason is about this message alone."""
        first = message[0]
        step = self._step(first) if len(message) == 1 else Step.POST
        if step is Step.WAIT and not self._was_sent_without_thread(first):
            return backoff(message, self._jitter, "it waits for the first message about its incident")
        if step is Step.NOTHING or (step is Step.WAIT and first.delivery.root_only):
            return Sent(0)
        if step is Step.EDIT:
            return self._edit(first, Sent(0))
        roots = {*map(self._root, message)}
        root = roots.pop() if len(roots) == 1 else Receipt()
        incident = self._incident(first)
        is_late = len(message) == 1 and is_own(incident) and not self._of(first).is_newest(incident)
        find = self._sender.threads.find if self._sender.threads else None

        def post(notifications: Notifications) -> Receipt | None:
            return self._post(notifications, root, late=is_late)

        outcome, receipts = attempt(message, post, find, self._jitter, root)
        if not isinstance(outcome, Sent):
            return outcome
        for item in message:
            self._record(item, receipts[item.delivery.id], replaces=bool(root.id), shared=len(message) > 1)
        if len(message) == 1 and self._needs_edit(first):
            with suppress(LedgerError):
                self._ledger.keep(self._of(first))
            return self._edit(first, outcome)
        return outcome

    def mark(self, message: Message, sent: Sent) -> tuple[Mapping[str, Outcome], str]:
        """Mark *message* and store its conversations; defer the deliveries whose roots are to be edited."""
        waiting = {
            item.delivery.id: backoff((item,), self._jitter, EDIT_WAITS)
            for item in message
            if len(message) > 1 and self._needs_edit(item)
        }
        self._users.subtract(map(self._name, message))
        names = dict.fromkeys(map(self._name, message))
        rows = [self._ledger.row(self._conversations[name], leased=self._users[name] > 0) for name in names]
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

    def _record(self, item: QueuedDelivery, receipt: Receipt | None, *, replaces: bool, shared: bool) -> None:
        """Add what was sent to its conversation; a message outside of a deleted root's thread *replaces* that root."""
        incident, conversation = self._incident(item), self._of(item)
        if receipt is None and self._sender.ordered:
            return  # PagerDuty does not show each turn
        is_root = not self._root(item).id or (
            replaces and receipt and receipt.is_root and conversation.is_newest(incident)
        )
        conversation = conversation.with_post(item.delivery.notification.event_id)
        if self._sender.ordered or is_own(incident):
            conversation = conversation.newer(incident)
        if receipt and receipt.id and is_root and self._sender.threads:
            is_shared = shared or not is_own(incident)
            shown = item.delivery.notification.event_id
            conversation = replace(conversation, root=receipt.id, place=receipt.place, shown=shown, shared=is_shared)
        self._conversations[conversation.id] = conversation

    def _edit(self, item: QueuedDelivery, sent: Sent) -> Outcome:
        """Edit the root; try again later what may pass, and leave what may not."""
        conversation, threads = self._of(item), self._sender.threads
        if not (threads and self._may_edit and self._has_time_for(TimeBudget.SEND)):
            return backoff((item,), self._jitter, EDIT_WAITS)
        try:
            threads.edit(item.delivery.notification, self._root(item))
        except DeliveryError as error:
            if not error.permanent and item.attempts <= EDIT_ATTEMPTS:
                self._may_edit = False
                seconds = max(ceil(error.retry_after_seconds or 0), longest_backoff((item,), self._jitter))
                return Deferred(seconds, f"{EDIT_WAITS}: {error}")
            return replace(
                sent, note=f"{sent.note} the first message about its incident is not edited: {error}".lstrip()
            )
        shown = item.delivery.notification.event_id
        self._conversations[conversation.id] = replace(conversation.newer(self._incident(item)), shown=shown)
        return sent

    def _was_sent_without_thread(self, item: QueuedDelivery) -> bool:
        """Tell if the first message about an incident was sent before there was a conversation to record it in."""
        with suppress(LedgerError):
            return self._ledger.was_sent(f"{self._incident(item).thread}/{item.delivery.destination}")
        return False

    def _step(self, item: QueuedDelivery) -> Step:
        ordered = self._sender.ordered
        return next_step(self._of(item), item.delivery, self._incident(item), item.attempts, ordered=ordered)

    def _needs_edit(self, item: QueuedDelivery) -> bool:
        return self._of(item).needs_edit(self._incident(item), item.delivery.notification.event_id)

    def _root(self, item: QueuedDelivery) -> Receipt:
        return Receipt(id=self._of(item).root_for(self._incident(item)), place=self._of(item).place)

    def _incident(self, item: QueuedDelivery) -> Incident:
        return self._incidents[item.delivery.id]

    def _name(self, item: QueuedDelivery) -> str:
        return conversation_id(item.delivery, self._incident(item), ordered=self._sender.ordered)

    def _of(self, item: QueuedDelivery) -> Conversation:
        return self._conversations[self._name(item)]
