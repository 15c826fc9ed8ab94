"""How often a password may be tried: guessing is slow, and nobody is locked out by what others do."""

from datetime import UTC, datetime, timedelta

import pytest

from models.errors import RateLimited
from services.access.attempts import Attempts
from services.access.limits import Counts, network_of
from services.clock import ManualClock

HOME, ATTACKER = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2030, 1, 15, 8, tzinfo=UTC))


@pytest.fixture
def attempts(clock: ManualClock) -> Attempts:
    return Attempts(clock)


def fail(
    attempts: Attempts,
    times: int,
    name: str = "asha",
    address: str = ATTACKER,
    *,
    known: bool = False,
) -> int:
    """How many of so many tries were let through."""
    let_through = 0
    for _ in range(times):
        try:
            attempts.begin(name, address, known=known)
        except RateLimited:
            continue
        let_through += 1
    return let_through


def test_from_one_address_a_name_is_tried_ten_times_in_a_quarter_of_an_hour(
    attempts: Attempts, clock: ManualClock
) -> None:
    assert fail(attempts, 30) == 10
    clock.advance(timedelta(minutes=15))
    assert fail(attempts, 30) == 10


def test_who_waits_is_told_for_how_long(attempts: Attempts, clock: ManualClock) -> None:
    fail(attempts, 10)
    clock.advance(timedelta(minutes=5))
    with pytest.raises(RateLimited) as refusal:
        attempts.begin("asha", ATTACKER, known=False)
    assert refusal.value.retry_after_seconds == 600


def test_from_many_addresses_a_name_is_tried_fifty_times_in_an_hour(attempts: Attempts) -> None:
    tried = sum(fail(attempts, 5, address=f"198.51.100.{n}") for n in range(100))
    assert tried == 50


def test_many_names_are_tried_a_hundred_times_from_one_address(attempts: Attempts) -> None:
    assert sum(fail(attempts, 2, name=f"n{n}") for n in range(100)) == 100


def test_whatever_others_try_nobody_is_held_up_where_they_signed_in_before(
    attempts: Attempts,
) -> None:
    for n in range(200):
        fail(attempts, 10, address=f"198.51.100.{n}")
    fail(attempts, 300, address=HOME)
    fail(attempts, 300, name="other", address=HOME)
    assert fail(attempts, 1, address=HOME, known=True) == 1


def test_where_one_signed_in_before_the_wait_is_a_minute_at_most(
    attempts: Attempts, clock: ManualClock
) -> None:
    assert fail(attempts, 30, address=HOME, known=True) == 10
    with pytest.raises(RateLimited) as refusal:
        attempts.begin("asha", HOME, known=True)
    assert refusal.value.retry_after_seconds <= 60
    clock.advance(timedelta(minutes=1))
    assert fail(attempts, 1, address=HOME, known=True) == 1


def test_a_good_one_does_not_count(attempts: Attempts) -> None:
    for _ in range(500):
        attempts.begin("asha", HOME, known=False).was_good()
    assert fail(attempts, 30, address=HOME) == 10


def test_a_try_that_is_refused_is_not_counted(attempts: Attempts, clock: ManualClock) -> None:
    for n in range(5):
        fail(attempts, 10, address=f"198.51.100.{n}")
    clock.advance(timedelta(minutes=59))
    assert fail(attempts, 30, address=HOME) == 0
    clock.advance(timedelta(minutes=1))
    assert fail(attempts, 30, address=HOME) == 10


def test_tries_at_once_are_counted_before_their_passwords_are_checked(attempts: Attempts) -> None:
    under_way = [attempts.begin("asha", ATTACKER, known=False) for _ in range(10)]
    assert fail(attempts, 1) == 0
    under_way[0].was_good()
    assert fail(attempts, 2) == 1


def test_names_without_end_do_not_fill_the_memory(clock: ManualClock) -> None:
    counts = Counts(clock, most=100)
    for n in range(1000):
        counts.incr(f"name {n}", expiry=900)
    assert counts.get("name 999") == 1
    assert counts.reset() <= 100


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        (None, "unknown"),
        ("testclient", "unknown"),
    ],
)
def test_an_address_is_what_one_customer_has(address: str | None, network: str) -> None:
    assert network_of(address) == network
