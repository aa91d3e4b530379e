"""The environment of the local cloud, without the shell's variables that could lead to an account or another host."""

import os
import re
from collections.abc import Mapping
from typing import Final

REGION: Final = "eu-west-1"
# Empty configurations, in place of AWS's default files.
NO_CONFIGURATION: Final[Mapping[str, str]] = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
ENVIRONMENT: Final[Mapping[str, str]] = {
    **NO_CONFIGURATION,
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_SECRET_ACCESS_KEY": "local",
}
# The variables that AWS clients, moto, Powertools and Python's HTTP clients read, and those that Lambda sets.
READ_BY_OTHERS: Final = re.compile(
    r"(_X_AMZN|AWS|BOTO|BOTOCORE|LAMBDA|MOTO|POWERTOOLS|S3|TEST)_.*"
    r"|.*_(CA_BUNDLE|PROXY)"
    r"|DEFAULT_CONTAINER_REGISTRY|INITIAL_NO_AUTH_ACTION_COUNT|MAX_SHARED_ACCOUNTS|NETRC|SF_EXECUTION_HISTORY_TYPE"
    r"|SSL_CERT_(DIR|FILE)|SSLKEYLOGFILE|VALIDATE_LAMBDA_S3",
    re.IGNORECASE,  # a proxy's variable may be in lower case
)


def isolated(environment: Mapping[str, str]) -> dict[str, str]:
    """Return *environment* without the variables that concern AWS or HTTP."""
    kept = {name: value for name, value in environment.items() if not READ_BY_OTHERS.fullmatch(name)}
    return {**kept, **NO_CONFIGURATION}


def isolate() -> None:
    """Remove the variables that concern AWS or HTTP from this process, before moto is imported and reads them."""
    kept = isolated(os.environ)
    os.environ.clear()
    os.environ.update(kept)
