"""The shell's variables and the local cloud: the table of them, and all of them at once against the whole demo."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import boto3
import botocore
import botocore.configprovider
import moto
import pytest
from samtranslator import __file__ as samtranslator

from proton_notifier.fakes.server import FakeResponse, FakeServer, Request
from proton_notifier.fakes.slack import FakeSlack
from proton_notifier.localaws.environment import ENVIRONMENT, NO_CONFIGURATION, isolated
from proton_notifier.main import main
from tests.local_cloud import LocalCloud
from tests.samples import EVENTS, event

ROOT: Final = Path(__file__).parent.parent.parent
# How a module asks for a variable.
READ: Final = re.compile(r"""(?:environ(?:\.get\(|\[)|getenv\()\s*["']([A-Za-z_0-9]+)["']""")
# What moto calls the variables of a request (WSGI), and what changes no call: tests of moto itself are left out by it.
HARMLESS: Final = {"FOO", "PATH_INFO", "RAW_URI", "TESTS_SKIP_REQUIRES_DOCKER", "UNICODE_VERSION"}
REQUESTS: Final = re.compile("CONTENT_.*|HTTP_(AUTHORIZATION|HOST|USER_AGENT|X_AMZ_TARGET)")
# {} becomes the address of a server that nobody may reach, {folder} a folder with a file that is no configuration.
HOSTILE: Final[Mapping[str, str]] = {
    "ALERT_TOPIC_ARN": "arn:aws:sns:us-east-1:999999999999:elsewhere",
    "ALL_PROXY": "{}",
    "AWS_ACCESS_KEY_ID": "someone",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "required",
    "AWS_CA_BUNDLE": "/no/such/file",
    "AWS_CONFIG_FILE": "{folder}/broken",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{}",
    "AWS_DATA_PATH": "{folder}",
    "AWS_DEFAULTS_MODE": "unknown",
    "AWS_DEFAULT_PROFILE": "missing",
    "AWS_DEFAULT_REGION": "cn-north-1",
    "AWS_EC2_METADATA_DISABLED": "false",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{}",
    "AWS_ENDPOINT_URL": "{}",
    "AWS_ENDPOINT_URL_CLOUDFORMATION": "{}",
    "AWS_ENDPOINT_URL_S3": "{}",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER": "{}",
    "AWS_ENDPOINT_URL_SQS": "{}",
    "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
    "AWS_LAMBDA_FUNCTION_NAME": "elsewhere",
    "AWS_LAMBDA_RUNTIME_API": "{}",
    "AWS_MAX_ATTEMPTS": "abc",
    "AWS_PROFILE": "missing",
    "AWS_REGION": "us-gov-west-1",
    "AWS_RETRY_MODE": "unknown",
    "AWS_ROLE_ARN": "arn:aws:iam::999999999999:role/elsewhere",
    "AWS_SESSION_TOKEN": "expired",
    "AWS_SHARED_CREDENTIALS_FILE": "{folder}/broken",
    "AWS_STS_REGIONAL_ENDPOINTS": "unknown",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/no/such/file",
    "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:1",
    "BOTOCORE_EXPERIMENTAL__PLUGINS": "elsewhere=no_such_module",
    "BOTO_CONFIG": "{folder}/broken",
    "CURL_CA_BUNDLE": "/no/such/file",
    "DELIVERIES_QUEUE_URL": "{}",
    "DELIVERY_MODE": "print",
    "HTTPS_PROXY": "{}",
    "HTTP_PROXY": "{}",
    "INITIAL_NO_AUTH_ACTION_COUNT": "0",
    "LEDGER_TABLE": "elsewhere",
    "MOTO_ACCOUNT_ID": "999999999999",
    "MOTO_ACM_VALIDATION_WAIT": "abc",
    "MOTO_S3_CUSTOM_ENDPOINTS": "{}",
    "NETRC": "{folder}/broken",
    "POWERTOOLS_DEV": "true",
    "POWERTOOLS_LOG_LEVEL": "unknown",
    "POWERTOOLS_METRICS_DISABLED": "true",
    "POWERTOOLS_SERVICE_NAME": "elsewhere",
    "REQUESTS_CA_BUNDLE": "/no/such/file",
    "S3_UPLOAD_PART_MIN_SIZE": "abc",
    "SLACK_SECRET_NAME": "elsewhere",
    "SSL_CERT_FILE": "/no/such/file",
    "TEST_PROXY_MODE": "true",
    "TEST_SERVER_MODE": "true",
    "_X_AMZN_TRACE_ID": "Root=1",
    "all_proxy": "{}",
    "http_proxy": "{}",
    "https_proxy": "{}",
}
# The stack's own, which a function has from the template alone.
OF_THE_STACK: Final = {"ALERT_TOPIC_ARN", "DELIVERIES_QUEUE_URL", "DELIVERY_MODE", "LEDGER_TABLE", "SLACK_SECRET_NAME"}


class Elsewhere(FakeServer):
    """A server that the shell's variables lead to; *connections* counts who followed."""

    channel = ""
    path = ""

    def receive(self, request: Request) -> FakeResponse:
        """Refuse."""
        self.rejections.append(request.path)
        return FakeResponse(500, "")


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    """Run a server that nobody may reach."""
    with Elsewhere() as running:
        yield running


@pytest.fixture
def hostile(elsewhere: Elsewhere, tmp_path: Path) -> dict[str, str]:
    """Make the variables that lead there, or to a traceback."""
    (tmp_path / "broken").write_text("no configuration\n", encoding="ascii")
    return {name: value.format(elsewhere.url, folder=tmp_path) for name, value in HOSTILE.items()}


def read_by(*packages: str) -> set[str]:
    """Find the variables that the code of *packages*, by the paths of their `__init__.py`, asks for."""
    texts = (file.read_text(encoding="utf-8") for package in packages for file in Path(package).parent.rglob("*.py"))
    return {name for text in texts if "env" in text for name in READ.findall(text)}


def test_what_the_local_cloud_is_made_of_reads_nothing_of_the_shell() -> None:
    """A variable that a newer version asks for has to be judged."""
    read = read_by(moto.__file__, botocore.__file__, boto3.__file__, samtranslator)
    configured = {
        name
        for _, names, *_ in botocore.configprovider.BOTOCORE_DEFAUT_SESSION_VARIABLES.values()
        for name in (names if isinstance(names, list) else [names] if names else [])
    }
    left = isolated(dict.fromkeys(read | configured, "x"))

    assert len(read) > 50
    assert {"AWS_PROFILE", "AWS_CONFIG_FILE"} <= configured
    assert {name for name in left if not REQUESTS.fullmatch(name)} - HARMLESS == {*NO_CONFIGURATION}


@pytest.mark.parametrize("name", sorted({*HOSTILE} - OF_THE_STACK))
def test_a_variable_of_the_shell_decides_nothing(name: str) -> None:
    """It is gone, or has a value that leads nowhere."""
    assert isolated({name: "elsewhere"}) == NO_CONFIGURATION


@pytest.mark.parametrize("name", ["COVERAGE_FILE", "HOME", "LC_ALL", "NO_COLOR", "PATH", "PYTHONPATH", "TERM", "TZ"])
def test_what_concerns_the_terminal_and_python_stays(name: str) -> None:
    """The command looks and speaks as everywhere."""
    assert isolated({name: "mine"}) == {name: "mine", **NO_CONFIGURATION}


def test_a_local_cloud_is_sealed_by_itself(
    elsewhere: Elsewhere, hostile: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opens one, and whatever is exported later; afterwards all is as it was."""
    for name, value in hostile.items():
        monkeypatch.setenv(name, value)

    with FakeSlack() as slack, LocalCloud(slack.url) as cloud:
        inside = {name: os.environ[name] for name in os.environ if name.startswith("AWS_")}
        cloud.invoke(event("service-instance-deployment-failed"))
        arrived = len(slack.messages), len(cloud.emails())

    assert inside == ENVIRONMENT
    assert (arrived, cloud.failures, elsewhere.connections) == ((1, 1), [], 0)
    assert {name: os.environ[name] for name in hostile} == hostile


def test_the_demo_needs_no_account_whatever_is_exported(
    elsewhere: Elsewhere, hostile: dict[str, str], tmp_path: Path
) -> None:
    """In a process of its own, for moto reads some variables when it is imported."""
    (tmp_path / "events").mkdir()
    (tmp_path / "events/event.json").write_bytes((EVENTS / "service-instance-deployment-failed.json").read_bytes())
    command = ["demo", "--events", str(tmp_path / "events"), "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-m", "proton_notifier.main", *command],
        env={**os.environ, **hostile, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "events: 1, messages: 3, incidents: 1, open: 1\n" in done.stdout
    assert "production (123456789012)" in (tmp_path / "out/index.html").read_text(encoding="utf-8")
    assert (elsewhere.connections, elsewhere.rejections) == (0, [])


def test_a_preview_needs_no_account_whatever_is_exported(
    elsewhere: Elsewhere, hostile: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks nobody."""
    for name, value in hostile.items():
        monkeypatch.setenv(name, value)

    assert main(["preview", str(EVENTS / "service-instance-deployment-failed.json")]) == 0
    assert elsewhere.connections == 0


def test_these_tests_are_sealed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that no test answers finds no credentials, and so goes nowhere."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    assert {name: value for name, value in os.environ.items() if name.startswith("AWS_")} == NO_CONFIGURATION
    assert boto3.Session().get_credentials() is None
