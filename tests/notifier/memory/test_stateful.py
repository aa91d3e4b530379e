"""One resource's story, whatever comes: late, twice, not at all, after days, while a function ends or rules change."""

from typing import Final

from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from notifier.memory.decisions import CLOSING, OPENINGS, decide
from notifier.memory.history import Entry, Kind, Summary, fold
from notifier.memory.items import Item
from notifier.memory.rules import Rules
from notifier.memory.timers import Sending, after, after_due, due
from notifier.model.incident import Incident, State, Turn
from tests.samples import event, notification

MINUTE: Final = 60
DAY: Final = 24 * 60 * MINUTE
FAILED: Final = notification(event("service-instance-deployment-failed"))
RECIPIENTS: Final = ("slack",)
URGENT: Final = frozenset({Kind.ACTION, Kind.FAILURE})


class Story(RuleBasedStateMachine):
    """A resource, the events on their way, and what was decided and told of it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000_000_000.0
        self.item = Item()
        self.document = Rules()
        self.are_rules_new = False
        self.is_silent = False
        self.happened = 0
        self.coming: list[Entry] = []
        self.came: list[Entry] = []
        self.counted: list[Entry] = []
        self.decided: dict[str, Entry] = {}
        self.opened: set[str] = set()
        self.closed: list[str] = []
        self.numbers: list[int] = []

    @rule(
        change=st.sampled_from(["F", "S", "F", "S", "A", "P", "PF", "PS", "PS", "D", "G", "I", "R"]),
        minutes=st.sampled_from([0, 5, 5, 40]),
        is_late=st.sampled_from([False, False, True]),
        crash=st.sampled_from(["", "", "before the write", "after the write"]),
    )
    def happen(self, change: str, minutes: int, crash: str, *, is_late: bool) -> None:
        """Let something happen, of a kind and after another; its event comes at once, or late, or never."""
        self.now += minutes * MINUTE
        self.happened += 1
        before = Kind(change[1]) if change[1:] else None
        event_id, operation = f"e{self.happened:03}", f"o{self.happened // 3}"
        self.coming.append(Entry(event_id, self.now, Kind(change[0]), operation=operation, before=before))
        if not is_late:
            self.come(-1, crash)

    @rule()
    def flap(self) -> None:
        """Let it fail and recover again and again."""
        for change in "FSFSFS":
            self.happen(change, 5, "", is_late=False)

    @precondition(lambda self: self.coming)
    @rule(place=st.integers(-3, -1), crash=st.sampled_from(["", "before the write", "after the write"]))
    def come(self, place: int, crash: str) -> None:
        """Let an event come; its function ends at *crash*, and the event is retried."""
        entry = self.coming.pop(max(place, -len(self.coming)))
        self.came.append(entry)
        if crash == "before the write":
            decide(self.item, entry, self.document)
        if crash == "after the write":
            self.take(entry)
        self.take(entry)

    @precondition(lambda self: self.came)
    @rule(place=st.integers(0, 50), days=st.sampled_from([0, 0, 5]))
    def come_again(self, place: int, days: int) -> None:
        """Let an event come for the second time, or redrive it after days."""
        self.now += days * DAY
        self.take(self.came[place % len(self.came)])

    @rule(minutes=st.sampled_from([5, 5, 40, 5 * 60, 30 * 60]))
    def sweep(self, minutes: int) -> None:
        """Time passes, and what is due is told."""
        self.now += minutes * MINUTE
        while found := due(self.item, self.now, self.document):
            incident = found.notification.incident
            assert incident
            if self.is_silent and incident.turn in {Turn.OPENED, Turn.REMINDER}:
                return
            is_failing = self.item.summary.is_open or incident.state is State.FLAPPING
            assert is_failing or incident.turn is not Turn.OPENED
            told = () if self.is_silent else RECIPIENTS
            self.note(incident)
            self.item = after_due(found, told if incident.turn is Turn.OPENED else self.item.recipients, self.document)
            self.are_rules_new = False

    @rule(silent=st.booleans(), flapping=st.booleans(), remind=st.sampled_from([(), (14_400, 86_400), (3_600,)]))
    def change_rules(self, *, silent: bool, flapping: bool, remind: tuple[int, ...]) -> None:
        """Somebody changes the routes document."""
        self.is_silent = silent
        self.are_rules_new = True
        self.document = Rules(remind, flapping)

    @precondition(lambda self: self.item.version)
    @rule()
    def expire(self) -> None:
        """Forget the resource; what came before comes no more."""
        assume(self.item.incident is None)
        self.now += 61 * DAY
        self.item = Item(version=self.item.version)
        self.coming, self.came, self.counted = [], [], []
        self.decided = {}

    def take(self, entry: Entry) -> None:
        """Decide about an event, and keep the decision."""
        decision = decide(self.item, entry, self.document)
        if self.item.entry(entry.id):
            assert decision.item is self.item
            assert decision.entry.incident == self.decided[entry.id].incident
            return
        if decision.item is not self.item:
            assert decision.item.version == self.item.version + 1
            self.counted.append(entry)
            sending = Sending(FAILED, () if self.is_silent else RECIPIENTS, silenced=self.is_silent)
            self.item = after(decision, sending, self.document)
            self.decided[entry.id] = decision.entry
            self.are_rules_new = False
        if entry.kind in URGENT:
            is_damped = entry.kind is Kind.FAILURE and self.item.incident and self.item.incident.flapping_since
            assert is_damped or decision.turn not in {None, Turn.COUNTED}
        assert decision.turn is not Turn.RECOVERED or not self.item.summary.is_open
        if self.item.incident:
            self.opened.add(self.item.incident.id)
        if decision.entry.incident and decision.turn is not Turn.LATE:
            self.note(decision.entry.incident)

    def note(self, incident: Incident) -> None:
        """Note a turn that is told."""
        assert incident.number
        self.numbers.append(incident.number)
        if incident.turn in OPENINGS:
            self.opened.add(incident.id)
        assert incident.id in self.opened, incident
        if incident.turn is Turn.NOTED and incident.state is State.CLOSED:
            # The time of a recovery is known at last.
            assert incident.id in self.closed
            return
        assert incident.id not in self.closed
        if incident.turn in CLOSING or incident.state is State.CLOSED:
            self.closed.append(incident.id)

    @invariant()
    def state_follows_from_the_events(self) -> None:
        """In whatever order they came."""
        assert self.item.summary == fold(Summary(), self.counted)

    @invariant()
    def every_opening_is_closed_once_or_open(self) -> None:
        """And no incident is open whose resource is well, but one that is flapping."""
        incident = self.item.incident
        assert self.item.summary.is_open <= bool(incident)
        assert not incident or self.item.summary.is_open or incident.flapping_since
        assert self.opened - {*self.closed} == ({incident.id} if incident else set())

    @invariant()
    def turns_are_numbered_in_their_order(self) -> None:
        """No two have one number."""
        assert self.numbers == sorted({*self.numbers})

    @invariant()
    def what_is_to_be_said_is_due(self) -> None:
        """While a reminder is left, while it is flapping, and while it is silenced."""
        incident = self.item.incident
        if incident and not self.are_rules_new:
            is_left = len(self.document.remind) > incident.reminders
            is_unseen = incident.notification is None  # only the next event named its failure
            assert incident.recipients or incident.silenced or is_unseen
            assert is_unseen or bool(self.item.due_at) == bool(incident.silenced or incident.flapping_since or is_left)
        assert incident or not self.item.due_at


TestStory = Story.TestCase
TestStory.settings = settings(stateful_step_count=40)
