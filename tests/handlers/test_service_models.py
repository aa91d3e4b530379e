import pytest
from botocore.loaders import Loader, UnknownServiceError

from handlers.aws import SERVICES, ServiceModels


@pytest.mark.parametrize("kind", ["endpoint-rule-set-1", "paginators-1", "service-2"])
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_described_as_botocore_does(service: str, kind: str) -> None:
    """Only the time that it takes is another."""
    assert ServiceModels().load_service_model(service, kind) == Loader().load_service_model(service, kind)


@pytest.mark.parametrize("name", ["_retry", "endpoints", "partitions", "sdk-default-configuration"])
def test_what_all_services_share_is_read_too(name: str) -> None:
    """Endpoints, partitions, and when to try again."""
    assert ServiceModels().load_data(name) == Loader().load_data(name)


def test_other_services_are_unknown() -> None:
    """The error lists the known services."""
    with pytest.raises(UnknownServiceError, match=r"Unknown service: 's3'. Valid service names are: cloudformation,"):
        ServiceModels().load_service_model("s3", "service-2")
