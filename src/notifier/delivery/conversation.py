"""The state of a conversation, and what a delivery adds to it, in whatever order and how often deliveries come."""

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

# A row of DynamoDB has room for 400 KB; only deliveries that may come again need to be known.
POSTED_LIMIT: Final = 100
# A delivery waits for the first message in 150 seconds of backoff, and then speaks alone.
WAITING_ATTEMPTS: Final = 4
# The failure of another member of a family is news: it waits for 30 seconds.
MEMBER_WAITING_ATTEMPTS: Final = 2


class Step(StrEnum):
    """The next step of a delivery."""

    POST = "post"
    EDIT = "edit"
    WAIT = "wait"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Conversation:
    """The conversation *id*, whose *root* in *place* is the message that is kept up to date, if there is one.

    *posted* are the ids of the events that were sent. *number* and *incident* are those of the newest turn that was
    told, *opened_at* is when its incident began. *own* is the notification of this turn, packed; *members* are other
    incidents in the thread. *shown* identifies what the root shows. A *shared* root is about several incidents, and is
    not edited. *mentions* are those of the messages that were sent.
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
        """Tell if nothing newer than this turn was told."""
        if incident.number is None:
            return False
        if self.incident in {"", incident.id}:
            return incident.number >= self.number
        return not (self.opened_at and incident.opened_at) or incident.opened_at > self.opened_at

    def root_for(self, incident: Incident) -> Receipt:
        """Return the root of *incident*, which has no id if there is none."""
        # One that a member of its family began alone is for members only.
        is_for_members = is_own(incident) and self.shared and self.incident != incident.id
        return Receipt(id="" if is_for_members else self.root, place=self.place)

    @property
    def first_message(self) -> Notification:
        """The message that the root is to be, if there is an *own* notification."""
        return with_family(unpack(self.own), self.members)

    @property
    def showing(self) -> str:
        """Identify what the root is to show; it is nothing that an event alone says if members add to it."""
        own, first = unpack(self.own), self.first_message
        return own.event_id if first == own else f"{own.event_id} {crc32(pack(first))}"

    @property
    def needs_edit(self) -> bool:
        """Tell if the root does not show what it is to show."""
        return bool(self.root and self.own) and not self.shared and self.shown != self.showing

    def with_post(self, notification: Notification) -> "Conversation":
        """Add the event of a message, and its mention."""
        mentions = dict.fromkeys((*self.mentions, *filter(None, [notification.mention])))
        return replace(self, posted=(*self.posted, notification.event_id)[-POSTED_LIMIT:], mentions=tuple(mentions))

    def without_repeated_mention(self, notification: Notification) -> Notification:
        """Leave out the mention of a member's first failure if these people were alerted to the family already."""
        incident = notification.incident
        is_repeated = notification.severity is Severity.FAILURE and notification.mention in self.mentions
        is_member = incident and not is_own(incident) and incident.id == notification.event_id
        return replace(notification, mention=None) if is_repeated and is_member else notification

    def with_turn(self, notification: Notification, incident: Incident, *, ordered: bool) -> "Conversation":
        """Remember the turn of *notification* for the root: the newest of its own incident, or of a member."""
        if incident.number is None:
            return self
        # Where turns are ordered, there is no root, and the newest turn counts, of whatever incident.
        if not ordered and not is_own(incident):
            return replace(self, members=with_member(self.members, notification, incident))
        if not self.is_newest(incident):
            return self
        newer = replace(self, incident=incident.id, number=incident.number, opened_at=incident.opened_at)
        return newer if ordered else replace(newer, own=pack(notification))


def is_own(incident: Incident) -> bool:
    """Tell if the thread in which *incident* is told is its own, not that of its family."""
    return incident.id == incident.thread


def conversation_id(delivery: Delivery, incident: Incident, *, ordered: bool) -> str:
    """Return the id of the conversation of *delivery*: the incident's, or the resource's where turns are *ordered*."""
    # An alert is one for all incidents of a resource.
    name = (delivery.notification.key if ordered else "") or incident.thread
    return f"C#{name}/{delivery.destination}"


def next_step(
    conversation: Conversation, delivery: Delivery, incident: Incident, attempts: int, *, ordered: bool
) -> Step:
    """Choose the next step of *delivery*, which is being tried for the time *attempts*."""
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
