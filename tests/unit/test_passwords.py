"""Which passwords may be chosen, and what is told of one that is given."""

import asyncio
import threading

import pytest
from argon2 import PasswordHasher

from models.errors import Busy, PasswordProblem, WeakPassword
from services.access.passwords import Passwords

GOOD = "monsoon teacup ladder"


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords()


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("teacup ladder 4", None),
        ("teacup ladder", PasswordProblem.TOO_SHORT),
        ("x7!" * 43, PasswordProblem.TOO_LONG),
        ("passwordpassword", PasswordProblem.COMMON),
        ("P@ssw0rd12345678", PasswordProblem.COMMON),
        ("123456789012345", PasswordProblem.COMMON),
        ("qwertyuiopasdfghjkl", PasswordProblem.COMMON),
        ("aaaaaaaaaaaaaaaaaaaa", PasswordProblem.COMMON),
        ("asharaoasharaoasharao", PasswordProblem.COMMON),
        ("चाय पहाड़ी तारा गमला", None),
    ],
)
async def test_a_password_is_long_and_not_common_and_nothing_else_is_asked_of_it(
    passwords: Passwords, password: str, problem: PasswordProblem | None
) -> None:
    if problem is None:
        stored = await passwords.hash(password)
        assert await passwords.match(password, stored)
        return
    with pytest.raises(WeakPassword) as refusal:
        await passwords.hash(password, known_of_them=("Asha Rao", "asharao"))
    assert refusal.value.problem is problem


async def test_only_the_right_password_matches(passwords: Passwords) -> None:
    stored = await passwords.hash(GOOD)
    assert await passwords.match(GOOD, stored)
    for wrong in ("", "monsoon teacup Ladder", f"{GOOD} ", "x" * 100_000):
        assert not await passwords.match(wrong, stored)


async def test_what_is_stored_is_argon2id_and_salted(passwords: Passwords) -> None:
    first, second = await passwords.hash(GOOD), await passwords.hash(GOOD)
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert first != second
    assert GOOD not in first


async def test_a_password_is_the_same_from_every_keyboard(passwords: Passwords) -> None:
    stored = await passwords.hash("cafe\u0301 monsoon ladder")
    assert await passwords.match("caf\u00e9 monsoon ladder", stored)


async def test_nothing_matches_where_nothing_is_stored_or_it_is_damaged(
    passwords: Passwords,
) -> None:
    for stored in (None, "", "no hash"):
        assert not await passwords.match("", stored)
        assert not await passwords.match(GOOD, stored)


async def test_two_are_checked_at_once_and_who_finds_too_many_waiting_is_told() -> None:
    others = set(threading.enumerate())
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1))
    asked = [asyncio.create_task(passwords.match(GOOD, None)) for _ in range(40)]
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(each, Busy) for each in told) == 8
    assert told.count(False) == 32
    threads = [each for each in set(threading.enumerate()) - others if "password" in each.name]
    assert len(threads) == 2
