from dataclasses import replace

from notifier.delivery.delivery import apply_templates, dispatch
from notifier.model.status_change import Fact, Link
from notifier.routes.decisions import Recipient, RoutingDecision
from notifier.routes.document import Match, Route
from tests.samples import TRIAL, event, notification

COMPOSED = notification(event("service-created"))


def recipient(title: str | None = None, body: str | None = None, mention: str | None = None) -> Recipient:
    """Make a recipient whose route has these texts."""
    return Recipient("alerts", Route("all", Match(), ("alerts",), title=title, body=body), mention)


def test_each_recipient_gets_a_delivery() -> None:
    """In order."""
    recipients = tuple(replace(recipient(), destination=name) for name in ("alerts", "email"))

    deliveries = dispatch(COMPOSED, RoutingDecision(None, (), recipients))

    assert [delivery.destination for delivery in deliveries] == ["alerts", "email"]
    assert {delivery.notification for delivery in deliveries} == {COMPOSED}


def test_what_is_silenced_goes_nowhere() -> None:
    """No recipients, no deliveries."""
    assert dispatch(COMPOSED, RoutingDecision(None, (), ())) == ()


def test_a_route_speaks_in_its_own_words() -> None:
    """Its texts and its mention travel with the notification."""
    told = apply_templates(COMPOSED, recipient("${ service }: ${ status }", "All\nis well", "@here"))

    assert (told.title, told.custom_body, told.mention) == ("checkout: ACTIVE", "All\nis well", "@here")
    assert told.name == COMPOSED.name


def test_a_test_stays_marked_whatever_the_route_says() -> None:
    """A title of the route's own comes after the mark."""
    told = apply_templates(notification(TRIAL), recipient("Customers cannot pay", "Runbook"))

    assert told.title == "TEST, nothing is wrong: Customers cannot pay"


def test_what_is_silent_is_so_for_each_recipient() -> None:
    """They are dispatched alike."""
    (delivery,) = dispatch(COMPOSED, RoutingDecision(None, (), (recipient(),)), silent=True)

    assert delivery.silent


def test_an_address_in_a_routes_text_becomes_a_link() -> None:
    """Beside ours, for each channel to show in its own way."""
    told = apply_templates(COMPOSED, recipient(body="Runbook: https://wiki.example.com/shop"))

    assert told.links == (*COMPOSED.links, Link("Open wiki.example.com", "https://wiki.example.com/shop"))


def test_a_routes_runbook_is_the_first_link() -> None:
    """For its templates, too."""
    runbook = Link("Runbook", "https://wiki.example.com/shop")
    spoken = recipient(body="{% for link in links %}${ link.label } {% endfor %}")
    route = replace(spoken.route, runbook=runbook.url)

    told = apply_templates(COMPOSED, replace(spoken, route=route))

    assert told.links == (runbook, *COMPOSED.links)
    assert told.runbook == runbook.url
    assert told.custom_body == "Runbook Open in the Proton console"


def test_a_text_that_fails_leaves_ours_with_a_note() -> None:
    """A broken template still alerts."""
    told = apply_templates(COMPOSED, recipient("fine", "${ environment }", "@here"))

    assert told == replace(
        COMPOSED,
        mention="@here",
        facts=(*COMPOSED.facts, Fact("Note", 'the text of the route "all" could not be written: the text is empty')),
    )
