import pytest
from samtranslator.yaml_helper import yaml_parse

from bench.cost import POLLS_A_MONTH, Bill, bill, dollars, prices
from bench.report.page import render
from bench.stack import TEMPLATE, stack
from tests.bench.runs import run


def month(events: int, cold: float = 0) -> Bill:
    """Make the bill for so many *events*."""
    return bill(run(100), events, cold)


def amounts(events: int, cold: float = 0) -> dict[str, float]:
    """Compute the amount of each service for so many *events*."""
    made = month(events, cold)
    return {line.service: line.amount for line in (*made.variable, *made.fixed, *made.options)}


def test_every_line_has_a_price_and_every_price_a_line() -> None:
    """Nothing is free by mistake."""
    made = month(0)

    assert {line.price for line in (*made.variable, *made.fixed, *made.options)} == set(prices()) - {"date", "region"}


def test_a_price_is_for_so_many_units() -> None:
    """Three million at forty cents a million are a dollar and twenty cents."""
    assert dollars("sqs_requests", 3_000_000) == pytest.approx(1.2)


def test_requests_grow_with_the_events() -> None:
    """An event is two invocations, three requests to the queue, four writes, a publish and an email."""
    needed = amounts(1_000)

    assert needed["Lambda requests"] == 2_000
    assert needed["SQS: sent, received, deleted"] == 3_000
    assert needed["DynamoDB writes"] == 4_000
    assert needed["SNS publishes"] == needed["SNS emails, to one address"] == 1_000


def test_an_idle_queue_is_polled_all_month() -> None:
    """Five pollers every twenty seconds, whatever the number of events."""
    assert amounts(0)["SQS: polling of the empty queue"] == 5 * 3 * 60 * 24 * 30


def test_an_idle_stack_sweeps_every_five_minutes() -> None:
    """Each sweep asks the eight parts of the index."""
    assert amounts(0)["Lambda requests: sweeps"] == 12 * 24 * 30
    assert amounts(0)["DynamoDB reads: sweeps"] == 12 * 24 * 30 * 8 / 2


def test_computing_is_stretched_by_the_memory_and_waiting_is_not() -> None:
    """98 ms of waiting stay as they are, 2 ms of work take 1769/256 and 1769/512 times as long."""
    expected = ((98 + 2 * 1769 / 256) * 256 + (98 + 2 * 1769 / 512) * 512) / 1024 / 1000

    assert amounts(1)["Lambda GB-seconds"] == pytest.approx(expected)


def test_a_cold_start_is_billed() -> None:
    """Functions with cold starts alone cost more than warm ones."""
    assert amounts(1_000, cold=1)["Lambda GB-seconds"] > amounts(1_000)["Lambda GB-seconds"]


def test_metrics_are_counted_by_name_and_dimensions_and_by_the_hour() -> None:
    """One of the one function and two of the other, in as many of a month's 720 hours as have an event."""
    assert [amounts(events)["custom metrics"] for events in (0, 72, 720, 1_000_000)] == pytest.approx([0, 0.3, 3, 3])


def test_the_template_says_what_is_there_anyway() -> None:
    """Alarms are counted where they are made, each of one metric; what a parameter adds is not there by default."""
    resources = stack().resources

    assert amounts(0)["alarms"] == resources["AWS::CloudWatch::Alarm"] > 10
    assert (resources["AWS::CloudWatch::Dashboard"], resources["AWS::KMS::Key"]) == (0, 0)


def test_an_idle_stack_costs_less_than_two_dollars() -> None:
    """With the parameters' defaults, an email and Slack, and without what is free."""
    assert month(0).sums["total"] < 2


def test_a_heartbeat_costs_its_alarms_and_a_metric_an_hour_a_day() -> None:
    """Email and Slack have one of each."""
    conditional = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))["Resources"].values()
    alarms = [
        each
        for each in conditional
        if (each["Type"], each.get("Condition", "")[-9:]) == ("AWS::CloudWatch::Alarm", "Heartbeat")
    ]

    assert amounts(0)["and with `Heartbeat`"] == len(alarms) == 2
    assert amounts(0)["and its metrics"] == pytest.approx(2 / 24)


def test_a_key_that_rotates_is_billed_as_three() -> None:
    """Its first two yearly rotations add a dollar a month each."""
    assert amounts(0)["and with `CustomerManagedKey`, from the third year on"] == 3


def test_not_every_request_of_a_stream_is_traced() -> None:
    """X-Ray records one request a second, and one in twenty of the further ones."""
    seconds = 30 * 24 * 60 * 60

    assert amounts(1_000)["and with `Tracing`"] == 2_000
    assert amounts(seconds + 1_000)["and with `Tracing`"] == 2 * (seconds + 50)


def test_lines_of_one_price_share_what_is_free() -> None:
    """A million requests are free once, not once a line."""
    made = month(200_000)
    requests = 3 * 200_000 + POLLS_A_MONTH
    other = dict.fromkeys((line.price for line in (*made.variable, *made.fixed) if line.price != "sqs_requests"), 0.0)
    for line in (*made.variable, *made.fixed):
        if line.price in other:
            other[line.price] += line.amount
    rest = sum(dollars(name, max(amount - prices()[name]["free"], 0)) for name, amount in other.items())

    assert [*made.sums.values()][-1] == pytest.approx(rest + (requests - 1_000_000) * 0.4 / 1_000_000)


def test_the_bill_adds_up() -> None:
    """The growing and the fixed costs make the sum, in every column."""
    _, _, section = str(render(run(100))).partition("## Cost\n\n")
    lines = section.partition("\n\n")[0].splitlines()
    cells = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in lines]
    services = [line.service for line in (*month(0).variable, *month(0).fixed)]
    after = cells[2 + len(services) :]
    sums = {name: [float(cell.replace(",", "")) for cell in row] for name, *row in after[:3]}

    assert cells[0][1:] == ["1,000 events", "100,000 events", "1,000,000 events", "10,000,000 events"]
    assert [name for name, *_ in cells[2 : 2 + len(services)]] == services
    for grows, fixed, both in zip(*sums.values(), strict=True):
        assert both == pytest.approx(grows + fixed, abs=0.011)
