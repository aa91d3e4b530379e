"""The environment of the local cloud: nothing that the shell exports leads it to an account, or to any address."""

import os
import re
from collections.abc import Mapping
from typing import Final

REGION: Final = "eu-west-1"
# Where AWS's clients would look otherwise; nothing can be found in these places.
NOWHERE: Final[Mapping[str, str]] = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
ENVIRONMENT: Final[Mapping[str, str]] = {
    **NOWHERE,
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_SECRET_ACCESS_KEY": "local",
}
# By their names: what AWS's clients, moto, Powertools and Python's HTTP clients read, and what Lambda sets.
READ_BY_OTHERS: Final = re.compile(
    r"(_X_AMZN|AWS|BOTO|BOTOCORE|LAMBDA|MOTO|POWERTOOLS|S3|TEST)_.*"
    r"|.*_(CA_BUNDLE|PROXY)"
    r"|DEFAULT_CONTAINER_REGISTRY|INITIAL_NO_AUTH_ACTION_COUNT|MAX_SHARED_ACCOUNTS|NETRC|SF_EXECUTION_HISTORY_TYPE"
    r"|SSL_CERT_(DIR|FILE)|SSLKEYLOGFILE|VALIDATE_LAMBDA_S3",
    re.IGNORECASE,  # a proxy's variable may be in lower case
)


def sealed(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave in *environment* what concerns neither AWS nor HTTP: paths, languages, terminals."""
    kept = {name: value for name, value in environment.items() if not READ_BY_OTHERS.fullmatch(name)}
    return {**kept, **NOWHERE}


def seal() -> None:
    """Seal this process; moto has to be imported later, for it reads some variables then."""
    left = sealed(os.environ)
    os.environ.clear()
    os.environ.update(left)
