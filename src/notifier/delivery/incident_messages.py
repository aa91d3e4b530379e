"""Messages about incidents, each of which adds to the conversation about its incident.

This worker leases the conversation. A post is recorded before the root is edited, and the root is edited before the
delivery is marked, so that a retry does only what is left. If a thread or an edit fails, the plain message stays.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from notifier.channels.base import Notifications, Receipt
from notifier.channels.destination import DeliveryError, Reason
from notifier.channels.digest import DIGEST_MINIMUM
from notifier.delivery.attempts import NO_TIME, Message, PlainMessages, QueuedDelivery, TimeBudget, in_order
from notifier.delivery.conversation import Conversation, Step, conversation_id, is_own, next_step
from notifier.delivery.ledger import LedgerError, LedgerRow
from notifier.delivery.outcomes import Deferred, Outcome, Sent
from notifier.delivery.parallel_calls import call_each, chunks
from notifier.model.incident import Incident

# Replies for more threads are one message in the channel, because Slack accepts one message a second.
THREADS_LIMIT: Final = 10
# These attempts take an hour and a half; then the root stays as it is.
EDIT_ATTEMPTS: Final = 10
EDIT_WAITS: Final = "the message is sent, and the first one about its incident is to be edited"


@dataclass
class IncidentMessages(PlainMessages):
    """The messages about incidents in one batch for one destination, and the conversations that they add to.

    *users* counts, for each conversation, the deliveries that still need its lease.
    """

    incidents: dict[str, Incident] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    users: Counter[str] = field(default_factory=Counter)
    may_edit: bool = True

    def lease(self, items: Sequence[QueuedDelivery]) -> Mapping[str, Outcome]:
        """Lease the conversations of *items*; return an outcome for each item whose conversation is not leased."""
        self.incidents = {item.delivery.id: turn for item in items if (turn := item.delivery.notification.incident)}
        self.users.update(map(self._id, items))

        def lease(name: str) -> Conversation | str:
            try:
                return self.ledger.lease(name) or "another worker has its conversation"
            except LedgerError as error:
                return str(error)

        leased = dict(call_each(lease, [*self.users], lambda: self.has_time_for(TimeBudget.CLAIM)))
        self.conversations = {name: each for name, each in leased.items() if isinstance(each, Conversation)}
        refused = [item for item in items if self._id(item) not in self.conversations]
        return {item.delivery.id: self.backoff((item,), str(leased.get(self._id(item), NO_TIME))) for item in refused}

    def release(self) -> None:
        """Release the conversations that no mark has released; a lease that cannot be released expires."""
        held = [conversation for name, conversation in self.conversations.items() if self.users[name]]
        with suppress(LedgerError):
            call_each(self.ledger.keep, held, lambda: self.has_time_for(TimeBudget.CALL))

    def group(self, items: Sequence[QueuedDelivery]) -> list[Message]:
        """Group *items*: a digest of new incidents, digests in threads, a digest of many threads, single messages."""
        ordered = in_order(items)
        posts = [item for item in ordered if self._step(item) is Step.POST]
        new = {self._id(item) for item in posts if not self._root(item).id}
        groups: dict[str, list[QueuedDelivery]] = defaultdict(list)
        for item in ordered:
            # Later turns of a new incident are in the same digest.
            if item in posts or (self._id(item) in new and not item.delivery.root_only):
                groups[self._root(item).id].append(item)
        digests = [
            group
            for root, group in groups.items()
            # The incidents of a family share a conversation.
            if len({self._incident(item).id if root else self._id(item) for item in group}) >= DIGEST_MINIMUM
        ]
        threads = [group for root, group in groups.items() if root and group not in digests]
        if len(threads) > THREADS_LIMIT:
            digests.append([item for group in threads for item in group])
        size = self.channel.max_batch
        messages = [tuple(each) for group in digests for each in chunks(group, size)] if size > 1 else []
        grouped = {item.delivery.id for message in messages for item in message}
        return [*messages, *((item,) for item in ordered if item.delivery.id not in grouped)]

    def attempt(self, message: Message) -> Outcome:
        """Post *message*, or do what is left of it; a deferral without a reason concerns this message alone."""
        first = message[0]
        step = self._step(first) if len(message) == 1 else Step.POST
        if step is Step.WAIT and not self._was_sent_without_thread(first):
            return self.backoff(message, "it waits for the first message about its incident")
        if step is Step.NOTHING or (step is Step.WAIT and first.delivery.root_only):
            return Sent(0)
        if step is Step.EDIT:
            return self._edit(first, Sent(0))
        roots = {*map(self._root, message)}
        root = roots.pop() if len(roots) == 1 else Receipt()
        incident = self._incident(first)
        is_late = len(message) == 1 and is_own(incident) and not self._conversation(first).is_newest(incident)

        def post(notifications: Notifications) -> Receipt | None:
            calm = tuple(map(self._conversation(first).without_repeated_mention, notifications))
            return self._post(calm, root, late=is_late)

        outcome, receipts = self.send(message, post, root)
        if not isinstance(outcome, Sent):
            return outcome
        for item in message:
            receipt = receipts[item.delivery.id]
            outside = bool(root.id and receipt and receipt.is_root)
            self._record(item, receipt, outside=outside, shared=len(message) > 1)
        if len(message) == 1 and self._with_turn(first).needs_edit:
            with suppress(LedgerError):
                self.ledger.keep(self._conversation(first), leased=True)
            return self._edit(first, outcome)
        return outcome

    def mark(self, message: Message, sent: Sent, rows: Sequence[LedgerRow] = ()) -> tuple[Mapping[str, Outcome], str]:
        """Mark *message* and store its conversations; defer the deliveries whose roots must still be edited."""
        # Of the deliveries that share a root, the last edits it.
        last = {self._id(item): item for item in message if len(message) > 1 and self._with_turn(item).needs_edit}
        waiting = {item.delivery.id: self.backoff((item,), EDIT_WAITS) for item in last.values()}
        self.users.subtract(map(self._id, message))
        names = dict.fromkeys(map(self._id, message))
        states = [self.ledger.row(self.conversations[name], leased=self.users[name] > 0) for name in names]
        done = tuple(item for item in message if item.delivery.id not in waiting)
        outcomes, error = super().mark(done, sent, [*rows, *states])
        return {**outcomes, **waiting}, error

    def _post(self, notifications: Notifications, root: Receipt, *, late: bool) -> Receipt | None:
        if not root.id or not self.threads:
            return self.channel.send(notifications)
        try:
            return self.threads.reply(notifications, root, late=late)
        except DeliveryError as error:
            if not error.permanent or error.reason is Reason.REJECTED:
                raise
            receipt = self.channel.send(notifications)
            return receipt and replace(receipt, note=f"it is outside of its thread: {error}")

    def _record(self, item: QueuedDelivery, receipt: Receipt | None, *, outside: bool, shared: bool) -> None:
        """Record the message of *item* in its conversation; a newer message *outside* the thread replaces the root."""
        incident, conversation = self._incident(item), self._conversation(item)
        if receipt is None and self.channel.ordered:
            return  # the channel sent nothing: PagerDuty does not show every turn
        is_root = not self._root(item).id or (outside and is_own(incident) and conversation.is_newest(incident))
        conversation = self._with_turn(item).with_post(item.delivery.notification)
        if is_root and receipt and receipt.id and self.threads:
            is_shared = shared or not is_own(incident)
            shown, own = item.delivery.notification.event_id, b"" if is_shared else conversation.own
            conversation = replace(conversation, root=receipt.id, place=receipt.place, shown=shown)
            conversation = replace(conversation, shared=is_shared, own=own)
        self.conversations[conversation.id] = conversation

    def _edit(self, item: QueuedDelivery, sent: Sent) -> Outcome:
        """Edit the root; defer the delivery after a temporary error, and give up the edit after a permanent one."""
        conversation = self._with_turn(item)
        if not (self.threads and self.may_edit and self.has_time_for(TimeBudget.SEND)):
            return self.backoff((item,), EDIT_WAITS)
        first = conversation.first_message
        try:
            with self.guard((first,)):
                self.threads.edit(first, self._root(item))
        except DeliveryError as error:
            if not error.permanent and item.attempts <= EDIT_ATTEMPTS:
                self.may_edit = False
                return Deferred(self.wait_seconds((item,), error), f"{EDIT_WAITS}: {error}")
            why = f"the first message about its incident is not edited: {error}"
            return replace(sent, note=f"{sent.note} {why}".lstrip())
        self.conversations[conversation.id] = replace(conversation, shown=conversation.showing)
        return sent

    def _was_sent_without_thread(self, item: QueuedDelivery) -> bool:
        """Check whether the first message about an incident was sent, although no conversation has it."""
        with suppress(LedgerError):
            return self.ledger.was_sent(f"{self._incident(item).thread}/{item.delivery.destination}")
        return False

    def _incident(self, item: QueuedDelivery) -> Incident:
        return self.incidents[item.delivery.id]

    def _id(self, item: QueuedDelivery) -> str:
        return conversation_id(item.delivery, self._incident(item), ordered=self.channel.ordered)

    def _conversation(self, item: QueuedDelivery) -> Conversation:
        return self.conversations[self._id(item)]

    def _root(self, item: QueuedDelivery) -> Receipt:
        return self._conversation(item).root_for(self._incident(item))

    def _step(self, item: QueuedDelivery) -> Step:
        incident, ordered = self._incident(item), self.channel.ordered
        return next_step(self._conversation(item), item.delivery, incident, item.attempts, ordered=ordered)

    def _with_turn(self, item: QueuedDelivery) -> Conversation:
        notification, incident = item.delivery.notification, self._incident(item)
        return self._conversation(item).with_turn(notification, incident, ordered=self.channel.ordered)
