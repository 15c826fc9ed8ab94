"""What is said to be forwarded counts from the proxies that the settings name, and from no one else."""

from collections.abc import Mapping
from urllib.parse import urlencode

import pytest

from tests.api.browser import PASSWORD, hire_with_password
from tests.api.client import ApiClient
from tests.api.conftest import OpenClient

HERE = "127.0.0.1"
TRUSTING = "10.1.0.0/24, 127.0.0.1"
MOST_WRONG_LINKS = 60


def forwarded(address: str, scheme: str = "https") -> Mapping[str, str]:
    return {"X-Forwarded-For": address, "X-Forwarded-Proto": scheme}


async def is_one_too_many(api: ApiClient, address: str) -> bool:
    """Whether a wrong link is refused for how many came from there before."""
    return (await api.client.get("/t/wrong", headers=forwarded(address))).status_code == 429


@pytest.mark.parametrize("trusted", ["", "10.1.0.0/24", TRUSTING])
async def test_a_proxy_on_this_machine_gives_nobody_a_right(
    open_client: OpenClient, trusted: str
) -> None:
    async with open_client(trusted_proxies=trusted, address=HERE) as api:
        del api.client.headers["Authorization"]
        for headers in ({}, forwarded("127.0.0.1"), forwarded("::1"), forwarded("10.1.0.9")):
            told = await api.client.get("/api/doctors", headers=headers)
            assert (told.status_code, told.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("trusted", "peer"), [("", HERE), ("10.1.0.0/24", HERE), (TRUSTING, "10.1.1.7")]
)
async def test_an_address_forged_by_whom_nobody_trusts_changes_nothing(
    open_client: OpenClient, trusted: str, peer: str
) -> None:
    async with open_client(trusted_proxies=trusted, address=peer) as api:
        taken = [await is_one_too_many(api, f"203.0.113.{n}") for n in range(MOST_WRONG_LINKS + 1)]
    assert taken == [False] * MOST_WRONG_LINKS + [True]


@pytest.mark.parametrize("peer", [HERE, "10.1.0.9"])
async def test_behind_a_trusted_proxy_each_caller_is_counted_alone(
    open_client: OpenClient, peer: str
) -> None:
    async with open_client(trusted_proxies=TRUSTING, address=peer) as api:
        for _ in range(MOST_WRONG_LINKS):
            assert not await is_one_too_many(api, "203.0.113.1")
        assert await is_one_too_many(api, "203.0.113.1")
        assert not await is_one_too_many(api, "203.0.113.2")
        # What a caller wrote itself stands to the left of what the proxies saw.
        assert await is_one_too_many(api, "203.0.113.3, 203.0.113.1")
        assert await is_one_too_many(api, "203.0.113.4, 203.0.113.1, 10.1.0.9")


@pytest.mark.parametrize(
    ("peer", "scheme", "status"),
    [("10.1.0.9", "https", 303), ("10.1.0.9", "http", 403), (HERE, "https", 403)],
)
async def test_that_tls_ended_in_front_is_believed_of_a_trusted_proxy_alone(
    open_client: OpenClient, peer: str, scheme: str, status: int
) -> None:
    async with open_client(trusted_proxies="10.1.0.0/24", allowed_hosts="*", address=peer) as api:
        await hire_with_password(api)
        signed_in = await api.client.post(
            "http://opd.example.org/sign-in",
            content=urlencode({"name": "asha", "password": PASSWORD, "next": "/"}),
            headers={
                **forwarded("203.0.113.1", scheme),
                "Content-Type": "application/x-www-form-urlencoded",
            },
        )
        assert signed_in.status_code == status
