import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from notifier.model.status_change import Fact
from notifier.sources.envelope import Event
from notifier.sources.proton.event_types import EVENT_TYPES
from notifier.sources.table import source_of
from tests.notifier.proton.test_changes import change_of
from tests.samples import NAMES, environment_event, event, notification

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(), children, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_event_parses(name: str) -> None:
    """Every file in events/ is an event that the model reads, of a source that a stack can have."""
    parsed = Event.model_validate(event(name))

    assert source_of(parsed).option


def test_the_samples_cover_every_detail_type() -> None:
    """There is a sample for each documented resource and one that is not documented."""
    parsed = [Event.model_validate(event(name)) for name in NAMES]
    seen = {each.detail_type for each in parsed if each.source == "aws.proton"}

    assert seen >= set(EVENT_TYPES)
    assert seen - set(EVENT_TYPES) == {"AWS Proton Repository Status Change"}


def test_a_full_envelope_is_kept_as_it_came() -> None:
    """A real event's id, account, region, time and resources are what EventBridge said."""
    parsed = Event.model_validate(event("service-update-failed"))

    assert parsed.id == event("service-update-failed")["id"]
    assert parsed.account == "123456789012"
    assert parsed.region == "eu-west-1"
    assert parsed.time == datetime(2026, 3, 3, 14, 9, 41, tzinfo=UTC)
    assert parsed.resources == ["arn:aws:proton:eu-west-1:123456789012:service/checkout"]


def test_the_user_guides_own_samples_parse() -> None:
    """A list as detail-type and an envelope without version, id, account and region are read."""
    parsed = Event.model_validate(event("service-template-version-registration-failed"))

    assert parsed.detail_type == "AWS Proton Service Template Version Status Change"
    assert (parsed.version, parsed.account, parsed.region) == (None, None, None)
    assert change_of(event("service-template-version-registration-failed")).facts[-1] == Fact("Version", "1.0")


def test_an_event_without_id_gets_one_from_its_content() -> None:
    """The same content has the same id, in any order of keys and replayed; other content has another."""
    raw = event("environment-deletion-failed")
    reordered = dict(reversed(raw.items()))
    replayed = {**raw, "replay-name": "again"}
    later = {**raw, "time": "2021-03-22T23:21:41.734Z"}

    ids = [Event.model_validate(variant).id for variant in (raw, reordered, replayed, later)]

    assert ids[0] == ids[1] == ids[2] == "43004292-e324-5076-9cf5-75cc64e26b73"
    assert ids[3] != ids[0]


@pytest.mark.parametrize("odd", [None, "", " ", "\u200b", ["u1"], 1.5, "two\nlines", "x" * 129])
def test_an_odd_id_is_replaced_by_one_from_the_content(odd: object) -> None:
    """An id that could not stand in a log or a key is not used, yet it still tells events apart."""
    raw = event("environment-deletion-failed")

    replaced = Event.model_validate({**raw, "id": odd}).id

    assert len(replaced) == 36
    assert replaced != Event.model_validate({**raw, "id": ["another"]}).id


@pytest.mark.parametrize("previous", [None, "", "  "])
def test_a_previous_status_may_be_empty_or_null(previous: str | None) -> None:
    """A value that means "there was none before" is absent."""
    change = change_of(environment_event(name="e", status="IN_PROGRESS", previousStatus=previous))

    assert change.previous_status is None
    assert change.missing == ()


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("2021-03-22T23:21:40.734Z", datetime(2021, 3, 22, 23, 21, 40, 734000, UTC)),
        ("2021-03-22T23:21:40", datetime(2021, 3, 22, 23, 21, 40, tzinfo=UTC)),
        ("2021-03-23T01:21:40+02:00", datetime(2021, 3, 22, 23, 21, 40, tzinfo=UTC)),
        ("2021-03-22t23:21:40z ", datetime(2021, 3, 22, 23, 21, 40, tzinfo=UTC)),
        ("yesterday", None),
        ("1969-12-31T23:59:59Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        (20210322, None),
        (None, None),
        (1616455300, datetime(2021, 3, 22, 23, 21, 40, tzinfo=UTC)),
        (1616455300.5, datetime(2021, 3, 22, 23, 21, 40, 500000, UTC)),
        (1616455300734, datetime(2021, 3, 22, 23, 21, 40, 734000, UTC)),
        ("1616455300", datetime(2021, 3, 22, 23, 21, 40, tzinfo=UTC)),
        (" 1616455300734 ", datetime(2021, 3, 22, 23, 21, 40, 734000, UTC)),
        ("1616455300.734000000", datetime(2021, 3, 22, 23, 21, 40, 734000, UTC)),
        ("1.6164553E9", datetime(2021, 3, 22, 23, 21, 40, tzinfo=UTC)),
        ("1616455300734000", datetime(2021, 3, 22, 23, 21, 40, 734000, UTC)),
        # Python takes it for the fifteenth of December 1712.
        ("1712121500000", datetime(2024, 4, 3, 5, 18, 20, tzinfo=UTC)),
        ("20210322", datetime(2021, 3, 22, tzinfo=UTC)),
        (10**400, None),
        (float("nan"), None),
        (float("inf"), None),
        (-1616455300, None),
        (True, None),
        ("1e400", None),
        ("\u0661" * 10, None),
    ],
)
def test_a_time_is_read_in_utc_or_absent(given: object, read: datetime | None) -> None:
    """An odd time does not stop an event."""
    assert Event.model_validate({**event("service-created"), "time": given}).time == read


def test_fields_of_another_type_count_as_absent() -> None:
    """A list where a name should be is no name; a whole number is read as text."""
    raw = {
        **event("environment-template-version-registered"),
        "account": ["a"],
        "resources": {"not": "a list"},
        "detail": {"name": ["n"], "majorVersion": 2, "minorVersion": True, "status": "DRAFT"},
    }

    parsed, change = Event.model_validate(raw), change_of(raw)

    assert parsed.account is None
    assert parsed.resources == []
    assert change.facts == (Fact("Version", "2.?"),)
    assert change.missing == ("name", "minorVersion", "account")


@pytest.mark.parametrize("detail", [None, "text", ["list"], 5, {}])
def test_a_detail_that_is_no_object_lacks_everything(detail: object) -> None:
    """An event with an unusable detail is still an event."""
    change = change_of({**event("service-instance-deployed"), "detail": detail})

    assert change.missing == ("status", "name", "serviceName")
    assert change.name is None


@pytest.mark.parametrize(
    "written",
    [
        json.dumps,
        lambda detail: f" {json.dumps(detail, indent=1)}\n",
        lambda detail: json.dumps(json.dumps(detail)),
        lambda detail: f"\ufeff{json.dumps(detail)}",
    ],
)
def test_a_detail_may_be_json_text(written: Callable[[object], str]) -> None:
    """As EventBridge Scheduler sends it: a failure is one."""
    raw = event("service-instance-deployment-failed")

    assert notification({**raw, "detail": written(raw["detail"])}) == notification(raw)


@pytest.mark.parametrize("text", ['"{}"', "[1]", "null", "{", "[" * 100_000, "9" * 5_000, "NaN", "\ufeff"])
def test_a_detail_of_other_text_lacks_everything(text: str) -> None:
    """A text that holds no object has no fields."""
    change = change_of({**event("service-instance-deployed"), "detail": text})

    assert change.missing == ("status", "name", "serviceName")


def test_a_template_version_may_lack_its_name_and_version() -> None:
    """Nothing is made up for what is absent."""
    change = change_of({**event("environment-template-version-registered"), "detail": {}})

    assert (change.name, change.facts) == (None, ())
    assert change.missing == ("status", "name", "majorVersion", "minorVersion")


def test_half_a_surrogate_pair_is_replaced() -> None:
    """JSON can spell text that is no Unicode, in a value and in a key."""
    raw = {**event("deployment-failed"), "detail": {"\ud800": "x", "id": "\ud83d", "status": "FAILED"}}

    change = change_of(raw)

    assert change.name == "\ufffd"
    assert change.status == "FAILED"


@pytest.mark.parametrize(
    ("raw", "missing"),
    [
        ({}, ["source", "detail-type", "detail"]),
        ({"source": "aws.proton", "detail-type": "AWS Proton Service Status Change"}, ["detail"]),
        ({"source": None, "detail-type": [], "detail": {}}, ["source", "detail-type"]),
        ({"Records": [{"secret": "s3cr3t"}]}, ["source", "detail-type", "detail"]),
    ],
)
def test_what_is_no_event_is_refused_by_name(raw: object, missing: list[str]) -> None:
    """The error names each field that is missing or wrong, and repeats nothing of the input."""
    with pytest.raises(ValidationError) as refused:
        Event.model_validate(raw)

    assert [wrong["loc"][0] for wrong in refused.value.errors()] == missing
    assert "s3cr3t" not in str(refused.value)


@pytest.mark.parametrize("raw", [None, "text", [], 7])
def test_what_is_no_object_is_refused(raw: object) -> None:
    """Only a JSON object can be an event."""
    with pytest.raises(ValidationError, match="valid dictionary"):
        Event.model_validate(raw)


@given(
    envelope=st.dictionaries(
        st.sampled_from(["version", "id", "account", "time", "region", "resources", "replay-name", "else"]),
        JSON,
    ),
    detail=JSON | st.dictionaries(st.sampled_from(["name", "status", "previousStatus", "serviceName", "id"]), JSON),
    detail_type=st.sampled_from([*EVENT_TYPES, "AWS Proton Later Status Change", "Anything"])
    | st.text(min_size=1).filter(str.isalnum),
)
def test_anything_shaped_like_an_event_parses(envelope: dict[str, object], detail: object, detail_type: str) -> None:
    """Whatever stands in the fields, parsing does not fail and the id is usable."""
    raw = {**envelope, "source": "aws.proton", "detail-type": detail_type, "detail": detail}

    parsed = Event.model_validate(raw)

    assert 1 <= len(parsed.id) <= 128
