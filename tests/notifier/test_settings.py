from dataclasses import replace

import pytest

from notifier.channels.destination import Destination
from notifier.settings import (
    DeliveryMode,
    DeliveryResources,
    EventsResources,
    HeartbeatMode,
    Scope,
    Settings,
    SettingsError,
)

TEMPLATES = {
    "ACCOUNT_NAMES": "",
    "ALERT_SCOPE": "problems",
    "ALERT_TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:alerts",
    "DELIVERY_MODE": "send",
    "HEARTBEAT": "off",
    "SLACK_SECRET_NAME": "",
    "WEBHOOK_HOSTS": "",
    "WEBHOOK_PROXY": "",
}
RESOURCES = {
    "DELIVERIES_QUEUE_URL": "https://sqs.example/deliveries",
    "FAILED_DELIVERIES_URL": "https://sqs.example/failed",
    "LEDGER_TABLE": "ledger",
    "ROUTES_PARAMETER": "/stack/routes",
    "SECRET_PREFIX": "stack",
}
EMAIL = Destination("email", "sns", (("topic", "arn:aws:sns:eu-west-1:123456789012:alerts"),))


def test_the_templates_defaults_make_one_destination() -> None:
    """Without a Slack secret, subscribers of the topic are told of problems."""
    assert Settings.from_env(TEMPLATES) == Settings(
        destinations=(EMAIL,),
        scope=Scope.PROBLEMS,
        account_names=(),
        webhook_hosts=frozenset(),
        webhook_proxy=None,
        delivery_mode=DeliveryMode.SEND,
        heartbeat=HeartbeatMode.OFF,
        explains_failures=False,
    )


def test_every_variable_is_read() -> None:
    """Each variable that the template sets is in the settings."""
    settings = Settings.from_env(
        {
            "ACCOUNT_NAMES": "123456789012=production, 210987654321 = staging".replace(" = ", "="),
            "ALERT_SCOPE": "everything",
            "ALERT_TOPIC_ARN": "",
            "DELIVERY_MODE": "print",
            "EXPLAIN_FAILURES": "on",
            "WEBHOOK_HOSTS": "Proxy.example,127.0.0.1",
            "WEBHOOK_PROXY": "http://proxy.example:3128",
            "HEARTBEAT": "silent",
            "SLACK_SECRET_NAME": "slack-webhook",
        }
    )

    assert settings == Settings(
        destinations=(Destination("slack", "slack", (("webhook", "slack-webhook"),)),),
        scope=Scope.EVERYTHING,
        account_names=(("123456789012", "production"), ("210987654321", "staging")),
        webhook_hosts=frozenset({"proxy.example", "127.0.0.1"}),
        webhook_proxy="http://proxy.example:3128",
        delivery_mode=DeliveryMode.PRINT,
        heartbeat=HeartbeatMode.SILENT,
        explains_failures=True,
    )


def test_every_resource_is_read() -> None:
    """By the name of its variable."""
    assert DeliveryResources.from_env(RESOURCES) == DeliveryResources(
        deliveries_queue_url="https://sqs.example/deliveries",
        routes_parameter="/stack/routes",
        secret_prefix="stack",  # noqa: S106 - where secrets begin
        failed_deliveries_url="https://sqs.example/failed",
        ledger_table="ledger",
    )


def test_the_table_of_the_memory_may_be_missing() -> None:
    """A stack without it has no memory."""
    without = EventsResources("https://sqs.example/deliveries", "/stack/routes", "stack")

    assert EventsResources.from_env(RESOURCES) == EventsResources.from_env({**RESOURCES, "MEMORY_TABLE": ""}) == without
    assert EventsResources.from_env({**RESOURCES, "MEMORY_TABLE": "memory"}) == replace(without, memory_table="memory")


def test_each_missing_resource_is_named() -> None:
    """A variable without a value counts as missing; the first function needs neither table nor dead-letter queue."""
    given = {**RESOURCES, "FAILED_DELIVERIES_URL": "", "ROUTES_PARAMETER": ""}
    del given["LEDGER_TABLE"]

    with pytest.raises(SettingsError, match=r"^not set: ROUTES_PARAMETER$"):
        EventsResources.from_env(given)
    with pytest.raises(SettingsError, match=r"^not set: ROUTES_PARAMETER, FAILED_DELIVERIES_URL, LEDGER_TABLE$"):
        DeliveryResources.from_env(given)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"ALERT_TOPIC_ARN": ""},
            "neither ALERT_TOPIC_ARN nor SLACK_SECRET_NAME is set: there is no destination",
        ),
        ({"ALERT_SCOPE": "some"}, "ALERT_SCOPE is 'some' and must be one of problems, everything"),
        ({"ALERT_SCOPE": None}, "ALERT_SCOPE is '' and must be one of problems, everything"),
        ({"DELIVERY_MODE": "fax"}, "DELIVERY_MODE is 'fax' and must be one of send, print"),
        ({"HEARTBEAT": None}, "HEARTBEAT is '' and must be one of off, silent, message"),
        (
            {"ACCOUNT_NAMES": "123456789012=a,b"},
            "ACCOUNT_NAMES has 'b', which is not like 123456789012=production",
        ),
    ],
)
def test_a_wrong_variable_is_named(wrong: dict[str, str | None], message: str) -> None:
    """The first invocation fails and says which variable, what is wrong and what is allowed."""
    given = {name: value for name, value in {**TEMPLATES, **wrong}.items() if value is not None}

    with pytest.raises(SettingsError) as refused:
        Settings.from_env(given)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    "proxy",
    ["http://proxy.example:3128", "https://proxy.example:443/", "http://10.0.0.1:8080", "http://[fd00::1]:3128"],
)
def test_a_proxy_has_a_scheme_a_host_and_a_port(proxy: str) -> None:
    """Its port is said, as clients differ in what they take without one."""
    assert Settings.from_env({**TEMPLATES, "WEBHOOK_PROXY": proxy}).webhook_proxy == proxy


@pytest.mark.parametrize(
    "proxy",
    [
        "http://user:s3cr3t@proxy.example:3128",
        "http://s3cr3t@proxy.example:3128",
        "http://proxy.example/s3cr3t",
        "http://proxy.example:3128?s3cr3t",
        "socks5://s3cr3t:1080",
        "s3cr3t:3128",
        "http://s3cr3t",
        "http://s3cr3t:port",
        "http://s3cr3t:3128\n",
        " http://s3cr3t:3128",
    ],
)
def test_another_proxy_is_refused_and_not_repeated(proxy: str) -> None:
    """A password in it is in no log."""
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({**TEMPLATES, "WEBHOOK_PROXY": proxy})

    assert str(refused.value) == (
        "WEBHOOK_PROXY must be like http://proxy.example.com:3128, without a user and a password"
    )


@pytest.mark.parametrize(
    "entry",
    ["*.example.org", "https://hooks.example.com", "hooks.example.com:1", "hooks.example.com/x", ".", "a..b"],
)
def test_a_host_that_matches_nothing_is_refused(entry: str) -> None:
    """Better than a webhook that is never posted to."""
    with pytest.raises(SettingsError) as refused:
        Settings.from_env({**TEMPLATES, "WEBHOOK_HOSTS": f"hooks.example.com, {entry}"})

    assert str(refused.value) == (
        f"WEBHOOK_HOSTS has '{entry}', which is neither a host's name nor like .example.org, for all below it"
    )
