from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from notifier.channels.deadlines import deadline
from notifier.channels.destination import DeliveryError, Reason
from notifier.channels.secrets import MAX_AGE_SECONDS, Secret, StoredSecrets
from tests.clients import store_client, stored_secrets


@pytest.fixture
def secrets() -> Iterator[StoredSecrets]:
    """Open stores that hold one secret each."""
    with mock_aws():
        boto3.client("secretsmanager", region_name="eu-west-1").create_secret(Name="stack/a", SecretString=" first\n")
        boto3.client("ssm", region_name="eu-west-1").put_parameter(Name="/stack/b", Value="b", Type="SecureString")
        yield stored_secrets()


MARK = "begins with a byte order mark, as an editor or PowerShell writes it"


def replace_secret(value: str) -> None:
    """Put another value into the secret."""
    boto3.client("secretsmanager", region_name="eu-west-1").put_secret_value(SecretId="stack/a", SecretString=value)


@pytest.mark.parametrize(("name", "value"), [("stack/a", "first"), ("/stack/b", "b")])
def test_a_slash_leads_to_the_parameter_store(name: str, value: str, secrets: StoredSecrets) -> None:
    """A pasted secret's white space is not part of it."""
    used: list[Secret] = []

    secrets.use(name, used.append)

    assert used == [Secret(name, value)]


def test_a_secret_is_read_once_for_many_messages(secrets: StoredSecrets) -> None:
    """A secret in use is cached for five minutes."""
    used: list[Secret] = []
    secrets.use("stack/a", used.append)
    replace_secret("second")

    secrets.use("stack/a", used.append)

    assert [secret.value for secret in used] == ["first", "first"]


def test_a_secret_is_read_again_after_five_minutes(secrets: StoredSecrets) -> None:
    """One that was replaced and still works is in use for no longer."""
    moments = [0.0]
    secrets = StoredSecrets(store_client, lambda: moments[-1])
    used: list[str] = []
    for moment, value in ((0, "second"), (MAX_AGE_SECONDS - 1, "third"), (MAX_AGE_SECONDS, "fourth")):
        moments.append(moment)
        secrets.use("stack/a", lambda secret: used.append(secret.value))
        replace_secret(value)

    assert used == ["first", "first", "third"]


def test_a_secret_of_bytes_is_named(secrets: StoredSecrets) -> None:
    """No channel's secret is one, and nothing is sent with what Python makes of it."""
    boto3.client("secretsmanager", region_name="eu-west-1").create_secret(Name="stack/c", SecretBinary=b"c")

    with pytest.raises(DeliveryError, match="the secret stack/c holds no text") as failed:
        secrets.use("stack/c", lambda _secret: None)

    assert failed.value.reason is Reason.MISCONFIGURED


@pytest.mark.parametrize("reason", [Reason.GONE, Reason.UNAUTHORISED])
def test_a_replaced_secret_is_read_again_at_once(reason: Reason, secrets: StoredSecrets) -> None:
    """A send that is refused with the old secret tries the new one, once."""
    used: list[str] = []

    def send(secret: Secret) -> None:
        used.append(secret.value)
        if secret.value == "first":
            replace_secret("second")
            message = "no"
            raise DeliveryError(message, reason)

    secrets.use("stack/a", send)

    assert used == ["first", "second"]


@pytest.mark.parametrize("reason", [*Reason])
def test_the_same_secret_is_not_tried_twice(reason: Reason, secrets: StoredSecrets) -> None:
    """A send that fails with the newest secret fails."""
    used: list[str] = []

    def send(secret: Secret) -> None:
        used.append(secret.value)
        message = "no"
        raise DeliveryError(message, reason)

    with pytest.raises(DeliveryError, match="no"):
        secrets.use("stack/a", send)

    assert used == ["first"]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("AccessDeniedException", Reason.MISCONFIGURED),
        ("DecryptionFailure", Reason.MISCONFIGURED),
        ("InvalidRequestException", Reason.MISCONFIGURED),
        ("InternalServiceError", Reason.UNAVAILABLE),
        ("ResourceNotFoundException", Reason.MISCONFIGURED),
        ("ThrottlingException", Reason.UNAVAILABLE),
    ],
)
def test_a_secret_that_cannot_be_read_is_named(code: str, reason: Reason) -> None:
    """Whoever reads the log knows which secret; whether it is worth trying again depends on why."""
    store = store_client("secretsmanager")
    unreadable = StoredSecrets(lambda _service: store, lambda: 0)
    used: list[Secret] = []
    with Stubber(store) as stubber:
        stubber.add_client_error("get_secret_value", code)

        with pytest.raises(DeliveryError, match=f"the secret stack/a could not be read.*{code}") as failed:
            unreadable.use("stack/a", used.append)

    assert failed.value.reason is reason
    assert failed.value.settling is (code == "AccessDeniedException")
    assert used == []


def test_a_missing_parameter_is_named(secrets: StoredSecrets) -> None:
    """The other store's word for it is known as well."""
    with pytest.raises(DeliveryError, match="the secret /stack/none could not be read") as failed:
        secrets.use("/stack/none", lambda _secret: None)

    assert failed.value.reason is Reason.MISCONFIGURED


def test_a_secret_is_not_in_its_repr() -> None:
    """Printing it prints its name."""
    assert repr(Secret("stack/a", "s3cr3t")) == "Secret(name='stack/a')"


def test_after_the_deadline_no_secret_is_read(secrets: StoredSecrets) -> None:
    """It comes back; whether the secret is there was not asked."""
    used: list[Secret] = []

    with deadline(0), pytest.raises(DeliveryError, match="the secret stack/a could not be read") as failed:
        secrets.use("stack/a", used.append)

    assert failed.value.reason is Reason.TIMED_OUT
    assert used == []


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (" \n", "is empty"),
        ("\ufeffhttps://hooks.example/s3cr3t", MARK),
        (
            "\xef\xbb\xbfhttps://hooks.example/s3cr3t",
            MARK,
        ),
        ('{"webhook": "https://hooks.example/s3cr3t"}', "holds JSON, like the console's key/value pairs"),
        ('["s3cr3t"]', "holds JSON, like the console's key/value pairs"),
        ('"https://hooks.example/s3cr3t"', "has quotation marks around it"),
        ("'s3cr3t'", "has quotation marks around it"),
        ("\u201cs3cr3t\u201d", "has quotation marks around it"),
        ("<https://hooks.example/s3cr3t>", "holds a placeholder, like <...>"),
        ("https://hooks.example/services/T00000000/s3cr3t/XXXXXXXXXXXX", "holds a placeholder, like <...>"),
        ("xoxb-your-s3cr3t", "holds a placeholder, like <...>"),
        ("REPLACE_ME s3cr3t", "holds a placeholder, like <...>"),
        ("$WEBHOOK_s3cr3t", "holds a variable or a file's name instead of its value"),
        ("file://s3cr3t.txt", "holds a variable or a file's name instead of its value"),
        ("https://hooks.example/services/s3cr3t/...", "holds a placeholder, like <...>"),
        ("https://hooks.example/s3cr3t\u200b", "has a blank, a line break or an invisible character in it"),
        ("https://hooks.example/ s3cr3t", "has a blank, a line break or an invisible character in it"),
        ("s3cr3t\r\ns3cr3t", "has a blank, a line break or an invisible character in it"),
        ("s3cr3t\u200ds3cr3t", "has a blank, a line break or an invisible character in it"),
    ],
)
def test_a_secret_that_cannot_be_right_is_described(value: str, hint: str, secrets: StoredSecrets) -> None:
    """Each mistake in its own words, and never by what the secret is."""
    replace_secret(value)

    def refuse(_secret: Secret) -> None:
        message = "no"
        raise DeliveryError(message, Reason.GONE)

    with pytest.raises(DeliveryError) as failed:
        secrets.use("stack/a", refuse)

    assert str(failed.value) == f"no (the secret stack/a {hint}; it has to be the plain value)"
    assert failed.value.reason is Reason.GONE
    assert failed.value.__context__ is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [("https://hooks.example/services/T0/B0/x?sig=a_b-c%20d&x=1", Reason.GONE), ('"quoted"', Reason.UNAVAILABLE)],
)
def test_nothing_is_said_of_a_secret_that_is_not_why(value: str, reason: Reason, secrets: StoredSecrets) -> None:
    """It looks as it should, or the destination is busy."""
    replace_secret(value)

    def refuse(_secret: Secret) -> None:
        message = "no"
        raise DeliveryError(message, reason)

    with pytest.raises(DeliveryError, match=r"\Ano\Z"):
        secrets.use("stack/a", refuse)
