"""The conversations that one batch has leased."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress

from notifier.channels.base import Receipt
from notifier.delivery.attempts import NO_TIME, Message, QueuedDelivery
from notifier.delivery.conversations.conversation import Conversation, Step, conversation_id, next_step
from notifier.delivery.conversations.ledger import ConversationLedger
from notifier.delivery.ledger import LedgerError, Row
from notifier.delivery.parallel_calls import call_each
from notifier.delivery.time_budget import HasTimeFor, TimeBudget
from notifier.model.incident import Incident


class LeasedConversations:
    """The conversations of a batch, one for each incident, or for each resource where turns are *ordered*."""

    def __init__(self, ledger: ConversationLedger, has_time_for: HasTimeFor, *, ordered: bool) -> None:
        self._ledger = ledger
        self._has_time_for = has_time_for
        self._ordered = ordered
        self._incidents: dict[str, Incident] = {}
        self._conversations: dict[str, Conversation] = {}
        # The number of deliveries that still need the lease of each conversation.
        self._users: Counter[str] = Counter()

    def lease(self, items: Sequence[QueuedDelivery]) -> Iterator[tuple[QueuedDelivery, str]]:
        """Lease the conversations of *items*, which have incidents; yield each that gets none, and why."""
        incidents = ((item.delivery.id, item.delivery.notification.incident) for item in items)
        self._incidents |= {delivery_id: incident for delivery_id, incident in incidents if incident}
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
                yield item, refused.get(self._name(item), NO_TIME)

    def release(self) -> None:
        """Release the conversations that no mark has released; a lease that stays expires."""
        held = [conversation for name, conversation in self._conversations.items() if self._users[name]]
        with suppress(LedgerError):
            call_each(self._ledger.end_lease, held, lambda: self._has_time_for(TimeBudget.CALL))

    def rows(self, message: Message) -> list[Row]:
        """Write the rows of the conversations of *message*, which needs their leases no more."""
        self._users.subtract(map(self._name, message))
        names = dict.fromkeys(map(self._name, message))
        return [self._ledger.row(self._conversations[name], leased=self._users[name] > 0) for name in names]

    def incident(self, item: QueuedDelivery) -> Incident:
        """Return the incident of *item*."""
        return self._incidents[item.delivery.id]

    def of(self, item: QueuedDelivery) -> Conversation:
        """Return the conversation of *item*."""
        return self._conversations[self._name(item)]

    def root(self, item: QueuedDelivery) -> Receipt:
        """Return the root for *item*, without an id if there is none."""
        conversation = self.of(item)
        return Receipt(id=conversation.root_for(self.incident(item)), place=conversation.place)

    def step(self, item: QueuedDelivery) -> Step:
        """Choose the next step of *item*."""
        incident = self.incident(item)
        return next_step(self.of(item), item.delivery, incident, item.attempts, ordered=self._ordered)

    def needs_edit(self, item: QueuedDelivery) -> bool:
        """Tell if the root is to change after *item*."""
        return self.after(item).needs_edit

    def after(self, item: QueuedDelivery) -> Conversation:
        """Return the conversation after the turn of *item*."""
        conversation, incident = self.of(item), self.incident(item)
        if self._ordered:
            return conversation.newer(incident)
        return conversation.with_turn(item.delivery.notification, incident)

    def count(self, items: Sequence[QueuedDelivery], *, by_incident: bool) -> int:
        """Count the incidents of *items*, or their conversations, which the incidents of a family share."""
        return len({self.incident(item).id if by_incident else self._name(item) for item in items})

    def update(self, conversation: Conversation) -> None:
        """Replace a conversation by what it has become."""
        self._conversations[conversation.id] = conversation

    def _name(self, item: QueuedDelivery) -> str:
        return conversation_id(item.delivery, self.incident(item), ordered=self._ordered)
