"""The state of a conversation, and the next step of each delivery, in any order and with any duplicates."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final
from zlib import crc32

from msgspec import Meta

from notifier.channels.base import Receipt
from notifier.delivery.delivery import Delivery
from notifier.delivery.family import Member, pack, unpack, with_family, with_member
from notifier.model.incident import Incident, Turn
from notifier.model.notification import Notification
from notifier.model.status_change import Severity

# A DynamoDB item has room for 400 KB; only deliveries that may be redelivered must be known.
POSTED_LIMIT: Final = 100
# A delivery waits 150 seconds for the first message, by backoff, and is then sent without a thread.
WAITING_ATTEMPTS: Final = 4
# The failure of another member of a family is urgent, so it waits only 30 seconds.
MEMBER_WAITING_ATTEMPTS: Final = 2


class Step(StrEnum):
    """The next step of a delivery."""

    POST = "post"
    EDIT = "edit"
    WAIT = "wait"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Conversation:
    """The conversation *id*; its *root* in *place* is the first message, which is kept up to date, if there is one.

    *posted* are the ids of the events that were sent. *number* and *incident* are those of the newest turn that was
    sent, *opened_at* is the start of its incident. *own* is the packed notification of this turn; *members* are other
    incidents in the thread. *shown* identifies the content of the root. A *shared* root is about several incidents, and
    is not edited. *mentions* lists the mentions in the messages that were sent.
    """

    id: str
    root: str = ""
    place: str = ""
    posted: tuple[str, ...] = ()
    incident: str = ""
    number: int = 0
    opened_at: Annotated[datetime, Meta(tz=True)] | None = None
    shown: str = ""
    shared: bool = False
    own: bytes = b""
    members: tuple[Member, ...] = ()
    mentions: tuple[str, ...] = ()

    def is_newest(self, incident: Incident) -> bool:
        """Check that nothing newer than this turn was sent."""
        if incident.number is None:
            return False
        if self.incident in {"", incident.id}:
            return incident.number >= self.number
        return not (self.opened_at and incident.opened_at) or incident.opened_at > self.opened_at

    def root_for(self, incident: Incident) -> Receipt:
        """Return the root of *incident*, without an id if there is none."""
        # A root that a member of the family began alone is for members only.
        is_for_members = is_own(incident) and self.shared and self.incident != incident.id
        return Receipt(id="" if is_for_members else self.root, place=self.place)

    @property
    def first_message(self) -> Notification:
        """The notification that the root must show, if there is an *own* notification."""
        return with_family(unpack(self.own), self.members)

    @property
    def showing(self) -> str:
        """Identify what the root must show: the event's id, and a checksum if members add to the notification."""
        own, first = unpack(self.own), self.first_message
        return own.event_id if first == own else f"{own.event_id} {crc32(pack(first))}"

    @property
    def needs_edit(self) -> bool:
        """True if the root is out of date."""
        return bool(self.root and self.own) and not self.shared and self.shown != self.showing

    def with_post(self, notification: Notification) -> "Conversation":
        """Add the event of a message, and its mention."""
        mentions = dict.fromkeys((*self.mentions, *filter(None, [notification.mention])))
        return replace(self, posted=(*self.posted, notification.event_id)[-POSTED_LIMIT:], mentions=tuple(mentions))

    def without_repeated_mention(self, notification: Notification) -> Notification:
        """Leave out the mention of a member's first failure if it was in an earlier message of the family."""
        incident = notification.incident
        is_repeated = notification.severity is Severity.FAILURE and notification.mention in self.mentions
        is_member = incident and not is_own(incident) and incident.id == notification.event_id
        return replace(notification, mention=None) if is_repeated and is_member else notification

    def with_turn(self, notification: Notification, incident: Incident, *, ordered: bool) -> "Conversation":
        """Store the turn of *notification* for the root: the newest of the root's own incident, or of a member."""
        if incident.number is None:
            return self
        # Where turns are ordered, there is no root, and only the newest turn of any incident counts.
        if not ordered and not is_own(incident):
            return replace(self, members=with_member(self.members, notification, incident))
        if not self.is_newest(incident):
            return self
        newer = replace(self, incident=incident.id, number=incident.number, opened_at=incident.opened_at)
        return newer if ordered else replace(newer, own=pack(notification))


def is_own(incident: Incident) -> bool:
    """Check that *incident* has its own thread, not that of its family."""
    return incident.id == incident.thread


def conversation_id(delivery: Delivery, incident: Incident, *, ordered: bool) -> str:
    """Return the id of the conversation of *delivery*: the incident's, or the resource's where turns are *ordered*."""
    # All incidents of a resource share one alert.
    name = (delivery.notification.key if ordered else "") or incident.thread
    return f"C#{name}/{delivery.destination}"


def next_step(
    conversation: Conversation, delivery: Delivery, incident: Incident, attempts: int, *, ordered: bool
) -> Step:
    """Choose the next step of *delivery*; *attempts* includes the present one."""
    event_id = delivery.notification.event_id
    is_to_edit = conversation.with_turn(delivery.notification, incident, ordered=ordered).needs_edit
    edit = Step.EDIT if is_to_edit else Step.NOTHING
    if event_id in conversation.posted:
        return edit
    if ordered:
        return Step.POST if incident.number is None or conversation.is_newest(incident) else Step.NOTHING
    if conversation.root_for(incident).id:
        return edit if delivery.root_only else Step.POST
    is_opening = incident.turn is Turn.OPENED
    if not delivery.root_only and is_own(incident) and (is_opening or delivery.first or event_id == incident.id):
        return Step.POST
    if attempts <= (MEMBER_WAITING_ATTEMPTS if is_opening else WAITING_ATTEMPTS):
        return Step.WAIT
    return Step.NOTHING if delivery.root_only else Step.POST
